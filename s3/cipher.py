"""Objects sealed at rest: AES-256-GCM in frames, so that a range is opened without the rest.

A frame holds 64 KiB and a tag of 16 bytes. Each object has a key of its own, derived from the
customer's or KMS's and a random salt; so a frame's number is nonce enough, and frames cannot change
places. A key of 64 bytes is two, for two layers, each with its tag (DSSE-KMS).
"""

import base64
import os
from collections.abc import Iterable, Iterator, Mapping

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FRAME, TAG, SALT, KEY = 64 * 1024, 16, 16, 32


class Sealer:
    """encryption: what opens the object again, beside the key."""

    def __init__(self, key: bytes) -> None:
        salt = os.urandom(SALT)
        self.encryption = {"salt": base64.b64encode(salt).decode()}
        self._layers = _layers(key, salt)
        self._number = 0

    def seal(self, piece: bytes) -> bytes:
        """piece: whole frames, but for an object's last one."""
        frames = []
        for start in range(0, len(piece), FRAME):
            frame = piece[start : start + FRAME]
            for layer in self._layers:
                frame = layer.encrypt(_nonce(self._number), frame, None)
            frames.append(frame)
            self._number += 1
        return b"".join(frames)


def sealed_span(start: int, length: int, size: int, key: bytes) -> tuple[int, int]:
    """Where the frames of a span of the plain bytes are: (start, length) of the sealed ones.

    size: of the plain bytes.
    """
    tags = TAG * (len(key) // KEY)
    if length <= 0:
        return 0, 0
    first, last = start // FRAME, (start + length - 1) // FRAME
    end = min((last + 1) * FRAME, size) + (last + 1) * tags
    return first * (FRAME + tags), end - first * (FRAME + tags)


def opened(
    pieces: Iterable[bytes], key: bytes, encryption: Mapping[str, str], start: int, length: int
) -> Iterator[bytes]:
    """The plain bytes of a span. pieces: the sealed ones that `sealed_span` names."""
    layers = _layers(key, base64.b64decode(encryption["salt"]))
    whole = FRAME + TAG * len(layers)
    number, skipped, buffer = start // FRAME, start % FRAME, b""
    for piece in pieces:
        buffer += piece
        while len(buffer) >= whole:
            frame, buffer = buffer[:whole], buffer[whole:]
            yield from _trimmed(_open(layers, number, frame), skipped, length)
            length -= max(0, FRAME - skipped)
            number, skipped = number + 1, 0
    if buffer:
        yield from _trimmed(_open(layers, number, buffer), skipped, length)


def _open(layers: list[AESGCM], number: int, frame: bytes) -> bytes:
    for layer in reversed(layers):
        frame = layer.decrypt(_nonce(number), frame, None)
    return frame


def _trimmed(plain: bytes, skipped: int, length: int) -> Iterator[bytes]:
    if wanted := plain[skipped : skipped + max(0, length)]:
        yield wanted


def _layers(key: bytes, salt: bytes) -> list[AESGCM]:
    return [_cipher(key[at : at + KEY], salt) for at in range(0, len(key), KEY)]


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    derivation = HKDF(algorithm=hashes.SHA256(), length=KEY, salt=salt, info=b"s3 object")
    return AESGCM(derivation.derive(key))


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")
