"""The Contents of a list: dicts for whoever reads them, one string for the wire.

A page has a thousand of them. Written member by member they cost four fifths of the call, so the
wire asks for the text at once; a test holds that both say the same.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, overload
from xml.sax.saxutils import escape

from aws.wire.writers import timestamp, xml_text
from s3 import checksums, restores
from s3.listing import Entry
from s3.owners import owner
from s3.rows import BucketRow

Encode = Callable[[str], str]
_NAMES = re.compile(r'"Checksum(\w+)":')


class Contents(Sequence[dict[str, Any]]):
    """encode: of keys, as encoding-type asks. Items are made when they are read."""

    def __init__(
        self,
        bucket: BucketRow,
        entries: list[Entry],
        encode: Encode,
        *,
        with_owner: bool,
        with_restore: bool,
    ) -> None:
        self._bucket = bucket
        self._entries = entries
        self._encode = encode
        self._with_owner = with_owner
        self._with_restore = with_restore
        # A bucket's objects have few owners.
        self._owners: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(index, slice):
            return [self._item(entry) for entry in self._entries[index]]
        return self._item(self._entries[index])

    def as_xml(self) -> str:
        """<Contents>…</Contents> for each, in the order of AWS's model."""
        return "".join([self._text(entry) for entry in self._entries])

    def _item(self, entry: Entry) -> dict[str, Any]:
        item: dict[str, Any] = {
            "Key": self._encode(entry.key),
            "LastModified": entry.last_modified,
            "ETag": f'"{entry.etag}"',
            "Size": entry.size,
            "StorageClass": entry.storage_class,
        }
        kind, names = _algorithms(entry.checksum)
        if kind:
            item |= {"ChecksumAlgorithm": names, "ChecksumType": kind}
        if self._with_owner:
            item["Owner"] = owner(self._owner_id(entry))
        if status := self._restore(entry):
            item["RestoreStatus"] = status
        return item

    def _text(self, entry: Entry) -> str:
        restore = self._restore(entry)
        return (
            f"<Contents><Key>{xml_text(self._encode(entry.key))}</Key>"
            f"<LastModified>{timestamp(entry.last_modified, 'iso8601')}</LastModified>"
            f'<ETag>"{entry.etag}"</ETag>{self._checksum_text(entry)}'
            f"<Size>{entry.size}</Size><StorageClass>{entry.storage_class}</StorageClass>"
            f"{self._owner_text(entry)}{_restore_text(restore) if restore else ''}</Contents>"
        )

    def _owner_id(self, entry: Entry) -> str:
        return entry.owner_id or self._bucket.account_id

    def _restore(self, entry: Entry) -> dict[str, Any] | None:
        return restores.status(self._bucket, entry.restore) if self._with_restore else None

    def _checksum_text(self, entry: Entry) -> str:
        kind, names = _algorithms(entry.checksum)
        if not kind:
            return ""
        listed = "".join(f"<ChecksumAlgorithm>{name}</ChecksumAlgorithm>" for name in names)
        return f"{listed}<ChecksumType>{kind}</ChecksumType>"

    def _owner_text(self, entry: Entry) -> str:
        if not self._with_owner:
            return ""
        account_id = self._owner_id(entry)
        known = self._owners.get(account_id)
        if known is None:
            who = owner(account_id)
            inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in who.items())
            known = self._owners[account_id] = f"<Owner>{inner}</Owner>"
        return known


def _algorithms(checksum: str) -> tuple[str, list[str]]:
    """(type, algorithms) of a version's checksums, as JSON; ("", []) for none.

    Digests are base64, so nothing inside of them looks like a name.
    """
    names = _NAMES.findall(checksum)
    if "Type" not in names:
        return "", []
    kind = checksums.COMPOSITE if f'"{checksums.COMPOSITE}"' in checksum else checksums.FULL_OBJECT
    return kind, [name for name in names if name != "Type"]


def _restore_text(status: dict[str, Any]) -> str:
    ongoing = "true" if status["IsRestoreInProgress"] else "false"
    expiry = status.get("RestoreExpiryDate")
    until = (
        f"<RestoreExpiryDate>{timestamp(expiry, 'iso8601')}</RestoreExpiryDate>" if expiry else ""
    )
    return (
        f"<RestoreStatus><IsRestoreInProgress>{ongoing}</IsRestoreInProgress>{until}"
        "</RestoreStatus>"
    )
