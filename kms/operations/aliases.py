"""Aliases of keys: create, list, point elsewhere, delete."""

import re

from django.db import IntegrityError, transaction

from aws.context import Context
from aws.errors import ValidationException
from aws.operation import Response, operation
from aws.paging import paginate
from kms import lookup, quotas
from kms.errors import (
    AlreadyExistsException,
    InvalidAliasNameException,
    InvalidMarkerException,
    LimitExceededException,
    NotFoundException,
)
from kms.models import Alias, Key

_NAME = re.compile(r"alias/[a-zA-Z0-9/_-]+")


@operation("kms:CreateAlias")
def create_alias(ctx: Context, /, *, alias_name: str, target_key_id: str) -> Response:
    """Gives a key a name: "alias/…", unique in the account and region.

    Raises AlreadyExistsException, InvalidAliasNameException, LimitExceededException.
    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
    """
    key = _require_both(ctx, "kms:CreateAlias", alias_name, target_key_id)
    _check_name(alias_name)
    if key.aliases.count() >= quotas.ALIASES_PER_KEY:
        raise LimitExceededException(
            reason=f"{key.arn} has {quotas.ALIASES_PER_KEY} aliases, which is the limit."
        )
    alias = Alias(
        account_id=ctx.account_id,
        region=ctx.region,
        alias_name=alias_name,
        key=key,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    try:
        with transaction.atomic():
            alias.save(force_insert=True)
    except IntegrityError:
        raise AlreadyExistsException(arn=alias.arn) from None
    return {}


@operation("kms:ListAliases")
def list_aliases(
    ctx: Context, /, *, key_id: str = "", limit: int = 50, marker: str = ""
) -> Response:
    """Answers {"Aliases": […], "Truncated", "NextMarker"}, all or those of one key, by name.

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html
    """
    ctx.authorize("kms:ListAliases")
    rows = Alias.objects.in_scope(ctx).filter(key__in=lookup.own_keys(ctx)).select_related("key")
    if key_id:
        wanted = key_id.rpartition("/")[2]
        if not lookup.own_keys(ctx).filter(key_id=wanted).exists():
            raise NotFoundException(arn=key_id)
        rows = rows.filter(key__key_id=wanted)
    page = paginate(
        ctx,
        rows,
        order_by=["alias_name"],
        size=limit,
        token=marker,
        purpose=f"kms:ListAliases:{ctx.region}:{key_id}",
        error=InvalidMarkerException,
    )
    return {"Aliases": [alias.as_aws() for alias in page.rows], **page.next_marker()}


@operation("kms:UpdateAlias")
def update_alias(ctx: Context, /, *, alias_name: str, target_key_id: str) -> Response:
    """Points an alias at another key of the same spec and usage. Raises NotFoundException.

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html
    """
    key = _require_both(ctx, "kms:UpdateAlias", alias_name, target_key_id)
    _check_name(alias_name)
    alias = _find(ctx, alias_name)
    lookup.authorize(ctx, "kms:UpdateAlias", alias.key)
    old = alias.key
    if (old.key_spec, old.key_usage) != (key.key_spec, key.key_usage):
        raise ValidationException(
            "Alias cannot be updated to a KMS key of another key spec or key usage."
        )
    alias.key, alias.updated_at = key, ctx.now
    alias.save(update_fields=["key", "updated_at"])
    return {}


@operation("kms:DeleteAlias")
def delete_alias(ctx: Context, /, *, alias_name: str) -> Response:
    """Takes a name away; its key stays. Raises NotFoundException.

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html
    """
    ctx.authorize("kms:DeleteAlias", _arn(ctx, alias_name))
    _check_name(alias_name)
    alias = _find(ctx, alias_name)
    lookup.authorize(ctx, "kms:DeleteAlias", alias.key)
    alias.delete()
    return {}


def _require_both(ctx: Context, action: str, alias_name: str, target_key_id: str) -> Key:
    """The key; the action has to be allowed on the alias, by IAM alone, and on the key."""
    ctx.authorize(action, _arn(ctx, alias_name))
    key = lookup.require(ctx, action, target_key_id)
    lookup.require_not_pending(key)
    return key


def _arn(ctx: Context, alias_name: str) -> str:
    return f"arn:aws:kms:{ctx.region}:{ctx.account_id}:{alias_name}"


def _find(ctx: Context, alias_name: str) -> Alias:
    found: Alias | None = (
        Alias.objects.in_scope(ctx).filter(alias_name=alias_name).select_related("key").first()
    )
    if found is None:
        raise NotFoundException(f"Alias {_arn(ctx, alias_name)} is not found.")
    return found


def _check_name(alias_name: str) -> None:
    if not _NAME.fullmatch(alias_name):
        raise InvalidAliasNameException(
            reason='Alias must start with the prefix "alias/" and hold letters, numbers, "/", "_" '
            'and "-" only. Please see AWS KMS documentation.'
        )
    if alias_name.startswith("alias/aws/"):
        raise InvalidAliasNameException(reason="The prefix alias/aws/ is reserved for AWS.")
