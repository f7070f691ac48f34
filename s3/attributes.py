"""What an object has beside its bytes: from a write's arguments to columns, and back to answers.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from aws.context import Context
from s3 import expiry, locks
from s3.errors import (
    InvalidRedirectLocation,
    InvalidStorageClass,
    MetadataTooLarge,
    argument,
)
from s3.grants import wanted_grants
from s3.rows import BucketRow, ObjectRow, Parameters
from s3.tagging import read_tags

MAX_METADATA_BYTES = 2048
MAX_REDIRECT_BYTES = 2048
DEFAULT_TYPE = "binary/octet-stream"
STORAGE_CLASSES = (
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "DEEP_ARCHIVE",
    "GLACIER_IR",
)
# What is in these cannot be read before it is restored.
ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")
# Argument → the member of GetObject that gives it back.
_KEPT = {
    "cache_control": "CacheControl",
    "content_disposition": "ContentDisposition",
    "content_encoding": "ContentEncoding",
    "content_language": "ContentLanguage",
    "content_type": "ContentType",
    "expires": "Expires",
    "website_redirect_location": "WebsiteRedirectLocation",
}


def columns(ctx: Context, bucket: BucketRow, settings: Mapping[str, Any]) -> Parameters:
    """The columns of a new version, but for its bytes and how they are sealed.

    Raises the errors of each header.
    """
    attributes: dict[str, Any] = {
        member: _text(settings[name]) for name, member in _KEPT.items() if settings.get(name)
    }
    attributes.setdefault("ContentType", DEFAULT_TYPE)
    _check_redirect(attributes.get("WebsiteRedirectLocation", "/"))
    if metadata := settings.get("metadata"):
        attributes["Metadata"] = _metadata(metadata)
    return {
        "attributes": attributes,
        "storage_class": storage_class(settings),
        "tags": _tags(settings),
        "grants": wanted_grants(ctx, bucket, settings),
        "owner_id": _owner(ctx, bucket, settings),
        **locks.columns(bucket, settings),
    }


def conditions(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The condition keys of a write.

    AWS: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
    """
    keys = {
        "s3:x-amz-acl": settings.get("acl"),
        "s3:x-amz-storage-class": settings.get("storage_class"),
        "s3:x-amz-server-side-encryption": settings.get("server_side_encryption"),
        "s3:x-amz-server-side-encryption-aws-kms-key-id": settings.get("ssekms_key_id"),
        "s3:x-amz-server-side-encryption-customer-algorithm": settings.get(
            "sse_customer_algorithm"
        ),
        "s3:x-amz-copy-source": settings.get("copy_source"),
        "s3:x-amz-metadata-directive": settings.get("metadata_directive"),
        "s3:x-amz-website-redirect-location": settings.get("website_redirect_location"),
        "s3:object-lock-mode": settings.get("object_lock_mode"),
        "s3:object-lock-legal-hold": settings.get("object_lock_legal_hold_status"),
        "s3:x-amz-grant-read": settings.get("grant_read"),
        "s3:x-amz-grant-read-acp": settings.get("grant_read_acp"),
        "s3:x-amz-grant-write-acp": settings.get("grant_write_acp"),
        "s3:x-amz-grant-full-control": settings.get("grant_full_control"),
        "s3:if-match": settings.get("if_match"),
        "s3:if-none-match": settings.get("if_none_match"),
    }
    found: dict[str, Any] = {name: str(value) for name, value in keys.items() if value}
    if tagging := settings.get("tagging"):
        tags = dict(parse_qsl(str(tagging), keep_blank_values=True))
        found["s3:RequestObjectTagKeys"] = list(tags)
        found |= {f"s3:RequestObjectTag/{key}": value for key, value in tags.items()}
    return found


def further_actions(settings: Mapping[str, Any]) -> list[str]:
    """What a write with these headers asks for beside s3:PutObject."""
    needs = {
        "s3:PutObjectTagging": settings.get("tagging"),
        "s3:PutObjectRetention": settings.get("object_lock_mode"),
        "s3:PutObjectLegalHold": settings.get("object_lock_legal_hold_status"),
        "s3:PutObjectAcl": settings.get("acl")
        or any(value for name, value in settings.items() if name.startswith("grant_")),
    }
    return [action for action, needed in needs.items() if needed]


def storage_class(settings: Mapping[str, Any]) -> str:
    wanted = settings.get("storage_class") or "STANDARD"
    if wanted not in STORAGE_CLASSES:
        raise InvalidStorageClass(StorageClassRequested=wanted)
    return str(wanted)


def describe(bucket: BucketRow, found: ObjectRow, *, with_checksum: bool) -> dict[str, Any]:
    """The members of GetObject and HeadObject about a version, but for its bytes."""
    answer: dict[str, Any] = {
        **found.attributes,
        "AcceptRanges": "bytes",
        "ETag": f'"{found.etag}"',
        "LastModified": found.last_modified,
    }
    if "Expires" in answer:
        answer["Expires"] = _moment(answer["Expires"])
    if bucket.versioning:
        answer["VersionId"] = found.version_id
    if found.storage_class != "STANDARD":
        answer["StorageClass"] = found.storage_class
    if found.tags:
        answer["TagCount"] = len(found.tags)
    if with_checksum:
        answer |= found.checksum
    if found.is_latest:
        answer |= expiry.member(bucket, found.key, found.tags, found.size, found.last_modified)
    return answer | locks.describe(found)


def _check_redirect(location: str) -> None:
    if not location.startswith(("/", "http://", "https://")):
        raise InvalidRedirectLocation
    if len(location.encode()) > MAX_REDIRECT_BYTES:
        raise argument(
            "x-amz-website-redirect-location",
            location,
            f"The website redirect location must be at most {MAX_REDIRECT_BYTES} bytes long.",
        )


def _metadata(metadata: Mapping[str, str]) -> dict[str, str]:
    kept = {name.lower(): str(value) for name, value in metadata.items()}
    size = sum(len(name.encode()) + len(value.encode()) for name, value in kept.items())
    if size > MAX_METADATA_BYTES:
        raise MetadataTooLarge(Size=size, MaxSizeAllowed=MAX_METADATA_BYTES)
    return kept


def _tags(settings: Mapping[str, Any]) -> dict[str, str]:
    text = settings.get("tagging")
    if not text:
        return {}
    try:
        pairs = parse_qsl(str(text), keep_blank_values=True, strict_parsing=True)
    except ValueError:
        raise argument(
            "x-amz-tagging",
            text,
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then "
            "URLEncoded URL query parameters without tag name duplicates.",
        ) from None
    return read_tags([{"Key": key, "Value": value} for key, value in pairs])


def _owner(ctx: Context, bucket: BucketRow, settings: Mapping[str, Any]) -> str:
    """ "" for the bucket's owner: always so, unless access control lists are in use."""
    writer = ctx.principal.account_id
    if bucket.object_ownership == "BucketOwnerEnforced" or ctx.principal.kind == "anonymous":
        return ""
    gives = settings.get("acl") == "bucket-owner-full-control"
    if writer == bucket.account_id or (gives and bucket.object_ownership == "BucketOwnerPreferred"):
        return ""
    return writer


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _moment(text: str) -> Any:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text
