"""Tags of buckets and objects."""

from collections.abc import Mapping
from typing import Any

from aws import tags as tagging_lists
from aws.context import Context
from aws.operation import Response, operation
from s3 import access, notifications, replicas
from s3.errors import NoSuchTagSet
from s3.models import Bucket, ObjectVersion
from s3.operations.objects import require_read
from s3.tagging import MAX_BUCKET_TAGS, read_tags


@operation("s3:PutBucketTagging")
def put_bucket_tagging(
    ctx: Context, /, *, bucket: str, tagging: Mapping[str, Any], **settings: Any
) -> Response:
    """Replaces the tags: {"TagSet": [{"Key", "Value"}]}, at most 50.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html
    """
    found = access.bucket(ctx, "s3:PutBucketTagging", bucket, **settings)
    wanted = read_tags(tagging["TagSet"], limit=MAX_BUCKET_TAGS)
    Bucket.objects.filter(pk=found.pk).update(tags=wanted)
    return {}


@operation("s3:GetBucketTagging")
def get_bucket_tagging(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Answers {"TagSet": […]}. Raises NoSuchTagSet.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketTagging.html
    """
    found = access.bucket(ctx, "s3:GetBucketTagging", bucket, **settings)
    tags = Bucket.objects.values_list("tags", flat=True).get(pk=found.pk)
    if not tags:
        raise NoSuchTagSet(BucketName=bucket)
    return {"TagSet": tagging_lists.as_list(tags)}


@operation("s3:DeleteBucketTagging")
def delete_bucket_tagging(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Removes all tags.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketTagging.html
    """
    found = access.bucket(ctx, "s3:PutBucketTagging", bucket, **settings)
    Bucket.objects.filter(pk=found.pk).update(tags={})
    return {}


@operation("s3:PutObjectTagging", is_data=True)
def put_object_tagging(
    ctx: Context,
    /,
    *,
    bucket: str,
    key: str,
    tagging: Mapping[str, Any],
    version_id: str = "",
    **settings: Any,
) -> Response:
    """Replaces a version's tags, at most 10. Answers {"VersionId"}.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html
    """
    return _set(ctx, bucket, key, version_id, settings, tagging["TagSet"], "s3:PutObjectTagging")


@operation("s3:DeleteObjectTagging", is_data=True)
def delete_object_tagging(
    ctx: Context, /, *, bucket: str, key: str, version_id: str = "", **settings: Any
) -> Response:
    """Removes a version's tags.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjectTagging.html
    """
    return _set(ctx, bucket, key, version_id, settings, (), "s3:DeleteObjectTagging")


@operation("s3:GetObjectTagging", is_data=True)
def get_object_tagging(
    ctx: Context, /, *, bucket: str, key: str, version_id: str = "", **settings: Any
) -> Response:
    """Answers {"TagSet": […], "VersionId"}.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html
    """
    owner, found = require_read(
        ctx, bucket, key, version_id, settings, action="s3:GetObjectTagging"
    )
    answer: Response = {"TagSet": tagging_lists.as_list(found.tags)}
    return answer | ({"VersionId": found.version_id} if owner.versioning else {})


def _set(
    ctx: Context,
    bucket: str,
    key: str,
    version_id: str,
    settings: Mapping[str, Any],
    tags: Any,
    action: str,
) -> Response:
    owner, found = require_read(ctx, bucket, key, version_id, settings, action=action)
    with replicas.together(owner), notifications.together(owner):
        ObjectVersion.objects.filter(pk=found.pk).update(tags=read_tags(tags))
        event = "ObjectTagging:Put" if tags else "ObjectTagging:Delete"
        notifications.changed(ctx, owner, event, found)
        replicas.changed(owner, found)
    return {"VersionId": found.version_id} if owner.versioning else {}
