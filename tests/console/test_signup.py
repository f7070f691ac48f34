"""The sign-up, step by step, and how it is held up."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.test import Client
from django.test.utils import override_settings

from aws import clock
from aws.models import Account
from console import mailed_codes, rate_limits
from iam.attempts import Attempts
from iam.passwords import authenticate_root
from tests.factories import PASSWORD

EMAIL = "student@example.com"
CONTACT = {
    "usage": "personal",
    "full_name": "김민지",
    "phone_number": "010-0000-0000",
    "country_code": "KR",
    "address_line1": "1 Lab Street",
    "city": "Seoul",
    "postal_code": "00000",
    "agreement": "on",
}
with_mail = override_settings(EMAIL_HOST="mail.example.com")
pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def start(browser: Client, email: str = EMAIL, name: str = "Minji") -> Any:
    return browser.post("/signup", {"email": email, "name": name})


def shown_code(browser: Client) -> str:
    return str(browser.session["sign-up"]["code"]["code"])


def verify(browser: Client, code: str = "") -> Any:
    return browser.post("/signup/verify", {"code": code or shown_code(browser)})


def choose_password(browser: Client, password: str = PASSWORD) -> Any:
    return browser.post("/signup/password", {"new_password": password, "again": password})


def walk(browser: Client) -> Iterator[str]:
    """Each step after the first, as it opens."""
    acts: dict[str, Callable[[], Any]] = {
        "verify": lambda: start(browser),
        "password": lambda: verify(browser),
        "plan": lambda: choose_password(browser),
        "contact": lambda: browser.post("/signup/plan", {"plan": "free"}),
        "billing": lambda: browser.post("/signup/contact", CONTACT),
        "done": lambda: browser.post("/signup/billing"),
    }
    for name, act in acts.items():
        answer = act()
        assert answer["Location"] == f"/signup/{name}", answer.content.decode()
        yield name


def go_to(browser: Client, step: str) -> None:
    assert step in walk(browser)


class TestAllSteps:
    def test_they_end_with_an_account_whose_root_can_sign_in(self, browser: Client) -> None:
        go_to(browser, "done")
        account = Account.objects.get()
        page = browser.get("/signup/done").content.decode()
        assert f"{account.pk[:4]}-{account.pk[4:8]}-{account.pk[8:]}" in page
        assert f"/{account.pk}/console" in page
        assert account.contact["full_name"] == "김민지"
        assert "agreement" not in account.contact
        assert authenticate_root(EMAIL, PASSWORD) == account
        typed = {"email": EMAIL, "password": PASSWORD}
        assert browser.post("/signin/root", typed)["Location"] == "/console/home"

    @pytest.mark.parametrize("language", ["ko", "en"])
    def test_every_page_opens(self, browser: Client, language: str) -> None:
        browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        assert browser.get("/signup").status_code == 200
        for step in walk(browser):
            assert browser.get(f"/signup/{step}").status_code == 200

    def test_nobody_is_asked_for_a_card(self, browser: Client) -> None:
        go_to(browser, "billing")
        page = browser.get("/signup/billing").content.decode()
        assert "No card is asked for" in page
        assert '<input type="text"' not in page

    def test_the_password_rests_sealed(self, browser: Client) -> None:
        go_to(browser, "plan")
        assert PASSWORD not in str(dict(browser.session))


class TestOrder:
    @pytest.mark.parametrize("step", ["verify", "password", "plan", "contact", "billing", "done"])
    def test_no_step_opens_before_its_turn(self, browser: Client, step: str) -> None:
        assert browser.get(f"/signup/{step}")["Location"] == "/signup"
        assert browser.post(f"/signup/{step}", CONTACT)["Location"] == "/signup"

    def test_a_later_step_leads_back_to_the_open_one(self, browser: Client) -> None:
        go_to(browser, "password")
        assert browser.post("/signup/billing")["Location"] == "/signup/password"
        assert not Account.objects.exists()

    def test_going_back_keeps_what_was_typed(self, browser: Client) -> None:
        go_to(browser, "billing")
        assert 'value="1 Lab Street"' in browser.get("/signup/contact").content.decode()
        assert f'value="{EMAIL}"' in browser.get("/signup").content.decode()

    def test_another_address_has_to_be_verified_anew(self, browser: Client) -> None:
        go_to(browser, "billing")
        start(browser, email="other@example.com")
        assert browser.get("/signup/billing")["Location"] == "/signup/verify"

    def test_the_last_step_sent_twice_makes_one_account(self, browser: Client) -> None:
        go_to(browser, "billing")
        before = dict(browser.session)
        for _ in range(2):  # the second as if both had been sent at the same moment
            store = browser.session
            store.update(before)
            store.save()
            assert browser.post("/signup/billing")["Location"] == "/signup/done"
        assert Account.objects.count() == 1
        assert browser.post("/signup/billing")["Location"] == "/signup/done"

    def test_afterwards_another_one_can_begin(self, browser: Client) -> None:
        go_to(browser, "done")
        assert EMAIL not in browser.get("/signup").content.decode()
        assert start(browser, email="second@example.com")["Location"] == "/signup/verify"


class TestCode:
    def test_it_is_shown_and_labelled_without_a_mail_server(self, browser: Client) -> None:
        start(browser)
        page = browser.get("/signup/verify").content.decode()
        assert shown_code(browser) in page
        assert "no mail server" in page
        assert mail.outbox == []

    @with_mail
    def test_it_is_mailed_and_not_shown_with_one(self, browser: Client) -> None:
        start(browser)
        assert mail.outbox[0].to == [EMAIL]
        assert shown_code(browser) in mail.outbox[0].body
        assert shown_code(browser) not in browser.get("/signup/verify").content.decode()

    @with_mail
    def test_a_mail_server_that_refuses_is_said(self, browser: Client) -> None:
        with mock.patch.object(mailed_codes, "send_mail", side_effect=ConnectionRefusedError):
            answer = start(browser)
        assert "could not be sent" in answer.content.decode()

    def test_a_wrong_one_is_refused(self, browser: Client) -> None:
        start(browser)
        wrong = "000000" if shown_code(browser) != "000000" else "000001"
        assert "The code is wrong" in verify(browser, wrong).content.decode()
        assert browser.get("/signup/password")["Location"] == "/signup/verify"

    def test_it_allows_five_guesses(self, browser: Client) -> None:
        start(browser)
        wrong = "000000" if shown_code(browser) != "000000" else "000001"
        for _ in range(5):
            verify(browser, wrong)
        assert "Too many wrong codes" in verify(browser).content.decode()
        browser.post("/signup/verify/again")
        assert verify(browser)["Location"] == "/signup/password"

    def test_it_ends_after_ten_minutes(self, browser: Client) -> None:
        start(browser)
        with clock.freeze(clock.real_now() + timedelta(minutes=10)):
            assert "This code has expired" in verify(browser).content.decode()

    @with_mail
    def test_a_mailbox_cannot_be_filled(self, browser: Client) -> None:
        start(browser)
        for _ in range(6):
            browser.post("/signup/verify/again")
        assert len(mail.outbox) == 5
        other = Client()
        start(other, email=EMAIL.upper())
        assert other.get("/signup/verify")["Location"] == "/signup"
        assert len(mail.outbox) == 5

    def test_an_address_on_the_network_is_limited_too(self, browser: Client) -> None:
        with mock.patch.object(rate_limits, "CODES_OF_ADDRESS", Attempts("few", 1, 60)):
            start(browser)
            answer = start(browser, email="other@example.com")
        assert "Too many codes" in answer.content.decode()

    def test_sending_again_is_a_post(self, browser: Client) -> None:
        start(browser)
        assert browser.get("/signup/verify/again").status_code == 405


class TestRefusals:
    def test_a_taken_address_is_said_to_its_owner_only(
        self, browser: Client, account: Account
    ) -> None:
        assert start(browser, email="Root@example.com")["Location"] == "/signup/verify"
        assert "already" not in browser.get("/signup/verify").content.decode()
        verify(browser)
        assert "has an account already" in browser.get("/signup/password").content.decode()
        choose_password(browser, "Guess-of-a-password-1")
        assert browser.get("/signup/plan")["Location"] == "/signup/password"

    def test_an_account_made_meanwhile_is_not_taken_over(
        self, browser: Client, account: Account
    ) -> None:
        go_to(browser, "billing")
        Account.objects.update(email=EMAIL, password=make_password("Quite-another-9"))
        answer = browser.post("/signup/billing")
        assert "already exists" in answer.content.decode()
        assert Account.objects.count() == 1

    @pytest.mark.parametrize(
        ("password", "sentence"),
        [("Aa1!", "too short"), ("onlylowercase", "at least three of these")],
    )
    def test_a_weak_root_password(self, browser: Client, password: str, sentence: str) -> None:
        go_to(browser, "password")
        assert sentence in choose_password(browser, password).content.decode()

    def test_the_account_name_is_no_password(self, browser: Client) -> None:
        start(browser, name="Minji-2026")
        verify(browser)
        assert "must not be the name" in choose_password(browser, "Minji-2026").content.decode()

    @pytest.mark.parametrize("typed", [{"email": "nobody"}, {"name": ""}, {"name": "x" * 51}])
    def test_a_bad_first_step(self, browser: Client, typed: dict[str, str]) -> None:
        answer = browser.post("/signup", {"email": EMAIL, "name": "Minji"} | typed)
        assert answer.status_code == 422

    def test_a_closed_sign_up_says_whom_to_ask(self, browser: Client) -> None:
        go_to(browser, "billing")
        with override_settings(LAB_SIGNUP=False):
            for path in ("/signup", "/signup/billing"):
                answer = browser.get(path)
                assert answer.status_code == 403
                assert "instructors create the accounts" in answer.content.decode()
            assert browser.post("/signup/billing").status_code == 403
        assert not Account.objects.exists()
