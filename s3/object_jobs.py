"""What the console does to many objects at once: copies, moves, edits, deletes and adds up.

Parameters of each kind: items, [{"Key", "VersionId"?}], and folders, key prefixes of which all is
meant; the rest is said at each step.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from aws.context import Context
from aws.errors import AwsError
from s3 import operations
from s3.errors import InvalidRequest, NoSuchKey
from s3.jobs import Batch, Deadline, step
from s3.models import Job

PAGE = 250


@dataclass(frozen=True, slots=True)
class Item:
    """cursor: where a batch that ends behind this key goes on. size: None where unknown."""

    key: str
    version_id: str
    cursor: dict[str, Any]
    size: int | None = None


# Does one key, and answers its bytes, if they matter.
One = Callable[[Context, Job, Item], int]


def _by_key(kind: str) -> Callable[[One], One]:
    """Registers a step that treats key by key."""

    def register(one: One) -> One:
        @step(kind)
        def batch_of_keys(ctx: Context, job: Job) -> Batch:
            batch, deadline = Batch(), Deadline(job)
            for item in _items(ctx, job):
                try:
                    batch.done_bytes += one(ctx, job, item)
                    batch.done += 1
                except AwsError as error:
                    batch.fail(item.key, error, item.version_id)
                if deadline.is_over:
                    batch.cursor = item.cursor
                    return batch
            return batch

        return one

    return register


def _items(ctx: Context, job: Job) -> Iterator[Item]:
    """What the cursor has left over, in order."""
    items, folders = job.parameters["items"], job.parameters["folders"]
    begin = job.cursor.get("at", 0)
    for at, item in enumerate(items[begin:], start=begin):
        yield Item(item["Key"], item.get("VersionId", ""), {"at": at + 1})
    for at in range(max(begin, len(items)), len(items) + len(folders)):
        after = job.cursor.get("after", "") if at == begin else ""
        for one in _objects_under(ctx, job.bucket, folders[at - len(items)], after):
            yield Item(one["Key"], "", {"at": at, "after": one["Key"]}, one["Size"])


def _version(item: Item) -> dict[str, Any]:
    return {"version_id": item.version_id} if item.version_id else {}


def _objects_under(ctx: Context, bucket: str, prefix: str, after: str) -> Iterator[dict[str, Any]]:
    is_truncated = True
    while is_truncated:
        page = operations.list_objects_v2(
            ctx, bucket=bucket, prefix=prefix, start_after=after, max_keys=PAGE
        )
        for one in page["Contents"]:
            after = one["Key"]
            yield one
        is_truncated = page["IsTruncated"]


# --- Deleting ---------------------------------------------------------------------------------
@step("delete")
def _delete(ctx: Context, job: Job) -> Batch:
    """versions: whether all versions and delete markers in the folders go, rather than be hidden.
    bypass: whether governance retention is set aside.

    A whole bucket is emptied by {"items": [], "folders": [""], "versions": True}.
    """
    batch, deadline = Batch(), Deadline(job)
    items, folders = job.parameters["items"], job.parameters["folders"]
    cursor = job.cursor or {"at": 0}
    while cursor["at"] < len(items) + len(folders):
        at = cursor["at"]
        if at < len(items):
            _delete_these(ctx, job, items[at : at + PAGE], batch)
            cursor = {"at": min(at + PAGE, len(items))}
        else:
            cursor = _delete_page(ctx, job, folders[at - len(items)], cursor, batch)
        if deadline.is_over and cursor["at"] < len(items) + len(folders):
            batch.cursor = cursor
            break
    return batch


def _delete_page(
    ctx: Context, job: Job, prefix: str, cursor: dict[str, Any], batch: Batch
) -> dict[str, Any]:
    """What is deleted leaves the list, so that the next page begins behind what could not be."""
    at, after, version = cursor["at"], cursor.get("after", ""), cursor.get("version", "")
    if job.parameters.get("versions"):
        marker = {"key_marker": after, "version_id_marker": version} if after else {}
        page = operations.list_object_versions(
            ctx, bucket=job.bucket, prefix=prefix, max_keys=PAGE, **marker
        )
        found = [*page["Versions"], *page["DeleteMarkers"]]
    else:
        page = operations.list_objects_v2(
            ctx, bucket=job.bucket, prefix=prefix, start_after=after, max_keys=PAGE
        )
        found = [
            {"Key": one["Key"], "LastModified": one["LastModified"]} for one in page["Contents"]
        ]
    failed = _delete_these(ctx, job, found, batch)
    if not page["IsTruncated"]:
        return {"at": at + 1}
    if not failed:
        return cursor
    key, version_id = last_of(
        [one for one in found if (one["Key"], one.get("VersionId", "")) in failed]
    )
    return {"at": at, "after": key, "version": version_id}


def last_of(listed: list[dict[str, Any]]) -> tuple[str, str]:
    """(key, version id) of what a list of versions and delete markers names last."""
    last_key = max(one["Key"] for one in listed)
    last = min(
        (one for one in listed if one["Key"] == last_key), key=lambda one: one["LastModified"]
    )
    return last_key, last.get("VersionId", "")


def _delete_these(
    ctx: Context, job: Job, found: list[dict[str, Any]], batch: Batch
) -> set[tuple[str, str]]:
    """(key, version id) of those that could not be deleted."""
    if not found:
        return set()
    wanted = [{name: one[name] for name in ("Key", "VersionId") if one.get(name)} for one in found]
    bypass = {"bypass_governance_retention": True} if job.parameters.get("bypass") else {}
    answer = operations.delete_objects(ctx, bucket=job.bucket, delete={"Objects": wanted}, **bypass)
    batch.done += len(answer["Deleted"])
    batch.failures += answer["Errors"]
    return {(error["Key"], error.get("VersionId", "")) for error in answer["Errors"]}


@_by_key("undelete")
def _undelete(ctx: Context, job: Job, item: Item) -> int:
    """Takes the delete markers off the newest version that is none."""
    page = operations.list_object_versions(ctx, bucket=job.bucket, prefix=item.key)
    markers = [one for one in page["DeleteMarkers"] if one["Key"] == item.key]
    versions = [one for one in page["Versions"] if one["Key"] == item.key]
    if not versions:
        raise NoSuchKey(Key=item.key)
    if any(one["IsLatest"] for one in versions):
        return 0
    newest = max(one["LastModified"] for one in versions)
    for marker in markers:
        if marker["LastModified"] >= newest:
            operations.delete_object(
                ctx, bucket=job.bucket, key=item.key, version_id=marker["VersionId"]
            )
    return 0


# --- Copying ----------------------------------------------------------------------------------
@_by_key("copy")
def _copy(ctx: Context, job: Job, item: Item) -> int:
    """to_bucket, to_prefix: the destination. base: what of a source key the prefix replaces.
    settings: of CopyObject; None to give the copy the storage class and encryption of its source.
    """
    bucket, key = _target(job, item)
    return _copy_to(ctx, job, item, bucket, key, job.parameters["settings"])


def _target(job: Job, item: Item) -> tuple[str, str]:
    wishes = job.parameters
    return wishes["to_bucket"], wishes["to_prefix"] + item.key.removeprefix(wishes["base"])


@_by_key("move")
def _move(ctx: Context, job: Job, item: Item) -> int:
    """As "copy"; then the source is deleted, which a move to its own place must not do."""
    if _target(job, item) == (job.bucket, item.key):
        raise InvalidRequest(reason="The object is at its destination already.")
    size = _copy(ctx, job, item)
    operations.delete_object(ctx, bucket=job.bucket, key=item.key)
    return size


@_by_key("rename")
def _rename(ctx: Context, job: Job, item: Item) -> int:
    """to_key: the new name, with its folder."""
    size = _copy_to(ctx, job, item, job.bucket, job.parameters["to_key"], None)
    operations.delete_object(ctx, bucket=job.bucket, key=item.key)
    return size


@_by_key("edit")
def _edit(ctx: Context, job: Job, item: Item) -> int:
    """settings: of CopyObject; storage class and encryption stay where they are not among them."""
    return _copy_to(ctx, job, item, job.bucket, item.key, job.parameters["settings"], keeps=True)


@_by_key("restore-version")
def _restore_version(ctx: Context, job: Job, item: Item) -> int:
    """An older version becomes the newest, by a copy of it."""
    return _copy_to(ctx, job, item, job.bucket, item.key, None)


def _copy_to(
    ctx: Context,
    job: Job,
    item: Item,
    bucket: str,
    key: str,
    settings: dict[str, Any] | None,
    *,
    keeps: bool = False,
) -> int:
    source = quote(f"{job.bucket}/{item.key}")
    if item.version_id:
        source += f"?versionId={quote(item.version_id)}"
    head = operations.head_object(ctx, bucket=job.bucket, key=item.key, **_version(item))
    wanted = dict(settings or {})
    if settings is None or keeps:
        wanted = {**kept_settings(head), **wanted}
    operations.copy_object(ctx, bucket=bucket, key=key, copy_source=source, **wanted)
    return int(head["ContentLength"])


def kept_settings(head: dict[str, Any]) -> dict[str, Any]:
    """What a copy does not take over by itself, as arguments of CopyObject."""
    kept = {
        "storage_class": head.get("StorageClass", "STANDARD"),
        "server_side_encryption": head.get("ServerSideEncryption"),
        "ssekms_key_id": head.get("SSEKMSKeyId"),
        "website_redirect_location": head.get("WebsiteRedirectLocation"),
    }
    return {name: value for name, value in kept.items() if value}


# --- Properties -------------------------------------------------------------------------------
@_by_key("tag")
def _tag(ctx: Context, job: Job, item: Item) -> int:
    """tags: [{"Key", "Value"}], in place of those there are."""
    operations.put_object_tagging(
        ctx,
        bucket=job.bucket,
        key=item.key,
        **_version(item),
        tagging={"TagSet": job.parameters["tags"]},
    )
    return 0


@_by_key("make-public")
def _make_public(ctx: Context, job: Job, item: Item) -> int:
    operations.put_object_acl(
        ctx,
        bucket=job.bucket,
        key=item.key,
        **_version(item),
        acl="public-read",
    )
    return 0


@_by_key("size")
def _size(ctx: Context, job: Job, item: Item) -> int:
    if item.size is not None:
        return item.size
    head = operations.head_object(ctx, bucket=job.bucket, key=item.key, **_version(item))
    return int(head["ContentLength"])


# --- Archives ---------------------------------------------------------------------------------
@_by_key("restore-archived")
def _restore_archived(ctx: Context, job: Job, item: Item) -> int:
    """days: that the copy stays. tier: how quickly it comes."""
    wanted = {
        "Days": job.parameters["days"],
        "GlacierJobParameters": {"Tier": job.parameters["tier"]},
    }
    operations.restore_object(
        ctx, bucket=job.bucket, key=item.key, **_version(item), restore_request=wanted
    )
    return 0
