"""Data events: recorded where they are on, and nowhere else."""

from typing import Any

import pytest

from aws.errors import AwsError, Denied
from aws.models import Event
from iam.models import User
from s3 import data_events
from s3.models import DataEvent
from s3.operations import get_object, put_object
from tests.factories import ctx_for
from tests.s3.checks import refused


def names(who: User, bucket: str) -> list[tuple[str, str, int]]:
    rows = data_events.recent(ctx_for(who), bucket)
    return [(row.event_name, row.key, row.status) for row in rows]


def test_calls_on_objects_are_recorded_where_it_is_on(s3: Any, bucket: str, alice: User) -> None:
    s3.put_object(Bucket=bucket, Key="before", Body=b"")
    data_events.select(ctx_for(alice), bucket, "All")
    s3.put_object(Bucket=bucket, Key="a", Body=b"")
    s3.list_objects_v2(Bucket=bucket)
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=bucket, Key="gone")
    assert names(alice, bucket) == [("GetObject", "gone", 404), ("PutObject", "a", 200)]
    record = data_events.recent(ctx_for(alice), bucket)[1].record
    assert (record["eventCategory"], record["userIdentity"]["userName"]) == ("Data", "alice")
    assert not Event.objects.filter(event_name="PutObject").exists()


@pytest.mark.parametrize(
    ("choice", "seen"), [("ReadOnly", "HeadObject"), ("WriteOnly", "PutObject")]
)
def test_one_kind_alone(s3: Any, bucket: str, alice: User, choice: str, seen: str) -> None:
    data_events.select(ctx_for(alice), bucket, choice)
    s3.put_object(Bucket=bucket, Key="a", Body=b"")
    s3.head_object(Bucket=bucket, Key="a")
    assert [name for name, _, _ in names(alice, bucket)] == [seen]
    assert data_events.selection(ctx_for(alice), bucket) == choice
    data_events.select(ctx_for(alice), bucket, "")
    assert data_events.selection(ctx_for(alice), bucket) == ""


def test_who_may_not(bucket: str, bob: User, nobody: User, mallory: User) -> None:
    for stranger in (bob, nobody):
        with pytest.raises(Denied):
            data_events.select(ctx_for(stranger), bucket, "All")
    with pytest.raises(AwsError, match="NoSuchBucket|does not exist"):
        data_events.recent(ctx_for(mallory), bucket)


def test_the_console_s_calls_are_recorded_too(s3: Any, bucket: str, alice: User) -> None:
    data_events.select(ctx_for(alice), bucket, "All")
    put_object(ctx_for(alice, source="console"), bucket=bucket, key="a", body=b"1")
    with pytest.raises(AwsError):
        get_object(ctx_for(alice, source="console"), bucket=bucket, key="gone")
    assert names(alice, bucket) == [("GetObject", "gone", 404), ("PutObject", "a", 200)]


def test_the_oldest_make_room(
    s3: Any, bucket: str, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_events, "KEPT", 2)
    monkeypatch.setattr(data_events, "_TRIM_EVERY", 1)
    data_events.select(ctx_for(alice), bucket, "All")
    for key in ("a", "b", "c"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    assert [key for _, key, _ in names(alice, bucket)] == ["c", "b"]
    for key in ("a", "b", "c"):
        s3.delete_object(Bucket=bucket, Key=key)
    s3.delete_bucket(Bucket=bucket)
    assert not DataEvent.objects.exists()
