"""Who calls: principals and credentials, as every service sees them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from django.conf import settings
from django.utils.module_loading import import_string

PrincipalKind = Literal[
    "root", "user", "assumed-role", "federated-user", "anonymous", "service", "system"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The caller of an operation.

    arn: what `sts:GetCallerIdentity` answers. user_id: AIDA… of a user, AROA…:session of a role
    session, the account id of root. name: user name, "root", or "role/session".
    role_arn: the IAM role behind an assumed-role session. user_pk: primary key of the IAM user or
    role row, so that policies load without another look-up. session_policies: texts, and ARNs of
    managed policies. transitive_tag_keys: of session_tags, those that the next role inherits.
    """

    kind: PrincipalKind
    account_id: str
    arn: str
    user_id: str
    name: str
    user_pk: int | None = None
    role_arn: str = ""
    access_key_id: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    session_policies: tuple[str, ...] = ()
    session_tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tag_keys: tuple[str, ...] = ()
    mfa_authenticated_at: datetime | None = None
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    source_identity: str = ""


ANONYMOUS = Principal(
    kind="anonymous", account_id="anonymous", arn="*", user_id="anonymous", name="anonymous"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """An access key that the wire has found: the secret checks the signature.

    clock_offset_seconds: the account's fast-forward, so that one look-up serves the whole call.
    note_use: called with (service prefix, region) once the signature is right: "last used".
    version: the account's number as it was read with the key; kept: what services remember with
    both, see `aws.remembered`.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    principal: Principal
    clock_offset_seconds: float = 0.0
    note_use: Callable[[str, str], None] | None = None
    version: int = 0
    kept: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemporaryCredentials:
    """What a principal's own session signs with elsewhere. expires_at: account time."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str
    expires_at: datetime


class UnknownKey(Exception):
    """No such access key, or it is inactive, or its token is not ours."""


class ExpiredKey(Exception):
    """The session token was ours, and its time is over."""


class SuspendedAccount(Exception):
    """The key is good; its account is suspended. args[0]: account id."""


def lookup_credentials(access_key_id: str, session_token: str = "") -> Credentials:
    """Finds a key. Raises UnknownKey, ExpiredKey, SuspendedAccount. The service is settings'."""
    backend: Any = import_string(settings.AWS_CREDENTIALS)
    found: Credentials = backend(access_key_id, session_token)
    return found


def verify_mfa(principal: Principal, serial_number: str, code: str) -> bool:
    """Whether the code is right now the MFA device's, and the device the principal's own.

    It is used up by that. The service is settings'.
    """
    backend: Any = import_string(settings.AWS_MFA)
    return bool(backend(principal, serial_number, code))


def issue_credentials(principal: Principal, lifetime: timedelta) -> TemporaryCredentials:
    """Credentials that are exactly this principal, and may do at each use what it may do then.

    They end with a role's session. Raises UnknownKey. The service is settings'.
    """
    backend: Any = import_string(settings.AWS_ISSUER)
    issued: TemporaryCredentials = backend(principal, lifetime)
    return issued
