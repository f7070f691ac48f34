"""Lifecycle rules, carried out: expiration, transition, and the end of unfinished uploads.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber

from s3 import notifications, rows, versions
from s3.attributes import ARCHIVES
from s3.errors import AccessDenied, NoSuchKey, PreconditionFailed
from s3.expiry import NAME, conditions_of
from s3.models import Bucket, MultipartUpload, ObjectVersion
from s3.rows import BucketRow

Rule = Mapping[str, Any]
# The waterfall: a rule moves objects down it only.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
WARMTH = {
    "STANDARD": 0,
    "REDUCED_REDUNDANCY": 0,
    "STANDARD_IA": 1,
    "INTELLIGENT_TIERING": 2,
    "ONEZONE_IA": 3,
    "GLACIER_IR": 4,
    "GLACIER": 5,
    "DEEP_ARCHIVE": 6,
}
VARIES = "varies_by_storage_class"
# Below, a transition costs more than it saves; AWS leaves such objects where they are.
MIN_TRANSITION_BYTES = 128 * 1024
BATCH = 500


def run() -> int:
    """Carries out the rules of every bucket that has some; answers how many rows changed."""
    named = Bucket.objects.filter(configurations__has_key="lifecycle")
    return sum(run_bucket(name) for name in named.values_list("name", flat=True))


def run_bucket(name: str) -> int:
    bucket = rows.find_bucket(name)
    row = Bucket.objects.filter(name=name).first()
    if bucket is None or row is None or bucket.is_suspended:
        return 0
    rules = row.configurations.get("lifecycle", {}).get("Rules", ())
    enabled = [rule for rule in rules if rule["Status"] == "Enabled"]
    return sum(_run_rule(bucket, rule) for rule in enabled)


def _run_rule(bucket: BucketRow, rule: Rule) -> int:
    now = versions.now(bucket)
    changed = _abort_uploads(bucket, rule, now)
    changed += _expire_noncurrent(bucket, rule, now)
    changed += _expire(bucket, rule, now)
    return changed + _transition(bucket, rule, now)


def due_before(now: datetime, days: int) -> datetime:
    """What was made before this is `days` old, counted to the midnight (UTC) that follows."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=days)


def _matching(bucket: BucketRow, rule: Rule) -> QuerySet[ObjectVersion]:
    """Versions that the rule's filter takes in."""
    conditions = conditions_of(rule)
    found = ObjectVersion.objects.filter(bucket_id=bucket.pk)
    if prefix := conditions.get("Prefix"):
        found = found.filter(key__startswith=prefix)
    for tag in conditions.get("Tags", ()):
        found = found.filter(tags__contains={tag["Key"]: tag["Value"]})
    if "ObjectSizeGreaterThan" in conditions:
        found = found.filter(size__gt=conditions["ObjectSizeGreaterThan"])
    if "ObjectSizeLessThan" in conditions:
        found = found.filter(size__lt=conditions["ObjectSizeLessThan"])
    return found


def _aged(
    found: QuerySet[ObjectVersion], action: Mapping[str, Any], now: datetime, days: str = "Days"
) -> QuerySet[ObjectVersion] | None:
    """Those that the action's days or date have reached; None where it names neither."""
    if days in action:
        return found.filter(last_modified__lt=due_before(now, action[days]))
    if "Date" in action:
        reached = datetime.fromisoformat(action["Date"]) <= now
        return found if reached else found.none()
    return None


def _expire(bucket: BucketRow, rule: Rule, now: datetime) -> int:
    action = rule.get("Expiration") or {}
    latest = _matching(bucket, rule).filter(is_latest=True)
    changed = 0
    due = _aged(latest.filter(is_delete_marker=False), action, now)
    if due is not None:
        for version in _batches(due):
            # What was written or deleted meanwhile is not due.
            with suppress(PreconditionFailed, NoSuchKey), notifications.together(bucket):
                gone = versions.delete(
                    bucket, version.key, {"if_match": version.etag}, is_expiry=True
                )
                _tell_expired(bucket, version.key, gone, is_marker="DeleteMarker" in gone)
                changed += 1
    if action.get("ExpiredObjectDeleteMarker"):
        older = ObjectVersion.objects.filter(
            bucket_id=bucket.pk, key=OuterRef("key"), is_latest=False
        )
        lonely = latest.filter(is_delete_marker=True).exclude(key__in=Subquery(older.values("key")))
        for version in _batches(lonely):
            with notifications.together(bucket):
                gone = versions.delete_version(bucket, version.key, version.version_id, {})
                _tell_expired(bucket, version.key, gone)
            changed += 1
    return changed


def _tell_expired(
    bucket: BucketRow, key: str, gone: Mapping[str, Any], *, is_marker: bool = False
) -> None:
    event = f"LifecycleExpiration:{'DeleteMarkerCreated' if is_marker else 'Delete'}"
    notifications.emit(bucket, event, key, version_id=gone.get("VersionId", ""))


def _noncurrent(
    bucket: BucketRow, rule: Rule, action: Mapping[str, Any], now: datetime
) -> Iterator[ObjectVersion]:
    """Older versions whose successor is old enough, but for the newest that are to stay."""
    newer = ObjectVersion.objects.filter(
        bucket_id=bucket.pk, key=OuterRef("key"), pk__gt=OuterRef("pk")
    ).order_by("pk")
    order = Window(RowNumber(), partition_by=F("key"), order_by=F("pk").desc())
    found = _matching(bucket, rule).filter(is_latest=False)
    ranked = found.annotate(since=Subquery(newer.values("last_modified")[:1]), place=order).filter(
        Q(since__lt=due_before(now, action["NoncurrentDays"]))
    )
    kept = action.get("NewerNoncurrentVersions", 0)
    yield from ranked.filter(place__gt=kept).order_by("pk").defer("content")[: BATCH * 20]


def _expire_noncurrent(bucket: BucketRow, rule: Rule, now: datetime) -> int:
    action = rule.get("NoncurrentVersionExpiration")
    if not action:
        return 0
    changed = 0
    for version in _noncurrent(bucket, rule, action, now):
        # Object Lock outlasts a lifecycle.
        with suppress(AccessDenied), notifications.together(bucket):
            gone = versions.delete_version(bucket, version.key, version.version_id, {})
            _tell_expired(bucket, version.key, gone)
            changed += 1
    return changed


def _transition(bucket: BucketRow, rule: Rule, now: datetime) -> int:
    changed = 0
    for action in rule.get("Transitions") or ():
        latest = _matching(bucket, rule).filter(is_latest=True, is_delete_marker=False)
        due = _aged(latest, action, now)
        if due is not None:
            changed += _move(bucket, rule, due, action["StorageClass"])
    for action in rule.get("NoncurrentVersionTransitions") or ():
        pks = [one.pk for one in _noncurrent(bucket, rule, action, now)]
        older = ObjectVersion.objects.filter(pk__in=pks, is_delete_marker=False)
        changed += _move(bucket, rule, older, action["StorageClass"])
    return changed


def _move(bucket: BucketRow, rule: Rule, due: QuerySet[ObjectVersion], to: str) -> int:
    """Into a colder class, never back. What the bucket tells of is moved one by one."""
    warmer = [name for name, rank in WARMTH.items() if rank < WARMTH[to]]
    due = due.filter(storage_class__in=warmer, size__gte=_least_size(bucket, rule, to))
    if "notification" not in bucket.watch:
        return due.update(storage_class=to)
    changed = 0
    more = {"lifecycleEventData": {"transitionEventData": {"destinationStorageClass": to}}}
    for version in _batches(due):
        with notifications.together(bucket):
            changed += due.filter(pk=version.pk).update(storage_class=to)
            notifications.emit(
                bucket,
                "LifecycleTransition",
                version.key,
                size=version.size,
                etag=version.etag,
                version_id=version.version_id,
                more=more,
                detail={"destination-storage-class": to},
            )
    return changed


def _least_size(bucket: BucketRow, rule: Rule, to: str) -> int:
    """Small objects stay, unless the rule names a size, or the bucket leaves it to the class."""
    if {"ObjectSizeGreaterThan", "ObjectSizeLessThan"} & conditions_of(rule).keys():
        return 0
    default = (bucket.watch.get(NAME) or {}).get("TransitionDefaultMinimumObjectSize")
    return 0 if default == VARIES and to in ARCHIVES else MIN_TRANSITION_BYTES


def _abort_uploads(bucket: BucketRow, rule: Rule, now: datetime) -> int:
    action = rule.get("AbortIncompleteMultipartUpload")
    if not action:
        return 0
    prefix = conditions_of(rule).get("Prefix") or ""
    old = MultipartUpload.objects.filter(
        bucket_id=bucket.pk,
        key__startswith=prefix,
        initiated_at__lt=due_before(now, action["DaysAfterInitiation"]),
    )
    return int(old.delete()[0])


def _batches(found: QuerySet[ObjectVersion]) -> Iterator[ObjectVersion]:
    """Of what was due at first; what a batch did not delete is not asked again."""
    last = 0
    while page := list(found.filter(pk__gt=last).order_by("pk").defer("content")[:BATCH]):
        yield from page
        last = page[-1].pk
