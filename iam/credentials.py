"""Access keys, long-term and temporary: found once per call, by one statement each.

This runs before every API call, so it reads with plain SQL: the ORM's `get` costs as much again
as the rest of a small call.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from aws import clock, remembered, seal
from aws.arn import iam_arn
from aws.identity import (
    Credentials,
    ExpiredKey,
    Principal,
    SuspendedAccount,
    TemporaryCredentials,
    UnknownKey,
)
from aws.sql import Statement
from iam import sessions
from iam.models import AccessKey, Role
from iam.models.access_keys import SECRET_SEAL
from iam.sessions import Session

# "Last used" is kept to the minute, so that a busy key does not write at every call.
USE_NOTED_EVERY = timedelta(minutes=1)

_LONG_TERM = Statement(f"""
    SELECT {remembered.VERSION.format("k.account_id")},
           k.secret_sealed, k.status, k.last_used_at, k.last_used_service, a.account_id,
           a.status, a.clock_offset, u.id, u.user_name, u.user_id, u.path, u.tags::text
    FROM iam_accesskey k
    JOIN aws_account a ON a.account_id = k.account_id
    LEFT JOIN iam_user u ON u.id = k.user_id
    WHERE k.access_key_id = $1""")  # noqa: S608 - our own names
_ACCOUNT = Statement("""
    SELECT status, clock_offset, sessions_valid_from FROM aws_account WHERE account_id = $1""")
_USER = Statement("SELECT user_name, user_id, path, tags FROM iam_user WHERE id = $1")
_ROLE = Statement("SELECT role_name, role_id, path, tags, last_used_at FROM iam_role WHERE id = $1")


def lookup(access_key_id: str, session_token: str = "") -> Credentials:
    """The seam of `aws.identity.lookup_credentials`, which lists the errors."""
    if session_token:
        return _temporary(access_key_id, session_token)
    row = _LONG_TERM.one(access_key_id)
    if row is None:
        raise UnknownKey
    version, secret, status, used_at, service, account_id, account_status, offset, *user = row
    if status != AccessKey.Status.ACTIVE:
        raise UnknownKey
    if account_status != "ACTIVE":
        raise SuspendedAccount(account_id)
    return Credentials(
        access_key_id=access_key_id,
        secret_access_key=_unsealed(secret),
        principal=_owner(access_key_id, account_id, *user),
        clock_offset_seconds=offset.total_seconds(),
        note_use=_KeyUse(access_key_id, used_at, service, offset).note,
        version=version,
    )


def issue(principal: Principal, lifetime: timedelta) -> TemporaryCredentials:
    """The seam of `aws.identity.issue_credentials`: the principal's session under another key.

    It keeps the session's policies, tags, MFA and time of issue, so that a policy which looks at
    them decides alike.
    """
    account = _ACCOUNT.one(principal.account_id)
    if account is None:
        raise UnknownKey
    now = clock.now(account[1])
    expires_at = now + lifetime
    if principal.kind not in ("root", "user") and principal.expires_at is not None:
        expires_at = min(expires_at, principal.expires_at)
    is_session = principal.kind in ("assumed-role", "federated-user")
    session = sessions.start(
        kind=principal.kind,
        account_id=principal.account_id,
        entity_pk=principal.user_pk,
        session_name=principal.name.rpartition("/")[2] if is_session else "",
        issued_at=principal.issued_at or now,
        expires_at=expires_at,
        machine_issued_at=clock.real_now(),
        session_policies=principal.session_policies,
        session_tags=dict(principal.session_tags),
        transitive_tag_keys=principal.transitive_tag_keys,
        mfa_authenticated_at=principal.mfa_authenticated_at,
        source_identity=principal.source_identity,
    )
    return TemporaryCredentials(
        access_key_id=session.access_key_id,
        secret_access_key=session.secret_access_key,
        session_token=session.token(),
        expires_at=expires_at,
    )


@lru_cache(maxsize=4096)
def _unsealed(secret: bytes) -> str:
    return seal.unseal(secret, SECRET_SEAL).decode()


@lru_cache(maxsize=4096)
def _owner(access_key_id: str, account_id: str, pk: int | None, *user: str) -> Principal:
    """Whose a long-term key is, by the row that was read: pk, name, id, path, tags."""
    if pk is None:
        return root_principal(account_id, access_key_id=access_key_id)
    return user_principal(account_id, pk, *user, access_key_id=access_key_id)


def root_principal(account_id: str, **more: Any) -> Principal:
    return Principal(
        kind="root",
        account_id=account_id,
        arn=iam_arn(account_id, "root"),
        user_id=account_id,
        name="root",
        **more,
    )


def user_principal(
    account_id: str, pk: int, name: str, user_id: str, path: str, tags: Any, **more: Any
) -> Principal:
    return Principal(
        kind="user",
        account_id=account_id,
        arn=iam_arn(account_id, f"user{path}{name}"),
        user_id=user_id,
        name=name,
        user_pk=pk,
        tags=_tags(tags),
        **more,
    )


def session_principal(session: Session) -> tuple[Principal, timedelta, datetime | None]:
    """Who a session is now, the account's clock offset, and when its role was last used.

    Raises UnknownKey when the user, role or account is gone or was reset, ExpiredKey at its end.
    """
    account = _ACCOUNT.one(session.account_id)
    if account is None:
        raise UnknownKey
    status, offset, valid_from = account
    if session.machine_issued_at < valid_from:
        raise UnknownKey
    if session.expires_at <= clock.now(offset):
        raise ExpiredKey
    if status != "ACTIVE":
        raise SuspendedAccount(session.account_id)
    principal, used_at = _session_holder(session)
    return principal, offset, used_at


def _session_holder(session: Session) -> tuple[Principal, datetime | None]:
    more: dict[str, Any] = {
        "access_key_id": session.access_key_id,
        "session_policies": session.session_policies,
        "session_tags": session.session_tags or {},
        "transitive_tag_keys": session.transitive_tag_keys,
        "mfa_authenticated_at": session.mfa_authenticated_at,
        "issued_at": session.issued_at,
        "expires_at": session.expires_at,
        "source_identity": session.source_identity,
    }
    if session.kind == "assumed-role":
        return _role_session(session, more)
    if session.kind == "federated-user":
        return _federated_user(session, more), None
    if session.entity_pk is None:
        return root_principal(session.account_id, **more), None
    row = _USER.one(session.entity_pk)
    if row is None:
        raise UnknownKey
    return user_principal(session.account_id, session.entity_pk, *row, **more), None


def _role_session(session: Session, more: dict[str, Any]) -> tuple[Principal, datetime | None]:
    row = _ROLE.one(session.entity_pk)
    if row is None:
        raise UnknownKey
    name, role_id, path, tags, used_at = row
    more |= {
        "user_pk": session.entity_pk,
        "role_arn": iam_arn(session.account_id, f"role{path}{name}"),
        "tags": {**_tags(tags), **(session.session_tags or {})},
    }
    return sessions.role_session_principal(session, name, role_id, **more), used_at


def _federated_user(session: Session, more: dict[str, Any]) -> Principal:
    if session.entity_pk is not None and _USER.one(session.entity_pk) is None:
        raise UnknownKey
    name = session.session_name
    return Principal(
        kind="federated-user",
        account_id=session.account_id,
        arn=f"arn:aws:sts::{session.account_id}:federated-user/{name}",
        user_id=f"{session.account_id}:{name}",
        name=name,
        user_pk=session.entity_pk,
        tags=session.session_tags or {},
        **more,
    )


def _temporary(access_key_id: str, session_token: str) -> Credentials:
    try:
        session = sessions.open_token(session_token)
    except seal.BrokenSeal:
        raise UnknownKey from None
    if not sessions.is_same_key(session, access_key_id):
        raise UnknownKey
    principal, offset, used_at = session_principal(session)
    now = clock.now(offset)
    note_use = None
    if session.kind == "assumed-role":
        note_use = partial(_note_role, session.entity_pk, used_at, now)
    return Credentials(
        access_key_id=access_key_id,
        secret_access_key=session.secret_access_key,
        principal=principal,
        clock_offset_seconds=offset.total_seconds(),
        note_use=note_use,
    )


@dataclass(slots=True)
class _KeyUse:
    """When a key was last used, and for what; remembered with the key."""

    access_key_id: str
    at: datetime | None
    service: str
    offset: timedelta

    def note(self, service: str, region: str) -> None:
        now = clock.now(self.offset)
        if self.at and self.service == service and abs(now - self.at) < USE_NOTED_EVERY:
            return
        AccessKey.objects.filter(access_key_id=self.access_key_id).update(
            last_used_at=now, last_used_service=service, last_used_region=region
        )
        self.at, self.service = now, service


def _note_role(
    pk: int | None, used_at: datetime | None, now: datetime, service: str, region: str
) -> None:
    if pk is not None and (used_at is None or abs(now - used_at) >= USE_NOTED_EVERY):
        Role.objects.filter(pk=pk).update(last_used_at=now, last_used_region=region)


def _tags(value: Any) -> dict[str, str]:
    """A jsonb column read without the ORM, which tells psycopg to leave JSON as text."""
    tags: dict[str, str] = json.loads(value) if isinstance(value, str) else value
    return tags
