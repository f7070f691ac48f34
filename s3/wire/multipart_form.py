"""A form with a file, read as it streams in: the fields first, then the file's bytes.

RFC 7578. AWS ignores what comes after the field "file", so that it has to be the last.
"""

import re
from typing import Any

from aws.wire.errors import IncompleteBody
from s3.errors import InvalidArgument, InvalidRequest

MAX_FIELDS_BYTES = 20 * 1024
MAX_FIELD_HEADERS = 4096
_READ = 65_536
_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))', re.IGNORECASE)
_NAME = re.compile(r';\s*name="((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_FILENAME = re.compile(r';\s*filename="((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_TYPE = re.compile(r"^content-type:\s*(.+?)\s*$", re.IGNORECASE | re.MULTILINE)


class Form:
    """fields: lower-case names → values, before the file. filename, content_type: of the file.

    read(size) gives the file's bytes; `size` counts them.
    """

    def __init__(self, stream: Any, content_type: str, length: int) -> None:
        match = _BOUNDARY.search(content_type)
        if match is None:
            raise InvalidRequest(reason="The form has no boundary.")
        self._mark = b"\r\n--" + (match[1] or match[2]).encode()
        self._stream, self._left = stream, length
        # The first boundary has no line before it.
        self._buffer = bytearray(b"\r\n")
        self.fields: dict[str, str] = {}
        self.filename = self.content_type = ""
        self.size = 0
        self._read_fields()

    def read(self, size: int, /) -> bytes:
        """Raises IncompleteBody."""
        while (end := self._buffer.find(self._mark)) < 0 and len(self._buffer) < size + len(
            self._mark
        ):
            if not self._fill():
                raise IncompleteBody
        # What might be the beginning of the mark stays.
        known = end if end >= 0 else len(self._buffer) - len(self._mark)
        piece = bytes(self._buffer[: min(size, known)])
        del self._buffer[: len(piece)]
        self.size += len(piece)
        return piece

    def _read_fields(self) -> None:
        seen = 0
        self._until(self._mark, MAX_FIELD_HEADERS)
        while True:
            if self._exactly(2) == b"--":
                raise InvalidArgument(
                    reason="POST requires exactly one file upload per request.",
                    ArgumentName="file",
                    ArgumentValue="0",
                )
            head = self._until(b"\r\n\r\n", MAX_FIELD_HEADERS).decode(errors="replace")
            name = _NAME.search(head)
            if name is None:
                raise InvalidRequest(reason="A part of the form has no name.")
            if name[1].lower() == "file":
                filename, kind = _FILENAME.search(head), _TYPE.search(head)
                self.filename = filename[1].rpartition("\\")[2] if filename else ""
                self.content_type = kind[1] if kind else ""
                return
            value = self._until(self._mark, MAX_FIELDS_BYTES)
            seen += len(head) + len(value)
            if seen > MAX_FIELDS_BYTES:
                raise InvalidRequest(reason="Your POST request fields are too large.")
            self.fields[name[1].lower()] = value.decode(errors="replace")

    def _until(self, mark: bytes, limit: int) -> bytes:
        while (end := self._buffer.find(mark)) < 0:
            if len(self._buffer) > limit:
                raise InvalidRequest(reason="Your POST request fields are too large.")
            if not self._fill():
                raise IncompleteBody
        found = bytes(self._buffer[:end])
        del self._buffer[: end + len(mark)]
        return found

    def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            if not self._fill():
                raise IncompleteBody
        found = bytes(self._buffer[:size])
        del self._buffer[:size]
        return found

    def _fill(self) -> bool:
        piece = self._stream.read(min(_READ, self._left)) if self._left else b""
        self._left -= len(piece)
        self._buffer += piece
        return bool(piece)
