"""Codes of authenticator apps: once, near the right time, and not by guessing."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from aws.models import Account
from iam import mfa
from iam.models import MFADevice, User
from tests import factories

NOW = datetime(2026, 11, 24, 12, 0, 10, tzinfo=UTC)
STEP = timedelta(seconds=30)


@pytest.fixture
def device(bob: User) -> MFADevice:
    return factories.mfa_device(bob)


def code_of(device: MFADevice, moment: datetime = NOW) -> str:
    return pyotp.TOTP(mfa.base32(device.seed)).at(moment)


def test_the_seed_gives_the_rfcs_own_codes(bob: User) -> None:
    """RFC 6238, appendix B, SHA-1, the last six of eight digits."""
    device = factories.mfa_device(bob, seed=b"12345678901234567890")
    moment = datetime.fromtimestamp(1111111109, UTC)
    assert mfa.verify_code(device, "081804", moment)


@pytest.mark.parametrize(
    ("steps", "is_right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_the_window_is_one_step_either_way(device: MFADevice, steps: int, is_right: bool) -> None:
    assert mfa.verify_code(device, code_of(device, NOW + steps * STEP), NOW) is is_right


def test_a_code_counts_once(device: MFADevice) -> None:
    assert mfa.verify_code(device, code_of(device), NOW)
    assert not mfa.verify_code(device, code_of(device), NOW)
    earlier = code_of(device, NOW - STEP)
    assert not mfa.verify_code(device, earlier, NOW)
    assert mfa.verify_code(device, code_of(device, NOW + STEP), NOW + STEP)


def test_of_two_requests_with_one_code_one_wins(device: MFADevice) -> None:
    late = MFADevice.objects.get(pk=device.pk)
    assert mfa.verify_code(device, code_of(device), NOW)
    assert not mfa.verify_code(late, code_of(device), NOW)


def test_a_slow_phone_is_followed(device: MFADevice) -> None:
    """It loses a step a day, and is three behind in the end."""
    for day in range(1, 4):
        now = NOW + timedelta(days=day)
        assert mfa.verify_code(device, code_of(device, now - day * STEP), now)
    assert device.drift_steps == -3
    assert MFADevice.objects.get().drift_steps == -3


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "١٢٣٤٥٦", "1234567"])
def test_what_is_no_code(device: MFADevice, code: str) -> None:
    assert not mfa.verify_code(device, code, NOW)


def test_a_persons_devices_are_tried_together(bob: User, alice: User) -> None:
    mine = [factories.mfa_device(bob), factories.mfa_device(bob)]
    hers = factories.mfa_device(alice)
    factories.mfa_device(bob, enabled_at=None)
    devices = mfa.devices_of(bob.account_id, bob.pk)
    assert list(devices) == mine
    assert mfa.verify_any(devices, code_of(mine[1]), NOW)
    assert not mfa.verify_any(devices, code_of(hers), NOW)
    assert not mfa.verify_any([], "123456", NOW)


def test_roots_devices_are_not_a_users(account: Account, bob: User, other_account: Account) -> None:
    factories.mfa_device(bob)
    factories.mfa_device(other_account)
    root = factories.mfa_device(account)
    assert list(mfa.devices_of(account.pk, None)) == [root]


def test_codes_cannot_be_guessed_for_long(device: MFADevice, alice: User) -> None:
    right = code_of(device)
    wrong = str((int(right) + 500_000) % 1_000_000).zfill(6)
    for _ in range(mfa.CODES.limit):
        assert not mfa.verify_code(device, wrong, NOW)
    assert mfa.is_blocked(device)
    assert not mfa.verify_code(device, right, NOW)
    hers = factories.mfa_device(alice)
    assert mfa.verify_code(hers, code_of(hers), NOW)


def test_a_right_code_forgets_the_wrong_ones(device: MFADevice) -> None:
    for _ in range(mfa.CODES.limit - 1):
        mfa.verify_code(device, "", NOW)
    assert mfa.verify_code(device, code_of(device), NOW)
    assert not mfa.is_blocked(device)


# --- Two consecutive codes ------------------------------------------------------------------------
def pair(device: MFADevice, moment: datetime, apart: int = 1) -> list[str]:
    return [code_of(device, moment), code_of(device, moment + apart * STEP)]


@pytest.mark.parametrize("minutes", [-9, 0, 9])
def test_two_codes_tell_how_far_a_clock_is_off(device: MFADevice, minutes: int) -> None:
    off = timedelta(minutes=minutes)
    assert mfa.synchronize(device, pair(device, NOW + off), NOW)
    later = NOW + timedelta(minutes=20)
    assert mfa.verify_code(device, code_of(device, later + off), later)


@pytest.mark.parametrize("apart", [-1, 0, 2])
def test_the_codes_have_to_be_consecutive(device: MFADevice, apart: int) -> None:
    assert not mfa.synchronize(device, pair(device, NOW, apart), NOW)


def test_a_clock_too_far_off_is_refused(device: MFADevice) -> None:
    assert not mfa.synchronize(device, pair(device, NOW + timedelta(minutes=11)), NOW)


def test_synchronizing_uses_both_codes_up(device: MFADevice) -> None:
    codes = pair(device, NOW - STEP)
    assert mfa.synchronize(device, codes, NOW)
    assert not mfa.verify_code(device, codes[1], NOW)
    assert not mfa.synchronize(device, codes, NOW)


def test_the_address_that_apps_read(device: MFADevice) -> None:
    device.set_seed(b"12345678901234567890")
    assert mfa.provisioning_uri(device, "a+b", "class") == (
        "otpauth://totp/Amazon%20Web%20Services:a%2Bb@class"
        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Amazon%20Web%20Services"
    )
    parsed = pyotp.parse_uri(mfa.provisioning_uri(device, "a+b", "class"))
    assert parsed.issuer == mfa.ISSUER
