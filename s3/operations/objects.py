"""Objects: put, get, head."""

from collections.abc import Mapping
from typing import Any

from aws.context import Context
from aws.operation import Response, operation
from s3 import (
    access,
    attributes,
    checksums,
    content,
    encryption,
    expiry,
    notifications,
    points,
    ranges,
    receiving,
    restores,
    versions,
)
from s3.conditions import check_read
from s3.errors import (
    InvalidArgument,
    InvalidPartNumber,
    InvalidRequest,
    KeyTooLongError,
    MethodNotAllowed,
    NoSuchVersion,
)
from s3.models import Part
from s3.names import MAX_KEY_BYTES
from s3.ranges import Span
from s3.rows import BucketRow, ObjectRow

# Argument of GetObject → the member it overrides.
_OVERRIDES = {
    "response_cache_control": "CacheControl",
    "response_content_disposition": "ContentDisposition",
    "response_content_encoding": "ContentEncoding",
    "response_content_language": "ContentLanguage",
    "response_content_type": "ContentType",
    "response_expires": "Expires",
}


@operation("s3:PutObject", is_data=True)
def put_object(
    ctx: Context, /, *, bucket: str, key: str, body: Any = b"", **settings: Any
) -> Response:
    """Stores an object; when this returns, it survives a power cut.

    body: bytes, or anything with read(size). settings: every other member of PutObject's request.
    Answers {"ETag", "VersionId", "ChecksumCRC32", …}. Raises BadDigest, EntityTooLarge,
    InvalidDigest, MetadataTooLarge, PreconditionFailed, …
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
    """
    found = require_write(ctx, bucket, key, settings)
    values = attributes.columns(ctx, found, settings)
    sealing = encryption.begin(ctx, found, key, settings)
    values["attributes"] |= sealing.attributes
    received = receiving.receive(body, settings, default=checksums.DEFAULT, key=sealing.key)
    checksum = received.checksum | {"ChecksumType": checksums.FULL_OBJECT}
    values |= {
        "size": received.size,
        "etag": received.md5,
        "content": received.content,
        "file": received.file,
        "checksum": checksum,
        "encryption": received.encryption | sealing.columns,
        "last_modified": versions.now(found),
    }
    with notifications.together(found):
        version_id = versions.put(found, key, values, settings)
        notifications.created(ctx, found, "Put", key, version_id, values)
    return written(found, key, version_id, values) | sealing.answer


@operation("s3:GetObject", is_data=True)
def get_object(
    ctx: Context, /, *, bucket: str, key: str, version_id: str = "", **settings: Any
) -> Response:
    """Answers {"Body": pieces of bytes, "ContentLength": …, …}.

    settings: Range, PartNumber, the conditions, ResponseContentType and its kin, ChecksumMode,
    the key of SSE-C. An object under a KMS key needs kms:Decrypt. Raises NoSuchKey, NoSuchVersion,
    InvalidRange, PreconditionFailed, NotModified, InvalidObjectState.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    owner, found = require_read(ctx, bucket, key, version_id, settings)
    restores.require_readable(owner, found)
    sse_key = encryption.open_key(ctx, owner, found, settings)
    check_read(found, settings)
    answer, span = _described(ctx, owner, found, settings)
    body = content.read(found, span.start, span.length, sse_key)
    return answer | {"Body": body}


@operation("s3:HeadObject", is_data=True)
def head_object(
    ctx: Context, /, *, bucket: str, key: str, version_id: str = "", **settings: Any
) -> Response:
    """GetObject without the bytes.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    """
    owner, found = require_read(ctx, bucket, key, version_id, settings)
    if settings.get("checksum_mode") == "ENABLED":
        # AWS asks for kms:Decrypt before it tells a checksum of the plain bytes.
        encryption.open_key(ctx, owner, found, settings)
    else:
        encryption.require_key(found, settings)
    check_read(found, settings)
    return _described(ctx, owner, found, settings)[0]


@operation("s3:GetObjectAttributes", is_data=True)
def get_object_attributes(
    ctx: Context,
    /,
    *,
    bucket: str,
    key: str,
    object_attributes: list[str],
    version_id: str = "",
    max_parts: int = 1000,
    part_number_marker: int = 0,
    **settings: Any,
) -> Response:
    """Answers those of ETag, Checksum, ObjectParts, StorageClass, ObjectSize that are asked for.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html
    """
    owner, found = require_read(ctx, bucket, key, version_id, settings)
    suffix = "Version" if version_id else ""
    access.require(ctx, f"s3:GetObject{suffix}Attributes", owner, bucket, key=key, of=found)
    encryption.require_key(found, settings)
    known: dict[str, Any] = {
        "ETag": found.etag,
        "StorageClass": found.storage_class,
        "ObjectSize": found.size,
        "Checksum": found.checksum or None,
        "ObjectParts": _object_parts(found, max_parts, part_number_marker),
    }
    unknown = [name for name in object_attributes if name not in known]
    if unknown:
        raise InvalidArgument(
            reason="Invalid attribute name specified.", ArgumentName="x-amz-object-attributes"
        )
    answer = {name: known[name] for name in object_attributes if known[name] is not None}
    answer["LastModified"] = found.last_modified
    if owner.versioning:
        answer["VersionId"] = found.version_id
    return answer


def require_write(ctx: Context, bucket: str, key: str, settings: Mapping[str, Any]) -> BucketRow:
    """The bucket, for who may put the key with these headers. Raises KeyTooLongError."""
    found = points.bucket(bucket)
    asked = attributes.conditions(settings)
    owner = settings.get("expected_bucket_owner", "")
    for action in ("s3:PutObject", *attributes.further_actions(settings)):
        access.require(
            ctx, action, found, bucket, key=key, conditions=asked, expected_bucket_owner=owner
        )
    size = len(key.encode())
    if size > MAX_KEY_BYTES:
        raise KeyTooLongError(Size=size, MaxSizeAllowed=MAX_KEY_BYTES)
    assert found is not None  # noqa: S101 - access.require refused
    return found


def require_read(
    ctx: Context,
    bucket: str,
    key: str,
    version_id: str,
    settings: Mapping[str, Any],
    *,
    action: str = "s3:GetObject",
    is_one_name: bool = False,
) -> tuple[BucketRow, ObjectRow]:
    """A version that is there, for who may read it.

    action: without "Version", which a version id adds unless the action is_one_name.

    Raises NoSuchKey, NoSuchVersion, MethodNotAllowed (a delete marker).
    """
    owner, found = points.find(bucket, key, version_id)
    asked: dict[str, Any] = {}
    if version_id:
        action = action if is_one_name else action.replace("Object", "ObjectVersion", 1)
        asked["s3:VersionId"] = version_id
    if found is not None:
        asked |= {f"s3:ExistingObjectTag/{name}": value for name, value in found.tags.items()}
    owner = access.require(
        ctx,
        action,
        owner,
        bucket,
        key=key,
        of=found,
        conditions=asked,
        expected_bucket_owner=settings.get("expected_bucket_owner", ""),
    )
    if found is None:
        if version_id:
            raise NoSuchVersion(Key=key, VersionId=version_id)
        raise access.missing_key(ctx, owner, key)
    if found.is_delete_marker:
        raise _marker(ctx, owner, found, version_id)
    return owner, found


def written(bucket: BucketRow, key: str, version_id: str, values: Mapping[str, Any]) -> Response:
    """The answer of a write."""
    kept = values["attributes"]
    answer = {"ETag": f'"{values["etag"]}"', **values["checksum"]}
    answer |= encryption.members(kept)
    made_at = values["last_modified"]
    answer |= expiry.member(bucket, key, values["tags"], values["size"], made_at)
    if bucket.versioning:
        answer["VersionId"] = version_id
    return answer


def _described(
    ctx: Context, owner: BucketRow, found: ObjectRow, settings: Mapping[str, Any]
) -> tuple[Response, Span]:
    span = _span(found, settings)
    whole = span is None
    with_checksum = settings.get("checksum_mode") == "ENABLED" and whole
    answer = attributes.describe(owner, found, with_checksum=with_checksum)
    answer |= restores.describe(owner, found)
    span = span or Span(0, found.size, found.size)
    answer["ContentLength"] = span.length
    if not whole:
        answer["ContentRange"] = span.content_range
    if settings.get("part_number") and found.part_count:
        answer["PartsCount"] = found.part_count
    overrides = {
        member: settings[name] for name, member in _OVERRIDES.items() if settings.get(name)
    }
    if overrides and ctx.principal.kind == "anonymous":
        raise InvalidRequest(
            reason="Request specific response headers cannot be used for anonymous GET requests."
        )
    return answer | overrides, span


def _span(found: ObjectRow, settings: Mapping[str, Any]) -> Span | None:
    """The bytes that are asked for; None for all of them, answered 200."""
    number, text = settings.get("part_number"), settings.get("range")
    if number is None:
        return ranges.read(text, found.size) if text else None
    if text:
        raise InvalidRequest(
            reason="Cannot specify both Range header and partNumber query parameter"
        )
    if not isinstance(number, int) or not 1 <= number <= 10_000:
        raise InvalidArgument(
            reason="Part number must be an integer between 1 and 10000, inclusive",
            ArgumentName="partNumber",
            ArgumentValue=str(number),
        )
    if not found.part_count:
        if number > 1:
            raise InvalidPartNumber(ActualPartCount=1, PartNumberRequested=number)
        return Span(0, found.size, found.size) if found.size else None
    sizes = list(
        Part.objects.filter(version_id=found.pk).order_by("number").values_list("size", flat=True)
    )
    if number > len(sizes):
        raise InvalidPartNumber(ActualPartCount=len(sizes), PartNumberRequested=number)
    return Span(sum(sizes[: number - 1]), sizes[number - 1], found.size)


def _object_parts(found: ObjectRow, size: int, marker: int) -> Response | None:
    """AWS lists single parts only where their checksums are part of the object's."""
    if not found.part_count:
        return None
    parts = Part.objects.filter(version_id=found.pk, number__gt=marker).order_by("number")
    page = list(parts[: size + 1])
    answer: Response = {
        "TotalPartsCount": found.part_count,
        "PartNumberMarker": marker,
        "MaxParts": size,
        "IsTruncated": len(page) > size,
    }
    page = page[:size]
    answer["NextPartNumberMarker"] = page[-1].number if page else marker
    if found.checksum.get("ChecksumType") == checksums.COMPOSITE:
        answer["Parts"] = [
            {"PartNumber": part.number, "Size": part.size, **part.checksum} for part in page
        ]
    return answer


def _marker(ctx: Context, owner: BucketRow, found: ObjectRow, version_id: str) -> Exception:
    headers = [("x-amz-delete-marker", "true"), ("x-amz-version-id", found.version_id)]
    if version_id:
        return MethodNotAllowed(
            Method="GET", ResourceType="DeleteMarker", headers=[*headers, ("Allow", "DELETE")]
        )
    return access.missing_key(ctx, owner, found.key, headers=headers)
