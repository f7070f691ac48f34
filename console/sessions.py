"""Console sessions: an STS-like session whose sealed token rests in Django's session.

Each request asks `iam.credentials` who the session is now, so a deleted user, a reset or suspended
account, or a session past its end is signed out at its next click. A role taken by "switch role"
is a second token beside the first.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from aws import clock, seal
from aws.identity import ExpiredKey, Principal, SuspendedAccount, UnknownKey
from aws.models import Account
from iam import sessions
from iam.credentials import session_principal
from iam.models import User
from iam.sessions import Session

BASE, ROLE = "console-session", "console-role"
SESSION_LENGTH = timedelta(hours=12)


class SessionEnded(Exception):
    """args[0]: why, for the sign-in page: "expired", "gone" or "suspended"."""


@dataclass(frozen=True)
class SignedIn:
    """offset: the account's clock. person: who signed in, also while a role is taken.

    role: display details of the role taken, else {}. ended: those of a role that is over just now.
    """

    principal: Principal
    offset: timedelta
    person: Principal
    role: dict[str, Any] = field(default_factory=dict)
    ended: dict[str, Any] = field(default_factory=dict)


def new_session(
    who: User | Account, *, mfa_at: datetime | None = None, source_identity: str = ""
) -> Session:
    """The 12-hour session of a user, or of an account's root, that has just signed in."""
    account = who if isinstance(who, Account) else who.account
    now = account.now
    return sessions.start(
        kind="root" if isinstance(who, Account) else "user",
        account_id=account.account_id,
        entity_pk=None if isinstance(who, Account) else who.pk,
        session_name="",
        issued_at=now,
        expires_at=now + SESSION_LENGTH,
        machine_issued_at=clock.real_now(),
        mfa_authenticated_at=mfa_at,
        source_identity=source_identity,
    )


def remember(store: SessionBase, session: Session) -> None:
    """Signs a browser in. The session key changes, so that a planted one is worth nothing."""
    store.cycle_key()
    store.pop(ROLE, None)
    store[BASE] = session.token()


def take_role(store: SessionBase, token: str, details: dict[str, Any]) -> None:
    """details: role name, account, display name, colour."""
    store[ROLE] = {**details, "token": token}


def leave_role(store: SessionBase) -> None:
    store.pop(ROLE, None)


def forget(store: SessionBase) -> None:
    """Signs out. An instructor's own sign-in to the admin site stays."""
    for name in (BASE, ROLE):
        store.pop(name, None)
    store.cycle_key()


def person(store: SessionBase) -> tuple[Principal, timedelta]:
    """Who signed in, and their account's clock offset. Raises SessionEnded."""
    return _resolve(store[BASE])


def signed_in(store: SessionBase) -> SignedIn | None:
    """Who the browser is, None for a stranger. Raises SessionEnded for who was and is not."""
    if BASE not in store:
        return None
    role = store.get(ROLE) or {}
    who, offset = person(store)
    if not role:
        return SignedIn(who, offset, who)
    try:
        return SignedIn(*_resolve(role["token"]), who, role=role)
    except SessionEnded:
        # The role's hour is over; the person behind it is still signed in.
        leave_role(store)
        return SignedIn(who, offset, who, ended=role)


def _resolve(token: str) -> tuple[Principal, timedelta]:
    try:
        principal, offset, _used = session_principal(sessions.open_token(token))
    except ExpiredKey:
        raise SessionEnded("expired") from None
    except (UnknownKey, seal.BrokenSeal):
        raise SessionEnded("gone") from None
    except SuspendedAccount:
        raise SessionEnded("suspended") from None
    return principal, offset
