"""Multipart uploads: begin, put and copy parts, complete, abort."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from aws.context import Context
from aws.operation import Response, operation
from s3 import (
    access,
    attributes,
    checksums,
    data_keys,
    encryption,
    notifications,
    points,
    ranges,
    receiving,
    uploads,
    versions,
)
from s3.errors import BadDigest, InvalidRequest, argument
from s3.models import MultipartUpload, Part
from s3.operations.copies import pieces_of, read_source
from s3.operations.objects import require_write, written
from s3.rows import BucketRow


@operation("s3:CreateMultipartUpload", is_data=True)
def create_multipart_upload(ctx: Context, /, *, bucket: str, key: str, **settings: Any) -> Response:
    """Begins an upload; settings are those of PutObject. Answers {"UploadId", …}.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html
    """
    found = require_write(ctx, bucket, key, settings)
    algorithm, kind = uploads.checksum_of(settings)
    values = attributes.columns(ctx, found, settings)
    sealing = encryption.begin(ctx, found, key, settings)
    values["attributes"] |= sealing.attributes
    values["encryption"] = sealing.columns
    upload = MultipartUpload(
        account_id=found.account_id,
        bucket_id=found.pk,
        key=key,
        upload_id=secrets.token_urlsafe(48).replace("-", "x"),
        initiated_at=versions.now(found),
        initiator_arn=ctx.principal.arn,
        owner_id=values["owner_id"],
        checksum_algorithm=algorithm,
        checksum_type=kind,
        settings=uploads.frozen(values),
    )
    with versions.bucket_has_to_stay(found), transaction.atomic():
        upload.save(force_insert=True)
    answer: Response = {"Bucket": found.name, "Key": key, "UploadId": upload.upload_id}
    if settings.get("checksum_algorithm"):
        answer |= {"ChecksumAlgorithm": algorithm, "ChecksumType": kind}
    return answer | _encryption_of(upload) | sealing.answer


@operation("s3:UploadPart", is_data=True)
def upload_part(
    ctx: Context,
    /,
    *,
    bucket: str,
    key: str,
    upload_id: str,
    part_number: int,
    body: Any = b"",
    **settings: Any,
) -> Response:
    """Stores a part, in place of one of the same number. Answers {"ETag", …}.

    part_number: 1 to 10,000. Raises NoSuchUpload, BadDigest and its kin.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html
    """
    found = _require(ctx, "s3:PutObject", bucket, key, settings)
    upload = uploads.find(found, key, upload_id)
    uploads.check_number(part_number)
    sse_key = _part_key(ctx, found, upload, settings)
    _check_algorithm(upload, receiving.wanted_algorithm(settings, getattr(body, "announced", "")))
    always = upload.checksum_algorithm or checksums.DEFAULT
    received = receiving.receive(body, settings, inline=False, always=always, key=sse_key)
    uploads.put_part(upload, part_number, received, versions.now(found))
    return {"ETag": f'"{received.md5}"', **received.checksum, **_encryption_of(upload)}


@operation("s3:UploadPartCopy", is_data=True)
def upload_part_copy(
    ctx: Context,
    /,
    *,
    bucket: str,
    key: str,
    upload_id: str,
    part_number: int,
    copy_source: str,
    copy_source_range: str = "",
    **settings: Any,
) -> Response:
    """Takes a part from an object. copy_source_range: "bytes=0-5242879", "" for all of it.

    Answers {"CopyPartResult": {"ETag", "LastModified", …}, "CopySourceVersionId"}.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html
    """
    found = _require(ctx, "s3:PutObject", bucket, key, settings)
    upload = uploads.find(found, key, upload_id)
    uploads.check_number(part_number)
    sse_key = _part_key(ctx, found, upload, settings)
    owner, original, source_key = read_source(ctx, copy_source, settings)
    start, length = 0, original.size
    if copy_source_range:
        span = ranges.read(copy_source_range, original.size)
        first, _, last = copy_source_range.partition("-")
        if span is None or not last or first == "bytes=" or int(last) >= original.size:
            raise argument(
                "x-amz-copy-source-range",
                copy_source_range,
                "The x-amz-copy-source-range value must be of the form bytes=first-last where "
                "first and last are the zero-based offsets of the first and last bytes to copy",
            )
        start, length = span.start, span.length
    if length > receiving.MAX_PUT_BYTES:
        raise InvalidRequest(
            reason="The specified copy source is larger than the maximum allowable size for a "
            "copy source: 5368709120"
        )
    body = pieces_of(original, start, length, source_key)
    always = upload.checksum_algorithm or checksums.DEFAULT
    received = receiving.receive(body, {}, inline=False, always=always, key=sse_key)
    now = versions.now(found)
    uploads.put_part(upload, part_number, received, now)
    result = {"ETag": f'"{received.md5}"', "LastModified": now, **received.checksum}
    answer: Response = {"CopyPartResult": result, **_encryption_of(upload)}
    if owner.versioning:
        answer["CopySourceVersionId"] = original.version_id
    return answer


@operation("s3:CompleteMultipartUpload", is_data=True)
def complete_multipart_upload(
    ctx: Context,
    /,
    *,
    bucket: str,
    key: str,
    upload_id: str,
    multipart_upload: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Response:
    """Makes the object of its parts: {"Parts": [{"PartNumber", "ETag"}]}, in ascending order.

    Under a KMS key, the caller needs kms:Decrypt, as for every part.
    Answers {"Location", "Bucket", "Key", "ETag", …}. Raises InvalidPart, InvalidPartOrder,
    EntityTooSmall, NoSuchUpload, PreconditionFailed.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
    """
    found = _require(ctx, "s3:PutObject", bucket, key, settings)
    with versions.bucket_has_to_stay(found), transaction.atomic():
        # The lock makes a second completion, an abort or a late part wait, and find nothing.
        upload = uploads.find(found, key, upload_id, locked=True)
        if sealed := upload.settings.get("encryption"):
            data_keys.open_key(ctx, found, sealed)
        parts = uploads.chosen(upload, (multipart_upload or {}).get("Parts") or ())
        checksum = uploads.whole_checksum(upload, parts)
        _check_whole(upload, checksum, parts, settings)
        values = {
            **uploads.thawed(upload.settings),
            "size": sum(part.size for part in parts),
            "etag": uploads.etag_of(parts),
            "part_count": len(parts),
            "checksum": checksum,
            "last_modified": versions.now(found),
        }
        pk, version_id = versions.put_in_transaction(found, key, values, settings)
        kept = Part.objects.filter(pk__in=[part.pk for part in parts])
        kept.update(upload_id=None, version_id=pk)
        upload.delete()
        how = "CompleteMultipartUpload"
        notifications.created(ctx, found, how, key, version_id, values)
    answer = written(found, key, version_id, values)
    for member in ("SSECustomerAlgorithm", "SSECustomerKeyMD5"):
        answer.pop(member, None)
    return answer | {"Bucket": found.name, "Key": key, "Location": f"/{found.name}/{key}"}


@operation("s3:AbortMultipartUpload", is_data=True)
def abort_multipart_upload(
    ctx: Context, /, *, bucket: str, key: str, upload_id: str, **settings: Any
) -> Response:
    """Ends an upload and its parts. Raises NoSuchUpload.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html
    """
    found = _require(ctx, "s3:AbortMultipartUpload", bucket, key, settings)
    with transaction.atomic():
        uploads.find(found, key, upload_id, locked=True).delete()
    return {}


def _require(
    ctx: Context, action: str, bucket: str, key: str, settings: Mapping[str, Any]
) -> BucketRow:
    return access.require(
        ctx,
        action,
        points.bucket(bucket),
        bucket,
        key=key,
        conditions=attributes.conditions(settings),
        expected_bucket_owner=settings.get("expected_bucket_owner", ""),
    )


def _part_key(
    ctx: Context, found: BucketRow, upload: MultipartUpload, settings: Mapping[str, Any]
) -> bytes | None:
    """Every part comes with the key of SSE-C that the upload began with; KMS opens its own."""
    known = upload.settings["attributes"].get("SSECustomerKeyMD5")
    key = encryption.customer_key(settings)
    if settings.get("sse_customer_key_md5") != known:
        raise InvalidRequest(
            reason="The multipart upload initiate requested encryption. Subsequent part requests "
            "must include the appropriate encryption parameters."
            if known
            else "The encryption parameters are not applicable to this object."
        )
    if sealed := upload.settings.get("encryption"):
        return data_keys.open_key(ctx, found, sealed)
    return key


def _check_algorithm(upload: MultipartUpload, given: str) -> None:
    if given and upload.checksum_algorithm and given != upload.checksum_algorithm:
        raise InvalidRequest(
            reason="Checksum Type mismatch occurred, expected checksum Type: "
            f"{upload.checksum_algorithm.lower()}, actual checksum Type: {given.lower()}"
        )


def _check_whole(
    upload: MultipartUpload,
    checksum: Mapping[str, Any],
    parts: list[Part],
    settings: Mapping[str, Any],
) -> None:
    algorithm = upload.checksum_algorithm or checksums.DEFAULT
    given = settings.get(checksums.argument(algorithm))
    expected = checksum[checksums.member(algorithm)]
    if given is not None and given not in (expected, expected.partition("-")[0]):
        raise BadDigest(algorithm=algorithm)
    size = settings.get("mpu_object_size")
    if size is not None and size != sum(part.size for part in parts):
        raise InvalidRequest(
            reason="The provided 'x-amz-mp-object-size' header value does not match what was "
            "computed."
        )


def _encryption_of(upload: MultipartUpload) -> Response:
    return encryption.members(upload.settings["attributes"])
