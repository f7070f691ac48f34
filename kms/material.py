"""Key material at work: made, and used to encrypt, sign and authenticate.

A symmetric ciphertext names its key and key material, so that Decrypt needs no key id:
version (1 byte), key id (16), number of the material (4), nonce (12), AES-256-GCM's text and tag.
The encryption context is authenticated with it.
AWS: https://docs.aws.amazon.com/kms/latest/developerguide/kms-cryptography.html
"""

import hashlib
import json
import os
import struct
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kms import specs
from kms.errors import (
    InvalidCiphertextException,
    KMSInvalidMacException,
    KMSInvalidSignatureException,
)

_HEAD = struct.Struct(">B16sI12s")
_VERSION = 1
_CURVES: dict[str, type[ec.EllipticCurve]] = {
    "ECC_NIST_P256": ec.SECP256R1,
    "ECC_NIST_P384": ec.SECP384R1,
    "ECC_NIST_P521": ec.SECP521R1,
    "ECC_SECG_P256K1": ec.SECP256K1,
}
_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "1": hashes.SHA1,  # noqa: S303 - OAEP with SHA-1 is one of AWS's algorithms
    "224": hashes.SHA224,
    "256": hashes.SHA256,
    "384": hashes.SHA384,
    "512": hashes.SHA512,
}


@dataclass(frozen=True, slots=True)
class Ciphertext:
    """What a symmetric ciphertext says before it is opened."""

    key_id: str
    number: int
    nonce: bytes
    text: bytes


def new(key_spec: str) -> bytes:
    """Random bytes, or a private key as PKCS #8."""
    if key_spec in _CURVES or key_spec.startswith("RSA_"):
        return private_der(new_pair(key_spec))
    return os.urandom(specs.SPECS[key_spec].bits // 8)


def new_pair(key_spec: str) -> Any:
    if key_spec in _CURVES:
        return ec.generate_private_key(_CURVES[key_spec]())
    return rsa.generate_private_key(public_exponent=65537, key_size=specs.SPECS[key_spec].bits)


def private_der(private_key: Any) -> bytes:
    der: bytes = private_key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return der


def public_der(private_key: Any) -> bytes:
    """X.509 SubjectPublicKeyInfo, as GetPublicKey answers it."""
    der: bytes = private_key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return der


def load(secret: bytes) -> Any:
    """A private key that `new` made."""
    return serialization.load_der_private_key(secret, password=None)


# --- Symmetric encryption ---------------------------------------------------------------------
def encrypt(
    secret: bytes, key_id: str, number: int, plaintext: bytes, context: Mapping[str, str]
) -> bytes:
    head = _HEAD.pack(_VERSION, uuid.UUID(key_id).bytes, number, os.urandom(12))
    return head + AESGCM(secret).encrypt(head[-12:], plaintext, head + _canonical(context))


def read(blob: bytes) -> Ciphertext:
    """Raises InvalidCiphertextException."""
    if len(blob) < _HEAD.size + 16:
        raise InvalidCiphertextException
    version, key_id, number, nonce = _HEAD.unpack_from(blob)
    if version != _VERSION:
        raise InvalidCiphertextException
    return Ciphertext(str(uuid.UUID(bytes=key_id)), number, nonce, blob[_HEAD.size :])


def decrypt(secret: bytes, blob: bytes, context: Mapping[str, str]) -> bytes:
    """Raises InvalidCiphertextException, also for another encryption context."""
    found = read(blob)
    try:
        return AESGCM(secret).decrypt(
            found.nonce, found.text, blob[: _HEAD.size] + _canonical(context)
        )
    except InvalidTag:
        raise InvalidCiphertextException from None


def _canonical(context: Mapping[str, str]) -> bytes:
    return json.dumps(dict(context), sort_keys=True, separators=(",", ":")).encode()


# --- RSA encryption ------------------------------------------------------------------------------
def rsa_encrypt(secret: bytes, algorithm: str, plaintext: bytes) -> bytes:
    """Raises ValueError for a plaintext that is too long."""
    encrypted: bytes = load(secret).public_key().encrypt(plaintext, _oaep(algorithm))
    return encrypted


def rsa_decrypt(secret: bytes, algorithm: str, blob: bytes) -> bytes:
    """Raises InvalidCiphertextException."""
    try:
        plaintext: bytes = load(secret).decrypt(blob, _oaep(algorithm))
    except ValueError:
        raise InvalidCiphertextException from None
    return plaintext


def _oaep(algorithm: str) -> padding.OAEP:
    made = _hash(algorithm)
    return padding.OAEP(mgf=padding.MGF1(algorithm=made), algorithm=made, label=None)


# --- Signatures and MACs -------------------------------------------------------------------------
def sign(secret: bytes, algorithm: str, message: bytes, *, is_digest: bool) -> bytes:
    """Raises ValueError for a digest of the wrong size."""
    signature: bytes = load(secret).sign(_digest(algorithm, message, is_digest), *_how(algorithm))
    return signature


def verify(
    secret: bytes, algorithm: str, message: bytes, signature: bytes, *, is_digest: bool
) -> None:
    """Raises KMSInvalidSignatureException, ValueError."""
    digest = _digest(algorithm, message, is_digest)
    try:
        load(secret).public_key().verify(signature, digest, *_how(algorithm))
    except InvalidSignature:
        raise KMSInvalidSignatureException from None


def _how(algorithm: str) -> list[Any]:
    prehashed = Prehashed(_hash(algorithm))
    if algorithm.startswith("ECDSA"):
        return [ec.ECDSA(prehashed)]
    if "_PSS_" not in algorithm:
        return [padding.PKCS1v15(), prehashed]
    salt = padding.PSS.DIGEST_LENGTH
    return [padding.PSS(mgf=padding.MGF1(_hash(algorithm)), salt_length=salt), prehashed]


def _digest(algorithm: str, message: bytes, is_digest: bool) -> bytes:
    made = _hash(algorithm)
    if not is_digest:
        return hashlib.new(made.name, message).digest()
    if len(message) != made.digest_size:
        raise ValueError(f"Digest is invalid length for algorithm {algorithm}.")
    return message


def mac(secret: bytes, algorithm: str, message: bytes) -> bytes:
    maker = hmac.HMAC(secret, _hash(algorithm))
    maker.update(message)
    return maker.finalize()


def verify_mac(secret: bytes, algorithm: str, message: bytes, given: bytes) -> None:
    """Raises KMSInvalidMacException."""
    maker = hmac.HMAC(secret, _hash(algorithm))
    maker.update(message)
    try:
        maker.verify(given)
    except InvalidSignature:
        raise KMSInvalidMacException from None


def _hash(algorithm: str) -> hashes.HashAlgorithm:
    return _HASHES[algorithm.rsplit("_", 1)[-1]]()
