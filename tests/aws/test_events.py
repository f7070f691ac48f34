"""The event history keeps what happened, and no secret."""

from datetime import timedelta

import pytest

from aws import clock, events
from aws.events import HIDDEN, readable
from aws.models import Account, Event
from aws.services import operation_model
from iam.models import User
from iam.operations import list_users
from tests.factories import ctx_for


def test_secrets_are_hidden_in_requests_and_answers() -> None:
    create = operation_model("iam", "CreateLoginProfile")
    shown = readable(create.input_shape, {"UserName": "alice", "Password": "hunter2"})
    assert shown == {"userName": "alice", "password": HIDDEN}

    keys = operation_model("iam", "CreateAccessKey").output_shape
    answer = {"AccessKey": {"AccessKeyId": "AKIA", "SecretAccessKey": "s", "Status": "Active"}}
    assert readable(keys, answer)["accessKey"]["secretAccessKey"] == HIDDEN

    assume = operation_model("sts", "AssumeRole").output_shape
    session = {"Credentials": {"SessionToken": "t", "SecretAccessKey": "s", "AccessKeyId": "A"}}
    assert readable(assume, session)["credentials"] == {
        "sessionToken": HIDDEN,
        "secretAccessKey": HIDDEN,
        "accessKeyId": "A",
    }

    mfa = operation_model("iam", "EnableMFADevice").input_shape
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    assert set(readable(mfa, codes).values()) == {HIDDEN}


def test_odd_characters_do_not_stop_the_history(alice: User) -> None:
    ctx = ctx_for(alice, user_agent="a\x00b" + "x" * 1000)
    list_users(ctx)
    assert Event.objects.get().user_agent.startswith("a\ufffdb")
    assert len(Event.objects.get().user_agent) == 256


@pytest.mark.parametrize(("days", "left"), [(89, 1), (91, 0)])
def test_ninety_account_days_are_kept(alice: User, account: Account, days: int, left: int) -> None:
    list_users(ctx_for(alice))
    Account.objects.update(clock_offset=timedelta(days=days))
    events.forget_old()
    assert Event.objects.count() == left


def test_an_event_carries_the_accounts_time(alice: User, account: Account) -> None:
    Account.objects.update(clock_offset=timedelta(days=30))
    with clock.freeze(clock.real_now()):
        list_users(ctx_for(alice))
        assert Event.objects.get().event_time == clock.real_now() + timedelta(days=30)


def test_a_call_costs_one_statement_for_its_event(
    alice: User, django_assert_num_queries: object
) -> None:
    ctx = ctx_for(alice)
    # Policies, page of users, event, and the two of the transaction.
    with django_assert_num_queries(5):  # type: ignore[operator]
        list_users(ctx)
