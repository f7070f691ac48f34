"""Users' pages: list, wizard, detail, renaming, groups, permissions, console access, deleting."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aws import clock
from aws.models import Account, Event
from iam import operations
from iam.models import AccessKey, Attachment, Group, LoginProfile, MFADevice, User
from tests import factories
from tests.factories import ADMINISTRATOR, PASSWORD, READ_ONLY, allow, ctx_for
from tests.iam.pages.browser import HTMX, text

Console = Callable[..., Client]
CHANGE_PASSWORD = "arn:aws:iam::aws:policy/IAMUserChangePassword"  # noqa: S105
DETAILS = {
    "user_name": "carol",
    "permission_kind": "group",
    "copy_from": "",
    "boundary": "",
    "password_kind": "auto",
}


class TestList:
    def test_it_shows_what_is_known_of_each_user(
        self, page: Client, account: Account, bob: User
    ) -> None:
        factories.group(account, "developers", users=[bob])
        factories.mfa_device(bob)
        long_ago = clock.real_now() - timedelta(days=120)
        key, _ = factories.access_key(bob, created_at=long_ago, last_used_at=long_ago)
        shown = text(page.get("/iam/users?q=bob"))
        assert f"Active - {key}" in shown
        assert "120 days" in shown
        assert "status-warning" in shown
        assert 'title="developers"' in shown

    def test_ages_follow_the_clock_of_the_account(self, page: Client, account: Account) -> None:
        factories.user(account, "carol", password=PASSWORD)
        Account.objects.filter(pk=account.pk).update(clock_offset=timedelta(hours=11))
        LoginProfile.objects.update(last_changed=clock.real_now() - timedelta(days=99, hours=20))
        assert "100 days" in text(page.get("/iam/users?q=carol"))

    def test_the_fragment_is_the_rows_alone(self, page: Client) -> None:
        rows = text(page.get("/iam/users", headers=HTMX))
        assert 'id="rows"' in rows
        assert "<html" not in rows

    def test_it_searches_sorts_and_says_when_nothing_matches(self, page: Client, bob: User) -> None:
        assert "bob" not in text(page.get("/iam/users?q=ali", headers=HTMX))
        descending = text(page.get("/iam/users?sort=-name", headers=HTMX))
        assert descending.index(">bob<") < descending.index(">alice<")
        assert "No matches" in text(page.get("/iam/users?q=zzz", headers=HTMX))

    @pytest.mark.parametrize(
        "column",
        ["path", "groups", "activity", "mfa", "password_age", "signin", "key_age", "key_used"],
    )
    def test_every_column_sorts(self, page: Client, bob: User, column: str) -> None:
        factories.access_key(bob, last_used_at=clock.real_now())
        assert page.get(f"/iam/users?sort=-{column}").status_code == 200

    def test_columns_are_a_persons_own(self, page: Client, console: Console, bob: User) -> None:
        assert "Creation time" not in text(page.get("/iam/users"))
        answer = page.post("/iam/users/columns", {"column": ["created", "made-up"]})
        assert answer.status_code == 302
        shown = text(page.get("/iam/users"))
        assert "Creation time" in shown
        assert "Password age" not in shown
        other = console(bob).get("/iam/users", headers={"Accept-Language": "en"})
        assert "Password age" in text(other)

    def test_queries_do_not_grow_with_users(self, page: Client, account: Account) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                assert page.get("/iam/users").status_code == 200
            return len(captured)

        page.get("/iam/users")
        few = queries()
        for number in range(60):
            factories.access_key(factories.user(account, f"user-{number}"))
        assert queries() == few

    def test_without_permission_it_is_denied_and_explained(
        self, console: Console, nobody: User, alice: User
    ) -> None:
        answer = console(nobody).get("/iam/users")
        assert answer.status_code == 403
        assert "alice" not in text(answer)
        event = Event.objects.get(event_name="ListUsers")
        assert f"/cloudtrail/denied/{event.pk}" in text(answer)

    def test_cells_that_may_not_be_read_are_empty(
        self, console: Console, account: Account, bob: User
    ) -> None:
        lister = factories.user(account, "lister", policies=[allow("iam:ListUsers")])
        key, _ = factories.access_key(bob)
        shown = text(console(lister).get("/iam/users"))
        assert "bob" in shown
        assert key not in shown


class TestWizard:
    def test_it_makes_a_user_with_password_groups_boundary_and_tags(
        self, page: Client, account: Account
    ) -> None:
        factories.group(account, "developers")
        answer = page.post(
            "/iam/users/create",
            {
                **DETAILS,
                "console_access": "on",
                "reset_required": "on",
                "groups": ["developers"],
                "boundary": READ_ONLY,
                "tag-key-0": "team",
                "tag-value-0": "blue",
            },
        )
        user = User.objects.get(user_name="carol")
        assert (user.permissions_boundary, user.tags) == (READ_ONLY, {"team": "blue"})
        assert [group.group_name for group in user.groups.all()] == ["developers"]
        assert user.login_profile.password_reset_required
        assert [one.policy_arn for one in user.attachments.all()] == [CHANGE_PASSWORD]
        assert answer.status_code == 200
        assert "Sign-in URL: http://testserver/111122223333/console" in text(answer)

    def test_the_password_is_shown_once_and_kept_nowhere(self, page: Client) -> None:
        answer = page.post("/iam/users/create", {**DETAILS, "console_access": "on"})
        password = answer.context["password"]
        assert password in text(answer)
        assert "no-store" in answer["Cache-Control"]
        assert password not in json.dumps(list(Event.objects.values()), default=str)
        assert password not in str(dict(page.session))
        assert password not in text(page.get("/iam/users/carol?tab=security_credentials"))

    def test_without_console_access_there_is_no_password(self, page: Client) -> None:
        answer = page.post("/iam/users/create", {**DETAILS, "reset_required": "on"})
        assert answer["Location"] == "/iam/users"
        user = User.objects.get(user_name="carol")
        assert not LoginProfile.objects.filter(user=user).exists()
        assert not user.attachments.exists()

    def test_it_copies_what_another_user_has(
        self, page: Client, account: Account, bob: User
    ) -> None:
        factories.group(account, "developers", users=[bob])
        factories.grant(bob, policies=[allow("s3:ListBucket")])
        User.objects.filter(pk=bob.pk).update(permissions_boundary=ADMINISTRATOR)
        page.post("/iam/users/create", {**DETAILS, "permission_kind": "copy", "copy_from": "bob"})
        carol = User.objects.get(user_name="carol")
        assert carol.permissions_boundary == ADMINISTRATOR
        assert [group.group_name for group in carol.groups.all()] == ["developers"]
        assert [one.policy_arn for one in carol.attachments.all()] == [READ_ONLY]
        assert [one.document for one in carol.inlinepolicys.all()] == [allow("s3:ListBucket")]

    def test_it_makes_a_group_on_the_way(self, page: Client) -> None:
        new = {"new_group": "testers", "new_group_policies": [READ_ONLY]}
        page.post("/iam/users/create", {**DETAILS, **new})
        group = Group.objects.get(group_name="testers")
        assert [user.user_name for user in group.users.all()] == ["carol"]
        assert [one.policy_arn for one in group.attachments.all()] == [READ_ONLY]

    def test_a_taken_name_keeps_what_was_typed_and_makes_nothing(
        self, page: Client, account: Account, bob: User
    ) -> None:
        typed = {
            **DETAILS,
            "user_name": "BOB",
            "console_access": "on",
            "password_kind": "custom",
            "password": PASSWORD,
            "permission_kind": "direct",
            "policy_arns": [READ_ONLY],
            "tag-key-3": "team",
            "tag-value-3": "blue",
        }
        answer = page.post("/iam/users/create", typed)
        shown = text(answer)
        assert answer.status_code == 422
        assert "EntityAlreadyExists" in shown
        assert 'value="BOB"' in shown
        assert f'value="{PASSWORD}"' in shown
        assert (
            f'value="{READ_ONLY}" class="select-row" aria-label="ReadOnlyAccess" checked' in shown
        )
        assert 'value="team"' in shown
        assert "no-store" in answer["Cache-Control"]
        assert User.objects.filter(account=account).count() == 2

    def test_a_group_deleted_meanwhile_is_named(self, page: Client, account: Account) -> None:
        factories.group(account, "developers")
        answer = page.post("/iam/users/create", {**DETAILS, "groups": ["developers", "gone"]})
        assert answer.status_code == 422
        assert "gone does not exist any more" in text(answer)
        assert not User.objects.filter(user_name="carol").exists()

    def test_a_group_that_goes_at_the_last_moment_undoes_it_all(
        self, page: Client, account: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        factories.group(account, "developers")
        add = operations.add_user_to_group

        def late(ctx: Any, **arguments: Any) -> Any:
            Group.objects.all().delete()
            return add(ctx, **arguments)

        monkeypatch.setattr(operations, "add_user_to_group", late)
        answer = page.post("/iam/users/create", {**DETAILS, "groups": ["developers"]})
        assert answer.status_code == 422
        assert "NoSuchEntity" in text(answer)
        assert not User.objects.filter(user_name="carol").exists()

    def test_a_weak_password_is_refused_with_the_rule(self, page: Client) -> None:
        weak = {"console_access": "on", "password_kind": "custom", "password": "short"}
        answer = page.post("/iam/users/create", {**DETAILS, **weak})
        assert answer.status_code == 422
        assert "PasswordPolicyViolation" in text(answer)
        assert "minimum length of 8" in text(answer)

    def test_a_bad_name_stands_beside_its_field(self, page: Client) -> None:
        answer = page.post("/iam/users/create", {**DETAILS, "user_name": "a b"})
        assert answer.status_code == 422
        assert answer.context["form"].errors["user_name"]

    def test_who_may_not_is_told_why(self, console: Console, bob: User) -> None:
        answer = console(bob).post("/iam/users/create", DETAILS)
        event = Event.objects.get(event_name="CreateUser")
        assert answer.status_code == 422
        assert f"/cloudtrail/denied/{event.pk}" in text(answer)


class TestDetail:
    def test_every_tab_opens(self, page: Client, account: Account, bob: User) -> None:
        factories.group(account, "developers", users=[bob])
        for tab in ("permissions", "groups", "tags", "security_credentials", "made-up"):
            assert page.get(f"/iam/users/bob?tab={tab}").status_code == 200

    def test_a_tab_is_a_fragment(self, page: Client, bob: User) -> None:
        tab = text(page.get("/iam/users/bob?tab=tags", headers=HTMX))
        assert 'id="tab"' in tab
        assert "<html" not in tab

    def test_permissions_say_where_they_come_from(
        self, page: Client, account: Account, bob: User
    ) -> None:
        group = factories.group(account, "developers", users=[bob])
        factories.grant(group, policy_arns=[ADMINISTRATOR], policies=[allow("s3:*")])
        shown = text(page.get("/iam/users/bob"))
        assert "ReadOnlyAccess" in shown
        assert "/iam/groups/developers/inline?policy_name=inline-1" in shown

    def test_a_user_of_another_account_is_not_found(
        self, page: Client, mallory: User, other_account: Account
    ) -> None:
        answer = page.get("/iam/users/mallory")
        assert answer.status_code == 404
        assert other_account.account_id not in text(answer)

    def test_parts_that_may_not_be_read_say_so(
        self, console: Console, account: Account, bob: User
    ) -> None:
        key, _ = factories.access_key(bob)
        reader = factories.user(account, "reader", policies=[allow("iam:GetUser")])
        shown = text(console(reader).get("/iam/users/bob?tab=security_credentials"))
        assert "iam:ListAccessKeys" in shown
        assert "/cloudtrail/denied/" in shown
        assert key not in shown


class TestChanges:
    def test_renaming_leads_to_the_new_name(self, page: Client, bob: User) -> None:
        answer = page.post("/iam/users/bob/edit", {"new_user_name": "robert", "new_path": "/x/"})
        assert answer["Location"] == "/iam/users/robert"
        assert User.objects.get(pk=bob.pk).path == "/x/"

    def test_a_taken_name_keeps_what_was_typed(self, page: Client, bob: User) -> None:
        answer = page.post("/iam/users/bob/edit", {"new_user_name": "Alice", "new_path": "/x/"})
        assert answer.status_code == 422
        assert 'value="Alice"' in text(answer)
        assert 'value="/x/"' in text(answer)

    def test_groups_are_joined_and_left(self, page: Client, account: Account, bob: User) -> None:
        for name in ("one", "two"):
            factories.group(account, name)
        page.post("/iam/users/bob/groups", {"groups": ["one", "two"]})
        assert bob.groups.count() == 2
        page.post("/iam/users/bob/groups", {"remove": ["", "one"]})
        assert [group.group_name for group in bob.groups.all()] == ["two"]

    def test_a_group_that_is_gone_is_named(self, page: Client, bob: User) -> None:
        answer = page.post("/iam/users/bob/groups", {"groups": ["gone"]})
        assert answer.status_code == 422
        assert "gone does not exist any more" in text(answer)

    def test_permissions_are_added_and_removed(self, page: Client, nobody: User) -> None:
        chosen = {"permission_kind": "direct", "policy_arns": [READ_ONLY], "copy_from": ""}
        assert page.post("/iam/users/nobody/permissions", chosen).status_code == 302
        assert Attachment.objects.filter(user=nobody, policy_arn=READ_ONLY).exists()
        question = page.post("/iam/users/nobody/detach", {"arn": READ_ONLY})
        assert "ReadOnlyAccess" in text(question)
        assert Attachment.objects.filter(user=nobody).exists()
        page.post("/iam/users/nobody/detach", {"arn": READ_ONLY, "agreed": "yes"})
        assert not Attachment.objects.filter(user=nobody).exists()

    def test_a_boundary_is_set_changed_and_removed(self, page: Client, nobody: User) -> None:
        page.post("/iam/users/nobody/boundary", {"boundary": READ_ONLY})
        assert User.objects.get(pk=nobody.pk).permissions_boundary == READ_ONLY
        assert "Change boundary" in text(page.get("/iam/users/nobody"))
        page.post("/iam/users/nobody/boundary/remove", {"agreed": "yes"})
        assert User.objects.get(pk=nobody.pk).permissions_boundary == ""

    def test_groups_have_no_boundary_and_no_tags(self, page: Client, account: Account) -> None:
        factories.group(account, "developers")
        for address in ("boundary", "tags"):
            assert page.get(f"/iam/groups/developers/{address}").status_code == 404

    def test_tags_are_replaced_and_errors_keep_them(self, page: Client, nobody: User) -> None:
        page.post("/iam/users/nobody/tags", {"tag-key-0": "team", "tag-value-0": "blue"})
        page.post("/iam/users/nobody/tags", {"tag-key-0": "level", "tag-value-0": ""})
        assert User.objects.get(pk=nobody.pk).tags == {"level": ""}
        wrong = {"tag-key-0": "aws:x", "tag-value-0": "kept"}
        answer = page.post("/iam/users/nobody/tags", wrong)
        assert answer.status_code == 422
        assert 'value="kept"' in text(answer)
        assert User.objects.get(pk=nobody.pk).tags == {"level": ""}

    def test_an_inline_policy_is_written_and_a_bad_one_kept(
        self, page: Client, nobody: User
    ) -> None:
        typed = {"policy_name": "mine", "document": "{ no JSON"}
        answer = page.post("/iam/users/nobody/inline", typed)
        assert answer.status_code == 422
        assert "MalformedPolicyDocument" in text(answer) or "{ no JSON" in text(answer)
        page.post("/iam/users/nobody/inline", {**typed, "document": allow("s3:*")})
        assert nobody.inlinepolicys.get().policy_name == "mine"
        assert "s3:*" in text(page.get("/iam/users/nobody/inline?policy_name=mine"))

    def test_a_suggested_policy_opens_in_the_editor(self, page: Client, nobody: User) -> None:
        answer = page.get("/iam/users/nobody/inline", {"document": allow("sqs:SendMessage")})
        assert "sqs:SendMessage" in text(answer)


class TestConsoleAccess:
    def test_a_password_is_given_and_shown_once(self, page: Client, bob: User) -> None:
        answer = page.post("/iam/users/bob/console", {"access": "enable", "password_kind": "auto"})
        assert answer.context["password"] in text(answer)
        assert "no-store" in answer["Cache-Control"]
        assert LoginProfile.objects.filter(user=bob).exists()

    def test_only_the_reset_changes_when_the_password_is_kept(
        self, page: Client, account: Account
    ) -> None:
        carol = factories.user(account, "carol", password=PASSWORD)
        before = carol.login_profile.password
        page.post(
            "/iam/users/carol/console",
            {"access": "enable", "password_kind": "keep", "reset_required": "on"},
        )
        profile = LoginProfile.objects.get(user=carol)
        assert (profile.password, profile.password_reset_required) == (before, True)

    def test_it_is_disabled(self, page: Client, account: Account) -> None:
        factories.user(account, "carol", password=PASSWORD)
        page.post("/iam/users/carol/console", {"access": "disable"})
        assert not LoginProfile.objects.exists()

    def test_revoking_sessions_denies_the_older_ones(
        self, page: Client, console: Console, bob: User
    ) -> None:
        # Times in policies have no fractions of seconds.
        browser = console(bob, issued_at=clock.real_now() - timedelta(seconds=2))
        assert browser.get("/iam/users").status_code == 200
        assert "AWSRevokeOlderSessions" in text(page.post("/iam/users/bob/revoke"))
        page.post("/iam/users/bob/revoke", {"agreed": "yes"})
        assert browser.get("/iam/users").status_code == 403


class TestDeleting:
    def test_it_asks_with_the_last_activity_first(self, page: Client, bob: User) -> None:
        factories.access_key(bob, last_used_at=clock.real_now() - timedelta(days=3))
        answer = page.post("/iam/users/delete", {"name": "bob"}, headers=HTMX)
        assert "<dialog" in text(answer)
        assert "<html" not in text(answer)
        assert "3 days ago" in text(answer)
        assert User.objects.filter(pk=bob.pk).exists()

    def test_a_wrong_word_deletes_nothing(self, page: Client, bob: User) -> None:
        answer = page.post("/iam/users/delete", {"name": "bob", "confirm": "Bob"})
        assert answer.status_code == 422
        assert User.objects.filter(pk=bob.pk).exists()

    def test_everything_of_the_user_goes(self, page: Client, account: Account, bob: User) -> None:
        factories.access_key(bob)
        factories.mfa_device(bob)
        factories.group(account, "developers", users=[bob])
        factories.grant(bob, policies=[allow("s3:*")])
        LoginProfile.objects.create(account=account, user=bob, password="x")  # noqa: S106
        answer = page.post("/iam/users/delete", {"name": "bob", "confirm": "bob"})
        assert answer["Location"] == "/iam/users"
        assert not User.objects.filter(pk=bob.pk).exists()
        assert not AccessKey.objects.exists()
        assert not MFADevice.objects.exists()

    def test_several_go_together_or_not_at_all(self, page: Client, bob: User, nobody: User) -> None:
        names = ["bob", "nobody", "zelda"]
        answer = page.post("/iam/users/delete", {"name": names, "confirm": "delete 3"})
        assert answer.status_code == 404
        assert User.objects.count() == 3
        page.post("/iam/users/delete", {"name": names[:2], "confirm": "delete 2"})
        assert [user.user_name for user in User.objects.all()] == ["alice"]

    def test_nothing_ticked_is_said(self, page: Client) -> None:
        page.post("/iam/users/delete", {})
        assert "Choose 1 to 100 users." in text(page.get("/iam/users"))

    def test_who_may_only_read_deletes_nothing(self, console: Console, bob: User) -> None:
        answer = console(bob).post("/iam/users/delete", {"name": "bob", "confirm": "bob"})
        assert answer.status_code == 403
        assert User.objects.filter(pk=bob.pk).exists()

    def test_get_is_refused(self, page: Client, bob: User) -> None:
        for address in ("delete", "bob/revoke", "bob/detach", "bob/boundary/remove"):
            assert page.get(f"/iam/users/{address}").status_code == 405


def test_another_accounts_user_cannot_be_changed(page: Client, mallory: User) -> None:
    for address in ("edit", "groups", "console", "keys/create", "mfa/add", "permissions", "tags"):
        assert page.post(f"/iam/users/mallory/{address}", {"x": "y"}).status_code == 404
    assert page.post("/iam/users/delete", {"name": "mallory", "confirm": "mallory"})
    assert User.objects.filter(pk=mallory.pk).exists()


def test_the_search_finds_users(alice: User, bob: User, nobody: User) -> None:
    from iam.navigation import search_entities

    found = list(search_entities(ctx_for(alice), "BO"))
    assert [(one.title, one.url) for one in found] == [
        ("bob", "/iam/users/bob"),
        ("nobody", "/iam/users/nobody"),
    ]
    assert list(search_entities(ctx_for(nobody), "bo")) == []
