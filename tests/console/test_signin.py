"""IAM users' sign-in: the password, what follows, and how it is refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.test import Client
from django.test.utils import override_settings

from aws import accounts, clock
from aws.events import HIDDEN
from aws.models import Account, Event
from cloudtrail.records import record
from console import preferences, rate_limits
from iam import passwords
from iam.models import LoginProfile, PasswordPolicy, User
from tests import factories
from tests.factories import ADMINISTRATOR, PASSWORD

Console = Callable[..., Client]
WRONG = "Your authentication information is incorrect"


@pytest.fixture
def carol(account: Account) -> User:
    """An administrator with a console password."""
    return factories.user(account, "carol", policy_arns=[ADMINISTRATOR], password=PASSWORD)


@pytest.fixture
def browser() -> Client:
    """A stranger's, in English."""
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def sign_in(browser: Client, **changes: Any) -> Any:
    typed = {"account": "111122223333", "user_name": "carol", "password": PASSWORD}
    return browser.post("/signin", typed | changes)


def is_signed_in(browser: Client) -> bool:
    return browser.get("/console/home").status_code == 200


def last_event(name: str = "ConsoleLogin") -> dict[str, Any]:
    return record(Event.objects.filter(event_name=name).latest("event_time"))


class TestRight:
    def test_the_console_opens(self, browser: Client, carol: User) -> None:
        answer = sign_in(browser)
        assert answer["Location"] == "/console/home"
        page = browser.get("/console/home")
        assert page.context["request"].principal.arn == carol.arn

    @pytest.mark.parametrize("typed", ["1111-2222-3333", " 111122223333 ", "class-3", "CLASS-3"])
    def test_the_account_is_known_by_id_and_alias(
        self, browser: Client, carol: User, typed: str
    ) -> None:
        Account.objects.filter(pk=carol.account_id).update(alias="class-3")
        sign_in(browser, account=typed)
        assert is_signed_in(browser)

    def test_it_is_in_the_event_history(self, browser: Client, carol: User) -> None:
        sign_in(browser)
        event = last_event()
        assert event["eventSource"] == "signin.amazonaws.com"
        assert event["eventType"] == "AwsConsoleSignIn"
        assert event["userIdentity"]["arn"] == carol.arn
        assert event["responseElements"] == {"ConsoleLogin": "Success"}
        assert event["additionalEventData"]["MFAUsed"] == "No"
        assert "errorMessage" not in event

    def test_the_password_counts_as_used_in_account_time(
        self, browser: Client, carol: User
    ) -> None:
        Account.objects.filter(pk=carol.account_id).update(clock_offset=timedelta(days=30))
        sign_in(browser)
        used = LoginProfile.objects.get().last_used
        assert used
        assert used - clock.real_now() > timedelta(days=29)

    def test_a_planted_session_is_worth_nothing(self, browser: Client, carol: User) -> None:
        store = browser.session
        store["planted"] = True
        store.save()
        planted = str(store.session_key)
        attacker = Client()
        for client in (browser, attacker):
            client.cookies[settings.SESSION_COOKIE_NAME] = planted
        sign_in(browser)
        assert browser.cookies[settings.SESSION_COOKIE_NAME].value != planted
        assert is_signed_in(browser)
        assert not is_signed_in(attacker)

    def test_the_person_gets_their_language(self, browser: Client, carol: User) -> None:
        preferences.write(factories.principal_of(carol), language="ko")
        answer = sign_in(browser)
        assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "ko"

    def test_an_account_is_remembered_when_asked(self, browser: Client, carol: User) -> None:
        sign_in(browser, remember="on")
        browser.post("/signout")
        assert 'value="111122223333"' in browser.get("/signin").content.decode()
        sign_in(browser)
        browser.post("/signout")
        assert 'value="111122223333"' not in browser.get("/signin").content.decode()


class TestWrong:
    @pytest.mark.parametrize(
        "changes",
        [
            {"password": "wrong"},
            {"user_name": "zcarol"},
            {"user_name": "nobody"},
            {"user_name": "CAROL"},
            {"account": "999999999999"},
            {"account": "444455556666"},
            {"account": "no-such-alias"},
        ],
    )
    def test_it_says_the_same_whatever_is_wrong(
        self,
        browser: Client,
        carol: User,
        nobody: User,
        mallory: User,
        changes: dict[str, str],
    ) -> None:
        with mock.patch.object(passwords, "_matches", wraps=passwords._matches) as checked:
            answer = sign_in(browser, **changes)
        assert answer.status_code == 422
        assert answer.content.decode().count(WRONG) == 1
        assert checked.call_count == 1  # a hash is always calculated, so it takes as long
        assert not is_signed_in(browser)

    def test_the_failure_is_in_the_event_history(self, browser: Client, carol: User) -> None:
        sign_in(browser, password="wrong")
        event = last_event()
        assert event["userIdentity"]["userName"] == "carol"
        assert event["errorMessage"] == "Failed authentication"
        assert event["responseElements"] == {"ConsoleLogin": "Failure"}

    def test_a_name_that_is_not_there_is_not_written_down(
        self, browser: Client, carol: User
    ) -> None:
        sign_in(browser, user_name=PASSWORD)
        event = last_event()
        assert event["userIdentity"]["userName"] == HIDDEN
        assert PASSWORD not in str(event)

    def test_another_accounts_history_stays_empty(
        self, browser: Client, carol: User, other_account: Account
    ) -> None:
        sign_in(browser, user_name="mallory")
        assert not Event.objects.filter(account_id=other_account.pk).exists()

    def test_what_was_typed_is_kept_but_the_password(self, browser: Client, carol: User) -> None:
        page = sign_in(browser, password="wrong-but-secret").content.decode()
        assert 'value="carol"' in page
        assert "wrong-but-secret" not in page

    def test_a_suspended_account_is_said_to_who_knows_the_password(
        self, browser: Client, carol: User
    ) -> None:
        accounts.suspend_account(carol.account, suspended=True)
        assert WRONG in sign_in(browser, password="wrong").content.decode()
        answer = sign_in(browser)
        assert answer.status_code == 403
        assert "This account is suspended" in answer.content.decode()
        assert not is_signed_in(browser)

    def test_a_hard_expired_password_needs_an_administrator(
        self, browser: Client, carol: User
    ) -> None:
        PasswordPolicy.objects.create(account=carol.account, max_password_age=1, hard_expiry=True)
        Account.objects.filter(pk=carol.account_id).update(clock_offset=timedelta(days=2))
        answer = sign_in(browser)
        assert answer.status_code == 403
        assert "has expired" in answer.content.decode()
        assert not is_signed_in(browser)

    def test_a_form_from_elsewhere_is_refused(self, carol: User) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        answer = sign_in(browser)
        assert answer.status_code == 403
        assert "This form is too old" in answer.content.decode()


class TestLimits:
    def test_the_eleventh_try_waits_even_with_the_right_password(
        self, browser: Client, carol: User
    ) -> None:
        for _ in range(10):
            sign_in(browser, password="wrong")
        events = Event.objects.count()
        answer = sign_in(browser)
        assert answer.status_code == 429
        assert "Too many sign-in attempts" in answer.content.decode()
        assert not is_signed_in(browser)
        assert Event.objects.count() == events

    def test_spelling_the_account_otherwise_is_the_same_count(
        self, browser: Client, carol: User
    ) -> None:
        for account in ["111122223333", "1111-2222-3333", " 111122223333"] * 4:
            answer = sign_in(browser, account=account, user_name="Carol", password="wrong")
        assert answer.status_code == 429

    def test_other_users_are_not_held_up(self, browser: Client, carol: User) -> None:
        for _ in range(11):
            sign_in(browser, user_name="victim", password="wrong")
        assert sign_in(browser).status_code == 302

    def test_a_class_behind_one_address_is_not_held_up_by_right_passwords(
        self, browser: Client, carol: User
    ) -> None:
        few = rate_limits.SIGN_INS_OF_ADDRESS.__class__("few", limit=3, seconds=300)
        with mock.patch.object(rate_limits, "SIGN_INS_OF_ADDRESS", few):
            for _ in range(5):
                assert sign_in(browser).status_code == 302
            for number in range(3):
                sign_in(browser, user_name=f"user-{number}")
            assert sign_in(browser).status_code == 429

    def test_a_network_of_ipv6_is_one_address(self) -> None:
        requests = [mock.Mock(META={"REMOTE_ADDR": f"2001:db8::{n}"}) for n in (1, 2)]
        assert {rate_limits.address_of(one) for one in requests} == {"2001:db8::/64"}


class TestWhereItLeads:
    @pytest.mark.parametrize(
        "address",
        ["//evil.example/", "https://evil.example/", r"/\evil.example", "javascript:alert(1)", "x"],
    )
    def test_no_other_site(self, browser: Client, carol: User, address: str) -> None:
        assert browser.get("/signin", {"next": address}).context["next"] == ""
        assert sign_in(browser, next=address)["Location"] == "/console/home"

    def test_the_page_that_was_asked_for(self, browser: Client, carol: User) -> None:
        asked = browser.get("/iam/users?q=x")
        assert asked["Location"] == "/signin?next=%2Fiam%2Fusers%3Fq%3Dx"
        assert 'value="/iam/users?q=x"' in browser.get(asked["Location"]).content.decode()
        assert sign_in(browser, next="/iam/users?q=x")["Location"] == "/iam/users?q=x"

    @pytest.mark.parametrize("name", ["class-3", "111122223333"])
    def test_an_accounts_own_address_fills_the_account(
        self, browser: Client, account: Account, name: str
    ) -> None:
        page = browser.get(f"/{name}/console", follow=True)
        assert f'value="{name}"' in page.content.decode()

    def test_who_is_signed_in_already_goes_home(self, console: Console, alice: User) -> None:
        assert console(alice).get("/signin")["Location"] == "/console/home"


class TestForcedChange:
    @pytest.fixture
    def owing(self, carol: User) -> LoginProfile:
        LoginProfile.objects.update(password_reset_required=True)
        return LoginProfile.objects.get()

    def change(self, browser: Client, **changes: str) -> Any:
        new = "Another-horse-battery-8"
        typed = {"old_password": PASSWORD, "new_password": new, "again": new}
        return browser.post("/signin/change-password", typed | changes)

    def test_nothing_opens_before(self, browser: Client, owing: LoginProfile) -> None:
        assert sign_in(browser)["Location"] == "/signin/change-password"
        assert not is_signed_in(browser)
        assert browser.get("/iam/users").status_code == 302

    def test_the_console_opens_after(self, browser: Client, owing: LoginProfile) -> None:
        sign_in(browser, next="/iam/users")
        assert "carol" in browser.get("/signin/change-password").content.decode()
        assert self.change(browser)["Location"] == "/iam/users"
        assert is_signed_in(browser)
        assert Event.objects.get(event_name="ChangePassword").error_code == ""

    def test_an_expired_password_is_changed_too(self, browser: Client, carol: User) -> None:
        PasswordPolicy.objects.create(account=carol.account, max_password_age=90)
        Account.objects.filter(pk=carol.account_id).update(clock_offset=timedelta(days=91))
        assert sign_in(browser)["Location"] == "/signin/change-password"
        assert self.change(browser)["Location"] == "/console/home"

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"again": "Other-horse-battery-7"}, "The passwords do not match"),
            ({"old_password": "wrong"}, "The old password is incorrect"),
            (
                {"new_password": "short", "again": "short"},
                "too short. Characters it needs at least: 8",
            ),
        ],
    )
    def test_a_mistake_is_named(
        self, browser: Client, owing: LoginProfile, changes: dict[str, str], sentence: str
    ) -> None:
        sign_in(browser)
        answer = self.change(browser, **changes)
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
        assert not is_signed_in(browser)

    def test_the_policy_has_to_allow_it(self, browser: Client, account: Account) -> None:
        factories.user(account, "carol", password=PASSWORD)
        LoginProfile.objects.update(password_reset_required=True)
        sign_in(browser)
        page = self.change(browser).content.decode()
        assert "Either user is not authorized to perform iam:ChangePassword" in page
        assert not is_signed_in(browser)

    def test_a_stranger_has_nothing_to_change(self, browser: Client, account: Account) -> None:
        assert browser.get("/signin/change-password")["Location"] == "/signin?reason=again"
        assert self.change(browser)["Location"] == "/signin?reason=again"

    def test_ten_minutes_later_it_begins_again(self, browser: Client, owing: LoginProfile) -> None:
        sign_in(browser)
        with clock.freeze(clock.real_now() + timedelta(minutes=10)):
            assert self.change(browser)["Location"] == "/signin?reason=again"

    def test_a_password_that_an_administrator_set_meanwhile_ends_it(
        self, browser: Client, owing: LoginProfile
    ) -> None:
        sign_in(browser)
        passwords.set_password(
            owing, "Third-horse-battery-7", now=clock.real_now(), must_change=True
        )
        assert self.change(browser)["Location"] == "/signin?reason=again"


class TestTheEnd:
    def test_signing_out_asks_first(self, console: Console, alice: User) -> None:
        browser = console(alice)
        assert browser.get("/signout").status_code == 200
        assert is_signed_in(browser)

    def test_signed_out(self, console: Console, alice: User) -> None:
        browser = console(alice)
        answer = browser.post("/signout", follow=True)
        assert answer.redirect_chain[0][0] == "/signin?reason=signed-out"
        assert not is_signed_in(browser)

    def test_after_twelve_hours_of_account_time(self, console: Console, alice: User) -> None:
        browser = console(alice)
        Account.objects.update(clock_offset=timedelta(hours=12))
        asked = browser.get("/iam/users")
        assert asked["Location"] == "/signin?next=%2Fiam%2Fusers&reason=expired"
        browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        assert "Your session has expired" in browser.get(asked["Location"]).content.decode()

    def test_a_reset_account_signs_everyone_out(
        self, console: Console, account: Account, alice: User
    ) -> None:
        root, user = console(account), console(alice)
        accounts.reset_account(account)
        for browser in (root, user):
            assert "reason=gone" in browser.get("/iam/users")["Location"]

    def test_a_suspended_account_signs_everyone_out(
        self, console: Console, account: Account, alice: User
    ) -> None:
        browser = console(alice)
        accounts.suspend_account(account, suspended=True)
        assert "reason=suspended" in browser.get("/iam/users")["Location"]
        accounts.suspend_account(account, suspended=False)
        assert not is_signed_in(browser)

    def test_a_deleted_user_is_signed_out(self, console: Console, alice: User) -> None:
        browser = console(alice)
        User.objects.all().delete()
        assert "reason=gone" in browser.get("/iam/users")["Location"]


@override_settings(LAB_LANGUAGE="ko")
def test_it_is_korean_for_a_new_visitor(account: Account) -> None:
    assert '<html lang="ko"' in Client().get("/signin").content.decode()
