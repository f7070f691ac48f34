"""What can be done to chosen objects: each action is a form and the job that it begins."""

from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aws.context import Context
from aws.errors import AwsError
from console.forms import AwsForm
from console.forms.tags import tags_from
from s3 import operations
from s3.forms.objects import (
    SYSTEM_METADATA,
    EncryptionFields,
    SystemMetadataFields,
    class_field,
)
from s3.views.selection import Selected, folder_of

S3_SCHEME = "s3://"


class ActionForm(AwsForm):
    """name: of the address. kind: of the job in `s3.object_jobs`. template: of its fields, where
    they are more than a list. word: to type first. is_single: for one object, no folder."""

    name: ClassVar[str]
    kind: ClassVar[str]
    title: ClassVar[str | Promise]
    about: ClassVar[str | Promise] = ""
    warning: ClassVar[str | Promise] = ""
    submit_label: ClassVar[str | Promise] = _("Save changes")
    template: ClassVar[str] = ""
    word: ClassVar[str] = ""
    is_single: ClassVar[bool] = False

    def __init__(self, data: QueryDict | None, *, ctx: Context, selected: Selected) -> None:
        self.ctx, self.selected = ctx, selected
        super().__init__(data, initial=self.read() if data is None else {})

    @property
    def refusal(self) -> str:
        """Why the action cannot be done to what was chosen; "" where it can."""
        single = self.selected.single
        if self.is_single and (single is None or single.is_folder):
            return gettext("Choose exactly one object.")
        return ""

    def read(self) -> dict[str, Any]:
        """The fields' values now."""
        return {}

    def parameters(self) -> dict[str, Any]:
        """The job's, beside which objects it is about. After `is_valid`."""
        return {}

    def head(self) -> dict[str, Any]:
        """HeadObject of the one object that was chosen; {} for more, or for who may not."""
        single = self.selected.single
        if single is None or single.is_folder:
            return {}
        version = {"version_id": single.version_id} if single.version_id else {}
        try:
            return operations.head_object(
                self.ctx, bucket=self.selected.bucket, key=single.key, **version
            )
        except AwsError:
            return {}


# --- Copies -----------------------------------------------------------------------------------
class CopyForm(EncryptionFields, ActionForm):
    name = kind = "copy"
    title = _("Copy")
    about = _("Copies are made by the lab itself; nothing goes through your browser.")
    submit_label = _("Copy")
    template = "s3/_action_copy.html"
    destination = forms.CharField(
        label=_("Destination"),
        max_length=1200,
        strip=False,
        help_text=_("A bucket, or a folder in one: s3://bucket/folder/"),
    )
    copy_settings = forms.ChoiceField(
        label=_("Settings of the copies"),
        choices=(
            ("source", _("Copy the settings of the source: storage class and encryption")),
            ("default", _("Don't specify: the destination bucket's defaults apply")),
            ("specify", _("Specify settings")),
        ),
        initial="source",
        widget=forms.RadioSelect,
    )
    storage_class = class_field()

    def clean_destination(self) -> str:
        text: str = self.cleaned_data["destination"]
        if not text.startswith(S3_SCHEME) or not text.removeprefix(S3_SCHEME).strip("/"):
            raise forms.ValidationError(gettext("The path must begin with s3:// to be valid."))
        bucket, _slash, prefix = text.removeprefix(S3_SCHEME).partition("/")
        if prefix and not prefix.endswith("/"):
            raise forms.ValidationError(gettext("The path of a folder ends with a slash (/)."))
        self._check_not_inside(bucket, prefix)
        return f"{S3_SCHEME}{bucket}/{prefix}"

    def _check_not_inside(self, bucket: str, prefix: str) -> None:
        base = self.selected.prefix
        for folder in self.selected.folders:
            target = prefix + folder.removeprefix(base)
            if bucket == self.selected.bucket and target.startswith(folder):
                raise forms.ValidationError(
                    gettext("The destination lies inside a folder that you have chosen.")
                )

    def parameters(self) -> dict[str, Any]:
        bucket, _slash, prefix = (
            self.cleaned_data["destination"].removeprefix(S3_SCHEME).partition("/")
        )
        return {
            "base": self.selected.prefix,
            "to_bucket": bucket,
            "to_prefix": prefix,
            "settings": self._settings(),
        }

    def _settings(self) -> dict[str, Any] | None:
        wish = self.cleaned_data["copy_settings"]
        if wish == "source":
            return None
        if wish == "default":
            return {}
        chosen = self.cleaned_data.get("storage_class") or "STANDARD"
        return {"storage_class": chosen, **self.encryption_settings()}


class MoveForm(CopyForm):
    name = kind = "move"
    title = _("Move")
    about = _("Moving is copying, and then deleting the source where the copy has succeeded.")
    submit_label = _("Move")


class RenameForm(ActionForm):
    name = kind = "rename"
    title = _("Rename object")
    about = _("Renaming copies the object to its new name and deletes the old one.")
    submit_label = _("Rename object")
    template = "s3/_action_rename.html"
    is_single = True
    new_name = forms.CharField(label=_("New object name"), max_length=1024, strip=False)

    def read(self) -> dict[str, Any]:
        single = self.selected.single
        return {"new_name": single.name if single else ""}

    def clean_new_name(self) -> str:
        name: str = self.cleaned_data["new_name"]
        if "/" in name:
            raise forms.ValidationError(gettext('Object names can\'t contain "/" here.'))
        if self.selected.single and name == self.selected.single.name:
            raise forms.ValidationError(gettext("This is the object's name already."))
        return name

    def parameters(self) -> dict[str, Any]:
        key = self.selected.chosen[0].key
        return {"to_key": folder_of(key) + self.cleaned_data["new_name"]}


class RestoreVersionForm(ActionForm):
    name = kind = "restore-version"
    title = _("Restore this version?")
    about = _(
        "A copy of this version becomes the current one. No version is lost: the one that is "
        "current now stays as an older version."
    )
    submit_label = _("Restore version")
    is_single = True


# --- Properties -------------------------------------------------------------------------------
class StorageClassForm(ActionForm):
    name, kind = "storage-class", "edit"
    title = _("Edit storage class")
    about = _("This copies each object onto itself: it gets a new date and, with versioning, a new "
              "version.")  # fmt: skip
    template = "s3/_action_storage_class.html"
    storage_class = class_field()

    def read(self) -> dict[str, Any]:
        return {"storage_class": self.head().get("StorageClass", "STANDARD")}

    def parameters(self) -> dict[str, Any]:
        return {"settings": {"storage_class": self.cleaned_data["storage_class"] or "STANDARD"}}


class EncryptionForm(EncryptionFields, ActionForm):
    name, kind = "encryption", "edit"
    title = _("Edit server-side encryption")
    about = StorageClassForm.about
    template = "s3/_action_encryption.html"

    def read(self) -> dict[str, Any]:
        head = self.head()
        return {
            "encryption": head.get("ServerSideEncryption", "AES256"),
            "kms_key": head.get("SSEKMSKeyId", ""),
        }

    def clean_encryption(self) -> str:
        # Without any, S3 says AccessDenied or copies nothing; SSE-S3 is the default.
        return self.cleaned_data["encryption"] or "AES256"

    def parameters(self) -> dict[str, Any]:
        return {"settings": self.encryption_settings()}


class MetadataForm(SystemMetadataFields, ActionForm):
    name, kind = "metadata", "edit"
    title = _("Edit metadata")
    about = StorageClassForm.about
    warning = _("What is here replaces all metadata that the objects have now.")
    template = "s3/_action_metadata.html"

    def read(self) -> dict[str, Any]:
        head = self.head()
        fields = {name: member_of(name) for name in SYSTEM_METADATA}
        return {
            **{name: head.get(member, "") for name, member in fields.items()},
            "metadata": head.get("Metadata", {}),
        }

    @property
    def rows(self) -> list[dict[str, str]]:
        if self.is_bound:
            return tags_from(self.data, "meta")
        kept: dict[str, str] = self.initial.get("metadata", {})
        return [{"Key": key, "Value": value} for key, value in sorted(kept.items())]

    def parameters(self) -> dict[str, Any]:
        metadata = {row["Key"]: row["Value"] for row in self.rows}
        settings = {"metadata_directive": "REPLACE", "metadata": metadata}
        return {"settings": {**settings, **self.system_metadata()}}


def member_of(name: str) -> str:
    """HeadObject's member of a field: content_type → ContentType."""
    return "".join(part.capitalize() for part in name.split("_"))


class TagsForm(ActionForm):
    name, kind = "tags", "tag"
    title = _("Edit tags")
    warning = _("What is here replaces all tags that the objects have now.")
    template = "s3/_action_tags.html"

    def read(self) -> dict[str, Any]:
        single = self.selected.single
        if single is None or single.is_folder:
            return {"tags": []}
        version = {"version_id": single.version_id} if single.version_id else {}
        try:
            answer = operations.get_object_tagging(
                self.ctx, bucket=self.selected.bucket, key=single.key, **version
            )
        except AwsError:
            return {"tags": []}
        return {"tags": answer["TagSet"]}

    @property
    def rows(self) -> list[dict[str, str]]:
        rows: list[dict[str, str]] = self.initial.get("tags", [])
        return tags_from(self.data) if self.is_bound else rows

    def parameters(self) -> dict[str, Any]:
        return {"tags": self.rows}


class MakePublicForm(ActionForm):
    name = kind = "make-public"
    title = _("Make public using ACL")
    about = _(
        "Everybody in the world will be able to read these objects. Anyone who knows the address "
        "can open them without signing in."
    )
    submit_label = _("Make public")


# --- Deleting, and undoing it -----------------------------------------------------------------
class DeleteForm(ActionForm):
    """Without versions: delete markers in a versioned bucket, for good elsewhere."""

    name = kind = "delete"
    title = _("Delete objects")
    submit_label = _("Delete objects")
    template = "s3/_action_delete.html"
    confirm = forms.CharField(required=False)
    bypass = forms.BooleanField(
        label=_("Bypass governance retention"),
        required=False,
        help_text=_(
            "Deletes versions that are locked in governance mode; needs the permission "
            "s3:BypassGovernanceRetention."
        ),
    )

    @property
    def is_permanent(self) -> bool:
        if self.selected.with_versions or any(one.version_id for one in self.selected.chosen):
            return True
        try:
            answer = operations.get_bucket_versioning(self.ctx, bucket=self.selected.bucket)
        except AwsError:
            return True
        return not answer.get("Status")

    @property
    def heading(self) -> str:
        if self.is_permanent:
            return gettext("Permanently delete objects?")
        return gettext("Delete objects?")

    @property
    def wanted_word(self) -> str:
        return "permanently delete" if self.is_permanent else "delete"

    def clean_confirm(self) -> str:
        typed: str = self.cleaned_data["confirm"]
        if typed != self.wanted_word:
            raise forms.ValidationError(gettext("The text does not match."))
        return typed

    def parameters(self) -> dict[str, Any]:
        return {
            "versions": self.selected.with_versions,
            "bypass": bool(self.cleaned_data["bypass"]),
        }


class UndeleteForm(ActionForm):
    name = kind = "undelete"
    title = _("Undelete objects?")
    about = _(
        "The delete markers on top of these objects are removed, so that their newest version is "
        "current again."
    )
    submit_label = _("Undelete")

    @property
    def refusal(self) -> str:
        return gettext("Choose objects, not folders.") if self.selected.folders else ""


class SizeForm(ActionForm):
    name = kind = "size"
    title = _("Calculate total size")
    submit_label = _("Calculate total size")


ACTIONS: dict[str, type[ActionForm]] = {
    form.name: form
    for form in (
        CopyForm,
        MoveForm,
        RenameForm,
        RestoreVersionForm,
        StorageClassForm,
        EncryptionForm,
        MetadataForm,
        TagsForm,
        MakePublicForm,
        DeleteForm,
        UndeleteForm,
        SizeForm,
    )
}
