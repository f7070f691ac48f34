"""Object Lock: the bucket's default, retention and legal holds of versions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aws.context import Context
from aws.errors import MalformedXML
from aws.operation import Response, operation
from s3 import access, configurations, locks, notifications, replicas, versions
from s3.errors import (
    AccessDenied,
    InvalidBucketState,
    InvalidRequest,
    NoSuchObjectLockConfiguration,
    ObjectLockConfigurationNotFoundError,
    argument,
)
from s3.models import Bucket, ObjectVersion
from s3.operations.objects import require_read
from s3.rows import BucketRow, ObjectRow

MAX_DAYS, MAX_YEARS = 36_500, 100


@operation("s3:PutObjectLockConfiguration")
def put_object_lock_configuration(
    ctx: Context,
    /,
    *,
    bucket: str,
    object_lock_configuration: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Response:
    """Turns Object Lock on, for good, and sets the default retention of new versions.

    Raises InvalidBucketState where versioning is not enabled, InvalidArgument, MalformedXML.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLockConfiguration.html
    """
    found = access.bucket(ctx, "s3:PutBucketObjectLockConfiguration", bucket, **settings)
    wanted = dict(object_lock_configuration or {})
    if wanted.get("ObjectLockEnabled") != "Enabled":
        raise MalformedXML
    if not found.is_versioned:
        raise InvalidBucketState(
            "Versioning must be 'Enabled' on the bucket to apply a Object Lock"
        )
    if rule := wanted.get("Rule"):
        _check_default(rule.get("DefaultRetention") or {})
    configurations.put(found, "object-lock", wanted)
    Bucket.objects.filter(pk=found.pk).update(object_lock=True)
    return {}


@operation("s3:GetObjectLockConfiguration")
def get_object_lock_configuration(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Answers {"ObjectLockConfiguration": {"ObjectLockEnabled", "Rule"}}.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectLockConfiguration.html
    """
    found = access.bucket(ctx, "s3:GetBucketObjectLockConfiguration", bucket, **settings)
    if not found.object_lock:
        raise ObjectLockConfigurationNotFoundError(BucketName=bucket)
    known = found.lock_configuration or {"ObjectLockEnabled": "Enabled"}
    return {"ObjectLockConfiguration": known}


@operation("s3:PutObjectRetention", is_data=True)
def put_object_retention(
    ctx: Context,
    /,
    *,
    bucket: str,
    key: str,
    retention: Mapping[str, Any] | None = None,
    version_id: str = "",
    bypass_governance_retention: bool = False,
    **settings: Any,
) -> Response:
    """Sets or lengthens a version's retention: {"Mode", "RetainUntilDate"}; {} removes it.

    Only who bypasses governance shortens or removes one, and nobody one of compliance.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectRetention.html
    """
    wanted = retention or {}
    mode, until = wanted.get("Mode") or "", wanted.get("RetainUntilDate")
    owner, found = _require(ctx, "s3:PutObjectRetention", bucket, key, version_id, settings)
    if bypass_governance_retention:
        access.require(ctx, "s3:BypassGovernanceRetention", owner, bucket, key=key)
    if bool(mode) != bool(until):
        raise MalformedXML
    now = versions.now(owner)
    if mode:
        locks.check_retention(mode, until, now)
    _check_shortening(found, mode, until, now, may_bypass=bypass_governance_retention)
    with replicas.together(owner), notifications.together(owner):
        ObjectVersion.objects.filter(pk=found.pk).update(lock_mode=mode, retain_until=until)
        notifications.changed(ctx, owner, "ObjectRetention:Put", found)
        replicas.changed(owner, found)
    return {}


@operation("s3:GetObjectRetention", is_data=True)
def get_object_retention(
    ctx: Context, /, *, bucket: str, key: str, version_id: str = "", **settings: Any
) -> Response:
    """Answers {"Retention": {"Mode", "RetainUntilDate"}}.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectRetention.html
    """
    _, found = _require(ctx, "s3:GetObjectRetention", bucket, key, version_id, settings)
    if not found.lock_mode:
        raise NoSuchObjectLockConfiguration(Key=key)
    return {"Retention": {"Mode": found.lock_mode, "RetainUntilDate": found.retain_until}}


@operation("s3:PutObjectLegalHold", is_data=True)
def put_object_legal_hold(
    ctx: Context,
    /,
    *,
    bucket: str,
    key: str,
    legal_hold: Mapping[str, str] | None = None,
    version_id: str = "",
    **settings: Any,
) -> Response:
    """Holds a version until the hold is taken off: {"Status": "ON" or "OFF"}.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLegalHold.html
    """
    owner, found = _require(ctx, "s3:PutObjectLegalHold", bucket, key, version_id, settings)
    status = (legal_hold or {}).get("Status")
    if status not in ("ON", "OFF"):
        raise MalformedXML
    with replicas.together(owner):
        ObjectVersion.objects.filter(pk=found.pk).update(legal_hold=status == "ON")
        replicas.changed(owner, found)
    return {}


@operation("s3:GetObjectLegalHold", is_data=True)
def get_object_legal_hold(
    ctx: Context, /, *, bucket: str, key: str, version_id: str = "", **settings: Any
) -> Response:
    """Answers {"LegalHold": {"Status"}}.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectLegalHold.html
    """
    _, found = _require(ctx, "s3:GetObjectLegalHold", bucket, key, version_id, settings)
    return {"LegalHold": {"Status": "ON" if found.legal_hold else "OFF"}}


def _require(
    ctx: Context, action: str, bucket: str, key: str, version_id: str, settings: Mapping[str, Any]
) -> tuple[BucketRow, ObjectRow]:
    """These actions have one name, with and without a version id."""
    owner, found = require_read(
        ctx, bucket, key, version_id, settings, action=action, is_one_name=True
    )
    if not owner.object_lock:
        raise InvalidRequest(reason="Bucket is missing Object Lock Configuration")
    return owner, found


def _check_default(default: Mapping[str, Any]) -> None:
    """Raises MalformedXML, InvalidArgument."""
    days, years = default.get("Days"), default.get("Years")
    if default.get("Mode") not in (locks.GOVERNANCE, locks.COMPLIANCE) or (
        (days is None) == (years is None)
    ):
        raise MalformedXML
    name, value, limit = ("Days", days, MAX_DAYS) if years is None else ("Years", years, MAX_YEARS)
    if not 0 < (value or 0) <= limit:
        raise argument(name, value, "Default retention period must be a positive integer value.")


def _check_shortening(
    found: ObjectRow, mode: str, until: Any, now: datetime, *, may_bypass: bool
) -> None:
    """Raises AccessDenied."""
    held = found.retain_until
    if held is None or held <= now:
        return
    is_longer = isinstance(until, datetime) and until >= held
    keeps_mode = mode == found.lock_mode or mode == locks.COMPLIANCE
    if is_longer and keeps_mode:
        return
    if found.lock_mode == locks.GOVERNANCE and may_bypass:
        return
    raise AccessDenied("Access Denied because object protected by object lock.")
