"""Switching to a role in the console, and back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from aws import accounts
from aws.models import Account, Event
from cloudtrail.records import record
from console import preferences
from iam.models import Role, User
from tests import factories
from tests.factories import ADMINISTRATOR, READ_ONLY, allow, trust_policy

Console = Callable[..., Client]


@pytest.fixture
def auditor(account: Account) -> Role:
    """In alice's own account."""
    return factories.role(account, "auditor", policy_arns=[READ_ONLY])


@pytest.fixture
def foreign(other_account: Account) -> Role:
    """In mallory's account, open to alice's."""
    trust = trust_policy("arn:aws:iam::111122223333:root")
    return factories.role(other_account, "guest", trust=trust, policy_arns=[READ_ONLY])


@pytest.fixture
def browser(console: Console, alice: User) -> Client:
    client = console(alice)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def switch(browser: Client, role: Role, **changes: str) -> Any:
    typed = {"account": role.account_id, "role_name": role.role_name} | changes
    return browser.post("/switch-role", typed)


def principal(browser: Client) -> Any:
    return browser.get("/console/home").context["request"].principal


class TestSwitching:
    def test_the_role_is_who_acts(self, browser: Client, auditor: Role) -> None:
        assert switch(browser, auditor)["Location"] == "/console/home"
        arn = "arn:aws:sts::111122223333:assumed-role/auditor/alice"
        assert principal(browser).arn == arn
        assert browser.get("/iam/users").status_code == 200
        assert browser.post("/iam/alias", {"account_alias": "mine"}).status_code != 302
        account = Account.objects.get()
        assert account.alias is None

    def test_another_account_opens(self, browser: Client, foreign: Role, mallory: User) -> None:
        switch(browser, foreign)
        page = browser.get("/iam/users").content.decode()
        assert "mallory" in page
        assert "bob" not in page

    def test_an_alias_and_a_path_are_understood(self, browser: Client, account: Account) -> None:
        Account.objects.filter(pk=account.pk).update(alias="class-3")
        role = factories.role(account, "deep", path="/team/blue/")
        switch(browser, role, account="class-3", role_name="team/blue/deep")
        assert principal(browser).arn.endswith("assumed-role/deep/alice")

    def test_both_histories_know(
        self, browser: Client, foreign: Role, alice: User, other_account: Account
    ) -> None:
        switch(browser, foreign)
        assumed = Event.objects.get(event_name="AssumeRole")
        assert assumed.account_id == alice.account_id
        switched = Event.objects.get(event_name="SwitchRole")
        assert switched.account_id == other_account.pk
        assert record(switched)["additionalEventData"]["SwitchFrom"] == alice.arn
        assert record(switched)["responseElements"] == {"SwitchRole": "Success"}

    def test_a_link_fills_the_form(self, browser: Client) -> None:
        page = browser.get(
            "/switch-role?roleName=auditor&account=class-3&displayName=Audit&color=red"
        )
        text = page.content.decode()
        for value in ("auditor", "class-3", "Audit"):
            assert f'value="{value}"' in text
        assert '<option value="red" selected>' in text

    def test_the_name_and_colour_are_shown(self, browser: Client, auditor: Role) -> None:
        switch(browser, auditor, display_name="Audit <b>", color="teal")
        page = browser.get("/console/home").content.decode()
        assert "role-teal" in page
        assert "Audit &lt;b&gt;" in page

    def test_an_unknown_colour_is_refused(self, browser: Client, auditor: Role) -> None:
        assert switch(browser, auditor, color='red" onclick="x').status_code == 422


class TestSwitchingBack:
    def test_the_person_acts_again(self, browser: Client, auditor: Role, alice: User) -> None:
        switch(browser, auditor)
        assert browser.post("/switch-back")["Location"] == "/console/home"
        assert principal(browser).arn == alice.arn

    def test_it_is_a_post(self, browser: Client, auditor: Role) -> None:
        switch(browser, auditor)
        assert browser.get("/switch-back").status_code == 405

    def test_from_role_to_role_the_person_decides(
        self, browser: Client, auditor: Role, account: Account
    ) -> None:
        trust = trust_policy("arn:aws:iam::111122223333:user/alice")
        only_alice = factories.role(account, "only-alice", trust=trust)
        switch(browser, auditor)
        switch(browser, only_alice)
        assert principal(browser).arn.endswith("/only-alice/alice")

    def test_signing_out_in_a_role_ends_everything(self, browser: Client, auditor: Role) -> None:
        switch(browser, auditor)
        browser.post("/signout")
        assert browser.get("/console/home").status_code == 302


class TestDuration:
    @pytest.mark.parametrize(("maximum", "hours"), [(3600, 1), (7200, 2)])
    def test_the_roles_maximum_ends_the_session(
        self, browser: Client, account: Account, alice: User, maximum: int, hours: int
    ) -> None:
        role = factories.role(account, "timed", max_session_duration=maximum)
        switch(browser, role, display_name="Timed role")
        Account.objects.update(clock_offset=timedelta(hours=hours) - timedelta(minutes=1))
        assert principal(browser).kind == "assumed-role"
        Account.objects.update(clock_offset=timedelta(hours=hours))
        page = browser.get("/console/home")
        assert page.context["request"].principal.arn == alice.arn
        assert "The role session has ended" in page.content.decode()
        assert "has ended" not in browser.get("/console/home").content.decode()

    def test_the_persons_own_session_ends_it_too(self, browser: Client, account: Account) -> None:
        role = factories.role(account, "long", max_session_duration=43_200)
        Account.objects.update(clock_offset=timedelta(hours=11))
        switch(browser, role)
        left = principal(browser).expires_at - Account.objects.get().now
        assert timedelta(minutes=59) < left <= timedelta(hours=1)

    def test_a_role_that_was_deleted_ends_it(
        self, browser: Client, auditor: Role, alice: User
    ) -> None:
        switch(browser, auditor)
        Role.objects.all().delete()
        assert principal(browser).arn == alice.arn


class TestRefusals:
    REFUSED = "Invalid information in one or more fields"

    def test_a_role_that_trusts_others(
        self, browser: Client, other_account: Account, alice: User
    ) -> None:
        role = factories.role(other_account, "private")
        answer = switch(browser, role)
        assert answer.status_code == 422
        assert self.REFUSED in answer.content.decode()
        assert "Why was I denied?" in answer.content.decode()
        assert principal(browser).arn == alice.arn

    def test_a_role_that_is_not_there_sounds_the_same(
        self, browser: Client, other_account: Account
    ) -> None:
        private = factories.role(other_account, "private")
        texts = set()
        for name in ("private", "missing"):
            error = switch(browser, private, role_name=name).context["form"].aws_error
            texts.add((error.code, error.message.replace(name, "NAME")))
        assert len(texts) == 1

    def test_a_person_without_permission(
        self, console: Console, nobody: User, foreign: Role
    ) -> None:
        assert switch(console(nobody), foreign).status_code == 422

    def test_an_account_that_is_not_there(self, browser: Client, auditor: Role) -> None:
        assert switch(browser, auditor, account="no-such-alias").status_code == 422

    def test_a_suspended_account(
        self, browser: Client, foreign: Role, other_account: Account
    ) -> None:
        accounts.suspend_account(other_account, suspended=True)
        answer = switch(browser, foreign)
        assert answer.status_code == 422
        assert browser.get("/console/home").status_code == 200

    def test_the_root_user(self, console: Console, account: Account, auditor: Role) -> None:
        browser = console(account)
        assert browser.get("/switch-role").status_code == 403
        assert switch(browser, auditor).status_code == 403
        assert principal(browser).kind == "root"

    def test_a_stranger(self, auditor: Role) -> None:
        assert switch(Client(), auditor)["Location"] == "/signin"

    def test_mfa_that_the_role_asks_for(
        self, console: Console, account: Account, alice: User
    ) -> None:
        needs_mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
        trust = trust_policy("arn:aws:iam::111122223333:root", Condition=needs_mfa)
        role = factories.role(account, "careful", trust=trust)
        assert switch(console(alice), role).status_code == 422
        assert switch(console(alice, mfa_authenticated_at=account.now), role).status_code == 302


class TestHistory:
    def roles(self, alice: User) -> Any:
        return preferences.read(factories.principal_of(alice))["roles"]

    def test_the_last_five_newest_first_each_once(
        self, browser: Client, account: Account, alice: User
    ) -> None:
        for number in range(6):
            switch(browser, factories.role(account, f"role-{number}"))
        switch(browser, Role.objects.get(role_name="role-3"), display_name="Three")
        names = [one["role_name"] for one in self.roles(alice)]
        assert names == ["role-3", "role-5", "role-4", "role-2", "role-1"]
        assert self.roles(alice)[0]["display_name"] == "Three"

    def test_a_refused_role_is_not_kept(
        self, browser: Client, other_account: Account, alice: User
    ) -> None:
        switch(browser, factories.role(other_account, "private"))
        assert self.roles(alice) == []

    def test_the_menu_switches_with_one_click(self, browser: Client, auditor: Role) -> None:
        switch(browser, auditor, color="green")
        browser.post("/switch-back")
        page = browser.get("/console/home").content.decode()
        assert 'name="role_name" value="auditor"' in page
        assert 'name="color" value="green"' in page

    def test_what_a_person_likes_stays_in_a_role(
        self, browser: Client, auditor: Role, bob: User, console: Console
    ) -> None:
        switch(browser, auditor)
        browser.post("/settings/preferences", {"mode": "dark"})
        browser.post("/switch-back")
        assert browser.get("/console/home").context["settings"]["mode"] == "dark"
        other = console(bob)
        factories.grant(bob, policies=[allow("sts:AssumeRole")])
        switch(other, auditor)
        assert other.get("/console/home").context["settings"]["mode"] == "auto"


def test_a_short_user_name_makes_a_session_name(console: Console, account: Account) -> None:
    user = factories.user(account, "x", policy_arns=[ADMINISTRATOR])
    browser = console(user)
    switch(browser, factories.role(account, "any"))
    assert principal(browser).arn.endswith("assumed-role/any/x-")
