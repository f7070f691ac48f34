"""Event history: the table, its downloads, one event, its code, and why it was denied."""

import json
import uuid
from typing import Any

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from aws import errors
from aws.context import Context
from aws.models import Event
from aws.operation import find
from cloudtrail import downloads, operations, records
from cloudtrail.denials import denial_of
from cloudtrail.forms import PAGE_SIZES, LookupForm, MessageForm, page_size
from console import show_code
from console.columns import Columns
from console.requests import ConsoleRequest

FORMATS = {
    "csv": (downloads.as_csv, "text/csv; charset=utf-8"),
    "json": (downloads.as_json, "application/json"),
}
DENIED = {error.code for error in errors.Denied.__subclasses__()}
COLUMNS = Columns(
    "cloudtrail:event-list",
    {
        "time": gettext_lazy("Event time"),
        "user": gettext_lazy("User name"),
        "source": gettext_lazy("Event source"),
        "type": gettext_lazy("Resource type"),
        "resource": gettext_lazy("Resource name"),
        "error": gettext_lazy("Error code"),
        "key": gettext_lazy("AWS access key"),
        "region": gettext_lazy("AWS Region"),
        "address": gettext_lazy("Source IP address"),
        "read_only": gettext_lazy("Read-only"),
    },
    hidden=frozenset({"key", "region", "address", "read_only"}),
)
# CloudTrail's resource type → the page of a resource by its name.
RESOURCE_PAGES = {
    "AWS::IAM::User": "iam:user-detail",
    "AWS::IAM::Group": "iam:group-detail",
    "AWS::IAM::Role": "iam:role-detail",
}


@require_GET
def event_list(request: ConsoleRequest) -> HttpResponse:
    """The table; HTMX asks for its rows alone."""
    form = LookupForm.of(request.GET)
    size = page_size(request.GET)
    context: dict[str, Any] = {"form": form, "size": size, "sizes": PAGE_SIZES}
    context["shown"] = COLUMNS.shown(request)
    if form.is_valid():
        context |= _page(request, form, size)
    template = "cloudtrail/event_list.html#rows" if request.htmx else "cloudtrail/event_list.html"
    return render(request, template, context, status=200 if form.is_valid() else 422)


def _page(request: ConsoleRequest, form: LookupForm, size: int) -> dict[str, Any]:
    arguments = form.arguments(request.ctx, request.GET.get("since", ""))
    token = request.GET.get("token", "")
    if token:
        arguments["next_token"] = token
    answer = operations.lookup_events(request.ctx, **arguments, max_results=size)
    since = arguments["start_time"].isoformat() if arguments.get("start_time") else ""
    next_url = ""
    if "NextToken" in answer:
        next_url = form.url(token=answer["NextToken"], since=since, size=size)
    return {
        "events": [_row(event) for event in answer["Events"]],
        "next_url": next_url,
        "is_first": not token,
        "first_url": form.url(size=size),
        "download_url": form.url(),
    }


def _row(event: dict[str, Any]) -> dict[str, Any]:
    """AWS's Event with its record read."""
    record = json.loads(event["CloudTrailEvent"])
    is_denied = record.get("errorCode", "") in DENIED
    return {**event, "Record": record, "is_denied": is_denied}


def event_columns(request: ConsoleRequest) -> HttpResponse:
    return COLUMNS.edit(request)


@require_GET
@never_cache
def event_download(request: ConsoleRequest, file_format: str) -> StreamingHttpResponse:
    """All that the filter finds, up to 10,000 events. Asks as the table does, then streams."""
    form = LookupForm.of(request.GET)
    if file_format not in FORMATS or not form.is_valid():
        raise Http404
    arguments = form.arguments(request.ctx)
    operations.lookup_events(request.ctx, **arguments, max_results=1)
    attribute = next((tuple(one.values()) for one in arguments.pop("lookup_attributes", [])), None)
    write, content_type = FORMATS[file_format]
    events = records.matching(request.ctx, attribute, **arguments)
    response = StreamingHttpResponse(write(events), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="event_history.{file_format}"'
    return response


@require_GET
def event_detail(request: ConsoleRequest, event_id: uuid.UUID) -> HttpResponse:
    event = _looked_up(request.ctx, event_id)
    context = {
        "event": event,
        "resources": [_resource(one) for one in event.resources],
        "record": json.dumps(records.record(event), indent=4, ensure_ascii=False),
        "code": show_code.code_of(event),
    }
    return render(request, "cloudtrail/event_detail.html", context)


def _resource(resource: dict[str, str]) -> dict[str, str]:
    view = RESOURCE_PAGES.get(resource["type"])
    return {**resource, "url": reverse(view, args=[resource["name"]]) if view else ""}


@require_GET
def event_code(request: ConsoleRequest, event_ids: list[uuid.UUID]) -> HttpResponse:
    """The calls of one click, in order. One's own need no permission."""
    found = [_own_or_looked_up(request.ctx, event_id) for event_id in event_ids]
    codes = [(event, show_code.code_of(event)) for event in found]
    template = "cloudtrail/event_code.html#code" if request.htmx else "cloudtrail/event_code.html"
    return render(request, template, {"codes": codes})


@require_GET
def denied(request: ConsoleRequest, event_id: uuid.UUID) -> HttpResponse:
    """Why was I denied? Whoever was denied may always ask; others need LookupEvents."""
    event = _own_or_looked_up(request.ctx, event_id)
    explained = denial_of(request.ctx, event.explanation) if event.explanation else None
    context = {
        "event": event,
        "session": event.user_identity.get("sessionContext", {}).get("attributes", {}),
        "denial": explained,
        "other_call": explained is not None and not explained.is_about(event.event_name),
        "page_url": request.build_absolute_uri(request.path),
    }
    return render(request, "cloudtrail/denied.html", context)


@require_http_methods(["GET", "POST"])
def decode(request: ConsoleRequest) -> HttpResponse:
    """The same from an encoded authorization failure message."""
    form = MessageForm(request.POST or None)
    context: dict[str, Any] = {"form": form}
    decode_message = find("sts", "DecodeAuthorizationMessage")
    if form.is_valid() and decode_message is not None:
        answer = form.submit(decode_message, request.ctx, **form.cleaned_data)
        if answer is not None:
            decoded = json.loads(answer["DecodedMessage"])
            explanation = decoded.pop("explanation")
            context["denial"] = denial_of(request.ctx, explanation) if explanation else None
            context["decoded"] = json.dumps(decoded, indent=4, ensure_ascii=False)
    return render(request, "cloudtrail/decode.html", context, status=422 if form.errors else 200)


def _looked_up(ctx: Context, event_id: uuid.UUID) -> Event:
    """Found by the operation, so that it is authorized and recorded."""
    attribute = {"AttributeKey": "EventId", "AttributeValue": str(event_id)}
    operations.lookup_events(ctx, lookup_attributes=[attribute])
    event = records.matching(ctx, ("EventId", str(event_id))).first()
    if event is None:
        raise Http404
    return event


def _own_or_looked_up(ctx: Context, event_id: uuid.UUID) -> Event:
    return records.own(ctx, event_id) or _looked_up(ctx, event_id)
