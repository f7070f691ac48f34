"""LookupEvents: who may, what is found, in which order, and how a record is written."""

import json
from datetime import timedelta
from typing import Any

import pytest

from aws import clock, events
from aws.context import Context
from aws.errors import AccessDeniedException
from aws.events import HIDDEN
from aws.models import Account, Event
from cloudtrail.errors import (
    InvalidEventCategoryException,
    InvalidLookupAttributesException,
    InvalidNextTokenException,
    InvalidTimeRangeException,
)
from cloudtrail.operations import lookup_events
from iam.models import User
from iam.operations import create_user, list_users
from tests import factories
from tests.cloudtrail.factories import event
from tests.cloudtrail.factories import events as many_events
from tests.factories import ctx_for


def found(ctx: Context, key: str = "", value: str = "", **more: Any) -> list[str]:
    """Ids of the events that a look-up answers."""
    if key:
        more["lookup_attributes"] = [{"AttributeKey": key, "AttributeValue": value}]
    return [one["EventId"] for one in lookup_events(ctx, **more)["Events"]]


def test_it_finds_what_happened_newest_first(alice: User) -> None:
    ctx = ctx_for(alice)
    list_users(ctx)
    create_user(ctx, user_name="carol")
    first, second = lookup_events(ctx)["Events"]
    assert (first["EventName"], second["EventName"]) == ("CreateUser", "ListUsers")
    assert (first["ReadOnly"], second["ReadOnly"]) == ("false", "true")
    assert first["Username"] == "alice"
    assert first["EventSource"] == "iam.amazonaws.com"
    assert {"ResourceType": "AWS::IAM::User", "ResourceName": "carol"} in first["Resources"]


def test_the_record_is_cloudtrails(alice: User) -> None:
    ctx = ctx_for(alice, user_agent="aws-cli/2.1", source_ip="203.0.113.9")
    create_user(ctx, user_name="carol")
    record = json.loads(lookup_events(ctx)["Events"][0]["CloudTrailEvent"])
    assert record["eventVersion"] == "1.11"
    assert record["userIdentity"]["type"] == "IAMUser"
    assert record["userIdentity"]["userName"] == "alice"
    assert record["eventSource"] == "iam.amazonaws.com"
    assert record["awsRegion"] == "us-east-1"
    assert record["sourceIPAddress"] == "203.0.113.9"
    assert record["userAgent"] == "aws-cli/2.1"
    assert record["requestParameters"] == {"userName": "carol"}
    assert record["responseElements"]["user"]["userName"] == "carol"
    assert record["requestID"] == ctx.request_id
    assert record["readOnly"] is False
    assert record["eventType"] == "AwsApiCall"
    assert record["managementEvent"] is True
    assert record["recipientAccountId"] == "111122223333"
    assert record["eventCategory"] == "Management"
    assert "errorCode" not in record
    assert "sessionCredentialFromConsole" not in record


def test_a_sign_in_and_a_click_are_told_apart_from_a_call(ctx: Context) -> None:
    event(event_source="signin.amazonaws.com", event_name="ConsoleLogin", region="us-east-1")
    click = event(source="console")
    by_id = {
        one["EventId"]: json.loads(one["CloudTrailEvent"]) for one in lookup_events(ctx)["Events"]
    }
    assert by_id[str(click.event_id)]["sessionCredentialFromConsole"] == "true"
    assert {record["eventType"] for record in by_id.values()} == {"AwsApiCall", "AwsConsoleSignIn"}


def test_a_denial_is_found_with_its_error(alice: User, nobody: User) -> None:
    with pytest.raises(Exception, match="not authorized"):
        list_users(ctx_for(nobody))
    record = json.loads(lookup_events(ctx_for(alice))["Events"][0]["CloudTrailEvent"])
    assert record["errorCode"] == "AccessDenied"
    assert "iam:ListUsers" in record["errorMessage"]


class TestAttributes:
    @pytest.mark.parametrize(
        ("key", "value", "overrides"),
        [
            ("EventName", "CreateUser", {"event_name": "CreateUser"}),
            ("ReadOnly", "true", {"read_only": True}),
            ("Username", "dora", {"user_name": "dora"}),
            ("EventSource", "rds.amazonaws.com", {"event_source": "rds.amazonaws.com"}),
            ("AccessKeyId", "AKIA2", {"access_key_id": "AKIA2"}),
            ("ResourceType", "AWS::EC2::Instance", {"resources": "instance"}),
            ("ResourceName", "i-1", {"resources": "instance"}),
            ("ResourceName", "arn:aws:ec2:::instance/i-1", {"resources": "instance"}),
        ],
    )
    def test_each_finds_its_events_only(
        self, ctx: Context, key: str, value: str, overrides: dict[str, Any]
    ) -> None:
        if overrides.get("resources"):
            resource = {
                "type": "AWS::EC2::Instance",
                "name": "i-1",
                "ARN": "arn:aws:ec2:::instance/i-1",
                "accountId": "111122223333",
            }
            overrides = {"resources": [resource]}
        event()
        wanted = event(**overrides)
        ids = found(ctx, key, value)
        assert str(wanted.event_id) in ids
        assert all(Event.objects.get(pk=one).event_name != "RunInstances" for one in ids) or (
            ids == [str(wanted.event_id)]
        )

    def test_an_event_id_finds_one(self, ctx: Context) -> None:
        one, _ = event(), event()
        assert found(ctx, "EventId", str(one.event_id)) == [str(one.event_id)]
        assert found(ctx, "EventId", "not-an-id") == []

    @pytest.mark.parametrize(
        ("key", "value"), [("ReadOnly", "yes"), ("EventName", "")], ids=["read-only", "empty"]
    )
    def test_a_bad_value_is_refused(self, ctx: Context, key: str, value: str) -> None:
        with pytest.raises(Exception, match="valid|length"):
            found(ctx, key, value)

    def test_only_one_at_a_time(self, ctx: Context) -> None:
        one = {"AttributeKey": "ReadOnly", "AttributeValue": "true"}
        with pytest.raises(InvalidLookupAttributesException, match="only one item"):
            lookup_events(ctx, lookup_attributes=[one, one])


class TestTime:
    def test_both_ends_belong_to_the_range(self, ctx: Context) -> None:
        moment = ctx.now - timedelta(hours=2)
        inside = event(event_time=moment)
        event(event_time=moment - timedelta(seconds=1))
        event(event_time=moment + timedelta(seconds=1))
        assert found(ctx, start_time=moment, end_time=moment) == [str(inside.event_id)]

    def test_a_start_after_the_end_is_refused(self, ctx: Context) -> None:
        with pytest.raises(InvalidTimeRangeException):
            lookup_events(ctx, start_time=ctx.now, end_time=ctx.now - timedelta(1))

    def test_ninety_days_of_the_accounts_own_time(self, alice: User, account: Account) -> None:
        list_users(ctx_for(alice))
        Account.objects.update(clock_offset=timedelta(days=91))
        late = ctx_for(alice)
        assert found(late, "EventName", "ListUsers") == []
        events.forget_old()
        assert not Event.objects.filter(event_name="ListUsers").exists()


class TestPaging:
    def test_120_events_come_in_three_pages(self, ctx: Context) -> None:
        rows = many_events(120)
        ids: list[str] = []
        sizes = []
        token = ""
        while True:
            more: dict[str, Any] = {"next_token": token} if token else {}
            answer = lookup_events(ctx, **_by_name("RunInstances"), **more)
            sizes.append(len(answer["Events"]))
            ids += [one["EventId"] for one in answer["Events"]]
            token = answer.get("NextToken", "")
            if not token:
                break
        assert sizes == [50, 50, 20]
        assert ids == [str(row.event_id) for row in rows]

    def test_new_events_do_not_shift_a_page(self, ctx: Context) -> None:
        rows = many_events(4)
        first = lookup_events(ctx, **_by_name("RunInstances"), max_results=2)
        event()
        second = lookup_events(
            ctx, **_by_name("RunInstances"), max_results=2, next_token=first["NextToken"]
        )
        assert [one["EventId"] for one in second["Events"]] == [
            str(row.event_id) for row in rows[2:]
        ]

    def test_a_token_of_other_parameters_or_accounts_is_refused(
        self, ctx: Context, mallory: User
    ) -> None:
        many_events(3)
        token = lookup_events(ctx, **_by_name("RunInstances"), max_results=1)["NextToken"]
        for other, attributes in (
            (ctx, _by_name("Other")),
            (ctx, {}),
            (ctx_for(mallory), _by_name("RunInstances")),
            (ctx_for(mallory, region="eu-west-1"), _by_name("RunInstances")),
        ):
            with pytest.raises(InvalidNextTokenException):
                lookup_events(other, **attributes, next_token=token)
        with pytest.raises(InvalidNextTokenException):
            lookup_events(ctx, next_token="made-up")

    @pytest.mark.parametrize("size", [0, 51])
    def test_a_page_holds_1_to_50(self, ctx: Context, size: int) -> None:
        with pytest.raises(Exception, match="50|1"):
            lookup_events(ctx, max_results=size)


def _by_name(name: str) -> dict[str, Any]:
    return {"lookup_attributes": [{"AttributeKey": "EventName", "AttributeValue": name}]}


class TestCategory:
    def test_insight_events_do_not_exist(self, ctx: Context) -> None:
        event()
        assert lookup_events(ctx, event_category="insight") == {"Events": []}

    def test_others_are_refused(self, ctx: Context) -> None:
        with pytest.raises(Exception, match="ategory") as error:
            lookup_events(ctx, event_category="data")
        assert error.type.__name__ in (
            InvalidEventCategoryException.__name__,
            "ValidationException",
        )


class TestWalls:
    def test_without_permission_nothing_is_seen(self, nobody: User) -> None:
        with pytest.raises(AccessDeniedException, match="cloudtrail:LookupEvents"):
            lookup_events(ctx_for(nobody))

    def test_reading_is_enough(self, bob: User) -> None:
        one = event()
        assert str(one.event_id) in found(ctx_for(bob))

    def test_another_accounts_events_are_not_there(self, mallory: User) -> None:
        one = event(resources=[{"type": "T", "name": "n", "ARN": "a", "accountId": "1"}])
        ctx = ctx_for(mallory)
        assert str(one.event_id) not in found(ctx)
        for key, value in (("EventId", str(one.event_id)), ("ResourceName", "n")):
            assert found(ctx, key, value) == []

    def test_another_regions_events_are_not_there(self, ctx: Context) -> None:
        elsewhere = event(region="eu-west-1")
        virginia = event(region="us-east-1")
        service = event(region="us-east-1", event_source="iam.amazonaws.com")
        ids = found(ctx)
        assert str(service.event_id) in ids
        assert not {str(elsewhere.event_id), str(virginia.event_id)} & set(ids)


def test_no_secret_is_in_any_event(alice: User) -> None:
    """Every operation that takes or answers a secret, as far as this lab offers it."""
    from aws.operation import find

    secret = "Correct-horse-battery-9"
    ctx = ctx_for(alice)
    create_user(ctx, user_name="carol")
    answers: list[str] = [secret]
    if create_key := find("iam", "CreateAccessKey"):
        answers.append(create_key(ctx, user_name="carol")["AccessKey"]["SecretAccessKey"])
    if create_login := find("iam", "CreateLoginProfile"):
        create_login(ctx, user_name="carol", password=secret)
        assert HIDDEN in json.dumps(found_records(ctx, "CreateLoginProfile"))
    if session_token := find("sts", "GetSessionToken"):
        credentials = session_token(ctx)["Credentials"]
        answers += [credentials["SecretAccessKey"], credentials["SessionToken"]]
    text = json.dumps(list(Event.objects.values()), default=str) + json.dumps(found_records(ctx))
    for answer in answers:
        assert answer not in text


def found_records(ctx: Context, name: str = "") -> list[str]:
    more = _by_name(name) if name else {}
    return [one["CloudTrailEvent"] for one in lookup_events(ctx, **more)["Events"]]


def test_queries_use_the_indexes(ctx: Context) -> None:
    """Whatever the attribute, no table is read from end to end."""
    from django.db import connection

    from cloudtrail import records

    many_events(50, user_name="u")
    attributes = [
        None,
        ("ReadOnly", "false"),
        ("EventName", "RunInstances"),
        ("Username", "u"),
        ("AccessKeyId", "AKIAIOSFODNN7EXAMPLE"),
        ("ResourceName", "i-1"),
        ("EventId", "7d1c7f3e-0000-4000-8000-000000000000"),
    ]
    with connection.cursor() as cursor:
        # A small table is read whole by choice; what matters is that an index can serve.
        cursor.execute("SET LOCAL enable_seqscan = off")
    for attribute in attributes:
        plan = records.matching(ctx, attribute)[:51].explain()
        assert "Seq Scan" not in plan, (attribute, plan)
        assert "Index" in plan


def test_the_clock_of_the_account_rules(alice: User, account: Account) -> None:
    Account.objects.update(clock_offset=timedelta(days=30))
    with clock.freeze(clock.real_now()):
        list_users(ctx_for(alice))
        ahead = lookup_events(ctx_for(alice))["Events"][0]["EventTime"]
        assert ahead == clock.real_now() + timedelta(days=30)


def test_root_may(account: Account) -> None:
    assert lookup_events(factories.ctx_for(account)) == {"Events": []}
