"""Backup and restore: to which moment, what, and where to."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aws.context import Context
from console.forms import AwsForm
from s3.recovery import Moment

HERE, ELSEWHERE = "here", "elsewhere"


class MomentForm(AwsForm):
    at = forms.DateTimeField(
        label=gettext_lazy("Date and time"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}),
    )
    prefix = forms.CharField(  # type: ignore[assignment]  # the form's own prefix is not used
        label=gettext_lazy("Prefix"),
        required=False,
        max_length=1024,
        strip=False,
        help_text=gettext_lazy("Only of objects whose key begins with this."),
    )
    target = forms.ChoiceField(
        label=gettext_lazy("Restore into"),
        choices=(
            (HERE, gettext_lazy("This bucket: it becomes what it was then")),
            (ELSEWHERE, gettext_lazy("Another bucket: it receives a copy of all that was there")),
        ),
        initial=HERE,
        widget=forms.RadioSelect,
    )
    to_bucket = forms.CharField(
        label=gettext_lazy("Destination bucket"), required=False, max_length=63
    )
    to_prefix = forms.CharField(
        label=gettext_lazy("Folder in it"), required=False, max_length=512, strip=False
    )

    def __init__(self, data: QueryDict | None, *, ctx: Context, bucket: str) -> None:
        self.ctx, self.bucket = ctx, bucket
        super().__init__(data)

    def clean_at(self) -> datetime:
        at: datetime = self.cleaned_data["at"]
        if at > self.ctx.now:
            raise forms.ValidationError(_("This moment is still to come."))
        return at

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("target") == ELSEWHERE:
            if cleaned.get("to_bucket") in ("", None, self.bucket):
                self.add_error("to_bucket", _("Enter another bucket."))
        else:
            cleaned |= {"to_bucket": "", "to_prefix": ""}
        return cleaned

    @property
    def moment(self) -> Moment:
        """What has been written since now is left alone."""
        return Moment(self.cleaned_data["at"], self.ctx.now, self.cleaned_data["prefix"])


class ExportForm(AwsForm):
    prefix = forms.CharField(  # type: ignore[assignment]  # the form's own prefix is not used
        label=gettext_lazy("Prefix"),
        required=False,
        max_length=1024,
        strip=False,
        help_text=gettext_lazy("Only of objects whose key begins with this."),
    )


class UnzipForm(AwsForm):
    key = forms.CharField(
        label=gettext_lazy("Zip object"),
        max_length=1024,
        strip=False,
        help_text=gettext_lazy("Its key in this bucket."),
    )
    to_prefix = forms.CharField(
        label=gettext_lazy("Unpack into the folder"),
        required=False,
        max_length=512,
        strip=False,
        help_text=gettext_lazy("Before every name in the zip, such as site/."),
    )
