"""Signing in and out."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from aws import clock
from console import half_sessions, password_rules, sessions, sign_in, sign_in_events
from console.access import public
from console.forms.sign_in import (
    CodeForm,
    ForcedChangeForm,
    ResyncForm,
    RootEmailForm,
    RootPasswordForm,
    UserForm,
)
from console.half_sessions import HalfSession
from console.requests import ConsoleRequest, context_of
from iam import mfa as mfa_codes
from iam import passwords
from iam.credentials import session_principal

# Why the sign-in page was opened: ?reason=
REASONS: dict[str, tuple[str, Promise]] = {
    "expired": ("warning", _("Your session has expired. Sign in again.")),
    "gone": (
        "warning",
        _("You were signed out: the user is gone, or the account was reset. Sign in again."),
    ),
    "suspended": ("error", sign_in.SUSPENDED),
    "signed-out": ("success", _("You are signed out.")),
    "again": ("warning", _("The sign-in took too long. Begin again.")),
}
WRONG_CODE = _("Your authentication code is incorrect.")
BLOCKED = _("Too many wrong codes. Wait five minutes, then try again.")


@public
@never_cache
@sensitive_post_parameters("password")
def user(request: ConsoleRequest) -> HttpResponse:
    """An IAM user. ?account= fills the first field, else what the browser remembers."""
    if request.method != "POST":
        return _user_page(request)
    form = UserForm(request.POST)
    if not form.is_valid():
        return _page(request, "user", {"form": form}, status=422)
    typed = form.cleaned_data
    try:
        half = sign_in.start_user(
            request,
            account=typed["account"],
            user_name=typed["user_name"],
            password=typed["password"],
            next=request.POST.get("next", ""),
            remembers=typed["account"] if typed["remember"] else "",
        )
    except sign_in.Refused as refused:
        return _refused(request, "user", {"form": form}, refused)
    return sign_in.go_on(request, half)


@public
@never_cache
@sensitive_post_parameters("password")
def root(request: HttpRequest) -> HttpResponse:
    """The root user: the e-mail address, then the password, on one address."""
    email_form = RootEmailForm(
        request.POST or None, initial={"email": request.GET.get("email", "")}
    )
    if request.method != "POST" or not email_form.is_valid():
        status = 422 if email_form.errors else 200
        return _page(request, "root_email", {"form": email_form}, status=status)
    email = email_form.cleaned_data["email"]
    form = RootPasswordForm(request.POST if "password" in request.POST else None)
    context = {"form": form, "email": email}
    if not form.is_valid():
        return _page(request, "root_password", context, status=422 if form.errors else 200)
    try:
        half = sign_in.start_root(
            request,
            email=email,
            password=form.cleaned_data["password"],
            next=request.POST.get("next", ""),
        )
    except sign_in.Refused as refused:
        return _refused(request, "root_password", context, refused)
    return sign_in.go_on(request, half)


@public
def console_address(request: HttpRequest, account: str) -> HttpResponse:
    """/{alias or ID}/console: what an account hands out to its users."""
    return redirect(reverse("signin", query={"account": account}))


@public
@never_cache
def mfa(request: HttpRequest) -> HttpResponse:
    """The code of any of the person's devices."""
    half = half_sessions.load(request.session)
    if half is None or not half.owes_mfa:
        return _begin_again()
    form = CodeForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return _page(request, "mfa", _mfa_context(form, half), status=status)
    code = form.cleaned_data["code"]
    if not mfa_codes.verify_any(half.devices, code, clock.real_now()):
        return _wrong_code(request, "mfa", form, half)
    return _passed_mfa(request, half)


@public
@never_cache
def mfa_resync(request: HttpRequest) -> HttpResponse:
    """Two consecutive codes, for a device whose clock went off. Two right ones sign in."""
    half = half_sessions.load(request.session)
    if half is None or not half.owes_mfa:
        return _begin_again()
    form = ResyncForm(request.POST or None, list(half.devices))
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return _page(request, "mfa_resync", _mfa_context(form, half), status=status)
    typed = form.cleaned_data
    codes = (typed["code1"], typed["code2"])
    if not mfa_codes.synchronize(form.device_chosen(), codes, clock.real_now()):
        return _wrong_code(request, "mfa_resync", form, half)
    return _passed_mfa(request, half)


@public
@never_cache
@sensitive_post_parameters("old_password", "new_password", "again")
def change_password(request: HttpRequest) -> HttpResponse:
    """A password that has to be changed first. Until it is, the person is not signed in."""
    half = half_sessions.load(request.session)
    if half is None or half.owes_mfa or not half.owes_password or half.profile is None:
        return _begin_again()
    form = ForcedChangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _change(request, half, form):
        half.profile.refresh_from_db()
        return sign_in.go_on(request, half)
    policy = passwords.policy_of(half.account.account_id)
    context = {"form": form, "half": half, "password_rules": password_rules.as_aws(policy)}
    status = 422 if form.errors else 200
    return _page(request, "change_password", context, status=status)


@public
@never_cache
def sign_out(request: ConsoleRequest) -> HttpResponse:
    """GET asks, so that no other site's link signs anybody out."""
    if request.method == "POST":
        sessions.forget(request.session)
        half_sessions.end(request.session)
        return redirect(reverse("signin", query={"reason": "signed-out"}))
    if request.principal is None:
        return redirect("signin")
    return _page(request, "sign_out", {})


def _user_page(request: ConsoleRequest) -> HttpResponse:
    wanted = request.GET.get("account", "")
    if request.principal is not None and not wanted:
        return redirect(sign_in.own_path(request, request.GET.get("next", "")) or sign_in.HOME)
    remembered = request.COOKIES.get(sign_in.ACCOUNT_COOKIE, "")
    account = (wanted or remembered)[:63]
    form = UserForm(initial={"account": account, "remember": bool(remembered)})
    kind, text = REASONS.get(request.GET.get("reason", ""), ("", ""))
    return _page(request, "user", {"form": form, "notice_kind": kind, "notice": text})


def _page(
    request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    wanted = request.POST.get("next") or request.GET.get("next", "")
    context["next"] = sign_in.own_path(request, wanted)
    return render(request, f"signin/{name}.html", context, status=status)


def _refused(
    request: HttpRequest, name: str, context: dict[str, Any], refused: sign_in.Refused
) -> HttpResponse:
    context |= {"notice_kind": "error", "notice": refused.message}
    return _page(request, name, context, status=refused.status)


def _begin_again() -> HttpResponse:
    return redirect(reverse("signin", query={"reason": "again"}))


def _mfa_context(form: CodeForm | ResyncForm, half: HalfSession) -> dict[str, Any]:
    return {"form": form, "half": half, "devices": half.devices}


def _wrong_code(
    request: HttpRequest, name: str, form: CodeForm | ResyncForm, half: HalfSession
) -> HttpResponse:
    half = half_sessions.count_wrong_code(request.session, half)
    is_blocked = mfa_codes.is_blocked(half.devices[0])
    sign_in_events.check_mfa(request, half.holder, error=sign_in_events.FAILED)
    form.add_error(None, BLOCKED if is_blocked else WRONG_CODE)
    status = 429 if is_blocked else 422
    return _page(request, name, _mfa_context(form, half), status=status)


def _passed_mfa(request: HttpRequest, half: HalfSession) -> HttpResponse:
    sign_in_events.check_mfa(request, half.holder)
    return sign_in.go_on(request, half_sessions.passed_mfa(request.session, half))


def _change(request: HttpRequest, half: HalfSession, form: ForcedChangeForm) -> bool:
    """As the user, though not signed in yet: iam:ChangePassword is the operation's to check."""
    caller, offset, _used_at = session_principal(
        sessions.new_session(half.holder, mfa_at=half.mfa_at)
    )
    ctx = context_of(request, caller, region=request.region, offset=offset)  # type: ignore[attr-defined]
    return form.save(ctx, passwords.policy_of(half.account.account_id))
