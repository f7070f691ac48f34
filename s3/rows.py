"""Buckets and objects as rows, read and written by plain prepared SQL: the hot path.

The ORM's `get` costs more than all the rest of a small call, and Django's cursors bind in the
client; so these go to psycopg's own cursor on Django's connection, and take part in its
transactions.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import psycopg
from django.db import connection

from aws import remembered
from aws.sql import Statement

NULL_VERSION = "null"
Parameters = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PointRow:
    """An access point that a request came through.

    policy: "" for none. blocks: its own and its account's Block Public Access, the stricter.
    """

    arn: str
    account_id: str
    vpc_id: str
    policy: str
    blocks: dict[str, bool]


@dataclass(slots=True)
class BucketRow:
    """clock_offset: of the account that owns it. encryption: the default, {} for SSE-S3.

    watch: of the configurations, those that look at every request: notification, logging,
    metrics, data-events, request-payment, replication, lifecycle. account_blocks: the account's
    Block Public Access. point: set where the request came through an access point, see `s3.points`.
    """

    pk: int
    name: str
    account_id: str
    bucket_region: str
    versioning: str
    mfa_delete: bool
    object_lock: bool
    object_ownership: str
    policy: str
    public_access_block: dict[str, bool]
    grants: list[dict[str, Any]]
    encryption: dict[str, Any]
    lock_configuration: dict[str, Any]
    clock_offset: timedelta
    is_suspended: bool
    watch: dict[str, Any]
    account_blocks: dict[str, bool]
    point: PointRow | None = None

    @property
    def is_versioned(self) -> bool:
        return self.versioning == "Enabled"

    def blocks(self, setting: str) -> bool:
        """Whether Block Public Access has "IgnorePublicAcls" or another setting on, anywhere."""
        return bool(
            self.public_access_block.get(setting)
            or self.account_blocks.get(setting)
            or (self.point is not None and self.point.blocks.get(setting))
        )


@dataclass(slots=True)
class ObjectRow:
    """The columns of ObjectVersion. content is read by `find` only."""

    pk: int
    key: str
    version_id: str
    is_latest: bool
    is_delete_marker: bool
    size: int
    etag: str
    last_modified: datetime
    storage_class: str
    file: str | None
    part_count: int
    attributes: dict[str, Any]
    checksum: dict[str, Any]
    encryption: dict[str, Any]
    tags: dict[str, str]
    owner_id: str
    grants: list[dict[str, Any]]
    lock_mode: str
    retain_until: datetime | None
    legal_hold: bool
    restore: dict[str, str]
    content: bytes | None = field(default=None, repr=False)


_BUCKET = """b.id, b.name, b.account_id, b.bucket_region, b.versioning, b.mfa_delete,
    b.object_lock, b.object_ownership, b.policy, b.public_access_block::text, b.grants::text,
    b.configurations::text, a.clock_offset, a.status <> 'ACTIVE', coalesce(p.blocks::text, '{}')"""
_BUCKET_SIZE = 15
# Of a bucket's configurations, those that a request may meet; see BucketRow.watch.
_WATCHED = (
    "notification", "logging", "metrics", "data-events", "request-payment", "replication",
    "lifecycle",
)  # fmt: skip
_FROM_BUCKET = """s3_bucket b JOIN aws_account a ON a.account_id = b.account_id
    LEFT JOIN s3_accountblock p ON p.account_id = b.account_id"""
_OBJECT = """o.id, o.key, o.version_id, o.is_latest, o.is_delete_marker, o.size, o.etag,
    o.last_modified, o.storage_class, o.file, o.part_count, o.attributes::text,
    o.checksum::text, o.encryption::text, o.tags::text, o.owner_id, o.grants::text, o.lock_mode,
    o.retain_until, o.legal_hold, o.restore::text"""
_OBJECT_JSON = (11, 12, 13, 14, 16, 20)
_CALLER = remembered.VERSION.format("$2")
_FIND_BUCKET = Statement(f"""SELECT {_CALLER}, {_BUCKET} FROM {_FROM_BUCKET}
    WHERE b.name = $1""")  # noqa: S608
_FIND = f"""SELECT {_CALLER}, {_BUCKET}, {_OBJECT}, o.content FROM {_FROM_BUCKET}
    LEFT JOIN s3_objectversion o ON o.bucket_id = b.id AND o.key = $3"""  # noqa: S608
_FIND_LATEST = Statement(f"{_FIND} AND o.is_latest WHERE b.name = $1")
_FIND_VERSION = Statement(f"{_FIND} AND o.version_id = $4 WHERE b.name = $1")
_LATEST = Statement(f"""SELECT {_OBJECT} FROM s3_objectversion o
    WHERE o.bucket_id = $1 AND o.key = $2 AND o.is_latest""")  # noqa: S608
_VERSION = Statement(f"""SELECT {_OBJECT} FROM s3_objectversion o
    WHERE o.bucket_id = $1 AND o.key = $2 AND o.version_id = $3""")  # noqa: S608
# One writer of a key at a time: what it reads stays true until it commits.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))"
_WRITTEN = (
    "account_id", "bucket_id", "key", "version_id", "is_latest", "is_delete_marker", "size", "etag",
    "last_modified", "storage_class", "content", "file", "part_count", "attributes", "checksum",
    "encryption", "tags", "owner_id", "grants", "lock_mode", "retain_until", "legal_hold",
    "restore",
)  # fmt: skip
_WRITTEN_JSON = {"attributes", "checksum", "encryption", "tags", "grants", "restore"}
_TYPES = {
    "bucket_id": "bigint", "is_latest": "boolean", "is_delete_marker": "boolean", "size": "bigint",
    "last_modified": "timestamptz", "content": "bytea", "part_count": "integer",
    "retain_until": "timestamptz", "legal_hold": "boolean", **dict.fromkeys(_WRITTEN_JSON, "jsonb"),
}  # fmt: skip
_VALUES = ", ".join(
    f"${number}::{_TYPES.get(name, 'text')}" for number, name in enumerate(_WRITTEN, 1)
)
_INSERT = Statement(f"""INSERT INTO s3_objectversion ({", ".join(_WRITTEN)})
    VALUES ({_VALUES}) RETURNING id""")  # noqa: S608
# The lock comes first: two insertions that meet in two unique indexes would fail.
_REPLACE = Statement(f"""WITH locked AS MATERIALIZED (
        SELECT pg_advisory_xact_lock(hashtextextended($3, $2)) AS held)
    INSERT INTO s3_objectversion ({", ".join(_WRITTEN)}) SELECT {_VALUES} FROM locked
    ON CONFLICT (bucket_id, key) WHERE is_latest DO UPDATE SET
    {", ".join(f"{name} = EXCLUDED.{name}" for name in _WRITTEN[3:])} RETURNING id""")  # noqa: S608
_DEFAULTS: Parameters = {
    "is_latest": True, "is_delete_marker": False, "size": 0, "etag": "", "content": None,
    "storage_class": "STANDARD", "file": None, "part_count": 0, "attributes": {}, "checksum": {},
    "encryption": {}, "tags": {}, "owner_id": "", "grants": [], "lock_mode": "",
    "retain_until": None, "legal_hold": False, "restore": {},
}  # fmt: skip
_UNSET_LATEST = """UPDATE s3_objectversion SET is_latest = FALSE
    WHERE bucket_id = %s AND key = %s AND is_latest"""
_MOVE = """UPDATE s3_objectversion
    SET id = nextval(pg_get_serial_sequence('s3_objectversion', 'id')) WHERE id = %s RETURNING id"""
_DELETE = "DELETE FROM s3_objectversion WHERE id = %s"
_SET_LATEST = """UPDATE s3_objectversion SET is_latest = TRUE WHERE id = (
    SELECT id FROM s3_objectversion WHERE bucket_id = %s AND key = %s ORDER BY id DESC LIMIT 1)"""


def run(statement: str, parameters: Any = ()) -> "psycopg.Cursor[tuple[Any, ...]]":
    connection.ensure_connection()
    cursor = psycopg.Cursor(connection.connection)
    return cursor.execute(statement, parameters, prepare=True, binary=True)


def find_bucket(name: str) -> BucketRow | None:
    row = _asked(_FIND_BUCKET, name)
    return None if row is None else _bucket(row[1:])


def find(bucket: str, key: str, version_id: str = "") -> tuple[BucketRow | None, ObjectRow | None]:
    """A bucket and an object in it, the latest version or the named one, in one statement."""
    named = [version_id] if version_id else []
    row = _asked(_FIND_VERSION if version_id else _FIND_LATEST, bucket, key, *named)
    if row is None:
        return None, None
    found = row[_BUCKET_SIZE + 1 :]
    return _bucket(row[1 : _BUCKET_SIZE + 1]), None if found[0] is None else _object(found)


def _asked(statement: Statement, bucket: str, *more: str) -> tuple[Any, ...] | None:
    """One row, whose first column is the number of the caller's identities."""
    row = statement.one(bucket, remembered.account(), *more)
    if row is None:
        remembered.confirm()
    else:
        remembered.check(row[0])
    return row


def version(bucket: BucketRow, key: str, version_id: str = "") -> ObjectRow | None:
    """Without its content."""
    named = [version_id] if version_id else []
    row = (_VERSION if version_id else _LATEST).one(bucket.pk, key, *named)
    return None if row is None else _object(row)


def lock(bucket: BucketRow, key: str) -> None:
    """Until the end of the transaction."""
    run(_LOCK, [key, bucket.pk])


def insert(bucket: BucketRow, key: str, values: Parameters) -> int:
    """Adds a version that is the latest; the caller has made room. Answers its pk."""
    return _pk(_INSERT.one(*_parameters(bucket, key, values)))


def replace(bucket: BucketRow, key: str, values: Parameters) -> int:
    """Puts the only version of a key, in one statement. Answers its pk."""
    return _pk(_REPLACE.one(*_parameters(bucket, key, values)))


def unset_latest(bucket: BucketRow, key: str) -> None:
    run(_UNSET_LATEST, [bucket.pk, key])


def set_latest(bucket: BucketRow, key: str) -> None:
    """The newest version that is left becomes the latest."""
    run(_SET_LATEST, [bucket.pk, key])


def delete(pk: int) -> None:
    run(_DELETE, [pk])


def move_to_end(pk: int) -> int:
    """A version becomes the newest of its key. Answers its new pk, which its parts follow."""
    return _pk(run(_MOVE, [pk]).fetchone())


def _pk(row: tuple[Any, ...] | None) -> int:
    assert row is not None  # noqa: S101 - RETURNING answers one row
    return int(row[0])


def _parameters(bucket: BucketRow, key: str, values: Parameters) -> list[Any]:
    row = {**_DEFAULTS, "account_id": bucket.account_id, "bucket_id": bucket.pk, "key": key}
    row |= values
    return [json.dumps(row[name]) if name in _WRITTEN_JSON else row[name] for name in _WRITTEN]


def _loads(text: str) -> Any:
    """Most of the columns say nothing, which need not be parsed."""
    if text == "{}":
        return {}
    return [] if text == "[]" else json.loads(text)


def _bucket(row: tuple[Any, ...]) -> BucketRow:
    *own, public_access, grants, configurations, clock_offset, is_suspended, blocks = row
    encryption, lock_configuration, watch = _configurations(configurations)
    own += [_loads(public_access), _loads(grants), encryption, lock_configuration]
    own += [clock_offset, is_suspended, watch, _loads(blocks)]
    return BucketRow(*own)


@lru_cache(maxsize=1024)
def _configurations(text: str) -> tuple[Parameters, Parameters, Parameters]:
    """What a BucketRow has of them; shared, so nobody may change it."""
    known = json.loads(text)
    watch = {name: known[name] for name in _WATCHED if name in known}
    return known.get("encryption", {}), known.get("object-lock", {}), watch


def _object(row: tuple[Any, ...]) -> ObjectRow:
    values = list(row)
    for index in _OBJECT_JSON:
        values[index] = _loads(values[index])
    return ObjectRow(*values)
