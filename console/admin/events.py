"""The event histories of all accounts, to look at."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from aws.models import Event
from cloudtrail.records import record
from console.templatetags.console import aws_time

SOURCES = {"console": _("Console"), "api": "API", "system": _("The lab itself")}


class ResultFilter(admin.SimpleListFilter):
    title = _("Result")
    parameter_name = "result"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("denied", _("Denied")), ("failed", _("Failed")), ("succeeded", _("Succeeded"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        if self.value() == "denied":
            return queryset.filter(explanation__isnull=False)
        if self.value() == "failed":
            return queryset.exclude(error_message="")
        if self.value() == "succeeded":
            return queryset.filter(error_message="")
        return queryset


class SourceFilter(admin.SimpleListFilter):
    title = _("Called from")
    parameter_name = "from"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(SOURCES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.filter(source=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("time", "account", "name", "service", "user", "address", "error")
    fields = readonly_fields = ("time", "account", "name", "request_source", "whole")
    list_filter = (ResultFilter, SourceFilter)
    search_fields = ("=account_id", "event_name", "user_name", "error_code", "=access_key_id")
    search_help_text = _("Account ID, event, user, error code or access key ID")
    show_full_result_count = False
    list_per_page = 50
    actions = None

    @admin.display(description=_("Event time"), ordering="event_time")
    def time(self, event: Event) -> str:
        return aws_time(event.event_time)

    @admin.display(description=_("Account ID"), ordering="account_id")
    def account(self, event: Event) -> str:
        return event.account_id

    @admin.display(description=_("Event name"), ordering="event_name")
    def name(self, event: Event) -> str:
        return event.event_name

    @admin.display(description=_("Event source"), ordering="event_source")
    def service(self, event: Event) -> str:
        return event.event_source

    @admin.display(description=_("User name"), ordering="user_name")
    def user(self, event: Event) -> str:
        return event.user_name

    @admin.display(description=_("Source IP address"))
    def address(self, event: Event) -> str:
        return event.source_ip

    @admin.display(description=_("Error code"))
    def error(self, event: Event) -> str:
        return event.error_code

    @admin.display(description=_("Called from"))
    def request_source(self, event: Event) -> str:
        return str(SOURCES.get(event.source, event.source))

    @admin.display(description=_("Event record"))
    def whole(self, event: Event) -> str:
        text = json.dumps(record(event), indent=2, ensure_ascii=False)
        return format_html('<pre class="event-record">{}</pre>', text)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Events")})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return super().change_view(request, object_id, form_url, {"title": _("Event")})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False
