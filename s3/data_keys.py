"""Envelope encryption: each object's bytes under a data key of its own, that under a KMS key.

What rests beside the object is the data key as KMS sealed it, and the encryption context; KMS opens
it for who may kms:Decrypt.
AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws.context import Context
from aws.errors import AwsError
from kms.operations import decrypt, generate_data_key, via
from s3.cipher import KEY
from s3.errors import InvalidArgument, of_kms
from s3.rows import BucketRow

MANAGED_KEY = "alias/aws/s3"


@dataclass(frozen=True, slots=True)
class DataKey:
    """columns: what rests beside the object."""

    plain: bytes
    key_arn: str
    columns: dict[str, Any]


def new(
    ctx: Context, bucket: BucketRow, key_id: str, context: Mapping[str, str], *, layers: int
) -> DataKey:
    """key_id: a KMS key by any name, "" for S3's own of the caller's account. layers: of sealing.

    Raises AccessDenied, InvalidArgument, KMS's errors.
    """
    try:
        made = generate_data_key(
            _context(ctx, bucket),
            key_id=key_id or MANAGED_KEY,
            encryption_context=dict(context),
            number_of_bytes=KEY * layers,
        )
    except AwsError as error:
        raise of_kms(error) from None
    blob = base64.b64encode(made["CiphertextBlob"]).decode()
    return DataKey(made["Plaintext"], made["KeyId"], {"data_key": blob, "context": dict(context)})


def open_key(ctx: Context, bucket: BucketRow, columns: Mapping[str, Any]) -> bytes:
    """The data key of an object. Raises AccessDenied, InvalidArgument, KMS's errors."""
    try:
        opened = decrypt(
            _context(ctx, bucket),
            ciphertext_blob=base64.b64decode(columns["data_key"]),
            encryption_context=columns["context"],
        )
    except AwsError as error:
        raise of_kms(error) from None
    plain: bytes = opened["Plaintext"]
    return plain


def read_context(text: Any) -> dict[str, str]:
    """The header x-amz-server-side-encryption-context. Raises InvalidArgument."""
    if not text:
        return {}
    try:
        pairs = json.loads(base64.b64decode(str(text), validate=True))
    except (ValueError, binascii.Error):
        pairs = None
    if not isinstance(pairs, dict) or not all(isinstance(value, str) for value in pairs.values()):
        raise InvalidArgument(
            reason="The header 'x-amz-server-side-encryption-context' shall be Base64-encoded "
            "UTF-8 string holding JSON which represents a string-string map",
            ArgumentName="x-amz-server-side-encryption-context",
        )
    return pairs


def written(context: Mapping[str, str]) -> str:
    """The header's form of a context."""
    return base64.b64encode(json.dumps(dict(context)).encode()).decode()


def _context(ctx: Context, bucket: BucketRow) -> Context:
    if ctx.principal.kind == "anonymous":
        raise InvalidArgument(
            reason="Requests specifying Server Side Encryption with AWS KMS managed keys require "
            "AWS Signature Version 4.",
            ArgumentName="Authorization",
            ArgumentValue="null",
        )
    return via(ctx, "s3", bucket.bucket_region)
