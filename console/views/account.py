"""The account itself: name and e-mail address of its root user, contact data, alias."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from aws import accounts
from aws.arn import Arn
from aws.context import Context
from console import flash
from console.forms import AwsForm
from console.requests import ConsoleRequest
from iam import passwords

# As AWS's PutContactInformation names and bounds them.
# https://docs.aws.amazon.com/accounts/latest/reference/API_ContactInformation.html
CONTACT = {
    "full_name": (gettext_lazy("Full name"), 50, True),
    "company_name": (gettext_lazy("Company name"), 50, False),
    "phone_number": (gettext_lazy("Phone number"), 20, True),
    "country_code": (gettext_lazy("Country or Region code"), 2, True),
    "address_line1": (gettext_lazy("Address"), 60, True),
    "address_line2": (gettext_lazy("Apartment, suite, unit, building, floor"), 60, False),
    "city": (gettext_lazy("City"), 50, True),
    "state_or_region": (gettext_lazy("State, province, or region"), 50, False),
    "postal_code": (gettext_lazy("Postal code"), 20, True),
}


class DetailsForm(AwsForm):
    """The root user proves once more who it is: an e-mail address is a way to sign in."""

    name = forms.CharField(label=gettext_lazy("Account name"), max_length=50)
    email = forms.EmailField(label=gettext_lazy("Email address"), max_length=254)
    password = forms.CharField(
        label=gettext_lazy("Current password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def save(self, request: ConsoleRequest) -> bool:
        cleaned = self.cleaned_data
        with self.aws_errors():
            password = cleaned["password"]
            passwords.require_old_password(request.ctx, password, request.account.password)
            try:
                accounts.update_account(
                    request.account, name=cleaned["name"], email=cleaned["email"]
                )
            except accounts.AccountError as error:
                self.add_error(None, error.args[0])
        return self.is_valid()


class ContactForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, length, required) in CONTACT.items():
            self.fields[name] = forms.CharField(label=label, max_length=length, required=required)


def account(request: ConsoleRequest) -> HttpResponse:
    """Name, e-mail address and ID for everybody in the account who may know them."""
    ctx = request.ctx
    context = {
        "is_root": ctx.principal.kind == "root",
        "sees_email": _may(ctx, "account:GetAccountInformation"),
        "sees_contact": _may(ctx, "account:GetContactInformation"),
        "edits_contact": _may(ctx, "account:PutContactInformation"),
        "contact": [
            (label, request.account.contact.get(name, "")) for name, (label, *_) in CONTACT.items()
        ],
    }
    return render(request, "console/account.html", context)


@never_cache
def account_edit(request: ConsoleRequest) -> HttpResponse:
    """Root only, as in AWS."""
    if request.principal.kind != "root":
        flash.add(request, "error", _("Only the root user can change these"))
        return redirect("account")
    initial = {"name": request.account.name, "email": request.account.email}
    form = DetailsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and form.save(request):
        flash.add(request, "success", _("Account details saved"))
        return redirect("account")
    status = 422 if form.errors else 200
    return render(request, "console/account_edit.html", {"form": form}, status=status)


def contact_edit(request: ConsoleRequest) -> HttpResponse:
    request.ctx.authorize("account:PutContactInformation", _arn(request.ctx))
    form = ContactForm(request.POST or None, initial=request.account.contact)
    if request.method == "POST" and form.is_valid():
        accounts.update_account(request.account, contact=form.cleaned_data)
        flash.add(request, "success", _("Contact information saved"))
        return redirect("account")
    status = 422 if form.errors else 200
    return render(request, "console/contact_edit.html", {"form": form}, status=status)


def _may(ctx: Context, action: str) -> bool:
    return ctx.allows(action, _arn(ctx))


def _arn(ctx: Context) -> str:
    return str(Arn("account", "", ctx.account_id, "account"))
