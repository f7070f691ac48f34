"""Inventory and metrics configurations of a bucket."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from s3 import operations
from s3.forms.items import ItemForm
from s3.names import bucket_arn

FIELDS = (
    ("Size", gettext_lazy("Size")),
    ("LastModifiedDate", gettext_lazy("Last modified")),
    ("StorageClass", gettext_lazy("Storage class")),
    ("ETag", gettext_lazy("ETag")),
    ("IsMultipartUploaded", gettext_lazy("Multipart upload")),
    ("ReplicationStatus", gettext_lazy("Replication status")),
    ("EncryptionStatus", gettext_lazy("Encryption")),
    ("BucketKeyStatus", gettext_lazy("Bucket Key")),
    ("ObjectLockMode", gettext_lazy("Object Lock mode")),
    ("ObjectLockRetainUntilDate", gettext_lazy("Retain until date")),
    ("ObjectLockLegalHoldStatus", gettext_lazy("Legal hold")),
    ("ChecksumAlgorithm", gettext_lazy("Checksum function")),
    ("ObjectOwner", gettext_lazy("Object owner")),
)


class InventoryForm(ItemForm):
    name = "inventory"
    title = gettext_lazy("Inventory configuration")
    about = gettext_lazy(
        "A list of the bucket's objects, put into another bucket as CSV. The first report comes "
        "within a minute, then one each day, or each Sunday, of the account's clock."
    )
    tab = "management"
    config_id = forms.CharField(label=gettext_lazy("Inventory configuration name"), max_length=64)
    prefix = forms.CharField(  # type: ignore[assignment]  # the form's own prefix is not used
        label=gettext_lazy("Prefix"), required=False, max_length=1024
    )
    versions = forms.ChoiceField(
        label=gettext_lazy("Object versions"),
        choices=(
            ("Current", gettext_lazy("Current version only")),
            ("All", gettext_lazy("Include all versions")),
        ),
        initial="Current",
        widget=forms.RadioSelect,
    )
    destination = forms.CharField(
        label=gettext_lazy("Destination bucket"),
        max_length=63,
        help_text=gettext_lazy(
            "In the same Region. Its policy has to let s3.amazonaws.com put objects."
        ),
    )
    destination_prefix = forms.CharField(
        label=gettext_lazy("Destination prefix"), required=False, max_length=512
    )
    frequency = forms.ChoiceField(
        label=gettext_lazy("Frequency"),
        choices=(("Daily", gettext_lazy("Daily")), ("Weekly", gettext_lazy("Weekly"))),
        initial="Daily",
        widget=forms.RadioSelect,
    )
    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        choices=(("on", gettext_lazy("Enabled")), ("off", gettext_lazy("Disabled"))),
        initial="on",
        widget=forms.RadioSelect,
    )
    columns = forms.MultipleChoiceField(
        label=gettext_lazy("Additional metadata fields"),
        choices=FIELDS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def read(self) -> dict[str, Any]:
        if not self.item:
            return {}
        answer = operations.get_bucket_inventory_configuration(
            self.ctx, bucket=self.bucket, id=self.item
        )
        known = answer["InventoryConfiguration"]
        target = known["Destination"]["S3BucketDestination"]
        return {
            "config_id": known["Id"],
            "prefix": known.get("Filter", {}).get("Prefix", ""),
            "versions": known["IncludedObjectVersions"],
            "destination": target["Bucket"].rpartition(":")[2],
            "destination_prefix": target.get("Prefix", ""),
            "frequency": known["Schedule"]["Frequency"],
            "status": "on" if known["IsEnabled"] else "off",
            "columns": known.get("OptionalFields", []),
        }

    def put(self) -> None:
        cleaned = self.cleaned_data
        target = {"Bucket": bucket_arn(cleaned["destination"]), "Format": "CSV"}
        if cleaned["destination_prefix"]:
            target["Prefix"] = cleaned["destination_prefix"]
        wanted: dict[str, Any] = {
            "Id": cleaned["config_id"],
            "IsEnabled": cleaned["status"] == "on",
            "IncludedObjectVersions": cleaned["versions"],
            "Schedule": {"Frequency": cleaned["frequency"]},
            "Destination": {"S3BucketDestination": target},
            "OptionalFields": cleaned["columns"],
        }
        if cleaned["prefix"]:
            wanted["Filter"] = {"Prefix": cleaned["prefix"]}
        operations.put_bucket_inventory_configuration(
            self.ctx, bucket=self.bucket, id=wanted["Id"], inventory_configuration=wanted
        )
        if self.item and self.item != wanted["Id"]:
            self.delete(self.ctx, self.bucket, self.item)

    @classmethod
    def delete(cls, ctx: Any, bucket: str, item: str) -> None:
        operations.delete_bucket_inventory_configuration(ctx, bucket=bucket, id=item)


class MetricsForm(ItemForm):
    name = "metrics"
    title = gettext_lazy("Request metrics filter")
    about = gettext_lazy("Counts the requests on objects whose key begins with a prefix.")
    tab = "metrics"
    config_id = forms.CharField(label=gettext_lazy("Filter name"), max_length=64)
    prefix = forms.CharField(  # type: ignore[assignment]  # the form's own prefix is not used
        label=gettext_lazy("Prefix"),
        required=False,
        max_length=1024,
        help_text=gettext_lazy("Empty for all objects in the bucket."),
    )

    def read(self) -> dict[str, Any]:
        if not self.item:
            return {}
        answer = operations.get_bucket_metrics_configuration(
            self.ctx, bucket=self.bucket, id=self.item
        )
        known = answer["MetricsConfiguration"]
        return {"config_id": known["Id"], "prefix": known.get("Filter", {}).get("Prefix", "")}

    def put(self) -> None:
        cleaned = self.cleaned_data
        wanted: dict[str, Any] = {"Id": cleaned["config_id"]}
        if cleaned["prefix"]:
            wanted["Filter"] = {"Prefix": cleaned["prefix"]}
        operations.put_bucket_metrics_configuration(
            self.ctx, bucket=self.bucket, id=wanted["Id"], metrics_configuration=wanted
        )
        if self.item and self.item != wanted["Id"]:
            self.delete(self.ctx, self.bucket, self.item)

    @classmethod
    def delete(cls, ctx: Any, bucket: str, item: str) -> None:
        operations.delete_bucket_metrics_configuration(ctx, bucket=bucket, id=item)
