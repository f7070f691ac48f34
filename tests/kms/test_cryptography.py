"""What keys do: encrypt, sign, authenticate, make data keys."""

from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding

from aws.context import Context
from aws.errors import AccessDeniedException, ValidationException
from iam.models import User
from kms import operations
from kms.errors import (
    IncorrectKeyException,
    InvalidCiphertextException,
    InvalidKeyUsageException,
    KMSInvalidMacException,
    KMSInvalidSignatureException,
    UnsupportedOperationException,
)
from kms.models import Key
from tests.factories import ctx_for
from tests.kms.conftest import new_key


def test_a_ciphertext_opens_with_its_context_alone(ctx: Context, key: Key) -> None:
    sealed = operations.encrypt(
        ctx, key_id=key.key_id, plaintext=b"hello", encryption_context={"a": "1", "b": "2"}
    )["CiphertextBlob"]
    assert b"hello" not in sealed
    opened = operations.decrypt(
        ctx, ciphertext_blob=sealed, encryption_context={"b": "2", "a": "1"}
    )
    assert (opened["Plaintext"], opened["KeyId"]) == (b"hello", key.arn)
    for wrong in ({}, {"a": "1"}, {"a": "2", "b": "2"}):
        with pytest.raises(InvalidCiphertextException):
            operations.decrypt(ctx, ciphertext_blob=sealed, encryption_context=wrong)


def test_a_tampered_ciphertext_is_invalid(ctx: Context, key: Key) -> None:
    sealed = operations.encrypt(ctx, key_id=key.key_id, plaintext=b"hello")["CiphertextBlob"]
    for broken in (sealed[:-1] + bytes([sealed[-1] ^ 1]), b"garbage", b"x" * 100):
        with pytest.raises(InvalidCiphertextException):
            operations.decrypt(ctx, ciphertext_blob=broken)


def test_a_ciphertext_of_another_key_is_refused(ctx: Context, key: Key) -> None:
    other = new_key(ctx)
    sealed = operations.encrypt(ctx, key_id=key.key_id, plaintext=b"x")["CiphertextBlob"]
    with pytest.raises(IncorrectKeyException):
        operations.decrypt(ctx, ciphertext_blob=sealed, key_id=other.key_id)


def test_a_stranger_learns_nothing_from_a_ciphertext(ctx: Context, key: Key, mallory: User) -> None:
    sealed = operations.encrypt(ctx, key_id=key.key_id, plaintext=b"x")["CiphertextBlob"]
    with pytest.raises(AccessDeniedException) as denied:
        operations.decrypt(ctx_for(mallory), ciphertext_blob=sealed)
    assert key.account_id not in denied.value.message
    assert key.key_id not in denied.value.message


def test_re_encrypt_moves_to_another_key(ctx: Context, key: Key) -> None:
    other = new_key(ctx)
    sealed = operations.encrypt(
        ctx, key_id=key.key_id, plaintext=b"x", encryption_context={"a": "1"}
    )["CiphertextBlob"]
    moved = operations.re_encrypt(
        ctx,
        ciphertext_blob=sealed,
        source_encryption_context={"a": "1"},
        destination_key_id=other.key_id,
        destination_encryption_context={"b": "2"},
    )
    assert (moved["SourceKeyId"], moved["KeyId"]) == (key.arn, other.arn)
    opened = operations.decrypt(
        ctx, ciphertext_blob=moved["CiphertextBlob"], encryption_context={"b": "2"}
    )
    assert opened["Plaintext"] == b"x"


def test_a_data_key_comes_in_plain_and_sealed(kms: Any) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    made = kms.generate_data_key(KeyId=key_id, KeySpec="AES_256", EncryptionContext={"a": "1"})
    assert len(made["Plaintext"]) == 32
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext={"a": "1"})
    assert opened["Plaintext"] == made["Plaintext"]
    later = kms.generate_data_key_without_plaintext(KeyId=key_id, NumberOfBytes=64)
    assert "Plaintext" not in later
    assert len(kms.decrypt(CiphertextBlob=later["CiphertextBlob"])["Plaintext"]) == 64
    assert len(kms.generate_random(NumberOfBytes=7)["Plaintext"]) == 7


def test_a_data_key_has_one_size(ctx: Context, key: Key) -> None:
    both: dict[str, Any] = {"key_spec": "AES_256", "number_of_bytes": 32}
    for sizes in ({}, both):
        with pytest.raises(ValidationException):
            operations.generate_data_key(ctx, key_id=key.key_id, **sizes)


def test_a_data_key_pair_is_a_pair(ctx: Context, key: Key) -> None:
    pair = operations.generate_data_key_pair(ctx, key_id=key.key_id, key_pair_spec="ECC_NIST_P256")
    private = serialization.load_der_private_key(pair["PrivateKeyPlaintext"], None)
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert public == pair["PublicKey"]
    opened = operations.decrypt(ctx, ciphertext_blob=pair["PrivateKeyCiphertextBlob"])
    assert opened["Plaintext"] == pair["PrivateKeyPlaintext"]


def test_rsa_encrypts_for_who_has_the_public_key(ctx: Context) -> None:
    key = new_key(ctx, key_spec="RSA_2048", key_usage="ENCRYPT_DECRYPT")
    der = operations.get_public_key(ctx, key_id=key.key_id)["PublicKey"]
    public: Any = serialization.load_der_public_key(der)
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    opened = operations.decrypt(
        ctx,
        key_id=key.key_id,
        ciphertext_blob=public.encrypt(b"outside", oaep),
        encryption_algorithm="RSAES_OAEP_SHA_256",
    )
    assert opened["Plaintext"] == b"outside"
    with pytest.raises(ValidationException, match="too long"):
        operations.encrypt(
            ctx,
            key_id=key.key_id,
            plaintext=b"x" * 500,
            encryption_algorithm="RSAES_OAEP_SHA_256",
        )


@pytest.mark.parametrize(
    ("spec", "algorithm"),
    [
        ("RSA_2048", "RSASSA_PSS_SHA_256"),
        ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_512"),
        ("ECC_NIST_P256", "ECDSA_SHA_256"),
        ("ECC_NIST_P384", "ECDSA_SHA_384"),
        ("ECC_SECG_P256K1", "ECDSA_SHA_256"),
    ],
)
def test_signatures_verify(ctx: Context, spec: str, algorithm: str) -> None:
    key = new_key(ctx, key_spec=spec, key_usage="SIGN_VERIFY")
    asked: dict[str, Any] = {"key_id": key.key_id, "signing_algorithm": algorithm}
    signature = operations.sign(ctx, message=b"message", **asked)["Signature"]
    good = operations.verify(ctx, message=b"message", signature=signature, **asked)
    assert good["SignatureValid"] is True
    with pytest.raises(KMSInvalidSignatureException):
        operations.verify(ctx, message=b"another", signature=signature, **asked)


def test_a_signature_is_good_outside(ctx: Context) -> None:
    key = new_key(ctx, key_spec="ECC_NIST_P256", key_usage="SIGN_VERIFY")
    digest = hashes.Hash(hashes.SHA256())
    digest.update(b"message")
    asked: dict[str, Any] = {"key_id": key.key_id, "signing_algorithm": "ECDSA_SHA_256"}
    signature = operations.sign(ctx, message=digest.finalize(), message_type="DIGEST", **asked)[
        "Signature"
    ]
    der = operations.get_public_key(ctx, key_id=key.key_id)["PublicKey"]
    public: Any = serialization.load_der_public_key(der)
    public.verify(signature, b"message", ec.ECDSA(hashes.SHA256()))
    with pytest.raises(ValidationException):
        operations.sign(ctx, message=b"short", message_type="DIGEST", **asked)


def test_macs_verify(ctx: Context) -> None:
    key = new_key(ctx, key_spec="HMAC_384", key_usage="GENERATE_VERIFY_MAC")
    asked: dict[str, Any] = {"key_id": key.key_id, "mac_algorithm": "HMAC_SHA_384"}
    mac = operations.generate_mac(ctx, message=b"message", **asked)["Mac"]
    assert len(mac) == 48
    assert operations.verify_mac(ctx, message=b"message", mac=mac, **asked)["MacValid"]
    with pytest.raises(KMSInvalidMacException):
        operations.verify_mac(ctx, message=b"another", mac=mac, **asked)


def test_a_key_is_for_one_use(ctx: Context, key: Key) -> None:
    signing = new_key(ctx, key_spec="ECC_NIST_P256", key_usage="SIGN_VERIFY")
    with pytest.raises(InvalidKeyUsageException):
        operations.encrypt(ctx, key_id=signing.key_id, plaintext=b"x")
    with pytest.raises(InvalidKeyUsageException):
        operations.generate_data_key(ctx, key_id=signing.key_id, key_spec="AES_256")
    with pytest.raises(InvalidKeyUsageException):
        operations.sign(ctx, key_id=key.key_id, message=b"x", signing_algorithm="ECDSA_SHA_256")
    with pytest.raises(UnsupportedOperationException):
        operations.get_public_key(ctx, key_id=key.key_id)
