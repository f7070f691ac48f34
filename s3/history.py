"""Lists of versions: keys in byte order, each key's versions from the newest."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from s3.listing import END, first_after, successor
from s3.rows import BucketRow, run, version

_BATCH = 1000
# With a delimiter most of a batch may fold into one prefix, so that little is read at a time.
_FOLDED_BATCH = 50
_PAGE = """SELECT o.key, o.id, o.version_id, o.is_latest, o.is_delete_marker, o.size, o.etag,
    o.last_modified, o.storage_class, o.owner_id, o.checksum::text, o.restore::text
    FROM s3_objectversion o WHERE o.bucket_id = %(bucket)s
    AND o.key >= %(start)s AND o.key < %(end)s AND (o.key > %(start)s OR o.id < %(before)s)
    ORDER BY o.key, o.id DESC LIMIT %(limit)s"""
_MAX_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Entry:
    key: str
    pk: int
    version_id: str
    is_latest: bool
    is_delete_marker: bool
    size: int
    etag: str
    last_modified: datetime
    storage_class: str
    owner_id: str
    checksum: str
    restore: str

    def as_aws(self, key: str, owner: dict[str, str]) -> dict[str, Any]:
        """key: encoded as the request wants it."""
        item: dict[str, Any] = {
            "Key": key,
            "VersionId": self.version_id,
            "IsLatest": self.is_latest,
            "LastModified": self.last_modified,
            "Owner": owner,
        }
        if self.is_delete_marker:
            return item
        checksum = json.loads(self.checksum)
        if kind := checksum.pop("ChecksumType", None):
            names = [name.removeprefix("Checksum") for name in checksum]
            item |= {"ChecksumAlgorithm": names, "ChecksumType": kind}
        return item | {
            "ETag": f'"{self.etag}"',
            "Size": self.size,
            "StorageClass": self.storage_class,
        }


@dataclass(slots=True)
class Page:
    """next_key: None at the end. next_version: None after a common prefix."""

    entries: list[Entry] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    next_key: str | None = None
    next_version: str | None = None

    @property
    def size(self) -> int:
        return len(self.entries) + len(self.prefixes)


def page(
    bucket: BucketRow, prefix: str, delimiter: str, *, key_marker: str, version_id: str, size: int
) -> Page:
    """version_id: an older one than this of key_marker's, "" for the keys after it."""
    found = Page()
    if size <= 0:
        return found
    start, before = _start(bucket, prefix, delimiter, key_marker, version_id)
    end = successor(prefix) or END
    limit = _FOLDED_BATCH if delimiter else _BATCH + 1
    last: tuple[str, str | None] = ("", None)
    while True:
        parameters = {
            "bucket": bucket.pk, "start": start, "end": end, "before": before, "limit": limit,
        }  # fmt: skip
        batch = [Entry(*row) for row in run(_PAGE, parameters).fetchall()]
        for entry in batch:
            folded = _fold(entry.key, prefix, delimiter)
            if folded and found.prefixes[-1:] == [folded]:
                continue
            if found.size == size:
                found.next_key, found.next_version = last
                return found
            if folded:
                found.prefixes.append(folded)
                last = folded, None
            else:
                found.entries.append(entry)
                last = entry.key, entry.version_id
        if len(batch) < limit:
            return found
        start, before = batch[-1].key, batch[-1].pk
        if folded := _fold(start, prefix, delimiter):
            start, before = successor(folded) or END, _MAX_ID


def _start(
    bucket: BucketRow, prefix: str, delimiter: str, key_marker: str, version_id: str
) -> tuple[str, int]:
    if key_marker and version_id and key_marker >= prefix:
        known = version(bucket, key_marker, version_id)
        # One that has gone meanwhile, as where a client deletes page by page: the key again.
        return key_marker, known.pk if known else _MAX_ID
    return max(prefix, first_after(key_marker, prefix, delimiter)), _MAX_ID


def _fold(key: str, prefix: str, delimiter: str) -> str:
    """The common prefix that a key stands in, "" for none."""
    if not delimiter:
        return ""
    at = key.find(delimiter, len(prefix))
    return "" if at < 0 else key[: at + len(delimiter)]
