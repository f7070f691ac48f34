"""Creating a key, and deleting keys."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aws.context import Context
from aws.operation import together
from console.forms import AwsForm
from console.forms.tags import tags_from
from iam.operations import list_roles, list_users
from kms import console_policy, operations, specs

USAGES = (
    (specs.ENCRYPT_DECRYPT, _("Encrypt and decrypt")),
    (specs.SIGN_VERIFY, _("Sign and verify")),
    (specs.MAC, _("Generate and verify MAC")),
)


def possible_principals(form: AwsForm, ctx: Context) -> list[tuple[str, str]]:
    """(ARN, name) of the account's users and roles, those that the principal may list."""
    users = form.optional(list_users, ctx, "Users")
    roles = form.optional(list_roles, ctx, "Roles")
    found = [(user["Arn"], user["UserName"]) for user in users]
    return found + [(role["Arn"], role["RoleName"]) for role in roles]


class KeyForm(AwsForm):
    key_usage = forms.ChoiceField(
        label=_("Key usage"), choices=USAGES, initial=specs.ENCRYPT_DECRYPT,
        widget=forms.RadioSelect,
    )  # fmt: skip
    key_spec = forms.ChoiceField(
        label=_("Key spec"),
        choices=[(name, name) for name in specs.SPECS],
        initial=specs.SYMMETRIC_DEFAULT,
    )
    alias = forms.CharField(label=_("Alias"), max_length=250)
    description = forms.CharField(
        label=_("Description"), required=False, max_length=8192, widget=forms.Textarea
    )
    administrators = forms.MultipleChoiceField(label=_("Key administrators"), required=False)
    may_delete = forms.BooleanField(
        label=_("Allow key administrators to delete this key."), required=False, initial=True
    )
    users = forms.MultipleChoiceField(label=_("Key users"), required=False)

    def __init__(self, *args: Any, ctx: Context, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pairs = possible_principals(self, ctx)
        self.choices("administrators", pairs)
        self.choices("users", pairs)

    @property
    def tag_rows(self) -> list[dict[str, str]]:
        return tags_from(self.data) if self.is_bound else []

    def create(self, ctx: Context) -> str | None:
        """The key and its alias, or nothing and an error here. Answers the key id."""
        cleaned, key_id = self.cleaned_data, ""
        spec, usage = cleaned["key_spec"], cleaned["key_usage"]
        if usage not in specs.SPECS[spec].usages:
            self.add_error("key_spec", _("This key spec does not have this key usage."))
            return None
        policy = console_policy.document(
            ctx.account_id,
            administrators=cleaned["administrators"],
            users=cleaned["users"],
            key_spec=spec,
            key_usage=usage,
            may_delete=cleaned["may_delete"],
        )
        tags = [{"TagKey": row["Key"], "TagValue": row["Value"]} for row in self.tag_rows]
        with self.aws_errors(), together(ctx):
            key_id = operations.create_key(
                ctx,
                policy=policy,
                description=cleaned["description"],
                key_spec=spec,
                key_usage=usage,
                tags=tags,
            )["KeyMetadata"]["KeyId"]
            alias = f"alias/{cleaned['alias'].removeprefix('alias/')}"
            operations.create_alias(ctx, alias_name=alias, target_key_id=key_id)
        return key_id if self.is_valid() else None


class DeletionForm(AwsForm):
    """key_ids: the keys that are about to be deleted."""

    days = forms.IntegerField(
        label=_("Waiting period (in days)"), min_value=7, max_value=30, initial=30
    )
    confirmed = forms.BooleanField(
        label=_("Confirm that you want to schedule this key for deletion"),
        error_messages={"required": _("Confirm that you want to delete the keys.")},
    )

    def schedule(self, ctx: Context, key_ids: list[str]) -> bool:
        """All of them or none."""
        with self.aws_errors(), together(ctx):
            for key_id in key_ids:
                operations.schedule_key_deletion(
                    ctx, key_id=key_id, pending_window_in_days=self.cleaned_data["days"]
                )
        return self.is_valid()
