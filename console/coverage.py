"""Which operations of AWS's API the lab offers: `docs/coverage.md` and the page that shows it.

The list is made from botocore's models and the registry, which takes seconds; the page reads the
generated file.
"""

import inspect
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from django.conf import settings

from aws.operation import Operation, find
from aws.services import SERVICES, Service

PATH = Path(settings.BASE_DIR) / "docs" / "coverage.md"
COMMAND = "python manage.py coverage"
OFFERED, MISSING = "yes", "–"
INTRODUCTION = f"""# Coverage of AWS's API

Every operation of the services in this lab, as botocore's models list them. An operation that is
not offered answers AWS's error form with the code `NotImplemented` and status 501. A note says
where the lab does less than AWS.

Written by `{COMMAND}` from the code; change the docstrings, not this file.
"""
# A note ends with its paragraph or where the next part of the docstring starts.
_NOTE = re.compile(r"Simplified:\s*(.+?)(?=\n\s*\n|\n(?:AWS:|Raises\b|Answers\b)|\Z)", re.DOTALL)
_HEADING = re.compile(r"## (?P<title>.+) \(`(?P<prefix>.+)`\)")
_ROW = re.compile(r"\| `(?P<name>\w+)` \| (?P<offered>\S+) \| (?P<note>.*?) ?\|")


@dataclass(frozen=True)
class OperationCoverage:
    """note: what is simplified, "" for nothing."""

    name: str
    is_offered: bool
    note: str


@dataclass(frozen=True)
class ServiceCoverage:
    """prefix: as in IAM actions."""

    prefix: str
    title: str
    operations: tuple[OperationCoverage, ...]

    @cached_property
    def offered(self) -> int:
        return sum(operation.is_offered for operation in self.operations)


def collect() -> list[ServiceCoverage]:
    """From the models and the registry. Slow: EC2's model alone takes about a second."""
    services = sorted(SERVICES.values(), key=lambda service: service.title)
    return [_collect_service(service) for service in services]


def write(services: Iterable[ServiceCoverage]) -> str:
    """The text of docs/coverage.md."""
    services = list(services)
    parts = [INTRODUCTION, "| Service | Offered | In AWS |\n|---|---:|---:|"]
    parts += [
        f"| {service.title} | {service.offered} | {len(service.operations)} |"
        for service in services
    ]
    for service in services:
        parts.append(f"\n## {service.title} (`{service.prefix}`)\n")
        parts.append("| Operation | Offered | Notes |\n|---|---|---|")
        parts += [_row(operation) for operation in service.operations]
    return "\n".join(parts) + "\n"


def read() -> tuple[ServiceCoverage, ...]:
    """What docs/coverage.md says; empty without the file."""
    try:
        return _read(PATH, PATH.stat().st_mtime_ns)
    except FileNotFoundError:
        return ()


def notes(operation: Operation[...]) -> str:
    """The `Simplified:` parts of an operation's docstring, as one line."""
    found = _NOTE.findall(inspect.cleandoc(operation.__doc__ or ""))
    return " ".join(" ".join(note.split()) for note in found)


def _collect_service(service: Service) -> ServiceCoverage:
    names = sorted(service.service_model.operation_names)
    operations = []
    for name in names:
        operation = find(service.prefix, name)
        note = notes(operation) if operation else ""
        operations.append(OperationCoverage(name, operation is not None, note))
    return ServiceCoverage(service.prefix, service.title, tuple(operations))


def _row(operation: OperationCoverage) -> str:
    note = operation.note.replace("|", "\\|")
    offered = OFFERED if operation.is_offered else MISSING
    return f"| `{operation.name}` | {offered} | {note} |".replace("  |", " |")


@cache
def _read(path: Path, changed_at: int) -> tuple[ServiceCoverage, ...]:
    """changed_at: makes a changed file another entry of the cache."""
    services: list[ServiceCoverage] = []
    rows: list[OperationCoverage] = []
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if heading := _HEADING.fullmatch(line):
            rows = []
            services.append(ServiceCoverage(heading["prefix"], heading["title"], ()))
        elif row := _ROW.fullmatch(line):
            note = row["note"].replace("\\|", "|")
            rows.append(OperationCoverage(row["name"], row["offered"] == OFFERED, note))
            last = services[-1]
            services[-1] = ServiceCoverage(last.prefix, last.title, tuple(rows))
    return tuple(services)
