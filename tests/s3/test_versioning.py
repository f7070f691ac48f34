"""Versions, delete markers, null versions, and their list."""

from typing import Any

import pytest

from s3.models import ObjectVersion
from tests.s3.checks import refused


def set_versioning(s3: Any, bucket: str, status: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})


@pytest.fixture
def versioned(s3: Any, bucket: str) -> str:
    set_versioning(s3, bucket, "Enabled")
    return bucket


def test_it_is_off_then_on_then_suspended(s3: Any, bucket: str) -> None:
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    for status in ("Enabled", "Suspended"):
        set_versioning(s3, bucket, status)
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == status


def test_old_versions_stay_readable(s3: Any, versioned: str) -> None:
    first = s3.put_object(Bucket=versioned, Key="a", Body=b"1")["VersionId"]
    second = s3.put_object(Bucket=versioned, Key="a", Body=b"22")["VersionId"]
    assert first != second
    assert s3.get_object(Bucket=versioned, Key="a")["VersionId"] == second
    assert s3.get_object(Bucket=versioned, Key="a", VersionId=first)["Body"].read() == b"1"
    with refused("NoSuchVersion", 404):
        s3.get_object(Bucket=versioned, Key="a", VersionId="nonsense")


def test_a_delete_marker_hides_and_its_deletion_brings_back(s3: Any, versioned: str) -> None:
    version = s3.put_object(Bucket=versioned, Key="a", Body=b"1")["VersionId"]
    deleted = s3.delete_object(Bucket=versioned, Key="a")
    assert deleted["DeleteMarker"]
    with refused("NoSuchKey", 404) as error:
        s3.get_object(Bucket=versioned, Key="a")
    headers = error.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amz-delete-marker"] == "true"
    with refused("MethodNotAllowed", 405):
        s3.get_object(Bucket=versioned, Key="a", VersionId=deleted["VersionId"])
    assert s3.list_objects_v2(Bucket=versioned)["KeyCount"] == 0
    undone = s3.delete_object(Bucket=versioned, Key="a", VersionId=deleted["VersionId"])
    assert undone["DeleteMarker"]
    assert s3.get_object(Bucket=versioned, Key="a")["VersionId"] == version


def test_deleting_the_latest_version_uncovers_the_one_before(s3: Any, versioned: str) -> None:
    s3.put_object(Bucket=versioned, Key="a", Body=b"1")
    latest = s3.put_object(Bucket=versioned, Key="a", Body=b"2")["VersionId"]
    s3.delete_object(Bucket=versioned, Key="a", VersionId=latest)
    assert s3.get_object(Bucket=versioned, Key="a")["Body"].read() == b"1"
    s3.delete_object(Bucket=versioned, Key="a", VersionId="gone-already")


def test_null_versions(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"before")
    set_versioning(s3, bucket, "Enabled")
    version = s3.put_object(Bucket=bucket, Key="a", Body=b"during")["VersionId"]
    assert s3.get_object(Bucket=bucket, Key="a", VersionId="null")["Body"].read() == b"before"
    set_versioning(s3, bucket, "Suspended")
    assert s3.put_object(Bucket=bucket, Key="a", Body=b"after")["VersionId"] == "null"
    assert s3.get_object(Bucket=bucket, Key="a", VersionId="null")["Body"].read() == b"after"
    assert s3.get_object(Bucket=bucket, Key="a", VersionId=version)["Body"].read() == b"during"
    assert ObjectVersion.objects.count() == 2
    marker = s3.delete_object(Bucket=bucket, Key="a")
    assert (marker["DeleteMarker"], marker["VersionId"]) == (True, "null")
    assert ObjectVersion.objects.count() == 2


def test_a_bucket_with_hidden_versions_stays(s3: Any, versioned: str) -> None:
    s3.put_object(Bucket=versioned, Key="a", Body=b"1")
    s3.delete_object(Bucket=versioned, Key="a")
    with refused("BucketNotEmpty", 409) as error:
        s3.delete_bucket(Bucket=versioned)
    assert "You must delete all versions" in str(error.value)


@pytest.mark.parametrize("size", [1, 2, 100])
@pytest.mark.parametrize("delimiter", ["", "/"])
def test_the_list_pages(s3: Any, versioned: str, size: int, delimiter: str) -> None:
    expected = []
    for key in ("a", "b/1", "b/2", "c"):
        versions = [
            s3.put_object(Bucket=versioned, Key=key, Body=bytes(number))["VersionId"]
            for number in range(3)
        ]
        expected += [(key, version) for version in reversed(versions)]
    marker = s3.delete_object(Bucket=versioned, Key="c")["VersionId"]
    pages = list(
        s3.get_paginator("list_object_versions").paginate(
            Bucket=versioned, Delimiter=delimiter, PaginationConfig={"PageSize": size}
        )
    )
    found = [(one["Key"], one["VersionId"]) for page in pages for one in page.get("Versions", [])]
    if delimiter:
        assert found == [one for one in expected if not one[0].startswith("b/")]
        prefixes = [one["Prefix"] for page in pages for one in page.get("CommonPrefixes", [])]
        assert prefixes == ["b/"]
    else:
        assert found == expected
    markers = [one for page in pages for one in page.get("DeleteMarkers", [])]
    assert [(one["VersionId"], one["IsLatest"]) for one in markers] == [(marker, True)]
    latest = [one for page in pages for one in page.get("Versions", []) if one["IsLatest"]]
    assert [one["Key"] for one in latest] == (["a"] if delimiter else ["a", "b/1", "b/2"])


def test_deleting_many_versions(s3: Any, versioned: str) -> None:
    version = s3.put_object(Bucket=versioned, Key="a", Body=b"1")["VersionId"]
    answer = s3.delete_objects(
        Bucket=versioned,
        Delete={"Objects": [{"Key": "a"}, {"Key": "a", "VersionId": version}]},
    )
    first, second = answer["Deleted"]
    assert first["DeleteMarker"]
    assert first["DeleteMarkerVersionId"] != version
    assert second == {"Key": "a", "VersionId": version}
