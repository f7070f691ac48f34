"""Root's sign-in in two steps, and a root password that was forgotten."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.test.utils import override_settings

from aws import accounts
from aws.models import Account, Event
from cloudtrail.records import record
from iam.passwords import authenticate_root
from tests.factories import PASSWORD

WRONG = "Your authentication information is incorrect"
EMAIL = "root@example.com"
with_mail = override_settings(EMAIL_HOST="mail.example.com")
NEW = "Another-horse-battery-8"


@pytest.fixture
def browser(account: Account) -> Client:
    """A stranger's, in English, where the account is."""
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def sign_in(browser: Client, **changes: str) -> Any:
    return browser.post("/signin/root", {"email": EMAIL, "password": PASSWORD} | changes)


def is_signed_in(browser: Client) -> bool:
    return browser.get("/console/home").status_code == 200


class TestSignIn:
    def test_the_email_comes_first(self, browser: Client) -> None:
        page = browser.post("/signin/root", {"email": EMAIL})
        assert page.status_code == 200
        assert 'name="password"' in page.content.decode()
        assert "has-errors" not in page.content.decode()

    def test_an_unknown_email_gets_the_same_second_step(self, browser: Client) -> None:
        known = browser.post("/signin/root", {"email": EMAIL})
        unknown = browser.post("/signin/root", {"email": "rook@example.com"})
        assert unknown.templates[0].name == known.templates[0].name
        answer = sign_in(browser, email="rook@example.com")
        assert answer.content.decode().count(WRONG) == 1

    def test_the_console_opens(self, browser: Client, account: Account) -> None:
        assert sign_in(browser, email="ROOT@example.com")["Location"] == "/console/home"
        assert browser.get("/console/home").context["request"].principal.kind == "root"
        account.refresh_from_db()
        assert account.password_last_used
        event = record(Event.objects.get(event_name="ConsoleLogin"))
        assert event["userIdentity"]["type"] == "Root"

    def test_a_wrong_password_is_noted_in_the_account(self, browser: Client) -> None:
        assert WRONG in sign_in(browser, password="wrong").content.decode()
        event = record(Event.objects.get(event_name="ConsoleLogin"))
        assert event["responseElements"] == {"ConsoleLogin": "Failure"}
        assert event["userIdentity"]["arn"] == "arn:aws:iam::111122223333:root"

    def test_guesses_are_limited(self, browser: Client) -> None:
        for number in range(10):
            sign_in(browser, email="Root@Example.com", password=f"wrong-{number}")
        assert sign_in(browser).status_code == 429
        assert not is_signed_in(browser)

    def test_a_suspended_account_stays_closed(self, browser: Client, account: Account) -> None:
        accounts.suspend_account(account, suspended=True)
        assert sign_in(browser).status_code == 403
        assert not is_signed_in(browser)


class TestForgotten:
    def test_without_a_mail_server_the_instructor_is_asked(self, browser: Client) -> None:
        assert "Ask your instructor" in browser.get("/signin/root/forgot").content.decode()
        browser.post("/signin/root/forgot", {"email": EMAIL})
        assert browser.get("/signin/root/recover")["Location"] == "/signin/root/forgot"
        assert not Event.objects.exists()

    @pytest.fixture
    def asked(self, browser: Client, worker: Callable[..., Any]) -> Client:
        with with_mail, worker():
            browser.post("/signin/root/forgot", {"email": EMAIL})
        return browser

    def code(self) -> str:
        return mail.outbox[-1].body.split(": ")[1][:6]

    def recover(self, browser: Client, **changes: str) -> Any:
        typed = {"code": "", "new_password": NEW, "again": NEW}
        return browser.post("/signin/root/recover", typed | changes)

    def test_the_mailed_code_sets_a_new_password(self, asked: Client, account: Account) -> None:
        assert mail.outbox[0].to == [EMAIL]
        answer = self.recover(asked, code=self.code())
        assert answer["Location"] == "/signin/root?email=root%40example.com"
        assert authenticate_root(EMAIL, NEW) == account
        names = set(Event.objects.values_list("event_name", flat=True))
        assert names == {"PasswordRecoveryRequested", "PasswordRecoveryCompleted"}
        assert self.recover(asked, code=self.code())["Location"] == "/signin/root/forgot"

    def test_guesses_are_limited(self, asked: Client) -> None:
        wrong = "000000" if self.code() != "000000" else "000001"
        for _ in range(5):
            assert "The code is wrong" in self.recover(asked, code=wrong).content.decode()
        answer = self.recover(asked, code=self.code())
        assert "Too many wrong codes" in answer.content.decode()
        assert authenticate_root(EMAIL, NEW) is None

    def test_a_weak_password_costs_no_guess(self, asked: Client) -> None:
        for _ in range(6):
            answer = self.recover(asked, code=self.code(), new_password="weak", again="weak")
            assert "too short" in answer.content.decode()
        assert self.recover(asked, code=self.code()).status_code == 302

    def test_an_unknown_address_goes_the_same_way(
        self, browser: Client, worker: Callable[..., Any]
    ) -> None:
        with with_mail, worker():
            answer = browser.post("/signin/root/forgot", {"email": "rook@example.com"})
        assert answer["Location"] == "/signin/root/recover"
        assert mail.outbox == []
        kept = browser.session["password-recovery"]["code"]["code"]
        assert "The code is wrong" in self.recover(browser, code=kept).content.decode()

    def test_a_mailbox_cannot_be_filled(self, browser: Client, worker: Callable[..., Any]) -> None:
        with with_mail, worker():
            for _ in range(6):
                answer = browser.post("/signin/root/forgot", {"email": EMAIL})
        assert answer.status_code == 429
        assert len(mail.outbox) == 5
