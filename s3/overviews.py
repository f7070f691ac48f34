"""What the console shows beside lists of buckets: read in bulk, permission asked row by row."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db import connection

from aws.context import Context, ResourcePolicy
from s3 import account_blocks, prices
from s3.exposure import State, exposure
from s3.models import Bucket
from s3.names import bucket_arn
from s3.prices import StorageClass

# Counting a million objects takes a moment; AWS counts them once a day.
SNAPSHOT_SECONDS = 60
# What `exposures` tells: the status of policy and list, and the settings over them.
_ASKED = ("s3:GetBucketPolicyStatus", "s3:GetBucketAcl", "s3:GetBucketPublicAccessBlock")
_SUMS = """SELECT b.bucket_region, o.storage_class, count(*), sum(o.size)
    FROM s3_objectversion o JOIN s3_bucket b ON b.id = o.bucket_id
    WHERE b.account_id = %s AND NOT o.is_delete_marker GROUP BY 1, 2"""


@dataclass(frozen=True)
class ClassSum:
    """What an account keeps in one storage class. dollars: for a month, None without a price."""

    storage_class: StorageClass | None
    name: str
    count: int
    size: int
    dollars: Decimal | None

    @property
    def cost(self) -> str:
        return "" if self.dollars is None else prices.shown(self.dollars)


@dataclass(frozen=True)
class Snapshot:
    classes: list[ClassSum]

    @property
    def count(self) -> int:
        return sum(one.count for one in self.classes)

    @property
    def size(self) -> int:
        return sum(one.size for one in self.classes)

    @property
    def cost(self) -> str:
        known = (one.dollars or Decimal(0) for one in self.classes)
        return prices.shown(sum(known, Decimal(0)))


def exposures(ctx: Context, names: Iterable[str]) -> dict[str, State]:
    """Of the account's buckets whose access the principal may look at."""
    rows = Bucket.objects.in_scope(ctx).filter(name__in=list(names))
    blocks = account_blocks.of(ctx.account_id)
    return {row.name: exposure(row, blocks).state for row in rows if _may_know(ctx, row)}


def _may_know(ctx: Context, row: Bucket) -> bool:
    arn = bucket_arn(row.name)
    policy = ResourcePolicy(row.policy, arn, row.account_id) if row.policy else None
    return all(ctx.allows(action, arn, resource_policy=policy) for action in _ASKED)


def snapshot(ctx: Context) -> Snapshot | None:
    """All versions of all buckets, by storage class; None where the principal may not know.

    The permission is that for the default dashboard of Storage Lens, where AWS shows these sums.
    """
    lens = f"arn:aws:s3:{ctx.region}:{ctx.account_id}:storage-lens/default-account-dashboard"
    if not ctx.allows("s3:GetStorageLensDashboard", lens):
        return None
    sums: Any = cache.get_or_set(
        f"s3-snapshot:{ctx.account_id}", lambda: _sums(ctx.account_id), SNAPSHOT_SECONDS
    )
    return Snapshot(_by_class(sums))


def _sums(account_id: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, [account_id])
        return [(region, name, count, int(size)) for region, name, count, size in cursor.fetchall()]


def _by_class(sums: list[Any]) -> list[ClassSum]:
    names = sorted({name for _region, name, _count, _size in sums}, key=_order)
    return [_class_sum(name, [one for one in sums if one[1] == name]) for name in names]


def _order(name: str) -> int:
    known = list(prices.BY_NAME)
    return known.index(name) if name in known else len(known)


def _class_sum(name: str, sums: list[Any]) -> ClassSum:
    costs = [prices.monthly(name, size, region) for region, _name, _count, size in sums]
    return ClassSum(
        storage_class=prices.BY_NAME.get(name),
        name=name,
        count=sum(count for _region, _name, count, _size in sums),
        size=sum(size for _region, _name, _count, size in sums),
        dollars=None if None in costs else sum((one for one in costs if one), Decimal(0)),
    )
