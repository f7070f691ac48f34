"""The policy that a bucket carries, as the evaluator sees it."""

from aws.context import Context
from s3.rows import BucketRow, ObjectRow


def effective_policy(ctx: Context, bucket: BucketRow, of: ObjectRow | None) -> str:
    """The bucket policy's document, "" for none."""
    return bucket.policy
