"""Bodies in aws-chunked encoding: signed, unsigned, with and without trailing checksums.

    10000;chunk-signature=ad80c730…\\r\\n<65536 bytes>\\r\\n … 0;chunk-signature=b6c6ea8a…\\r\\n
    x-amz-checksum-crc32c:sOO8/Q==\\r\\nx-amz-trailer-signature:d81f82fc…\\r\\n\\r\\n

AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
"""

import hashlib
import hmac
import re
from typing import Any

from aws.errors import InvalidArgument
from aws.wire import sigv4
from aws.wire.errors import (
    IncompleteBody,
    InvalidChunkSizeError,
    InvalidRequest,
    MalformedTrailerError,
    S3SignatureDoesNotMatch,
)
from aws.wire.sigv4 import EMPTY_HASH, Signed

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
# Every chunk but the last has at least so many bytes.
MIN_CHUNK = 8192
MAX_LINE, MAX_TRAILERS = 4096, 16_384
TRAILER_SIGNATURE = "x-amz-trailer-signature"
_READ = 65_536
_SIZE = re.compile(r"[0-9A-Fa-f]{1,16}")


class ChunkedBody:
    """read(size) gives the decoded bytes, b"" once all is checked.

    A chunk's signature stands before the chunk and is checked behind it, so bytes are good only
    when read() has returned b"". Memory is bounded by `size`, whatever the chunks. announced: the
    x-amz-trailer header. trailers: what came, full at the end.
    """

    def __init__(
        self, stream: Any, kind: str, signed: Signed | None, length: int, announced: str
    ) -> None:
        """kind: x-amz-content-sha256. length: x-amz-decoded-content-length.

        Raises InvalidArgument, InvalidRequest.
        """
        if kind not in (SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER):
            raise InvalidArgument(
                "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, "
                f"{UNSIGNED_TRAILER}, {SIGNED}, {SIGNED_TRAILER} or a valid sha256 value.",
                ArgumentName="x-amz-content-sha256",
                ArgumentValue=kind[:200],
            )
        if kind != UNSIGNED_TRAILER and signed is None:
            raise InvalidRequest(reason="A signed body needs a signed request.")
        self._input = _Input(stream)
        self._signed = None if kind == UNSIGNED_TRAILER else signed
        self._has_trailers = kind != SIGNED
        self._previous = signed.signature.signature if signed else ""
        self._length, self._seen = length, 0
        # Of the chunk that is being read.
        self._number, self._size, self._left = 0, 0, 0
        self._given, self._hasher = "", hashlib.sha256()
        self._is_done = False
        self.announced = announced.strip()
        self.trailers: dict[str, str] = {}

    def read(self, size: int, /) -> bytes:
        """Raises IncompleteBody, SignatureDoesNotMatch, InvalidChunkSizeError,
        MalformedTrailerError, InvalidRequest.
        """
        if not self._left and not self._is_done:
            self._begin_chunk()
        if self._is_done:
            return b""
        piece = self._input.some(min(size, self._left))
        self._left -= len(piece)
        if self._signed is not None:
            self._hasher.update(piece)
        if not self._left:
            self._check_chunk()
            self._input.line_end()
        return piece

    def _begin_chunk(self) -> None:
        text, _, extension = self._input.line().partition(";")
        if not _SIZE.fullmatch(text):
            raise InvalidRequest(reason="The chunk header is malformed.")
        last, self._size = self._size, int(text, 16)
        self._number += 1
        if self._size and self._number > 1 and last < MIN_CHUNK:
            raise InvalidChunkSizeError(Chunk=self._number, BadChunkSize=last)
        self._left = self._size
        self._seen += self._size
        if self._seen > self._length:
            raise IncompleteBody
        self._given = extension.partition("chunk-signature=")[2].strip()
        self._hasher = hashlib.sha256()
        if not self._size:
            self._finish()

    def _finish(self) -> None:
        self._check_chunk()
        if self._seen != self._length:
            raise IncompleteBody
        if self._has_trailers:
            self._read_trailers()
        self._is_done = True

    def _check_chunk(self) -> None:
        if self._signed is None:
            return
        lines = (self._previous, EMPTY_HASH, self._hasher.hexdigest())
        self._previous = self._compare(self._signed, "PAYLOAD", lines, self._given)

    def _read_trailers(self) -> None:
        """Signed trailers end with their signature, others with an empty line or the body."""
        given, size = "", 0
        while not given:
            line = self._input.line_or_end()
            if line is None or not (line or self._signed):
                break
            size += len(line) + 2
            name, colon, value = line.partition(":")
            name, value = name.strip().lower(), value.strip()
            if size > MAX_TRAILERS or name in self.trailers or (line and not colon):
                raise MalformedTrailerError
            if name == TRAILER_SIGNATURE:
                given = value
            elif name:
                self.trailers[name] = value
        self._check_trailers(given)

    def _check_trailers(self, given: str) -> None:
        announced = {name.strip().lower() for name in self.announced.split(",") if name.strip()}
        if announced != self.trailers.keys():
            raise MalformedTrailerError
        if self._signed is not None:
            text = "".join(f"{name}:{value}\n" for name, value in self.trailers.items())
            digest = hashlib.sha256(text.encode("latin-1")).hexdigest()
            self._compare(self._signed, "TRAILER", (self._previous, digest), given)

    def _compare(self, signed: Signed, kind: str, lines: tuple[str, ...], given: str) -> str:
        algorithm = f"{sigv4.ALGORITHM}-{kind}"
        expected = sigv4.sign(signed.signing_key, algorithm, signed.signature, *lines)
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise S3SignatureDoesNotMatch
        return expected


class _Input:
    """Lines and bytes of a stream that may give less than asked."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._buffer = b""

    def line(self) -> str:
        """Without its end. Raises IncompleteBody, InvalidRequest."""
        line = self.line_or_end()
        if line is None:
            raise IncompleteBody
        return line

    def line_or_end(self) -> str | None:
        """None where the stream is over."""
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > MAX_LINE:
                raise InvalidRequest(reason="The chunk header is malformed.")
            piece = self._stream.read(_READ)
            if not piece and self._buffer:
                raise IncompleteBody
            if not piece:
                return None
            self._buffer += piece
        line, self._buffer = self._buffer[:end], self._buffer[end + 1 :]
        return line.rstrip(b"\r").decode("latin-1")

    def line_end(self) -> None:
        if self.line():
            raise InvalidRequest(reason="The chunk does not end where it says.")

    def some(self, size: int) -> bytes:
        """At least one byte, at most size. Raises IncompleteBody."""
        piece: bytes = self._buffer[:size] or self._stream.read(size)
        self._buffer = self._buffer[size:]
        if not piece:
            raise IncompleteBody
        return piece
