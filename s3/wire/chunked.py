"""Bodies in aws-chunked encoding: signed, unsigned, with and without trailing checksums.

    10000;chunk-signature=ad80c730…\\r\\n<65536 bytes>\\r\\n … 0;chunk-signature=b6c6ea8a…\\r\\n
    x-amz-checksum-crc32c:sOO8/Q==\\r\\nx-amz-trailer-signature:d81f82fc…\\r\\n\\r\\n

AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
"""

import hashlib
import hmac
from typing import Any

from aws.wire.errors import IncompleteBody, S3SignatureDoesNotMatch
from aws.wire.sigv4 import EMPTY_HASH, Signed
from s3.errors import InvalidArgument, InvalidRequest

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
MAX_LINE, MAX_TRAILER, MAX_CHUNK = 4096, 16_384, 16 * 1024 * 1024
_READ = 65_536


class ChunkedBody:
    """read(size) gives the decoded bytes; `trailers` is full at their end.

    A signed chunk is held back until its signature is known to be right.
    """

    def __init__(
        self, stream: Any, kind: str, signed: Signed | None, length: int, announced: str
    ) -> None:
        if kind not in (SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER):
            raise InvalidArgument(
                reason="x-amz-content-sha256 must be UNSIGNED-PAYLOAD, "
                f"{UNSIGNED_TRAILER}, {SIGNED}, {SIGNED_TRAILER} or a valid sha256 value.",
                ArgumentName="x-amz-content-sha256",
                ArgumentValue=kind[:200],
            )
        if kind != UNSIGNED_TRAILER and signed is None:
            raise InvalidRequest(reason="A signed body needs a signed request.")
        self._lines = _Lines(stream)
        self._signed = None if kind == UNSIGNED_TRAILER else signed
        self._has_trailer = kind != SIGNED
        self._previous = signed.signature.signature if signed else ""
        self._length = length
        self._seen = 0
        self._left = b""
        self._is_done = False
        self.announced = announced.strip()
        self.trailers: dict[str, str] = {}

    def read(self, size: int, /) -> bytes:
        """Raises IncompleteBody, SignatureDoesNotMatch, InvalidRequest."""
        if not self._left and not self._is_done:
            self._next_chunk()
        piece, self._left = self._left[:size], self._left[size:]
        return piece

    def _next_chunk(self) -> None:
        header = self._lines.line()
        text, _, extension = header.partition(";")
        try:
            size = int(text, 16)
        except ValueError:
            raise InvalidRequest(reason="The chunk header is malformed.") from None
        if not 0 <= size <= MAX_CHUNK:
            raise InvalidRequest(reason="The chunk is too large.")
        chunk = self._lines.exactly(size)
        if self._signed is not None:
            self._check_chunk(chunk, extension.partition("chunk-signature=")[2].strip())
        self._seen += size
        if size:
            self._lines.line_end()
            self._left = chunk
            return
        self._finish()

    def _finish(self) -> None:
        self._is_done = True
        if self._seen != self._length:
            raise IncompleteBody
        if self._has_trailer:
            self._read_trailers()

    def _read_trailers(self) -> None:
        signature, canonical, size = "", "", 0
        while line := self._lines.line(may_end=True):
            size += len(line)
            if size > MAX_TRAILER:
                raise InvalidRequest(reason="The trailers are too large.")
            name, _, value = line.partition(":")
            name, value = name.strip().lower(), value.strip()
            if name == "x-amz-trailer-signature":
                signature = value
            else:
                self.trailers[name] = value
                canonical += f"{name}:{value}\n"
        if self._signed is not None:
            digest = hashlib.sha256(canonical.encode()).hexdigest()
            self._compare(self._sign("AWS4-HMAC-SHA256-TRAILER", digest), signature)

    def _check_chunk(self, chunk: bytes, given: str) -> None:
        digest = f"{EMPTY_HASH}\n{hashlib.sha256(chunk).hexdigest()}"
        expected = self._sign("AWS4-HMAC-SHA256-PAYLOAD", digest)
        self._compare(expected, given)
        self._previous = expected

    def _sign(self, algorithm: str, digest: str) -> str:
        assert self._signed is not None  # noqa: S101 - callers asked
        signature = self._signed.signature
        moment = signature.moment.strftime("%Y%m%dT%H%M%SZ")
        text = "\n".join((algorithm, moment, signature.scope, self._previous, digest))
        return hmac.new(self._signed.signing_key, text.encode(), hashlib.sha256).hexdigest()

    def _compare(self, expected: str, given: str) -> None:
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise S3SignatureDoesNotMatch


class _Lines:
    """Lines and counted bytes of a stream that may give less than asked."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._buffer = bytearray()

    def line(self, *, may_end: bool = False) -> str:
        """Without its end. may_end: where the stream is over, an empty one."""
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > MAX_LINE:
                raise InvalidRequest(reason="The chunk header is malformed.")
            if not self._fill():
                if may_end and not self._buffer:
                    return ""
                raise IncompleteBody
        line = bytes(self._buffer[:end]).rstrip(b"\r")
        del self._buffer[: end + 1]
        return line.decode("latin-1")

    def line_end(self) -> None:
        if self.exactly(2) != b"\r\n":
            raise InvalidRequest(reason="The chunk does not end where it says.")

    def exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            if not self._fill():
                raise IncompleteBody
        piece = bytes(self._buffer[:size])
        del self._buffer[:size]
        return piece

    def _fill(self) -> bool:
        piece = self._stream.read(_READ)
        self._buffer += piece
        return bool(piece)
