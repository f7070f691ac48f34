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

from awscrt.checksums import crc32c, crc64nvme
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


def composite(algorithm: str, parts: list[str]) -> str:
    """The checksum of the parts' checksums, as AWS writes it: "…-3"."""
    hasher = new(algorithm)
    for part in parts:
        hasher.update(base64.b64decode(part))
    return f"{encoded(hasher.digest())}-{len(parts)}"
