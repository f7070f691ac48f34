"""What instructors fill in."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aws.models import Account
from console import password_rules
from console.forms.sign_in import MAX_PASSWORD


def _password(label: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True)
    return forms.CharField(label=label, strip=False, max_length=MAX_PASSWORD, widget=widget)


class ActionForm(forms.Form):
    """A confirmation; subclasses ask for more."""

    def __init__(self, data: Any, account: Account) -> None:
        super().__init__(data)
        self.account = account


class CreateForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=50)
    email = forms.EmailField(label=gettext_lazy("Root user email address"), max_length=254)
    password = _password(gettext_lazy("Root user password"))
    account_id = forms.RegexField(
        r"^[0-9]{12}$",
        label=gettext_lazy("Account ID"),
        required=False,
        help_text=gettext_lazy("12 digits. Left out, it is drawn."),
        error_messages={"invalid": gettext_lazy("Enter 12 digits.")},
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "password" in cleaned:
            of = {"name": cleaned.get("name", ""), "email": cleaned.get("email", "")}
            if sentences := password_rules.broken_by_root(cleaned["password"], **of):
                self.add_error("password", sentences)
        return cleaned


class ResetForm(ActionForm):
    account_id = forms.CharField(
        label=gettext_lazy("To confirm, type the account ID"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_account_id(self) -> str:
        typed: str = self.cleaned_data["account_id"]
        if typed.replace("-", "") != self.account.account_id:
            raise ValidationError(_("This is not the ID of the account."))
        return typed


class RootPasswordForm(ActionForm):
    password = _password(gettext_lazy("New root user password"))
    signs_out = forms.BooleanField(
        label=gettext_lazy("Sign everyone out of this account"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Console sessions and temporary credentials end."),
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        of = {"name": self.account.name, "email": self.account.email}
        if sentences := password_rules.broken_by_root(password, **of):
            raise ValidationError(sentences)
        return password


class ClockForm(ActionForm):
    days = forms.IntegerField(
        label=gettext_lazy("Days"), min_value=0, max_value=3650, initial=0, required=False
    )
    hours = forms.IntegerField(
        label=gettext_lazy("Hours"), min_value=0, max_value=23, initial=0, required=False
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        by = timedelta(days=cleaned.get("days") or 0, hours=cleaned.get("hours") or 0)
        if not by and not self.errors:
            raise ValidationError(_("Enter days, hours, or both."))
        return {**cleaned, "by": by}


class InstructorForm(forms.Form):
    username = forms.CharField(label=gettext_lazy("User name"), max_length=150)
    email = forms.EmailField(label=gettext_lazy("Email address"), max_length=254, required=False)
    password = _password(gettext_lazy("Password"))
