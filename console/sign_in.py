"""Signing in: the password, then what is still owed, then the session.

An unknown account, user or e-mail address takes as long as a wrong password and says the same.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from aws import clock
from aws.models import Account
from console import half_sessions, preferences, rate_limits, sessions, sign_in_events
from console.half_sessions import HalfSession
from console.views.settings import YEAR_SECONDS, keep_language
from iam import passwords
from iam.credentials import session_principal
from iam.models import LoginProfile

ACCOUNT_COOKIE = "groundschool-account"
HOME = "/console/home"


class Refused(Exception):
    """message: for the person. status: HTTP's."""

    def __init__(self, message: str | Promise, status: int = 422) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


WRONG = _("Your authentication information is incorrect. Please try again.")
TOO_MANY = _("Too many sign-in attempts. Wait a few minutes, then try again.")
SUSPENDED = _("This account is suspended. Ask your instructor.")
EXPIRED = _("Your password has expired. An administrator of the account has to reset it.")


def find_account(text: str) -> Account | None:
    """By ID, with or without hyphens, or by alias."""
    text = text.strip().lower()
    digits = text.replace("-", "")
    if len(digits) == 12 and digits.isdecimal():
        return Account.objects.filter(pk=digits).first()
    return Account.objects.filter(alias=text).first() if text else None


def start_user(
    request: HttpRequest, *, account: str, user_name: str, password: str, **more: Any
) -> HalfSession:
    """An IAM user's password. more: next, remembers. Raises Refused."""
    who = f"{account.strip().replace('-', '')}:{user_name}"
    if not rate_limits.take_sign_in(request, who):
        raise Refused(TOO_MANY, 429)
    found = find_account(account)
    profile = passwords.authenticate(found, user_name, password)
    if profile is None:
        _note_failure(request, found, user_name)
        raise Refused(WRONG)
    rate_limits.sign_in_was_right(request, who)
    _require_usable(request, profile.account, profile)
    return _start(request, profile.account, profile, more)


def start_root(request: HttpRequest, *, email: str, password: str, **more: Any) -> HalfSession:
    """The root user's password. Raises Refused."""
    if not rate_limits.take_sign_in(request, f"root:{email}"):
        raise Refused(TOO_MANY, 429)
    account = passwords.authenticate_root(email, password)
    if account is None:
        known = Account.objects.filter(email__iexact=email).first()
        if known is not None:
            sign_in_events.console_login(request, known, error=sign_in_events.FAILED)
        raise Refused(WRONG)
    rate_limits.sign_in_was_right(request, f"root:{email}")
    _require_usable(request, account, None)
    return _start(request, account, None, more)


def go_on(request: HttpRequest, half: HalfSession) -> HttpResponse:
    """The next page of a sign-in: MFA, a new password, or the console."""
    if half.owes_mfa:
        return redirect("signin-mfa")
    if half.owes_password:
        return redirect("signin-change-password")
    return _complete(request, half)


def own_path(request: HttpRequest, address: str) -> str:
    """A page of this console to go on to, "" for any other address."""
    is_own = url_has_allowed_host_and_scheme(
        address, allowed_hosts=None, require_https=request.is_secure()
    )
    return address if is_own and address.startswith("/") else ""


def _start(
    request: HttpRequest, account: Account, profile: LoginProfile | None, more: dict[str, Any]
) -> HalfSession:
    half = HalfSession(account, profile, begun_at=clock.real_now(), **more)
    half_sessions.start(request.session, half)
    return half


def _note_failure(request: HttpRequest, account: Account | None, user_name: str) -> None:
    if account is None:
        return
    profiles = LoginProfile.objects.filter(account=account, user__user_name=user_name)
    profile = profiles.select_related("user").first()
    if profile is None:
        sign_in_events.console_login_of_unknown(request, account)
    else:
        sign_in_events.console_login(request, profile.user, error=sign_in_events.FAILED)


def _require_usable(request: HttpRequest, account: Account, profile: LoginProfile | None) -> None:
    """Said only to who knows the password. profile: of the user, None for root."""
    refusal = SUSPENDED if account.is_suspended else None
    if profile is not None and refusal is None:
        policy = passwords.policy_of(account.account_id)
        if passwords.is_hard_expired(profile, policy, account.now):
            refusal = EXPIRED
    if refusal is not None:
        who = profile.user if profile else account
        sign_in_events.console_login(request, who, error=sign_in_events.FAILED)
        raise Refused(refusal, 403)


def _complete(request: HttpRequest, half: HalfSession) -> HttpResponse:
    session = sessions.new_session(half.holder, mfa_at=half.mfa_at)
    half_sessions.end(request.session)
    sessions.remember(request.session, session)
    rotate_token(request)
    passwords.note_sign_in(half.profile or half.account)
    sign_in_events.console_login(request, half.holder, used_mfa=half.mfa_at is not None)
    response = redirect(own_path(request, half.next) or HOME)
    caller = session_principal(session)[0]
    if language := preferences.read(caller)["language"]:
        keep_language(response, language)
    if half.profile is not None:
        _keep_account(response, half.remembers)
    return response


def _keep_account(response: HttpResponse, text: str) -> None:
    if not text:
        response.delete_cookie(ACCOUNT_COOKIE, samesite="Lax")
        return
    response.set_cookie(
        ACCOUNT_COOKIE,
        text,
        max_age=YEAR_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.LAB_TLS,
    )
