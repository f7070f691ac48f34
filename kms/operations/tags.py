"""Tags of keys."""

from aws import tags as tagging
from aws.context import Context
from aws.operation import Response, operation
from aws.paging import paginate_list
from kms import lookup
from kms import tags as kms_tags
from kms.errors import InvalidMarkerException
from kms.tags import KmsTags


@operation("kms:TagResource")
def tag_resource(ctx: Context, /, *, key_id: str, tags: KmsTags) -> Response:
    """Adds tags, or changes their values. Raises TagException, LimitExceededException.

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html
    """
    wanted = kms_tags.read(tags)
    key = lookup.require(ctx, "kms:TagResource", key_id, request_tags=wanted)
    lookup.require_not_pending(key)
    key.tags = kms_tags.RULES.merge(key.tags, wanted)
    key.save(update_fields=["tags"])
    return {}


@operation("kms:UntagResource")
def untag_resource(ctx: Context, /, *, key_id: str, tag_keys: list[str]) -> Response:
    """Removes tags; keys that are not there are no error.

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_UntagResource.html
    """
    gone = dict.fromkeys(tag_keys, "")
    key = lookup.require(ctx, "kms:UntagResource", key_id, request_tags=gone)
    lookup.require_not_pending(key)
    key.tags = tagging.without(key.tags, tag_keys)
    key.save(update_fields=["tags"])
    return {}


@operation("kms:ListResourceTags")
def list_resource_tags(
    ctx: Context, /, *, key_id: str, limit: int = 50, marker: str = ""
) -> Response:
    """Answers {"Tags": [{"TagKey", "TagValue"}], "Truncated", "NextMarker"}, by key.

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html
    """
    key = lookup.require(ctx, "kms:ListResourceTags", key_id)
    purpose = f"kms:ListResourceTags:{key.key_id}"
    found, token = paginate_list(
        ctx,
        kms_tags.as_kms(key.tags),
        size=limit,
        token=marker,
        purpose=purpose,
        error=InvalidMarkerException,
    )
    if token:
        return {"Tags": found, "Truncated": True, "NextMarker": token}
    return {"Tags": found, "Truncated": False}
