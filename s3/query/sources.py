"""The objects of a query: which they may be, the tables they become, their bytes."""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from aws.context import Context
from s3 import operations
from s3.errors import InvalidRequest

MAX_OBJECTS = 20
MAX_BYTES = 64 << 20
FORMATS = {
    "csv": "csv",
    "tsv": "csv",
    "txt": "csv",
    "json": "json",
    "jsonl": "json",
    "ndjson": "json",
    "parquet": "parquet",
}
# DuckDB unpacks these by the file's name.
_PACKED = (".gz", ".zst")
_NOBODY = 65534


@dataclass(frozen=True)
class Source:
    """table: its name in SQL. file: its name in the query's folder. format: of FORMATS' values."""

    key: str
    table: str
    file: str
    format: str


def format_of(key: str) -> str:
    """ "csv", "json", "parquet"; "" for what no query reads."""
    name = key.lower()
    for packed in _PACKED:
        name = name.removesuffix(packed)
    return FORMATS.get(name.rpartition(".")[2], "") if "." in name else ""


def sources(keys: Iterable[str]) -> list[Source]:
    """Tables named after their objects: "data/2026 sales.csv" becomes t_2026_sales.

    Raises InvalidRequest for too many, or for one that is none of the formats.
    """
    found: list[Source] = []
    taken: set[str] = set()
    for key in dict.fromkeys(keys):
        kind = format_of(key)
        if not kind:
            raise InvalidRequest(reason=f"{key} is neither CSV nor JSON nor Parquet.")
        table = _free(_table_name(key), taken)
        taken.add(table.lower())
        packed = next((one for one in _PACKED if key.lower().endswith(one)), "")
        found.append(Source(key, table, f"{len(found)}.{kind}{packed}", kind))
    if len(found) > MAX_OBJECTS:
        raise InvalidRequest(reason=f"Choose at most {MAX_OBJECTS} objects.")
    return found


def write(ctx: Context, bucket: str, wanted: Sequence[Source], folder: Path) -> None:
    """Reads each object as the principal, into the folder. Raises what GetObject raises, and
    InvalidRequest where they are too large together.
    """
    is_root = os.geteuid() == 0
    left = MAX_BYTES
    for one in wanted:
        answer = operations.get_object(ctx, bucket=bucket, key=one.key)
        left -= answer["ContentLength"]
        if left < 0:
            raise InvalidRequest(reason="The objects of a query may have 64 MiB together.")
        path = folder / one.file
        with path.open("wb") as file:
            for piece in pieces(answer["Body"]):
                file.write(piece)
        if is_root:
            os.chown(path, _NOBODY, _NOBODY)
    if is_root:
        os.chown(folder, _NOBODY, _NOBODY)


def pieces(body: bytes | Iterable[bytes]) -> Iterable[bytes]:
    return [body] if isinstance(body, bytes) else body


def _table_name(key: str) -> str:
    """Letters, digits and underscores of the object's name, without its ending."""
    stem = key.rstrip("/").rpartition("/")[2].partition(".")[0]
    name = re.sub(r"\W+", "_", stem).strip("_").lower()
    return f"t_{name}" if not name or name[0].isdigit() else name


def _free(name: str, taken: set[str]) -> str:
    number, found = 1, name
    while found.lower() in taken:
        number += 1
        found = f"{name}_{number}"
    return found
