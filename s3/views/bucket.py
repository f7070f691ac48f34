"""One bucket: which tab is open."""

from collections.abc import Callable

from django.http import HttpResponse

from console.requests import ConsoleRequest
from s3 import operations
from s3.views import frame


def _objects(request: ConsoleRequest, bucket: str) -> HttpResponse:
    listed = operations.list_objects_v2(request.ctx, bucket=bucket)
    return frame.show_tab(request, bucket, "objects", objects=listed.get("Contents", []))


# Tab → its view, which ends with `frame.show_tab`.
TABS: dict[str, Callable[[ConsoleRequest, str], HttpResponse]] = {"objects": _objects}


def bucket_detail(request: ConsoleRequest, bucket: str) -> HttpResponse:
    frame.require_visible(request, bucket)
    tab = request.GET.get("tab", "objects")
    return TABS.get(tab, TABS["objects"])(request, bucket)
