"""The event history's pages: table, filters, downloads, one event, its code."""

import csv
import io
import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aws import clock
from aws.models import Account, Event
from iam.models import User
from iam.operations import create_login_profile, create_user, list_users
from tests.cloudtrail.factories import event
from tests.cloudtrail.factories import events as many_events
from tests.factories import PASSWORD, ctx_for
from tests.iam.pages.browser import HTMX, text

Console = Callable[..., Client]
EVENTS = "/cloudtrail/events"


def body(answer: Any) -> str:
    """A streamed file."""
    return b"".join(answer.streaming_content).decode()


class TestTable:
    def test_it_begins_with_what_changed_something(self, page: Client, alice: User) -> None:
        list_users(ctx_for(alice))
        create_user(ctx_for(alice), user_name="carol")
        shown = text(page.get(EVENTS))
        assert ">CreateUser<" in shown
        assert ">ListUsers<" not in shown
        assert ">ListUsers<" in text(page.get(f"{EVENTS}?attribute="))

    @pytest.mark.parametrize(
        ("attribute", "value"),
        [
            ("EventName", "RunInstances"),
            ("Username", "carol"),
            ("ResourceName", "i-1"),
            ("ResourceType", "AWS::EC2::Instance"),
            ("EventSource", "ec2.amazonaws.com"),
            ("AccessKeyId", "AKIAIOSFODNN7EXAMPLE"),
        ],
    )
    def test_it_finds_by_each_attribute(self, page: Client, attribute: str, value: str) -> None:
        resource = {"type": "AWS::EC2::Instance", "name": "i-1", "ARN": "a", "accountId": "1"}
        one = event(resources=[resource])
        query = {"attribute": attribute, "value": value}
        assert str(one.pk) in text(page.get(EVENTS, query, headers=HTMX))
        query["value"] = "other"
        assert str(one.pk) not in text(page.get(EVENTS, query, headers=HTMX))

    def test_it_finds_by_time(self, page: Client) -> None:
        old = event(event_time=clock.real_now() - timedelta(hours=2))
        query = {"attribute": "EventName", "value": "RunInstances"}
        assert str(old.pk) in text(page.get(EVENTS, {**query, "range": "3h"}))
        assert str(old.pk) not in text(page.get(EVENTS, {**query, "range": "1h"}))
        between = {"range": "custom", "start": "2000-01-01T00:00", "end": "2000-01-02T00:00"}
        assert "No events" in text(page.get(EVENTS, {**query, **between}))

    def test_a_filter_without_value_or_with_turned_times_says_so(self, page: Client) -> None:
        answer = page.get(EVENTS, {"attribute": "EventName", "value": ""}, headers=HTMX)
        assert answer.status_code == 422
        assert "Enter a value." in text(answer)
        turned = {
            "attribute": "",
            "range": "custom",
            "start": "2026-01-02T00:00",
            "end": "2026-01-01T00:00",
        }
        assert "The end is before the start." in text(page.get(EVENTS, turned))

    def test_a_wrong_value_of_an_attribute_is_aws_error(self, page: Client) -> None:
        answer = page.get(EVENTS, {"attribute": "ReadOnly", "value": "maybe"})
        assert answer.status_code == 400
        assert "InvalidLookupAttributesException" in text(answer)

    def test_its_pages_follow_each_other(self, page: Client) -> None:
        rows = many_events(25)
        query = {"attribute": "EventName", "value": "RunInstances", "size": "10"}
        first = page.get(EVENTS, query)
        assert str(rows[9].pk) in text(first)
        assert str(rows[10].pk) not in text(first)
        second = page.get(EVENTS + first.context["next_url"], headers=HTMX)
        assert str(rows[10].pk) in text(second)
        assert "First page" in text(second)

    def test_queries_do_not_grow_with_events(self, page: Client) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                assert page.get(f"{EVENTS}?attribute=").status_code == 200
            return len(captured)

        event()
        page.get(EVENTS)
        few = queries()
        many_events(60)
        assert queries() == few

    def test_a_denied_call_links_to_its_explanation(self, page: Client, nobody: User) -> None:
        with pytest.raises(Exception, match="not authorized"):
            list_users(ctx_for(nobody))
        denied = Event.objects.get(error_code="AccessDenied")
        assert f"/cloudtrail/denied/{denied.pk}" in text(page.get(f"{EVENTS}?attribute="))

    def test_without_permission_it_is_denied(self, console: Console, nobody: User) -> None:
        one = event()
        answer = console(nobody).get(EVENTS)
        assert answer.status_code == 403
        assert str(one.pk) not in text(answer)

    def test_another_account_sees_nothing_of_it(self, console: Console, mallory: User) -> None:
        one = event()
        assert str(one.pk) not in text(console(mallory).get(f"{EVENTS}?attribute="))
        assert console(mallory).get(f"{EVENTS}/{one.pk}").status_code == 404


class TestDownloads:
    def test_a_spreadsheet_gets_what_the_filter_finds(self, page: Client) -> None:
        event(user_name="=cmd()")
        event(event_name="StopInstances")
        query = {"attribute": "EventName", "value": "RunInstances"}
        answer = page.get(f"{EVENTS}/download/csv", query)
        assert "no-store" in answer["Cache-Control"]
        assert 'filename="event_history.csv"' in answer["Content-Disposition"]
        rows = list(csv.DictReader(io.StringIO(body(answer).removeprefix("\ufeff"))))
        assert [row["Event name"] for row in rows] == ["RunInstances"]
        assert rows[0]["User name"] == "'=cmd()"

    def test_a_program_gets_the_records(self, page: Client) -> None:
        many_events(3)
        query = {"attribute": "EventName", "value": "RunInstances"}
        records = json.loads(body(page.get(f"{EVENTS}/download/json", query)))["Records"]
        assert [one["eventName"] for one in records] == ["RunInstances"] * 3

    def test_who_may_not_look_may_not_download(self, console: Console, nobody: User) -> None:
        assert console(nobody).get(f"{EVENTS}/download/csv").status_code == 403

    def test_other_formats_do_not_exist(self, page: Client) -> None:
        assert page.get(f"{EVENTS}/download/xml").status_code == 404


class TestEvent:
    def test_it_shows_the_record_and_its_resources(self, page: Client, alice: User) -> None:
        create_user(ctx_for(alice), user_name="carol")
        one = Event.objects.get(event_name="CreateUser")
        shown = text(page.get(f"{EVENTS}/{one.pk}"))
        assert '"eventName": "CreateUser"' in shown
        assert "/iam/users/carol" in shown
        assert f"{EVENTS}/{one.pk}/code" in shown

    def test_no_secret_is_on_it(self, page: Client, alice: User) -> None:
        create_user(ctx_for(alice), user_name="carol")
        create_login_profile(ctx_for(alice), user_name="carol", password=PASSWORD)
        one = Event.objects.get(event_name="CreateLoginProfile")
        for address in (f"{EVENTS}/{one.pk}", f"{EVENTS}/{one.pk}/code"):
            assert PASSWORD not in text(page.get(address))

    def test_one_that_is_not_there_is_not_found(self, page: Client) -> None:
        assert page.get(f"{EVENTS}/{uuid.uuid4()}").status_code == 404


class TestCode:
    def test_a_click_is_written_in_three_ways(self, page: Client, alice: User) -> None:
        create_user(ctx_for(alice), user_name="carol")
        one = Event.objects.get(event_name="CreateUser")
        shown = text(page.get(f"{EVENTS}/{one.pk}/code"))
        assert "aws iam create-user" in shown
        assert 'boto3.client("iam"' in shown or "boto3" in shown
        assert "aws_iam_user" in shown
        modal = text(page.get(f"{EVENTS}/{one.pk}/code", headers=HTMX))
        assert "<dialog" in modal
        assert "<html" not in modal

    def test_ones_own_needs_no_permission_anothers_does(
        self, console: Console, account: Account, nobody: User, alice: User
    ) -> None:
        with pytest.raises(Exception, match="not authorized"):
            create_user(ctx_for(nobody), user_name="carol")
        create_user(ctx_for(alice), user_name="dave")
        own = Event.objects.get(user_name="nobody")
        other = Event.objects.get(user_name="alice")
        assert console(nobody).get(f"{EVENTS}/{own.pk}/code").status_code == 200
        assert console(nobody).get(f"{EVENTS}/{other.pk}/code").status_code == 403
        both = f"{EVENTS}/{own.pk},{other.pk}/code"
        assert console(nobody).get(both).status_code == 403


def test_posting_is_refused(page: Client) -> None:
    one = event()
    for address in (EVENTS, f"{EVENTS}/{one.pk}", f"{EVENTS}/download/csv"):
        assert page.post(address).status_code == 405


def test_columns_are_a_persons_own(page: Client) -> None:
    event()
    page.post(f"{EVENTS}/columns", {"column": ["address"]})
    shown = text(page.get(f"{EVENTS}?attribute="))
    assert "203.0.113.7" in shown
    assert '<th scope="col">User name</th>' not in shown
