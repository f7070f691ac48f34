"""Creating a bucket: one page, several operations."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aws.context import Context
from aws.errors import AwsError
from aws.regions import GLOBAL_REGION, REGIONS
from console.forms import AwsForm
from console.forms.tags import tags_from
from s3 import operations, reading
from s3.forms.permissions import BlockFields, OwnershipFields, block_initial
from s3.forms.properties import SWITCH, EncryptionFields
from s3.models import Bucket

GLOBAL, REGIONAL = "global", "account-regional"
NAME_CODES = {"BucketAlreadyExists", "BucketAlreadyOwnedByYou", "InvalidBucketName"}
DEFAULT_RULE = {
    "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
    "BucketKeyEnabled": True,
}
Step = tuple[str, Callable[[], Any]]


class BucketForm(EncryptionFields, OwnershipFields, BlockFields, AwsForm):
    region = forms.ChoiceField(label=gettext_lazy("AWS Region"))
    namespace = forms.ChoiceField(
        label=gettext_lazy("Bucket namespace"),
        choices=(
            (GLOBAL, gettext_lazy("Global")),
            (REGIONAL, gettext_lazy("Account regional (recommended)")),
        ),
        initial=GLOBAL,
        widget=forms.RadioSelect,
    )
    name = forms.CharField(label=gettext_lazy("Bucket name"), max_length=255)
    versioning = forms.ChoiceField(
        label=gettext_lazy("Bucket Versioning"),
        choices=SWITCH,
        initial="off",
        widget=forms.RadioSelect,
    )
    object_lock = forms.ChoiceField(
        label=gettext_lazy("Object Lock"),
        choices=SWITCH,
        initial="off",
        widget=forms.RadioSelect,
    )
    public_acknowledged = forms.BooleanField(
        label=gettext_lazy(
            "I acknowledge that the current settings might result in this bucket and the objects "
            "within becoming public."
        ),
        required=False,
    )
    lock_acknowledged = forms.BooleanField(
        label=gettext_lazy(
            "I acknowledge that enabling Object Lock will permanently allow objects in this bucket "
            "to be locked."
        ),
        required=False,
    )

    def __init__(self, *args: Any, ctx: Context, **kwargs: Any) -> None:
        self.ctx = ctx
        super().__init__(*args, **kwargs)
        regions = [(one.name, f"{one.label} {one.name}") for one in REGIONS]
        self.choices("region", regions)
        self.fields["region"].initial = ctx.region
        # Tags that were copied from another bucket.
        self.tags: list[dict[str, str]] = []

    @property
    def tag_rows(self) -> list[dict[str, str]]:
        return tags_from(self.data) if self.is_bound else self.tags

    @property
    def suffix(self) -> str:
        """Of a name in the account's regional namespace."""
        region = self["region"].value() or self.ctx.region
        return f"-{self.ctx.account_id}-{region}-an"

    def clean_name(self) -> str:
        """AWS's console says these of a name while it is typed; the rest the operation says."""
        name = str(self.cleaned_data["name"])
        if not 3 <= len(name) <= 63:
            raise forms.ValidationError(_("The bucket name must be from 3 to 63 characters."))
        if name != name.lower():
            raise forms.ValidationError(_("The bucket name must not contain uppercase characters."))
        if not (name[0].isascii() and name[0].isalnum()):
            raise forms.ValidationError(
                _("The bucket name must start with a lowercase character or number.")
            )
        return name

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        must = _("You must acknowledge this to continue.")
        self.check_acknowledged(cleaned)
        self.check_all(cleaned)
        if not all(self.block_configuration().values()) and not cleaned["public_acknowledged"]:
            self.add_error("public_acknowledged", must)
        if cleaned.get("object_lock") == "on" and not cleaned["lock_acknowledged"]:
            self.add_error("lock_acknowledged", must)
        return cleaned

    def _field_of(self, error: AwsError) -> str | None:
        return "name" if error.code in NAME_CODES else super()._field_of(error)

    @property
    def full_name(self) -> str:
        name: str = self.cleaned_data["name"]
        return name + self.suffix if self.cleaned_data["namespace"] == REGIONAL else name

    def create(self) -> list[tuple[str, AwsError]] | None:
        """None: no bucket, and an error here. Else the steps that failed after it was made."""
        with _in_region(self.ctx, self.cleaned_data["region"]):
            if self.submit(operations.create_bucket, self.ctx, **self._arguments()) is None:
                return None
            return list(self._failures())

    def _arguments(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        arguments: dict[str, Any] = {"bucket": self.full_name}
        if cleaned["region"] != GLOBAL_REGION:
            constraint = {"LocationConstraint": cleaned["region"]}
            arguments["create_bucket_configuration"] = constraint
        if cleaned["namespace"] == REGIONAL:
            arguments["bucket_namespace"] = REGIONAL
        if self.wanted_ownership != Bucket.Ownership.ENFORCED:
            arguments["object_ownership"] = self.wanted_ownership
        if cleaned["object_lock"] == "on":
            arguments["object_lock_enabled_for_bucket"] = True
        return arguments

    def _failures(self) -> Iterator[tuple[str, AwsError]]:
        for title, call in self._steps():
            try:
                call()
            except AwsError as error:
                yield title, error

    def _steps(self) -> Iterator[Step]:
        """What a new bucket does not have by itself, in the order of AWS's console."""
        ctx, bucket, cleaned = self.ctx, self.full_name, self.cleaned_data
        blocks = self.block_configuration()
        if not all(blocks.values()):
            yield (
                _("Block Public Access"),
                lambda: operations.put_public_access_block(
                    ctx, bucket=bucket, public_access_block_configuration=blocks
                ),
            )
        if cleaned["versioning"] == "on" and cleaned["object_lock"] == "off":
            enabled = {"Status": "Enabled"}
            yield (
                _("Bucket Versioning"),
                lambda: operations.put_bucket_versioning(
                    ctx, bucket=bucket, versioning_configuration=enabled
                ),
            )
        if tags := tags_from(self.data):
            tagging = {"TagSet": tags}
            yield (
                _("Tags"),
                lambda: operations.put_bucket_tagging(ctx, bucket=bucket, tagging=tagging),
            )
        if (rule := self.encryption_rule()) != DEFAULT_RULE:
            rules = {"Rules": [rule]}
            yield (
                _("Default encryption"),
                lambda: operations.put_bucket_encryption(
                    ctx, bucket=bucket, server_side_encryption_configuration=rules
                ),
            )


@contextmanager
def _in_region(ctx: Context, region: str) -> Iterator[None]:
    """AWS's console calls the endpoint of the Region that was chosen."""
    before, ctx.region = ctx.region, region
    try:
        yield
    finally:
        ctx.region = before


def copied_settings(ctx: Context, bucket: str) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Another bucket's settings as the form's values, and its tags. Raises AccessDenied, …"""
    location = operations.get_bucket_location(ctx, bucket=bucket)
    ownership = reading.ownership(ctx, bucket)
    versioning = operations.get_bucket_versioning(ctx, bucket=bucket)
    encryption = reading.encryption(ctx, bucket)
    is_on = ownership != Bucket.Ownership.ENFORCED
    return {
        "region": location.get("LocationConstraint", GLOBAL_REGION),
        "acls": "on" if is_on else "off",
        "ownership": ownership if is_on else Bucket.Ownership.PREFERRED,
        **block_initial(reading.blocks(ctx, bucket)),
        "versioning": "on" if versioning.get("Status") == "Enabled" else "off",
        "encryption": encryption["SSEAlgorithm"],
        "kms_key": encryption.get("KMSMasterKeyID", ""),
        "bucket_key": "on" if encryption["BucketKeyEnabled"] else "off",
    }, reading.tags(ctx, bucket)
