"""The bytes of a version, in pieces: from the row, its file, or the files of its parts."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from s3 import cipher, store
from s3.models import Part
from s3.rows import ObjectRow


class _Segment(NamedTuple):
    """length bytes from start of a file that holds size; encryption: {} for plain."""

    file: str
    size: int
    encryption: Mapping[str, str]
    start: int
    length: int


def read(found: ObjectRow, start: int, length: int, key: bytes | None = None) -> Iterable[bytes]:
    """key: of SSE-C or KMS, for a version that needs one.

    A file is open when this returns, so that a delete meanwhile is no harm.
    """
    if found.content is not None:
        return _from_row(found, start, length, key)
    if found.file is not None:
        segment = _Segment(found.file, found.size, found.encryption, start, length)
        return _from_file(segment, key)
    return _chain(_segments(found, start, length), key)


def _from_row(found: ObjectRow, start: int, length: int, key: bytes | None) -> Iterable[bytes]:
    content = bytes(found.content or b"")
    if key is None:
        return [content[start : start + length]]
    at, size = cipher.sealed_span(start, length, found.size, key)
    return cipher.opened([content[at : at + size]], key, found.encryption, start, length)


def _from_file(segment: _Segment, key: bytes | None) -> Iterable[bytes]:
    if key is None:
        return store.read(segment.file, segment.start, segment.length)
    at, size = cipher.sealed_span(segment.start, segment.length, segment.size, key)
    pieces = store.read(segment.file, at, size)
    return cipher.opened(pieces, key, segment.encryption, segment.start, segment.length)


def _segments(found: ObjectRow, start: int, length: int) -> list[_Segment]:
    """Of every part that the span touches."""
    segments: list[_Segment] = []
    parts = Part.objects.filter(version_id=found.pk).order_by("number")
    for file, size, encryption in parts.values_list("file", "size", "encryption"):
        if length <= 0:
            break
        if start < size:
            taken = min(size - start, length)
            segments.append(_Segment(file, size, encryption, start, taken))
            length -= taken
        start = max(0, start - size)
    return segments


def _chain(segments: list[_Segment], key: bytes | None) -> Iterator[bytes]:
    for segment in segments:
        yield from _from_file(segment, key)
