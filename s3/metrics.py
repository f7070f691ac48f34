"""Requests and bytes, counted in this process and added to PostgreSQL every few seconds.

A process that is killed loses what it counted since. Times are the bucket's account's.
AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
"""

import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Sum

from aws import clock
from aws.context import Context
from aws.models import Account
from s3.models import Bucket, RequestMinute, StorageDay
from s3.rows import BucketRow

KEPT_MINUTES, KEPT_DAYS = timedelta(days=15), timedelta(days=455)
# Of a bucket's filters, so many are counted.
MAX_FILTERS = 100
MAX_POINTS = 1440
BUCKET_SIZE, OBJECTS = "BucketSizeBytes", "NumberOfObjects"
# CloudWatch's name → (column, statistic that a chart shows, unit), in the order of the columns.
REQUEST_METRICS = {
    "AllRequests": ("all_requests", "Sum", "Count"),
    "GetRequests": ("get_requests", "Sum", "Count"),
    "PutRequests": ("put_requests", "Sum", "Count"),
    "DeleteRequests": ("delete_requests", "Sum", "Count"),
    "HeadRequests": ("head_requests", "Sum", "Count"),
    "PostRequests": ("post_requests", "Sum", "Count"),
    "ListRequests": ("list_requests", "Sum", "Count"),
    "BytesDownloaded": ("bytes_downloaded", "Sum", "Bytes"),
    "BytesUploaded": ("bytes_uploaded", "Sum", "Bytes"),
    "4xxErrors": ("errors_4xx", "Sum", "Count"),
    "5xxErrors": ("errors_5xx", "Sum", "Count"),
    "FirstByteLatency": ("first_byte_latency", "Average", "Milliseconds"),
    "TotalRequestLatency": ("total_request_latency", "Average", "Milliseconds"),
}
# The dimension StorageType of a storage class.
STORAGE_TYPES = {
    "STANDARD": "StandardStorage",
    "REDUCED_REDUNDANCY": "ReducedRedundancyStorage",
    "STANDARD_IA": "StandardIAStorage",
    "ONEZONE_IA": "OneZoneIAStorage",
    "INTELLIGENT_TIERING": "IntelligentTieringFAStorage",
    "GLACIER": "GlacierStorage",
    "DEEP_ARCHIVE": "DeepArchiveStorage",
    "GLACIER_IR": "GlacierInstantRetrievalStorage",
}
LISTS = {"ListObjects", "ListObjectsV2", "ListObjectVersions", "ListMultipartUploads"}
_KINDS = {"GET": 1, "PUT": 2, "DELETE": 3, "HEAD": 4, "POST": 5}
_LIST, _DOWN, _UP, _4XX, _5XX, _FIRST, _TOTAL = range(6, 13)
_COLUMNS = [column for column, _, _ in REQUEST_METRICS.values()]
_KEY = ("account_id", "bucket", "filter_id", "minute")
_ADD = f"""INSERT INTO s3_requestminute AS kept ({", ".join((*_KEY, *_COLUMNS))})
    VALUES ({", ".join(["%s"] * (len(_KEY) + len(_COLUMNS)))})
    ON CONFLICT ({", ".join(_KEY)}) DO UPDATE SET
    {", ".join(f"{name} = kept.{name} + EXCLUDED.{name}" for name in _COLUMNS)}"""  # noqa: S608
_MEASURE = """SELECT b.account_id, b.name, held.storage_class, sum(held.size), count(*)
    FROM (
        SELECT bucket_id, storage_class, size FROM s3_objectversion
        UNION ALL
        SELECT u.bucket_id, coalesce(u.settings->>'storage_class', 'STANDARD'), p.size
        FROM s3_part p JOIN s3_multipartupload u ON u.id = p.upload_id
    ) held JOIN s3_bucket b ON b.id = held.bucket_id
    WHERE %(bucket)s::bigint IS NULL OR b.id = %(bucket)s::bigint
    GROUP BY 1, 2, 3"""
_Key = tuple[str, str, str, datetime]
_counted: dict[_Key, list[float]] = {}
_lock = threading.Lock()
_is_due = False


def count(
    bucket: BucketRow,
    operation: str,
    method: str,
    key: str,
    status: int,
    *,
    sent: int,
    received: int,
    first_ms: float,
    total_ms: float,
) -> None:
    """Notes one answered request. key: "" for one about the bucket."""
    minute = clock.now(bucket.clock_offset).replace(second=0, microsecond=0)
    added = [0.0] * len(_COLUMNS)
    added[0] = 1
    if operation in LISTS:
        added[_LIST] = 1
    elif key or method in ("HEAD", "POST"):
        added[_KINDS.get(method, 0)] = 1
    added[_DOWN], added[_UP] = sent, received
    if status >= 400:
        added[_5XX if status >= 500 else _4XX] = 1
    added[_FIRST], added[_TOTAL] = first_ms, total_ms
    names = ["", *_filters(bucket.watch.get("metrics"), key)]
    with _lock:
        for name in names:
            known = _counted.get(place := (bucket.account_id, bucket.name, name, minute))
            _counted[place] = [a + b for a, b in zip(known, added, strict=True)] if known else added
    _plan_flush()


def flush() -> int:
    """Adds what was counted to the table; answers the number of rows."""
    with _lock:
        taken = dict(_counted)
        _counted.clear()
    if taken:
        # In one order, so that two processes do not wait for each other.
        rows: list[list[Any]] = [[*place, *taken[place]] for place in sorted(taken)]
        with connection.cursor() as cursor:
            cursor.executemany(_ADD, rows)
    return len(taken)


def measure() -> int:
    """Writes down what every bucket holds today; answers the number of rows."""
    days = {
        account.account_id: account.now.date()
        for account in Account.objects.only("account_id", "clock_offset")
    }
    rows = [
        StorageDay(
            account_id=account_id,
            bucket=bucket,
            day=days[account_id],
            storage_class=storage_class,
            size=size,
            objects_count=number,
        )
        for account_id, bucket, storage_class, size, number in _held()
        if account_id in days
    ]
    for account_id, day in days.items():
        StorageDay.objects.filter(account_id=account_id, day=day).delete()
    StorageDay.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    return len(rows)


def forget_old() -> int:
    """Deletes minutes older than 15 days of their account's time, days older than 455."""
    deleted = 0
    for account in Account.objects.only("account_id", "clock_offset"):
        owned = {"account_id": account.account_id}
        oldest = account.now - KEPT_MINUTES
        deleted += RequestMinute.objects.filter(**owned, minute__lt=oldest).delete()[0]
        day = account.now.date() - KEPT_DAYS
        deleted += StorageDay.objects.filter(**owned, day__lt=day).delete()[0]
    return deleted


def series(
    ctx: Context,
    bucket: str,
    metric: str,
    start: datetime,
    end: datetime,
    period: int,
    *,
    filter_id: str = "",
) -> list[dict[str, Any]]:
    """A metric's points, oldest first: [{"Timestamp", "Value", "Unit"}], empty periods left out.

    metric: CloudWatch's name: of REQUEST_METRICS, BucketSizeBytes (with "StorageType" in each
    point) or NumberOfObjects. period: seconds, a multiple of 60; the metrics of storage have a
    point a day. filter_id: of a metrics configuration. At most 1,440 periods are answered.
    """
    ctx.authorize("cloudwatch:GetMetricData")
    if metric in (BUCKET_SIZE, OBJECTS):
        return _storage_series(ctx, bucket, metric, start.date(), end.date())
    return request_series(ctx, bucket, start, end, period, filter_id=filter_id)[metric]


def request_series(
    ctx: Context,
    bucket: str,
    start: datetime,
    end: datetime,
    period: int,
    *,
    filter_id: str = "",
) -> dict[str, list[dict[str, Any]]]:
    """Every one of REQUEST_METRICS as `series` answers it, by one statement."""
    ctx.authorize("cloudwatch:GetMetricData")
    period = max(60, period - period % 60)
    start = max(start, end - timedelta(seconds=period * MAX_POINTS))
    columns = [column for column, _statistic, _unit in REQUEST_METRICS.values()]
    found = RequestMinute.objects.in_scope(ctx).filter(
        bucket=bucket, filter_id=filter_id, minute__gte=start, minute__lt=end
    )
    sums: dict[int, list[float]] = {}
    requests: dict[int, float] = {}
    for minute, count, *values in found.values_list("minute", "all_requests", *columns):
        place = int(minute.timestamp()) // period * period
        known = sums.setdefault(place, [0.0] * len(columns))
        sums[place] = [old + new for old, new in zip(known, values, strict=True)]
        requests[place] = requests.get(place, 0) + count
    return {
        name: [
            {
                "Timestamp": datetime.fromtimestamp(place, UTC),
                "Value": values[at] / requests[place]
                if statistic == "Average" and requests[place]
                else values[at],
                "Unit": unit,
            }
            for place, values in sorted(sums.items())
        ]
        for at, (name, (_column, statistic, unit)) in enumerate(REQUEST_METRICS.items())
    }


def _storage_series(
    ctx: Context, bucket: str, metric: str, start: date, end: date
) -> list[dict[str, Any]]:
    """Today's point is measured now, where the day's has not been written down yet."""
    found = StorageDay.objects.in_scope(ctx).filter(bucket=bucket, day__range=(start, end))
    days: list[tuple[date, str, int, int]] = list(
        found.order_by("day", "storage_class")
        .values_list("day", "storage_class")
        .annotate(Sum("size"), Sum("objects_count"))
    )
    today = ctx.now.date()
    own = Bucket.objects.in_scope(ctx).filter(name=bucket).values_list("pk", flat=True).first()
    if own is not None and start <= today <= end and not any(day == today for day, *_ in days):
        days += [(today, kind, size, number) for _, _, kind, size, number in _held(own)]
    if metric == BUCKET_SIZE:
        return [
            _point(day, size, "Bytes") | {"StorageType": STORAGE_TYPES.get(kind, kind)}
            for day, kind, size, _ in days
        ]
    totals: dict[date, int] = {}
    for day, _, _, number in days:
        totals[day] = totals.get(day, 0) + number
    return [_point(day, total, "Count") for day, total in totals.items()]


def _point(day: date, value: int, unit: str) -> dict[str, Any]:
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return {"Timestamp": at, "Value": value, "Unit": unit}


def _held(bucket_pk: int | None = None) -> list[Any]:
    """(account, bucket, storage class, bytes, objects) of all buckets, or of one."""
    with connection.cursor() as cursor:
        cursor.execute(_MEASURE, {"bucket": bucket_pk})
        return [(*row[:3], int(row[3]), row[4]) for row in cursor.fetchall()]


def _filters(configured: Mapping[str, Mapping[str, Any]] | None, key: str) -> Sequence[str]:
    """The ids of the metrics configurations that take a request in."""
    if not configured:
        return ()
    return [
        name
        for name, one in list(configured.items())[:MAX_FILTERS]
        if set(one.get("Filter", {})) <= {"Prefix"}
        and key.startswith(one.get("Filter", {}).get("Prefix", ""))
    ]


def _plan_flush() -> None:
    global _is_due
    if _is_due or not settings.S3_METRICS_SECONDS:
        return
    _is_due = True
    timer = threading.Timer(settings.S3_METRICS_SECONDS, _flush_in_time)
    timer.daemon = True
    timer.start()


def _flush_in_time() -> None:
    global _is_due
    _is_due = False
    try:
        flush()
    finally:
        connection.close()
