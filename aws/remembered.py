"""Callers that this process remembers: their keys, and what they may do.

Whatever changes who an account's users are or what they may do gives the account a new number, in
the transaction of the change (triggers, see `iam.migrations`). What is remembered keeps the number
that it was read with. A request that begins with remembered credentials reads the number again,
beside what its first statement is after, and begins anew from the database where it differs: so it
is never decided by less than what it reads. Inside of a transaction nothing is remembered.
"""

import threading
from typing import Any

from django.db import connection

from aws.identity import Credentials, lookup_credentials
from aws.sql import Statement

# Columns of a statement's own SELECT: {0} is the number of the parameter for `account`.
VERSION = "coalesce((SELECT version FROM aws_identityversion WHERE account_id = {0}), 0)"
# Of a context's cache: what services may remember with the caller, see Credentials.kept.
KEPT = "aws.remembered"
_MAX = 4096
_VERSION = Statement(f"SELECT {VERSION.format('$1')}")
_known: dict[str, Credentials] = {}


class Changed(Exception):
    """The account's identities are not what was remembered."""


class _Request(threading.local):
    """claim: whom the request took its caller for, until the number is read again."""

    claim: Credentials | None = None


_request = _Request()


def lookup(access_key_id: str, session_token: str = "") -> Credentials:
    """As `lookup_credentials`, which lists the errors. Temporary keys are not remembered."""
    _request.claim = None
    if session_token or connection.in_atomic_block:
        return lookup_credentials(access_key_id, session_token)
    if (known := _known.get(access_key_id)) is not None:
        _request.claim = known
        return known
    found = lookup_credentials(access_key_id)
    if len(_known) >= _MAX:
        _known.clear()
    _known[access_key_id] = found
    return found


def account() -> str:
    """Whose number a statement has to read for `check`; "" where nothing waits for it."""
    claim = _request.claim
    return claim.principal.account_id if claim else ""


def check(version: int) -> None:
    """Raises Changed."""
    claim = _request.claim
    if claim is None:
        return
    if claim.version != version:
        raise Changed
    _request.claim = None


def confirm() -> None:
    """Asks for the number, if nothing has yet. Raises Changed."""
    if _request.claim is not None:
        row = _VERSION.one(account())
        check(row[0] if row else 0)


def forget() -> bool:
    """Whether the request rests on something remembered that nothing confirmed: it is forgotten."""
    claim, _request.claim = _request.claim, None
    if claim is None:
        return False
    _known.pop(claim.access_key_id, None)
    return True


def kept(cache: dict[str, Any]) -> dict[str, Any]:
    """What services remember with a context's caller, confirmed. cache: the context's."""
    found: dict[str, Any] | None = cache.get(KEPT)
    if found is None:
        return cache
    confirm()
    return found
