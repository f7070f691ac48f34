"""The filter above the event history, and the form for an encoded message."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from aws.context import Context
from console.forms import AwsForm

ATTRIBUTES = [
    ("ReadOnly", _("Read-only")),
    ("EventName", _("Event name")),
    ("Username", _("User name")),
    ("ResourceName", _("Resource name")),
    ("ResourceType", _("Resource type")),
    ("EventSource", _("Event source")),
    ("EventId", _("Event ID")),
    ("AccessKeyId", _("AWS access key")),
]
RELATIVE = {
    "30m": timedelta(minutes=30),
    "1h": timedelta(hours=1),
    "3h": timedelta(hours=3),
    "12h": timedelta(hours=12),
}
CUSTOM = "custom"
RANGES = [
    ("", _("Last 90 days")),
    ("30m", _("Last 30 minutes")),
    ("1h", _("Last hour")),
    ("3h", _("Last 3 hours")),
    ("12h", _("Last 12 hours")),
    (CUSTOM, _("Custom range")),
]
PAGE_SIZES = (10, 20, 50)
# What AWS's page starts with: the changes, without the noise of reading.
DEFAULTS = {"attribute": "ReadOnly", "value": "false"}


class LookupForm(forms.Form):
    """Query string of the event history: one attribute, one range of time."""

    attribute = forms.ChoiceField(
        label=_("Lookup attribute"), choices=[("", _("All events")), *ATTRIBUTES], required=False
    )
    value = forms.CharField(label=_("Value"), max_length=2000, required=False)
    range = forms.ChoiceField(label=_("Time range"), choices=RANGES, required=False)
    start = forms.DateTimeField(
        label=_("From"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    end = forms.DateTimeField(
        label=_("To"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    @classmethod
    def of(cls, query: Mapping[str, Any]) -> "LookupForm":
        """The form of a query string; of AWS's default filter where it names none."""
        return cls(query if "attribute" in query else {**DEFAULTS, **dict(query.items())})

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("attribute") and not cleaned.get("value"):
            self.add_error("value", _("Enter a value."))
        start, end = cleaned.get("start"), cleaned.get("end")
        if cleaned.get("range") == CUSTOM and start and end and start > end:
            self.add_error("end", _("The end is before the start."))
        return cleaned

    def arguments(self, ctx: Context, since: str = "") -> dict[str, Any]:
        """LookupEvents' arguments. since: start of the first page, so that the next ones match."""
        cleaned = self.cleaned_data
        arguments: dict[str, Any] = {}
        if cleaned["attribute"]:
            chosen = {"AttributeKey": cleaned["attribute"], "AttributeValue": cleaned["value"]}
            arguments["lookup_attributes"] = [chosen]
        if cleaned["range"] in RELATIVE:
            start = _moment(since) or ctx.now - RELATIVE[cleaned["range"]]
            arguments["start_time"] = start
        elif cleaned["range"] == CUSTOM:
            arguments |= {"start_time": cleaned["start"], "end_time": cleaned["end"]}
        return arguments

    def url(self, **changes: Any) -> str:
        """A query string with this filter: "?attribute=ReadOnly&…"."""
        names = ("attribute", "value", "range", "start", "end")
        values = {name: self.data.get(name, "") for name in names} | changes
        # An empty attribute says "all events", so it stays.
        kept = {name: value for name, value in values.items() if value or name == "attribute"}
        return "?" + urlencode(kept)


class MessageForm(AwsForm):
    """An encoded authorization failure message, as EC2 puts it into its errors."""

    encoded_message = forms.CharField(
        label=_("Encoded message"), max_length=10_240, widget=forms.Textarea(attrs={"rows": 5})
    )


def page_size(query: Mapping[str, Any]) -> int:
    size = str(query.get("size", ""))
    return int(size) if size.isdecimal() and int(size) in PAGE_SIZES else PAGE_SIZES[-1]


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
