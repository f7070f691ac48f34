"""Forms of signing in, as a user or as root."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aws.context import Context
from aws.errors import AwsError
from console import password_rules
from console.forms.base import AwsForm
from iam import operations
from iam.errors import PasswordPolicyViolation, WrongOldPassword
from iam.models import MFADevice, PasswordPolicy

MAX_PASSWORD = 128


def password_field(label: Any, autocomplete: str, **more: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete, **more})
    return forms.CharField(label=label, strip=False, max_length=MAX_PASSWORD, widget=widget)


class OnceInput(forms.TextInput):
    """What was typed does not come back: a refused code is of no use."""

    def format_value(self, value: Any) -> None:
        return None


def code_field(label: Any, **more: Any) -> forms.RegexField:
    attrs = {"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "6", **more}
    return forms.RegexField(
        r"^[0-9]{6}$",
        label=label,
        widget=OnceInput(attrs=attrs),
        error_messages={"invalid": _("Enter six digits.")},
    )


class UserForm(forms.Form):
    account = forms.CharField(
        label=_("Account ID (12 digits) or account alias"),
        max_length=63,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    user_name = forms.CharField(
        label=_("IAM user name"),
        max_length=64,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = password_field(_("Password"), "current-password")
    remember = forms.BooleanField(label=_("Remember this account"), required=False)


class RootEmailForm(forms.Form):
    email = forms.EmailField(
        label=_("Root user email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )


class RootPasswordForm(forms.Form):
    password = password_field(_("Password"), "current-password", autofocus=True)


class CodeForm(forms.Form):
    code = code_field(_("MFA code"), autofocus=True)


class ResyncForm(forms.Form):
    """device is asked only of who has more than one."""

    device = forms.ChoiceField(label=_("MFA device"))
    code1 = code_field(_("MFA code 1"), autofocus=True)
    code2 = code_field(_("MFA code 2"), autocomplete="off")

    def __init__(self, data: Any, devices: list[MFADevice]) -> None:
        super().__init__(data)
        self._devices = {str(device.pk): device for device in devices}
        if len(devices) < 2:
            del self.fields["device"]
            return
        choice = self.fields["device"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101 - declared above
        choice.choices = [(pk, device.name) for pk, device in self._devices.items()]

    def device_chosen(self) -> MFADevice:
        """After `is_valid`."""
        chosen = self.cleaned_data.get("device", next(iter(self._devices)))
        return self._devices[chosen]


class NewPasswordForm(AwsForm):
    """Two fields that have to agree."""

    new_password = password_field(_("New password"), "new-password")
    again = password_field(_("Retype new password"), "new-password")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "new_password" in cleaned and cleaned["new_password"] != cleaned.get("again"):
            self.add_error("again", _("The passwords do not match."))
        return cleaned


class ForcedChangeForm(NewPasswordForm):
    old_password = password_field(_("Old password"), "current-password", autofocus=True)
    field_order = ("old_password", "new_password", "again")

    def save(self, ctx: Context, policy: PasswordPolicy | None) -> bool:
        """Asks for iam:ChangePassword, as AWS does here too. policy: the account's own."""
        try:
            operations.change_password(
                ctx,
                old_password=self.cleaned_data["old_password"],
                new_password=self.cleaned_data["new_password"],
            )
        except PasswordPolicyViolation as error:
            self.aws_error = error
            self.add_error("new_password", password_rules.broken(error, policy))
        except WrongOldPassword as error:
            self.aws_error = error
            self.add_error("old_password", gettext("The old password is incorrect."))
        except AwsError as error:
            self.add_aws_error(error)
        return self.is_valid()


class RecoveryForm(NewPasswordForm):
    code = code_field(_("Verification code"), autofocus=True)
    field_order = ("code", "new_password", "again")
