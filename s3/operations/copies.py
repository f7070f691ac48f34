"""CopyObject, and the reading of what is copied."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from aws.context import Context
from aws.operation import Response, operation
from s3 import (
    attributes,
    checksums,
    content,
    encryption,
    notifications,
    receiving,
    restores,
    store,
    versions,
)
from s3.conditions import check_read
from s3.encryption import Sealing
from s3.errors import InvalidRequest, argument
from s3.operations.objects import require_read, require_write, written
from s3.rows import BucketRow, ObjectRow, Parameters

# What COPY takes from the source; headers of the request say the rest.
_COPIED_MEMBERS = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "Metadata",
)


@dataclass(frozen=True, slots=True)
class Source:
    bucket: str
    key: str
    version_id: str


@operation("s3:CopyObject", is_data=True)
def copy_object(
    ctx: Context, /, *, bucket: str, key: str, copy_source: str, **settings: Any
) -> Response:
    """Copies an object, also onto itself to change what it has beside its bytes.

    copy_source: "bucket/key" or "<access point's ARN>/object/key", URL-encoded, with ?versionId=…
    for an older version. Answers
    {"CopyObjectResult": {"ETag", "LastModified", …}, "VersionId", "CopySourceVersionId"}.
    Raises NoSuchKey, NoSuchVersion, PreconditionFailed, InvalidRequest.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
    """
    found = require_write(ctx, bucket, key, settings | {"copy_source": copy_source})
    owner, original, source_key = read_source(ctx, copy_source, settings)
    _check_change(found, key, owner, original, settings)
    if original.size > receiving.MAX_PUT_BYTES:
        raise InvalidRequest(
            reason="The specified copy source is larger than the maximum allowable size for a "
            "copy source: 5368709120"
        )
    sealing = encryption.begin(ctx, found, key, settings)
    values = _values(ctx, found, original, settings, sealing, source_key)
    values["last_modified"] = versions.now(found)
    # Conditions of a copy's target carry the same names as those of a put.
    with notifications.together(found):
        version_id = versions.put(found, key, values, settings)
        notifications.created(ctx, found, "Copy", key, version_id, values)
    answer = written(found, key, version_id, values)
    result = {name: answer.pop(name) for name in ("ETag", *values["checksum"]) if name in answer}
    answer["CopyObjectResult"] = {**result, "LastModified": values["last_modified"]}
    if owner.versioning:
        answer["CopySourceVersionId"] = original.version_id
    return answer | sealing.answer


def read_source(
    ctx: Context, copy_source: str, settings: Mapping[str, Any]
) -> tuple[BucketRow, ObjectRow, bytes | None]:
    """The version that a copy copies from, and the key that opens it.

    Raises PreconditionFailed and the errors of a read.
    """
    source = parse_source(copy_source)
    expected = settings.get("expected_source_bucket_owner", "")
    owner, original = require_read(
        ctx, source.bucket, source.key, source.version_id, {"expected_bucket_owner": expected}
    )
    restores.require_readable(owner, original)
    key = encryption.open_key(ctx, owner, original, settings, prefix="copy_source_")
    check_read(original, settings, prefix="copy_source_")
    return owner, original, key


def parse_source(text: str) -> Source:
    """Raises InvalidArgument."""
    path, _, version = text.partition("?versionId=")
    path = unquote(path).removeprefix("arn:aws:s3:::").lstrip("/")
    if path.startswith("arn:"):
        bucket, _, key = path.partition("/object/")
    else:
        bucket, _, key = path.partition("/")
    if not bucket or not key:
        raise argument("x-amz-copy-source", text, "Invalid copy source object key")
    return Source(bucket, key, unquote(version))


def pieces_of(original: ObjectRow, start: int, length: int, key: bytes | None) -> "PieceReader":
    """A copy's bytes as a body to receive."""
    return PieceReader(iter(content.read(original, start, length, key)))


class PieceReader:
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""

    def read(self, size: int, /) -> bytes:
        while not self._left:
            try:
                self._left = next(self._pieces)
            except StopIteration:
                return b""
        piece, self._left = self._left[:size], self._left[size:]
        return piece


def _check_change(
    found: BucketRow, key: str, owner: BucketRow, original: ObjectRow, settings: Mapping[str, Any]
) -> None:
    for name in ("metadata_directive", "tagging_directive"):
        if settings.get(name) not in (None, "COPY", "REPLACE"):
            header = f"x-amz-{name.replace('_', '-')}"
            raise argument(header, settings[name], "Unknown directive.")
    changes = (
        "storage_class",
        "server_side_encryption",
        "website_redirect_location",
        "sse_customer_algorithm",
    )
    onto_itself = found.pk == owner.pk and key == original.key and original.is_latest
    is_changed = settings.get("metadata_directive") == "REPLACE" or any(
        settings.get(name) for name in changes
    )
    if onto_itself and not is_changed:
        raise InvalidRequest(
            reason="This copy request is illegal because it is trying to copy an object to itself "
            "without changing the object's metadata, storage class, website redirect location or "
            "encryption attributes."
        )


def _values(
    ctx: Context,
    found: BucketRow,
    original: ObjectRow,
    settings: Mapping[str, Any],
    sealing: Sealing,
    source_key: bytes | None,
) -> Parameters:
    wanted = dict(settings)
    if settings.get("tagging_directive") != "REPLACE":
        wanted.pop("tagging", None)
    values = attributes.columns(ctx, found, wanted)
    if settings.get("metadata_directive") != "REPLACE":
        kept = values["attributes"]
        for member in _COPIED_MEMBERS:
            kept.pop(member, None)
            if member in original.attributes:
                kept[member] = original.attributes[member]
    if settings.get("tagging_directive") != "REPLACE":
        values["tags"] = original.tags
    values["attributes"] |= sealing.attributes
    return values | _bytes(original, settings, sealing, source_key)


def _bytes(
    original: ObjectRow, settings: Mapping[str, Any], sealing: Sealing, source_key: bytes | None
) -> Parameters:
    """The bytes in the target: a whole file under a second name, else read and stored anew."""
    algorithm = receiving.wanted_algorithm(settings)
    known = checksums.member(algorithm) in original.checksum if algorithm else True
    is_plain = sealing.key is None and source_key is None
    is_composite = original.checksum.get("ChecksumType") == checksums.COMPOSITE
    if is_plain and not original.part_count and known and not is_composite:
        file = store.link(original.file) if original.file else None
        return {
            "size": original.size,
            "etag": original.etag,
            "content": original.content,
            "file": file,
            "checksum": original.checksum,
        }
    inherited = algorithm or _algorithm_of(original)
    body = pieces_of(original, 0, original.size, source_key)
    received = receiving.receive(body, {"checksum_algorithm": inherited}, key=sealing.key)
    return {
        "size": received.size,
        "etag": received.md5,
        "content": received.content,
        "file": received.file,
        "checksum": received.checksum | {"ChecksumType": checksums.FULL_OBJECT},
        "encryption": received.encryption | sealing.columns,
    }


def _algorithm_of(original: ObjectRow) -> str:
    names = (name for name in checksums.ALGORITHMS if checksums.member(name) in original.checksum)
    return next(names, checksums.DEFAULT)
