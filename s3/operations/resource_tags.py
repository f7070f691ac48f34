"""Tags by ARN: S3 Control, of access points and buckets."""

from collections.abc import Sequence

from aws.context import Context
from aws.operation import Response, operation
from aws.tags import TagList, as_list, without
from s3 import access
from s3.errors import AccessDenied, argument
from s3.models import AccessPoint, Bucket
from s3.names import bucket_arn
from s3.operations import access_points
from s3.points import point_of
from s3.tagging import MAX_BUCKET_TAGS, read_tags


@operation("s3control:TagResource")
def tag_resource(ctx: Context, /, *, account_id: str, resource_arn: str, tags: TagList) -> Response:
    """Adds tags, in place of those with the same keys: 50 at most.

    resource_arn: of an access point or a bucket. Raises InvalidTag, InvalidArgument,
    NoSuchAccessPoint, NoSuchBucket.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_TagResource.html
    """
    row = _find(ctx, "s3:TagResource", account_id, resource_arn)
    merged = {**row.tags, **read_tags(tags, limit=MAX_BUCKET_TAGS)}
    row.tags = read_tags(as_list(merged), limit=MAX_BUCKET_TAGS)
    row.save(update_fields=["tags"])
    return {}


@operation("s3control:UntagResource")
def untag_resource(
    ctx: Context, /, *, account_id: str, resource_arn: str, tag_keys: Sequence[str]
) -> Response:
    """Removes tags by their keys; one that is not there is no error.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_UntagResource.html
    """
    row = _find(ctx, "s3:UntagResource", account_id, resource_arn)
    row.tags = without(row.tags, tag_keys)
    row.save(update_fields=["tags"])
    return {}


@operation("s3control:ListTagsForResource")
def list_tags_for_resource(ctx: Context, /, *, account_id: str, resource_arn: str) -> Response:
    """Answers {"Tags": [{"Key", "Value"}]}.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListTagsForResource.html
    """
    row = _find(ctx, "s3:ListTagsForResource", account_id, resource_arn)
    return {"Tags": as_list(row.tags)}


def _find(ctx: Context, action: str, account_id: str, arn: str) -> AccessPoint | Bucket:
    """The row, locked. Raises InvalidArgument for what is neither bucket nor access point."""
    row: AccessPoint | Bucket
    if point := point_of(arn):
        region, owner, name = point
        row = access_points.find(ctx, action, owner, name)
        if (region, owner) != (ctx.region, account_id):
            raise argument("resourceArn", arn, "The ARN is of another account or Region.")
        row = AccessPoint.objects.select_for_update().get(pk=row.pk)
        return row
    name = arn.removeprefix(bucket_arn(""))
    if name == arn or "/" in name:
        ctx.authorize(action, arn, resource_account=account_id)
        raise argument("resourceArn", arn, "The specified resource ARN is not supported.")
    found = access.bucket(ctx, action, name)
    if found.account_id != account_id:
        raise AccessDenied
    row = Bucket.objects.select_for_update().get(pk=found.pk)
    return row
