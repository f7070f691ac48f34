"""Encrypt, Decrypt, ReEncrypt."""

from collections.abc import Mapping
from typing import Any

from aws.context import Context
from aws.errors import Denied, ValidationException
from aws.operation import Response, operation
from kms import ciphertexts, lookup, material
from kms.errors import (
    CiphertextNotAllowed,
    IncorrectKeyException,
    InvalidCiphertextException,
    NotFoundException,
)
from kms.models import Key
from kms.specs import SYMMETRIC_DEFAULT

EncryptionContext = Mapping[str, str]


@operation("kms:Encrypt")
def encrypt(
    ctx: Context,
    /,
    *,
    key_id: str,
    plaintext: bytes,
    encryption_context: EncryptionContext | None = None,
    encryption_algorithm: str = SYMMETRIC_DEFAULT,
    **_: Any,
) -> Response:
    """Encrypts at most 4096 bytes. Answers {"CiphertextBlob", "KeyId", "EncryptionAlgorithm"}.

    Raises DisabledException, InvalidKeyUsageException, KMSInvalidStateException,
    NotFoundException. grant_tokens are taken and not needed: grants act at once.
    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html
    """
    asked = _conditions(encryption_context, encryption_algorithm)
    key = lookup.require(
        ctx, "kms:Encrypt", key_id, conditions=asked, takes_alias=True, elsewhere=True
    )
    blob = ciphertexts.encrypt(key, encryption_algorithm, plaintext, encryption_context, "Encrypt")
    return {
        "CiphertextBlob": blob,
        "KeyId": key.arn,
        "EncryptionAlgorithm": encryption_algorithm,
    }


@operation("kms:Decrypt")
def decrypt(
    ctx: Context,
    /,
    *,
    ciphertext_blob: bytes = b"",
    key_id: str = "",
    encryption_context: EncryptionContext | None = None,
    encryption_algorithm: str = SYMMETRIC_DEFAULT,
    **_: Any,
) -> Response:
    """Answers {"Plaintext", "KeyId", "EncryptionAlgorithm"}.

    key_id: not needed for symmetric ciphertexts, which name their key.
    Raises IncorrectKeyException, InvalidCiphertextException (also for another encryption context),
    and what Encrypt raises. Simplified: no Recipient (Nitro enclaves), no dry run modifiers.
    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
    """
    asked = _conditions(encryption_context, encryption_algorithm)
    key = _source(ctx, "kms:Decrypt", ciphertext_blob, key_id, encryption_algorithm, asked)
    plaintext = ciphertexts.decrypt(
        key, encryption_algorithm, ciphertext_blob, encryption_context, "Decrypt"
    )
    return {
        "Plaintext": plaintext,
        "KeyId": key.arn,
        "EncryptionAlgorithm": encryption_algorithm,
    }


@operation("kms:ReEncrypt")
def re_encrypt(
    ctx: Context,
    /,
    *,
    destination_key_id: str,
    ciphertext_blob: bytes = b"",
    source_key_id: str = "",
    source_encryption_context: EncryptionContext | None = None,
    destination_encryption_context: EncryptionContext | None = None,
    source_encryption_algorithm: str = SYMMETRIC_DEFAULT,
    destination_encryption_algorithm: str = SYMMETRIC_DEFAULT,
    **_: Any,
) -> Response:
    """Decrypts and encrypts under another key, without showing the plaintext.

    Needs kms:ReEncryptFrom on the one key and kms:ReEncryptTo on the other. Answers
    {"CiphertextBlob", "SourceKeyId", "KeyId", …}.
    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html
    """
    asked = _conditions(source_encryption_context, source_encryption_algorithm)
    source = _source(
        ctx,
        "kms:ReEncryptFrom",
        ciphertext_blob,
        source_key_id,
        source_encryption_algorithm,
        asked,
    )
    asked = _conditions(destination_encryption_context, destination_encryption_algorithm)
    target = lookup.require(
        ctx,
        "kms:ReEncryptTo",
        destination_key_id,
        conditions=asked,
        takes_alias=True,
        elsewhere=True,
    )
    plaintext = ciphertexts.decrypt(
        source,
        source_encryption_algorithm,
        ciphertext_blob,
        source_encryption_context,
        "ReEncryptFrom",
    )
    blob = ciphertexts.encrypt(
        target,
        destination_encryption_algorithm,
        plaintext,
        destination_encryption_context,
        "ReEncryptTo",
    )
    return {
        "CiphertextBlob": blob,
        "SourceKeyId": source.arn,
        "KeyId": target.arn,
        "SourceEncryptionAlgorithm": source_encryption_algorithm,
        "DestinationEncryptionAlgorithm": destination_encryption_algorithm,
    }


def _conditions(context: EncryptionContext | None, algorithm: str) -> dict[str, Any]:
    return lookup.context_conditions(context) | {"kms:EncryptionAlgorithm": algorithm}


def _source(
    ctx: Context,
    action: str,
    blob: bytes,
    key_id: str,
    algorithm: str,
    conditions: Mapping[str, Any],
) -> Key:
    """The key of a ciphertext, for who may decrypt with it."""
    if algorithm != SYMMETRIC_DEFAULT and not key_id:
        ctx.authorize(action)
        raise ValidationException("KeyId is required for asymmetric encryption algorithms.")
    named = key_id or _named_by(ctx, action, blob)
    try:
        key = lookup.require(
            ctx, action, named, conditions=conditions, takes_alias=True, elsewhere=True
        )
    except NotFoundException:
        if key_id:
            raise
        raise CiphertextNotAllowed from None
    except Denied as denied:
        if key_id or ctx.account_id == named.split(":")[4]:
            raise
        bare = CiphertextNotAllowed()
        bare.explanation, bare.encoded = denied.explanation, denied.encoded
        raise bare from None
    if key_id and key.is_symmetric and material.read(blob).key_id != key.key_id:
        raise IncorrectKeyException
    return key


def _named_by(ctx: Context, action: str, blob: bytes) -> str:
    """The ARN of the key that a symmetric ciphertext names, whoever's it is."""
    try:
        named = material.read(blob).key_id
    except InvalidCiphertextException:
        ctx.authorize(action)
        raise
    found = Key.objects.filter(key_id=named).first()
    account_id = found.account_id if found else ctx.account_id
    return f"arn:aws:kms:{ctx.region}:{account_id}:key/{named}"
