"""What the console's tables of keys show: read in bulk, permission asked key by key."""

from dataclasses import dataclass
from typing import Any

from aws.context import Context
from kms import lookup, operations
from kms.models import Key


@dataclass(frozen=True, slots=True)
class Overview:
    """metadata: AWS's KeyMetadata, None where the principal may not describe the key."""

    key_id: str
    aliases: list[str]
    metadata: dict[str, Any] | None

    @property
    def alias(self) -> str:
        return self.aliases[0] if self.aliases else ""


def keys(ctx: Context, manager: str) -> list[Overview]:
    """The keys of the account in the region, by who manages them: "CUSTOMER" or "AWS"."""
    operations.list_keys(ctx, limit=1)
    sees_aliases = ctx.allows("kms:ListAliases")
    rows = lookup.own_keys(ctx).filter(key_manager=manager).prefetch_related("aliases", "grants")
    return [_overview(ctx, row, sees_aliases=sees_aliases) for row in rows.order_by("-created_at")]


def _overview(ctx: Context, key: Key, *, sees_aliases: bool) -> Overview:
    names = sorted(alias.alias_name.removeprefix("alias/") for alias in key.aliases.all())
    is_described = lookup.allows(ctx, "kms:DescribeKey", key)
    return Overview(
        key.key_id, names if sees_aliases else [], key.as_aws() if is_described else None
    )
