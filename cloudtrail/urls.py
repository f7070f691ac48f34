"""CloudTrail's pages: /cloudtrail/…"""

import uuid

from django.urls import path, register_converter
from django.views.generic import RedirectView

from cloudtrail import views


class EventIds:
    """Event ids, joined by commas: the calls of one click."""

    regex = "[0-9a-f-]{36}(?:,[0-9a-f-]{36}){0,19}"

    def to_python(self, value: str) -> list[uuid.UUID]:
        return [uuid.UUID(one) for one in value.split(",")]

    def to_url(self, value: str) -> str:
        return str(value)


register_converter(EventIds, "event_ids")

app_name = "cloudtrail"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="cloudtrail:event-list")),
    path("home", RedirectView.as_view(pattern_name="cloudtrail:event-list"), name="home"),
    path("events", views.event_list, name="event-list"),
    path("events/columns", views.event_columns, name="event-columns"),
    path("events/download/<str:file_format>", views.event_download, name="event-download"),
    path("events/<uuid:event_id>", views.event_detail, name="event-detail"),
    path("events/<event_ids:event_ids>/code", views.event_code, name="event-code"),
    path("denied", views.decode, name="decode"),
    path("denied/<uuid:event_id>", views.denied, name="denied"),
]
