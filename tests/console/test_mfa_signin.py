"""The second factor at sign-in."""

from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.conf import settings
from django.test import Client

from aws import clock
from aws.models import Account, Event
from cloudtrail.records import record
from iam import mfa
from iam.models import LoginProfile, MFADevice, User
from tests import factories
from tests.factories import ADMINISTRATOR, PASSWORD, allow

MFA_ONLY = allow("iam:*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})


def code_of(device: MFADevice, *, steps: int = 0) -> str:
    """The code that the app shows now, or so many half minutes later."""
    at = clock.real_now() + timedelta(seconds=30 * steps)
    return pyotp.TOTP(mfa.base32(device.seed)).at(at)


@pytest.fixture
def carol(account: Account) -> User:
    return factories.user(account, "carol", policies=[MFA_ONLY], password=PASSWORD)


@pytest.fixture
def device(carol: User) -> MFADevice:
    return factories.mfa_device(carol, name="phone")


@pytest.fixture
def browser(device: MFADevice) -> Client:
    """Carol's, after her password."""
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    typed = {"account": device.account_id, "user_name": "carol", "password": PASSWORD}
    assert client.post("/signin", typed)["Location"] == "/signin/mfa"
    return client


def submit(browser: Client, code: str) -> Any:
    return browser.post("/signin/mfa", {"code": code})


def test_nothing_opens_without_a_code(browser: Client) -> None:
    assert browser.get("/iam/users").status_code == 302
    assert not Event.objects.filter(event_name="ConsoleLogin").exists()
    assert "phone" in browser.get("/signin/mfa").content.decode()


def test_a_right_code_opens_what_asks_for_mfa(browser: Client, device: MFADevice) -> None:
    assert submit(browser, code_of(device))["Location"] == "/console/home"
    assert browser.get("/iam/users").status_code == 200
    events = {event.event_name: record(event) for event in Event.objects.all()}
    assert events["ConsoleLogin"]["additionalEventData"]["MFAUsed"] == "Yes"
    assert events["CheckMfa"]["responseElements"] == {"CheckMfa": "Success"}
    assert events["CheckMfa"]["additionalEventData"] == {"MfaType": "Virtual MFA"}


def test_the_session_knows_when(browser: Client, device: MFADevice) -> None:
    Account.objects.update(clock_offset=timedelta(hours=5))
    submit(browser, code_of(device))
    ctx = browser.get("/console/home").context["request"].ctx
    assert timedelta() <= ctx.now - ctx.principal.mfa_authenticated_at < timedelta(minutes=1)


def test_any_of_several_devices_will_do(browser: Client, carol: User) -> None:
    other = factories.mfa_device(carol, name="tablet")
    assert submit(browser, code_of(other))["Location"] == "/console/home"


def test_a_device_of_somebody_else_will_not(browser: Client, mallory: User) -> None:
    foreign = factories.mfa_device(mallory, name="phone")
    assert submit(browser, code_of(foreign)).status_code == 422


def test_a_wrong_code_is_said_and_recorded(browser: Client, device: MFADevice) -> None:
    wrong = code_of(device, steps=9)
    answer = submit(browser, wrong)
    assert answer.status_code == 422
    assert wrong not in answer.content.decode()
    assert "Your authentication code is incorrect" in answer.content.decode()
    event = record(Event.objects.get(event_name="CheckMfa"))
    assert event["responseElements"] == {"CheckMfa": "Failure"}
    assert browser.get("/iam/users").status_code == 302


def test_a_code_counts_once(browser: Client, device: MFADevice) -> None:
    code = code_of(device)
    submit(browser, code)
    browser.post("/signout")
    typed = {"account": device.account_id, "user_name": "carol", "password": PASSWORD}
    browser.post("/signin", typed)
    assert submit(browser, code).status_code == 422


def test_codes_cannot_be_tried_for_ever(browser: Client, device: MFADevice) -> None:
    for _ in range(10):
        answer = submit(browser, code_of(device, steps=9))
    assert answer.status_code == 429
    assert submit(browser, code_of(device)).status_code == 429
    assert browser.get("/iam/users").status_code == 302


class TestResync:
    def test_it_is_offered_after_three_wrong_codes(
        self, browser: Client, device: MFADevice
    ) -> None:
        for offered in (False, False, True):
            page = submit(browser, code_of(device, steps=9)).content.decode()
            assert ("/signin/mfa/resync" in page) is offered

    def test_two_codes_of_a_clock_that_is_off_sign_in(
        self, browser: Client, device: MFADevice
    ) -> None:
        typed = {"code1": code_of(device, steps=9), "code2": code_of(device, steps=10)}
        answer = browser.post("/signin/mfa/resync", typed)
        assert answer["Location"] == "/console/home"
        assert browser.get("/iam/users").status_code == 200

    def test_codes_that_do_not_follow_each_other_do_not(
        self, browser: Client, device: MFADevice
    ) -> None:
        typed = {"code1": code_of(device, steps=9), "code2": code_of(device, steps=11)}
        assert browser.post("/signin/mfa/resync", typed).status_code == 422
        assert browser.get("/iam/users").status_code == 302

    def test_only_own_devices_can_be_chosen(
        self, browser: Client, carol: User, mallory: User
    ) -> None:
        factories.mfa_device(carol, name="tablet")
        foreign = factories.mfa_device(mallory, name="phone")
        typed = {
            "device": foreign.pk,
            "code1": code_of(foreign),
            "code2": code_of(foreign, steps=1),
        }
        answer = browser.post("/signin/mfa/resync", typed)
        assert answer.status_code == 422
        assert "device" in answer.context["form"].errors


def test_a_forced_change_comes_after_the_code(browser: Client, device: MFADevice) -> None:
    LoginProfile.objects.update(password_reset_required=True)
    assert browser.get("/signin/change-password")["Location"] == "/signin?reason=again"
    typed = {"account": device.account_id, "user_name": "carol", "password": PASSWORD}
    browser.post("/signin", typed)
    assert submit(browser, code_of(device))["Location"] == "/signin/change-password"
    assert browser.get("/iam/users").status_code == 302
    new = "Another-horse-battery-8"
    changed = {"old_password": PASSWORD, "new_password": new, "again": new}
    assert browser.post("/signin/change-password", changed)["Location"] == "/console/home"
    assert browser.get("/iam/users").status_code == 200


def test_root_has_a_second_factor_too(account: Account) -> None:
    device = factories.mfa_device(account, name="root-phone")
    browser = Client()
    typed = {"email": "root@example.com", "password": PASSWORD}
    assert browser.post("/signin/root", typed)["Location"] == "/signin/mfa"
    account.refresh_from_db()
    assert account.password_last_used is None
    assert submit(browser, code_of(device))["Location"] == "/console/home"


def test_a_stranger_and_a_signed_in_person_have_no_code_to_give(account: Account) -> None:
    alice = factories.user(account, "alice", policy_arns=[ADMINISTRATOR])
    browser = Client()
    assert submit(browser, "123456")["Location"] == "/signin?reason=again"
    factories.console_session(browser, alice)
    assert submit(browser, "123456")["Location"] == "/signin?reason=again"
