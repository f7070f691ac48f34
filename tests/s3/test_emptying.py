"""Emptying a bucket, page by page."""

from typing import Any
from unittest import mock

import pytest

from aws.context import Context
from iam.models import User
from s3 import emptying, jobs
from s3.models import Job, ObjectVersion
from tests import factories


@pytest.fixture
def ctx(alice: User) -> Context:
    return factories.ctx_for(alice)


@pytest.fixture
def versioned(s3: Any, bucket: str) -> str:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


@pytest.fixture(autouse=True)
def _small_pages() -> Any:
    with mock.patch.object(emptying, "PAGE", 3):
        yield


def left(bucket: str) -> list[tuple[str, str]]:
    found = ObjectVersion.objects.filter(bucket__name=bucket).order_by("key", "id")
    return list(found.values_list("key", "version_id"))


def test_a_key_with_more_versions_than_a_page_goes_whole(
    s3: Any, versioned: str, ctx: Context
) -> None:
    for key in ("a", "b", "b", "b", "b", "b", "b", "b", "c"):
        s3.put_object(Bucket=versioned, Key=key, Body=b"12")
    s3.delete_object(Bucket=versioned, Key="b")
    job = jobs.start(ctx, emptying.EMPTY, versioned, {})
    assert left(versioned) == []
    assert (job.state, job.done, job.done_bytes) == (Job.State.COMPLETE, 10, 18)


def test_locked_versions_are_told_once_and_passed_by(s3: Any, versioned: str, ctx: Context) -> None:
    s3.put_object_lock_configuration(
        Bucket=versioned, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
    )
    put = [s3.put_object(Bucket=versioned, Key="a", Body=b"1")["VersionId"] for _ in range(9)]
    for version in put[1::2]:
        s3.put_object_legal_hold(
            Bucket=versioned, Key="a", VersionId=version, LegalHold={"Status": "ON"}
        )
    job = jobs.start(ctx, emptying.EMPTY, versioned, {})
    assert left(versioned) == [("a", version) for version in put[1::2]]
    assert (job.done, job.failed) == (5, 4)
    assert {failure["Code"] for failure in job.failures} == {"AccessDenied"}


def test_what_a_client_deletes_page_by_page_goes_whole(s3: Any, versioned: str) -> None:
    """boto3's `bucket.object_versions.delete()` does so: its marker has gone each time."""
    for _ in range(7):
        s3.put_object(Bucket=versioned, Key="a", Body=b"1")
    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket=versioned, PaginationConfig={"PageSize": 2}
    )
    for page in pages:
        gone = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in page["Versions"]]
        s3.delete_objects(Bucket=versioned, Delete={"Objects": gone})
    assert left(versioned) == []
