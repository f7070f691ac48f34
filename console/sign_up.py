"""The steps of a sign-up, as the session remembers them until there is an account.

A step opens when those before it are done; going back keeps what was typed; a second submit of
the last step finds the account that the first one made.
"""

from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils.translation import gettext as _

from aws import accounts, seal
from aws.accounts import AccountError
from aws.models import Account
from console import mailed_codes, rate_limits
from iam import passwords

KEY = "sign-up"
PASSWORD_SEAL = "sign-up-password"  # noqa: S105 - a purpose, not a secret
# Step → what the session holds once it is done.
STEPS = {
    "start": "code",
    "verify": "is_verified",
    "password": "password",
    "plan": "plan",
    "contact": "contact",
    "billing": "account_id",
}


class CannotMail(Exception):
    """args[0]: the sentence to show."""


def state(store: SessionBase) -> dict[str, Any]:
    kept: dict[str, Any] = store.get(KEY, {})
    return kept


def keep(store: SessionBase, **changes: Any) -> None:
    store[KEY] = {**state(store), **changes}


def open_step(store: SessionBase) -> str:
    """The first step that is not done; "done" after the last one."""
    kept = state(store)
    if "account_id" in kept:
        return "done"
    return next(step for step, result in STEPS.items() if not kept.get(result))


def may_open(store: SessionBase, step: str) -> bool:
    """Earlier steps may be visited again until the account is there."""
    at = open_step(store)
    if at == "done" or step == "done":
        return at == step
    names = list(STEPS)
    return names.index(step) <= names.index(at)


def begin(request: HttpRequest, *, email: str, name: str) -> None:
    """Starts anew unless nothing changed, and sends a code. Raises CannotMail."""
    kept = state(request.session)
    is_same = kept.get("email", "").lower() == email.lower()
    if is_same and kept.get("is_verified"):
        keep(request.session, name=name, password="")
        return
    request.session[KEY] = {"email": email, "name": name}
    send_code(request)


def send_code(request: HttpRequest) -> None:
    """Raises CannotMail, after which the last code still counts."""
    email = state(request.session)["email"]
    if not rate_limits.take_code(request, email):
        raise CannotMail(_("Too many codes were sent. Try again in an hour."))
    code = mailed_codes.new()
    if mailed_codes.has_mail_server():
        try:
            mailed_codes.mail(email, _("Verify your e-mail address"), code["code"])
        except OSError:
            raise CannotMail(_("The mail could not be sent. Tell your instructor.")) from None
    keep(request.session, code=code)


def verify(request: HttpRequest, typed: str) -> None:
    """Raises WrongCode. That an address is taken is told to its owner only: from here on."""
    mailed_codes.check(state(request.session)["code"], typed)
    request.session.cycle_key()
    keep(request.session, is_verified=True)


def is_taken(store: SessionBase) -> bool:
    return Account.objects.filter(email__iexact=state(store)["email"]).exists()


def keep_password(store: SessionBase, password: str) -> None:
    """Sealed: the session's row is no place for a password."""
    keep(store, password=seal.seal_text(password, PASSWORD_SEAL))


def finish(store: SessionBase) -> Account:
    """Makes the account. Raises AccountError."""
    kept = state(store)
    password = seal.unseal_text(kept["password"], PASSWORD_SEAL)
    try:
        account = accounts.create_account(
            name=kept["name"], email=kept["email"], password=password, contact=kept["contact"]
        )
    except AccountError:
        # The other of two submits at once was quicker: its account opens with this password.
        same = passwords.authenticate_root(kept["email"], password)
        if same is None:
            raise
        account = same
    store[KEY] = {"account_id": account.account_id}
    return account
