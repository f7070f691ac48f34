"""Key specs: what each is for, and its algorithms.

AWS: https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
"""

from dataclasses import dataclass
from typing import Any

SYMMETRIC_DEFAULT = "SYMMETRIC_DEFAULT"
ENCRYPT_DECRYPT, SIGN_VERIFY, MAC = "ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC"
_OAEP = ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256")
_RSASSA = tuple(
    f"RSASSA_{padding}_SHA_{bits}" for padding in ("PKCS1_V1_5", "PSS") for bits in (256, 384, 512)
)


@dataclass(frozen=True, slots=True)
class Spec:
    """usages: usage → its algorithms; a sole usage is the default. bits: of an RSA key or MAC."""

    usages: dict[str, tuple[str, ...]]
    bits: int = 0


SPECS: dict[str, Spec] = {
    SYMMETRIC_DEFAULT: Spec({ENCRYPT_DECRYPT: (SYMMETRIC_DEFAULT,)}, 256),
    **{
        f"RSA_{bits}": Spec({ENCRYPT_DECRYPT: _OAEP, SIGN_VERIFY: _RSASSA}, bits)
        for bits in (2048, 3072, 4096)
    },
    "ECC_NIST_P256": Spec({SIGN_VERIFY: ("ECDSA_SHA_256",)}),
    "ECC_NIST_P384": Spec({SIGN_VERIFY: ("ECDSA_SHA_384",)}),
    "ECC_NIST_P521": Spec({SIGN_VERIFY: ("ECDSA_SHA_512",)}),
    "ECC_SECG_P256K1": Spec({SIGN_VERIFY: ("ECDSA_SHA_256",)}),
    **{f"HMAC_{bits}": Spec({MAC: (f"HMAC_SHA_{bits}",)}, bits) for bits in (224, 256, 384, 512)},
}
# Those of key pairs.
PAIRS = tuple(name for name in SPECS if name.startswith(("RSA_", "ECC_")))
_MEMBERS = {
    ENCRYPT_DECRYPT: "EncryptionAlgorithms",
    SIGN_VERIFY: "SigningAlgorithms",
    MAC: "MacAlgorithms",
}


def algorithms_as_aws(key_spec: str, key_usage: str) -> dict[str, Any]:
    """The member of KeyMetadata that lists the algorithms."""
    return {_MEMBERS[key_usage]: list(SPECS[key_spec].usages[key_usage])}
