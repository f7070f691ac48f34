"""Replicate existing objects, once: what was there before the rules, or failed under them.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-batch-replication-batch.html
"""

from collections.abc import Iterator
from typing import Any

from aws.context import Context
from aws.errors import AwsError
from s3 import access, operations, replicas, rows
from s3.jobs import Batch, Deadline, step
from s3.models import Job, Replication
from s3.names import object_arn
from s3.replicas import STATUS
from s3.rows import BucketRow, ObjectRow

REPLICATE = "replicate-existing"
PAGE = 250
_DONE = (replicas.PENDING, replicas.COMPLETED, replicas.REPLICA)


@step(REPLICATE)
def _replicate(ctx: Context, job: Job) -> Batch:
    """Queues every version and delete marker that a rule takes in, the older ones first.

    Each asks for s3:InitiateReplication; the role of the rules does the rest.
    """
    batch, deadline = Batch(cursor=dict(job.cursor)), Deadline(job)
    while batch.cursor is not None and not deadline.is_over:
        listed = operations.list_object_versions(
            ctx, bucket=job.bucket, max_keys=PAGE, **batch.cursor
        )
        found = rows.find_bucket(job.bucket)
        if found is not None:
            for one in _versions(found, listed):
                _owe(ctx, found, one, batch)
        batch.cursor = _next(listed)
    return batch


def _versions(found: BucketRow, listed: dict[str, Any]) -> list[ObjectRow]:
    named = ((one["Key"], one["VersionId"]) for one in _listed(listed))
    there = (rows.version(found, key, version_id) for key, version_id in named)
    return sorted((one for one in there if one is not None), key=lambda one: one.pk)


def _listed(listed: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from listed["Versions"]
    yield from listed["DeleteMarkers"]


def _next(listed: dict[str, Any]) -> dict[str, Any] | None:
    if not listed["IsTruncated"]:
        return None
    return {
        "key_marker": listed["NextKeyMarker"],
        "version_id_marker": listed["NextVersionIdMarker"],
    }


def _owe(ctx: Context, found: BucketRow, one: ObjectRow, batch: Batch) -> None:
    if one.attributes.get(STATUS) in _DONE:
        return
    if one.is_delete_marker:
        action, wanted = Replication.Action.MARKER, replicas.for_marker(found, one.key)
    else:
        values = {
            "attributes": one.attributes,
            "storage_class": one.storage_class,
            "tags": one.tags,
        }
        action = Replication.Action.OBJECT
        wanted = replicas.for_object(found, one.key, values)
    if not wanted:
        return
    try:
        access.authorize(ctx, "s3:InitiateReplication", object_arn(found.name, one.key), found, one)
    except AwsError as error:
        batch.fail(one.key, error, one.version_id)
        return
    Replication.objects.filter(version_pk=one.pk, state=Replication.State.FAILED).delete()
    replicas.queue(found, one.key, one.pk, action, wanted)
    if not one.is_delete_marker:
        replicas.set_status(one.pk, replicas.PENDING)
    batch.done += 1
    batch.done_bytes += one.size
