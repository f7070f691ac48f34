"""Conditional requests: If-Match and its kin.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aws.errors import OperationNotOffered
from s3.errors import NoSuchKey, NotModified, PreconditionFailed
from s3.rows import ObjectRow


def check_read(found: ObjectRow, wanted: Mapping[str, Any], *, prefix: str = "") -> None:
    """Raises PreconditionFailed, NotModified. prefix: "copy_source_", where all four refuse.

    If-Match and If-None-Match, where given, stand for the dates beside them (RFC 9110).
    """
    if_match, if_none_match = wanted.get(f"{prefix}if_match"), wanted.get(f"{prefix}if_none_match")
    if if_match is not None:
        if not _matches(found, if_match):
            raise PreconditionFailed(Condition="If-Match")
    elif _is_later(found, wanted.get(f"{prefix}if_unmodified_since")):
        raise PreconditionFailed(Condition="If-Unmodified-Since")
    if if_none_match is not None:
        if _matches(found, if_none_match):
            raise _unchanged(found, prefix, "If-None-Match")
    elif isinstance(since := wanted.get(f"{prefix}if_modified_since"), datetime) and not _is_later(
        found, since
    ):
        raise _unchanged(found, prefix, "If-Modified-Since")


def check_write(found: ObjectRow | None, wanted: Mapping[str, Any], key: str) -> None:
    """found: the latest version, under the key's lock. Raises PreconditionFailed, NoSuchKey."""
    exists = found is not None and not found.is_delete_marker
    if (if_none_match := wanted.get("if_none_match")) is not None:
        if if_none_match != "*":
            raise OperationNotOffered(
                "A header you provided implies functionality that is not implemented",
                Header="If-None-Match",
            )
        if exists:
            raise PreconditionFailed(Condition="If-None-Match")
    if (if_match := wanted.get("if_match")) is not None:
        if found is None or not exists:
            raise NoSuchKey(Key=key)
        if not _matches(found, if_match):
            raise PreconditionFailed(Condition="If-Match")


def is_conditional(wanted: Mapping[str, Any]) -> bool:
    return wanted.get("if_match") is not None or wanted.get("if_none_match") is not None


def _matches(found: ObjectRow, tags: str) -> bool:
    """tags: one or more entity tags, quoted or not, or "*"."""
    etags = {tag.strip().removeprefix("W/").strip('"') for tag in tags.split(",")}
    return "*" in etags or found.etag in etags


def _is_later(found: ObjectRow, moment: Any) -> bool:
    """Dates in headers have whole seconds."""
    return isinstance(moment, datetime) and found.last_modified.replace(microsecond=0) > moment


def _unchanged(found: ObjectRow, prefix: str, condition: str) -> PreconditionFailed | NotModified:
    if prefix:
        return PreconditionFailed(Condition=condition)
    return NotModified(headers=[("ETag", f'"{found.etag}"')])
