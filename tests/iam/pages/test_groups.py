"""User groups' pages."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aws.models import Account, Event
from iam.models import Group, User
from tests import factories
from tests.factories import READ_ONLY, allow
from tests.iam.pages.browser import HTMX, text

Console = Callable[..., Client]


@pytest.fixture
def developers(account: Account, bob: User) -> Group:
    return factories.group(account, "developers", users=[bob])


class TestList:
    def test_it_points_out_groups_without_users_or_policies(
        self, page: Client, account: Account, developers: Group
    ) -> None:
        factories.grant(developers, policy_arns=[READ_ONLY])
        shown = text(page.get("/iam/groups?q=developers", headers=HTMX))
        assert "Defined" in shown
        assert "Not defined" not in shown
        factories.group(account, "empty")
        assert "Not defined" in text(page.get("/iam/groups", headers=HTMX))

    def test_queries_do_not_grow_with_groups(self, page: Client, account: Account) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                assert page.get("/iam/groups").status_code == 200
            return len(captured)

        factories.group(account, "one")
        page.get("/iam/groups")
        few = queries()
        for number in range(60):
            factories.grant(factories.group(account, f"g-{number}"), policy_arns=[READ_ONLY])
        assert queries() == few

    def test_who_may_not_list_is_told_why(
        self, console: Console, nobody: User, developers: Group
    ) -> None:
        answer = console(nobody).get("/iam/groups")
        assert answer.status_code == 403
        assert "developers" not in text(answer)


class TestCreate:
    def test_it_has_users_and_policies_at_once(self, page: Client, bob: User) -> None:
        answer = page.post(
            "/iam/groups/create",
            {"group_name": "testers", "users": ["bob"], "policy_arns": [READ_ONLY]},
        )
        assert answer["Location"] == "/iam/groups"
        group = Group.objects.get()
        assert [user.user_name for user in group.users.all()] == ["bob"]
        assert [one.policy_arn for one in group.attachments.all()] == [READ_ONLY]

    def test_a_taken_name_keeps_what_was_chosen(
        self, page: Client, developers: Group, nobody: User
    ) -> None:
        chosen = {"group_name": "Developers", "users": ["nobody"], "policy_arns": [READ_ONLY]}
        answer = page.post("/iam/groups/create", chosen)
        assert answer.status_code == 422
        assert "Group with name Developers already exists." in text(answer)
        assert 'value="nobody" class="select-row" aria-label="nobody" checked' in text(answer)
        assert 'aria-label="ReadOnlyAccess" checked' in text(answer)

    def test_a_user_deleted_meanwhile_is_named_and_nothing_is_made(self, page: Client) -> None:
        answer = page.post("/iam/groups/create", {"group_name": "testers", "users": ["gone"]})
        assert answer.status_code == 422
        assert "gone does not exist any more" in text(answer)
        assert not Group.objects.exists()

    def test_who_may_not_create_is_told_why(self, console: Console, bob: User) -> None:
        answer = console(bob).post("/iam/groups/create", {"group_name": "mine"})
        event = Event.objects.get(event_name="CreateGroup")
        assert f"/cloudtrail/denied/{event.pk}" in text(answer)


class TestDetail:
    def test_its_tabs_open(self, page: Client, developers: Group) -> None:
        factories.grant(developers, policies=[allow("s3:*")])
        assert ">bob<" in text(page.get("/iam/groups/developers"))
        assert "inline-1" in text(page.get("/iam/groups/developers?tab=permissions"))

    def test_a_group_of_another_account_is_not_found(
        self, console: Console, mallory: User, developers: Group
    ) -> None:
        answer = console(mallory).get("/iam/groups/developers")
        assert answer.status_code == 404
        assert developers.account_id not in text(answer)

    def test_users_come_and_go(self, page: Client, developers: Group, nobody: User) -> None:
        page.post("/iam/groups/developers/users", {"users": ["nobody"]})
        assert developers.users.count() == 2
        page.post("/iam/groups/developers/users", {"remove": ["", "bob", "nobody"]})
        assert developers.users.count() == 0

    def test_policies_are_attached_and_removed(self, page: Client, developers: Group) -> None:
        factories.grant(developers, policies=[allow("s3:*")])
        page.post("/iam/groups/developers/permissions", {"policy_arns": [READ_ONLY]})
        assert developers.attachments.count() == 1
        removed = {"arn": READ_ONLY, "policy_name": "inline-1", "agreed": "yes"}
        page.post("/iam/groups/developers/detach", removed)
        assert not developers.attachments.exists()
        assert not developers.inlinepolicys.exists()

    def test_it_is_renamed(self, page: Client, developers: Group) -> None:
        answer = page.post(
            "/iam/groups/developers/edit", {"new_group_name": "makers", "new_path": "/"}
        )
        assert answer["Location"] == "/iam/groups/makers"


class TestDeleting:
    def test_members_and_policies_do_not_stand_in_the_way(
        self, page: Client, developers: Group, bob: User
    ) -> None:
        factories.grant(developers, policy_arns=[READ_ONLY], policies=[allow("s3:*")])
        question = page.post("/iam/groups/delete", {"name": "developers"})
        assert "developers" in text(question)
        page.post("/iam/groups/delete", {"name": "developers", "confirm": "developers"})
        assert not Group.objects.exists()
        assert User.objects.filter(pk=bob.pk).exists()

    def test_who_may_only_read_deletes_nothing(
        self, console: Console, bob: User, developers: Group
    ) -> None:
        confirmed = {"name": "developers", "confirm": "developers"}
        assert console(bob).post("/iam/groups/delete", confirmed).status_code == 403
        assert Group.objects.exists()

    def test_get_is_refused(self, page: Client) -> None:
        assert page.get("/iam/groups/delete").status_code == 405
