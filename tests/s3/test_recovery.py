"""A bucket brought back to a moment: the histories that lead there, and what may not be done."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aws import clock, lifecycle
from aws.context import Context
from iam.models import User
from s3 import jobs, operations, recovery
from s3 import tasks as tasks  # noqa: PLC0414 - registers them
from s3.errors import InvalidBucketState
from s3.models import Job, ObjectVersion
from s3.recovery import BRING_BACK, REMOVE, REPLACE, Moment
from tests import factories

START = datetime(2040, 3, 1, 9, 0, tzinfo=UTC)
Worker = Callable[[], AbstractContextManager[Any]]


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def versioned(ctx: Context, name: str) -> None:
    operations.create_bucket(ctx, bucket=name)
    operations.put_bucket_versioning(
        ctx, bucket=name, versioning_configuration={"Status": "Enabled"}
    )


@pytest.fixture
def ctx(alice: User) -> Context:
    return factories.ctx_for(alice, region="us-east-1")


@pytest.fixture
def notes(ctx: Context) -> str:
    """As the minutes pass: kept; changed; gone; new; and one that came and went."""
    history = [
        ("kept", b"1"), ("changed", b"old"), ("gone", b"1"), ("passing", b"1"),
        ("passing", None), ("gone", None), ("changed", b"new"), ("fresh", b"1"),
    ]  # fmt: skip
    with clock.freeze(START):
        versioned(ctx, "notes")
    replay(ctx, "notes", history)
    return "notes"


def replay(ctx: Context, bucket: str, history: list[tuple[str, bytes | None]]) -> None:
    """One step a minute, from the first minute on; None deletes."""
    for minute, (key, body) in enumerate(history, start=1):
        with clock.freeze(at(minute)):
            if body is None:
                operations.delete_object(ctx, bucket=bucket, key=key)
            else:
                operations.put_object(ctx, bucket=bucket, key=key, body=body)


def contents(ctx: Context, bucket: str) -> dict[str, bytes]:
    listed = operations.list_objects_v2(ctx, bucket=bucket)["Contents"]
    return {
        one["Key"]: b"".join(operations.get_object(ctx, bucket=bucket, key=one["Key"])["Body"])
        for one in listed
    }


def restore(ctx: Context, bucket: str, minute: int, **wishes: Any) -> Job:
    """Asked an hour later."""
    with clock.freeze(at(60)):
        moment = Moment(at(minute), at(60), wishes.pop("prefix", ""))
        parameters = recovery.parameters_of(moment, **wishes)
        return jobs.start(ctx, recovery.RESTORE, bucket, parameters)


def test_the_preview_tells_each_difference(ctx: Context, notes: str) -> None:
    moment = Moment(at(5), at(60))
    found = recovery.differences(ctx, notes, moment)
    assert [(one.key, one.change) for one in found] == [
        ("changed", REPLACE),
        ("fresh", REMOVE),
        ("gone", BRING_BACK),
    ]
    counted = recovery.counts(ctx, notes, moment)
    assert (counted.total, counted.existed) == (3, 3)


def test_the_bucket_is_as_it_was_and_no_version_is_lost(ctx: Context, notes: str) -> None:
    before = ObjectVersion.objects.count()
    job = restore(ctx, notes, 5)
    assert (job.state, job.done, job.failed) == (Job.State.COMPLETE, 3, 0)
    assert contents(ctx, notes) == {"kept": b"1", "changed": b"old", "gone": b"1"}
    assert ObjectVersion.objects.count() == before + 3
    assert recovery.counts(ctx, notes, Moment(at(5), at(90))).total == 0


def test_only_the_prefix_is_brought_back(ctx: Context, notes: str) -> None:
    restore(ctx, notes, 5, prefix="g")
    assert contents(ctx, notes)["gone"] == b"1"
    assert contents(ctx, notes)["changed"] == b"new"


def test_what_is_written_meanwhile_stays(ctx: Context, notes: str) -> None:
    with clock.freeze(at(61)):
        operations.put_object(ctx, bucket=notes, key="changed", body=b"meanwhile")
    restore(ctx, notes, 5)
    assert contents(ctx, notes)["changed"] == b"meanwhile"


def test_another_bucket_receives_all_that_was_there(ctx: Context, notes: str) -> None:
    operations.create_bucket(ctx, bucket="copies")
    before = contents(ctx, notes)
    restore(ctx, notes, 4, to_bucket="copies", to_prefix="then/")
    assert contents(ctx, "copies") == {
        "then/kept": b"1", "then/changed": b"old", "then/gone": b"1", "then/passing": b"1",
    }  # fmt: skip
    assert contents(ctx, notes) == before


def test_metadata_tags_and_class_come_back(ctx: Context) -> None:
    with clock.freeze(at(0)):
        versioned(ctx, "notes")
        operations.put_object(
            ctx, bucket="notes", key="a", body=b"1", metadata={"who": "me"}, tagging="team=red",
            content_type="text/plain", storage_class="STANDARD_IA",
        )  # fmt: skip
    replay(ctx, "notes", [("a", b"2")])
    restore(ctx, "notes", 0)
    head = operations.head_object(ctx, bucket="notes", key="a")
    assert (head["Metadata"], head["ContentType"]) == ({"who": "me"}, "text/plain")
    assert (head["StorageClass"], head["TagCount"]) == ("STANDARD_IA", 1)


def test_without_versions_nothing_is_begun(ctx: Context) -> None:
    operations.create_bucket(ctx, bucket="plain")
    with pytest.raises(InvalidBucketState):
        restore(ctx, "plain", 1)
    assert not Job.objects.exists()


def test_who_may_not_write_is_told_key_by_key(ctx: Context, notes: str, bob: User) -> None:
    job = restore(factories.ctx_for(bob, region="us-east-1"), notes, 5)
    assert (job.done, job.failed) == (0, 3)
    assert {one["Code"] for one in job.failures} == {"AccessDenied"}


def test_who_may_not_list_learns_nothing(
    ctx: Context, notes: str, nobody: User, mallory: User
) -> None:
    for who in (nobody, mallory):
        stranger = factories.ctx_for(who, region="us-east-1")
        with pytest.raises(Exception, match="Denied|denied"):
            recovery.counts(stranger, notes, Moment(at(5), at(60)))


def test_a_worker_that_died_in_the_middle_is_replaced(
    ctx: Context, notes: str, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its transaction is gone; the sweep asks another, which goes on behind the last batch."""
    monkeypatch.setattr(jobs, "FIRST_SECONDS", 0)
    monkeypatch.setattr(jobs, "BATCH_SECONDS", 0)
    job = restore(ctx, notes, 5)
    assert (job.state, job.done) == (Job.State.ACTIVE, 1)
    with clock.freeze(at(61)):
        with mock.patch.object(jobs, "_note", side_effect=SystemExit), pytest.raises(SystemExit):
            jobs.work(job.pk)
        assert "fresh" in contents(ctx, notes)
        with worker():
            lifecycle.sweep()
    job.refresh_from_db()
    assert (job.state, job.done, job.failed) == (Job.State.COMPLETE, 3, 0)
    assert contents(ctx, notes) == {"kept": b"1", "changed": b"old", "gone": b"1"}


steps = st.lists(
    st.tuples(st.sampled_from("abcé"), st.one_of(st.none(), st.binary(max_size=3))),
    min_size=1,
    max_size=12,
)


@given(history=steps, minute=st.integers(0, 13))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_history_equals_its_replay(
    history: list[tuple[str, bytes | None]], minute: int, ctx: Context
) -> None:
    model: dict[str, bytes] = {}
    for key, body in history[:minute]:
        if body is None:
            model.pop(key, None)
        else:
            model[key] = body
    name = f"history-{Job.objects.count()}-{ObjectVersion.objects.count()}"
    with clock.freeze(START):
        versioned(ctx, name)
    replay(ctx, name, history)
    expected = recovery.counts(ctx, name, Moment(at(minute), at(60))).total
    job = restore(ctx, name, minute)
    assert contents(ctx, name) == model
    assert (job.done, job.failed) == (expected, 0)
