"""Bucket configurations: CORS, default encryption."""

from collections.abc import Mapping
from typing import Any

from aws.context import Context
from aws.errors import MalformedXML
from aws.operation import Response, operation
from s3 import access, configurations, cors, encryption
from s3.errors import (
    InvalidArgument,
    InvalidRequest,
    NoSuchCORSConfiguration,
)

MAX_CORS_RULES = 100
DEFAULT_ENCRYPTION = {
    "Rules": [
        {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
            "BucketKeyEnabled": False,
        }
    ]
}


@operation("s3:PutBucketCors")
def put_bucket_cors(
    ctx: Context, /, *, bucket: str, cors_configuration: Mapping[str, Any], **settings: Any
) -> Response:
    """Replaces the rules, at most 100. Raises InvalidRequest, MalformedXML.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html
    """
    found = access.bucket(ctx, "s3:PutBucketCORS", bucket, **settings)
    rules = cors_configuration["CORSRules"]
    if not 0 < len(rules) <= MAX_CORS_RULES:
        raise MalformedXML
    for rule in rules:
        _check_rule(rule)
    configurations.put(found, "cors", {"CORSRules": [dict(rule) for rule in rules]})
    return {}


@operation("s3:GetBucketCors")
def get_bucket_cors(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Answers {"CORSRules": […]}. Raises NoSuchCORSConfiguration.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketCors.html
    """
    found = access.bucket(ctx, "s3:GetBucketCORS", bucket, **settings)
    answer: Response = configurations.get(found, "cors", NoSuchCORSConfiguration)
    return answer


@operation("s3:DeleteBucketCors")
def delete_bucket_cors(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Deletes the rules.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketCors.html
    """
    found = access.bucket(ctx, "s3:PutBucketCORS", bucket, **settings)
    configurations.delete(found, "cors")
    return {}


@operation("s3:PutBucketEncryption")
def put_bucket_encryption(
    ctx: Context,
    /,
    *,
    bucket: str,
    server_side_encryption_configuration: Mapping[str, Any],
    **settings: Any,
) -> Response:
    """Sets the default encryption of new objects: {"Rules": […]}, one rule.

    KMSMasterKeyID: without one, S3's own key of whoever writes. It is not looked up here, as AWS
    does not. Raises InvalidArgument. Simplified: BlockedEncryptionTypes blocks nothing; a bucket
    key saves no calls of KMS.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html
    """
    found = access.bucket(ctx, "s3:PutEncryptionConfiguration", bucket, **settings)
    rules = server_side_encryption_configuration["Rules"]
    if len(rules) != 1:
        raise MalformedXML
    default = rules[0].get("ApplyServerSideEncryptionByDefault", {})
    method = default.get("SSEAlgorithm", encryption.SSE_S3)
    if method not in (encryption.SSE_S3, *encryption.KMS_METHODS):
        raise MalformedXML
    if default.get("KMSMasterKeyID") and method == encryption.SSE_S3:
        raise InvalidArgument(
            reason="a KMSMasterKeyID is not applicable if the default sse algorithm is not "
            "aws:kms or aws:kms:dsse"
        )
    configurations.put(found, "encryption", {"Rules": [dict(rules[0])]})
    return {}


@operation("s3:GetBucketEncryption")
def get_bucket_encryption(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Answers {"ServerSideEncryptionConfiguration": …}: SSE-S3 where nothing was put.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html
    """
    found = access.bucket(ctx, "s3:GetEncryptionConfiguration", bucket, **settings)
    return {"ServerSideEncryptionConfiguration": found.encryption or DEFAULT_ENCRYPTION}


@operation("s3:DeleteBucketEncryption")
def delete_bucket_encryption(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Back to SSE-S3.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketEncryption.html
    """
    found = access.bucket(ctx, "s3:PutEncryptionConfiguration", bucket, **settings)
    configurations.delete(found, "encryption")
    return {}


def _check_rule(rule: Mapping[str, Any]) -> None:
    for method in rule["AllowedMethods"]:
        if method not in cors.METHODS:
            raise InvalidRequest(
                reason="Found unsupported HTTP method in CORS config. Unsupported method is "
                f"{method}"
            )
    for member in ("AllowedOrigins", "AllowedHeaders"):
        for text in rule.get(member, ()):
            if text.count("*") > 1:
                name = member.removesuffix("s")
                raise InvalidRequest(reason=f'{name} "{text}" can not have more than one wildcard.')
    for text in rule.get("ExposeHeaders", ()):
        if "*" in text:
            raise InvalidRequest(
                reason=f'ExposeHeader "{text}" contains wildcard. We currently do not support '
                "wildcard for ExposeHeader."
            )
