"""Groups and their members."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aws.context import Context
from aws.operation import together
from console.forms import AwsForm
from iam import operations
from iam.forms.permissions import GONE, chosen, managed_policies, policy_choices


class GroupForm(AwsForm):
    group_name = forms.CharField(label=_("User group name"), max_length=128)
    users = forms.MultipleChoiceField(label=_("Users"), required=False, error_messages=GONE)
    policy_arns = forms.MultipleChoiceField(
        label=_("Permissions policies"), required=False, error_messages=GONE
    )

    def __init__(self, *args: Any, ctx: Context, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.all_users = self.optional(operations.list_users, ctx, "Users")
        self.policies: list[dict[str, Any]] = self.allowed(lambda: managed_policies(ctx), [])
        names = [user["UserName"] for user in self.all_users]
        self.choices("users", [(name, name) for name in names])
        self.choices("policy_arns", policy_choices(self.policies))

    @property
    def chosen_policies(self) -> list[str]:
        return chosen(self, "policy_arns")

    def create(self, ctx: Context) -> bool:
        """The group with members and policies, or nothing and an error here."""
        name = self.cleaned_data["group_name"]
        with self.aws_errors(), together(ctx):
            operations.create_group(ctx, group_name=name)
            for user_name in self.cleaned_data["users"]:
                operations.add_user_to_group(ctx, group_name=name, user_name=user_name)
            for arn in self.cleaned_data["policy_arns"]:
                operations.attach_group_policy(ctx, group_name=name, policy_arn=arn)
        return self.is_valid()


class RenameGroupForm(AwsForm):
    new_group_name = forms.CharField(label=_("User group name"), max_length=128)
    new_path = forms.CharField(label=_("Path"), max_length=512, initial="/")

    def save(self, ctx: Context, group_name: str) -> bool:
        cleaned = self.cleaned_data
        rename = operations.update_group
        return self.submit(rename, ctx, group_name=group_name, **cleaned) is not None


class MembersForm(AwsForm):
    """The users who are not members yet."""

    users = forms.MultipleChoiceField(
        label=_("Users"), error_messages={**GONE, "required": _("Choose a user.")}
    )

    def __init__(self, *args: Any, ctx: Context, members: list[dict[str, Any]], **kw: Any) -> None:
        super().__init__(*args, **kw)
        taken = {user["UserName"] for user in members}
        every = self.optional(operations.list_users, ctx, "Users")
        names = [user["UserName"] for user in every if user["UserName"] not in taken]
        self.choices("users", [(name, name) for name in names])

    def add(self, ctx: Context, group_name: str) -> bool:
        """All of the ticked users or none."""
        with self.aws_errors(), together(ctx):
            for user_name in self.cleaned_data["users"]:
                operations.add_user_to_group(ctx, group_name=group_name, user_name=user_name)
        return self.is_valid()
