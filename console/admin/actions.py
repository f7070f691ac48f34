"""What an instructor does to an account. Each has a page that explains it and asks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aws import accounts
from aws.accounts import AccountError
from aws.errors import AwsError
from aws.models import Account
from aws.regions import DEFAULT_REGION
from console import flash, half_sessions, password_rules, sessions, sign_in_events
from console.admin.forms import ActionForm, ClockForm, ResetForm, RootPasswordForm
from console.requests import context_of
from iam import operations
from iam.credentials import session_principal


class Refused(Exception):
    """args[0]: the sentence to show above the form."""


@dataclass(frozen=True)
class Action:
    """name: in the address. explains: paragraphs of the page. run(request, account, form) does it;
    its answer is a page to show, None for the account's own page. done: what the log and the
    message say. fits: whether the account is in a state for it."""

    name: str
    title: Promise
    explains: Promise
    done: Promise
    run: Callable[[HttpRequest, Account, Any], HttpResponse | None]
    form: type[ActionForm] = ActionForm
    fits: Callable[[Account], bool] = field(default=lambda account: True)


def _suspend(request: HttpRequest, account: Account, form: Form) -> None:
    accounts.suspend_account(account, suspended=True)


def _restore(request: HttpRequest, account: Account, form: Form) -> None:
    accounts.suspend_account(account, suspended=False)


def _reset(request: HttpRequest, account: Account, form: Form) -> None:
    accounts.reset_account(account)


def _set_password(request: HttpRequest, account: Account, form: RootPasswordForm) -> None:
    if sentences := password_rules.set_root_password(account, form.cleaned_data["password"]):
        raise Refused(" ".join(sentences))
    if form.cleaned_data["signs_out"]:
        accounts.end_sessions(account)


def _fast_forward(request: HttpRequest, account: Account, form: ClockForm) -> None:
    try:
        accounts.fast_forward(account, form.cleaned_data["by"])
    except AccountError:
        raise Refused(_("The clock moves forward only, and ten years at most.")) from None


def _open(request: HttpRequest, account: Account, form: Form) -> HttpResponse:
    """The instructor's name stays with the session, so that every event tells who it was."""
    instructor = request.user.get_username()
    session = sessions.new_session(account, source_identity=instructor)
    half_sessions.end(request.session)
    sessions.remember(request.session, session)
    rotate_token(request)
    sign_in_events.opened_by_instructor(request, account, instructor)
    flash.add(
        request,
        "warning",
        _("Opened by instructor: %(name)s") % {"name": instructor},
        _("You act as the root user of this account. Its event history records it with your name."),
    )
    return redirect("home")


def _create_key(request: HttpRequest, account: Account, form: Form) -> HttpResponse:
    session = sessions.new_session(account, source_identity=request.user.get_username())
    caller, offset, _used_at = session_principal(session)
    ctx = context_of(request, caller, region=DEFAULT_REGION, offset=offset)
    try:
        key = operations.create_access_key(ctx)["AccessKey"]
    except AwsError as error:
        raise Refused(error.message) from None
    context = {"account": account, "key": key, "title": CREATE_KEY.title}
    return render(request, "admin/aws/account/access_key.html", context)


CREATE_KEY = Action(
    "access-key",
    gettext_lazy("Create root access key"),
    gettext_lazy(
        "Scripts can act as the root user with it. The secret is shown once. The root user has "
        "two keys at most."
    ),
    gettext_lazy("A root access key was created."),
    _create_key,
    fits=lambda account: not account.is_suspended,
)
ACTIONS = {
    action.name: action
    for action in (
        Action(
            "open",
            gettext_lazy("Open as root"),
            gettext_lazy(
                "Signs this browser in to the account's console as its root user, without its "
                "password or MFA. The account's event history records it with your name. Whoever "
                "is signed in to a console in this browser is signed out."
            ),
            gettext_lazy("Opened as root."),
            _open,
            fits=lambda account: not account.is_suspended,
        ),
        Action(
            "suspend",
            gettext_lazy("Suspend"),
            gettext_lazy(
                "Nobody can sign in to the account or call its API until it is restored. Nothing "
                "in it is deleted."
            ),
            gettext_lazy("The account was suspended."),
            _suspend,
            fits=lambda account: not account.is_suspended,
        ),
        Action(
            "restore",
            gettext_lazy("Restore"),
            gettext_lazy("People can sign in to the account and call its API again."),
            gettext_lazy("The account was restored."),
            _restore,
            fits=lambda account: account.is_suspended,
        ),
        Action(
            "password",
            gettext_lazy("Set root password"),
            gettext_lazy(
                "For a root user who forgot the password. MFA devices of the root user stay; to "
                "remove a lost one, open the account as root."
            ),
            gettext_lazy("The root user's password was set."),
            _set_password,
            form=RootPasswordForm,
        ),
        Action(
            "clock",
            gettext_lazy("Fast-forward the clock"),
            gettext_lazy(
                "Moves the account's time ahead, so that passwords expire and retention ends. It "
                "cannot be moved back; only a reset sets it to the real time again. Sessions end "
                "when their time is over."
            ),
            gettext_lazy("The account's clock was moved ahead."),
            _fast_forward,
            form=ClockForm,
        ),
        CREATE_KEY,
        Action(
            "reset",
            gettext_lazy("Reset"),
            gettext_lazy(
                "Deletes everything in the account: users, roles, policies, access keys, MFA "
                "devices, resources and the event history. The ID, the alias and the root user's "
                "sign-in stay. This cannot be undone."
            ),
            gettext_lazy("The account was reset."),
            _reset,
            form=ResetForm,
        ),
    )
}
