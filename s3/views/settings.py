"""The pages that each edit one setting of a bucket: /s3/buckets/<bucket>/edit-<setting>."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from console import confirmation, flash
from console.requests import ConsoleRequest
from s3.forms import (
    access_points,
    delivery,
    items,
    lifecycle,
    permissions,
    properties,
    replication,
    reports,
    website,
)
from s3.forms.items import ItemForm
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
        delivery.LoggingForm,
        delivery.DataEventsForm,
        delivery.EventBridgeForm,
        delivery.AccelerationForm,
        delivery.RequesterPaysForm,
        items.NotificationForm,
        items.TieringForm,
        access_points.AccessPointForm,
        lifecycle.LifecycleForm,
        replication.ReplicationForm,
        reports.InventoryForm,
        reports.MetricsForm,
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
    if issubclass(form_class, ItemForm):
        frame.require_visible(request, bucket)  # a new one reads nothing
    is_sent = request.method == "POST"
    form = form_class(
        request.POST if is_sent else None,
        ctx=request.ctx,
        bucket=bucket,
        item=request.GET.get("id", ""),
    )
    if is_sent and form.is_valid() and form.save():
        flash.add(request, "success", _("Successfully edited bucket settings"), bucket)
        return redirect(form.next_url)
    context = {"form": form, "bucket": bucket, "back_url": frame.tab_url(bucket, form.tab)}
    return render(request, "s3/setting_edit.html", context, status=422 if form.errors else 200)


@require_POST
def item_delete(request: ConsoleRequest, bucket: str, setting: str) -> HttpResponse:
    """Deletes the item `id` of a setting of which a bucket has many."""
    form_class = SETTINGS.get(setting)
    if form_class is None or not issubclass(form_class, ItemForm):
        raise Http404
    item = request.POST.get("id", "")
    word = form_class.word(item)
    if request.POST.get("confirm") != word:
        return confirmation.ask(
            request,
            title=_("Delete this configuration?"),
            word=word,
            names=[item],
            hidden=[("id", item)],
            cancel_url=frame.tab_url(bucket, form_class.tab),
        )
    form_class.delete(request.ctx, bucket, item)
    flash.add(request, "success", _("Successfully deleted"), item)
    return frame.to_tab(bucket, form_class.tab)
