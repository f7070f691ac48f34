"""Grants: create, list, retire, revoke."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from aws import seal
from aws.context import Context
from aws.errors import ValidationException
from aws.operation import Response, operation
from aws.paging import paginate
from kms import lookup, policies, quotas
from kms.errors import (
    InvalidArnException,
    InvalidGrantIdException,
    InvalidGrantTokenException,
    InvalidMarkerException,
    LimitExceededException,
    NotFoundException,
    UnsupportedOperationException,
)
from kms.models import Grant, Key

TOKEN_SEAL = "kms-grant-token"  # noqa: S105 - a purpose, not a secret
_CONSTRAINTS = ("EncryptionContextSubset", "EncryptionContextEquals")


@operation("kms:CreateGrant")
def create_grant(
    ctx: Context,
    /,
    *,
    key_id: str,
    operations: Sequence[str],
    grantee_principal: str = "",
    retiring_principal: str = "",
    constraints: Mapping[str, Any] | None = None,
    name: str = "",
    **settings: Any,
) -> Response:
    """Lets a principal do operations with a key, at once. Answers {"GrantToken", "GrantId"}.

    constraints: {"EncryptionContextSubset": {…}} or {"EncryptionContextEquals": {…}}. name: a
    repetition with the same name and parameters answers the same grant.
    Raises InvalidArnException, LimitExceededException, DisabledException, …
    Simplified: no service principals, no SourceArn.
    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
    """
    wanted = {key: dict(value) for key, value in (constraints or {}).items() if key in _CONSTRAINTS}
    key = _require_granting(ctx, key_id, operations, grantee_principal, retiring_principal, wanted)
    if settings.get("grantee_service_principal") or settings.get("retiring_service_principal"):
        raise UnsupportedOperationException(reason="Service principals are not offered.")
    if "SourceArn" in (constraints or {}):
        raise UnsupportedOperationException(reason="SourceArn is not offered by this lab.")
    _check_principals(grantee_principal, retiring_principal)
    _check_operations(key, operations, wanted)
    values = {
        "name": name,
        "grantee_principal": grantee_principal,
        "retiring_principal": retiring_principal,
        "operations": list(dict.fromkeys(operations)),
        "constraints": wanted,
    }
    known = key.grants.filter(**values).first() if name else None
    return _answer(known or _new(ctx, key, values))


@operation("kms:ListGrants")
def list_grants(
    ctx: Context,
    /,
    *,
    key_id: str,
    grant_id: str = "",
    grantee_principal: str = "",
    limit: int = 50,
    marker: str = "",
    **_: Any,
) -> Response:
    """Answers {"Grants": […], "Truncated", "NextMarker"} of a key, the oldest first.

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html
    """
    key = lookup.require(ctx, "kms:ListGrants", key_id, elsewhere=True)
    rows = key.grants.all()
    if grant_id:
        rows = rows.filter(grant_id=grant_id)
        if not rows.exists():
            raise InvalidGrantIdException(grant_id=grant_id)
    if grantee_principal:
        rows = rows.filter(grantee_principal=grantee_principal)
    return _page(ctx, rows, limit, marker, f"kms:ListGrants:{key.key_id}:{grantee_principal}")


@operation("kms:ListRetirableGrants")
def list_retirable_grants(
    ctx: Context, /, *, retiring_principal: str = "", limit: int = 50, marker: str = "", **_: Any
) -> Response:
    """The grants that a principal of this account may retire, also of other accounts' keys.

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_ListRetirableGrants.html
    """
    ctx.authorize("kms:ListRetirableGrants")
    parts = retiring_principal.split(":")
    if len(parts) != 6 or parts[4] != ctx.account_id:
        raise InvalidArnException(arn=retiring_principal)
    rows = Grant.objects.filter(region=ctx.region, retiring_principal=retiring_principal)
    return _page(ctx, rows, limit, marker, f"kms:ListRetirableGrants:{retiring_principal}")


@operation("kms:RetireGrant")
def retire_grant(
    ctx: Context, /, *, grant_token: str = "", key_id: str = "", grant_id: str = "", **_: Any
) -> Response:
    """Ends a grant: by its retiring principal, a grantee who may, or whom IAM allows.

    Either grant_token, or key_id (an ARN) and grant_id. Raises InvalidGrantTokenException,
    InvalidGrantIdException, NotFoundException.
    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_RetireGrant.html
    """
    grant = _by_token(ctx, grant_token) if grant_token else _by_id(ctx, key_id, grant_id)
    if grant is None:
        ctx.authorize("kms:RetireGrant")
        if grant_token:
            raise InvalidGrantTokenException
        if not key_id or not grant_id:
            raise ValidationException("Either a grant token, or a key ID and grant ID, is needed.")
        raise NotFoundException(arn=key_id)
    is_retiring = grant.retiring_principal in (ctx.principal.arn, ctx.principal.role_arn)
    if is_retiring and grant.retiring_principal:
        # Named by the grant itself, which is all the permission that it takes.
        ctx.asked = True
    else:
        lookup.authorize(ctx, "kms:RetireGrant", grant.key)
    lookup.require_not_pending(grant.key)
    grant.delete()
    return {}


@operation("kms:RevokeGrant")
def revoke_grant(ctx: Context, /, *, key_id: str, grant_id: str, **_: Any) -> Response:
    """Ends a grant, by who controls the key. Raises InvalidGrantIdException, NotFoundException.

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_RevokeGrant.html
    """
    key = lookup.require(ctx, "kms:RevokeGrant", key_id, elsewhere=True)
    lookup.require_not_pending(key)
    if not key.grants.filter(grant_id=grant_id).delete()[0]:
        raise InvalidGrantIdException(grant_id=grant_id)
    return {}


def _require_granting(
    ctx: Context,
    key_id: str,
    operations: Sequence[str],
    grantee: str,
    retiring: str,
    constraints: Mapping[str, Mapping[str, str]],
) -> Key:
    context = next(iter(constraints.values()), None)
    asked: dict[str, Any] = {
        **lookup.context_conditions(context),
        "kms:GrantOperations": list(operations),
        "kms:GrantIsForAWSResource": "true" if ctx.cache.get(lookup.VIA) else "false",
    }
    if grantee:
        asked["kms:GranteePrincipal"] = grantee
    if retiring:
        asked["kms:RetiringPrincipal"] = retiring
    if constraints:
        asked["kms:GrantConstraintType"] = next(iter(constraints))
    key = lookup.require(ctx, "kms:CreateGrant", key_id, conditions=asked, elsewhere=True)
    lookup.require_usable(key)
    return key


def _check_principals(grantee: str, retiring: str) -> None:
    if not grantee:
        raise ValidationException("GranteePrincipal is required.")
    for arn in filter(None, (grantee, retiring)):
        if not arn.startswith(("arn:aws:iam::", "arn:aws:sts::")):
            raise InvalidArnException(arn=arn)
        if policies.unknown_principals([arn]):
            raise InvalidArnException(arn=arn)


def _check_operations(
    key: Key, operations: Sequence[str], constraints: Mapping[str, Mapping[str, str]]
) -> None:
    if not operations:
        raise ValidationException("A grant needs at least one operation.")
    if len(constraints) > 1:
        raise ValidationException("A grant takes one kind of encryption context constraint.")
    if constraints and not key.is_symmetric:
        raise ValidationException("Grant constraints need a symmetric encryption key.")


def _new(ctx: Context, key: Key, values: Mapping[str, Any]) -> Grant:
    if key.grants.count() >= quotas.GRANTS_PER_KEY:
        raise LimitExceededException(
            reason=f"{key.arn} has {quotas.GRANTS_PER_KEY} grants, which is the limit."
        )
    grant: Grant = Grant.objects.create(
        account_id=key.account_id,
        region=key.region,
        key=key,
        grant_id=secrets.token_hex(32),
        issuing_account=f"arn:aws:iam::{ctx.principal.account_id}:root",
        created_at=ctx.now,
        **values,
    )
    return grant


def _answer(grant: Grant) -> Response:
    token = seal.seal_text(grant.grant_id, TOKEN_SEAL)
    return {"GrantToken": token, "GrantId": grant.grant_id}


def _page(ctx: Context, rows: "QuerySet[Grant]", limit: int, marker: str, purpose: str) -> Response:
    page = paginate(
        ctx,
        rows.select_related("key"),
        order_by=["created_at", "pk"],
        size=limit,
        token=marker,
        purpose=purpose,
        error=InvalidMarkerException,
    )
    return {"Grants": [grant.as_aws() for grant in page.rows], **page.next_marker()}


def _by_token(ctx: Context, token: str) -> Grant | None:
    try:
        grant_id = seal.unseal_text(token, TOKEN_SEAL)
    except seal.BrokenSeal:
        return None
    return _find(ctx, grant_id=grant_id)


def _by_id(ctx: Context, key_id: str, grant_id: str) -> Grant | None:
    wanted = key_id.rpartition("/")[2]
    found = _find(ctx, grant_id=grant_id, key__key_id=wanted)
    is_own = found is not None and found.account_id == ctx.account_id
    return found if found and (is_own or key_id == found.key.arn) else None


def _find(ctx: Context, **wanted: str) -> Grant | None:
    """A grant of any account: whoever knows its token or id may try to retire it."""
    found: Grant | None = (
        Grant.objects.filter(region=ctx.region, **wanted).select_related("key").first()
    )
    return found
