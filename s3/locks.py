"""Object Lock: retention and legal hold of versions.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from aws import clock
from s3.errors import AccessDenied, InvalidRequest, argument
from s3.rows import BucketRow, ObjectRow, Parameters

GOVERNANCE, COMPLIANCE = "GOVERNANCE", "COMPLIANCE"


def columns(bucket: BucketRow, settings: Mapping[str, Any]) -> Parameters:
    """The lock of a new version: the request's own, else the bucket's default."""
    mode, until = settings.get("object_lock_mode"), settings.get("object_lock_retain_until_date")
    hold = settings.get("object_lock_legal_hold_status")
    if not bucket.object_lock:
        if mode or until or hold:
            raise InvalidRequest(reason="Bucket is missing ObjectLockConfiguration")
        return {}
    if bool(mode) != bool(until):
        raise argument(
            "x-amz-object-lock-mode",
            mode,
            "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
        )
    now = clock.now(bucket.clock_offset)
    if mode:
        check_retention(mode, until, now)
    else:
        mode, until = _default(bucket, now)
    return {"lock_mode": mode or "", "retain_until": until, "legal_hold": hold == "ON"}


def check_retention(mode: Any, until: Any, now: datetime) -> None:
    """Raises InvalidArgument."""
    if mode not in (GOVERNANCE, COMPLIANCE):
        raise argument("x-amz-object-lock-mode", mode, "Unknown wormMode directive.")
    if not isinstance(until, datetime) or until <= now:
        raise argument(
            "x-amz-object-lock-retain-until-date",
            until,
            "The retain until date must be in the future!",
        )


def require_unlocked(bucket: BucketRow, found: ObjectRow, *, bypass: bool) -> None:
    """Before a version is deleted. Raises AccessDenied.

    bypass: the caller asked to bypass governance, and may.
    """
    if found.legal_hold:
        raise AccessDenied("Access Denied because object protected by object lock.")
    is_held = found.retain_until is not None and found.retain_until > clock.now(bucket.clock_offset)
    if is_held and not (bypass and found.lock_mode == GOVERNANCE):
        raise AccessDenied("Access Denied because object protected by object lock.")


def describe(found: ObjectRow) -> dict[str, Any]:
    """The members of GetObject about the lock."""
    answer: dict[str, Any] = {}
    if found.lock_mode:
        answer |= {
            "ObjectLockMode": found.lock_mode,
            "ObjectLockRetainUntilDate": found.retain_until,
        }
    if found.legal_hold:
        answer["ObjectLockLegalHoldStatus"] = "ON"
    return answer


def _default(bucket: BucketRow, now: datetime) -> tuple[str, datetime | None]:
    rule = bucket.lock_configuration.get("Rule", {}).get("DefaultRetention")
    if not rule:
        return "", None
    days = rule["Days"] if "Days" in rule else rule["Years"] * 365
    return str(rule["Mode"]), now + timedelta(days=days)
