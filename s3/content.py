"""The bytes of a version, in pieces: from the row, its file, or the files of its parts."""

from collections.abc import Iterable, Iterator

from s3 import store
from s3.models import Part
from s3.rows import ObjectRow

_Segment = tuple[str, int, int]


def read(found: ObjectRow, start: int, length: int) -> Iterable[bytes]:
    """Files are open when this returns, so that a delete meanwhile is no harm."""
    if found.content is not None:
        return [bytes(found.content[start : start + length])]
    if found.file is not None:
        return store.read(found.file, start, length)
    return _chain(_segments(found, start, length))


def _segments(found: ObjectRow, start: int, length: int) -> list[_Segment]:
    """(file, start, length) of every part that the span touches."""
    segments: list[_Segment] = []
    parts = Part.objects.filter(version_id=found.pk).order_by("number")
    for file, size in parts.values_list("file", "size"):
        if length <= 0:
            break
        if start < size:
            taken = min(size - start, length)
            segments.append((file, start, taken))
            length -= taken
        start = max(0, start - size)
    return segments


def _chain(segments: list[_Segment]) -> Iterator[bytes]:
    for file, start, length in segments:
        yield from store.read(file, start, length)
