"""Server-side encryption: what a write asks for, and what the bucket gives by default.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
"""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from aws.errors import OperationNotOffered
from s3 import checksums
from s3.errors import AccessDenied, InvalidArgument, InvalidRequest, argument
from s3.rows import BucketRow, ObjectRow

SSE_S3 = "AES256"


def attributes(bucket: BucketRow, settings: Mapping[str, Any]) -> dict[str, str]:
    """ServerSideEncryption or the members of SSE-C. Raises InvalidArgument, InvalidRequest."""
    wanted = settings.get("server_side_encryption")
    if settings.get("sse_customer_algorithm") or settings.get("sse_customer_key"):
        if wanted:
            raise argument(
                "x-amz-server-side-encryption",
                wanted,
                "Server Side Encryption with Customer provided key is incompatible with the "
                "encryption method specified",
            )
        customer_key(settings)
        return {
            "SSECustomerAlgorithm": SSE_S3,
            "SSECustomerKeyMD5": str(settings["sse_customer_key_md5"]),
        }
    if wanted in (None, SSE_S3):
        return {"ServerSideEncryption": SSE_S3}
    if wanted in ("aws:kms", "aws:kms:dsse"):
        raise OperationNotOffered(
            "A header you provided implies functionality that is not implemented",
            Header="x-amz-server-side-encryption",
        )
    raise argument(
        "x-amz-server-side-encryption", wanted, "The encryption method specified is not supported"
    )


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
