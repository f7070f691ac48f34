"""Forms of the sign-up's steps."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from console import password_rules
from console.forms.sign_in import NewPasswordForm, code_field, password_field
from console.views.account import ContactForm


class StartForm(forms.Form):
    email = forms.EmailField(
        label=_("Root user email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    name = forms.CharField(
        label=_("AWS account name"),
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )


class VerifyForm(forms.Form):
    code = code_field(_("Verification code"), autofocus=True)


class RootPasswordForm(NewPasswordForm):
    """name, email: of the account that is about to be, which the password must not repeat."""

    new_password = password_field(_("Root user password"), "new-password", autofocus=True)
    again = password_field(_("Confirm root user password"), "new-password")

    def __init__(self, data: Any, *, name: str, email: str) -> None:
        super().__init__(data)
        self._of = {"name": name, "email": email}

    def clean_new_password(self) -> str:
        password: str = self.cleaned_data["new_password"]
        if sentences := password_rules.broken_by_root(password, **self._of):
            raise forms.ValidationError(sentences)
        return password


class PlanForm(forms.Form):
    plan = forms.ChoiceField(choices=[("free", _("Free (6 months)")), ("paid", _("Paid"))])


class SignUpContactForm(ContactForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["usage"] = forms.ChoiceField(
            label=_("How do you plan to use AWS?"),
            choices=[
                ("business", _("Business - for your work, school, or organization")),
                ("personal", _("Personal - for your own projects")),
            ],
            widget=forms.RadioSelect,
            initial="personal",
        )
        self.fields["country_code"].initial = "KR"
        self.fields["agreement"] = forms.BooleanField(
            label=_("I have read and agree to the rules of my class for this lab.")
        )

    def contact(self) -> dict[str, str]:
        """As the account keeps it."""
        return {name: text for name, text in self.cleaned_data.items() if name != "agreement"}
