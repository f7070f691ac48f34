"""Bodies in aws-chunked encoding: AWS's published examples, and what may be wrong with them."""

import io
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws import clock
from aws.errors import AwsError
from aws.wire import sigv4
from aws.wire.chunked import SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER, ChunkedBody
from aws.wire.request import WireRequest
from aws.wire.sigv4 import Signed
from tests.aws.wire import examples

LENGTH = 66_560
CRC = "x-amz-checksum-crc32c:sOO8/Q==\r\n"
SIGNATURE = f"x-amz-trailer-signature:{examples.TRAILER_SIGNATURE}\r\n"
SIGNED_BODY = examples.chunks(examples.CHUNK_SIGNATURES)
TRAILER_BODY = examples.chunks(examples.TRAILER_CHUNK_SIGNATURES, f"{CRC}{SIGNATURE}\r\n")
UNSIGNED_BODY = examples.chunks([], f"{CRC}\r\n")


class Trickle(io.BytesIO):
    """A socket that gives a byte or a few at a time."""

    def __init__(self, body: bytes, most: int) -> None:
        super().__init__(body)
        self.most = most

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self.most if size is None or size < 0 else min(size, self.most))


@pytest.fixture
def signed(settings: Any) -> Any:
    """The seed of each example: kind → Signed."""
    settings.AWS_CREDENTIALS = "tests.aws.wire.examples.lookup"
    return {
        SIGNED: _seed(examples.CHUNKED),
        SIGNED_TRAILER: _seed(examples.WITH_TRAILER),
        UNSIGNED_TRAILER: None,
    }


def _seed(request: WireRequest) -> Signed:
    with clock.freeze(examples.S3_MOMENT):
        signature = sigv4.read(request, "s3")
        assert signature is not None
        return sigv4.verify(request, signature, "s3")


def decode(
    body: bytes | io.BytesIO,
    kind: str,
    signed: Signed | None,
    *,
    size: int = 65_536,
    length: int = LENGTH,
    announced: str = "",
) -> tuple[bytes, dict[str, str]]:
    stream = io.BytesIO(body) if isinstance(body, bytes) else body
    announced = announced or ("" if kind == SIGNED else "x-amz-checksum-crc32c")
    reader, pieces = ChunkedBody(stream, kind, signed, length, announced), []
    while piece := reader.read(size):
        assert len(piece) <= size
        pieces.append(piece)
    assert reader.read(size) == b""
    return b"".join(pieces), reader.trailers


BODIES = [
    (SIGNED, SIGNED_BODY, {}),
    (SIGNED_TRAILER, TRAILER_BODY, {"x-amz-checksum-crc32c": "sOO8/Q=="}),
    (UNSIGNED_TRAILER, UNSIGNED_BODY, {"x-amz-checksum-crc32c": "sOO8/Q=="}),
]
by_kind = pytest.mark.parametrize(("kind", "body", "trailers"), BODIES, ids=[b[0] for b in BODIES])


@by_kind
@pytest.mark.parametrize("size", [1000, 65_536, 1 << 20])
def test_the_published_bodies(
    signed: Any, kind: str, body: bytes, trailers: dict[str, str], size: int
) -> None:
    assert decode(body, kind, signed[kind], size=size) == (b"a" * LENGTH, trailers)


@by_kind
@pytest.mark.parametrize("most", [1, 7, 65_535])
def test_a_slow_socket(
    signed: Any, kind: str, body: bytes, trailers: dict[str, str], most: int
) -> None:
    assert decode(Trickle(body, most), kind, signed[kind]) == (b"a" * LENGTH, trailers)


def test_an_empty_line_before_the_trailers_signature(signed: Any) -> None:
    body = examples.chunks(
        examples.TRAILER_CHUNK_SIGNATURES, CRC.replace("\r", "") + f"\r\n{SIGNATURE}\r\n"
    )
    assert decode(body, SIGNED_TRAILER, signed[SIGNED_TRAILER])[1]


def test_an_unsigned_body_may_end_with_its_trailer() -> None:
    assert decode(examples.chunks([], CRC), UNSIGNED_TRAILER, None)[1]


@pytest.mark.parametrize("kind", [SIGNED, SIGNED_TRAILER])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\r\naaa", b"\r\nbaa"),
        (b"aaa\r\n", b"aab\r\n"),
        (b"chunk-signature=", b"chunk-signature=0"),
        (b";chunk-signature=", b";sig="),
        (b"\r\n0;chunk-signature=", b"\r\n0;chunk-signature=f"),
    ],
)
def test_a_signed_chunk_cannot_be_changed(signed: Any, kind: str, old: bytes, new: bytes) -> None:
    body = {SIGNED: SIGNED_BODY, SIGNED_TRAILER: TRAILER_BODY}[kind]
    assert old in body
    assert _code(body.replace(old, new, 1), kind, signed[kind]) == "SignatureDoesNotMatch"


def test_chunks_cannot_be_left_out_or_swapped(signed: Any) -> None:
    first, second, last = examples.CHUNK_SIGNATURES
    swapped = examples.chunks([second, first, last])
    assert _code(swapped, SIGNED, signed[SIGNED]) == "SignatureDoesNotMatch"
    end = SIGNED_BODY[SIGNED_BODY.index(b"0;chunk") :]
    assert _code(end, SIGNED, signed[SIGNED], length=0) == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    ("trailers", "code"),
    [
        (CRC.replace("sOO8", "tOO8") + SIGNATURE, "SignatureDoesNotMatch"),
        (CRC + SIGNATURE.replace("d81f", "e81f"), "SignatureDoesNotMatch"),
        (CRC, "SignatureDoesNotMatch"),
        (SIGNATURE, "MalformedTrailerError"),
        (CRC + CRC + SIGNATURE, "MalformedTrailerError"),
        (CRC + "x-amz-meta-a:b\r\n" + SIGNATURE, "MalformedTrailerError"),
        ("nonsense\r\n" + SIGNATURE, "MalformedTrailerError"),
        ("\r\n" * 9000, "MalformedTrailerError"),
        ("x-amz-checksum-crc32c:" + "a" * 5000, "InvalidRequest"),
    ],
)
def test_signed_trailers(signed: Any, trailers: str, code: str) -> None:
    body = examples.chunks(examples.TRAILER_CHUNK_SIGNATURES, trailers)
    assert _code(body, SIGNED_TRAILER, signed[SIGNED_TRAILER]) == code


@pytest.mark.parametrize(
    ("trailers", "announced"),
    [("\r\n", "x-amz-checksum-crc32c"), (f"{CRC}\r\n", "x-amz-checksum-crc32"), ("", "x-amz-a")],
)
def test_trailers_are_those_that_were_announced(trailers: str, announced: str) -> None:
    body = examples.chunks([], trailers)
    assert _code(body, UNSIGNED_TRAILER, None, announced=announced) == "MalformedTrailerError"


@by_kind
@pytest.mark.parametrize("length", [LENGTH - 1, LENGTH + 1, 0, 65_536])
def test_the_length_that_was_promised(
    signed: Any, kind: str, body: bytes, trailers: dict[str, str], length: int
) -> None:
    assert _code(body, kind, signed[kind], length=length) == "IncompleteBody"


@by_kind
@pytest.mark.parametrize("kept", [0, 3, 50, 1000, 65_600, 66_570])
def test_a_body_that_is_cut(
    signed: Any, kind: str, body: bytes, trailers: dict[str, str], kept: int
) -> None:
    assert _code(body[:kept], kind, signed[kind]) == "IncompleteBody"


@pytest.mark.parametrize(
    "header", ["", "xyz", "-1", "+5", "0x10", "1_0", " 10", "1" * 17, "a" * 5000, "١"]
)
def test_a_size_that_is_none(header: str) -> None:
    body = f"{header}\r\n".encode() + b"a" * 100
    assert _code(body, UNSIGNED_TRAILER, None) == "InvalidRequest"


def test_a_chunk_that_is_longer_than_it_says() -> None:
    assert _code(b"2\r\naaa\r\n0\r\n\r\n", UNSIGNED_TRAILER, None, length=2) == "InvalidRequest"


def test_only_the_last_chunk_may_be_small() -> None:
    body = b"3\r\naaa\r\n2\r\naa\r\n0\r\n" + CRC.encode()
    with pytest.raises(AwsError) as error:
        decode(body, UNSIGNED_TRAILER, None, length=5)
    assert (error.value.code, error.value.status) == ("InvalidChunkSizeError", 403)
    assert error.value.fields == {"Chunk": 2, "BadChunkSize": 3}


@pytest.mark.parametrize(
    "kind", ["STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD", "STREAMING-"]
)
def test_kinds_that_are_not_offered(kind: str) -> None:
    assert _code(b"", kind, None) == "InvalidArgument"


@pytest.mark.parametrize("kind", [SIGNED, SIGNED_TRAILER])
def test_signed_chunks_need_a_signed_request(kind: str) -> None:
    assert _code(SIGNED_BODY, kind, None) == "InvalidRequest"


def test_memory_does_not_grow_with_the_chunk() -> None:
    size = 32 << 20
    body = f"{size:x}\r\n".encode() + bytes(size) + b"\r\n0\r\n" + CRC.encode()
    reader = ChunkedBody(io.BytesIO(body), UNSIGNED_TRAILER, None, size, "x-amz-checksum-crc32c")
    tracemalloc.start()
    try:
        total = 0
        while piece := reader.read(65_536):
            total += len(piece)
        assert total == size
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


@given(st.binary(max_size=300), st.integers(1, 50))
def test_no_body_breaks_the_reader(body: bytes, length: int) -> None:
    """Whatever comes, the answer is an AWS error or bytes."""
    try:
        decode(body, UNSIGNED_TRAILER, None, length=length)
    except AwsError as error:
        assert error.status < 500


def _code(body: bytes, kind: str, signed: Signed | None, **options: Any) -> str:
    with pytest.raises(AwsError) as error:
        decode(body, kind, signed, **options)
    return error.value.code
