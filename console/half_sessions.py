"""Between the right password and a session: who still owes an MFA code or a new password.

Nothing of the console opens for a half session. It lasts ten minutes, and ends when the password
is changed or the account or user goes.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from aws import clock
from aws.models import Account
from console import sessions
from iam import mfa, passwords
from iam.models import LoginProfile, MFADevice, User

KEY = "half-session"
LENGTH = timedelta(minutes=10)
CODES_BEFORE_RESYNC = 3


@dataclass(frozen=True)
class HalfSession:
    """profile: of the user; None for root. mfa_at: account time of the right code. next: where the
    person wanted to go. remembers: what "Remember this account" keeps in a cookie, or ""."""

    account: Account
    profile: LoginProfile | None
    begun_at: datetime
    mfa_at: datetime | None = None
    wrong_codes: int = 0
    next: str = ""
    remembers: str = ""

    @property
    def holder(self) -> Account | User:
        return self.profile.user if self.profile else self.account

    @property
    def devices(self) -> QuerySet[MFADevice]:
        user_pk = self.profile.user_id if self.profile else None
        return mfa.devices_of(self.account.account_id, user_pk)

    @property
    def owes_mfa(self) -> bool:
        return self.mfa_at is None and self.devices.exists()

    @property
    def owes_password(self) -> bool:
        if self.profile is None:
            return False
        policy = passwords.policy_of(self.account.account_id)
        return passwords.must_change(self.profile, policy, self.account.now)

    @property
    def may_resync(self) -> bool:
        return self.wrong_codes >= CODES_BEFORE_RESYNC


def start(store: SessionBase, half: HalfSession) -> None:
    """After the right password. Whoever was signed in before is signed out."""
    sessions.forget(store)
    save(store, half)


def save(store: SessionBase, half: HalfSession) -> None:
    store[KEY] = {
        "account": half.account.account_id,
        "profile": half.profile.pk if half.profile else None,
        "proof": _proof(half.profile or half.account),
        "begun_at": half.begun_at.timestamp(),
        "mfa_at": half.mfa_at.isoformat() if half.mfa_at else None,
        "wrong_codes": half.wrong_codes,
        "next": half.next,
        "remembers": half.remembers,
    }


def passed_mfa(store: SessionBase, half: HalfSession) -> HalfSession:
    store.cycle_key()
    passed = replace(half, mfa_at=half.account.now)
    save(store, passed)
    return passed


def count_wrong_code(store: SessionBase, half: HalfSession) -> HalfSession:
    counted = replace(half, wrong_codes=half.wrong_codes + 1)
    save(store, counted)
    return counted


def load(store: SessionBase) -> HalfSession | None:
    """None when there is none, or no longer."""
    kept: dict[str, Any] = store.get(KEY) or {}
    half = _restored(kept) if kept else None
    if half is None or half.account.is_suspended:
        return None
    is_fresh = clock.real_now() - half.begun_at < LENGTH
    is_same = constant_time_compare(kept["proof"], _proof(half.profile or half.account))
    return half if is_fresh and is_same else None


def end(store: SessionBase) -> None:
    store.pop(KEY, None)


def _restored(kept: dict[str, Any]) -> HalfSession | None:
    account = Account.objects.filter(pk=kept["account"]).first()
    profile = None
    if kept["profile"] is not None:
        profiles = LoginProfile.objects.filter(pk=kept["profile"], account=account)
        profile = profiles.select_related("user", "account").first()
    if account is None or (kept["profile"] is not None and profile is None):
        return None
    return HalfSession(
        account=account,
        profile=profile,
        begun_at=datetime.fromtimestamp(kept["begun_at"], tz=clock.real_now().tzinfo),
        mfa_at=datetime.fromisoformat(kept["mfa_at"]) if kept["mfa_at"] else None,
        wrong_codes=kept["wrong_codes"],
        next=kept["next"],
        remembers=kept["remembers"],
    )


def _proof(holder: LoginProfile | Account) -> str:
    """Changes with the password."""
    return salted_hmac(KEY, holder.password).hexdigest()
