"""Temporary credentials: the session token is the session, sealed. Nothing is stored.

The token carries who the session is, its secret, policies, tags and end. It is opened with the
lab's key at each call; the user or role behind it must still exist, and the account must not have
been reset since. Times are the account's, so a fast-forwarded clock ends sessions.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aws import ids, seal
from aws.identity import Principal

TOKEN_SEAL = "session-token"  # noqa: S105 - a purpose, not a secret
# No letter of a token: a client asks for longer ones to see whether its systems take them.
FILLER = "."


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A temporary session. entity_pk: primary key of the IAM user or role; None for root.

    issued_at, expires_at, mfa_authenticated_at: account time. machine_issued_at: real time, held
    against Account.sessions_valid_from. session_name: of an assumed role or federated user.
    is_chained: assumed with the credentials of another role session.
    """

    kind: str
    account_id: str
    access_key_id: str
    secret_access_key: str
    entity_pk: int | None
    session_name: str
    issued_at: datetime
    expires_at: datetime
    machine_issued_at: datetime
    session_policies: tuple[str, ...] = ()
    session_tags: Mapping[str, str] | None = None
    transitive_tag_keys: tuple[str, ...] = ()
    mfa_authenticated_at: datetime | None = None
    source_identity: str = ""
    is_chained: bool = False

    def token(self) -> str:
        return seal.seal_text([_packed(getattr(self, name)) for name in _NAMES], TOKEN_SEAL)

    def as_aws(self, minimum_token_size: int = 0) -> dict[str, Any]:
        """What STS's answers share. minimum_token_size: bytes that the token is filled up to."""
        token = self.token().ljust(minimum_token_size, FILLER)
        credentials = {
            "AccessKeyId": self.access_key_id,
            "SecretAccessKey": self.secret_access_key,
            "SessionToken": token,
            "Expiration": self.expires_at,
        }
        return {"Credentials": credentials, "SessionTokenSize": len(token)}


_NAMES = tuple(Session.__dataclass_fields__)
_TIMES = {"issued_at", "expires_at", "machine_issued_at", "mfa_authenticated_at"}


def start(**details: Any) -> Session:
    """A new session with a fresh key. details: all of Session's fields but the key and secret."""
    return Session(
        access_key_id=ids.access_key_id("ASIA"),
        secret_access_key=ids.secret_access_key(),
        **details,
    )


def open_token(token: str) -> Session:
    """Raises seal.BrokenSeal for a token that this lab did not make."""
    values = seal.unseal_text(token.rstrip(FILLER), TOKEN_SEAL)
    if len(values) != len(_NAMES):
        raise seal.BrokenSeal  # made by another version of the lab
    details = {name: _unpacked(name, value) for name, value in zip(_NAMES, values, strict=True)}
    return Session(**details)


def is_same_key(session: Session, access_key_id: str) -> bool:
    return secrets.compare_digest(session.access_key_id, access_key_id)


def role_session_principal(
    session: Session, role_name: str, role_id: str, **more: Any
) -> Principal:
    """The principal of an assumed role. more: further fields of Principal."""
    name = f"{role_name}/{session.session_name}"
    return Principal(
        kind="assumed-role",
        account_id=session.account_id,
        arn=f"arn:aws:sts::{session.account_id}:assumed-role/{name}",
        user_id=f"{role_id}:{session.session_name}",
        name=name,
        **more,
    )


def _packed(value: Any) -> Any:
    return value.timestamp() if isinstance(value, datetime) else value


def _unpacked(name: str, value: Any) -> Any:
    if name in _TIMES:
        return None if value is None else datetime.fromtimestamp(value, UTC)
    return tuple(value) if isinstance(value, list) else value
