"""The role wizard and the trust editor."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aws.context import Context
from aws.operation import together
from console.forms import AwsForm
from iam import operations, trust
from iam.forms.permissions import managed_policies, tags_from

ENTITIES = [
    ("service", _("AWS service")),
    ("account", _("AWS account")),
    ("custom", _("Custom trust policy")),
]
SERVICES = [
    ("ec2.amazonaws.com", "EC2"),
    ("lambda.amazonaws.com", "Lambda"),
    ("rds.amazonaws.com", "RDS"),
    ("s3.amazonaws.com", "S3"),
    ("autoscaling.amazonaws.com", "EC2 Auto Scaling"),
    ("monitoring.rds.amazonaws.com", "RDS - Enhanced Monitoring"),
    ("vpc-flow-logs.amazonaws.com", "VPC Flow Logs"),
]
HOURS = [(hours * 3600, hours) for hours in (1, 2, 4, 8, 12)]


class RoleForm(AwsForm):
    """entity decides which of the following fields count."""

    entity = forms.ChoiceField(label=_("Trusted entity type"), choices=ENTITIES)
    service = forms.ChoiceField(label=_("Use case"), choices=SERVICES, required=False)
    account_id = forms.RegexField(
        r"^(\d{12})?$", label=_("Account ID"), required=False, empty_value=""
    )
    external_id = forms.CharField(label=_("External ID"), required=False, max_length=1224)
    needs_mfa = forms.BooleanField(label=_("Require MFA"), required=False)
    document = forms.CharField(label=_("Trust policy"), required=False, strip=False)
    policy_arns = forms.MultipleChoiceField(label=_("Permissions policies"), required=False)
    boundary = forms.ChoiceField(label=_("Permissions boundary"), required=False)
    role_name = forms.CharField(label=_("Role name"), max_length=64)
    description = forms.CharField(label=_("Description"), required=False, max_length=1000)

    def __init__(self, *args: Any, ctx: Context, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.policies = self.allowed(lambda: managed_policies(ctx), [])
        arns = [(policy["Arn"], policy["PolicyName"]) for policy in self.policies]
        self.choices("policy_arns", arns)
        self.choices("boundary", [("", "–"), *arns])

    @property
    def tag_rows(self) -> list[dict[str, str]]:
        return tags_from(self.data) if self.is_bound else []

    def create(self, ctx: Context) -> bool:
        """The role with its policies; for EC2 also the instance profile of the same name."""
        cleaned = self.cleaned_data
        name = cleaned["role_name"]
        with self.aws_errors(), together(ctx):
            operations.create_role(
                ctx,
                role_name=name,
                assume_role_policy_document=self._trust_policy(ctx),
                description=cleaned["description"] or None,
                permissions_boundary=cleaned["boundary"] or None,
                tags=self.tag_rows or None,
            )
            for arn in cleaned["policy_arns"]:
                operations.attach_role_policy(ctx, role_name=name, policy_arn=arn)
            if cleaned["entity"] == "service" and cleaned["service"] == "ec2.amazonaws.com":
                operations.create_instance_profile(ctx, instance_profile_name=name)
                operations.add_role_to_instance_profile(
                    ctx, instance_profile_name=name, role_name=name
                )
        return self.is_valid()

    def _trust_policy(self, ctx: Context) -> str:
        cleaned = self.cleaned_data
        if cleaned["entity"] == "service":
            return trust.for_service(cleaned["service"] or SERVICES[0][0])
        if cleaned["entity"] == "account":
            return trust.for_account(
                cleaned["account_id"] or ctx.account_id,
                external_id=cleaned["external_id"],
                needs_mfa=cleaned["needs_mfa"],
            )
        return str(cleaned["document"])


class TrustForm(AwsForm):
    document = forms.CharField(label=_("Trust policy"), strip=False)
    description = forms.CharField(label=_("Description"), required=False, max_length=1000)
    max_session_duration = forms.TypedChoiceField(
        label=_("Maximum session duration"), choices=HOURS, coerce=int
    )

    def save(self, ctx: Context, role_name: str) -> bool:
        cleaned = self.cleaned_data
        with self.aws_errors(), together(ctx):
            operations.update_assume_role_policy(
                ctx, role_name=role_name, policy_document=cleaned["document"]
            )
            operations.update_role(
                ctx,
                role_name=role_name,
                description=cleaned["description"],
                max_session_duration=cleaned["max_session_duration"],
            )
        return self.is_valid()
