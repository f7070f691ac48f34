"""Tags of buckets and objects.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
"""

import regex

from aws.tags import TagList
from s3.errors import InvalidTag, argument

MAX_OBJECT_TAGS, MAX_BUCKET_TAGS = 10, 50
_ALLOWED = regex.compile(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*")


def read_tags(tags: TagList, *, limit: int = MAX_OBJECT_TAGS) -> dict[str, str]:
    """[{"Key": k, "Value": v}] → {k: v}. Raises InvalidTag, InvalidArgument (too many)."""
    found: dict[str, str] = {}
    for tag in tags:
        key, value = tag["Key"], tag.get("Value", "")
        if not 0 < len(key) <= 128 or not _ALLOWED.fullmatch(key):
            raise InvalidTag(reason="The TagKey you have provided is invalid", TagKey=key[:128])
        if len(value) > 256 or not _ALLOWED.fullmatch(value):
            raise InvalidTag(reason="The TagValue you have provided is invalid", TagKey=key)
        if key.lower().startswith("aws:"):
            raise InvalidTag(reason="System tags cannot be added/updated by requester")
        if key in found:
            raise InvalidTag(reason="Cannot provide multiple Tags with the same key", TagKey=key)
        found[key] = value
    if len(found) > limit:
        noun = "Object" if limit == MAX_OBJECT_TAGS else "Bucket"
        raise argument("Tagging", len(found), f"{noun} tags cannot be greater than {limit}")
    return found
