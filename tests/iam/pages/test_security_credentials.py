"""MFA devices, access keys and passwords: one's own, root's, and a user's by an administrator."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
from django.test import Client

from aws import clock
from aws.models import Account, Event
from iam import mfa, passwords
from iam.models import AccessKey, MFADevice, User
from tests import factories
from tests.factories import PASSWORD, allow
from tests.iam.pages.browser import text

Console = Callable[..., Client]
OWN = "/iam/security_credentials"


def codes_of(secret: str, now: datetime) -> dict[str, str]:
    app = pyotp.TOTP(secret)
    return {"code1": app.at(now), "code2": app.at(now + timedelta(seconds=30))}


def begin(client: Client, address: str, name: str = "phone") -> Any:
    return client.post(f"{address}/mfa/add", {"name": name})


class TestMfa:
    def test_a_user_registers_their_own_device(self, page: Client, alice: User) -> None:
        shown = begin(page, OWN)
        device = shown.context["device"]
        assert f"data:image/png;base64,{device['qr']}" in text(shown)
        assert device["secret"] in text(shown)
        assert "no-store" in shown["Cache-Control"]
        codes = codes_of(device["secret"], clock.real_now())
        answer = page.post(f"{OWN}/mfa/add", {"device": shown.context["sealed"], **codes})
        assert answer["Location"] == OWN
        assert mfa.devices_of(alice.account_id, alice.pk).count() == 1

    def test_wrong_codes_show_the_same_qr_code_again(self, page: Client, alice: User) -> None:
        shown = begin(page, OWN)
        answer = page.post(
            f"{OWN}/mfa/add",
            {"device": shown.context["sealed"], "code1": "000000", "code2": "000001"},
        )
        assert answer.status_code == 422
        assert "InvalidAuthenticationCode" in text(answer)
        assert shown.context["device"]["qr"] in text(answer)
        assert "no-store" in answer["Cache-Control"]
        assert MFADevice.objects.count() == 1

    def test_the_seed_is_in_no_event_and_no_session(self, page: Client) -> None:
        shown = begin(page, OWN)
        events = json.dumps(list(Event.objects.values()), default=str)
        for secret in (shown.context["device"]["secret"], shown.context["device"]["qr"]):
            assert secret not in events
            assert secret not in str(dict(page.session))

    def test_a_made_up_device_begins_anew(self, page: Client) -> None:
        answer = page.post(f"{OWN}/mfa/add", {"device": "made-up", "code1": "1", "code2": "2"})
        assert answer.status_code == 422
        assert "MFA device name" in text(answer)

    def test_a_device_that_another_person_made_begins_anew(
        self, page: Client, root_page: Client
    ) -> None:
        sealed = begin(root_page, OWN).context["sealed"]
        answer = page.post(f"{OWN}/mfa/add", {"device": sealed, "code1": "1", "code2": "2"})
        assert "MFA device name" in text(answer)
        assert "data:image/png" not in text(answer)

    def test_cancelling_frees_the_name(self, page: Client) -> None:
        shown = begin(page, OWN)
        page.post(f"{OWN}/mfa/add", {"device": shown.context["sealed"], "action": "cancel"})
        assert not MFADevice.objects.exists()
        assert begin(page, OWN).status_code == 200

    def test_a_taken_name_is_kept_and_unfinished_devices_can_go(self, page: Client) -> None:
        begin(page, OWN)
        answer = begin(page, OWN)
        assert answer.status_code == 422
        assert "already exists" in text(answer)
        assert 'value="phone"' in text(answer)
        serial = MFADevice.objects.get().serial_number
        page.post(f"{OWN}/mfa/add", {"action": "discard", "serial_number": serial})
        assert not MFADevice.objects.exists()

    def test_a_bad_name_stands_beside_its_field(self, page: Client) -> None:
        answer = begin(page, OWN, "my phone")
        assert answer.status_code == 422
        assert not MFADevice.objects.exists()

    def test_root_registers_one_more(self, root_page: Client, account: Account) -> None:
        factories.mfa_device(account)
        shown = begin(root_page, OWN)
        codes = codes_of(shown.context["device"]["secret"], clock.real_now())
        root_page.post(f"{OWN}/mfa/add", {"device": shown.context["sealed"], **codes})
        assert mfa.devices_of(account.account_id, None).count() == 2

    def test_an_administrator_does_it_for_a_user(self, page: Client, bob: User) -> None:
        shown = begin(page, "/iam/users/bob")
        codes = codes_of(shown.context["device"]["secret"], clock.real_now())
        answer = page.post("/iam/users/bob/mfa/add", {"device": shown.context["sealed"], **codes})
        assert answer["Location"] == "/iam/users/bob?tab=security_credentials"
        assert mfa.devices_of(bob.account_id, bob.pk).count() == 1

    def test_a_device_is_removed_after_a_question(self, page: Client, bob: User) -> None:
        serial = {"serial_number": factories.mfa_device(bob).serial_number}
        assert serial["serial_number"] in text(page.post("/iam/users/bob/mfa/remove", serial))
        assert MFADevice.objects.exists()
        page.post("/iam/users/bob/mfa/remove", {**serial, "agreed": "yes"})
        assert not MFADevice.objects.exists()

    def test_a_device_whose_clock_is_off_is_resynchronized(self, page: Client, bob: User) -> None:
        device = factories.mfa_device(bob)
        later = clock.real_now() + timedelta(minutes=8)
        codes = codes_of(mfa.base32(device.seed), later)
        typed = {"serial_number": device.serial_number, **codes}
        address = "/iam/users/bob/mfa/resync"
        chosen = page.post(address, {"serial_number": device.serial_number})
        assert chosen.status_code == 200
        assert device.serial_number in text(chosen)
        assert page.post(address, typed).status_code == 302
        device.refresh_from_db()
        assert device.drift_steps > 10
        again = page.post(address, typed)
        assert again.status_code == 422
        assert "InvalidAuthenticationCode" in text(again)

    def test_who_may_not_is_told_why(self, console: Console, nobody: User) -> None:
        answer = begin(console(nobody), OWN)
        assert answer.status_code == 422
        event = Event.objects.get(event_name="CreateVirtualMFADevice")
        assert f"/cloudtrail/denied/{event.pk}" in text(answer)


class TestAccessKeys:
    WIZARD = {"use_case": "cli", "understood": "on", "description": "laptop"}

    def test_the_secret_is_shown_once_and_kept_nowhere(self, page: Client, alice: User) -> None:
        answer = page.post(f"{OWN}/keys/create", self.WIZARD)
        key = AccessKey.objects.get()
        assert key.secret in text(answer)
        assert "no-store" in answer["Cache-Control"]
        assert key.secret not in json.dumps(list(Event.objects.values()), default=str)
        assert key.secret not in str(dict(page.session))
        listed = text(page.get(OWN))
        assert key.secret not in listed
        assert "laptop" in listed
        alice.refresh_from_db()
        assert alice.tags == {key.access_key_id: "laptop"}

    def test_the_file_has_aws_columns(self, page: Client) -> None:
        shown = text(page.post("/iam/users/alice/keys/create", self.WIZARD))
        assert 'data-csv="alice_accessKeys.csv"' in shown
        assert "Secret access key" in shown

    def test_the_recommendation_has_to_be_understood(self, page: Client) -> None:
        answer = page.post(f"{OWN}/keys/create", {**self.WIZARD, "understood": ""})
        assert answer.status_code == 422
        assert 'value="laptop"' in text(answer)
        assert not AccessKey.objects.exists()

    def test_a_description_that_no_tag_can_hold_makes_no_key(self, page: Client) -> None:
        answer = page.post(f"{OWN}/keys/create", {**self.WIZARD, "description": "a & b"})
        assert answer.status_code == 422
        assert not AccessKey.objects.exists()

    def test_a_third_key_is_refused_with_aws_words(self, page: Client, alice: User) -> None:
        for _ in range(2):
            factories.access_key(alice)
        assert 'aria-disabled="true"' in text(page.get(OWN))
        answer = page.post(f"{OWN}/keys/create", self.WIZARD)
        assert "Cannot exceed quota for AccessKeysPerUser: 2" in text(answer)

    def test_a_key_is_deactivated_then_deleted(self, page: Client, bob: User) -> None:
        key, _ = factories.access_key(bob)
        address = f"/iam/users/bob/keys/{key}"
        page.post(address, {"action": "delete", "confirm": key})
        assert AccessKey.objects.exists(), "an active key is deactivated first"
        assert "Deactivate" in text(page.post(address, {"action": "deactivate"}))
        page.post(address, {"action": "deactivate", "agreed": "yes"})
        assert AccessKey.objects.get().status == "Inactive"
        assert page.post(address, {"action": "delete", "confirm": "AKIA"}).status_code == 422
        page.post(address, {"action": "delete", "confirm": key})
        assert not AccessKey.objects.exists()

    def test_a_key_is_activated_again(self, page: Client, bob: User) -> None:
        key, _ = factories.access_key(bob, status="Inactive")
        page.post(f"/iam/users/bob/keys/{key}", {"action": "activate"})
        assert AccessKey.objects.get().status == "Active"

    def test_the_description_is_changed_and_taken_away(self, page: Client, bob: User) -> None:
        key, _ = factories.access_key(bob)
        address = f"/iam/users/bob/key_description?key={key}"
        page.post(address, {"description": "build server"})
        assert User.objects.get(pk=bob.pk).tags == {key: "build server"}
        assert "build server" in text(page.get(address))
        page.post(address, {"description": ""})
        assert User.objects.get(pk=bob.pk).tags == {}

    def test_root_is_warned_and_still_may(self, root_page: Client) -> None:
        assert "not recommended" in text(root_page.get(f"{OWN}/keys/create"))
        root_page.post(f"{OWN}/keys/create", self.WIZARD)
        assert AccessKey.objects.get().user is None
        assert "The root user has access keys" in text(root_page.get(OWN))

    def test_anothers_key_cannot_be_changed_as_ones_own(self, page: Client, bob: User) -> None:
        key, _ = factories.access_key(bob)
        answer = page.post(f"{OWN}/keys/{key}", {"action": "activate"})
        assert answer.status_code == 404

    def test_get_changes_nothing(self, page: Client, bob: User) -> None:
        key, _ = factories.access_key(bob)
        assert page.get(f"/iam/users/bob/keys/{key}").status_code == 405
        assert page.get(f"{OWN}/keys/{key}").status_code == 405
        assert page.get(f"{OWN}/mfa/remove").status_code == 405


class TestPassword:
    NEW = "Another-horse-battery-10"

    def change(self, client: Client, **typed: str) -> Any:
        form = {"old_password": PASSWORD, "new_password": self.NEW, "again": self.NEW, **typed}
        return client.post(f"{OWN}/password", form)

    @pytest.fixture
    def carol(self, account: Account) -> User:
        policy = allow(["iam:ChangePassword", "iam:GetAccountPasswordPolicy"])
        return factories.user(account, "carol", password=PASSWORD, policies=[policy])

    def test_a_user_changes_their_own(self, console: Console, carol: User) -> None:
        assert self.change(console(carol)).status_code == 302
        assert passwords.authenticate(carol.account, "carol", self.NEW)

    def test_root_changes_its_own(self, root_page: Client, account: Account) -> None:
        assert self.change(root_page).status_code == 302
        assert passwords.authenticate_root(account.email, self.NEW) == account

    def test_no_password_comes_back_after_an_error(self, console: Console, carol: User) -> None:
        answer = self.change(console(carol), old_password="Wrong-password-1")  # noqa: S106
        assert answer.status_code == 422
        assert "no-store" in answer["Cache-Control"]
        assert self.NEW not in text(answer)
        assert "The old password was incorrect." in text(answer)

    def test_two_different_ones_are_refused(self, console: Console, carol: User) -> None:
        answer = self.change(console(carol), again="Something-else-11")
        assert answer.status_code == 422
        assert answer.context["form"].errors["again"]

    def test_who_may_not_is_told_why(self, console: Console, account: Account) -> None:
        dave = factories.user(account, "dave", password=PASSWORD)
        answer = self.change(console(dave))
        event = Event.objects.get(event_name="ChangePassword")
        assert f"/cloudtrail/denied/{event.pk}" in text(answer)


class TestOwnPage:
    def test_it_is_about_oneself(self, page: Client, alice: User, bob: User) -> None:
        own, _ = factories.access_key(alice)
        other, _ = factories.access_key(bob)
        shown = text(page.get(OWN))
        assert own in shown
        assert other not in shown

    def test_root_sees_the_account_and_is_asked_for_mfa(self, root_page: Client) -> None:
        shown = text(root_page.get(OWN))
        assert "root@example.com" in shown
        assert "You don't have MFA assigned" in shown

    def test_a_role_session_has_none(self, console: Console, account: Account, bob: User) -> None:
        role = factories.role(account, "app")
        session = {"kind": "assumed-role", "entity_pk": role.pk, "session_name": "bob"}
        browser = console(bob, **session)
        browser.cookies["groundschool-language"] = "en"
        assert "no credentials of its own" in text(browser.get(OWN))
        for address in ("password", "mfa/add", "keys/create"):
            assert browser.get(f"{OWN}/{address}").status_code == 404

    def test_without_permission_the_parts_say_so(self, console: Console, nobody: User) -> None:
        shown = text(console(nobody).get(OWN))
        assert "iam:ListMFADevices" in shown
        assert "iam:ListAccessKeys" in shown
