"""Multipart uploads: their rows, their parts, and what becomes of them.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg

from aws.errors import MalformedXML
from s3 import checksums
from s3.errors import (
    EntityTooLarge,
    EntityTooSmall,
    InvalidArgument,
    InvalidPart,
    InvalidPartOrder,
    InvalidRequest,
    NoSuchUpload,
)
from s3.models import MultipartUpload, Part
from s3.receiving import Received
from s3.rows import BucketRow, Parameters, run

MAX_PARTS = 10_000
MIN_PART_BYTES = 5 * 1024**2
MAX_OBJECT_BYTES = 5 * 1024**4
_PUT_PART = """INSERT INTO s3_part
        (upload_id, number, size, etag, last_modified, file, checksum, encryption)
    VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb, %s::jsonb)
    ON CONFLICT (upload_id, number) DO UPDATE SET size = EXCLUDED.size, etag = EXCLUDED.etag,
        last_modified = EXCLUDED.last_modified, file = EXCLUDED.file,
        checksum = EXCLUDED.checksum, encryption = EXCLUDED.encryption"""


def find(bucket: BucketRow, key: str, upload_id: str, *, locked: bool = False) -> MultipartUpload:
    """locked: until the end of the transaction. Raises NoSuchUpload."""
    uploads = MultipartUpload.objects.filter(bucket_id=bucket.pk, key=key, upload_id=upload_id)
    found: MultipartUpload | None = (uploads.select_for_update() if locked else uploads).first()
    if found is None:
        raise NoSuchUpload(UploadId=upload_id[:200])
    return found


def checksum_of(settings: Mapping[str, Any]) -> tuple[str, str]:
    """(algorithm, type) of a new upload, ("", "FULL_OBJECT") where none was named.

    Raises InvalidRequest.
    """
    algorithm = str(settings.get("checksum_algorithm") or "").upper()
    if not algorithm:
        return "", checksums.FULL_OBJECT
    if algorithm not in checksums.ALGORITHMS:
        raise InvalidRequest(reason="Checksum algorithm provided is unsupported.")
    full = checksums.FULL_OBJECT
    default = full if algorithm == checksums.DEFAULT else checksums.COMPOSITE
    kind = settings.get("checksum_type") or default
    is_impossible = (kind == full and algorithm.startswith("SHA")) or (
        kind == checksums.COMPOSITE and algorithm == checksums.DEFAULT
    )
    if is_impossible or kind not in (full, checksums.COMPOSITE):
        raise InvalidRequest(
            reason=f"The {kind} checksum type cannot be used with the {algorithm.lower()} checksum "
            "algorithm."
        )
    return algorithm, kind


def frozen(values: Parameters) -> Parameters:
    """Columns of the object to come, as JSON."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
    }


def thawed(settings: Parameters) -> Parameters:
    until = settings.get("retain_until")
    return {**settings, "retain_until": datetime.fromisoformat(until)} if until else settings


def put_part(upload: MultipartUpload, number: int, received: Received, now: datetime) -> None:
    """Raises NoSuchUpload where the upload ended meanwhile; its file goes with it."""
    values = [upload.pk, number, received.size, received.md5, now, received.file]
    try:
        run(_PUT_PART, [*values, json.dumps(received.checksum), json.dumps(received.encryption)])
    except psycopg.errors.ForeignKeyViolation:
        received.discard()
        raise NoSuchUpload(UploadId=upload.upload_id) from None


def check_number(number: Any) -> None:
    """Raises InvalidArgument."""
    if not isinstance(number, int) or not 1 <= number <= MAX_PARTS:
        raise InvalidArgument(
            reason=f"Part number must be an integer between 1 and {MAX_PARTS}, inclusive",
            ArgumentName="partNumber",
            ArgumentValue=str(number)[:20],
        )


def chosen(upload: MultipartUpload, listed: Sequence[Mapping[str, Any]]) -> list[Part]:
    """The parts that CompleteMultipartUpload lists.

    Raises InvalidPart, InvalidPartOrder, EntityTooSmall, EntityTooLarge, MalformedXML.
    """
    if not 0 < len(listed) <= MAX_PARTS:
        raise MalformedXML
    known = {part.number: part for part in upload.parts.all()}
    parts: list[Part] = []
    for item in listed:
        number, etag = item.get("PartNumber"), str(item.get("ETag", "")).strip('"')
        if not isinstance(number, int):
            raise MalformedXML
        if parts and number <= parts[-1].number:
            raise InvalidPartOrder(UploadId=upload.upload_id)
        part = known.get(number)
        if part is None or part.etag != etag or not _has_checksums(part, item):
            raise InvalidPart(UploadId=upload.upload_id, PartNumber=number, ETag=etag)
        parts.append(part)
    for part in parts[:-1]:
        if part.size < MIN_PART_BYTES:
            raise EntityTooSmall(
                ProposedSize=part.size,
                MinSizeAllowed=MIN_PART_BYTES,
                PartNumber=part.number,
                ETag=part.etag,
            )
    if (size := sum(part.size for part in parts)) > MAX_OBJECT_BYTES:
        raise EntityTooLarge(ProposedSize=size, MaxSizeAllowed=MAX_OBJECT_BYTES)
    return parts


def etag_of(parts: Sequence[Part]) -> str:
    """AWS's own: the MD5 of the parts' MD5s, and how many there are."""
    digests = b"".join(bytes.fromhex(part.etag) for part in parts)
    return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"


def whole_checksum(upload: MultipartUpload, parts: Sequence[Part]) -> Parameters:
    """The checksum of the object: of the parts' checksums, or of all its bytes."""
    algorithm, kind = upload.checksum_algorithm or checksums.DEFAULT, upload.checksum_type
    member = checksums.member(algorithm)
    values = [(part.checksum[member], part.size) for part in parts]
    combine = checksums.composite if kind == checksums.COMPOSITE else checksums.combined
    return {member: combine(algorithm, values), "ChecksumType": kind}


def _has_checksums(part: Part, item: Mapping[str, Any]) -> bool:
    return all(
        item[name] == part.checksum.get(name)
        for name in map(checksums.member, checksums.ALGORITHMS)
        if item.get(name)
    )
