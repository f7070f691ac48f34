"""Replication configurations of buckets. `s3.replication` carries them out."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from aws.arn import Arn
from aws.context import Context
from aws.errors import AwsError, MalformedXML
from aws.operation import Response, operation
from s3 import access, configurations, replicas, roles, rows
from s3.attributes import STORAGE_CLASSES
from s3.errors import (
    AccessDenied,
    InvalidArgument,
    InvalidRequest,
    ReplicationConfigurationNotFoundError,
)
from s3.replicas import is_on, prefix_of, tags_of
from s3.rows import BucketRow

MAX_RULES = 1000
MAX_ID = 255
# What AWS promises, and the only number that it takes.
RTC_MINUTES = 15
_ARN = "arn:aws:s3:::"
_SCHEMA = (
    "must be specified for this version of Cross Region Replication configuration schema. Please "
    "refer to S3 Developer Guide for more information"
)


@operation("s3:PutBucketReplication")
def put_bucket_replication(
    ctx: Context, /, *, bucket: str, replication_configuration: Mapping[str, Any], **settings: Any
) -> Response:
    """Replaces the rules: {"Role": ARN, "Rules": [{"ID", "Status", "Filter", "Destination", …}]}.

    The caller has to be allowed to pass the role; what is put from then on is replicated as that
    role, within seconds. Raises InvalidRequest, InvalidArgument, MalformedXML.
    Simplified: replication time control keeps no statistics of its own; what is sealed under KMS
    becomes one part.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html
    """
    found = access.bucket(ctx, "s3:PutReplicationConfiguration", bucket, **settings)
    role, listed = replication_configuration["Role"], replication_configuration["Rules"]
    _require_own(ctx, found, role)
    ctx.authorize(
        "iam:PassRole",
        role,
        conditions={"iam:PassedToService": roles.SERVICE},
        answered_by="s3",
    )
    if not found.is_versioned:
        raise InvalidRequest(
            reason="Versioning must be 'Enabled' on the bucket to apply a replication configuration"
        )
    if not 0 < len(listed) <= MAX_RULES:
        raise MalformedXML
    kept = [{"ID": secrets.token_hex(24), **rule} for rule in listed]
    _check_together(kept)
    for rule in kept:
        _check(found, rule)
    _check_role(found, role)
    configurations.put(found, replicas.NAME, {"Role": role, "Rules": kept})
    return {}


@operation("s3:GetBucketReplication")
def get_bucket_replication(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Answers {"ReplicationConfiguration": …}. Raises ReplicationConfigurationNotFoundError.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketReplication.html
    """
    found = access.bucket(ctx, "s3:GetReplicationConfiguration", bucket, **settings)
    missing = ReplicationConfigurationNotFoundError
    return {"ReplicationConfiguration": configurations.get(found, replicas.NAME, missing)}


@operation("s3:DeleteBucketReplication")
def delete_bucket_replication(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Ends it; replicas stay.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketReplication.html
    """
    found = access.bucket(ctx, "s3:PutReplicationConfiguration", bucket, **settings)
    configurations.delete(found, replicas.NAME)
    return {}


def _require_own(ctx: Context, found: BucketRow, role: str) -> None:
    """Nobody has S3 work as a role of somebody else's account. Raises AccessDenied."""
    try:
        owner = Arn.parse(role).account_id
    except ValueError:
        raise InvalidArgument(
            reason="Invalid Amazon Resource Name for the role",
            ArgumentName="Role",
            ArgumentValue=role[:200],
        ) from None
    if not owner == ctx.account_id == found.account_id:
        raise AccessDenied("Cross-account pass role is not allowed.")


def _check_role(found: BucketRow, role: str) -> None:
    """It is there, and trusts S3. Raises InvalidArgument."""
    try:
        roles.assume(found, role)
    except AwsError:
        raise InvalidArgument(
            reason="Amazon S3 cannot assume the role. Its trust policy has to name "
            f"{roles.SERVICE}.",
            ArgumentName="Role",
            ArgumentValue=role[:200],
        ) from None


def _check_together(rules: Sequence[Mapping[str, Any]]) -> None:
    """What rules must not have in common. Raises InvalidArgument, InvalidRequest."""
    if len({rule["ID"] for rule in rules}) < len(rules):
        raise InvalidArgument(reason="Rule Id must be unique")
    with_filter = [rule for rule in rules if "Filter" in rule]
    if with_filter and len(with_filter) < len(rules):
        raise InvalidRequest(
            reason="Both Filter and Prefix cannot be used in one replication configuration"
        )
    priorities = [rule.get("Priority") for rule in with_filter]
    if len(set(priorities)) < len(priorities):
        raise InvalidRequest(
            reason=f"Found duplicate priority {max(priorities, key=priorities.count)}"
        )
    prefixes = sorted(prefix_of(rule) for rule in rules if "Filter" not in rule)
    for first, second in zip(prefixes, prefixes[1:], strict=False):
        if second.startswith(first):
            raise InvalidRequest(
                reason=f"Found overlapping prefixes '{first}' and '{second}' in the rules"
            )


def _check(found: BucketRow, rule: Mapping[str, Any]) -> None:
    if len(rule["ID"]) > MAX_ID:
        raise InvalidArgument(reason="Rule Id must not be longer than 255 characters")
    if "Filter" in rule:
        _check_filter(rule)
    elif "Prefix" not in rule or "DeleteMarkerReplication" in rule:
        raise MalformedXML
    _check_destination(found, rule)
    _check_timing(rule["Destination"])


def _check_filter(rule: Mapping[str, Any]) -> None:
    conditions = rule["Filter"] or {}
    if len(conditions) > 1 or ("Prefix" in rule):
        raise MalformedXML
    if "Priority" not in rule:
        raise InvalidRequest(reason=f"Priority {_SCHEMA}")
    if rule["Priority"] < 0:
        raise InvalidArgument(reason="Priority must not be negative", ArgumentName="Priority")
    if "DeleteMarkerReplication" not in rule:
        raise InvalidRequest(reason=f"DeleteMarkerReplication {_SCHEMA}")
    if list(tags_of(rule)) and is_on(rule, "DeleteMarkerReplication"):
        raise InvalidRequest(
            reason="Delete marker replication is not supported if any Tag filter is specified. "
            "Please refer to S3 Developer Guide for more information."
        )


def _check_destination(found: BucketRow, rule: Mapping[str, Any]) -> None:
    wanted = rule["Destination"]
    if not wanted["Bucket"].startswith(_ARN):
        raise InvalidArgument(
            reason="Invalid bucket ARN",
            ArgumentName="Bucket",
            ArgumentValue=wanted["Bucket"][:200],
        )
    target = rows.find_bucket(replicas.destination_of(rule))
    if target is None:
        raise InvalidRequest(reason="Destination bucket must exist.")
    if target.pk == found.pk:
        raise InvalidRequest(reason="Source bucket and destination bucket cannot be the same.")
    if not target.is_versioned:
        raise InvalidRequest(reason="Destination bucket must have versioning enabled.")
    if found.object_lock and not target.object_lock:
        raise InvalidRequest(reason="Destination bucket must have Object Lock enabled.")
    if wanted.get("StorageClass", "STANDARD") not in STORAGE_CLASSES:
        raise MalformedXML
    if "AccessControlTranslation" in wanted and not wanted.get("Account"):
        raise InvalidArgument(
            reason="Account must be specified for an access control translation",
            ArgumentName="Account",
        )
    has_key = bool((wanted.get("EncryptionConfiguration") or {}).get("ReplicaKmsKeyID"))
    if has_key != is_on(rule, "SourceSelectionCriteria", "SseKmsEncryptedObjects"):
        raise InvalidRequest(
            reason="SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present"
            if has_key
            else "EncryptionConfiguration must be specified if SseKmsEncryptedObjects tag is "
            "present"
        )


def _check_timing(wanted: Mapping[str, Any]) -> None:
    """Replication time control comes with metrics, and with one number."""
    timing, metrics = wanted.get("ReplicationTime"), wanted.get("Metrics")
    minutes = [
        part["Minutes"]
        for part in ((timing or {}).get("Time"), (metrics or {}).get("EventThreshold"))
        if part
    ]
    if any(each != RTC_MINUTES for each in minutes):
        raise InvalidArgument(
            reason="The replication time has to be 15 minutes", ArgumentName="Minutes"
        )
    if is_on(wanted, "ReplicationTime") and not is_on(wanted, "Metrics"):
        raise InvalidRequest(reason="ReplicationTime needs Metrics to be enabled")
