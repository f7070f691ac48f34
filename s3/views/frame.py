"""The frame of a bucket's page: its name, its tabs, and the open one's content."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aws.errors import Denied
from console.requests import ConsoleRequest
from s3 import operations

LABELS = {
    "objects": _("Objects"),
    "properties": _("Properties"),
    "permissions": _("Permissions"),
    "metrics": _("Metrics"),
    "management": _("Management"),
    "access-points": _("Access Points"),
}


def show_tab(request: ConsoleRequest, bucket: str, tab: str, **context: Any) -> HttpResponse:
    """Draws templates/s3/_tab_<tab>.html with the context in the bucket's page; for HTMX alone."""
    from s3.views.bucket import TABS

    context |= {
        "bucket": bucket,
        "tab": tab,
        "tabs": {name: label for name, label in LABELS.items() if name in TABS},
        "tab_template": f"s3/_tab_{tab.replace('-', '_')}.html",
    }
    template = "s3/bucket_detail.html#tab" if request.htmx else "s3/bucket_detail.html"
    return render(request, template, context)


def require_visible(request: ConsoleRequest, bucket: str) -> None:
    """A bucket of whose page the principal may see something. Raises AccessDenied, NoSuchBucket."""
    try:
        operations.head_bucket(request.ctx, bucket=bucket)
    except Denied:
        operations.get_bucket_location(request.ctx, bucket=bucket)


def tab_url(bucket: str, tab: str) -> str:
    return reverse("s3:bucket-detail", args=[bucket]) + f"?tab={tab}"


def to_tab(bucket: str, tab: str) -> HttpResponseRedirect:
    return redirect(tab_url(bucket, tab))
