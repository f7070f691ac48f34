"""Signatures, MACs and public keys."""

from typing import Any

from aws.context import Context
from aws.errors import ValidationException
from aws.operation import Response, operation
from kms import lookup, material, specs
from kms.errors import InvalidKeyUsageException, UnsupportedOperationException
from kms.models import Key


@operation("kms:Sign")
def sign(
    ctx: Context,
    /,
    *,
    key_id: str,
    message: bytes,
    signing_algorithm: str,
    message_type: str = "RAW",
    **_: Any,
) -> Response:
    """Signs a message of at most 4096 bytes, or its digest.

    Answers {"KeyId", "Signature", "SigningAlgorithm"}. Raises InvalidKeyUsageException,
    DisabledException, KMSInvalidStateException, NotFoundException.
    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
    """
    key = _signing_key(ctx, "kms:Sign", key_id, signing_algorithm, message_type)
    try:
        signature = material.sign(
            lookup.material_of(key).secret,
            signing_algorithm,
            message,
            is_digest=message_type == "DIGEST",
        )
    except ValueError as error:
        raise ValidationException(str(error)) from None
    return {"KeyId": key.arn, "Signature": signature, "SigningAlgorithm": signing_algorithm}


@operation("kms:Verify")
def verify(
    ctx: Context,
    /,
    *,
    key_id: str,
    message: bytes,
    signature: bytes,
    signing_algorithm: str,
    message_type: str = "RAW",
    **_: Any,
) -> Response:
    """Answers {"SignatureValid": True, …}; raises KMSInvalidSignatureException for any other.

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html
    """
    key = _signing_key(ctx, "kms:Verify", key_id, signing_algorithm, message_type)
    try:
        material.verify(
            lookup.material_of(key).secret,
            signing_algorithm,
            message,
            signature,
            is_digest=message_type == "DIGEST",
        )
    except ValueError as error:
        raise ValidationException(str(error)) from None
    return {"KeyId": key.arn, "SignatureValid": True, "SigningAlgorithm": signing_algorithm}


@operation("kms:GetPublicKey")
def get_public_key(ctx: Context, /, *, key_id: str, **_: Any) -> Response:
    """Answers {"PublicKey": X.509 SubjectPublicKeyInfo, "KeySpec", …}.

    Raises UnsupportedOperationException for a symmetric or HMAC key.
    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html
    """
    key = lookup.require(ctx, "kms:GetPublicKey", key_id, takes_alias=True, elsewhere=True)
    lookup.require_usable(key)
    if key.key_spec not in specs.PAIRS:
        raise UnsupportedOperationException(
            reason=f"{key.arn} key spec is {key.key_spec} which is not valid for GetPublicKey."
        )
    return {
        "KeyId": key.arn,
        "PublicKey": material.public_der(material.load(lookup.material_of(key).secret)),
        "CustomerMasterKeySpec": key.key_spec,
        "KeySpec": key.key_spec,
        "KeyUsage": key.key_usage,
        **specs.algorithms_as_aws(key.key_spec, key.key_usage),
    }


@operation("kms:GenerateMac")
def generate_mac(
    ctx: Context, /, *, key_id: str, message: bytes, mac_algorithm: str, **_: Any
) -> Response:
    """Answers {"Mac", "MacAlgorithm", "KeyId"}.

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html
    """
    key = _mac_key(ctx, "kms:GenerateMac", key_id, mac_algorithm)
    made = material.mac(lookup.material_of(key).secret, mac_algorithm, message)
    return {"Mac": made, "MacAlgorithm": mac_algorithm, "KeyId": key.arn}


@operation("kms:VerifyMac")
def verify_mac(
    ctx: Context, /, *, key_id: str, message: bytes, mac: bytes, mac_algorithm: str, **_: Any
) -> Response:
    """Answers {"MacValid": True, …}; raises KMSInvalidMacException for any other.

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_VerifyMac.html
    """
    key = _mac_key(ctx, "kms:VerifyMac", key_id, mac_algorithm)
    material.verify_mac(lookup.material_of(key).secret, mac_algorithm, message, mac)
    return {"MacValid": True, "MacAlgorithm": mac_algorithm, "KeyId": key.arn}


def _signing_key(ctx: Context, action: str, key_id: str, algorithm: str, message_type: str) -> Key:
    asked = {"kms:SigningAlgorithm": algorithm, "kms:MessageType": message_type}
    key = lookup.require(ctx, action, key_id, conditions=asked, takes_alias=True, elsewhere=True)
    _require_algorithm(key, specs.SIGN_VERIFY, action, algorithm)
    if message_type == "EXTERNAL_MU":
        raise UnsupportedOperationException(reason="EXTERNAL_MU is not offered by this lab.")
    return key


def _mac_key(ctx: Context, action: str, key_id: str, algorithm: str) -> Key:
    asked = {"kms:MacAlgorithm": algorithm}
    key = lookup.require(ctx, action, key_id, conditions=asked, takes_alias=True, elsewhere=True)
    _require_algorithm(key, specs.MAC, action, algorithm)
    return key


def _require_algorithm(key: Key, usage: str, action: str, algorithm: str) -> None:
    lookup.require_usage(key, usage, action.partition(":")[2])
    if algorithm not in specs.SPECS[key.key_spec].usages[usage]:
        raise InvalidKeyUsageException(
            f"Algorithm {algorithm} is incompatible with key spec {key.key_spec}."
        )
