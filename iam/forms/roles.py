"""The role wizard, a role's trust policy and its settings."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from aws.context import Context
from aws.operation import together
from console.forms import AwsForm
from console.forms.tags import tags_from
from iam import operations, trust
from iam.forms.documents import DocumentField
from iam.forms.permissions import GONE, chosen, managed_policies, policy_choices

ENTITIES = [
    ("service", _("AWS service")),
    ("account", _("AWS account")),
    ("custom", _("Custom trust policy")),
]
EC2 = "ec2.amazonaws.com"
# Service principal → name, and what the service does with the role.
SERVICES = {
    EC2: ("EC2", _("Allows EC2 instances to call AWS services on your behalf.")),
    "lambda.amazonaws.com": (
        "Lambda",
        _("Allows Lambda functions to call AWS services on your behalf."),
    ),
    "ecs-tasks.amazonaws.com": (
        "Elastic Container Service Task",
        _("Allows ECS tasks to call AWS services on your behalf."),
    ),
    "monitoring.rds.amazonaws.com": (
        "RDS - Enhanced Monitoring",
        _("Allows RDS to manage CloudWatch Logs resources for Enhanced Monitoring."),
    ),
    "rds.amazonaws.com": (
        "RDS",
        _("Allows RDS to grant access to AWS resources on your behalf."),
    ),
    "s3.amazonaws.com": ("S3", _("Allows S3 to call AWS services on your behalf.")),
    "batchoperations.s3.amazonaws.com": (
        "S3 Batch Operations",
        _("Allows S3 Batch Operations to call AWS services on your behalf."),
    ),
    "autoscaling.amazonaws.com": (
        "EC2 Auto Scaling",
        _("Allows Auto Scaling lifecycle hooks to notify on your behalf."),
    ),
    "vpc-flow-logs.amazonaws.com": (
        "VPC Flow Logs",
        _("Allows flow logs to be written to CloudWatch Logs."),
    ),
    "cloudtrail.amazonaws.com": (
        "CloudTrail",
        _("Allows CloudTrail to write events to CloudWatch Logs."),
    ),
    "events.amazonaws.com": (
        "EventBridge",
        _("Allows EventBridge rules to call their targets."),
    ),
    "scheduler.amazonaws.com": (
        "EventBridge Scheduler",
        _("Allows schedules to call their targets."),
    ),
}
DURATIONS = [
    (3600, _("1 hour")),
    (7200, _("2 hours")),
    (14400, _("4 hours")),
    (28800, _("8 hours")),
    (43200, _("12 hours")),
]
_EXTERNAL_ID = RegexValidator(
    r"^[\w+=,.@:/-]{2,1224}$",
    _("Use 2 to 1,224 characters: letters, digits, and + = , . @ : / - _"),
)


class RoleForm(AwsForm):
    """entity decides which of the following fields count, whose which account_id does."""

    entity = forms.ChoiceField(label=_("Trusted entity type"), choices=ENTITIES, initial="service")
    service = forms.ChoiceField(
        label=_("Use case"), choices=[(one, SERVICES[one][0]) for one in SERVICES], required=False
    )
    whose = forms.ChoiceField(
        label=_("An AWS account"),
        choices=[("this", _("This account")), ("other", _("Another AWS account"))],
        initial="this",
        required=False,
    )
    account_id = forms.RegexField(
        r"^\d{12}$",
        label=_("Account ID"),
        required=False,
        error_messages={"invalid": _("An account ID has 12 digits.")},
    )
    needs_external_id = forms.BooleanField(label=_("Require external ID"), required=False)
    external_id = forms.CharField(label=_("External ID"), required=False, validators=[_EXTERNAL_ID])
    needs_mfa = forms.BooleanField(label=_("Require MFA"), required=False)
    document = DocumentField(label=_("Trust policy"), required=False)
    policy_arns = forms.MultipleChoiceField(
        label=_("Permissions policies"), required=False, error_messages=GONE
    )
    boundary = forms.ChoiceField(
        label=_("Permissions boundary"), required=False, error_messages=GONE
    )
    role_name = forms.CharField(label=_("Role name"), max_length=64)
    description = forms.CharField(
        label=_("Description"), required=False, max_length=1000, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, *args: Any, ctx: Context, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        none: list[dict[str, Any]] = []
        self.policies = self.allowed(lambda: managed_policies(ctx), none)
        self.choices("policy_arns", policy_choices(self.policies))
        self.choices("boundary", [("", "–"), *policy_choices(self.policies)])

    @property
    def use_cases(self) -> list[tuple[str, str, Any]]:
        """(principal, name, description)"""
        return [(principal, name, about) for principal, (name, about) in SERVICES.items()]

    @property
    def chosen_policies(self) -> list[str]:
        return chosen(self, "policy_arns")

    @property
    def tag_rows(self) -> list[dict[str, str]]:
        return tags_from(self.data) if self.is_bound else []

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        entity = cleaned.get("entity")
        if entity == "service" and not cleaned.get("service"):
            self.add_error("service", _("Choose a use case."))
        if entity == "custom" and not cleaned.get("document"):
            self.add_error("document", _("Enter a trust policy."))
        if entity == "account":
            self._clean_account(cleaned)
        return cleaned

    def _clean_account(self, cleaned: dict[str, Any]) -> None:
        is_other = cleaned.get("whose") == "other"
        if is_other and not cleaned.get("account_id") and "account_id" not in self.errors:
            self.add_error("account_id", _("Enter the ID of the other account."))
        lacks_id = cleaned.get("needs_external_id") and not cleaned.get("external_id")
        if lacks_id and "external_id" not in self.errors:
            self.add_error("external_id", _("Enter an external ID."))

    def create(self, ctx: Context) -> bool:
        """The role with its policies; for EC2 also the instance profile of the same name."""
        cleaned = self.cleaned_data
        name = cleaned["role_name"]
        optional: dict[str, Any] = {
            "description": cleaned["description"],
            "permissions_boundary": cleaned["boundary"],
            "tags": self.tag_rows,
        }
        with self.aws_errors(), together(ctx):
            operations.create_role(
                ctx,
                role_name=name,
                assume_role_policy_document=self._trust_policy(ctx),
                **{name: value for name, value in optional.items() if value},
            )
            for arn in cleaned["policy_arns"]:
                operations.attach_role_policy(ctx, role_name=name, policy_arn=arn)
            if cleaned["entity"] == "service" and cleaned["service"] == EC2:
                operations.create_instance_profile(ctx, instance_profile_name=name)
                operations.add_role_to_instance_profile(
                    ctx, instance_profile_name=name, role_name=name
                )
        return self.is_valid()

    def _trust_policy(self, ctx: Context) -> str:
        cleaned = self.cleaned_data
        if cleaned["entity"] == "service":
            return trust.for_service(cleaned["service"])
        if cleaned["entity"] == "account":
            is_other = cleaned["whose"] == "other"
            return trust.for_account(
                cleaned["account_id"] if is_other else ctx.account_id,
                external_id=cleaned["external_id"] if cleaned["needs_external_id"] else "",
                needs_mfa=cleaned["needs_mfa"],
            )
        return str(cleaned["document"])


class TrustForm(AwsForm):
    document = DocumentField(label=_("Trust policy"))

    def save(self, ctx: Context, role_name: str) -> bool:
        document = self.cleaned_data["document"]
        update = operations.update_assume_role_policy
        return self.submit(update, ctx, role_name=role_name, policy_document=document) is not None


class RoleSettingsForm(AwsForm):
    """duration: one of DURATIONS, or "custom" for duration_seconds."""

    description = forms.CharField(
        label=_("Description"), required=False, max_length=1000, widget=forms.Textarea({"rows": 3})
    )
    duration = forms.ChoiceField(
        label=_("Maximum session duration"),
        choices=[
            *((str(seconds), label) for seconds, label in DURATIONS),
            ("custom", _("Custom duration")),
        ],
    )
    duration_seconds = forms.IntegerField(
        label=_("Duration in seconds"), min_value=3600, max_value=43200, required=False
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        is_custom = cleaned.get("duration") == "custom"
        if is_custom and not cleaned.get("duration_seconds") and not self.errors:
            self.add_error("duration_seconds", _("Enter a duration."))
        return cleaned

    def save(self, ctx: Context, role_name: str) -> bool:
        cleaned = self.cleaned_data
        is_custom = cleaned["duration"] == "custom"
        answer = self.submit(
            operations.update_role,
            ctx,
            role_name=role_name,
            description=cleaned["description"],
            max_session_duration=(
                cleaned["duration_seconds"] if is_custom else int(cleaned["duration"])
            ),
        )
        return answer is not None

    @staticmethod
    def initial_for(role: dict[str, Any]) -> dict[str, Any]:
        seconds = role["MaxSessionDuration"]
        is_custom = seconds not in dict(DURATIONS)
        return {
            "description": role.get("Description", ""),
            "duration": "custom" if is_custom else str(seconds),
            "duration_seconds": seconds,
        }
