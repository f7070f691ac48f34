"""A bucket as it was at a moment: what its versions tell, and the job that brings it back.

Nothing is lost by it: what comes back is a copy of an older version, and what was not there then is
hidden behind a delete marker. It reaches back as far as versions do: what was deleted for good, or
overwritten before versioning was on, cannot be known.
AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/RestoringPreviousVersions.html
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from aws.context import Context
from aws.errors import AwsError
from s3 import access, operations, rows
from s3.attributes import ARCHIVES
from s3.errors import InvalidBucketState
from s3.jobs import Batch, Deadline, step
from s3.listing import END, first_after, successor
from s3.models import Job
from s3.object_jobs import kept_settings
from s3.rows import BucketRow

RESTORE = "restore-moment"
BRING_BACK, REPLACE, REMOVE = "bring-back", "replace", "remove"
PAGE = 250
# now: the latest of each key. was: what was the latest then. A copy of a version is the version.
_KEPT_APART = "ARRAY['BucketKeyEnabled', 'ReplicationStatus']::text[]"
_SAME = " AND ".join(
    [f"now.{name} = was.{name}" for name in ("etag", "size", "tags", "storage_class")]
    + [f"now.attributes - {_KEPT_APART} = was.attributes - {_KEPT_APART}"]
)
_CHANGE = f"""CASE
    WHEN was.id IS NULL OR was.is_delete_marker
        THEN CASE WHEN now.is_delete_marker THEN '' ELSE '{REMOVE}' END
    WHEN now.is_delete_marker THEN '{BRING_BACK}'
    WHEN now.id = was.id OR ({_SAME}) THEN ''
    ELSE '{REPLACE}' END"""
# What has been written since `until` is not touched: the job's own work, and what others do.
_BOTH = """FROM s3_objectversion now LEFT JOIN LATERAL (
        SELECT * FROM s3_objectversion o WHERE o.bucket_id = now.bucket_id AND o.key = now.key
        AND o.last_modified <= %(at)s ORDER BY o.id DESC LIMIT 1) was ON TRUE
    WHERE now.bucket_id = %(bucket)s AND now.is_latest AND now.last_modified <= %(until)s
    AND now.key >= %(start)s AND now.key < %(end)s"""
_FOUND = "key, change, version_id, size, last_modified, storage_class"
_COMPARED = f"""SELECT now.key AS key, {_CHANGE} AS change, was.version_id AS version_id,
    CASE WHEN was.id IS NULL OR was.is_delete_marker THEN now.size ELSE was.size END AS size,
    now.last_modified AS last_modified, was.storage_class AS storage_class,
    was.id IS NOT NULL AND NOT was.is_delete_marker AS existed {_BOTH}"""  # noqa: S608
_DIFFERENCES = f"""SELECT {_FOUND} FROM ({_COMPARED} ORDER BY now.key) found
    WHERE change <> '' ORDER BY key LIMIT %(limit)s"""  # noqa: S608
_EXISTING = f"""SELECT {_FOUND} FROM ({_COMPARED} ORDER BY now.key) found
    WHERE existed ORDER BY key LIMIT %(limit)s"""  # noqa: S608
_COUNTED = f"""SELECT change, existed, coalesce(storage_class, '') = ANY(%(archives)s),
    count(*), coalesce(sum(size), 0)::bigint FROM ({_COMPARED}) found
    GROUP BY 1, 2, 3"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Moment:
    """at: account time. until: changes later than this are left alone. prefix: of the keys."""

    at: datetime
    until: datetime
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """change: one of the three, "" for none. version_id: the one of then, "" where there was none.

    size: of the version that comes back, or of the object that goes.
    """

    key: str
    change: str
    version_id: str
    size: int
    last_modified: datetime
    storage_class: str


@dataclass(slots=True)
class Counts:
    """by_change: change → objects. archived: of those to copy, what is in an archive.

    existed: objects that were there then.
    """

    by_change: dict[str, int] = field(default_factory=dict)
    archived: int = 0
    existed: int = 0
    existed_bytes: int = 0

    @property
    def total(self) -> int:
        return sum(count for change, count in self.by_change.items() if change)


def require(ctx: Context, bucket: str, prefix: str) -> BucketRow:
    """The bucket, for who may list its versions."""
    conditions = {"s3:prefix": prefix} if prefix else None
    return access.bucket(ctx, "s3:ListBucketVersions", bucket, conditions=conditions)


def counts(ctx: Context, bucket: str, moment: Moment) -> Counts:
    """How much would change, and how much was there then."""
    found = Counts()
    parameters = _parameters(require(ctx, bucket, moment.prefix), moment)
    parameters["archives"] = list(ARCHIVES)
    for change, existed, archived, count, size in rows.run(_COUNTED, parameters).fetchall():
        found.by_change[change] = found.by_change.get(change, 0) + count
        if existed:
            found.existed += count
            found.existed_bytes += int(size)
        if archived and change in (BRING_BACK, REPLACE):
            found.archived += count
    return found


def differences(
    ctx: Context, bucket: str, moment: Moment, *, after: str = "", size: int = PAGE
) -> list[Difference]:
    """Between then and now, in the order of keys, those after a key."""
    return _page(require(ctx, bucket, moment.prefix), _DIFFERENCES, moment, after, size)


def parameters_of(
    moment: Moment, *, to_bucket: str = "", to_prefix: str = "", back: str = ""
) -> dict[str, Any]:
    """Of a job RESTORE. to_bucket: "" to change the bucket itself."""
    return {
        "at": moment.at.isoformat(),
        "until": moment.until.isoformat(),
        "prefix": moment.prefix,
        "to_bucket": to_bucket,
        "to_prefix": to_prefix,
        "back": back,
    }


@step(RESTORE)
def _restore(ctx: Context, job: Job) -> Batch:
    """Raises InvalidBucketState where versions are not kept, so that nothing would come back."""
    wishes = job.parameters
    moment = Moment(
        datetime.fromisoformat(wishes["at"]),
        datetime.fromisoformat(wishes["until"]),
        wishes["prefix"],
    )
    found = require(ctx, job.bucket, moment.prefix)
    is_elsewhere = bool(wishes["to_bucket"])
    if not is_elsewhere and not found.is_versioned:
        raise InvalidBucketState
    statement, one = (_EXISTING, _copy) if is_elsewhere else (_DIFFERENCES, _change)
    return _batch(ctx, job, found, statement, moment, one)


def _batch(
    ctx: Context,
    job: Job,
    found: BucketRow,
    statement: str,
    moment: Moment,
    one: Callable[[Context, Job, Difference], int],
) -> Batch:
    batch, deadline = Batch(), Deadline(job)
    after = job.cursor.get("after", "")
    while page := _page(found, statement, moment, after, PAGE):
        for difference in page:
            after = difference.key
            try:
                batch.done_bytes += one(ctx, job, difference)
                batch.done += 1
            except AwsError as error:
                batch.fail(difference.key, error, difference.version_id)
            if deadline.is_over:
                batch.cursor = {"after": after}
                return batch
    return batch


def _change(ctx: Context, job: Job, difference: Difference) -> int:
    if difference.change == REMOVE:
        operations.delete_object(ctx, bucket=job.bucket, key=difference.key)
        return 0
    return _copied(ctx, job, difference, job.bucket, difference.key)


def _copy(ctx: Context, job: Job, difference: Difference) -> int:
    target = job.parameters["to_prefix"] + difference.key
    return _copied(ctx, job, difference, job.parameters["to_bucket"], target)


def _copied(ctx: Context, job: Job, difference: Difference, bucket: str, key: str) -> int:
    """The version under the key, with its own storage class and encryption; answers its bytes."""
    named = {"key": difference.key, "version_id": difference.version_id}
    head = operations.head_object(ctx, bucket=job.bucket, **named)
    source = f"{quote(f'{job.bucket}/{difference.key}')}?versionId={quote(difference.version_id)}"
    kept = kept_settings(head)
    operations.copy_object(ctx, bucket=bucket, key=key, copy_source=source, **kept)
    return difference.size


def _page(
    bucket: BucketRow, statement: str, moment: Moment, after: str, size: int
) -> list[Difference]:
    parameters = {**_parameters(bucket, moment, after), "limit": size}
    return [
        Difference(key, change, version_id or "", length, modified, kind or "")
        for key, change, version_id, length, modified, kind in rows.run(
            statement, parameters
        ).fetchall()
    ]


def _parameters(bucket: BucketRow, moment: Moment, after: str = "") -> dict[str, Any]:
    return {
        "bucket": bucket.pk,
        "at": moment.at,
        "until": moment.until,
        "start": max(moment.prefix, first_after(after, moment.prefix, "")),
        "end": successor(moment.prefix) or END,
    }
