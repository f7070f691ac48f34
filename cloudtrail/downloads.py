"""The event history as a file, written row by row."""

import csv
import json
from collections.abc import Iterable, Iterator

from django.db.models import QuerySet

from aws import clock
from aws.models import Event
from cloudtrail import records

MAX_EVENTS = 10_000
CHUNK = 500
COLUMNS = (
    "Event ID",
    "Event time",
    "User name",
    "Event name",
    "Resource type",
    "Resource name",
    "AWS access key",
    "AWS region",
    "Error code",
    "Source IP address",
    "Event source",
    "Read-only",
)
# A spreadsheet would take such a cell for a formula.
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Echo:
    """csv.writer wants a file; this one hands back what is written."""

    def write(self, text: str) -> str:
        return text


def as_csv(events: QuerySet[Event]) -> Iterator[str]:
    """With a byte order mark, by which spreadsheets know UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + str(writer.writerow(COLUMNS))
    for event in _limited(events):
        yield str(writer.writerow([_safe(cell) for cell in _cells(event)]))


def as_json(events: QuerySet[Event]) -> Iterator[str]:
    """{"Records": […]}, as CloudTrail's log files are."""
    separator = ""
    yield '{"Records":['
    for event in _limited(events):
        yield separator + json.dumps(records.record(event), ensure_ascii=False)
        separator = ",\n"
    yield "]}\n"


def _limited(events: QuerySet[Event]) -> Iterable[Event]:
    return events[:MAX_EVENTS].iterator(chunk_size=CHUNK)


def _cells(event: Event) -> Iterator[str]:
    yield str(event.event_id)
    yield clock.isoformat(event.event_time)
    yield event.user_name
    yield event.event_name
    yield ", ".join(resource["type"] for resource in event.resources)
    yield ", ".join(resource["name"] for resource in event.resources)
    yield event.access_key_id
    yield event.region
    yield event.error_code
    yield event.source_ip
    yield event.event_source
    yield "true" if event.read_only else "false"


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
