"""Server access logs: a line for each request of a bucket that has logging on, and their delivery.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html
"""

import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from django.db import transaction

from aws import clock
from aws.context import Context
from aws.errors import AwsError
from aws.wire.request import WireRequest
from s3 import access, configurations, rows, services
from s3.host_ids import host_id_of
from s3.models import AccessLogRecord, Bucket
from s3.owners import canonical_id
from s3.rows import BucketRow

SERVICE = "logging.s3.amazonaws.com"
# In one object.
MAX_LINES = 10_000
MAX_FIELD = 2048
# Operation → what a log calls it, where that is not its subresource.
_NAMES = {
    "GetObject": "OBJECT",
    "HeadObject": "OBJECT",
    "PutObject": "OBJECT",
    "PostObject": "OBJECT",
    "DeleteObject": "OBJECT",
    "DeleteObjects": "MULTI_OBJECT_DELETE",
    "CreateMultipartUpload": "UPLOADS",
    "CompleteMultipartUpload": "UPLOAD",
    "AbortMultipartUpload": "UPLOAD",
    "ListMultipartUploads": "UPLOADS",
    "ListParts": "UPLOAD",
    "UploadPart": "PART",
    "HeadBucket": "BUCKET",
    "CreateBucket": "BUCKET",
    "DeleteBucket": "BUCKET",
    "ListObjects": "BUCKET",
    "ListObjectsV2": "BUCKET",
    "ListObjectVersions": "BUCKETVERSIONS",
    "GetBucketPolicy": "BUCKETPOLICY",
    "PutBucketPolicy": "BUCKETPOLICY",
    "DeleteBucketPolicy": "BUCKETPOLICY",
    "GetBucketLogging": "LOGGING_STATUS",
    "PutBucketLogging": "LOGGING_STATUS",
    "GetObjectTagging": "OBJECT_TAGGING",
    "PutObjectTagging": "OBJECT_TAGGING",
    "DeleteObjectTagging": "OBJECT_TAGGING",
    "Preflight": "PREFLIGHT",
}
_WHOLE = {
    "CopyObject": "REST.COPY.OBJECT",
    "UploadPartCopy": "REST.COPY.PART",
    "Website": "WEBSITE.GET.OBJECT",
}


def note(
    ctx: Context,
    bucket: BucketRow,
    operation: str,
    key: str,
    request: WireRequest,
    status: int,
    error_code: str,
    *,
    headers: Mapping[str, str],
    sent: int,
    total_ms: float,
) -> None:
    """Keeps the line of one answered request. headers: of the answer, in lower case."""
    now = clock.now(bucket.clock_offset)
    address = f"{request.path}?{request.query}" if request.query else request.path
    has_query = "x-amz-signature" in request.query.lower()
    is_anonymous = ctx.principal.kind == "anonymous"
    fields = [
        canonical_id(bucket.account_id),
        bucket.name,
        f"[{now:%d/%b/%Y:%H:%M:%S} +0000]",
        ctx.source_ip,
        _requester(ctx),
        ctx.request_id,
        operation_name(operation, request),
        quote(quote(key, safe="/"), safe="/") if key else "",
        _quoted(f"{request.method} {address} HTTP/1.1"),
        str(status),
        error_code,
        str(sent or ""),
        _object_size(request, headers),
        str(round(total_ms)),
        str(round(total_ms)),
        _quoted(request.headers.get("referer", "-")),
        _quoted(request.headers.get("user-agent", "-")),
        headers.get("x-amz-version-id", ""),
        host_id_of(ctx.request_id),
        "" if is_anonymous else "SigV4",
        "",
        "" if is_anonymous else "QueryString" if has_query else "AuthHeader",
        request.headers.get("host", "")[:255],
        "TLSv1.2" if request.is_secure else "",
        "",
        "",
        ctx.region,
    ]
    line = " ".join(_clean(field) or "-" for field in fields)
    rows.run(_INSERT, [bucket.account_id, bucket.pk, now, line])


_INSERT = """INSERT INTO s3_accesslogrecord (account_id, bucket_id, event_time, line)
    VALUES (%s, %s, %s, %s)"""


def operation_name(operation: str, request: WireRequest) -> str:
    """REST.GET.OBJECT of GetObject."""
    if operation in _WHOLE:
        return _WHOLE[operation]
    subresource = request.query.partition("&")[0].partition("=")[0]
    kind = _NAMES.get(operation) or subresource.upper().replace("-", "_")
    return f"REST.{request.method}.{kind or 'BUCKET'}"


def last_delivery(ctx: Context, bucket: str) -> dict[str, str]:
    """{"At", "Bucket", "Key"}, or with "ErrorCode" and "ErrorMessage"; {} before the first."""
    found = access.bucket(ctx, "s3:GetBucketLogging", bucket)
    return configurations.find(found, "logging-delivery") or {}


def deliver() -> int:
    """Puts what waits into the buckets' target buckets; answers how many lines went."""
    waiting = AccessLogRecord.objects.values_list("bucket_id", flat=True).distinct()
    return sum(deliver_bucket(pk) for pk in waiting)


def deliver_bucket(pk: int) -> int:
    """All the lines of one bucket: delivered, or dropped where the target refuses them."""
    name = Bucket.objects.filter(pk=pk).values_list("name", flat=True).first()
    bucket = rows.find_bucket(name) if name else None
    target = bucket.watch.get("logging") if bucket else None
    if bucket is None or target is None:
        AccessLogRecord.objects.filter(bucket_id=pk).delete()
        return 0
    delivered = 0
    while True:
        with transaction.atomic():
            records = AccessLogRecord.objects.select_for_update(skip_locked=True)
            batch = list(records.filter(bucket_id=pk).order_by("pk")[:MAX_LINES])
            if not batch:
                return delivered
            delivered += _deliver(bucket, target["LoggingEnabled"], batch)
            AccessLogRecord.objects.filter(pk__in=[one.pk for one in batch]).delete()


def _deliver(bucket: BucketRow, target: Mapping[str, Any], batch: list[AccessLogRecord]) -> int:
    """One object, or one for each day where the key tells the day of the events."""
    partitions = target.get("TargetObjectKeyFormat", {}).get("PartitionedPrefix")
    by_event = (partitions or {}).get("PartitionDateSource") == "EventTime"
    days: dict[date | None, list[str]] = {}
    for one in batch:
        days.setdefault(one.event_time.date() if by_event else None, []).append(one.line)
    now = clock.now(bucket.clock_offset)
    delivered, outcome = 0, {}
    for day, lines in days.items():
        key = _key(bucket, target, day, now, is_partitioned=partitions is not None)
        body = "".join(f"{line}\n" for line in lines).encode()
        try:
            with transaction.atomic():
                services.put(SERVICE, bucket, target["TargetBucket"], key, body, "text/plain")
        except AwsError as error:
            outcome = {"ErrorCode": error.code, "ErrorMessage": error.message}
        else:
            outcome = {"Key": key}
            delivered += len(lines)
    outcome |= {"Bucket": target["TargetBucket"], "At": clock.isoformat(now)}
    configurations.put(bucket, "logging-delivery", outcome)
    return delivered


def _key(
    bucket: BucketRow,
    target: Mapping[str, Any],
    day: date | None,
    now: datetime,
    *,
    is_partitioned: bool,
) -> str:
    unique = secrets.token_hex(8).upper()
    stamp = f"{day:%Y-%m-%d}-00-00-00" if day else f"{now:%Y-%m-%d-%H-%M-%S}"
    prefix = str(target.get("TargetPrefix", ""))
    if is_partitioned:
        of_day = day or now.date()
        place = f"{bucket.account_id}/{bucket.bucket_region}/{bucket.name}"
        prefix = f"{prefix}{place}/{of_day:%Y/%m/%d}/"
    return f"{prefix}{stamp}-{unique}"


def _requester(ctx: Context) -> str:
    principal = ctx.principal
    if principal.kind == "anonymous":
        return ""
    return canonical_id(principal.account_id) if principal.kind == "root" else principal.arn


def _object_size(request: WireRequest, headers: Mapping[str, str]) -> str:
    if request.method == "PUT":
        length = request.headers.get("x-amz-decoded-content-length")
        return length or request.headers.get("content-length", "")
    whole = headers.get("content-range", "").partition("/")[2]
    return whole or headers.get("content-length", "")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "%22")[:MAX_FIELD] + '"'


def _clean(text: str) -> str:
    """A field ends no line, and PostgreSQL can hold it."""
    kept = text.encode(errors="replace").decode()
    return "".join(letter if letter.isprintable() else "?" for letter in kept)
