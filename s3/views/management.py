"""The Management tab, and the pages of what happened to a bucket's objects."""

import json
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aws.context import Context
from aws.operation import together
from console import flash
from console.requests import ConsoleRequest
from console.sections import section
from s3 import data_events, inventory, notifications, operations, reading
from s3.forms import lifecycle
from s3.views import frame, replication

STATUSES = ("Enabled", "Disabled")
PAGE = 50


def management_tab(request: ConsoleRequest, bucket: str) -> HttpResponse:
    ctx = request.ctx
    with together(ctx):
        context: dict[str, Any] = {
            "rules": section(lambda: [_row(rule) for rule in reading.lifecycle(ctx, bucket)]),
            "replication": section(lambda: replication.rules(ctx, bucket)),
            "inventories": section(lambda: _inventories(ctx, bucket)),
        }
    return frame.show_tab(request, bucket, "management", **context)


def _row(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule in its table. timeline: [(day, storage class or "")], "" for the end."""
    expiration = rule.get("Expiration") or {}
    moves = [
        (one["Days"], one["StorageClass"]) for one in rule.get("Transitions", ()) if "Days" in one
    ]
    end = [(expiration["Days"], "")] if "Days" in expiration else []
    return {
        "rule": rule,
        "conditions": lifecycle.conditions_of(rule),
        "timeline": [*sorted(moves), *end],
        "expires": "Days" in expiration or "Date" in expiration,
    }


def _inventories(ctx: Context, bucket: str) -> list[dict[str, Any]]:
    answer = operations.list_bucket_inventory_configurations(ctx, bucket=bucket)
    done = inventory.deliveries(ctx, bucket)
    known = answer["InventoryConfigurationList"]
    return [{"configuration": one, "last": done.get(one["Id"])} for one in known]


@require_POST
def lifecycle_status(request: ConsoleRequest, bucket: str) -> HttpResponse:
    status, rule_id = request.POST.get("status", ""), request.POST.get("id", "")
    if status in STATUSES:
        with together(request.ctx):
            lifecycle.set_status(request.ctx, bucket, rule_id, status)
        flash.add(request, "success", _("Successfully edited lifecycle rule"), rule_id)
    return frame.to_tab(bucket, "management")


def event_list(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """What the destinations of event notifications would have been told."""
    found = notifications.recent(request.ctx, bucket)
    return _page(request, bucket, "s3/events.html", found, "message")


def data_event_list(request: ConsoleRequest, bucket: str) -> HttpResponse:
    found = data_events.recent(request.ctx, bucket)
    return _page(request, bucket, "s3/data_events.html", found, "record")


def _page(
    request: ConsoleRequest, bucket: str, template: str, found: Any, member: str
) -> HttpResponse:
    """member: of a row, what is shown as JSON."""
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    events = [(one, json.dumps(getattr(one, member), indent=2, ensure_ascii=False)) for one in page]
    name = f"{template}#rows" if request.htmx else template
    return render(request, name, {"bucket": bucket, "page": page, "events": events})
