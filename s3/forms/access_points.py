"""An access point of a bucket: made once; of what it has, its policy alone is changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from aws.context import Context
from aws.regions import GLOBAL_REGION
from s3 import operations
from s3.errors import NoSuchAccessPointPolicy
from s3.forms.items import ItemForm
from s3.forms.permissions import BLOCKS, BlockFields


class AccessPointForm(BlockFields, ItemForm):
    name = "access-point"
    title = gettext_lazy("Access point")
    about = gettext_lazy(
        "A door to the bucket with a name and a policy of its own. Its name, network origin and "
        "Block Public Access settings can't be changed later."
    )
    tab = "access-points"
    point_name = forms.CharField(
        label=gettext_lazy("Access point name"),
        max_length=50,
        help_text=gettext_lazy("3 to 50 lowercase letters, digits and hyphens."),
    )
    origin = forms.ChoiceField(
        label=gettext_lazy("Network origin"),
        choices=(
            ("Internet", gettext_lazy("Internet")),
            ("VPC", gettext_lazy("Virtual private cloud (VPC)")),
        ),
        initial="Internet",
        widget=forms.RadioSelect,
    )
    vpc_id = forms.CharField(
        label=gettext_lazy("VPC ID"),
        required=False,
        max_length=1024,
        help_text=gettext_lazy("Where the network origin is a VPC. The lab refuses its requests."),
    )
    policy = forms.CharField(
        label=gettext_lazy("Access point policy"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 14, "class": "code-editor"}),
    )
    field_order = ("point_name", "origin", "vpc_id", *BlockFields.base_fields, "policy")

    def __init__(
        self, data: QueryDict | None, *, ctx: Context, bucket: str, item: str = ""
    ) -> None:
        super().__init__(data, ctx=ctx, bucket=bucket, item=item)
        if item:
            self.fields = {"policy": self.fields["policy"]}

    def read(self) -> dict[str, Any]:
        if not self.item:
            return {}
        with region_of(self.ctx, self.bucket):
            return {"policy": policy_of(self.ctx, self.item)}

    def put(self) -> None:
        with region_of(self.ctx, self.bucket):
            if not self.item:
                self._create()
            self._put_policy(self.item or self.cleaned_data["point_name"])

    def _create(self) -> None:
        cleaned = self.cleaned_data
        is_vpc = cleaned["origin"] == "VPC"
        operations.create_access_point(
            self.ctx,
            account_id=self.ctx.account_id,
            name=cleaned["point_name"],
            bucket=self.bucket,
            vpc_configuration={"VpcId": cleaned["vpc_id"]} if is_vpc else None,
            public_access_block_configuration={
                member: cleaned["block_all"] or cleaned[name] for name, member in BLOCKS.items()
            },
        )

    def _put_policy(self, name: str) -> None:
        place = {"account_id": self.ctx.account_id, "name": name}
        if policy := self.cleaned_data["policy"]:
            operations.put_access_point_policy(self.ctx, **place, policy=policy)
        elif self.item:
            operations.delete_access_point_policy(self.ctx, **place)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("origin") == "VPC" and not cleaned.get("vpc_id"):
            self.add_error("vpc_id", self.fields["vpc_id"].error_messages["required"])
        return cleaned

    @classmethod
    def word(cls, item: str) -> str:
        return item

    @classmethod
    def delete(cls, ctx: Any, bucket: str, item: str) -> None:
        with region_of(ctx, bucket):
            operations.delete_access_point(ctx, account_id=ctx.account_id, name=item)


def policy_of(ctx: Context, name: str) -> str:
    """ "" for an access point without one. Raises NoSuchAccessPoint."""
    try:
        answer = operations.get_access_point_policy(ctx, account_id=ctx.account_id, name=name)
    except NoSuchAccessPointPolicy:
        return ""
    return str(answer["Policy"])


@contextmanager
def region_of(ctx: Context, bucket: str) -> Iterator[None]:
    """Calls the endpoint of the bucket's Region, where its access points are."""
    answer = operations.get_bucket_location(ctx, bucket=bucket)
    before, ctx.region = ctx.region, answer.get("LocationConstraint") or GLOBAL_REGION
    try:
        yield
    finally:
        ctx.region = before
