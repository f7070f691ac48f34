"""Archived objects: what cannot be read before it is restored, and for how long it then can.

A restore is two moments of the account's clock in the version's row, ready_at and expires_at; what
state it is in follows from the time. How long it takes depends on the tier and on LAB_PACE. `run`
tells of its end and takes it off the row, which no reader waits for.
AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html
"""

import json
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from django.conf import settings as django_settings
from django.db import transaction

from aws import clock
from s3 import notifications, rows, versions
from s3.attributes import ARCHIVES
from s3.errors import InvalidArgument, InvalidObjectState, RestoreAlreadyInProgress
from s3.models import ObjectVersion
from s3.rows import BucketRow, ObjectRow

# Class and tier → how long AWS takes at most, and how many seconds a classroom waits.
DELAYS = {
    ("GLACIER", "Expedited"): (timedelta(minutes=5), 3),
    ("GLACIER", "Standard"): (timedelta(hours=5), 10),
    ("GLACIER", "Bulk"): (timedelta(hours=12), 20),
    ("DEEP_ARCHIVE", "Standard"): (timedelta(hours=12), 15),
    ("DEEP_ARCHIVE", "Bulk"): (timedelta(hours=48), 30),
}
TIERS = ("Standard", "Bulk", "Expedited")
BATCH = 1000
# told: since when a restore is known to be complete; nothing more is due before it expires.
_DUE = """SELECT b.name, o.key, o.version_id FROM s3_objectversion o
    JOIN s3_bucket b ON b.id = o.bucket_id JOIN aws_account a ON a.account_id = o.account_id
    WHERE NOT o.restore = '{}'::jsonb AND a.status = 'ACTIVE'
    AND (o.restore->>(CASE WHEN o.restore ? 'told_at' THEN 'expires_at' ELSE 'ready_at' END))
        ::timestamptz <= %s::timestamptz + a.clock_offset
    ORDER BY o.id LIMIT %s"""


def delay(storage_class: str, tier: str) -> timedelta:
    """Raises InvalidArgument for a tier that the class does not have."""
    known = DELAYS.get((storage_class, tier))
    if known is None:
        raise InvalidArgument(
            reason=f"{tier} retrieval is not available for the storage class {storage_class}",
            ArgumentName="Tier",
            ArgumentValue=tier,
        )
    realistic, classroom = known
    paces = {
        "instant": timedelta(),
        "classroom": timedelta(seconds=classroom),
        "realistic": realistic,
    }
    return paces[django_settings.LAB_PACE]


def begin(bucket: BucketRow, found: ObjectRow, days: int, tier: str) -> tuple[dict[str, str], bool]:
    """What to keep in the row, and whether a copy was there already, whose end this moves.

    Raises InvalidObjectState, RestoreAlreadyInProgress, InvalidArgument.
    """
    if found.storage_class not in ARCHIVES:
        raise InvalidObjectState(
            "Restore is not allowed for the object's current storage class",
            StorageClass=found.storage_class,
        )
    now = versions.now(bucket)
    if _is_ongoing(found, now):
        raise RestoreAlreadyInProgress
    if is_restored(found, now):
        return {**found.restore, "expires_at": _expiry(now, days).isoformat()}, True
    ready = now + delay(found.storage_class, tier)
    return {
        "tier": tier,
        "ready_at": ready.isoformat(),
        "expires_at": _expiry(ready, days).isoformat(),
    }, False


def run() -> int:
    """Tells of restores that are complete or have expired; answers how many versions of."""
    due = rows.run(_DUE, [clock.real_now(), BATCH]).fetchall()
    return sum(_tell(bucket, key, version_id) for bucket, key, version_id in due)


@transaction.atomic
def _tell(name: str, key: str, version_id: str) -> bool:
    """False where it has gone, or was asked for again, meanwhile."""
    bucket = rows.find_bucket(name)
    if bucket is None:
        return False
    rows.lock(bucket, key)
    found = rows.version(bucket, key, version_id)
    now = versions.now(bucket)
    if found is None or not found.restore or _is_ongoing(found, now):
        return False
    kept = found.restore
    if "told_at" not in kept:
        notifications.changed(None, bucket, "ObjectRestore:Completed", found, **_about(found))
        kept = {**kept, "told_at": now.isoformat()}
    if not is_restored(found, now):
        notifications.changed(None, bucket, "ObjectRestore:Delete", found)
        kept = {}
    keep(found, kept)
    return kept != found.restore


def _about(found: ObjectRow) -> dict[str, Any]:
    """What messages of a complete restore have beside the object."""
    expiry = datetime.fromisoformat(found.restore["expires_at"])
    return {
        "more": {
            "glacierEventData": {
                "restoreEventData": {
                    "lifecycleRestorationExpiryTime": notifications.moment(expiry),
                    "lifecycleRestoreStorageClass": found.storage_class,
                }
            }
        },
        "detail": {
            "restore-expiry-time": clock.isoformat(expiry),
            "source-storage-class": found.storage_class,
        },
    }


def keep(found: ObjectRow, restore: dict[str, str]) -> None:
    """In the transaction that holds the key's lock."""
    ObjectVersion.objects.filter(pk=found.pk).update(restore=restore)


def require_readable(bucket: BucketRow, found: ObjectRow) -> None:
    """Raises InvalidObjectState for an archived object without a restored copy."""
    if found.storage_class in ARCHIVES and not is_restored(found, versions.now(bucket)):
        raise InvalidObjectState(StorageClass=found.storage_class)


def describe(bucket: BucketRow, found: ObjectRow) -> dict[str, str]:
    """The Restore member of GetObject and HeadObject, {} for none."""
    now = versions.now(bucket)
    if _is_ongoing(found, now):
        return {"Restore": 'ongoing-request="true"'}
    if is_restored(found, now):
        expiry = format_datetime(datetime.fromisoformat(found.restore["expires_at"]), usegmt=True)
        return {"Restore": f'ongoing-request="false", expiry-date="{expiry}"'}
    return {}


def status(bucket: BucketRow, column: str) -> dict[str, Any] | None:
    """The RestoreStatus member of a list's item. column: JSON."""
    if column == "{}":
        return None
    restore, now = json.loads(column), versions.now(bucket)
    if now < datetime.fromisoformat(restore["ready_at"]):
        return {"IsRestoreInProgress": True}
    expires = datetime.fromisoformat(restore["expires_at"])
    if now < expires:
        return {"IsRestoreInProgress": False, "RestoreExpiryDate": expires}
    return None


def is_restored(found: ObjectRow, now: datetime) -> bool:
    return bool(found.restore) and (
        datetime.fromisoformat(found.restore["ready_at"])
        <= now
        < datetime.fromisoformat(found.restore["expires_at"])
    )


def _is_ongoing(found: ObjectRow, now: datetime) -> bool:
    return bool(found.restore) and now < datetime.fromisoformat(found.restore["ready_at"])


def _expiry(start: datetime, days: int) -> datetime:
    """AWS rounds up to the midnight (UTC) that follows."""
    end = start + timedelta(days=days + 1)
    return end.replace(hour=0, minute=0, second=0, microsecond=0)
