"""One bucket: which tab is open."""

from collections.abc import Callable

from django.http import HttpResponse

from console.requests import ConsoleRequest
from s3.views import access_points, frame, management, metrics, objects, permissions, properties

# Tab → its view, which ends with `frame.show_tab`.
TABS: dict[str, Callable[[ConsoleRequest, str], HttpResponse]] = {
    "objects": objects.objects_tab,
    "properties": properties.properties_tab,
    "permissions": permissions.permissions_tab,
    "metrics": metrics.metrics_tab,
    "management": management.management_tab,
    "access-points": access_points.access_points_tab,
}


def bucket_detail(request: ConsoleRequest, bucket: str) -> HttpResponse:
    frame.require_visible(request, bucket)
    tab = request.GET.get("tab", "objects")
    return TABS.get(tab, TABS["objects"])(request, bucket)
