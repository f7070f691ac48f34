"""What a bucket's pages read: a configuration that was never put reads as its default."""

from collections.abc import Callable
from typing import Any

from aws.context import Context
from aws.errors import AwsError
from s3 import operations
from s3.errors import (
    NoSuchBucketPolicy,
    NoSuchCORSConfiguration,
    NoSuchLifecycleConfiguration,
    NoSuchPublicAccessBlockConfiguration,
    NoSuchTagSet,
    NoSuchWebsiteConfiguration,
    ObjectLockConfigurationNotFoundError,
    OwnershipControlsNotFoundError,
    ReplicationConfigurationNotFoundError,
)

Operation = Callable[..., dict[str, Any]]


def _read(
    operation: Operation, ctx: Context, bucket: str, missing: type[AwsError]
) -> dict[str, Any]:
    """The operation's answer, {} where it raises `missing`."""
    try:
        return operation(ctx, bucket=bucket)
    except missing:
        return {}


def tags(ctx: Context, bucket: str) -> list[dict[str, str]]:
    answer = _read(operations.get_bucket_tagging, ctx, bucket, NoSuchTagSet)
    return list(answer.get("TagSet", ()))


def policy(ctx: Context, bucket: str) -> str:
    answer = _read(operations.get_bucket_policy, ctx, bucket, NoSuchBucketPolicy)
    return str(answer.get("Policy", ""))


def blocks(ctx: Context, bucket: str) -> dict[str, bool]:
    """{"BlockPublicAcls": bool, …}; {} is all off."""
    missing = NoSuchPublicAccessBlockConfiguration
    answer = _read(operations.get_public_access_block, ctx, bucket, missing)
    return dict(answer.get("PublicAccessBlockConfiguration", {}))


def account_blocks(ctx: Context) -> dict[str, bool]:
    """As `blocks`, of the caller's whole account."""
    try:
        answer = operations.get_account_public_access_block(ctx, account_id=ctx.account_id)
    except NoSuchPublicAccessBlockConfiguration:
        return {}
    return dict(answer["PublicAccessBlockConfiguration"])


def ownership(ctx: Context, bucket: str) -> str:
    """Without controls a bucket behaves as with ObjectWriter."""
    missing = OwnershipControlsNotFoundError
    answer = _read(operations.get_bucket_ownership_controls, ctx, bucket, missing)
    rules = answer.get("OwnershipControls", {}).get("Rules") or [{}]
    return str(rules[0].get("ObjectOwnership", "ObjectWriter"))


def cors(ctx: Context, bucket: str) -> list[dict[str, Any]]:
    answer = _read(operations.get_bucket_cors, ctx, bucket, NoSuchCORSConfiguration)
    return list(answer.get("CORSRules", ()))


def encryption(ctx: Context, bucket: str) -> dict[str, Any]:
    """{"SSEAlgorithm", "KMSMasterKeyID", "BucketKeyEnabled"}"""
    answer = operations.get_bucket_encryption(ctx, bucket=bucket)
    rule = answer["ServerSideEncryptionConfiguration"]["Rules"][0]
    default = rule.get("ApplyServerSideEncryptionByDefault", {"SSEAlgorithm": "AES256"})
    return {**default, "BucketKeyEnabled": bool(rule.get("BucketKeyEnabled"))}


def lock(ctx: Context, bucket: str) -> dict[str, Any]:
    """{"ObjectLockEnabled": "Enabled", "Rule": …}, {} where it is off."""
    missing = ObjectLockConfigurationNotFoundError
    answer = _read(operations.get_object_lock_configuration, ctx, bucket, missing)
    return dict(answer.get("ObjectLockConfiguration", {}))


def notifications(ctx: Context, bucket: str) -> dict[str, Any]:
    return operations.get_bucket_notification_configuration(ctx, bucket=bucket)


def website(ctx: Context, bucket: str) -> dict[str, Any]:
    return _read(operations.get_bucket_website, ctx, bucket, NoSuchWebsiteConfiguration)


def lifecycle(ctx: Context, bucket: str) -> list[dict[str, Any]]:
    """The rules, without the elements that were not given."""
    operation = operations.get_bucket_lifecycle_configuration
    answer = _read(operation, ctx, bucket, NoSuchLifecycleConfiguration)
    return list(answer.get("Rules", ()))


def replication(ctx: Context, bucket: str) -> dict[str, Any]:
    """{"Role", "Rules"}, {} where there are no rules."""
    missing = ReplicationConfigurationNotFoundError
    answer = _read(operations.get_bucket_replication, ctx, bucket, missing)
    return dict(answer.get("ReplicationConfiguration", {}))
