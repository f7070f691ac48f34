"""A request's body as it streams in: its length, hash and chunks checked while it is read.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from aws.wire.chunked import ChunkedBody
from aws.wire.errors import IncompleteBody, XAmzContentSHA256Mismatch
from aws.wire.request import WireRequest
from aws.wire.sigv4 import STREAMING, UNSIGNED, Signed
from s3.errors import EntityTooLarge, InvalidArgument, InvalidRequest, MissingContentLength
from s3.receiving import MAX_PUT_BYTES


class PlainBody:
    """Content-Length bytes of a stream; at the end their SHA-256 has to be the signed one."""

    def __init__(self, stream: Any, length: int, signed_hash: str) -> None:
        self._stream = stream
        self._left = length
        self._signed_hash = signed_hash
        self._hasher = hashlib.sha256() if signed_hash else None
        self.trailers: Mapping[str, str] = {}

    def read(self, size: int, /) -> bytes:
        """Raises IncompleteBody, XAmzContentSHA256Mismatch."""
        if self._left == 0:
            self._check()
            return b""
        piece: bytes = self._stream.read(min(size, self._left))
        if not piece:
            raise IncompleteBody
        self._left -= len(piece)
        if self._hasher is not None:
            self._hasher.update(piece)
        return piece

    def _check(self) -> None:
        if self._hasher is None:
            return
        computed, self._hasher = self._hasher.hexdigest(), None
        if not hmac.compare_digest(computed.encode(), self._signed_hash.encode()):
            raise XAmzContentSHA256Mismatch(
                ClientComputedContentSHA256=self._signed_hash,
                S3ComputedContentSHA256=computed,
            )


def body_of(request: WireRequest, signed: Signed | None) -> PlainBody | ChunkedBody:
    """The body of a request, to be read once.

    Raises MissingContentLength, InvalidArgument, EntityTooLarge.
    """
    kind = request.headers.get("x-amz-content-sha256", "")
    if kind.startswith(STREAMING):
        announced = request.headers.get("x-amz-trailer", "")
        return ChunkedBody(request.stream, kind, signed, _decoded_length(request), announced)
    text = request.headers.get("content-length", "")
    if not text:
        if request.headers.get("transfer-encoding") or request.method == "PUT":
            raise MissingContentLength
        text = "0"
    if not text.isdecimal():
        raise InvalidRequest(reason="The Content-Length header is not a number.")
    if int(text) > MAX_PUT_BYTES:
        raise EntityTooLarge(MaxSizeAllowed=MAX_PUT_BYTES, ProposedSize=int(text))
    is_signed = signed is not None and not signed.signature.is_presigned and kind != UNSIGNED
    return PlainBody(request.stream, int(text), kind.lower() if is_signed else "")


def whole(request: WireRequest, signed: Signed | None, *, limit: int) -> bytes:
    """A body of XML, at once. Raises what reading raises, InvalidRequest."""
    if request.method == "GET" or request.method == "HEAD":
        return b""
    has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
    if not has_body:
        return b""
    body, pieces, size = body_of(request, signed), [], 0
    while piece := body.read(65536):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise InvalidRequest(reason=f"The request body is larger than {limit} bytes.")
    return b"".join(pieces)


def _decoded_length(request: WireRequest) -> int:
    text = request.headers.get("x-amz-decoded-content-length", "")
    if not text:
        raise MissingContentLength
    if not text.isdecimal():
        raise InvalidArgument(
            reason="x-amz-decoded-content-length is not a number.",
            ArgumentName="x-amz-decoded-content-length",
        )
    return int(text)
