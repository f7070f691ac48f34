"""Checksums of objects: five algorithms, streamed.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable
from functools import cache
from typing import Protocol

from awscrt.checksums import (
    combine_crc32,
    combine_crc32c,
    combine_crc64nvme,
    crc32c,
    crc64nvme,
)
from botocore import xform_name

FULL_OBJECT, COMPOSITE = "FULL_OBJECT", "COMPOSITE"
DEFAULT = "CRC64NVME"


class Hasher(Protocol):
    def update(self, piece: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


class _Crc:
    def __init__(self, function: Callable[[bytes, int], int], size: int) -> None:
        self._function, self._size, self._value = function, size, 0

    def update(self, piece: bytes, /) -> None:
        self._value = self._function(piece, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._size, "big")


_NEW: dict[str, Callable[[], Hasher]] = {
    "CRC32": lambda: _Crc(zlib.crc32, 4),
    "CRC32C": lambda: _Crc(crc32c, 4),
    "CRC64NVME": lambda: _Crc(crc64nvme, 8),
    "SHA1": lambda: hashlib.sha1(usedforsecurity=False),
    "SHA256": hashlib.sha256,
}
_COMBINE: dict[str, Callable[[int, int, int], int]] = {
    "CRC32": combine_crc32,
    "CRC32C": combine_crc32c,
    "CRC64NVME": combine_crc64nvme,
}
ALGORITHMS = tuple(_NEW)
SIZES = {"CRC32": 4, "CRC32C": 4, "CRC64NVME": 8, "SHA1": 20, "SHA256": 32}


def new(algorithm: str) -> Hasher:
    return _NEW[algorithm]()


def member(algorithm: str) -> str:
    """ "SHA256" → "ChecksumSHA256", the member that carries it."""
    return f"Checksum{algorithm}"


@cache
def argument(algorithm: str) -> str:
    """ "CRC64NVME" → "checksum_crc64_nvme", as operations take it."""
    return str(xform_name(member(algorithm)))


def header(algorithm: str) -> str:
    """ "SHA256" → "x-amz-checksum-sha256"."""
    return f"x-amz-checksum-{algorithm.lower()}"


def encoded(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def decoded(text: str, size: int) -> bytes | None:
    """None for what is not the base64 of `size` bytes."""
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return digest if len(digest) == size else None


def composite(algorithm: str, parts: list[tuple[str, int]]) -> str:
    """parts: (checksum, size). The checksum of their checksums, as AWS writes it: "…-3"."""
    hasher = new(algorithm)
    for checksum, _ in parts:
        hasher.update(base64.b64decode(checksum))
    return f"{encoded(hasher.digest())}-{len(parts)}"


def combined(algorithm: str, parts: list[tuple[str, int]]) -> str:
    """The CRC of all the parts' bytes, from their CRCs and sizes."""
    combine, value = _COMBINE[algorithm], 0
    for checksum, size in parts:
        value = combine(value, int.from_bytes(base64.b64decode(checksum), "big"), size)
    return encoded(value.to_bytes(SIZES[algorithm], "big"))
