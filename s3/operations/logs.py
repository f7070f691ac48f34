"""Server access logging: its configuration. `s3.access_logs` writes and delivers."""

from collections.abc import Mapping
from typing import Any

from aws.context import Context
from aws.errors import MalformedXML
from aws.operation import Response, operation
from s3 import access, configurations, grants, rows
from s3.errors import (
    AccessControlListNotSupported,
    CrossLocationLoggingProhibitted,
    InvalidTargetBucketForLogging,
)
from s3.models import Bucket
from s3.rows import BucketRow

MAX_PREFIX = 512
_NEEDED = {"WRITE", "READ_ACP"}


@operation("s3:PutBucketLogging")
def put_bucket_logging(
    ctx: Context, /, *, bucket: str, bucket_logging_status: Mapping[str, Any], **settings: Any
) -> Response:
    """Has each request's line put into a target bucket of the same account and region.

    bucket_logging_status: {"LoggingEnabled": {"TargetBucket", "TargetPrefix", "TargetGrants",
    "TargetObjectKeyFormat"}}; {} ends it. The target's policy has to let logging.s3.amazonaws.com
    put objects; a target with access control lists may grant the log delivery group instead.
    Raises InvalidTargetBucketForLogging, CrossLocationLoggingProhibitted,
    AccessControlListNotSupported. Simplified: lines are delivered every minute.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html
    """
    found = access.bucket(ctx, "s3:PutBucketLogging", bucket, **settings)
    wanted = bucket_logging_status.get("LoggingEnabled")
    if not wanted:
        configurations.delete(found, "logging")
        configurations.delete(found, "logging-delivery")
        return {}
    if len(wanted["TargetPrefix"]) > MAX_PREFIX or len(_formats(wanted)) > 1:
        raise MalformedXML
    kept = {name: value for name, value in wanted.items() if value not in (None, [])}
    target = _target(found, wanted["TargetBucket"])
    if listed := wanted.get("TargetGrants"):
        if target.object_ownership == Bucket.Ownership.ENFORCED:
            raise AccessControlListNotSupported
        kept["TargetGrants"] = [_checked_grant(one) for one in listed]
    configurations.put(found, "logging", {"LoggingEnabled": kept})
    return {}


@operation("s3:GetBucketLogging")
def get_bucket_logging(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Answers {"LoggingEnabled": …}, {} where logging is off.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLogging.html
    """
    found = access.bucket(ctx, "s3:GetBucketLogging", bucket, **settings)
    answer: Response = configurations.find(found, "logging") or {}
    return answer


def _target(source: BucketRow, name: str) -> BucketRow:
    target = rows.find_bucket(name)
    if target is None or target.account_id != source.account_id:
        raise InvalidTargetBucketForLogging(TargetBucket=name)
    if target.bucket_region != source.bucket_region:
        raise CrossLocationLoggingProhibitted(
            SourceBucketLocation=source.bucket_region, TargetBucketLocation=target.bucket_region
        )
    has_lists = target.object_ownership != Bucket.Ownership.ENFORCED
    given = {
        one["Permission"]
        for one in target.grants
        if one["Grantee"].get("URI") == grants.LOG_DELIVERY
    }
    if has_lists and not target.policy and not given >= _NEEDED and "FULL_CONTROL" not in given:
        raise InvalidTargetBucketForLogging(TargetBucket=name)
    return target


def _formats(wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = wanted.get("TargetObjectKeyFormat") or {}
    return found


def _checked_grant(wanted: Mapping[str, Any]) -> dict[str, Any]:
    if not wanted.get("Grantee") or not wanted.get("Permission"):
        raise MalformedXML
    return {
        "Grantee": grants.check_grantee(wanted["Grantee"]),
        "Permission": wanted["Permission"],
    }
