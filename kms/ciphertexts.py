"""Ciphertexts of a key that the caller may use: whatever its spec."""

from collections.abc import Mapping

from aws.errors import ValidationException
from kms import lookup, material, specs
from kms.errors import InvalidCiphertextException, InvalidKeyUsageException
from kms.models import Key


def encrypt(
    key: Key, algorithm: str, plaintext: bytes, context: Mapping[str, str] | None, operation: str
) -> bytes:
    """With the latest key material.

    Raises DisabledException, InvalidKeyUsageException, KMSInvalidStateException,
    ValidationException.
    """
    _check(key, algorithm, context, operation)
    latest = lookup.material_of(key)
    if key.is_symmetric:
        return material.encrypt(latest.secret, key.key_id, latest.number, plaintext, context or {})
    try:
        return material.rsa_encrypt(latest.secret, algorithm, plaintext)
    except ValueError:
        raise ValidationException(
            f"The plaintext is too long for the key spec {key.key_spec} and {algorithm}."
        ) from None


def decrypt(
    key: Key, algorithm: str, blob: bytes, context: Mapping[str, str] | None, operation: str
) -> bytes:
    """With the key material that the ciphertext names. Raises InvalidCiphertextException, too."""
    _check(key, algorithm, context, operation)
    if not key.is_symmetric:
        return material.rsa_decrypt(lookup.material_of(key).secret, algorithm, blob)
    used = key.materials.filter(number=material.read(blob).number).first()
    if used is None:
        raise InvalidCiphertextException
    return material.decrypt(used.secret, blob, context or {})


def _check(key: Key, algorithm: str, context: Mapping[str, str] | None, operation: str) -> None:
    lookup.require_usage(key, specs.ENCRYPT_DECRYPT, operation)
    if algorithm not in specs.SPECS[key.key_spec].usages[specs.ENCRYPT_DECRYPT]:
        raise InvalidKeyUsageException(
            f"Algorithm {algorithm} is incompatible with key spec {key.key_spec}."
        )
    if context and not key.is_symmetric:
        raise ValidationException("An encryption context is not supported by asymmetric keys.")
