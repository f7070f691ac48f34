"""Lists of multipart uploads and of their parts."""

from typing import Any

from django.db.models import Q

from aws.arn import Arn
from aws.context import Context
from aws.operation import Response, operation
from s3 import access, checksums, points, uploads
from s3.errors import argument
from s3.listing import END, first_after, successor
from s3.models import MultipartUpload
from s3.operations.lists import url_encoded
from s3.owners import canonical_id, owner
from s3.rows import BucketRow

MAX_LISTED = 1000


@operation("s3:ListParts", is_data=True)
def list_parts(
    ctx: Context,
    /,
    *,
    bucket: str,
    key: str,
    upload_id: str,
    max_parts: int = MAX_LISTED,
    part_number_marker: int = 0,
    **settings: Any,
) -> Response:
    """Answers {"Parts": [{"PartNumber", "ETag", "Size", …}], …} in the order of their numbers.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html
    """
    found = access.require(
        ctx,
        "s3:ListMultipartUploadParts",
        points.bucket(bucket),
        bucket,
        key=key,
        expected_bucket_owner=settings.get("expected_bucket_owner", ""),
    )
    for name, value in (("max-parts", max_parts), ("part-number-marker", part_number_marker)):
        if not isinstance(value, int) or value < 0:
            reason = f"Argument {name} must be an integer between 0 and 2147483647"
            raise argument(name, value, reason)
    upload = uploads.find(found, key, upload_id)
    size = min(max_parts, MAX_LISTED)
    page = list(upload.parts.filter(number__gt=part_number_marker).order_by("number")[: size + 1])
    listed = page[:size]
    answer: Response = {
        "Bucket": found.name,
        "Key": key,
        "UploadId": upload_id,
        "PartNumberMarker": part_number_marker,
        "MaxParts": size,
        "IsTruncated": len(page) > size,
        "NextPartNumberMarker": listed[-1].number if listed else part_number_marker,
        "Initiator": _initiator(upload),
        "Owner": owner(upload.owner_id or found.account_id),
        "StorageClass": upload.settings["storage_class"],
        "ChecksumAlgorithm": upload.checksum_algorithm or checksums.DEFAULT,
        "ChecksumType": upload.checksum_type,
    }
    answer["Parts"] = [
        {
            "PartNumber": part.number,
            "LastModified": part.last_modified,
            "ETag": f'"{part.etag}"',
            "Size": part.size,
            **part.checksum,
        }
        for part in listed
    ]
    return answer


@operation("s3:ListMultipartUploads", is_data=True)
def list_multipart_uploads(
    ctx: Context,
    /,
    *,
    bucket: str,
    prefix: str = "",
    delimiter: str = "",
    encoding_type: str = "",
    key_marker: str = "",
    upload_id_marker: str = "",
    max_uploads: int = MAX_LISTED,
    **settings: Any,
) -> Response:
    """Answers {"Uploads": […], "CommonPrefixes": […], …}, by key and then by time.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
    """
    found = access.bucket(ctx, "s3:ListBucketMultipartUploads", bucket, **settings)
    if not isinstance(max_uploads, int) or max_uploads < 1:
        reason = f"Argument max-uploads must be an integer between 1 and {MAX_LISTED}"
        raise argument("max-uploads", max_uploads, reason)
    size = min(max_uploads, MAX_LISTED)
    entries, next_marker = _page(found, prefix, delimiter, key_marker, upload_id_marker, size)
    encode = url_encoded if encoding_type == "url" else str
    answer: Response = {
        "Bucket": found.name,
        "Prefix": encode(prefix),
        "KeyMarker": encode(key_marker),
        "UploadIdMarker": upload_id_marker,
        "MaxUploads": size,
        "IsTruncated": next_marker is not None,
        "CommonPrefixes": [{"Prefix": encode(one)} for one in entries if isinstance(one, str)],
        "Uploads": [
            _as_aws(found, one, encode(one.key)) for one in entries if not isinstance(one, str)
        ],
    }
    if delimiter:
        answer["Delimiter"] = encode(delimiter)
    if encoding_type:
        answer["EncodingType"] = encoding_type
    if next_marker is not None:
        answer["NextKeyMarker"] = encode(next_marker[0])
        answer["NextUploadIdMarker"] = next_marker[1]
    return answer


def _page(
    found: BucketRow, prefix: str, delimiter: str, key_marker: str, upload_id_marker: str, size: int
) -> tuple[list[MultipartUpload | str], tuple[str, str] | None]:
    """Uploads and common prefixes, and the markers of the next page, None at the end."""
    everything = MultipartUpload.objects.filter(
        bucket_id=found.pk, key__gte=prefix, key__lt=successor(prefix) or END
    )
    if upload_id_marker and key_marker:
        marker = everything.filter(key=key_marker, upload_id=upload_id_marker).first()
        later = Q(key=key_marker, pk__gt=marker.pk) if marker else Q(pk=None)
        rest = everything.filter(Q(key__gt=key_marker) | later)
    else:
        rest = everything.filter(key__gte=first_after(key_marker, prefix, delimiter))
    entries: list[MultipartUpload | str] = []
    last = ("", "")
    for upload in rest.order_by("key", "pk").iterator(chunk_size=size + 1):
        at = upload.key.find(delimiter, len(prefix)) if delimiter else -1
        folded = upload.key[: at + len(delimiter)] if at >= 0 else ""
        if folded and entries and entries[-1] == folded:
            continue
        if len(entries) == size:
            return entries, last
        entries.append(folded or upload)
        last = (folded, "") if folded else (upload.key, upload.upload_id)
    return entries, None


def _as_aws(found: BucketRow, upload: MultipartUpload, key: str) -> Response:
    return {
        "UploadId": upload.upload_id,
        "Key": key,
        "Initiated": upload.initiated_at,
        "StorageClass": upload.settings["storage_class"],
        "Owner": owner(upload.owner_id or found.account_id),
        "Initiator": _initiator(upload),
        "ChecksumAlgorithm": upload.checksum_algorithm or checksums.DEFAULT,
        "ChecksumType": upload.checksum_type,
    }


def _initiator(upload: MultipartUpload) -> dict[str, str]:
    """A user or session by its ARN, an account by its canonical id."""
    arn = upload.initiator_arn
    if arn.endswith(":root"):
        return {"ID": canonical_id(Arn.parse(arn).account_id)}
    return {"ID": arn}
