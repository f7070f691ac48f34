"""Emptying a bucket: all versions and delete markers of all keys, in a job."""

from typing import Any

from aws.context import Context
from aws.errors import Denied
from s3 import operations
from s3.jobs import Batch, Deadline, step
from s3.models import Job, ObjectVersion
from s3.object_jobs import last_of
from s3.rows import NULL_VERSION

EMPTY = "empty"
PAGE = 1000


def total(ctx: Context, bucket: str) -> int:
    """How many versions there are to delete, for the progress bar."""
    return ObjectVersion.objects.in_scope(ctx).filter(bucket__name=bucket).count()


@step(EMPTY)
def _empty(ctx: Context, job: Job) -> Batch:
    """What cannot be deleted is told, and passed by."""
    batch, deadline = Batch(cursor=dict(job.cursor)), Deadline(job)
    is_versioned = _is_versioned(ctx, job.bucket)
    while batch.cursor is not None and not deadline.is_over:
        batch.cursor = _page(ctx, job.bucket, batch, batch.cursor, is_versioned=is_versioned)
    return batch


def _page(
    ctx: Context, bucket: str, batch: Batch, cursor: dict[str, Any], *, is_versioned: bool
) -> dict[str, Any] | None:
    """Deletes a page of versions; answers where the next one begins.

    What is deleted leaves the list, so that it begins behind what could not be.
    """
    listed = operations.list_object_versions(ctx, bucket=bucket, max_keys=PAGE, **cursor)
    versions = [*listed["Versions"], *listed["DeleteMarkers"]]
    failed = _delete(ctx, bucket, batch, versions, is_versioned=is_versioned)
    if not listed["IsTruncated"]:
        return None
    stays = [one for one in versions if (one["Key"], one["VersionId"]) in failed]
    if not stays:
        return cursor
    key, version_id = last_of(stays)
    return {"key_marker": key, "version_id_marker": version_id}


def _delete(
    ctx: Context, bucket: str, batch: Batch, versions: list[dict[str, Any]], *, is_versioned: bool
) -> set[tuple[str, str]]:
    """(key, version id) of those that could not be deleted."""
    if not versions:
        return set()
    # Without versions, deleting a key needs the plain permission alone.
    wanted = [
        {"Key": one["Key"], **({"VersionId": one["VersionId"]} if is_versioned else {})}
        for one in versions
    ]
    answer = operations.delete_objects(ctx, bucket=bucket, delete={"Objects": wanted})
    sizes = {(one["Key"], one["VersionId"]): one.get("Size", 0) for one in versions}
    batch.done += len(answer["Deleted"])
    for gone in answer["Deleted"]:
        batch.done_bytes += sizes.get((gone["Key"], gone.get("VersionId", NULL_VERSION)), 0)
    batch.failures += answer["Errors"]
    return {(error["Key"], error.get("VersionId", NULL_VERSION)) for error in answer["Errors"]}


def _is_versioned(ctx: Context, bucket: str) -> bool:
    """Where it may not be known, versions are deleted one by one all the same."""
    try:
        return "Status" in operations.get_bucket_versioning(ctx, bucket=bucket)
    except Denied:
        return True
