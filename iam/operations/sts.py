"""STS: who am I, sessions of oneself, federated users, keys and denials explained."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from aws import clock, seal
from aws.context import MESSAGE_SEAL, Context
from aws.errors import AccessDenied, ValidationError
from aws.models import Account
from aws.operation import Response, operation
from aws.tags import TagList
from iam import mfa, session_policies, sessions
from iam.errors import InvalidAuthorizationMessageException
from iam.models import AccessKey

TWELVE_HOURS, ONE_HOUR = 43_200, 3600


@operation("sts:GetCallerIdentity", is_public=True)
def get_caller_identity(ctx: Context, /) -> Response:
    """Answers {"UserId", "Account", "Arn"}. No permission is needed, not even a denial counts.

    AWS: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    """
    caller = ctx.principal
    return {"UserId": caller.user_id, "Account": caller.account_id, "Arn": caller.arn}


@operation("sts:GetSessionToken", is_public=True)
def get_session_token(
    ctx: Context,
    /,
    *,
    duration_seconds: int = TWELVE_HOURS,
    serial_number: str = "",
    token_code: str = "",
    minimum_session_token_size: int = 0,
) -> Response:
    """Temporary credentials of the caller, with MFA when a code is given.

    duration_seconds: 900 to 129600; root gets an hour at most. minimum_session_token_size: bytes.
    Answers {"Credentials", "SessionTokenSize"}. Raises AccessDenied for session credentials and
    for a wrong code. Simplified: no SessionTokenUtilization, whose limit AWS does not tell.
    AWS: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
    """
    caller = ctx.principal
    _require_long_term(ctx, "GetSessionToken")
    mfa_at = authenticate(ctx, serial_number, token_code)
    is_root = caller.kind == "root"
    session = sessions.start(
        kind=caller.kind,
        account_id=caller.account_id,
        entity_pk=caller.user_pk,
        session_name="",
        issued_at=ctx.now,
        expires_at=ctx.now
        + timedelta(seconds=min(duration_seconds, ONE_HOUR) if is_root else duration_seconds),
        machine_issued_at=clock.real_now(),
        mfa_authenticated_at=mfa_at,
    )
    return session.as_aws(minimum_session_token_size)


@operation("sts:GetFederationToken")
def get_federation_token(
    ctx: Context,
    /,
    *,
    name: str,
    policy: str = "",
    policy_arns: Sequence[Mapping[str, str]] = (),
    duration_seconds: int = TWELVE_HOURS,
    tags: TagList = (),
    minimum_session_token_size: int = 0,
) -> Response:
    """Temporary credentials for somebody outside, within the caller's own permissions.

    They may do what both the caller's policies and the session policies allow; without a session
    policy, only what a resource's policy grants. minimum_session_token_size: bytes. Answers
    {"Credentials", "SessionTokenSize", "FederatedUser", "PackedPolicySize"}. Raises AccessDenied,
    MalformedPolicyDocument, PackedPolicyTooLarge. Simplified: no SessionTokenUtilization.
    AWS: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
    """
    caller = ctx.principal
    arn = f"arn:aws:sts::{ctx.account_id}:federated-user/{name}"
    session_tags = session_policies.tags(tags)
    ctx.authorize("sts:GetFederationToken", arn, request_tags=session_tags)
    if session_tags:
        ctx.authorize("sts:TagSession", arn, request_tags=session_tags)
    _require_long_term(ctx, "GetFederationToken")
    policies = session_policies.read(ctx.account_id, policy, policy_arns)
    percent = session_policies.packed_percent(policies, session_tags)
    is_root = caller.kind == "root"
    seconds = min(duration_seconds, ONE_HOUR) if is_root else duration_seconds
    session = sessions.start(
        kind="federated-user",
        account_id=ctx.account_id,
        entity_pk=caller.user_pk,
        session_name=name,
        issued_at=ctx.now,
        expires_at=ctx.now + timedelta(seconds=seconds),
        machine_issued_at=clock.real_now(),
        session_policies=policies,
        session_tags=session_tags,
    )
    return {
        **session.as_aws(minimum_session_token_size),
        "FederatedUser": {"FederatedUserId": f"{ctx.account_id}:{name}", "Arn": arn},
        "PackedPolicySize": percent,
    }


@operation("sts:GetAccessKeyInfo")
def get_access_key_info(ctx: Context, /, *, access_key_id: str) -> Response:
    """Answers {"Account": …}, whoever's key it is.

    Raises ValidationError for an unknown key. Simplified: temporary keys (ASIA…) are not stored
    here, so that only the caller's own is known.
    AWS: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html
    """
    ctx.authorize("sts:GetAccessKeyInfo")
    if access_key_id == ctx.principal.access_key_id:
        return {"Account": ctx.account_id}
    # AWS tells the account of any key: a key's id is no secret.
    owners = AccessKey.objects.filter(access_key_id=access_key_id)
    account_id = owners.values_list("account_id", flat=True).first()
    if account_id is None:
        raise ValidationError(f"The access key ID {access_key_id} is not known.")
    return {"Account": account_id}


@operation("sts:DecodeAuthorizationMessage")
def decode_authorization_message(ctx: Context, /, *, encoded_message: str) -> Response:
    """Answers {"DecodedMessage": JSON text}: who asked for what, and the statements that decided.

    Beside AWS's members the text has "explanation", the evaluator's whole trace. Raises
    InvalidAuthorizationMessageException, also for another account's message.
    AWS: https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
    """
    ctx.authorize("sts:DecodeAuthorizationMessage")
    try:
        message = seal.unseal_text(encoded_message, MESSAGE_SEAL)
    except seal.BrokenSeal:
        raise InvalidAuthorizationMessageException from None
    if message["account"] != ctx.account_id:
        raise InvalidAuthorizationMessageException
    return {"DecodedMessage": json.dumps(_decoded(message["explanation"]), separators=(",", ":"))}


def authenticate(ctx: Context, serial_number: str, token_code: str) -> datetime | None:
    """When the caller proved to have the MFA device: now, or None where neither was given.

    Raises AccessDenied for a device that is not the caller's, and for a wrong or used code.
    """
    if not serial_number and not token_code:
        return None
    caller = ctx.principal
    devices = mfa.devices_of(caller.account_id, caller.user_pk)
    device = devices.filter(serial_number=serial_number).first()
    if device is None or caller.kind not in ("root", "user"):
        raise AccessDenied(
            "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your "
            "MFA serial number is valid and associated with this user."
        )
    if not mfa.verify_code(device, token_code, clock.real_now()):
        raise AccessDenied("MultiFactorAuthentication failed with invalid MFA one time pass code. ")
    return ctx.now


def account_now(account_id: str) -> datetime:
    """The business time of an account, which need not be the caller's."""
    return Account.objects.only("clock_offset").get(pk=account_id).now


def _require_long_term(ctx: Context, call: str) -> None:
    """Sessions cannot make further sessions of themselves."""
    if ctx.principal.kind not in ("root", "user") or ctx.principal.issued_at is not None:
        raise AccessDenied(f"Cannot call {call} with session credentials")


def _decoded(explanation: dict[str, Any]) -> dict[str, Any]:
    """AWS's form of a decoded message.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
    """
    effect = "Deny" if explanation.get("verdict") == "explicitDeny" else "Allow"
    matched = [
        {
            "statementId": statement["sid"],
            "effect": statement["effect"].upper(),
            "sourcePolicyId": policy["name"],
            "sourcePolicyType": policy["source_type"],
        }
        for layer in explanation.get("layers", ())
        for policy in layer["policies"]
        for statement in policy["statements"]
        if statement["matched"] and statement["effect"] == effect
    ]
    return {
        "allowed": False,
        "explicitDeny": effect == "Deny",
        "matchedStatements": {"items": matched},
        "failures": {"items": []},
        "context": {
            "principal": {"arn": explanation.get("principal_arn", "")},
            "action": explanation.get("action", ""),
            "resource": explanation.get("resource", ""),
            "conditions": {"items": []},
        },
        "explanation": explanation,
    }
