"""Attaching policies, inline policies, boundaries, tags."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from django import forms
from django.utils.translation import gettext_lazy as _

from aws.context import Context
from aws.operation import together
from aws.paging import everything
from console.forms import AwsForm
from iam import operations
from iam.entities import EntityCalls
from iam.forms.documents import DocumentField

GONE = {"invalid_choice": _("%(value)s does not exist any more. The list below is up to date.")}
PERMISSION_CHOICES = [
    ("group", _("Add user to group")),
    ("copy", _("Copy permissions")),
    ("direct", _("Attach policies directly")),
]


class AttachForm(AwsForm):
    """policy_arns: managed policies, AWS's and the account's own."""

    policy_arns = forms.MultipleChoiceField(
        label=_("Permissions policies"), error_messages={**GONE, "required": _("Choose a policy.")}
    )

    def __init__(self, *args: Any, ctx: Context, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.policies = managed_policies(ctx)
        self.choices("policy_arns", policy_choices(self.policies))

    @property
    def chosen_policies(self) -> list[str]:
        return chosen(self, "policy_arns")

    def attach(self, ctx: Context, calls: EntityCalls, name: str) -> bool:
        """All or none of the ticked policies."""
        with self.aws_errors(), together(ctx):
            for arn in self.cleaned_data["policy_arns"]:
                calls.attach(ctx, policy_arn=arn, **calls.named(name))
        return self.is_valid()


class UserPermissionsForm(AwsForm):
    """How a user gets permissions: permission_kind decides which of the other fields count.

    new_group, new_group_policies: a group to make on the way.
    """

    permission_kind = forms.ChoiceField(
        label=_("Permissions options"), choices=PERMISSION_CHOICES, initial="group"
    )
    groups = forms.MultipleChoiceField(label=_("User groups"), required=False, error_messages=GONE)
    new_group = forms.CharField(label=_("User group name"), max_length=128, required=False)
    new_group_policies = forms.MultipleChoiceField(
        label=_("Permissions policies"), required=False, error_messages=GONE
    )
    copy_from = forms.ChoiceField(
        label=_("Copy permissions from"), required=False, error_messages=GONE
    )
    policy_arns = forms.MultipleChoiceField(
        label=_("Permissions policies"), required=False, error_messages=GONE
    )

    def __init__(self, *args: Any, ctx: Context, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.all_groups = self.optional(operations.list_groups, ctx, "Groups")
        self.all_users = self.optional(operations.list_users, ctx, "Users")
        self.policies: list[dict[str, Any]] = self.allowed(lambda: managed_policies(ctx), [])
        names = [group["GroupName"] for group in self.all_groups]
        users = [user["UserName"] for user in self.all_users]
        self.choices("groups", [(name, name) for name in names])
        self.choices("copy_from", [("", "–"), *((name, name) for name in users)])
        self.choices("policy_arns", policy_choices(self.policies))
        self.choices("new_group_policies", policy_choices(self.policies))

    @property
    def chosen_policies(self) -> list[str]:
        return chosen(self, "policy_arns")

    @property
    def chosen_group_policies(self) -> list[str]:
        return chosen(self, "new_group_policies")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("new_group_policies") and not cleaned.get("new_group"):
            self.add_error("new_group", _("Enter a name for the new user group."))
        if cleaned.get("permission_kind") == "copy" and not cleaned.get("copy_from"):
            self.add_error("copy_from", _("Choose a user."))
        return cleaned

    def give(self, ctx: Context, name: str, *, but: Iterable[str] = ()) -> None:
        """Gives the user what was chosen. but: policies that it has already."""
        cleaned = self.cleaned_data
        kind = cleaned["permission_kind"]
        if kind == "group":
            self._make_group(ctx)
            new = [cleaned["new_group"]] if cleaned["new_group"] else []
            _join(ctx, name, [*cleaned["groups"], *new])
        elif kind == "direct":
            _attach(ctx, name, cleaned["policy_arns"], but)
        else:
            _copy(ctx, cleaned["copy_from"], name, but)

    def save(self, ctx: Context, name: str) -> bool:
        """All of it, or nothing and an error here."""
        with self.aws_errors(), together(ctx):
            self.give(ctx, name)
        return self.is_valid()

    def _make_group(self, ctx: Context) -> None:
        if name := self.cleaned_data["new_group"]:
            operations.create_group(ctx, group_name=name)
            for arn in self.cleaned_data["new_group_policies"]:
                operations.attach_group_policy(ctx, group_name=name, policy_arn=arn)


def _join(ctx: Context, name: str, groups: Iterable[str]) -> None:
    for group_name in groups:
        operations.add_user_to_group(ctx, group_name=group_name, user_name=name)


def _attach(ctx: Context, name: str, arns: Iterable[str], but: Iterable[str]) -> None:
    for arn in arns:
        if arn not in but:
            operations.attach_user_policy(ctx, user_name=name, policy_arn=arn)


def _copy(ctx: Context, source: str, name: str, but: Iterable[str]) -> None:
    """Groups, attached and inline policies and the boundary, as AWS's console copies them."""
    who = {"user_name": source}
    groups = everything(operations.list_groups_for_user, ctx, "Groups", **who)
    _join(ctx, name, [group["GroupName"] for group in groups])
    attached = everything(operations.list_attached_user_policies, ctx, "AttachedPolicies", **who)
    _attach(ctx, name, [policy["PolicyArn"] for policy in attached], but)
    for policy_name in everything(operations.list_user_policies, ctx, "PolicyNames", **who):
        document = operations.get_user_policy(ctx, policy_name=policy_name, **who)
        operations.put_user_policy(
            ctx,
            user_name=name,
            policy_name=policy_name,
            policy_document=unquote(document["PolicyDocument"]),
        )
    boundary = operations.get_user(ctx, **who)["User"].get("PermissionsBoundary")
    if boundary:
        operations.put_user_permissions_boundary(
            ctx, user_name=name, permissions_boundary=boundary["PermissionsBoundaryArn"]
        )


class BoundaryForm(AwsForm):
    """boundary: one managed policy."""

    boundary = forms.ChoiceField(
        label=_("Permissions boundary"),
        error_messages={**GONE, "required": _("Choose a policy.")},
    )

    def __init__(self, *args: Any, ctx: Context, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.policies = managed_policies(ctx)
        self.choices("boundary", policy_choices(self.policies))

    @property
    def chosen_policies(self) -> list[str]:
        return [str(self["boundary"].value() or "")]


class InlinePolicyForm(AwsForm):
    policy_name = forms.CharField(label=_("Policy name"), max_length=128)
    document = DocumentField(label=_("Policy document"))


def managed_policies(ctx: Context) -> list[dict[str, Any]]:
    """All policies that can be attached, by name."""
    found = everything(operations.list_policies, ctx, "Policies", max_items=1000)
    return sorted(found, key=lambda policy: str(policy["PolicyName"]).lower())


def policy_choices(policies: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(policy["Arn"], policy["PolicyName"]) for policy in policies]


def chosen(form: forms.Form, name: str) -> list[str]:
    """What is ticked in a list that a template draws itself."""
    return [str(value) for value in form[name].value() or ()]
