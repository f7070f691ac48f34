"""Switching to a role."""

from django import forms
from django.utils.translation import gettext_lazy as _

from console.forms.base import AwsForm

# Names of classes in top-navigation.css; those that the account menu can show.
COLORS = [
    ("", _("None")),
    ("pink", _("Pink")),
    ("purple", _("Purple")),
    ("darkBlue", _("Dark blue")),
    ("lightBlue", _("Light blue")),
    ("teal", _("Teal")),
    ("green", _("Green")),
    ("yellow", _("Yellow")),
    ("orange", _("Orange")),
    ("red", _("Red")),
]


class SwitchRoleForm(AwsForm):
    """role_name: with its path, if the role has one; AWS's console takes 64 characters of both."""

    account = forms.CharField(
        label=_("Account ID (12 digits) or account alias"),
        max_length=63,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    role_name = forms.RegexField(
        r"^/?(?:[\w+=,.@-]+/)*[\w+=,.@-]+$",
        label=_("IAM role name"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    display_name = forms.CharField(label=_("Display name"), max_length=64, required=False)
    color = forms.ChoiceField(label=_("Display color"), choices=COLORS, required=False)
