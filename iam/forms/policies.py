"""Customer managed policies, their versions, and whom they are attached to."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aws.context import Context
from aws.operation import together
from console.forms import AwsForm
from console.forms.tags import tags_from
from iam import operations
from iam.entities import ENTITIES
from iam.forms.documents import DocumentField
from iam.forms.permissions import GONE, chosen


class PolicyForm(AwsForm):
    """The second step: what the policy is called. document: of the first."""

    document = DocumentField(label=_("Policy document"))
    policy_name = forms.CharField(label=_("Policy name"), max_length=128)
    description = forms.CharField(
        label=_("Description"), required=False, max_length=1000, widget=forms.Textarea({"rows": 3})
    )

    @property
    def tag_rows(self) -> list[dict[str, str]]:
        return tags_from(self.data) if self.is_bound else []

    def create(self, ctx: Context) -> dict[str, Any] | None:
        """AWS's Policy, or None and an error here."""
        optional = {"description": self.cleaned_data["description"], "tags": self.tag_rows}
        answer = self.submit(
            operations.create_policy,
            ctx,
            policy_name=self.cleaned_data["policy_name"],
            policy_document=self.cleaned_data["document"],
            **{name: value for name, value in optional.items() if value},
        )
        return answer["Policy"] if answer else None


class VersionForm(AwsForm):
    """delete_version: makes room where the policy has as many versions as it can."""

    document = DocumentField(label=_("Policy document"))
    set_as_default = forms.BooleanField(
        label=_("Set this new version as the default."), required=False, initial=True
    )
    delete_version = forms.ChoiceField(
        label=_("Version to delete"), required=False, error_messages=GONE
    )

    def __init__(self, *args: Any, versions: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        old = [one["VersionId"] for one in versions if not one["IsDefaultVersion"]]
        self.choices("delete_version", [("", "–"), *((one, one) for one in old)])

    def save(self, ctx: Context, policy_arn: str) -> dict[str, Any] | None:
        """AWS's PolicyVersion, or None and an error here."""
        answer = None
        with self.aws_errors(), together(ctx):
            if old := self.cleaned_data["delete_version"]:
                operations.delete_policy_version(ctx, policy_arn=policy_arn, version_id=old)
            answer = operations.create_policy_version(
                ctx,
                policy_arn=policy_arn,
                policy_document=self.cleaned_data["document"],
                set_as_default=self.cleaned_data["set_as_default"],
            )
        return answer["PolicyVersion"] if answer else None


class AttachToForm(AwsForm):
    """entities: "users/alice", "groups/developers", "roles/app"."""

    entities = forms.MultipleChoiceField(
        label=_("Entity name"),
        error_messages={**GONE, "required": _("Choose a user, user group or role.")},
    )

    def __init__(self, *args: Any, ctx: Context, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lists = (
            ("users", self.optional(operations.list_users, ctx, "Users"), "UserName"),
            ("groups", self.optional(operations.list_groups, ctx, "Groups"), "GroupName"),
            ("roles", self.optional(operations.list_roles, ctx, "Roles"), "RoleName"),
        )
        self.rows = [(kind, one[member]) for kind, found, member in lists for one in found]
        self.choices("entities", [(f"{kind}/{name}", name) for kind, name in self.rows])

    @property
    def chosen_entities(self) -> list[str]:
        return chosen(self, "entities")

    def attach(self, ctx: Context, policy_arn: str) -> bool:
        """To all of them or none."""
        with self.aws_errors(), together(ctx):
            for entity in self.cleaned_data["entities"]:
                kind, _slash, name = entity.partition("/")
                calls = ENTITIES[kind]
                calls.attach(ctx, policy_arn=policy_arn, **calls.named(name))
        return self.is_valid()
