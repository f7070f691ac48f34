"""Attaching policies, inline policies, tags."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aws.context import Context
from aws.operation import together
from aws.paging import everything
from console.forms import AwsForm
from iam import operations
from iam.entities import EntityCalls

TAG_ROWS = 50


class AttachForm(AwsForm):
    """policy_arns: managed policies, AWS's and the account's own."""

    policy_arns = forms.MultipleChoiceField(label=_("Permissions policies"))

    def __init__(self, *args: Any, ctx: Context, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.policies = managed_policies(ctx)
        field = self.fields["policy_arns"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - declared above
        field.choices = [(policy["Arn"], policy["PolicyName"]) for policy in self.policies]

    def attach(self, ctx: Context, calls: EntityCalls, name: str) -> bool:
        """All or none of the ticked policies."""
        with self.aws_errors(), together(ctx):
            for arn in self.cleaned_data["policy_arns"]:
                calls.attach(ctx, policy_arn=arn, **calls.named(name))
        return self.is_valid()


class InlinePolicyForm(AwsForm):
    policy_name = forms.CharField(label=_("Policy name"), max_length=128)
    document = forms.CharField(label=_("Policy document"), strip=False)


class TagsForm(AwsForm):
    """Rows of key and value: fields key-0, value-0, key-1, …; empty rows are left out."""

    def __init__(self, *args: Any, initial_tags: dict[str, str] | None = None, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.initial_tags = initial_tags or {}

    @property
    def tags(self) -> list[dict[str, str]]:
        return tags_from(self.data)

    @property
    def rows(self) -> list[dict[str, str]]:
        """What the editor shows: typed rows after an error, else the resource's tags."""
        if self.is_bound:
            return self.tags
        return [{"Key": key, "Value": value} for key, value in sorted(self.initial_tags.items())]


def tags_from(data: Any) -> list[dict[str, str]]:
    """The tag editor's rows of a posted form, those without key and value left out."""
    rows = (
        (data.get(f"tag-key-{number}", "").strip(), data.get(f"tag-value-{number}", "").strip())
        for number in range(TAG_ROWS + 1)
    )
    return [{"Key": key, "Value": value} for key, value in rows if key or value]


def managed_policies(ctx: Context) -> list[dict[str, Any]]:
    """All policies that can be attached, by name."""
    found = everything(operations.list_policies, ctx, "Policies", max_items=1000)
    return sorted(found, key=lambda policy: str(policy["PolicyName"]).lower())
