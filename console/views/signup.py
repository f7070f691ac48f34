"""Signing up: a new account in steps, without a card."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from aws.accounts import AccountError
from aws.models import Account
from console import flash, mailed_codes, sign_up
from console.access import public
from console.forms.sign_up import (
    PlanForm,
    RootPasswordForm,
    SignUpContactForm,
    StartForm,
    VerifyForm,
)
from console.shell import formatted_account

View = Callable[[HttpRequest], HttpResponse]
# The steps that a person counts; verifying and the password belong to the first.
SHOWN = {"start": 1, "verify": 1, "password": 1, "plan": 2, "contact": 3, "billing": 4}


def step(name: str) -> Callable[[View], View]:
    """A page of the sign-up: closed where LAB_SIGNUP is 0, and before the steps that come first."""

    def decorate(view: View) -> View:
        @public
        @never_cache
        @wraps(view)
        def guarded(request: HttpRequest) -> HttpResponse:
            if not settings.LAB_SIGNUP:
                return render(request, "signup/closed.html", status=403)
            if name != "start" and not sign_up.may_open(request.session, name):
                return _go_on(request)
            return view(request)

        return guarded

    return decorate


@step("start")
def start(request: HttpRequest) -> HttpResponse:
    form = StartForm(request.POST or None, initial=sign_up.state(request.session))
    if request.method == "POST" and form.is_valid():
        try:
            sign_up.begin(request, **form.cleaned_data)
            return _go_on(request)
        except sign_up.CannotMail as error:
            form.add_error(None, error.args[0])
    return _page(request, "start", form)


@step("verify")
def verify(request: HttpRequest) -> HttpResponse:
    if sign_up.state(request.session).get("is_verified"):
        return _go_on(request)
    form = VerifyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sign_up.verify(request, form.cleaned_data["code"])
            return _go_on(request)
        except mailed_codes.WrongCode as error:
            form.add_error("code", error.args[0])
    return _page(request, "verify", form, has_mail_server=mailed_codes.has_mail_server())


@step("verify")
@require_POST
def resend(request: HttpRequest) -> HttpResponse:
    """Another code for the same address."""
    try:
        sign_up.send_code(request)
        flash.add(request, "success", _("A new code was sent."))
    except sign_up.CannotMail as error:
        flash.add(request, "error", error.args[0])
    return redirect("signup-verify")


@step("password")
@sensitive_post_parameters("new_password", "again")
def password(request: HttpRequest) -> HttpResponse:
    """The owner of the address learns here that it has an account already."""
    if sign_up.is_taken(request.session):
        return _page(request, "taken", None)
    kept = sign_up.state(request.session)
    form = RootPasswordForm(request.POST or None, name=kept["name"], email=kept["email"])
    if request.method == "POST" and form.is_valid():
        sign_up.keep_password(request.session, form.cleaned_data["new_password"])
        return redirect("signup-plan")
    return _page(request, "password", form, password_rules=None)


@step("plan")
def plan(request: HttpRequest) -> HttpResponse:
    initial = {"plan": sign_up.state(request.session).get("plan", "free")}
    form = PlanForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        sign_up.keep(request.session, plan=form.cleaned_data["plan"])
        return redirect("signup-contact")
    return _page(request, "plan", form)


@step("contact")
def contact(request: HttpRequest) -> HttpResponse:
    kept = sign_up.state(request.session)
    initial = {"agreement": True, **kept["contact"]} if kept.get("contact") else None
    form = SignUpContactForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        sign_up.keep(request.session, contact=form.contact())
        return redirect("signup-billing")
    return _page(request, "contact", form)


@step("billing")
def billing(request: HttpRequest) -> HttpResponse:
    """No card is asked for. The account is made when this step is sent."""
    error = ""
    if request.method == "POST":
        try:
            sign_up.finish(request.session)
            return _go_on(request)
        except AccountError as refused:
            error = _("An account with this e-mail address already exists.")
            if "e-mail" not in refused.args[0]:
                error = refused.args[0]
    return _page(request, "billing", None, error=error)


@step("done")
def done(request: HttpRequest) -> HttpResponse:
    account_id = sign_up.state(request.session)["account_id"]
    account = Account.objects.filter(pk=account_id).first()
    if account is None:
        request.session.pop(sign_up.KEY)
        return redirect("signup")
    context = {
        "account": account,
        "formatted": formatted_account(account_id),
        "root_url": reverse("signin-root", query={"email": account.email}),
        "users_url": request.build_absolute_uri(reverse("signin-address", args=[account_id])),
    }
    return render(request, "signup/done.html", context)


def _go_on(request: HttpRequest) -> HttpResponse:
    at = sign_up.open_step(request.session)
    return redirect("signup" if at == "start" else f"signup-{at}")


def _page(request: HttpRequest, name: str, form: Any, **more: Any) -> HttpResponse:
    kept = sign_up.state(request.session)
    has_errors = bool(more.get("error") or (form is not None and form.errors))
    context = {"form": form, "sign_up": kept, "step": SHOWN.get(name, 1), "steps": 4, **more}
    status = 422 if has_errors else 200
    return render(request, f"signup/{name}.html", context, status=status)
