"""Who may do what: IAM, bucket policy and access control list, asked in AWS's order.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-s3-evaluates-access-control.html
"""

from typing import Any

from aws import errors
from aws.context import ConditionContext, Context, ResourcePolicy
from s3 import rows
from s3.errors import AccessDenied, AllAccessDisabled, NoSuchBucket, NoSuchKey, WrongRegion
from s3.names import bucket_arn, object_arn
from s3.policies import effective_policy
from s3.rows import BucketRow, ObjectRow

# Set by the wire: condition keys of every request, such as s3:authType.
CONDITIONS = "s3.conditions"
# Set by the wire: a dict that learns the "bucket" which a request was about.
SEEN = "s3.seen"
# A root user can always mend a policy that locks everybody out.
RESCUES = ("s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy")


def bucket(
    ctx: Context,
    action: str,
    name: str,
    *,
    conditions: ConditionContext | None = None,
    expected_bucket_owner: str = "",
    **_: Any,
) -> BucketRow:
    """A bucket that the caller may do `action` to. Takes an operation's other arguments, too.

    Raises AccessDenied, NoSuchBucket, WrongRegion.
    """
    return require(
        ctx,
        action,
        rows.find_bucket(name),
        name,
        conditions=conditions,
        expected_bucket_owner=expected_bucket_owner,
    )


def require(
    ctx: Context,
    action: str,
    found: BucketRow | None,
    name: str,
    *,
    key: str | None = None,
    of: ObjectRow | None = None,
    conditions: ConditionContext | None = None,
    expected_bucket_owner: str = "",
) -> BucketRow:
    """The bucket, if the caller may do `action` to it, or to a key in it.

    of: the object that is there, for its own access control list.
    """
    resource = bucket_arn(name) if key is None else object_arn(name, key)
    if found is None:
        return _refuse_unknown(ctx, action, resource, name, conditions)
    authorize(ctx, action, resource, found, of, conditions)
    return in_place(ctx, found, expected_bucket_owner)


def find(
    ctx: Context, action: str, name: str, *, key: str, expected_bucket_owner: str = "", **_: Any
) -> BucketRow:
    """A bucket of which each key is asked about later."""
    found = rows.find_bucket(name)
    if found is None:
        return _refuse_unknown(ctx, action, object_arn(name, key), name, None)
    return in_place(ctx, found, expected_bucket_owner)


def in_place(ctx: Context, found: BucketRow, expected_bucket_owner: str) -> BucketRow:
    """The bucket, where the request expects it. Raises AccessDenied, WrongRegion."""
    if expected_bucket_owner and expected_bucket_owner != found.account_id:
        raise AccessDenied
    signs = ctx.source == "api" and ctx.principal.kind != "anonymous"
    if signs and ctx.region != found.bucket_region:
        raise WrongRegion(
            given=ctx.region,
            Region=found.bucket_region,
            headers=[("x-amz-bucket-region", found.bucket_region)],
        )
    return found


def authorize(
    ctx: Context,
    action: str,
    resource: str,
    found: BucketRow,
    of: ObjectRow | None,
    conditions: ConditionContext | None = None,
) -> None:
    """Raises AccessDenied, AllAccessDisabled."""
    if (seen := ctx.cache.get(SEEN)) is not None:
        seen.setdefault("bucket", found)
    if found.is_suspended:
        raise AllAccessDisabled
    is_root = ctx.principal.kind == "root" and ctx.principal.account_id == found.account_id
    is_rescue = action in RESCUES and is_root
    policy = "" if is_rescue else effective_policy(ctx, found, of)
    owner = (of.owner_id if of else "") or found.account_id
    try:
        ctx.authorize(
            action,
            resource,
            resource_account=owner,
            resource_policy=ResourcePolicy(policy, bucket_arn(found.name), found.account_id)
            if policy
            else None,
            conditions=_with_common(ctx, conditions),
        )
    except errors.Denied as denied:
        if ctx.principal.account_id == owner:
            raise
        bare = AccessDenied()
        bare.explanation, bare.encoded = denied.explanation, denied.encoded
        raise bare from None


def missing_key(ctx: Context, found: BucketRow, key: str, **fields: Any) -> errors.AwsError:
    """NoSuchKey for who may list the bucket; others learn nothing of what is in it."""
    try:
        authorize(ctx, "s3:ListBucket", bucket_arn(found.name), found, None, {"s3:prefix": key})
    except errors.Denied:
        return AccessDenied()
    return NoSuchKey(Key=key, **fields)


def _refuse_unknown(
    ctx: Context, action: str, resource: str, name: str, conditions: ConditionContext | None
) -> BucketRow:
    if ctx.principal.kind != "anonymous":
        ctx.authorize(action, resource, conditions=_with_common(ctx, conditions))
    raise NoSuchBucket(BucketName=name)


def _with_common(ctx: Context, conditions: ConditionContext | None) -> ConditionContext:
    common: ConditionContext = ctx.cache.get(CONDITIONS, {})
    return {**common, **conditions} if conditions else common
