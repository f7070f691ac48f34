"""Which rules want a version elsewhere, and the queue of what is owed. `s3.replication` pays it.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import transaction

from aws import lifecycle
from s3.attributes import ARCHIVES
from s3.models import Replication
from s3.rows import BucketRow, ObjectRow, Parameters, run

NAME = "replication"
STATUS = "ReplicationStatus"
PENDING, COMPLETED, FAILED, REPLICA = "PENDING", "COMPLETED", "FAILED", "REPLICA"
Rule = Mapping[str, Any]
_SET_STATUS = """UPDATE s3_objectversion SET attributes = CASE WHEN %(status)s::text = ''
        THEN attributes - 'ReplicationStatus'
        ELSE attributes || jsonb_build_object('ReplicationStatus', %(status)s::text) END
    WHERE id = %(pk)s"""


def together(bucket: BucketRow) -> AbstractContextManager[Any]:
    """A transaction around a change and what it owes, where the bucket replicates."""
    return transaction.atomic() if NAME in bucket.watch else nullcontext()


def rules(bucket: BucketRow) -> list[Rule]:
    """The enabled ones, the weightiest first."""
    listed = (bucket.watch.get(NAME) or {}).get("Rules", ())
    enabled = [rule for rule in listed if rule["Status"] == "Enabled"]
    return sorted(enabled, key=lambda rule: -rule.get("Priority", 0))


def destination_of(rule: Rule) -> str:
    """The bucket's name."""
    return str(rule["Destination"]["Bucket"].rpartition(":")[2])


def is_on(rule: Rule, *path: str) -> bool:
    """Whether {"SourceSelectionCriteria": {"ReplicaModifications": {"Status": …}}} is Enabled."""
    found: Any = rule
    for name in path:
        found = found.get(name) or {}
    return bool(found.get("Status") == "Enabled")


def for_object(bucket: BucketRow, key: str, values: Parameters) -> list[Rule]:
    """Those that a new version is owed to, one for each destination. values: its columns."""
    kept = values.get("attributes", {})
    if kept.get(STATUS) == REPLICA or values.get("storage_class") in ARCHIVES:
        return []
    is_kms = str(kept.get("ServerSideEncryption", "")).startswith("aws:kms")
    return _by_destination(
        rule
        for rule in rules(bucket)
        if _matches(rule, key, values.get("tags", {}))
        and (not is_kms or is_on(rule, "SourceSelectionCriteria", "SseKmsEncryptedObjects"))
    )


def for_marker(bucket: BucketRow, key: str) -> list[Rule]:
    """Delete markers have no tags. Rules of the first version of AWS's schema take them along."""
    return _by_destination(
        rule
        for rule in rules(bucket)
        if _matches(rule, key, {})
        and ("Filter" not in rule or is_on(rule, "DeleteMarkerReplication"))
    )


def queue(bucket: BucketRow, key: str, pk: int, action: str, wanted: Iterable[Rule]) -> None:
    """In the transaction of what it is about; workers hear of it after the commit."""
    for rule in wanted:
        row = Replication(
            account_id=bucket.account_id,
            bucket_id=bucket.pk,
            version_pk=pk,
            key=key,
            action=action,
            destination=destination_of(rule),
            rule_id=rule["ID"],
            state=Replication.State.PENDING,
        )
        row.save(force_insert=True)
        lifecycle.begin(row)


def forget(pk: int) -> None:
    """A version goes for good, and with it what has failed about it."""
    Replication.objects.filter(version_pk=pk, state=Replication.State.FAILED).delete()


def changed(bucket: BucketRow, found: ObjectRow) -> None:
    """A version's tags, list or lock are others now: of a replica, where the rule wants that."""
    if NAME not in bucket.watch or not bucket.is_versioned:
        return
    is_replica = found.attributes.get(STATUS) == REPLICA
    wanted = _by_destination(
        rule
        for rule in rules(bucket)
        if _matches(rule, found.key, {}, by_tags=False)
        and (not is_replica or is_on(rule, "SourceSelectionCriteria", "ReplicaModifications"))
    )
    if is_replica or found.attributes.get(STATUS):
        queue(bucket, found.key, found.pk, Replication.Action.CHANGE, wanted)


def set_status(pk: int, status: str) -> None:
    """ "" for none."""
    run(_SET_STATUS, {"pk": pk, "status": status})


def _by_destination(wanted: Iterable[Rule]) -> list[Rule]:
    """Of several rules with one destination, the weightiest."""
    found: dict[str, Rule] = {}
    for rule in wanted:
        found.setdefault(destination_of(rule), rule)
    return list(found.values())


def prefix_of(rule: Rule) -> str:
    conditions = rule.get("Filter") or {}
    conditions = conditions.get("And") or conditions
    return str(conditions.get("Prefix") or rule.get("Prefix") or "")


def tags_of(rule: Rule) -> Iterator[tuple[str, str]]:
    conditions = rule.get("Filter") or {}
    both = conditions.get("And") or {}
    for tag in (*both.get("Tags", ()), *([conditions["Tag"]] if "Tag" in conditions else ())):
        yield tag["Key"], tag["Value"]


def _matches(rule: Rule, key: str, tags: Mapping[str, str], *, by_tags: bool = True) -> bool:
    if not key.startswith(prefix_of(rule)):
        return False
    return not by_tags or all(tags.get(name) == value for name, value in tags_of(rule))
