"""One key's settings: description, policy, who administers and uses it, rotation, aliases."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aws.context import Context
from console.forms import AwsForm
from kms import console_policy, operations
from kms.forms.keys import possible_principals

Metadata = dict[str, Any]


class DescriptionForm(AwsForm):
    description = forms.CharField(
        label=_("Description"), required=False, max_length=8192, widget=forms.Textarea
    )

    def save(self, ctx: Context, key_id: str) -> bool:
        update = operations.update_key_description
        return self.submit(update, ctx, key_id=key_id, **self.cleaned_data) is not None


class PolicyForm(AwsForm):
    document = forms.CharField(strip=False)

    def clean_document(self) -> str:
        """Browsers send other line ends than people type."""
        return str(self.cleaned_data["document"]).replace("\r\n", "\n")

    def save(self, ctx: Context, key_id: str) -> bool:
        policy = self.cleaned_data["document"]
        return self.submit(operations.put_key_policy, ctx, key_id=key_id, policy=policy) is not None


class PrincipalsForm(AwsForm):
    """kind: console_policy.ADMINISTRATORS or USERS. policy: the key's, in the console's make."""

    principals = forms.MultipleChoiceField(label=_("Users and roles"), required=False)

    def __init__(
        self, data: Any, *, ctx: Context, kind: str, policy: str, metadata: Metadata
    ) -> None:
        self.kind, self.policy, self.metadata = kind, policy, metadata
        named = console_policy.principals(policy, kind) or []
        super().__init__(data, initial={"principals": named})
        known = possible_principals(self, ctx)
        others = sorted(set(named) - {arn for arn, _name in known})
        self.choices("principals", [*known, *((arn, arn) for arn in others)])

    def save(self, ctx: Context) -> bool:
        policy = console_policy.with_principals(
            self.policy,
            self.kind,
            self.cleaned_data["principals"],
            key_spec=self.metadata["KeySpec"],
            key_usage=self.metadata["KeyUsage"],
        )
        put, key_id = operations.put_key_policy, self.metadata["KeyId"]
        return self.submit(put, ctx, key_id=key_id, policy=policy) is not None


class RotationForm(AwsForm):
    enabled = forms.BooleanField(label=_("Automatically rotate this KMS key"), required=False)
    days = forms.IntegerField(
        label=_("Rotation period (in days)"), min_value=90, max_value=2560, initial=365
    )

    def save(self, ctx: Context, key_id: str) -> bool:
        if not self.cleaned_data["enabled"]:
            return self.submit(operations.disable_key_rotation, ctx, key_id=key_id) is not None
        period = {"rotation_period_in_days": self.cleaned_data["days"]}
        enable = operations.enable_key_rotation
        return self.submit(enable, ctx, key_id=key_id, **period) is not None


class AliasForm(AwsForm):
    alias = forms.CharField(label=_("Alias"), max_length=250)

    def create(self, ctx: Context, key_id: str) -> bool:
        name = f"alias/{self.cleaned_data['alias'].removeprefix('alias/')}"
        make = operations.create_alias
        return self.submit(make, ctx, alias_name=name, target_key_id=key_id) is not None
