"""Buckets: the list, the account's snapshot, creating one."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from aws.regions import BY_NAME
from console import flash
from console.listing import listing
from console.requests import ConsoleRequest
from s3 import operations, overviews, prices
from s3.exposure import State
from s3.forms.buckets import BucketForm, copied_settings
from s3.views import bucket as bucket_page

# What the list's buttons lead to, by the value of "to".
DESTINATIONS = {"empty": "s3:bucket-empty", "delete": "s3:bucket-delete"}


def bucket_list(request: ConsoleRequest) -> HttpResponse:
    rows = operations.list_buckets(request.ctx)["Buckets"]
    table = listing(
        request,
        rows,
        search=lambda row: row["Name"],
        columns={
            "name": lambda row: row["Name"],
            "region": lambda row: row["BucketRegion"],
            "created": lambda row: row["CreationDate"],
        },
        default_sort="name",
    )
    exposures = overviews.exposures(request.ctx, [row["Name"] for row in table.rows])
    context = {
        "table": table,
        "buckets": [
            {
                "row": row,
                "region": BY_NAME.get(row["BucketRegion"]),
                "is_public": exposures.get(row["Name"]) == State.PUBLIC,
            }
            for row in table.rows
        ],
    }
    template = "s3/bucket_list.html#rows" if request.htmx else "s3/bucket_list.html"
    return render(request, template, context)


def bucket_go(request: ConsoleRequest) -> HttpResponse:
    """From the list to a page of the bucket that was chosen in it."""
    view = DESTINATIONS.get(request.GET.get("to", ""))
    name = request.GET.get("name", "")
    if not view or not name or "/" in name:
        flash.add(request, "error", _("Choose a bucket."))
        return redirect("s3:bucket-list")
    return redirect(view, bucket=name)


def snapshot(request: ConsoleRequest) -> HttpResponse:
    """What the account stores, by storage class; for HTMX the list's card alone."""
    context: dict[str, Any] = {
        "snapshot": overviews.snapshot(request.ctx),
        "classes": _price_rows(),
        "priced_on": prices.PRICED_ON,
        "source": prices.SOURCE,
        "regions": [BY_NAME[name] for name in prices.PER_GB_MONTH],
    }
    template = "s3/snapshot.html#card" if request.htmx else "s3/snapshot.html"
    return render(request, template, context)


def _price_rows() -> list[dict[str, Any]]:
    return [
        {
            "storage_class": one,
            "prices": [table.get(one.name) for table in prices.PER_GB_MONTH.values()],
        }
        for one in prices.STORAGE_CLASSES
    ]


def bucket_create(request: ConsoleRequest) -> HttpResponse:
    """A POST with "copy" fills in another bucket's settings, and judges nothing."""
    if "tab" in request.GET:
        return bucket_page.bucket_detail(request, "create")  # somebody's bucket of that name
    if "copy" in request.POST:
        return _copied(request)
    form = BucketForm(request.POST if request.method == "POST" else None, ctx=request.ctx)
    failures = form.create() if request.method == "POST" and form.is_valid() else None
    if failures is None:
        return _form_page(request, form)
    name = form.full_name
    address = reverse("s3:bucket-detail", args=[name])
    flash.add(
        request,
        "success",
        _('Successfully created bucket "%(name)s"') % {"name": name},
        _(
            "To upload files and folders, or to configure additional bucket settings, choose View "
            "details."
        ),
        links=[(_("View details"), f"{address}?tab=objects")],
    )
    for step, error in failures:
        header = _("The bucket was created, but this setting failed: %(step)s") % {"step": step}
        links = [(_("View details"), f"{address}?tab=properties")]
        flash.add(request, "error", header, error.message, code=error.code, links=links)
    return redirect("s3:bucket-list")


def _copied(request: ConsoleRequest) -> HttpResponse:
    kept = {name: request.POST.get(name, "") for name in ("name", "namespace")}
    settings, tags = copied_settings(request.ctx, request.POST.get("copy_from", ""))
    form = BucketForm(initial={**settings, **kept}, ctx=request.ctx)
    form.tags = tags
    return _form_page(request, form)


def _form_page(request: ConsoleRequest, form: BucketForm) -> HttpResponse:
    mine = []
    if request.ctx.allows("s3:ListAllMyBuckets"):
        mine = [row["Name"] for row in operations.list_buckets(request.ctx)["Buckets"]]
    context = {"form": form, "mine": mine, "copied": request.POST.get("copy_from", "")}
    return render(request, "s3/bucket_create.html", context, status=422 if form.errors else 200)
