"""The Management tab of a bucket's page, and the pages of its events."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from aws.models import Account
from iam.models import User
from s3 import data_events, operations, reading
from s3.errors import NoSuchLifecycleConfiguration
from tests import factories
from tests.factories import allow

Console = Callable[..., Client]
TAB = "/s3/buckets/class-notes?tab=management"
LIFECYCLE = "/s3/buckets/class-notes/edit-lifecycle"
INVENTORY = "/s3/buckets/class-notes/edit-inventory"
RULE = {
    "rule_id": "old notes",
    "status": "Enabled",
    "scope": "filter",
    "prefix": "notes/",
    "tags": "team=blue",
    "moves": "on",
    "move_class_0": "STANDARD_IA",
    "move_days_0": "30",
    "expires": "on",
    "expire_days": "90",
}
REPORT = {
    "config_id": "weekly",
    "versions": "All",
    "destination": "reports",
    "frequency": "Weekly",
    "status": "on",
    "columns": ["Size", "ETag"],
}


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


@pytest.fixture
def page(console: Console, alice: User, account: Account) -> Client:
    factories.bucket(account, "class-notes")
    client = console(alice)
    client.cookies["groundschool-language"] = "en"
    return client


def rules(alice: User) -> list[dict[str, Any]]:
    return reading.lifecycle(factories.ctx_for(alice), "class-notes")


class TestLifecycle:
    def test_a_rule_is_made_as_it_was_ticked(self, page: Client, alice: User) -> None:
        assert page.post(LIFECYCLE, RULE).status_code == 302
        assert rules(alice) == [
            {
                "ID": "old notes",
                "Status": "Enabled",
                "Filter": {"And": {"Prefix": "notes/", "Tags": [{"Key": "team", "Value": "blue"}]}},
                "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}],
                "Expiration": {"Days": 90},
            }
        ]
        shown = text(page.get(TAB))
        assert "old notes" in shown
        assert "team=blue" in shown

    def test_awss_refusal_keeps_what_was_typed(self, page: Client, alice: User) -> None:
        answer = page.post(LIFECYCLE, RULE | {"expire_days": "20"})
        assert answer.status_code == 422
        assert "must be greater than 'Days' in the Transition action" in text(answer)
        assert 'value="old notes"' in text(answer)
        assert 'value="20"' in text(answer)
        assert rules(alice) == []

    def test_the_whole_bucket_needs_a_tick(self, page: Client, alice: User) -> None:
        assert page.post(LIFECYCLE, RULE | {"scope": "all"}).status_code == 422
        assert (
            page.post(LIFECYCLE, RULE | {"scope": "all", "acknowledged": "on"}).status_code == 302
        )
        assert rules(alice)[0]["Filter"] == {"Prefix": ""}

    def test_editing_leaves_the_other_rules(self, page: Client, alice: User) -> None:
        page.post(LIFECYCLE, RULE)
        page.post(LIFECYCLE, RULE | {"rule_id": "second"})
        address = f"{LIFECYCLE}?id=old%20notes"
        assert 'value="notes/"' in text(page.get(address))
        page.post(address, RULE | {"rule_id": "renamed"})
        assert [rule["ID"] for rule in rules(alice)] == ["renamed", "second"]

    def test_a_rule_is_disabled_and_deleted(self, page: Client, alice: User) -> None:
        page.post(LIFECYCLE, RULE)
        page.post(
            "/s3/buckets/class-notes/lifecycle-status", {"id": "old notes", "status": "Disabled"}
        )
        assert rules(alice)[0]["Status"] == "Disabled"
        page.post(
            "/s3/buckets/class-notes/delete-lifecycle", {"id": "old notes", "confirm": "delete"}
        )
        with pytest.raises(NoSuchLifecycleConfiguration):
            operations.get_bucket_lifecycle_configuration(
                factories.ctx_for(alice), bucket="class-notes"
            )

    def test_who_may_not_read_the_rules_is_told_why(
        self, console: Console, account: Account, nobody: User
    ) -> None:
        factories.bucket(account, "class-notes")
        factories.grant(nobody, policies=[allow("s3:ListBucket")])
        shown = text(console(nobody).get(TAB))
        assert "s3:GetLifecycleConfiguration" in shown

    def test_another_account_changes_nothing(
        self, console: Console, page: Client, alice: User, mallory: User
    ) -> None:
        page.post(LIFECYCLE, RULE)
        status = "/s3/buckets/class-notes/lifecycle-status"
        console(mallory).post(status, {"id": "old notes", "status": "Disabled"})
        assert console(mallory).post(LIFECYCLE, RULE).status_code != 302
        assert rules(alice)[0]["Status"] == "Enabled"


class TestInventory:
    def test_a_configuration_is_made_listed_and_deleted(
        self, page: Client, account: Account
    ) -> None:
        factories.bucket(account, "reports")
        assert page.post(INVENTORY, REPORT).status_code == 302
        assert "arn:aws:s3:::reports" in text(page.get(TAB))
        page.post("/s3/buckets/class-notes/delete-inventory", {"id": "weekly", "confirm": "delete"})
        assert "arn:aws:s3:::reports" not in text(page.get(TAB))

    def test_no_such_destination_keeps_what_was_typed(self, page: Client) -> None:
        answer = page.post(INVENTORY, REPORT)
        assert answer.status_code == 422
        assert 'value="weekly"' in text(answer)


class TestEvents:
    def test_a_data_event_is_shown_with_its_record(self, page: Client, alice: User) -> None:
        ctx = factories.ctx_for(alice)
        data_events.select(ctx, "class-notes", "All")
        shown = text(page.get("/s3/buckets/class-notes/data-events"))
        assert "No events" in shown

    @pytest.mark.parametrize("name", ["events", "data-events"])
    def test_who_may_not_read_them_is_refused(
        self, console: Console, account: Account, nobody: User, name: str
    ) -> None:
        factories.bucket(account, "class-notes")
        assert console(nobody).get(f"/s3/buckets/class-notes/{name}").status_code == 403
