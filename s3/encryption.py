"""Server-side encryption: what a write asks for, and what the bucket gives by default.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from aws.context import Context
from s3 import checksums, data_keys
from s3.errors import AccessDenied, InvalidArgument, InvalidRequest, argument
from s3.names import bucket_arn, object_arn
from s3.rows import BucketRow, ObjectRow

SSE_S3 = "AES256"
KMS_METHODS = ("aws:kms", "aws:kms:dsse")
_MEMBERS = (
    "ServerSideEncryption",
    "SSEKMSKeyId",
    "BucketKeyEnabled",
    "SSECustomerAlgorithm",
    "SSECustomerKeyMD5",
)


@dataclass(frozen=True, slots=True)
class Sealing:
    """How a write seals its bytes.

    key: None for plain. attributes: as GetObject answers them. columns: what opens the bytes again,
    beside what the cipher adds. answer: what the write alone answers.
    """

    key: bytes | None
    attributes: dict[str, Any]
    columns: dict[str, Any]
    answer: dict[str, str]


def begin(ctx: Context, bucket: BucketRow, key: str, settings: Mapping[str, Any]) -> Sealing:
    """What a write's headers, or else the bucket's default encryption, ask for.

    Raises InvalidArgument, and for a KMS key AccessDenied and KMS's own errors.
    """
    if settings.get("sse_customer_algorithm") or settings.get("sse_customer_key"):
        return _customer(settings)
    rule = (bucket.encryption.get("Rules") or [{}])[0]
    default = rule.get("ApplyServerSideEncryptionByDefault", {})
    wanted = settings.get("server_side_encryption")
    method = wanted or default.get("SSEAlgorithm", SSE_S3)
    _check_kms_headers(wanted, settings)
    if method == SSE_S3:
        return Sealing(None, {"ServerSideEncryption": SSE_S3}, {}, {})
    if method not in KMS_METHODS:
        raise argument(
            "x-amz-server-side-encryption",
            method,
            "The encryption method specified is not supported",
        )
    named = settings.get("ssekms_key_id") if wanted else default.get("KMSMasterKeyID")
    has_bucket_key = settings.get("bucket_key_enabled")
    if has_bucket_key is None:
        has_bucket_key = rule.get("BucketKeyEnabled", False)
    return _kms(ctx, bucket, key, settings, _Wanted(method, str(named or ""), bool(has_bucket_key)))


class _Wanted(NamedTuple):
    """key_id: "" for S3's own key in the caller's account."""

    method: str
    key_id: str
    has_bucket_key: bool


def _customer(settings: Mapping[str, Any]) -> Sealing:
    if wanted := settings.get("server_side_encryption"):
        raise argument(
            "x-amz-server-side-encryption",
            wanted,
            "Server Side Encryption with Customer provided key is incompatible with the "
            "encryption method specified",
        )
    raw = customer_key(settings)
    kept = {
        "SSECustomerAlgorithm": SSE_S3,
        "SSECustomerKeyMD5": str(settings["sse_customer_key_md5"]),
    }
    return Sealing(raw, kept, {}, {})


def _kms(
    ctx: Context, bucket: BucketRow, key: str, settings: Mapping[str, Any], wanted: _Wanted
) -> Sealing:
    given = data_keys.read_context(settings.get("ssekms_encryption_context"))
    is_dual = wanted.method == KMS_METHODS[1]
    has_bucket_key = wanted.has_bucket_key and not is_dual
    arn = bucket_arn(bucket.name) if has_bucket_key else object_arn(bucket.name, key)
    context = {**given, "aws:s3:arn": arn}
    made = data_keys.new(ctx, bucket, wanted.key_id, context, layers=2 if is_dual else 1)
    kept: dict[str, Any] = {"ServerSideEncryption": wanted.method, "SSEKMSKeyId": made.key_arn}
    if has_bucket_key:
        kept["BucketKeyEnabled"] = True
    answer = {"SSEKMSEncryptionContext": data_keys.written(given)} if given else {}
    return Sealing(made.plain, kept, made.columns, answer)


def _check_kms_headers(wanted: Any, settings: Mapping[str, Any]) -> None:
    if wanted in KMS_METHODS:
        return
    for name in ("ssekms_key_id", "ssekms_encryption_context"):
        if settings.get(name):
            raise argument(
                "x-amz-server-side-encryption",
                wanted or "null",
                "Server Side Encryption with AWS KMS managed key requires HTTP header "
                "x-amz-server-side-encryption : aws:kms",
            )


def members(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Those of an object's attributes that a write answers, too."""
    return {name: kept[name] for name in _MEMBERS if name in kept}


def open_key(
    ctx: Context,
    bucket: BucketRow,
    found: ObjectRow,
    settings: Mapping[str, Any],
    *,
    prefix: str = "",
) -> bytes | None:
    """The key that opens an object: the customer's, or KMS's for who may decrypt with it.

    prefix: "copy_source_" for a copy's source. Raises what `require_key` raises, AccessDenied and
    KMS's errors.
    """
    raw = require_key(found, settings, prefix=prefix)
    if found.encryption.get("data_key"):
        return data_keys.open_key(ctx, bucket, found.encryption)
    return raw


def customer_key(settings: Mapping[str, Any], *, prefix: str = "") -> bytes | None:
    """The key of SSE-C, None where the request has none. Raises InvalidArgument.

    prefix: "copy_source_" for the key of a copy's source.
    """
    algorithm = settings.get(f"{prefix}sse_customer_algorithm")
    key, md5 = (
        settings.get(f"{prefix}sse_customer_key"),
        settings.get(f"{prefix}sse_customer_key_md5"),
    )
    if algorithm is None and key is None and md5 is None:
        return None
    if algorithm != SSE_S3:
        raise argument(
            "x-amz-server-side-encryption-customer-algorithm",
            algorithm,
            "The encryption request that you specified isn't valid. The valid value is AES256.",
        )
    raw = checksums.decoded(str(key or ""), 32)
    if raw is None:
        raise InvalidArgument(
            reason="The secret key was invalid for the specified algorithm.",
            ArgumentName="x-amz-server-side-encryption-customer-key",
        )
    digest = hashlib.md5(raw, usedforsecurity=False).digest()
    if md5 != base64.b64encode(digest).decode():
        raise InvalidArgument(
            reason="The calculated MD5 hash of the key did not match the hash that was provided.",
            ArgumentName="x-amz-server-side-encryption-customer-key-MD5",
        )
    return raw


def require_key(found: ObjectRow, settings: Mapping[str, Any], *, prefix: str = "") -> bytes | None:
    """The customer's key of an object, if it needs one. Raises InvalidRequest, AccessDenied."""
    raw = customer_key(settings, prefix=prefix)
    known = found.attributes.get("SSECustomerKeyMD5")
    if known is None:
        if raw is not None:
            raise InvalidRequest(
                reason="The encryption parameters are not applicable to this object."
            )
        return None
    if raw is None:
        raise InvalidRequest(
            reason="The object was stored using a form of Server Side Encryption. The correct "
            "parameters must be provided to retrieve the object."
        )
    if settings[f"{prefix}sse_customer_key_md5"] != known:
        raise AccessDenied
    return raw
