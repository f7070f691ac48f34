"""Replication, carried out: versions, delete markers and changes, as the role of the rules may.

A replica has the version id, the time and the ETag of its source; its bytes are a second name for
the same file. What is owed is a row, see `s3.replicas`: a worker that dies leaves it for the next.
AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from aws import clock, lifecycle
from aws.context import Context
from aws.errors import AwsError
from s3 import access, notifications, replicas, roles, rows, versions
from s3.copying import replica_bytes
from s3.errors import InvalidBucketState, NoSuchBucket
from s3.locks import columns as lock_columns
from s3.models import ObjectVersion, Replication
from s3.names import bucket_arn, object_arn
from s3.replicas import COMPLETED, FAILED, PENDING, REPLICA, STATUS
from s3.rows import BucketRow, ObjectRow, Parameters

_FAILURES = {"AccessDenied": "AccessDenied", "NoSuchBucket": "DstBucketNotFound"}
_OPERATIONS = {
    Replication.Action.OBJECT: "OBJECT_PUT_REPLICATION",
    Replication.Action.MARKER: "DELETE_MARKER_REPLICATION",
    Replication.Action.CHANGE: "OBJECT_METADATA_REPLICATION",
}


@dataclass(frozen=True, slots=True)
class _Work:
    """ctx: the role's."""

    ctx: Context
    rule: Mapping[str, Any]
    source: BucketRow
    target: BucketRow
    version: ObjectRow

    @property
    def owner_changes(self) -> bool:
        return "AccessControlTranslation" in self.rule["Destination"]

    def ask(self, *actions: str) -> None:
        """Of the destination's object."""
        arn = object_arn(self.target.name, self.version.key)
        for action in actions:
            access.authorize(self.ctx, action, arn, self.target, None)

    def ask_source(self, *actions: str) -> None:
        arn = object_arn(self.source.name, self.version.key)
        for action in actions:
            access.authorize(self.ctx, action, arn, self.source, self.version)


def work(pk: int) -> None:
    """Does what a row owes, and before it what the same key owes for longer."""
    row = Replication.objects.filter(pk=pk).first()
    if row is None:
        return
    due = Replication.objects.filter(
        bucket_id=row.bucket_id,
        key=row.key,
        destination=row.destination,
        state=Replication.State.PENDING,
        pk__lte=pk,
    )
    for each in list(due.order_by("pk").values_list("pk", flat=True)):
        _work(each)


@transaction.atomic
def _work(pk: int) -> None:
    """A second worker waits for the row, and finds it gone."""
    pending = Replication.objects.select_for_update(of=("self",)).select_related("bucket")
    row = pending.filter(pk=pk, state=Replication.State.PENDING).first()
    if row is None:
        return
    source = rows.find_bucket(row.bucket.name)
    found = _version(row)
    rule = _rule(source, row) if source else None
    if source is None or found is None or rule is None:
        # The version, the rule or the bucket has gone, and with it what was owed.
        row.delete()
        replicas.set_status(row.version_pk, _status(row.version_pk))
        return
    try:
        with transaction.atomic():
            _replicate(source, rule, row, found)
    except AwsError as error:
        _fail(row, source, found, error)
    else:
        row.delete()
        if found.attributes.get(STATUS) != REPLICA:
            replicas.set_status(found.pk, _status(found.pk) or COMPLETED)


def _version(row: Replication) -> ObjectRow | None:
    """With its bytes, if it is there still."""
    known = ObjectVersion.objects.filter(pk=row.version_pk, bucket_id=row.bucket_id, key=row.key)
    version_id = known.values_list("version_id", flat=True).first()
    return rows.find(row.bucket.name, row.key, version_id)[1] if version_id else None


def _rule(source: BucketRow, row: Replication) -> Mapping[str, Any] | None:
    found = (rule for rule in replicas.rules(source) if rule["ID"] == row.rule_id)
    return next((rule for rule in found if replicas.destination_of(rule) == row.destination), None)


def _status(pk: int) -> str:
    """What other destinations leave a version with; "" for nothing."""
    left = set(Replication.objects.filter(version_pk=pk).values_list("state", flat=True))
    return PENDING if PENDING in left else FAILED if FAILED in left else ""


def _replicate(
    source: BucketRow, rule: Mapping[str, Any], row: Replication, found: ObjectRow
) -> None:
    target = _target(source, rule, row.destination)
    role = source.watch[replicas.NAME]["Role"]
    one = _Work(roles.context(source, role), rule, source, target, found)
    for action in ("s3:GetReplicationConfiguration", "s3:ListBucket"):
        access.authorize(one.ctx, action, bucket_arn(source.name), source, None)
    rows.lock(target, found.key)
    there = rows.version(target, found.key, found.version_id)
    if row.action == Replication.Action.MARKER:
        one.ask("s3:ReplicateDelete")
        if there is None:
            _put_marker(one)
    elif row.action == Replication.Action.CHANGE:
        if there is not None:
            _change(one, there)
    elif there is None:
        _put(one)


def _target(source: BucketRow, rule: Mapping[str, Any], name: str) -> BucketRow:
    """Raises NoSuchBucket, InvalidBucketState."""
    target = rows.find_bucket(name)
    wanted = rule["Destination"].get("Account", "")
    if target is None or wanted not in ("", target.account_id):
        raise NoSuchBucket(BucketName=name)
    if not target.is_versioned:
        raise InvalidBucketState("Versioning must be enabled on the destination bucket.")
    return target


# --- Objects ----------------------------------------------------------------------------------
def _put(one: _Work) -> None:
    found, target = one.version, one.target
    _ask_to_read(one)
    one.ask("s3:ReplicateObject", *(["s3:ReplicateTags"] if found.tags else []))
    if one.owner_changes:
        one.ask("s3:ObjectOwnerOverrideToBucketOwner")
    kept = {**found.attributes, STATUS: REPLICA}
    values: Parameters = {
        "attributes": kept,
        "storage_class": one.rule["Destination"].get("StorageClass") or found.storage_class,
        "tags": found.tags,
        "checksum": found.checksum,
        **_ownership(one),
        **_lock(one),
    }
    copied, parts = replica_bytes(one.ctx, one.source, target, found, one.rule)
    kept |= copied.pop("attributes", {})
    pk = _insert(target, found, values | copied)
    for part in parts:
        part.version_id = pk
        part.save(force_insert=True)
    notifications.emit(
        target,
        "ObjectCreated:Put",
        found.key,
        size=found.size,
        etag=found.etag,
        version_id=found.version_id,
    )


def _ask_to_read(one: _Work) -> None:
    found = one.version
    one.ask_source(
        "s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"
    )
    if found.lock_mode or found.legal_hold:
        one.ask_source("s3:GetObjectRetention", "s3:GetObjectLegalHold")


def _ownership(one: _Work) -> Parameters:
    """Owner and list stay those of the source, unless the destination takes over."""
    owner_id = one.version.owner_id or one.source.account_id
    is_taken = one.owner_changes or one.target.object_ownership == "BucketOwnerEnforced"
    if is_taken or owner_id == one.target.account_id:
        return {"owner_id": "", "grants": [] if is_taken else one.version.grants}
    return {"owner_id": owner_id, "grants": one.version.grants}


def _lock(one: _Work) -> Parameters:
    found, target = one.version, one.target
    if not target.object_lock:
        return {}
    if not found.lock_mode and not found.legal_hold:
        return lock_columns(target, {})
    return {
        "lock_mode": found.lock_mode,
        "retain_until": found.retain_until,
        "legal_hold": found.legal_hold,
    }


# --- Delete markers and changes ---------------------------------------------------------------
def _put_marker(one: _Work) -> None:
    values = {"is_delete_marker": True, "attributes": {STATUS: REPLICA}}
    _insert(one.target, one.version, values)
    event, version_id = "ObjectRemoved:DeleteMarkerCreated", one.version.version_id
    notifications.emit(one.target, event, one.version.key, version_id=version_id)


def _change(one: _Work, there: ObjectRow) -> None:
    """What differs, and each difference asked for."""
    found, changes = one.version, Parameters()
    if there.tags != found.tags:
        one.ask_source("s3:GetObjectVersionTagging")
        one.ask("s3:ReplicateTags")
        changes["tags"] = found.tags
    wanted = {**_ownership(one), **_lock(one)}
    wanted.pop("owner_id")
    differing = {name: value for name, value in wanted.items() if value != getattr(there, name)}
    if differing:
        _ask_to_read(one)
        one.ask("s3:ReplicateObject")
    if changes := changes | differing:
        ObjectVersion.objects.filter(pk=there.pk).update(**changes)


# --- The row ----------------------------------------------------------------------------------
def _insert(target: BucketRow, found: ObjectRow, values: Parameters) -> int:
    """A version with its source's id and time, in its place among the key's others."""
    newer = ObjectVersion.objects.filter(
        bucket_id=target.pk, key=found.key, last_modified__gt=found.last_modified
    )
    later = list(newer.order_by("pk").values_list("pk", flat=True))
    if not later:
        rows.unset_latest(target, found.key)
    placed = {
        "version_id": found.version_id,
        "last_modified": found.last_modified,
        "is_latest": not later,
    }
    with versions.bucket_has_to_stay(target):
        pk = rows.insert(target, found.key, values | placed)
    for each in later:
        moved = rows.move_to_end(each)
        Replication.objects.filter(version_pk=each).update(version_pk=moved)
    return pk


def _fail(row: Replication, source: BucketRow, found: ObjectRow, error: AwsError) -> None:
    failure = {"Code": error.code, "Message": error.message}
    lifecycle.move(row, to=FAILED, reason=error.code, by="worker", failure=failure)
    if found.attributes.get(STATUS) != REPLICA:
        replicas.set_status(found.pk, _status(found.pk))
    about = {
        "replicationRuleId": row.rule_id,
        "destinationBucket": bucket_arn(row.destination),
        "s3Operation": _OPERATIONS[Replication.Action(row.action)],
        "requestTime": clock.isoformat(versions.now(source)),
        "failureReason": _FAILURES.get(error.code, error.code),
    }
    notifications.emit(
        source,
        "Replication:OperationFailedReplication",
        found.key,
        size=found.size,
        etag=found.etag,
        version_id=found.version_id,
        more={"replicationEventData": about},
    )
