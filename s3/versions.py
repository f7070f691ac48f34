"""Puts and deletes versions of a key, in buckets with and without versioning.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
from django.db import IntegrityError, transaction

from aws import clock
from s3 import locks, replicas, rows
from s3.conditions import check_write, is_conditional
from s3.errors import InvalidArgument, NoSuchBucket, NoSuchKey, PreconditionFailed
from s3.models import Replication
from s3.replicas import STATUS
from s3.rows import NULL_VERSION, BucketRow, ObjectRow, Parameters


def now(bucket: BucketRow) -> datetime:
    """The time of the bucket's account."""
    return clock.now(bucket.clock_offset)


def put(bucket: BucketRow, key: str, values: Parameters, settings: Mapping[str, Any]) -> str:
    """A new version, committed. settings: an operation's arguments, for its conditions.

    Answers the version id. Raises PreconditionFailed, NoSuchKey, NoSuchBucket.
    """
    with bucket_has_to_stay(bucket):
        if not bucket.versioning and not is_conditional(settings):
            rows.replace(bucket, key, {"version_id": NULL_VERSION, **values})
            return NULL_VERSION
        with transaction.atomic():
            return put_in_transaction(bucket, key, values, settings)[1]


def put_in_transaction(
    bucket: BucketRow, key: str, values: Parameters, settings: Mapping[str, Any]
) -> tuple[int, str]:
    """Answers the row's pk and the version id."""
    rows.lock(bucket, key)
    if is_conditional(settings):
        check_write(rows.version(bucket, key), settings, key)
    if not bucket.versioning:
        return rows.replace(bucket, key, {"version_id": NULL_VERSION, **values}), NULL_VERSION
    version_id = _new_version_id() if bucket.is_versioned else NULL_VERSION
    _make_room(bucket, key)
    owed = replicas.for_object(bucket, key, values) if _replicates(bucket) else []
    if owed:
        values = {**values, "attributes": {**values["attributes"], STATUS: replicas.PENDING}}
    pk = rows.insert(bucket, key, {"version_id": version_id, **values})
    replicas.queue(bucket, key, pk, Replication.Action.OBJECT, owed)
    return pk, version_id


@contextmanager
def bucket_has_to_stay(bucket: BucketRow) -> Iterator[None]:
    """A bucket that is deleted meanwhile fails the commit."""
    try:
        yield
    except (psycopg.errors.ForeignKeyViolation, IntegrityError):
        raise NoSuchBucket(BucketName=bucket.name) from None


def delete(
    bucket: BucketRow, key: str, settings: Mapping[str, Any], *, is_expiry: bool = False
) -> Parameters:
    """DeleteObject without a version id: the object goes, or a delete marker comes.

    is_expiry: by a lifecycle rule, which AWS does not replicate.
    """
    with bucket_has_to_stay(bucket), transaction.atomic():
        rows.lock(bucket, key)
        found = rows.version(bucket, key)
        _check_delete(found, settings, key)
        if not bucket.versioning:
            if found is not None:
                rows.delete(found.pk)
            return {}
        version_id = _new_version_id() if bucket.is_versioned else NULL_VERSION
        _make_room(bucket, key)
        values = {"version_id": version_id, "is_delete_marker": True, "last_modified": now(bucket)}
        pk = rows.insert(bucket, key, values)
        if _replicates(bucket) and not is_expiry:
            wanted = replicas.for_marker(bucket, key)
            replicas.queue(bucket, key, pk, Replication.Action.MARKER, wanted)
    return {"DeleteMarker": True, "VersionId": version_id}


def delete_version(
    bucket: BucketRow,
    key: str,
    version_id: str,
    settings: Mapping[str, Any],
    *,
    bypass: bool = False,
) -> Parameters:
    """DeleteObject with a version id: the version goes for good."""
    if not 0 < len(version_id) <= 32:
        raise InvalidArgument(
            reason="Invalid version id specified",
            ArgumentName="versionId",
            ArgumentValue=version_id[:200],
        )
    with transaction.atomic():
        rows.lock(bucket, key)
        found = rows.version(bucket, key, version_id)
        _check_delete(found, settings, key)
        if found is not None:
            locks.require_unlocked(bucket, found, bypass=bypass)
            if _replicates(bucket):
                replicas.forget(found.pk)
            rows.delete(found.pk)
            if found.is_latest:
                rows.set_latest(bucket, key)
    answer: Parameters = {"VersionId": version_id}
    if found is not None and found.is_delete_marker:
        answer["DeleteMarker"] = True
    return answer


def _replicates(bucket: BucketRow) -> bool:
    return bucket.is_versioned and replicas.NAME in bucket.watch


def _make_room(bucket: BucketRow, key: str) -> None:
    """The latest version becomes an older one; with versioning suspended the null one goes."""
    if not bucket.is_versioned:
        null = rows.version(bucket, key, NULL_VERSION)
        if null is not None:
            rows.delete(null.pk)
    rows.unset_latest(bucket, key)


def _check_delete(found: ObjectRow | None, settings: Mapping[str, Any], key: str) -> None:
    if (if_match := settings.get("if_match")) is None:
        return
    if found is None or found.is_delete_marker:
        raise NoSuchKey(Key=key)
    if if_match.strip('"') not in ("*", found.etag):
        raise PreconditionFailed(Condition="If-Match")


def _new_version_id() -> str:
    """32 characters; none of them makes a command line think of an option."""
    return secrets.token_urlsafe(24).replace("-", "x").replace("_", ".")
