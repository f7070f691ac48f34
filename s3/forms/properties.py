"""Settings of the Properties tab: versioning, tags, encryption, Object Lock, switches."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from console.forms.tags import TAG_ROWS, tags_from
from s3 import operations, reading
from s3.forms.settings import SettingForm

SWITCH = (("off", _("Disable")), ("on", _("Enable")))
SSE_S3, SSE_KMS, DSSE_KMS = "AES256", "aws:kms", "aws:kms:dsse"
ENCRYPTION_CHOICES = (
    (SSE_S3, _("Server-side encryption with Amazon S3 managed keys (SSE-S3)")),
    (SSE_KMS, _("Server-side encryption with AWS Key Management Service keys (SSE-KMS)")),
    (
        DSSE_KMS,
        _("Dual-layer server-side encryption with AWS Key Management Service keys (DSSE-KMS)"),
    ),
)


class VersioningForm(SettingForm):
    name = "versioning"
    title = _("Edit Bucket Versioning")
    about = _(
        "Versioning keeps every version of every object. What was overwritten or deleted by "
        "accident can be brought back; every version is stored, and paid for."
    )
    versioning = forms.ChoiceField(
        label=_("Bucket Versioning"),
        choices=(("Suspended", _("Suspend")), ("Enabled", _("Enable"))),
        widget=forms.RadioSelect,
        help_text=_(
            "Suspending keeps the versions that are there; new objects get the version ID null."
        ),
    )

    def read(self) -> dict[str, Any]:
        answer = operations.get_bucket_versioning(self.ctx, bucket=self.bucket)
        return {"versioning": answer.get("Status", "Suspended")}

    def put(self) -> None:
        wanted = {"Status": self.cleaned_data["versioning"]}
        operations.put_bucket_versioning(
            self.ctx, bucket=self.bucket, versioning_configuration=wanted
        )


class BucketTagsForm(SettingForm):
    name = "tags"
    title = _("Edit bucket tags")
    about = _("Use tags to track storage costs, and to tell buckets apart in policies.")
    has_template = True

    def read(self) -> dict[str, Any]:
        return {"tags": reading.tags(self.ctx, self.bucket)}

    @property
    def rows(self) -> list[dict[str, str]]:
        rows: list[dict[str, str]] = self.initial.get("tags", [])
        return tags_from(self.data) if self.is_bound else rows

    def put(self) -> None:
        wanted = self.rows[: TAG_ROWS + 1]
        if wanted:
            tagging = {"TagSet": wanted}
            operations.put_bucket_tagging(self.ctx, bucket=self.bucket, tagging=tagging)
        else:
            operations.delete_bucket_tagging(self.ctx, bucket=self.bucket)


class EncryptionFields(forms.Form):
    """What the create page and the edit page ask about the default encryption."""

    encryption = forms.ChoiceField(
        label=_("Encryption type"),
        choices=ENCRYPTION_CHOICES,
        initial=SSE_S3,
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
    bucket_key = forms.ChoiceField(
        label=_("Bucket Key"),
        choices=SWITCH,
        initial="on",
        required=False,
        widget=forms.RadioSelect,
        help_text=_(
            "One key for many objects: fewer calls of KMS, at less cost. Not for DSSE-KMS."
        ),
    )

    @property
    def is_kms(self) -> bool:
        return str(self.cleaned_data["encryption"]).startswith(SSE_KMS)

    def encryption_rule(self) -> dict[str, Any]:
        """The rule of PutBucketEncryption."""
        cleaned = self.cleaned_data
        default = {"SSEAlgorithm": cleaned["encryption"]}
        if self.is_kms and cleaned["kms_key"].strip():
            default["KMSMasterKeyID"] = cleaned["kms_key"].strip()
        rule: dict[str, Any] = {"ApplyServerSideEncryptionByDefault": default}
        has_key = cleaned["encryption"] != DSSE_KMS and cleaned["bucket_key"] == "on"
        return {**rule, "BucketKeyEnabled": has_key}


class EncryptionForm(EncryptionFields, SettingForm):
    name = "encryption"
    title = _("Edit default encryption")
    about = _("New objects are encrypted this way unless the upload asks for another.")
    has_template = True

    def read(self) -> dict[str, Any]:
        known = reading.encryption(self.ctx, self.bucket)
        return {
            "encryption": known["SSEAlgorithm"],
            "kms_key": known.get("KMSMasterKeyID", ""),
            "bucket_key": "on" if known["BucketKeyEnabled"] else "off",
        }

    def put(self) -> None:
        wanted = {"Rules": [self.encryption_rule()]}
        operations.put_bucket_encryption(
            self.ctx, bucket=self.bucket, server_side_encryption_configuration=wanted
        )


class ObjectLockForm(SettingForm):
    """Object Lock cannot be turned off again; only its default can."""

    name = "object-lock"
    title = _("Edit Object Lock")
    about = _("Objects are stored in a write-once-read-many form: nobody deletes them too early.")
    has_template = True
    retention = forms.ChoiceField(
        label=_("Default retention"),
        choices=SWITCH,
        widget=forms.RadioSelect,
        help_text=_("Protects new object versions for a time, without a word in the upload."),
    )
    mode = forms.ChoiceField(
        label=_("Default retention mode"),
        required=False,
        initial="GOVERNANCE",
        choices=(
            ("GOVERNANCE", _("Governance: users with special permissions can lift it")),
            ("COMPLIANCE", _("Compliance: nobody can lift it, not even the root user")),
        ),
        widget=forms.RadioSelect,
    )
    period = forms.IntegerField(label=_("Default retention period"), required=False, initial=1)
    unit = forms.ChoiceField(
        label=_("Unit"), required=False, choices=(("Days", _("Days")), ("Years", _("Years")))
    )
    acknowledged = forms.BooleanField(
        label=_("I acknowledge that Object Lock cannot be turned off again for this bucket."),
        required=False,
    )

    def read(self) -> dict[str, Any]:
        known = reading.lock(self.ctx, self.bucket)
        default = known.get("Rule", {}).get("DefaultRetention", {})
        unit = "Years" if "Years" in default else "Days"
        return {
            "retention": "on" if default else "off",
            "mode": default.get("Mode", "GOVERNANCE"),
            "period": default.get(unit, 1),
            "unit": unit,
            "acknowledged": bool(known),
        }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("acknowledged"):
            self.add_error("acknowledged", _("You must acknowledge this to continue."))
        if cleaned.get("retention") == "on" and cleaned.get("period") is None:
            self.add_error("period", _("Enter a number of days or years."))
        return cleaned

    def put(self) -> None:
        cleaned = self.cleaned_data
        wanted: dict[str, Any] = {"ObjectLockEnabled": "Enabled"}
        if cleaned["retention"] == "on":
            default = {"Mode": cleaned["mode"], cleaned["unit"]: cleaned["period"]}
            wanted["Rule"] = {"DefaultRetention": default}
        operations.put_object_lock_configuration(
            self.ctx, bucket=self.bucket, object_lock_configuration=wanted
        )
