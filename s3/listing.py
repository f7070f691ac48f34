"""Lists of keys: a range of the index, or a skip scan where a delimiter folds keys together.

Keys are compared as UTF-8 bytes (COLLATE "C"). With a delimiter each step of the recursive query
finds the next key or common prefix by one descent of the index, so that a prefix with a million
keys costs as much as one.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from s3.rows import BucketRow, run

MAX_KEYS = 1000
# Above every key of at most 1,024 bytes.
END = "\U0010ffff" * 257
_COLUMNS = """o.key, o.size, o.etag, o.last_modified, o.storage_class, o.owner_id,
    o.checksum::text, o.restore::text"""
_LIVE = "o.bucket_id = %(bucket)s AND o.is_latest AND NOT o.is_delete_marker"
_IN_RANGE = "o.key >= %(start)s AND o.key < %(end)s"
_PLAIN = f"""SELECT {_COLUMNS}, NULL FROM s3_objectversion o WHERE {_LIVE} AND {_IN_RANGE}
    ORDER BY o.key LIMIT %(limit)s"""  # noqa: S608 - our own names
# folded: the common prefix of a key, NULL for a key that stands for itself.
_REST = "substr(o.key, length(%(prefix)s::text) + 1)"
_FOLD = f"""CASE strpos({_REST}, %(delimiter)s::text) WHEN 0 THEN NULL
    ELSE left(o.key, length(%(prefix)s::text) + strpos({_REST}, %(delimiter)s::text)
        + length(%(delimiter)s::text) - 1) END"""
_FOLDED = f"""WITH RECURSIVE walk AS (
    (SELECT {_COLUMNS}, {_FOLD} AS folded FROM s3_objectversion o WHERE {_LIVE} AND {_IN_RANGE}
     ORDER BY o.key LIMIT 1)
    UNION ALL
    SELECT n.* FROM walk w, LATERAL (
        SELECT {_COLUMNS}, {_FOLD} AS folded FROM s3_objectversion o WHERE {_LIVE}
        AND o.key >= (CASE WHEN w.folded IS NULL THEN w.key || chr(1)
                      ELSE left(w.folded, -1) || %(successor)s::text END) COLLATE "C"
        AND o.key < %(end)s
        ORDER BY o.key LIMIT 1) n)
    SELECT * FROM walk LIMIT %(limit)s"""  # noqa: S608 - our own names


@dataclass(frozen=True, slots=True)
class Entry:
    """A key, or a common prefix (prefix_name set, and the rest says nothing)."""

    key: str
    size: int
    etag: str
    last_modified: datetime
    storage_class: str
    owner_id: str
    checksum: str
    restore: str
    prefix_name: str | None

    @property
    def name(self) -> str:
        return self.prefix_name or self.key


@dataclass(frozen=True, slots=True)
class Page:
    """last: where the next page goes on, "" at the end."""

    entries: list[Entry]
    last: str


def page(bucket: BucketRow, *, prefix: str, delimiter: str, after: str, size: int) -> Page:
    """Keys greater than `after`; one that is a common prefix hides all that it stands for."""
    if size <= 0:
        return Page([], "")
    parameters: dict[str, Any] = {
        "bucket": bucket.pk,
        "prefix": prefix,
        "start": max(prefix, first_after(after, prefix, delimiter)),
        "end": successor(prefix) or END,
        "delimiter": delimiter,
        "successor": _next_character(delimiter[-1]) if delimiter else "",
        "limit": size + 1,
    }
    statement = _FOLDED if delimiter else _PLAIN
    entries = [Entry(*row) for row in run(statement, parameters).fetchall()]
    if len(entries) <= size:
        return Page(entries, "")
    return Page(entries[:size], entries[size - 1].name)


def first_after(after: str, prefix: str, delimiter: str) -> str:
    """The least key that comes after a key or common prefix, which hides all that begins so."""
    if not after:
        return ""
    if delimiter and after.startswith(prefix) and after.endswith(delimiter):
        is_folded = after.index(delimiter, len(prefix)) + len(delimiter) == len(after)
        if len(after) > len(prefix) and is_folded:
            return successor(after) or END
    # PostgreSQL's text holds no null character, so this is the next possible key.
    return after + "\x01"


def successor(text: str) -> str | None:
    """The least text greater than all that begin with this one; None where there is none."""
    while text:
        following = _next_character(text[-1])
        if following:
            return text[:-1] + following
        text = text[:-1]
    return None


def _next_character(character: str) -> str:
    code = ord(character) + 1
    if code > 0x10FFFF:
        return ""
    # Surrogates are not characters, and UTF-8 has no bytes for them.
    return chr(0xE000 if 0xD800 <= code <= 0xDFFF else code)
