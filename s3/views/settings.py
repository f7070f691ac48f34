"""The pages that each edit one setting of a bucket: /s3/buckets/<bucket>/edit-<setting>."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from console import flash
from console.requests import ConsoleRequest
from s3.forms import permissions, properties, website
from s3.forms.settings import SettingForm
from s3.views import frame

SETTINGS: dict[str, type[SettingForm]] = {
    form.name: form
    for form in (
        properties.VersioningForm,
        properties.BucketTagsForm,
        properties.EncryptionForm,
        properties.ObjectLockForm,
        website.WebsiteForm,
        permissions.BlockForm,
        permissions.OwnershipForm,
        permissions.AclForm,
        permissions.CorsForm,
    )
}


def setting_edit(request: ConsoleRequest, bucket: str, setting: str) -> HttpResponse:
    form_class = SETTINGS.get(setting)
    if form_class is None:
        raise Http404
    is_sent = request.method == "POST"
    form = form_class(request.POST if is_sent else None, ctx=request.ctx, bucket=bucket)
    if is_sent and form.is_valid() and form.save():
        flash.add(request, "success", _("Successfully edited bucket settings"), bucket)
        return frame.to_tab(bucket, form.tab)
    context = {"form": form, "bucket": bucket, "back_url": frame.tab_url(bucket, form.tab)}
    return render(request, "s3/setting_edit.html", context, status=422 if form.errors else 200)
