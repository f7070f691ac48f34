"""`move` and the sweep, on the credential report: the simplest thing with a life."""

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from celery import current_app

from aws import clock, lifecycle
from aws.lifecycle import IllegalTransition, Lasting, begin, living_models, move, sweep
from aws.models import Account, StateChange
from iam.models import CredentialReport

Capture = Any


@pytest.fixture
def report(account: Account) -> CredentialReport:
    return CredentialReport.objects.create(account=account, state="STARTED")


@pytest.fixture
def sent() -> Any:
    """The messages given to the broker."""
    with mock.patch.object(current_app, "send_task") as send:
        yield send


def test_a_move_writes_the_state_and_one_change(report: CredentialReport) -> None:
    assert move(report, to="COMPLETE", reason="done", by="worker", content="user,arn")

    report.refresh_from_db()
    assert (report.state, report.content, report.due_at) == ("COMPLETE", "user,arn", None)
    change = StateChange.objects.get()
    assert (change.old, change.new, change.reason, change.by, change.object_pk) == (
        "STARTED",
        "COMPLETE",
        "done",
        "worker",
        str(report.pk),
    )


def test_a_pair_outside_the_table_is_refused(report: CredentialReport) -> None:
    with pytest.raises(IllegalTransition, match="cannot go from 'STARTED' to 'DELETED'"):
        move(report, to="DELETED")


def test_of_two_movers_one_wins(report: CredentialReport) -> None:
    late = CredentialReport.objects.get(pk=report.pk)
    assert move(report, to="COMPLETE")

    assert not move(late, to="COMPLETE", content="late")
    report.refresh_from_db()
    assert report.content == ""
    assert StateChange.objects.count() == 1


def test_a_transitional_state_queues_its_task_on_commit(
    report: CredentialReport, sent: Any, django_capture_on_commit_callbacks: Capture
) -> None:
    move(report, to="COMPLETE")
    with django_capture_on_commit_callbacks(execute=True):
        move(report, to="STARTED")
        sent.assert_not_called()
    sent.assert_called_once_with(
        "iam.tasks.write_credential_report", args=[report.pk], countdown=0.0
    )
    assert report.due_at is not None


def test_the_sweep_asks_again_for_what_is_overdue_and_only_that(
    report: CredentialReport, sent: Any, django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks():
        begin(report)  # and its message is lost

    with django_capture_on_commit_callbacks(execute=True):
        assert sweep() == 0
    later = clock.real_now() + lifecycle.GRACE + timedelta(seconds=1)
    with clock.freeze(later), django_capture_on_commit_callbacks(execute=True):
        assert sweep() == 1
        assert sweep() == 0
    sent.assert_called_once_with("iam.tasks.write_credential_report", args=[report.pk], countdown=0)
    report.refresh_from_db()
    assert report.state == "STARTED"


@pytest.mark.parametrize(("pace", "seconds"), [("instant", 0), ("classroom", 2), ("realistic", 9)])
def test_the_pace_decides_how_long_it_lasts(settings: Any, pace: str, seconds: float) -> None:
    settings.LAB_PACE = pace
    assert Lasting(classroom=2, realistic=9).seconds == seconds


def test_every_life_is_whole() -> None:
    """Each transitional state has a way out and a task; each target is a known state."""
    for model in living_models():
        life = model.LIFE
        for state in life.transitional:
            assert life.transitions.get(state), f"{model} is stuck in {state}"
            assert life.task, f"{model} has no task"
