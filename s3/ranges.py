"""The Range header, as S3 reads it: one range, else the whole object.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#AmazonS3-GetObject-request-header-Range
"""

import re
from dataclasses import dataclass

from s3.errors import InvalidRange

_RANGE = re.compile(r"\s*bytes\s*=\s*(\d{0,19})\s*-\s*(\d{0,19})\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """length bytes from start, of size in all."""

    start: int
    length: int
    size: int

    @property
    def is_whole(self) -> bool:
        return self.length == self.size

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.start + self.length - 1}/{self.size}"


def read(text: str, size: int) -> Span | None:
    """None where the header says nothing that S3 reads. Raises InvalidRange."""
    match = _RANGE.fullmatch(text)
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size - 1
        is_satisfiable = int(last) > 0 and size > 0
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
        if last and int(last) < int(first):
            return None
        is_satisfiable = start < size
    if not is_satisfiable:
        raise InvalidRange(
            RangeRequested=text.strip(),
            ActualObjectSize=size,
            headers=[("Content-Range", f"bytes */{size}")],
        )
    return Span(start, end - start + 1, size)
