"""CloudTrail's data events: calls on the objects of a bucket that has them recorded.

AWS has a trail's event selectors say so; the lab has no trails, and each bucket a switch of its
own. As in AWS, the event history (LookupEvents) does not show them.
AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html
"""

import uuid
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from aws import clock
from aws.context import Context
from aws.events import user_identity
from aws.operation import READ_ONLY_PREFIXES
from s3 import configurations, rows
from s3.errors import NoSuchBucket, argument
from s3.models import DataEvent
from s3.names import bucket_arn, object_arn
from s3.rows import BucketRow

NAME = "data-events"
# CloudTrail's words: ReadWriteType of an event selector.
CHOICES = ("All", "ReadOnly", "WriteOnly")
# Of one bucket, the latest.
KEPT = 1000
_TRIM_EVERY = 50


def selection(ctx: Context, bucket: str) -> str:
    """Of CHOICES, or "" where no data events are recorded. Asks cloudtrail:GetEventSelectors."""
    found = _own(ctx, "cloudtrail:GetEventSelectors", bucket)
    return str((found.watch.get(NAME) or {}).get("ReadWriteType", ""))


def select(ctx: Context, bucket: str, read_write_type: str) -> None:
    """Turns data events on, or off by "". Asks cloudtrail:PutEventSelectors.

    Raises NoSuchBucket, InvalidArgument.
    """
    found = _own(ctx, "cloudtrail:PutEventSelectors", bucket)
    with transaction.atomic():
        if not read_write_type:
            configurations.delete(found, NAME)
        elif read_write_type in CHOICES:
            configurations.put(found, NAME, {"ReadWriteType": read_write_type})
        else:
            raise argument("ReadWriteType", read_write_type, "Unknown ReadWriteType")


def recent(ctx: Context, bucket: str) -> "QuerySet[DataEvent]":
    """The bucket's data events, the latest first. Asks cloudtrail:LookupEvents."""
    found = _own(ctx, "cloudtrail:LookupEvents", bucket)
    kept: QuerySet[DataEvent] = DataEvent.objects.in_scope(ctx).filter(bucket_id=found.pk)
    return kept.order_by("-pk")


def note(
    ctx: Context, bucket: BucketRow, operation: str, key: str, status: int, error_code: str
) -> None:
    """Records an answered call on an object, if the bucket's selection takes it in."""
    is_read = operation.startswith(READ_ONLY_PREFIXES)
    if bucket.watch[NAME].get("ReadWriteType") == ("WriteOnly" if is_read else "ReadOnly"):
        return
    now = clock.now(bucket.clock_offset)
    record: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": user_identity(ctx),
        "eventTime": clock.isoformat(now),
        "eventSource": "s3.amazonaws.com",
        "eventName": operation,
        "awsRegion": bucket.bucket_region,
        "sourceIPAddress": ctx.source_ip,
        "userAgent": _printable(ctx.user_agent[:256]),
        **({"errorCode": error_code} if error_code else {}),
        "requestParameters": {"bucketName": bucket.name, **({"key": key} if key else {})},
        "responseElements": None,
        "requestID": ctx.request_id,
        "eventID": str(uuid.uuid4()),
        "readOnly": is_read,
        "resources": [
            *([{"type": "AWS::S3::Object", "ARN": object_arn(bucket.name, key)}] if key else []),
            {
                "accountId": bucket.account_id,
                "type": "AWS::S3::Bucket",
                "ARN": bucket_arn(bucket.name),
            },
        ],
        "eventType": "AwsApiCall",
        "managementEvent": False,
        "recipientAccountId": bucket.account_id,
        "eventCategory": "Data",
    }
    row = DataEvent.objects.create(
        account_id=bucket.account_id,
        bucket_id=bucket.pk,
        event_time=now,
        event_name=operation,
        key=key,
        user_name=ctx.principal.name[:128],
        status=status,
        record=record,
    )
    if row.pk % _TRIM_EVERY == 0:
        _trim(bucket.pk)


def _own(ctx: Context, action: str, name: str) -> BucketRow:
    """The bucket, for who may; a trail is of the bucket's own account here."""
    trail = f"arn:aws:cloudtrail:{ctx.region}:{ctx.account_id}:trail/s3-data-events"
    ctx.authorize(action, "*" if action == "cloudtrail:LookupEvents" else trail)
    found = rows.find_bucket(name)
    if found is None or found.account_id != ctx.account_id:
        raise NoSuchBucket(BucketName=name)
    return found


def _trim(bucket_pk: int) -> None:
    kept = DataEvent.objects.filter(bucket_id=bucket_pk).order_by("-pk")
    last = kept.values_list("pk", flat=True)[KEPT - 1 : KEPT].first()
    if last is not None:
        DataEvent.objects.filter(bucket_id=bucket_pk, pk__lt=last).delete()


def _printable(text: str) -> str:
    return text.encode(errors="replace").decode().replace("\x00", "\ufffd")
