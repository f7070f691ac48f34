"""Account alias, password policy, one's own password."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aws.context import Context
from aws.models import ALIAS_PATTERN
from console.forms import AwsForm
from iam import operations
from iam.errors import NoSuchEntity


class AliasForm(AwsForm):
    account_alias = forms.RegexField(ALIAS_PATTERN, label=_("Account Alias"), required=False)


class PasswordPolicyForm(AwsForm):
    """kind: AWS's default policy, or one's own rules."""

    kind = forms.ChoiceField(
        label=_("Password policy"),
        choices=[("default", _("IAM default")), ("custom", _("Custom"))],
    )
    minimum_password_length = forms.IntegerField(
        label=_("Password minimum length"), min_value=6, max_value=128, initial=8
    )
    require_uppercase_characters = forms.BooleanField(
        label=_("Require at least one uppercase letter from the Latin alphabet (A-Z)"),
        required=False,
    )
    require_lowercase_characters = forms.BooleanField(
        label=_("Require at least one lowercase letter from the Latin alphabet (a-z)"),
        required=False,
    )
    require_numbers = forms.BooleanField(label=_("Require at least one number"), required=False)
    require_symbols = forms.BooleanField(
        label=_("Require at least one nonalphanumeric character"), required=False
    )
    max_password_age = forms.IntegerField(
        label=_("Password expiration in days"), min_value=1, max_value=1095, required=False
    )
    hard_expiry = forms.BooleanField(
        label=_("Password expiration requires administrator reset"), required=False
    )
    allow_users_to_change_password = forms.BooleanField(
        label=_("Allow users to change their own password"), required=False, initial=True
    )
    password_reuse_prevention = forms.IntegerField(
        label=_("Remember passwords"), min_value=1, max_value=24, required=False
    )

    def save(self, ctx: Context) -> bool:
        cleaned = dict(self.cleaned_data)
        if cleaned.pop("kind") == "custom":
            update = operations.update_account_password_policy
            return self.submit(update, ctx, **cleaned) is not None
        if not has_password_policy(ctx):
            return True
        return self.submit(operations.delete_account_password_policy, ctx) is not None


class OwnPasswordForm(AwsForm):
    old_password = forms.CharField(label=_("Old password"), strip=False)
    new_password = forms.CharField(label=_("New password"), strip=False)
    again = forms.CharField(label=_("Retype new password"), strip=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("new_password") != cleaned.get("again"):
            self.add_error("again", _("The passwords do not match."))
        return cleaned


class MfaForm(AwsForm):
    """The device is made before the codes are asked; the seed travels sealed in the page."""

    name = forms.RegexField(r"^[\w+=,.@-]+$", label=_("Device name"), max_length=128)
    code1 = forms.RegexField(r"^\d{6}$", label=_("MFA code 1"))
    code2 = forms.RegexField(r"^\d{6}$", label=_("MFA code 2"))


def has_password_policy(ctx: Context) -> bool:
    try:
        operations.get_account_password_policy(ctx)
    except NoSuchEntity:
        return False
    return True
