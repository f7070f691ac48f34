"""The widgets of Console Home. Each shows what the lab really knows, or says why it does not."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aws.errors import Denied
from cloudtrail import operations as cloudtrail
from console import coverage
from console.requests import ConsoleRequest
from iam import operations as iam
from iam.recommendations import recommendations

EVENTS = 5
REGULAR, EXTENDED = "regular", "extended"
Values = dict[str, Any]


@dataclass(frozen=True)
class Widget:
    """read: what the template console/widgets/<name>.html needs. size: of the default layout."""

    name: str
    title: str | Promise
    about: str | Promise
    read: Callable[[ConsoleRequest], Values]
    size: str = REGULAR

    @property
    def template(self) -> str:
        return f"console/widgets/{self.name}.html"


@dataclass(frozen=True)
class Placed:
    """A widget on someone's board. values: for its template."""

    widget: Widget
    size: str
    values: Values


def _nothing(request: ConsoleRequest) -> Values:
    return {}


def _welcome(request: ConsoleRequest) -> Values:
    return {"endpoint": settings.LAB_API_URL}


def _identity(request: ConsoleRequest) -> Values:
    account = request.account
    name = account.alias or account.account_id
    return {
        "account": account,
        "principal": request.principal,
        "signin_url": request.build_absolute_uri(f"/{name}/console"),
    }


def _security(request: ConsoleRequest) -> Values:
    """The root user's part needs GetAccountSummary; one's own part needs nothing."""
    ctx, summary = request.ctx, None
    if ctx.allows("iam:GetAccountSummary"):
        summary = iam.get_account_summary(ctx)["SummaryMap"]
    return {"recommendations": recommendations(ctx, summary)}


def _events(request: ConsoleRequest) -> Values:
    """The last changes in the account; None where the principal may not look them up."""
    changes = [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}]
    try:
        answer = cloudtrail.lookup_events(
            request.ctx, lookup_attributes=changes, max_results=EVENTS
        )
    except Denied as denied:
        return {"events": None, "denied": denied}
    return {
        "events": [
            {**event, "error": json.loads(event["CloudTrailEvent"]).get("errorCode", "")}
            for event in answer["Events"]
        ]
    }


def _coverage(request: ConsoleRequest) -> Values:
    return {"covered": [service for service in coverage.read() if service.operations]}


WIDGETS = {
    widget.name: widget
    for widget in (
        Widget(
            "recents",
            _("Recently visited"),
            _("The services that you opened last"),
            _nothing,
            EXTENDED,
        ),
        Widget(
            "identity",
            _("Account and sign-in"),
            _("Who you are here, and where others sign in"),
            _identity,
            EXTENDED,
        ),
        Widget(
            "security",
            _("Security recommendations"),
            _("What IAM advises for this account"),
            _security,
            EXTENDED,
        ),
        Widget(
            "events", _("Recent events"), _("The last changes in this account"), _events, EXTENDED
        ),
        Widget(
            "welcome",
            _("Welcome to Groundschool"),
            _("First steps, and where the AWS CLI connects to"),
            _welcome,
            EXTENDED,
        ),
        Widget(
            "coverage",
            _("Service coverage"),
            _("How much of AWS's API this lab offers"),
            _coverage,
            EXTENDED,
        ),
    )
}
Layout = list[dict[str, str]]


def default_layout() -> Layout:
    return [{"name": widget.name, "size": widget.size} for widget in WIDGETS.values()]


def layout_of(request: ConsoleRequest) -> Layout:
    """The person's layout; the default until they change it. Unknown widgets are left out."""
    kept = request.console_settings["widgets"]
    if kept is None:
        return default_layout()
    return [place for place in kept if place["name"] in WIDGETS]


def placed(request: ConsoleRequest) -> list[Placed]:
    board = []
    for place in layout_of(request):
        widget = WIDGETS[place["name"]]
        board.append(Placed(widget, place["size"], widget.read(request)))
    return board


def unplaced(layout: Layout) -> list[Widget]:
    """What "Add widgets" offers."""
    names = {place["name"] for place in layout}
    return [widget for widget in WIDGETS.values() if widget.name not in names]


def changed(layout: Layout, action: str, name: str, order: Sequence[str] = ()) -> Layout:
    """The layout after one move. action: add, remove, up, down, resize or order."""
    if action == "order":
        places = {place["name"]: place for place in layout}
        known = [places.pop(one) for one in order if one in places]
        return [*known, *places.values()]
    if action == "add":
        is_new = name in WIDGETS and all(place["name"] != name for place in layout)
        return [*layout, {"name": name, "size": WIDGETS[name].size}] if is_new else layout
    at = next((i for i, place in enumerate(layout) if place["name"] == name), None)
    if at is None:
        return layout
    changed_layout = [dict(place) for place in layout]
    if action == "remove":
        del changed_layout[at]
    elif action == "resize":
        size = changed_layout[at]["size"]
        changed_layout[at]["size"] = REGULAR if size == EXTENDED else EXTENDED
    elif action in ("up", "down"):
        to = max(0, at - 1) if action == "up" else at + 1
        changed_layout.insert(to, changed_layout.pop(at))
    return changed_layout
