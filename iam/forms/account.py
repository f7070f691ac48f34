"""Account alias, password policy, one's own password, MFA devices."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aws.context import Context
from console.forms import AwsForm
from iam import operations, passwords
from iam.errors import NoSuchEntity


class AliasForm(AwsForm):
    """AWS's rules are in the operation: its sentence teaches more than ours would."""

    account_alias = forms.CharField(label=_("Preferred alias"), max_length=63)

    def save(self, ctx: Context) -> bool:
        create = operations.create_account_alias
        return self.submit(create, ctx, **self.cleaned_data) is not None


class PasswordPolicyForm(AwsForm):
    """kind: AWS's default policy, or one's own rules. expires and remembers: whether the numbers
    beside them count."""

    kind = forms.ChoiceField(
        label=_("Password policy"),
        choices=[("default", _("IAM default")), ("custom", _("Custom"))],
        widget=forms.RadioSelect,
    )
    minimum_password_length = forms.IntegerField(
        label=_("Password minimum length"),
        min_value=6,
        max_value=128,
        initial=8,
        required=False,
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
    expires = forms.BooleanField(label=_("Turn on password expiration"), required=False)
    max_password_age = forms.IntegerField(
        label=_("Expire passwords after (days)"),
        min_value=1,
        max_value=1095,
        initial=90,
        required=False,
    )
    hard_expiry = forms.BooleanField(
        label=_("Password expiration requires administrator reset"), required=False
    )
    allow_users_to_change_password = forms.BooleanField(
        label=_("Allow users to change their own password"), required=False, initial=True
    )
    remembers = forms.BooleanField(label=_("Prevent password reuse"), required=False)
    password_reuse_prevention = forms.IntegerField(
        label=_("Remember passwords"), min_value=1, max_value=24, initial=5, required=False
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("kind") != "custom":
            return cleaned
        needed = {
            "minimum_password_length": True,
            "max_password_age": cleaned.get("expires"),
            "password_reuse_prevention": cleaned.get("remembers"),
        }
        for name, is_needed in needed.items():
            if is_needed and cleaned.get(name) is None and name not in self.errors:
                self.add_error(name, _("Enter a number."))
        return cleaned

    def save(self, ctx: Context) -> bool:
        if self.cleaned_data["kind"] == "custom":
            update = operations.update_account_password_policy
            return self.submit(update, ctx, **self._rules()) is not None
        if not has_password_policy(ctx):
            return True
        return self.submit(operations.delete_account_password_policy, ctx) is not None

    def _rules(self) -> dict[str, Any]:
        rules = dict(self.cleaned_data)
        del rules["kind"]
        if not rules.pop("expires"):
            rules |= {"max_password_age": None, "hard_expiry": False}
        if not rules.pop("remembers"):
            rules["password_reuse_prevention"] = None
        return rules


def _own_password(label: Any, autocomplete: str) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=128, widget=widget)


class OwnPasswordForm(AwsForm):
    old_password = _own_password(_("Current password"), "current-password")
    new_password = _own_password(_("New password"), "new-password")
    again = _own_password(_("Confirm new password"), "new-password")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("new_password") != cleaned.get("again"):
            self.add_error("again", _("The passwords do not match."))
        return cleaned

    def save(self, ctx: Context) -> bool:
        """Of the user or of root, whoever is signed in."""
        is_root = ctx.principal.kind == "root"
        change = passwords.change_root_password if is_root else operations.change_password
        with self.aws_errors():
            change(
                ctx,
                old_password=self.cleaned_data["old_password"],
                new_password=self.cleaned_data["new_password"],
            )
        return self.is_valid()


def _code(label: Any) -> forms.RegexField:
    attrs = {"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "6"}
    return forms.RegexField(
        r"^\d{6}$",
        label=label,
        widget=forms.TextInput(attrs=attrs),
        error_messages={"invalid": _("Enter the six digits that the app shows.")},
    )


class MfaNameForm(AwsForm):
    name = forms.RegexField(
        r"^[\w+=,.@-]+$",
        label=_("Device name"),
        max_length=128,
        error_messages={
            "invalid": _("Use letters, numbers and the characters + = , . @ - _ only.")
        },
    )


class MfaCodesForm(AwsForm):
    """Two consecutive codes of a device."""

    code1 = _code(_("MFA code 1"))
    code2 = _code(_("MFA code 2"))

    def codes(self) -> dict[str, str]:
        """As EnableMFADevice and ResyncMFADevice take them."""
        return {
            "authentication_code1": self.cleaned_data["code1"],
            "authentication_code2": self.cleaned_data["code2"],
        }


def has_password_policy(ctx: Context) -> bool:
    try:
        operations.get_account_password_policy(ctx)
    except NoSuchEntity:
        return False
    return True
