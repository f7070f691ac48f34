"""Keys by every name that AWS takes, and whether the caller may use them.

A key id, key ARN, alias name or alias ARN. Only ARNs reach into another account, and only as far
as the key's policy and the caller's own allow.
AWS: https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from aws import errors
from aws.context import ConditionContext, Context, ResourcePolicy
from kms import material, policies, specs
from kms.errors import (
    DisabledException,
    InvalidKeyUsageException,
    KMSInvalidStateException,
    LimitExceededException,
    NotFoundException,
)
from kms.models import Alias, Key, KeyMaterial
from kms.quotas import CONTEXT_CHARACTERS

# Set by a service that calls for its own caller: "s3.ap-northeast-2.amazonaws.com".
VIA = "kms.via"
_ARN = re.compile(r"arn:aws:kms:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):(?P<name>.+)")
_MANAGED = re.compile(r"alias/aws/(?P<service>[a-z0-9]+)")


@dataclass(frozen=True, slots=True)
class _Name:
    """name: "key/…" or "alias/…"."""

    account_id: str
    region: str
    name: str

    @property
    def arn(self) -> str:
        return f"arn:aws:kms:{self.region}:{self.account_id}:{self.name}"


def require(
    ctx: Context,
    action: str,
    key_id: str,
    *,
    conditions: ConditionContext | None = None,
    request_tags: Mapping[str, str] | None = None,
    takes_alias: bool = False,
    elsewhere: bool = False,
) -> Key:
    """The key, if the caller may do `action` to it.

    takes_alias: the operation also takes alias names and ARNs. elsewhere: it reaches keys of other
    accounts. Raises AccessDeniedException, NotFoundException.
    """
    name = _read(ctx, key_id)
    is_own = name.account_id == ctx.account_id
    is_taken = (takes_alias or name.name.startswith("key/")) and (is_own or elsewhere)
    key = _find(ctx, name) if is_taken else None
    if key is None:
        _authorize_unknown(ctx, action, name)
        raise NotFoundException(arn=name.arn)
    alias = name.name if name.name.startswith("alias/") else ""
    try:
        authorize(ctx, action, key, conditions=conditions, request_tags=request_tags, alias=alias)
    except errors.Denied:
        if not is_own:
            # The same words as about a key that is not there.
            _authorize_unknown(ctx, action, name)
        raise
    return key


def authorize(
    ctx: Context,
    action: str,
    key: Key,
    *,
    conditions: ConditionContext | None = None,
    request_tags: Mapping[str, str] | None = None,
    alias: str = "",
    policy: str = "",
) -> None:
    """policy: another than the key's own, to try it out. Raises AccessDeniedException."""
    ctx.authorize(
        action,
        key.arn,
        **_question(ctx, key, conditions, alias, policy),
        request_tags=request_tags,
    )


def allows(ctx: Context, action: str, key: Key, *, policy: str = "") -> bool:
    return ctx.allows(action, key.arn, **_question(ctx, key, None, "", policy))


def require_usable(key: Key) -> None:
    """Raises DisabledException, KMSInvalidStateException."""
    if key.state == Key.DISABLED:
        raise DisabledException(arn=key.arn)
    require_not_pending(key)


def require_not_pending(key: Key) -> None:
    if key.state == Key.PENDING_DELETION:
        raise KMSInvalidStateException(arn=key.arn)


def require_usage(key: Key, usage: str, operation: str) -> None:
    """Raises InvalidKeyUsageException, and what `require_usable` raises."""
    require_usable(key)
    if key.key_usage != usage:
        raise InvalidKeyUsageException(arn=key.arn, usage=key.key_usage, operation=operation)


def material_of(key: Key) -> KeyMaterial:
    """The latest, which encrypts and signs."""
    latest: KeyMaterial = key.materials.latest("number")
    return latest


def context_conditions(context: Mapping[str, str] | None) -> dict[str, Any]:
    """The condition keys of an encryption context. Raises LimitExceededException."""
    pairs = dict(context or {})
    if sum(len(key) + len(value) for key, value in pairs.items()) > CONTEXT_CHARACTERS:
        raise LimitExceededException(reason="The encryption context is too long.")
    found: dict[str, Any] = {f"kms:EncryptionContext:{key}": text for key, text in pairs.items()}
    if pairs:
        found["kms:EncryptionContextKeys"] = list(pairs)
    return found


def own_keys(ctx: Context) -> Any:
    """The account's keys in the region that the account's clock has not deleted yet."""
    return Key.objects.in_scope(ctx).filter(_is_there(ctx))


def _question(
    ctx: Context, key: Key, conditions: ConditionContext | None, alias: str, policy: str
) -> dict[str, Any]:
    grants = [grant.as_aws() for grant in key.grants.all()]
    text = policies.with_grants(policy or key.policy, grants)
    found: dict[str, Any] = {
        "kms:CallerAccount": ctx.principal.account_id,
        "kms:KeySpec": key.key_spec,
        "kms:KeyUsage": key.key_usage,
        "kms:KeyOrigin": "AWS_KMS",
        "kms:MultiRegion": "false",
    }
    if aliases := [one.alias_name for one in key.aliases.all()]:
        found["kms:ResourceAliases"] = aliases
    if alias:
        found["kms:RequestAlias"] = alias
    if via := ctx.cache.get(VIA):
        found |= {"kms:ViaService": via, "aws:ViaAWSService": "true"}
    return {
        "resource_account": key.account_id,
        "resource_policy": ResourcePolicy(text, key.arn, key.account_id),
        "resource_tags": key.tags,
        "conditions": found | dict(conditions or {}),
    }


def _read(ctx: Context, key_id: str) -> _Name:
    """Raises nothing: what is no name of a key names none."""
    if match := _ARN.fullmatch(key_id):
        return _Name(match["account"], match["region"], match["name"])
    name = key_id if key_id.startswith("alias/") else f"key/{key_id}"
    return _Name(ctx.account_id, ctx.region, name)


def _find(ctx: Context, name: _Name) -> Key | None:
    if name.region != ctx.region:
        return None
    place = {"account_id": name.account_id, "region": name.region}
    kind, _, rest = name.name.partition("/")
    if kind == "key":
        try:
            wanted = str(uuid.UUID(rest))
        except ValueError:
            return None
        keys = Key.objects.filter(_is_there(ctx), **place, key_id=wanted)
        found: Key | None = keys.select_related("account").first()
        return found
    aliases = Alias.objects.filter(**place, alias_name=name.name)
    alias: Alias | None = aliases.select_related("key").first()
    if alias is None:
        return _managed(ctx, name)
    return alias.key if _still_there(ctx, alias.key) else None


def _managed(ctx: Context, name: _Name) -> Key | None:
    """A service's own key is made when the service first needs it."""
    match = _MANAGED.fullmatch(name.name)
    service = str(ctx.cache.get(VIA, "")).partition(".")[0]
    if match is None or match["service"] != service or name.account_id != ctx.account_id:
        return None
    try:
        with transaction.atomic():
            return _new_managed(ctx, service)
    except IntegrityError:
        # Another request was faster.
        made: Alias = Alias.objects.in_scope(ctx).get(alias_name=name.name)
        return made.key


def _new_managed(ctx: Context, service: str) -> Key:
    key = create(
        ctx,
        description="Default key that protects my S3 objects when no other key is defined"
        if service == "s3"
        else f"Default key that protects my {service} data when no other key is defined",
        policy=policies.of_service(ctx.account_id, ctx.region, service),
        key_manager="AWS",
        rotation_period=365,
    )
    Alias.objects.create(
        account_id=ctx.account_id,
        region=ctx.region,
        alias_name=f"alias/aws/{service}",
        key=key,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    return key


def create(
    ctx: Context,
    *,
    policy: str,
    key_spec: str = specs.SYMMETRIC_DEFAULT,
    key_usage: str = specs.ENCRYPT_DECRYPT,
    **columns: Any,
) -> Key:
    """A key with its first key material."""
    if days := columns.get("rotation_period"):
        columns["next_rotation_date"] = ctx.now + timedelta(days=days)
    key = Key.objects.create(
        account_id=ctx.account_id,
        region=ctx.region,
        key_id=str(uuid.uuid4()),
        state=Key.ENABLED,
        key_spec=key_spec,
        key_usage=key_usage,
        policy=policy,
        created_at=ctx.now,
        **columns,
    )
    add_material(key, 1, ctx.now)
    return key


def add_material(key: Key, number: int, created_at: Any, rotation_type: str = "") -> KeyMaterial:
    made = KeyMaterial(key=key, number=number, created_at=created_at, rotation_type=rotation_type)
    made.set_secret(material.new(key.key_spec))
    made.save(force_insert=True)
    return made


def _is_there(ctx: Context) -> Q:
    return Q(deletion_date__isnull=True) | Q(deletion_date__gt=ctx.now)


def _still_there(ctx: Context, key: Key) -> bool:
    return key.deletion_date is None or key.deletion_date > ctx.now


def _authorize_unknown(ctx: Context, action: str, name: _Name) -> None:
    """Raises AccessDeniedException: in another account always, as nothing names the caller."""
    is_own = name.account_id == ctx.account_id
    conditions = {"kms:CallerAccount": ctx.principal.account_id}
    if via := ctx.cache.get(VIA):
        conditions |= {"kms:ViaService": via}
    ctx.authorize(
        action,
        name.arn,
        resource_account=name.account_id,
        resource_policy=None if is_own else ResourcePolicy("", "", name.account_id),
        conditions=conditions,
    )
