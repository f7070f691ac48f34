"""ListObjects and ListObjectsV2: order, pages, delimiters."""

from typing import Any

import pytest

from tests.s3.checks import refused

# Their order is that of UTF-8 bytes, in which Python's strings compare, too.
KEYS = sorted(["B", "a", "a b", "a/1", "a/2/x", "a/2/y", "a+", "é", "한글/키", "\U0001f600", "z"])


@pytest.fixture
def filled(s3: Any, bucket: str) -> str:
    for key in reversed(KEYS):
        s3.put_object(Bucket=bucket, Key=key, Body=b"1")
    return bucket


def keys(answer: dict[str, Any]) -> list[str]:
    return [one["Key"] for one in answer.get("Contents", [])]


def prefixes(answer: dict[str, Any]) -> list[str]:
    return [one["Prefix"] for one in answer.get("CommonPrefixes", [])]


def test_keys_come_in_byte_order(s3: Any, filled: str) -> None:
    answer = s3.list_objects_v2(Bucket=filled)
    assert keys(answer) == KEYS
    assert (answer["KeyCount"], answer["IsTruncated"]) == (len(KEYS), False)
    assert "Owner" not in answer["Contents"][0]
    assert keys(s3.list_objects(Bucket=filled)) == KEYS


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize("delimiter", ["", "/", "2/"])
@pytest.mark.parametrize("call", ["list_objects", "list_objects_v2"])
def test_pages_add_up(s3: Any, filled: str, size: int, delimiter: str, call: str) -> None:
    pages = list(
        s3.get_paginator(call).paginate(
            Bucket=filled, Delimiter=delimiter, PaginationConfig={"PageSize": size}
        )
    )
    whole = s3.list_objects_v2(Bucket=filled, Delimiter=delimiter)
    assert [key for page in pages for key in keys(page)] == keys(whole)
    assert [name for page in pages for name in prefixes(page)] == prefixes(whole)
    found = {
        key
        if delimiter == "" or delimiter not in key
        else key[: key.index(delimiter) + len(delimiter)]
        for key in KEYS
    }
    assert sorted(keys(whole) + prefixes(whole)) == sorted(found)


def test_a_prefix_and_a_delimiter(s3: Any, filled: str) -> None:
    answer = s3.list_objects_v2(Bucket=filled, Prefix="a/", Delimiter="/")
    assert (keys(answer), prefixes(answer)) == (["a/1"], ["a/2/"])
    assert keys(s3.list_objects_v2(Bucket=filled, Prefix="a/2")) == ["a/2/x", "a/2/y"]


def test_start_after(s3: Any, filled: str) -> None:
    answer = s3.list_objects_v2(Bucket=filled, StartAfter="a/2/x")
    assert keys(answer) == KEYS[KEYS.index("a/2/x") + 1 :]
    inside = s3.list_objects_v2(Bucket=filled, StartAfter="a/2/x", Delimiter="/")
    assert prefixes(inside)[0] == "a/"


def test_the_owner_comes_where_asked(s3: Any, filled: str) -> None:
    answer = s3.list_objects_v2(Bucket=filled, FetchOwner=True, MaxKeys=1)
    assert len(answer["Contents"][0]["Owner"]["ID"]) == 64


def test_names_are_url_encoded_where_asked(s3: Any, filled: str) -> None:
    answer = s3.list_objects_v2(Bucket=filled, Prefix="a ", EncodingType="url")
    assert keys(answer) == ["a%20b"]


def test_no_keys_at_all(s3: Any, filled: str) -> None:
    answer = s3.list_objects_v2(Bucket=filled, MaxKeys=0)
    assert (answer["KeyCount"], answer["IsTruncated"]) == (0, False)


def test_bad_arguments(s3: Any, filled: str) -> None:
    with refused("InvalidArgument", 400):
        s3.list_objects_v2(Bucket=filled, ContinuationToken="%%%")
    with refused("InvalidArgument", 400):
        s3.list_objects_v2(Bucket=filled, MaxKeys=-1)
