"""Keys: create, describe, list, enable, disable."""

from typing import Any

from aws import lifecycle
from aws.context import Context
from aws.errors import ValidationException
from aws.operation import Response, operation
from aws.paging import paginate
from kms import lookup, policies, quotas, specs
from kms import tags as tagging
from kms.errors import (
    InvalidMarkerException,
    LimitExceededException,
    MalformedPolicyDocumentException,
    UnsupportedOperationException,
)
from kms.models import Key
from kms.tags import KmsTags

LOCKED_OUT = "The new key policy will not allow you to update the key policy in the future."


@operation("kms:CreateKey")
def create_key(
    ctx: Context,
    /,
    *,
    policy: str = "",
    description: str = "",
    key_usage: str = "",
    customer_master_key_spec: str = "",
    key_spec: str = "",
    origin: str = "AWS_KMS",
    bypass_policy_lockout_safety_check: bool = False,
    tags: KmsTags = (),
    multi_region: bool = False,
    **_: Any,
) -> Response:
    """Creates a key of the account in the region, enabled. Answers {"KeyMetadata": …}.

    policy: by default all authority is the account's. key_spec: by default SYMMETRIC_DEFAULT;
    key_usage has to be given where a spec has more than one.
    Raises LimitExceededException, MalformedPolicyDocumentException, TagException,
    UnsupportedOperationException, ValidationException.
    Simplified: no imported key material, key stores, multi-Region keys, key agreement and
    post-quantum or SM2 specs.
    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
    """
    wanted = tagging.read(tags)
    spec = key_spec or customer_master_key_spec or specs.SYMMETRIC_DEFAULT
    bypass = "true" if bypass_policy_lockout_safety_check else "false"
    conditions = {
        "kms:KeySpec": spec,
        "kms:KeyOrigin": origin,
        "kms:MultiRegion": "true" if multi_region else "false",
        "kms:BypassPolicyLockoutSafetyCheck": bypass,
        "kms:CallerAccount": ctx.principal.account_id,
    }
    if key_usage:
        conditions["kms:KeyUsage"] = key_usage
    ctx.authorize("kms:CreateKey", request_tags=wanted, conditions=conditions)
    if wanted:
        ctx.authorize("kms:TagResource", request_tags=wanted, conditions=conditions)
    if origin != "AWS_KMS" or multi_region:
        what = "Multi-Region keys are" if multi_region else f"The origin {origin} is"
        raise UnsupportedOperationException(reason=f"{what} not offered by this lab.")
    usage = _usage(spec, key_usage)
    if Key.objects.in_scope(ctx).filter(key_manager="CUSTOMER").count() >= quotas.KEYS:
        raise LimitExceededException(reason=f"Cannot exceed {quotas.KEYS} KMS keys.")
    if policy:
        policies.require_valid(policy)
    key = lookup.create(
        ctx,
        policy=policy or policies.default(ctx.account_id),
        key_spec=spec,
        key_usage=usage,
        description=description,
        tags=wanted,
    )
    if not bypass_policy_lockout_safety_check:
        require_not_locked_out(ctx, key, key.policy)
    return {"KeyMetadata": key.as_aws()}


@operation("kms:DescribeKey")
def describe_key(ctx: Context, /, *, key_id: str, **_: Any) -> Response:
    """Answers {"KeyMetadata": …}; also of another account's key, by its ARN.

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
    """
    key = lookup.require(ctx, "kms:DescribeKey", key_id, takes_alias=True, elsewhere=True)
    return {"KeyMetadata": key.as_aws()}


@operation("kms:ListKeys")
def list_keys(ctx: Context, /, *, limit: int = 100, marker: str = "", **_: Any) -> Response:
    """Answers {"Keys": [{"KeyId", "KeyArn"}], "Truncated", "NextMarker"}.

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html
    """
    ctx.authorize("kms:ListKeys")
    page = paginate(
        ctx,
        lookup.own_keys(ctx),
        order_by=["key_id"],
        size=limit,
        token=marker,
        purpose=f"kms:ListKeys:{ctx.region}",
        error=InvalidMarkerException,
    )
    keys = [{"KeyId": key.key_id, "KeyArn": key.arn} for key in page.rows]
    return {"Keys": keys, **page.next_marker()}


@operation("kms:UpdateKeyDescription")
def update_key_description(ctx: Context, /, *, key_id: str, description: str) -> Response:
    """Raises KMSInvalidStateException for a key that is pending deletion.

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateKeyDescription.html
    """
    key = lookup.require(ctx, "kms:UpdateKeyDescription", key_id)
    lookup.require_not_pending(key)
    key.description = description
    key.save(update_fields=["description"])
    return {}


@operation("kms:EnableKey")
def enable_key(ctx: Context, /, *, key_id: str) -> Response:
    """Lets a disabled key be used again.

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html
    """
    _turn(ctx, "kms:EnableKey", key_id, Key.ENABLED)
    return {}


@operation("kms:DisableKey")
def disable_key(ctx: Context, /, *, key_id: str) -> Response:
    """Stops every use of a key, until it is enabled again.

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html
    """
    _turn(ctx, "kms:DisableKey", key_id, Key.DISABLED)
    return {}


def require_not_locked_out(ctx: Context, key: Key, policy: str) -> None:
    """Raises MalformedPolicyDocumentException for a policy that the caller could not change."""
    if not lookup.allows(ctx, "kms:PutKeyPolicy", key, policy=policy):
        raise MalformedPolicyDocumentException(reason=LOCKED_OUT)


def _turn(ctx: Context, action: str, key_id: str, state: str) -> None:
    key = lookup.require(ctx, action, key_id)
    lookup.require_not_pending(key)
    if key.state != state:
        lifecycle.move(key, to=state, by=ctx.principal.arn)


def _usage(spec: str, wanted: str) -> str:
    """Raises UnsupportedOperationException, ValidationException."""
    known = specs.SPECS.get(spec)
    if known is None or wanted in ("KEY_AGREEMENT", "ENCAPSULATE_DECAPSULATE"):
        raise UnsupportedOperationException(
            reason=f"The key spec {spec} with the key usage {wanted or 'by default'} is not "
            "offered by this lab."
        )
    if wanted in known.usages:
        return wanted
    is_symmetric = spec == specs.SYMMETRIC_DEFAULT
    if not wanted and is_symmetric:
        return specs.ENCRYPT_DECRYPT
    if not wanted:
        raise ValidationException(f"You must specify a KeyUsage value for the key spec {spec}.")
    raise ValidationException(f"KeyUsage {wanted} is not compatible with KeySpec {spec}")
