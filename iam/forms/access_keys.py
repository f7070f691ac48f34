"""The access-key wizard."""

import contextlib

from django import forms
from django.utils.translation import gettext_lazy as _

from aws.context import Context
from aws.errors import AwsError
from console.forms import AwsForm
from iam import operations

# What AWS suggests instead of a long-term key, per use case.
USE_CASES = [
    ("cli", _("Command Line Interface (CLI)"), _("Prefer AWS CloudShell or single sign-on.")),
    ("local", _("Local code"), _("Prefer temporary credentials from your IDE's sign-in.")),
    ("compute", _("Application running on an AWS compute service"), _("Prefer an IAM role.")),
    ("third-party", _("Third-party service"), _("Prefer a role that the service assumes.")),
    ("outside", _("Application running outside AWS"), _("Prefer IAM Roles Anywhere.")),
    ("other", _("Other"), _("Rotate the key often, and give it few permissions.")),
]


class AccessKeyForm(AwsForm):
    """description: kept as a tag of the user, as AWS's console does."""

    use_case = forms.ChoiceField(
        label=_("Use case"), choices=[(value, label) for value, label, _advice in USE_CASES]
    )
    understood = forms.BooleanField(
        label=_(
            "I understand the above recommendation and want to proceed to create an access key."
        )
    )
    description = forms.CharField(label=_("Description tag value"), max_length=256, required=False)

    def keep_description(self, ctx: Context, user_name: str, access_key_id: str) -> None:
        """A denied tag does not undo the key, which has been made."""
        if text := self.cleaned_data["description"]:
            with contextlib.suppress(AwsError):
                tags = [{"Key": access_key_id, "Value": text}]
                operations.tag_user(ctx, user_name=user_name, tags=tags)
