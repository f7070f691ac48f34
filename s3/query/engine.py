"""One query in a process of its own: started, fed, waited for, ended."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from aws.context import Context
from s3.query.sources import Source, write

WORKER = Path(__file__).with_name("worker.py")
SECONDS = 15
MAX_SHOWN, MAX_CSV = 1_000, 10_000
# Queries of the whole lab at a time: each may take a processor and 256 MB.
SLOTS = 2


class QueryError(Exception):
    """args[0]: the sentence to show, in DuckDB's words or in the visitor's language."""


@dataclass(frozen=True)
class Table:
    """columns: (name, type)."""

    name: str
    key: str
    columns: list[tuple[str, str]]


@dataclass(frozen=True)
class Result:
    """rows: cells as JSON has them. is_cut: there are more. milliseconds: of the whole process."""

    tables: list[Table] = field(default_factory=list)
    columns: list[tuple[str, str]] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    is_cut: bool = False
    milliseconds: int = 0


def run(
    ctx: Context, bucket: str, sources: Sequence[Source], sql: str, *, max_rows: int = MAX_SHOWN
) -> Result:
    """Answers a query over objects that the principal may read; without SQL, their columns alone.

    Raises QueryError, and what reading an object raises.
    """
    with _turn(ctx), TemporaryDirectory(prefix="groundschool-query-") as folder:
        write(ctx, bucket, sources, Path(folder))
        job = {
            "tables": [
                {"name": one.table, "file": one.file, "format": one.format} for one in sources
            ],
            "sql": sql,
            "max_rows": max_rows,
        }
        started = monotonic()
        answer = _process(folder, job)
        spent = int((monotonic() - started) * 1000)
    if "error" in answer:
        raise QueryError(answer["error"].replace(folder, ""))
    keys = {one.table: one.key for one in sources}
    return Result(
        tables=[
            Table(one["name"], keys[one["name"]], [(name, kind) for name, kind in one["columns"]])
            for one in answer["schemas"]
        ],
        columns=[(name, kind) for name, kind in answer.get("columns", [])],
        rows=answer.get("rows", []),
        is_cut=answer.get("is_cut", False),
        milliseconds=spent,
    )


def _process(folder: str, job: dict[str, Any]) -> dict[str, Any]:
    command = [sys.executable, "-I", str(WORKER), folder]
    try:
        done = subprocess.run(  # noqa: S603 - fixed words and a folder of ours
            command,
            input=json.dumps(job).encode(),
            capture_output=True,
            timeout=SECONDS,
            cwd=folder,
            env={},
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise QueryError(_("The query was ended: it ran longer than 15 seconds.")) from None
    if done.returncode != 0:
        # Ended by a limit: the processor's time or the memory.
        raise QueryError(_("The query was ended: it used more time or memory than the lab gives."))
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@contextmanager
def _turn(ctx: Context) -> Iterator[None]:
    """One query a principal, few in the lab. Raises QueryError where others are at it."""
    mine = f"s3-query:{ctx.principal.arn}"
    if not cache.add(mine, 1, SECONDS * 2):
        raise QueryError(_("Another query of yours is still running."))
    slot = ""
    try:
        slot = next(
            (f"s3-query-slot:{n}" for n in range(SLOTS) if cache.add(f"s3-query-slot:{n}", 1, 60)),
            "",
        )
        if not slot:
            raise QueryError(_("The lab is answering other queries. Try again in a moment."))
        yield
    finally:
        cache.delete(mine)
        if slot:
            cache.delete(slot)
