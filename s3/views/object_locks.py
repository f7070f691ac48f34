"""Object Lock of one version: its legal hold, and how long it is retained."""

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aws.errors import AwsError
from console import flash
from console.forms import AwsForm
from console.requests import ConsoleRequest
from s3 import operations
from s3.views import selection
from s3.views.selection import Chosen, object_page_url


class LegalHoldForm(AwsForm):
    title = gettext_lazy("Edit Object Lock legal hold")
    about = gettext_lazy(
        "A version under a legal hold cannot be deleted until the hold is taken away."
    )
    status = forms.ChoiceField(
        label=gettext_lazy("Legal hold"),
        choices=(("OFF", gettext_lazy("Disable")), ("ON", gettext_lazy("Enable"))),
        widget=forms.RadioSelect,
    )

    def put(self, request: ConsoleRequest, **version: Any) -> None:
        hold = {"Status": self.cleaned_data["status"]}
        operations.put_object_legal_hold(request.ctx, **version, legal_hold=hold)


class RetentionForm(AwsForm):
    title = gettext_lazy("Edit Object Lock retention")
    about = gettext_lazy(
        "A version that is retained cannot be deleted before the date. In governance mode, who has "
        "the permission may set that aside; in compliance mode nobody can."
    )
    mode = forms.ChoiceField(
        label=gettext_lazy("Retention mode"),
        choices=(
            ("GOVERNANCE", gettext_lazy("Governance")),
            ("COMPLIANCE", gettext_lazy("Compliance")),
        ),
        initial="GOVERNANCE",
        widget=forms.RadioSelect,
    )
    until = forms.DateField(
        label=gettext_lazy("Retain until date"), widget=forms.DateInput(attrs={"type": "date"})
    )
    bypass = forms.BooleanField(label=gettext_lazy("Bypass governance retention"), required=False)

    def put(self, request: ConsoleRequest, **version: Any) -> None:
        until = datetime.combine(self.cleaned_data["until"], time(), UTC)
        more: dict[str, Any] = (
            {"bypass_governance_retention": True} if self.cleaned_data["bypass"] else {}
        )
        operations.put_object_retention(
            request.ctx,
            **version,
            **more,
            retention={"Mode": self.cleaned_data["mode"], "RetainUntilDate": until},
        )


FORMS: dict[str, type[LegalHoldForm | RetentionForm]] = {
    "legal-hold": LegalHoldForm,
    "retention": RetentionForm,
}


def legal_hold(request: ConsoleRequest, bucket: str) -> HttpResponse:
    return _edit(request, bucket, "legal-hold")


def retention(request: ConsoleRequest, bucket: str) -> HttpResponse:
    return _edit(request, bucket, "retention")


def _edit(request: ConsoleRequest, bucket: str, setting: str) -> HttpResponse:
    selected = selection.read(request, bucket)
    if selected.single is None:
        return selection.nothing_chosen(request, selected)
    chosen = selected.single
    back = object_page_url(bucket, chosen.key, chosen.version_id)
    form = FORMS[setting](request.POST or None, initial=_read(request, bucket, chosen, setting))
    if request.method == "POST" and form.is_valid():
        with form.aws_errors():
            form.put(request, **_version(bucket, chosen))
        if form.is_valid():
            flash.add(request, "success", _("Successfully edited Object Lock"), chosen.key)
            return redirect(back)
    context = {"form": form, "bucket": bucket, "chosen": chosen, "back_url": back}
    return render(request, "s3/object_lock.html", context, status=422 if form.errors else 200)


def _version(bucket: str, chosen: Chosen) -> dict[str, str]:
    version = {"version_id": chosen.version_id} if chosen.version_id else {}
    return {"bucket": bucket, "key": chosen.key, **version}


def _read(
    request: ConsoleRequest, bucket: str, chosen: Chosen, setting: str
) -> dict[str, Any] | None:
    """What is set now; None where nothing is, or may not be read."""
    version = _version(bucket, chosen)
    try:
        if setting == "legal-hold":
            answer = operations.get_object_legal_hold(request.ctx, **version)
            return {"status": answer["LegalHold"]["Status"]}
        kept = operations.get_object_retention(request.ctx, **version)["Retention"]
    except AwsError:
        return None
    return {"mode": kept["Mode"], "until": kept["RetainUntilDate"].date()}
