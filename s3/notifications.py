"""Event notifications: what happened to objects, told to the destinations that a bucket names.

There are no queues, topics and functions in the lab: a message is kept with its destination's
name, where the bucket's page shows it. It is written in the transaction of what it tells of.
AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from django.db import transaction
from django.db.models import QuerySet

from aws import clock
from aws.context import Context
from s3 import access, rows
from s3.host_ids import host_id_of
from s3.models import Notification
from s3.names import bucket_arn
from s3.owners import canonical_id
from s3.rows import BucketRow, ObjectRow

# Of one bucket, the latest.
KEPT = 1000
_TRIM_EVERY = 50
EVENT_BRIDGE = "EventBridge"
# Member of a configuration → that which names its destination.
DESTINATIONS = {
    "TopicConfigurations": "TopicArn",
    "QueueConfigurations": "QueueArn",
    "LambdaFunctionConfigurations": "LambdaFunctionArn",
}
_VERSIONS = {
    "Replication": "2.2",
    "LifecycleTransition": "2.3",
    "LifecycleExpiration": "2.3",
    "IntelligentTiering": "2.3",
    "ObjectAcl": "2.3",
    "ObjectTagging": "2.3",
    "ObjectRestore:Delete": "2.3",
}
# What EventBridge calls them, and the reason it gives.
_DETAIL_TYPES = {
    "ObjectCreated:Put": ("Object Created", "PutObject"),
    "ObjectCreated:Post": ("Object Created", "POST Object"),
    "ObjectCreated:Copy": ("Object Created", "CopyObject"),
    "ObjectCreated:CompleteMultipartUpload": ("Object Created", "CompleteMultipartUpload"),
    "ObjectRemoved:Delete": ("Object Deleted", "DeleteObject"),
    "ObjectRemoved:DeleteMarkerCreated": ("Object Deleted", "DeleteObject"),
    "LifecycleExpiration:Delete": ("Object Deleted", "Lifecycle Expiration"),
    "LifecycleExpiration:DeleteMarkerCreated": ("Object Deleted", "Lifecycle Expiration"),
    "ObjectRestore:Post": ("Object Restore Initiated", ""),
    "ObjectRestore:Completed": ("Object Restore Completed", ""),
    "ObjectRestore:Delete": ("Object Restore Expired", ""),
    "LifecycleTransition": ("Object Storage Class Changed", ""),
    "IntelligentTiering": ("Object Access Tier Changed", ""),
    "ObjectAcl:Put": ("Object ACL Updated", ""),
    "ObjectTagging:Put": ("Object Tags Added", ""),
    "ObjectTagging:Delete": ("Object Tags Deleted", ""),
}


def together(bucket: BucketRow) -> AbstractContextManager[Any]:
    """A transaction around a change and its messages, where the bucket sends some."""
    return transaction.atomic() if "notification" in bucket.watch else nullcontext()


def emit(
    bucket: BucketRow,
    event: str,
    key: str,
    *,
    ctx: Context | None = None,
    size: int | None = None,
    etag: str = "",
    version_id: str = "",
    more: Mapping[str, Any] | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Tells the bucket's destinations of an event; costs nothing where it has none.

    event: AWS's type without "s3:", such as "Replication:OperationFailedReplication". ctx: None
    for what S3 does by itself. version_id: "" or "null" for none. more: further elements of the
    record, such as {"glacierEventData": …}. detail: further members of EventBridge's detail.
    """
    wanted = bucket.watch.get("notification")
    if not wanted:
        return
    happening = _Happening(bucket, event, key, ctx, size, etag, version_id, more or {})
    found = [
        happening.row(destination, configuration["Id"], happening.record(configuration["Id"]))
        for destination, configuration in configurations_of(wanted)
        if _is_meant(configuration, event, key)
    ]
    if "EventBridgeConfiguration" in wanted and event in _DETAIL_TYPES:
        found.append(happening.row(EVENT_BRIDGE, "", happening.bridged(detail or {})))
    _keep(found)


def created(
    ctx: Context,
    bucket: BucketRow,
    how: str,
    key: str,
    version_id: str,
    values: Mapping[str, Any],
) -> None:
    """Tells of a new version. how: "Put", "Copy" or "CompleteMultipartUpload"."""
    if ctx.cache.get(access.CONDITIONS, {}).get("s3:authType") == "POST":
        how = "Post"
    size, etag = values["size"], values["etag"]
    event = f"ObjectCreated:{how}"
    emit(bucket, event, key, ctx=ctx, size=size, etag=etag, version_id=version_id)


def changed(
    ctx: Context | None, bucket: BucketRow, event: str, found: ObjectRow, **about: Mapping[str, Any]
) -> None:
    """Tells of what happened to a version that is there. about: more and detail, as of `emit`."""
    size, etag, version_id = found.size, found.etag, found.version_id
    emit(bucket, event, found.key, ctx=ctx, size=size, etag=etag, version_id=version_id, **about)


def send_test(ctx: Context, bucket: BucketRow, wanted: Mapping[str, Any]) -> None:
    """s3:TestEvent, which every destination of a new configuration receives."""
    request_id = ctx.request_id
    now = clock.now(bucket.clock_offset)
    message = {
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": moment(now),
        "Bucket": bucket.name,
        "RequestId": request_id,
        "HostId": host_id_of(request_id),
    }
    _keep(
        Notification(
            account_id=bucket.account_id,
            bucket_id=bucket.pk,
            event="TestEvent",
            configuration_id=configuration["Id"],
            destination=destination,
            event_time=now,
            message=message,
        )
        for destination, configuration in configurations_of(wanted)
    )


def recent(ctx: Context, bucket: str) -> QuerySet[Notification]:
    """A bucket's messages, the latest first, for who may read where it sends them."""
    found = access.bucket(ctx, "s3:GetBucketNotification", bucket)
    kept: QuerySet[Notification] = Notification.objects.filter(
        account_id=found.account_id, bucket_id=found.pk
    )
    return kept.order_by("-pk")


def configurations_of(wanted: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(ARN of the destination, configuration) of all three kinds."""
    for member, name in DESTINATIONS.items():
        for configuration in wanted.get(member, ()):
            yield configuration[name], configuration


def filter_of(configuration: Mapping[str, Any]) -> tuple[str, str]:
    """(prefix, suffix), "" for any."""
    rules = configuration.get("Filter", {}).get("Key", {}).get("FilterRules", ())
    named = {rule["Name"].lower(): rule.get("Value", "") for rule in rules}
    return named.get("prefix", ""), named.get("suffix", "")


def covers(pattern: str, event: str) -> bool:
    """Whether "s3:ObjectCreated:*" takes "s3:ObjectCreated:Put" in."""
    return pattern == event or (pattern.endswith(":*") and event.startswith(pattern[:-1]))


def _is_meant(configuration: Mapping[str, Any], event: str, key: str) -> bool:
    prefix, suffix = filter_of(configuration)
    if not (key.startswith(prefix) and key.endswith(suffix)):
        return False
    return any(covers(pattern, f"s3:{event}") for pattern in configuration["Events"])


class _Happening:
    """One event, as several messages tell it."""

    def __init__(
        self,
        bucket: BucketRow,
        event: str,
        key: str,
        ctx: Context | None,
        size: int | None,
        etag: str,
        version_id: str,
        more: Mapping[str, Any],
    ) -> None:
        self.bucket, self.event, self.key, self.ctx, self.more = bucket, event, key, ctx, more
        self.at = clock.now(bucket.clock_offset)
        self.request_id = ctx.request_id if ctx else "-"
        about = {
            "size": size,
            "eTag": etag,
            "versionId": version_id if version_id != rows.NULL_VERSION else "",
            "sequencer": f"00{time.time_ns():016X}" if event.startswith(_IN_SEQUENCE) else "",
        }
        self.about = {name: value for name, value in about.items() if value not in ("", None)}

    def row(self, destination: str, configuration_id: str, message: dict[str, Any]) -> Notification:
        return Notification(
            account_id=self.bucket.account_id,
            bucket_id=self.bucket.pk,
            event=self.event,
            key=self.key,
            configuration_id=configuration_id,
            destination=destination,
            event_time=self.at,
            message=message,
        )

    def record(self, configuration_id: str) -> dict[str, Any]:
        """What a queue, topic or function receives."""
        bucket, kind = self.bucket, self.event.partition(":")[0]
        version = _VERSIONS.get(self.event) or _VERSIONS.get(kind, "2.1")
        record = {
            "eventVersion": version,
            "eventSource": "aws:s3",
            "awsRegion": bucket.bucket_region,
            "eventTime": moment(self.at),
            "eventName": self.event,
            "userIdentity": {"principalId": self._who()},
            "requestParameters": {
                "sourceIPAddress": self.ctx.source_ip if self.ctx else "s3.amazonaws.com"
            },
            "responseElements": {
                "x-amz-request-id": self.request_id,
                "x-amz-id-2": host_id_of(self.request_id),
            },
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": configuration_id,
                "bucket": {
                    "name": bucket.name,
                    "ownerIdentity": {"principalId": _customer_id(bucket.account_id)},
                    "arn": bucket_arn(bucket.name),
                },
                "object": {"key": quote_plus(self.key, safe="/"), **self.about},
            },
            **self.more,
        }
        return {"Records": [record]}

    def bridged(self, more: Mapping[str, Any]) -> dict[str, Any]:
        """What EventBridge receives. more: members of its detail.

        AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
        """
        bucket = self.bucket
        detail_type, reason = _DETAIL_TYPES[self.event]
        names = {"eTag": "etag", "versionId": "version-id"}
        about = {names.get(name, name): value for name, value in self.about.items()}
        detail: dict[str, Any] = {
            "version": "0",
            "bucket": {"name": bucket.name},
            "object": {"key": self.key, **about},
            "request-id": self.request_id,
            "requester": self.ctx.principal.account_id if self.ctx else "s3.amazonaws.com",
        }
        if self.ctx and self.ctx.source_ip:
            detail["source-ip-address"] = self.ctx.source_ip
        if reason:
            detail["reason"] = reason
        if detail_type == "Object Deleted":
            is_marker = self.event.endswith("DeleteMarkerCreated")
            detail["deletion-type"] = (
                "Delete Marker Created" if is_marker else "Permanently Deleted"
            )
        detail |= more
        text = f"{self.request_id} {self.event} {self.key} {self.about}"
        return {
            "version": "0",
            "id": hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32],
            "detail-type": detail_type,
            "source": "aws.s3",
            "account": bucket.account_id,
            "time": clock.isoformat(self.at),
            "region": bucket.bucket_region,
            "resources": [bucket_arn(bucket.name)],
            "detail": detail,
        }

    def _who(self) -> str:
        if self.ctx is None:
            return "s3.amazonaws.com"
        principal = self.ctx.principal
        return "Anonymous" if principal.kind == "anonymous" else f"AWS:{principal.user_id}"


_IN_SEQUENCE = ("ObjectCreated:", "ObjectRemoved:", "LifecycleExpiration:")


def _keep(found: "Iterator[Notification] | list[Notification]") -> None:
    for row in found:
        row.save(force_insert=True)
        if row.pk % _TRIM_EVERY == 0:
            _trim(row.bucket_id)


def _trim(bucket_pk: int) -> None:
    kept = Notification.objects.filter(bucket_id=bucket_pk).order_by("-pk")
    last = kept.values_list("pk", flat=True)[KEPT - 1 : KEPT].first()
    if last is not None:
        Notification.objects.filter(bucket_id=bucket_pk, pk__lt=last).delete()


def moment(at: datetime) -> str:
    """As the records print times."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def _customer_id(account_id: str) -> str:
    """Which customer an account is, as old as the canonical user id, and as meaningless."""
    return f"A{canonical_id(account_id)[:13].upper()}"
