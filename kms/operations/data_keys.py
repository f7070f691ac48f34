"""Data keys and random bytes."""

import os
from collections.abc import Mapping
from typing import Any

from aws.context import Context
from aws.errors import ValidationException
from aws.operation import Response, operation
from kms import ciphertexts, lookup, material, specs
from kms.errors import InvalidKeyUsageException, UnsupportedOperationException
from kms.models import Key

_BYTES = {"AES_128": 16, "AES_256": 32}
EncryptionContext = Mapping[str, str]


@operation("kms:GenerateDataKey")
def generate_data_key(
    ctx: Context,
    /,
    *,
    key_id: str,
    encryption_context: EncryptionContext | None = None,
    key_spec: str = "",
    number_of_bytes: int = 0,
    **settings: Any,
) -> Response:
    """A new key for data: in plain, and encrypted under a KMS key.

    key_spec: AES_128 or AES_256; or number_of_bytes, 1 to 1024. Answers {"CiphertextBlob",
    "Plaintext", "KeyId"}. Raises what Encrypt raises. Simplified: no Recipient (Nitro enclaves).
    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html
    """
    key = _require(ctx, "kms:GenerateDataKey", key_id, encryption_context)
    _refuse_recipient(settings)
    plaintext = os.urandom(_size(key_spec, number_of_bytes))
    blob = _sealed(key, plaintext, encryption_context, "GenerateDataKey")
    return {"CiphertextBlob": blob, "Plaintext": plaintext, "KeyId": key.arn}


@operation("kms:GenerateDataKeyWithoutPlaintext")
def generate_data_key_without_plaintext(
    ctx: Context,
    /,
    *,
    key_id: str,
    encryption_context: EncryptionContext | None = None,
    key_spec: str = "",
    number_of_bytes: int = 0,
    **_: Any,
) -> Response:
    """GenerateDataKey for later: {"CiphertextBlob", "KeyId"}.

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html
    """
    action = "kms:GenerateDataKeyWithoutPlaintext"
    key = _require(ctx, action, key_id, encryption_context)
    plaintext = os.urandom(_size(key_spec, number_of_bytes))
    blob = _sealed(key, plaintext, encryption_context, "GenerateDataKeyWithoutPlaintext")
    return {"CiphertextBlob": blob, "KeyId": key.arn}


@operation("kms:GenerateDataKeyPair")
def generate_data_key_pair(
    ctx: Context,
    /,
    *,
    key_id: str,
    key_pair_spec: str,
    encryption_context: EncryptionContext | None = None,
    **settings: Any,
) -> Response:
    """A new RSA or ECC key pair, its private key in plain and encrypted under a KMS key.

    Answers {"PrivateKeyCiphertextBlob", "PrivateKeyPlaintext" (PKCS #8), "PublicKey" (X.509), …}.
    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPair.html
    """
    action = "kms:GenerateDataKeyPair"
    answer, private = _pair(ctx, action, key_id, key_pair_spec, encryption_context)
    _refuse_recipient(settings)
    return answer | {"PrivateKeyPlaintext": private}


@operation("kms:GenerateDataKeyPairWithoutPlaintext")
def generate_data_key_pair_without_plaintext(
    ctx: Context,
    /,
    *,
    key_id: str,
    key_pair_spec: str,
    encryption_context: EncryptionContext | None = None,
    **_: Any,
) -> Response:
    """GenerateDataKeyPair without the private key in plain.

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPairWithoutPlaintext.html
    """
    action = "kms:GenerateDataKeyPairWithoutPlaintext"
    return _pair(ctx, action, key_id, key_pair_spec, encryption_context)[0]


@operation("kms:GenerateRandom")
def generate_random(
    ctx: Context, /, *, number_of_bytes: int = 0, custom_key_store_id: str = "", **settings: Any
) -> Response:
    """Answers {"Plaintext": 1 to 1024 random bytes}.

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html
    """
    ctx.authorize("kms:GenerateRandom")
    _refuse_recipient(settings)
    if custom_key_store_id:
        raise UnsupportedOperationException(reason="Key stores are not offered by this lab.")
    if not number_of_bytes:
        raise ValidationException("NumberOfBytes is required.")
    return {"Plaintext": os.urandom(number_of_bytes)}


def _require(
    ctx: Context,
    action: str,
    key_id: str,
    context: EncryptionContext | None,
    conditions: Mapping[str, str] | None = None,
) -> Key:
    asked = {
        **lookup.context_conditions(context),
        "kms:EncryptionAlgorithm": specs.SYMMETRIC_DEFAULT,
        **(conditions or {}),
    }
    return lookup.require(ctx, action, key_id, conditions=asked, takes_alias=True, elsewhere=True)


def _size(key_spec: str, number_of_bytes: int) -> int:
    """Raises ValidationException."""
    if bool(key_spec) == bool(number_of_bytes):
        raise ValidationException(
            "Please specify either number of bytes or key spec, and not both of them."
        )
    return _BYTES[key_spec] if key_spec else number_of_bytes


def _sealed(
    key: Key, plaintext: bytes, context: EncryptionContext | None, operation_name: str
) -> bytes:
    lookup.require_usable(key)
    if not key.is_symmetric:
        raise InvalidKeyUsageException(arn=key.arn, usage=key.key_usage, operation=operation_name)
    return ciphertexts.encrypt(key, specs.SYMMETRIC_DEFAULT, plaintext, context, operation_name)


def _pair(
    ctx: Context, action: str, key_id: str, spec: str, context: EncryptionContext | None
) -> tuple[Response, bytes]:
    key = _require(ctx, action, key_id, context, {"kms:DataKeyPairSpec": spec})
    if spec not in specs.PAIRS:
        raise UnsupportedOperationException(
            reason=f"The key pair spec {spec} is not offered by this lab."
        )
    lookup.require_usable(key)
    pair = material.new_pair(spec)
    private = material.private_der(pair)
    answer: Response = {
        "PrivateKeyCiphertextBlob": _sealed(key, private, context, action.partition(":")[2]),
        "PublicKey": material.public_der(pair),
        "KeyId": key.arn,
        "KeyPairSpec": spec,
    }
    return answer, private


def _refuse_recipient(settings: Mapping[str, Any]) -> None:
    if settings.get("recipient"):
        raise UnsupportedOperationException(reason="Nitro enclaves are not offered by this lab.")
