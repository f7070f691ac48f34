"""The access-key wizard."""

import contextlib

from django import forms
from django.utils.translation import gettext_lazy as _

from aws.context import Context
from aws.errors import AwsError
from console.forms import AwsForm
from iam import operations

# What AWS suggests instead of a long-term key, per use case: value, label, description, advice.
USE_CASES = [
    (
        "cli",
        _("Command Line Interface (CLI)"),
        _("You plan to use this access key to enable the AWS CLI to access your AWS account."),
        _(
            "Use AWS CloudShell, a command line in the browser, or the AWS CLI V2 with "
            "authentication through a user in IAM Identity Center."
        ),
    ),
    (
        "local",
        _("Local code"),
        _(
            "You plan to use this access key to enable application code in a local development "
            "environment to access your AWS account."
        ),
        _(
            "Use an integrated development environment with the AWS Toolkit, which signs in "
            "through IAM Identity Center and gets temporary credentials."
        ),
    ),
    (
        "compute",
        _("Application running on an AWS compute service"),
        _(
            "You plan to use this access key to enable application code running on an AWS compute "
            "service like Amazon EC2 or AWS Lambda to access your AWS account."
        ),
        _(
            "Assign an IAM role to the compute resource, such as an EC2 instance, to give it "
            "temporary credentials automatically."
        ),
    ),
    (
        "third-party",
        _("Third-party service"),
        _(
            "You plan to use this access key to enable access for a third-party application or "
            "service that monitors or manages your AWS resources."
        ),
        _("Use a role with an external ID that the service assumes, instead of a key it keeps."),
    ),
    (
        "outside",
        _("Application running outside AWS"),
        _(
            "You plan to use this access key to authenticate workloads running in your data center "
            "or other infrastructure outside of AWS that needs to access your AWS resources."
        ),
        _("Use IAM Roles Anywhere to get temporary credentials for workloads outside AWS."),
    ),
    (
        "other",
        _("Other"),
        _("Your use case is not listed here."),
        _(
            "An access key is right for this use case, if you follow the best practices: give it "
            "few permissions, rotate it often, and never put it into code."
        ),
    ),
]
DESCRIPTION = forms.RegexField(
    r"^[\w\s.:/=+\-@]*$",
    label=_("Description tag value"),
    max_length=256,
    required=False,
    error_messages={
        "invalid": _("Use letters, numbers, spaces and the characters _ . : / = + - @ only.")
    },
)


class AccessKeyForm(AwsForm):
    """description: kept as a tag of the user, as AWS's console does."""

    use_case = forms.ChoiceField(
        label=_("Use case"),
        choices=[(value, label) for value, label, _text, _advice in USE_CASES],
        error_messages={"required": _("Choose a use case.")},
    )
    understood = forms.BooleanField(
        label=_(
            "I understand the above recommendation and want to proceed to create an access key."
        )
    )
    description = DESCRIPTION

    def keep_description(self, ctx: Context, user_name: str, access_key_id: str) -> None:
        """A denied tag does not undo the key, which has been made."""
        if text := self.cleaned_data["description"]:
            with contextlib.suppress(AwsError):
                _describe(ctx, user_name, access_key_id, text)


class KeyDescriptionForm(AwsForm):
    """Empty takes the description away."""

    description = DESCRIPTION

    def save(self, ctx: Context, user_name: str, access_key_id: str) -> bool:
        with self.aws_errors():
            _describe(ctx, user_name, access_key_id, self.cleaned_data["description"])
        return self.is_valid()


def _describe(ctx: Context, user_name: str, access_key_id: str, text: str) -> None:
    if text:
        tags = [{"Key": access_key_id, "Value": text}]
        operations.tag_user(ctx, user_name=user_name, tags=tags)
    else:
        operations.untag_user(ctx, user_name=user_name, tag_keys=[access_key_id])
