"""The event histories of all accounts, to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from aws.models import Event


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
        return [("console", _("Console")), ("api", "API"), ("system", _("The lab itself"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.filter(source=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        "event_time",
        "account_id",
        "event_name",
        "event_source",
        "user_name",
        "source_ip",
        "error_code",
    )
    list_filter = (ResultFilter, SourceFilter)
    search_fields = ("=account_id", "event_name", "user_name", "error_code", "=access_key_id")
    search_help_text = _("Account ID, event, user, error code or access key ID")
    show_full_result_count = False
    list_per_page = 50
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False
