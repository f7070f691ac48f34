"""Forms about objects: their own settings, folders, shares."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console.forms import AwsForm
from s3.presigning import MAX_LIFETIME

MAX_NAME = 1024
# Class, what it is for, days that it is paid for at least, bytes that an object counts at least.
STORAGE_CLASSES = (
    ("STANDARD", _("Standard"), _("Frequently accessed data"), "≥ 3", "", ""),
    (
        "INTELLIGENT_TIERING",
        _("Intelligent-Tiering"),
        _("Data with changing or unknown access patterns"),
        "≥ 3",
        "",
        "",
    ),
    (
        "STANDARD_IA",
        _("Standard-IA"),
        _("Infrequently accessed data (once a month) with milliseconds access"),
        "≥ 3",
        "30",
        "128 KB",
    ),
    (
        "ONEZONE_IA",
        _("One Zone-IA"),
        _("Recreatable, infrequently accessed data stored in a single Availability Zone"),
        "1",
        "30",
        "128 KB",
    ),
    (
        "GLACIER_IR",
        _("Glacier Instant Retrieval"),
        _("Long-lived archive data accessed once a quarter with instant retrieval"),
        "≥ 3",
        "90",
        "128 KB",
    ),
    (
        "GLACIER",
        _("Glacier Flexible Retrieval"),
        _("Long-lived archive data accessed once a year, retrieved in minutes to hours"),
        "≥ 3",
        "90",
        "",
    ),
    (
        "DEEP_ARCHIVE",
        _("Glacier Deep Archive"),
        _("Long-lived archive data accessed less than once a year, retrieved in hours"),
        "≥ 3",
        "180",
        "",
    ),
    (
        "REDUCED_REDUNDANCY",
        _("Reduced redundancy"),
        _("Noncritical, frequently accessed data; not recommended"),
        "≥ 3",
        "",
        "",
    ),
)
CLASS_LABELS = {name: label for name, label, *_rest in STORAGE_CLASSES}
ENCRYPTIONS = (
    ("", _("Don't specify an encryption key: the bucket's default encryption applies")),
    ("AES256", _("Server-side encryption with Amazon S3 managed keys (SSE-S3)")),
    ("aws:kms", _("Server-side encryption with AWS Key Management Service keys (SSE-KMS)")),
    (
        "aws:kms:dsse",
        _("Dual-layer server-side encryption with AWS Key Management Service keys (DSSE-KMS)"),
    ),
)
# Form field → argument of PutObject and CopyObject.
SYSTEM_METADATA = {
    "content_type": "Content-Type",
    "cache_control": "Cache-Control",
    "content_disposition": "Content-Disposition",
    "content_encoding": "Content-Encoding",
    "content_language": "Content-Language",
    "website_redirect_location": "x-amz-website-redirect-location",
}


def class_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Storage class"),
        choices=[(name, label) for name, label, *_rest in STORAGE_CLASSES],
        initial="STANDARD",
        required=False,
    )


class EncryptionFields(forms.Form):
    encryption = forms.ChoiceField(
        label=_("Server-side encryption"),
        choices=ENCRYPTIONS,
        required=False,
        initial="",
        widget=forms.RadioSelect,
    )
    kms_key = forms.CharField(
        label=_("AWS KMS key"),
        required=False,
        max_length=2048,
        help_text=_(
            "The ARN, ID or alias of a key. Without one, the AWS managed key aws/s3 is used."
        ),
    )

    def encryption_settings(self) -> dict[str, str]:
        """Arguments of PutObject and CopyObject."""
        wanted = self.cleaned_data.get("encryption") or ""
        settings = {"server_side_encryption": wanted} if wanted else {}
        key = (self.cleaned_data.get("kms_key") or "").strip()
        if wanted.startswith("aws:kms") and key:
            settings["ssekms_key_id"] = key
        return settings


class SystemMetadataFields(forms.Form):
    content_type = forms.CharField(label="Content-Type", required=False, max_length=256)
    cache_control = forms.CharField(label="Cache-Control", required=False, max_length=1024)
    content_disposition = forms.CharField(
        label="Content-Disposition", required=False, max_length=1024
    )
    content_encoding = forms.CharField(label="Content-Encoding", required=False, max_length=256)
    content_language = forms.CharField(label="Content-Language", required=False, max_length=256)
    website_redirect_location = forms.CharField(
        label="x-amz-website-redirect-location", required=False, max_length=2048
    )

    def system_metadata(self) -> dict[str, str]:
        """Arguments of PutObject and CopyObject."""
        cleaned = self.cleaned_data
        return {name: cleaned[name] for name in SYSTEM_METADATA if cleaned.get(name)}


class FolderForm(EncryptionFields, AwsForm):
    name = forms.CharField(label=_("Folder name"), max_length=MAX_NAME, strip=False)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if "/" in name:
            raise forms.ValidationError(gettext('Folder names can\'t contain "/".'))
        return name


class ShareForm(AwsForm):
    """How long a presigned URL lives."""

    MAX_MINUTES = int(MAX_LIFETIME.total_seconds()) // 60
    unit = forms.ChoiceField(
        label=_("Time interval until the presigned URL expires"),
        choices=(("minutes", _("Minutes")), ("hours", _("Hours"))),
        initial="minutes",
        widget=forms.RadioSelect,
    )
    amount = forms.IntegerField(label=_("Number"), min_value=1, initial=5)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "amount" in cleaned and self._minutes(cleaned) > self.MAX_MINUTES:
            self.add_error("amount", gettext("Enter at most 720 minutes or 12 hours."))
        return cleaned

    @staticmethod
    def _minutes(cleaned: dict[str, Any]) -> int:
        return int(cleaned["amount"]) * (60 if cleaned.get("unit") == "hours" else 1)

    @property
    def lifetime(self) -> timedelta:
        return timedelta(minutes=self._minutes(self.cleaned_data))


def tagging_header(tags: list[dict[str, str]]) -> str:
    return urlencode([(tag["Key"], tag["Value"]) for tag in tags])
