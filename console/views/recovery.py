"""A root password that was forgotten: a code by mail, then a new password.

Without a mail server nobody could tell whose address it is, so the page sends to the instructor.
"""

from typing import Any

from celery import current_app
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from aws.models import Account
from console import flash, mailed_codes, password_rules, rate_limits, sign_in_events
from console.access import public
from console.forms.sign_in import RecoveryForm, RootEmailForm
from console.tasks import mail_recovery_code

KEY = "password-recovery"


@public
@never_cache
def forgot(request: HttpRequest) -> HttpResponse:
    """Goes on in the same way, and as fast, whether or not an account has the address."""
    has_mail = mailed_codes.has_mail_server()
    form = RootEmailForm(request.POST or None, initial={"email": request.GET.get("email", "")})
    if request.method != "POST" or not has_mail or not form.is_valid():
        context = {"form": form, "has_mail_server": has_mail}
        return render(request, "signin/forgot.html", context, status=422 if form.errors else 200)
    email = form.cleaned_data["email"]
    if not rate_limits.take_code(request, email):
        form.add_error(None, _("Too many codes were sent. Try again in an hour."))
        context = {"form": form, "has_mail_server": has_mail}
        return render(request, "signin/forgot.html", context, status=429)
    code = mailed_codes.new()
    request.session[KEY] = {"email": email, "code": code}
    account = Account.objects.filter(email__iexact=email).first()
    if account is not None:
        sign_in_events.password_recovery(request, account, "Requested")
        arguments = [account.email, code["code"], get_language()]
        current_app.send_task(mail_recovery_code.name, args=arguments)
    return redirect("signin-recover")


@public
@never_cache
@sensitive_post_parameters("new_password", "again")
def recover(request: HttpRequest) -> HttpResponse:
    kept = request.session.get(KEY)
    if kept is None:
        return redirect("signin-forgot")
    form = RecoveryForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _recover(request, form, kept):
        del request.session[KEY]
        flash.add(request, "success", _("The password was changed. Sign in with the new one."))
        return redirect(reverse("signin-root", query={"email": kept["email"]}))
    context = {"form": form, "email": kept["email"], "password_rules": None}
    return render(request, "signin/recover.html", context, status=422 if form.errors else 200)


def _recover(request: HttpRequest, form: RecoveryForm, kept: dict[str, Any]) -> bool:
    """What can be said without knowing the account comes first; it costs no guess."""
    email, password = kept["email"], form.cleaned_data["new_password"]
    if sentences := password_rules.broken_by_root(password, name="", email=email):
        form.add_error("new_password", sentences)
        return False
    try:
        mailed_codes.check(kept["code"], form.cleaned_data["code"])
        account = Account.objects.filter(email__iexact=email).first()
        if account is None:
            raise mailed_codes.WrongCode(_("The code is wrong. Check it and try again."))
    except mailed_codes.WrongCode as wrong:
        form.add_error("code", wrong.args[0])
        return False
    if sentences := password_rules.set_root_password(account, password):
        form.add_error("new_password", sentences)
        return False
    sign_in_events.password_recovery(request, account, "Completed")
    return True
