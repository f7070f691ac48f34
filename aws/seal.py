"""Sealed bytes: AES-256-GCM under keys derived from Django's SECRET_KEY, one key per purpose.

Secrets that must be read again (access keys, TOTP seeds) rest in the database sealed, and session
tokens and encoded authorization messages are sealed JSON that only the lab can open.
"""

import base64
import json
import os
import zlib
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE_BYTES = 12


class BrokenSeal(Exception):
    """Not sealed here for this purpose, or tampered with."""


# Paging tokens are sealed for one list each, so there is no end of purposes.
@lru_cache(maxsize=1024)
def _cipher(purpose: str, secret_key: str) -> AESGCM:
    derivation = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose.encode())
    return AESGCM(derivation.derive(secret_key.encode()))


def seal(plain: bytes, purpose: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    sealed = _cipher(purpose, settings.SECRET_KEY).encrypt(nonce, plain, purpose.encode())
    return nonce + sealed


def unseal(sealed: bytes | memoryview, purpose: str) -> bytes:
    """Raises BrokenSeal."""
    nonce, text = bytes(sealed[:NONCE_BYTES]), bytes(sealed[NONCE_BYTES:])
    try:
        return _cipher(purpose, settings.SECRET_KEY).decrypt(nonce, text, purpose.encode())
    except (InvalidTag, ValueError):
        raise BrokenSeal from None


def seal_text(value: Any, purpose: str) -> str:
    """A JSON value as URL-safe text."""
    plain = zlib.compress(json.dumps(value, separators=(",", ":"), default=str).encode())
    return base64.urlsafe_b64encode(seal(plain, purpose)).decode()


def unseal_text(text: str, purpose: str) -> Any:
    """Raises BrokenSeal."""
    try:
        sealed = base64.urlsafe_b64decode(text.encode())
        return json.loads(zlib.decompress(unseal(sealed, purpose)))
    except (ValueError, zlib.error, UnicodeEncodeError):
        raise BrokenSeal from None
