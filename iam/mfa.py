"""Codes of virtual MFA devices: TOTP (RFC 6238) as authenticator apps make them.

Phones go by real time, so every `now` here is `aws.clock.real_now()`, never an account's clock. A
code counts once, a device's drift is remembered, and wrong codes are limited.
https://www.rfc-editor.org/rfc/rfc6238
"""

import base64
import hmac
import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import quote

import pyotp
from django.db.models import QuerySet

from aws import clock
from aws.identity import Principal
from iam.attempts import Attempts
from iam.models import MFADevice

ISSUER = "Amazon Web Services"
SEED_BYTES = 40
STEP_SECONDS = 30
# Codes of the step before and after are taken too (RFC 6238, 5.2).
WINDOW = 1
# A device may be this far off when it is enabled or synchronized again: ten minutes.
RESYNC_WINDOW = 20
CODES = Attempts("mfa-code", limit=10, seconds=300)


def new_seed() -> bytes:
    return os.urandom(SEED_BYTES)


def base32(seed: bytes) -> str:
    """The seed as people type it into an app."""
    return base64.b32encode(seed).decode().rstrip("=")


def provisioning_uri(device: MFADevice, user_name: str, account: str) -> str:
    """What the QR code says. account: the account's alias, or its ID without one."""
    label = quote(f"{ISSUER}:{user_name}@{account}", safe=":@")
    return f"otpauth://totp/{label}?secret={base32(device.seed)}&issuer={quote(ISSUER)}"


def devices_of(account_id: str, user_pk: int | None) -> QuerySet[MFADevice]:
    """The enabled devices of a user, or of the account's root (user_pk None), oldest first."""
    holder = {"is_root": True} if user_pk is None else {"user_id": user_pk}
    enabled = MFADevice.objects.filter(account_id=account_id, enabled_at__isnull=False, **holder)
    return enabled.order_by("enabled_at", "pk")


def verify_code(device: MFADevice, code: str, now: datetime) -> bool:
    """Whether the code is the device's, now; it is used up by that."""
    return verify_any([device], code, now)


def verify_any(devices: Iterable[MFADevice], code: str, now: datetime) -> bool:
    """As verify_code, for a holder who does not say which of their devices made the code."""
    devices = list(devices)
    if not devices or not CODES.take(_holder(devices[0])):
        return False
    if not any(_use(device, code, now) for device in devices):
        return False
    CODES.forget(_holder(devices[0]))
    return True


def is_own_code(principal: Principal, serial_number: str, code: str) -> bool:
    """For `aws.identity.verify_mfa`."""
    if principal.kind not in ("root", "user"):
        return False
    own = devices_of(principal.account_id, principal.user_pk).filter(serial_number=serial_number)
    device = own.first()
    return device is not None and verify_code(device, code, clock.real_now())


def is_blocked(device: MFADevice) -> bool:
    """Too many wrong codes of this device's holder: the next minutes take none."""
    return CODES.are_used_up(_holder(device))


def synchronize(device: MFADevice, codes: Sequence[str], now: datetime) -> bool:
    """Finds two consecutive codes near now, remembers the drift and uses both codes up."""
    if not CODES.take(_holder(device)):
        return False
    totp, current = _totp(device), _step(now)
    found = None
    for step in range(current - RESYNC_WINDOW, current + RESYNC_WINDOW + 1):
        is_pair = _is_code(totp, step, codes[0]) & _is_code(totp, step + 1, codes[1])
        if is_pair and found is None:
            found = step
    if found is None or not _remember(device, (found, found + 1), current):
        return False
    CODES.forget(_holder(device))
    return True


def _use(device: MFADevice, code: str, now: datetime) -> bool:
    totp, current = _totp(device), _step(now)
    expected = current + device.drift_steps
    found = None
    for step in range(expected - WINDOW, expected + WINDOW + 1):
        if _is_code(totp, step, code) and found is None:
            found = step
    return found is not None and _remember(device, (found,), current)


def _remember(device: MFADevice, steps: Sequence[int], current: int) -> bool:
    """False when one of the steps, or a later one, was used before: also by a request just now."""
    last = steps[-1]
    drift = max(-RESYNC_WINDOW, min(RESYNC_WINDOW, last - current))
    unused = MFADevice.objects.filter(pk=device.pk, last_step__lt=steps[0])
    if not unused.update(last_step=last, drift_steps=drift):
        return False
    device.last_step, device.drift_steps = last, drift
    return True


def _totp(device: MFADevice) -> pyotp.TOTP:
    return pyotp.TOTP(base32(device.seed), interval=STEP_SECONDS)


def _is_code(totp: pyotp.TOTP, step: int, code: str) -> bool:
    return hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())


def _step(now: datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS


def _holder(device: MFADevice) -> str:
    """Codes are counted for a person, whichever of their devices they try."""
    if device.user_id is None and not device.is_root:
        return device.serial_number
    return f"{device.account_id}:{device.user_id or 'root'}"
