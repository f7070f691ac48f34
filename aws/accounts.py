"""Accounts: made at sign-up, by an instructor, or by a script; suspended; reset to new.

Services add what a new account has, and what a reset must end outside the database (servers,
files), by registering hooks; rows in an account go with it by their foreign keys.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from aws import clock, ids
from aws.models import Account, AccountOwned, ClientToken, Event, StateChange

MAX_CLOCK_OFFSET = timedelta(days=3650)
Hook = Callable[[Account], Any]
_created: list[Hook] = []
_ended: list[Hook] = []


class AccountError(Exception):
    """What a person typed cannot become an account. args[0]: the sentence to show."""


def account_created(hook: Hook) -> Hook:
    """Registers what a service gives a new account. Runs in the creating transaction."""
    _created.append(hook)
    return hook


def account_ended(hook: Hook) -> Hook:
    """Registers what a service ends outside the database before an account's rows go."""
    _ended.append(hook)
    return hook


def create_account(
    *,
    name: str,
    email: str,
    password: str,
    account_id: str = "",
    contact: dict[str, Any] | None = None,
) -> Account:
    """Makes an account with its root user. Raises AccountError."""
    _check(name, email, account_id)
    account = Account(
        account_id=account_id or ids.account_id(),
        name=name,
        email=email,
        password=make_password(password),
        password_last_changed=clock.real_now(),
        contact=contact or {},
    )
    try:
        with transaction.atomic():
            account.save(force_insert=True)
            _run(_created, account)
    except IntegrityError as error:
        taken = "e-mail address" if "email" in str(error) else "account ID"
        raise AccountError(f"An account with this {taken} already exists.") from None
    return account


def update_account(
    account: Account, *, name: str = "", email: str = "", contact: dict[str, Any] | None = None
) -> None:
    """Changes what is given. Raises AccountError."""
    _check(name or account.name, email or account.email, "")
    account.name, account.email = name or account.name, email or account.email
    account.contact = account.contact if contact is None else contact
    try:
        with transaction.atomic():
            account.save(update_fields=["name", "email", "contact"])
    except IntegrityError:
        raise AccountError("An account with this e-mail address already exists.") from None


def reset_account(account: Account) -> None:
    """Gives back an empty account: same id, root sign-in and alias; everything else is gone.

    Console sessions and session tokens issued before end. Safe to repeat after an interruption.
    """
    _run(_ended, account)
    with transaction.atomic():
        kept = Account.objects.select_for_update().get(pk=account.pk)
        _delete_rows(kept)
        kept.sessions_valid_from = clock.real_now()
        kept.clock_offset = timedelta()
        kept.save(update_fields=["sessions_valid_from", "clock_offset"])
        _run(_created, kept)


def fast_forward(account: Account, by: timedelta) -> None:
    """Moves the account's clock ahead; nothing moves it back but a reset. Raises AccountError."""
    with transaction.atomic():
        kept = Account.objects.select_for_update().get(pk=account.pk)
        offset = kept.clock_offset + by
        if by <= timedelta() or offset > MAX_CLOCK_OFFSET:
            raise AccountError("The clock moves forward only, and ten years at most.")
        kept.clock_offset = offset
        kept.save(update_fields=["clock_offset"])
    account.clock_offset = offset


def end_sessions(account: Account) -> None:
    """Signs everyone out: console sessions and temporary credentials issued before are void."""
    account.sessions_valid_from = clock.real_now()
    account.save(update_fields=["sessions_valid_from"])


def suspend_account(account: Account, *, suspended: bool) -> None:
    """Suspends or restores an account. Its keys and sign-ins answer AWS's error meanwhile."""
    account.status = Account.Status.SUSPENDED if suspended else Account.Status.ACTIVE
    account.save(update_fields=["status"])


def _check(name: str, email: str, account_id: str) -> None:
    if not name.strip() or len(name) > 50:
        raise AccountError("The account name must have 1 to 50 characters.")
    try:
        validate_email(email)
    except ValidationError:
        raise AccountError("Enter a valid e-mail address.") from None
    if account_id and not (len(account_id) == 12 and account_id.isdecimal()):
        raise AccountError("The account ID must have 12 digits.")


def _delete_rows(account: Account) -> None:
    """Deletes every row that belongs to the account, whichever app it is in.

    A model may protect another (a default version its policy), so models that could not go yet
    are tried again until a round deletes nothing more.
    """
    waiting = [model for model in apps.get_models() if issubclass(model, AccountOwned)]
    while waiting:
        left = []
        for model in waiting:
            try:
                with transaction.atomic():
                    model._base_manager.filter(account=account).delete()
            except ProtectedError:
                left.append(model)
        if len(left) == len(waiting):
            raise RuntimeError(f"Rows protect each other: {left}")
        waiting = left
    for unowned in (Event, StateChange, ClientToken):
        unowned._base_manager.filter(account_id=account.account_id).delete()


def _run(hooks: list[Hook], account: Account) -> None:
    for hook in hooks:
        hook(account)
