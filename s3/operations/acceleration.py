"""Transfer acceleration."""

from collections.abc import Mapping
from typing import Any

from aws.context import Context
from aws.operation import Response, operation
from s3 import access, configurations
from s3.errors import InvalidRequest

NAME = "accelerate"


@operation("s3:PutBucketAccelerateConfiguration")
def put_bucket_accelerate_configuration(
    ctx: Context, /, *, bucket: str, accelerate_configuration: Mapping[str, str], **settings: Any
) -> Response:
    """accelerate_configuration: {"Status": "Enabled" or "Suspended"}.

    Raises InvalidRequest for a bucket with periods in its name.
    Simplified: it is kept, and makes nothing faster.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAccelerateConfiguration.html
    """
    found = access.bucket(ctx, "s3:PutAccelerateConfiguration", bucket, **settings)
    if "." in found.name:
        raise InvalidRequest(
            reason="S3 Transfer Acceleration is not supported for buckets with periods (.) in "
            "their names"
        )
    if status := accelerate_configuration.get("Status"):
        configurations.put(found, NAME, {"Status": status})
    return {}


@operation("s3:GetBucketAccelerateConfiguration")
def get_bucket_accelerate_configuration(
    ctx: Context, /, *, bucket: str, **settings: Any
) -> Response:
    """Answers {"Status": "Enabled" or "Suspended"}; {} where it was never put.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAccelerateConfiguration.html
    """
    found = access.bucket(ctx, "s3:GetAccelerateConfiguration", bucket, **settings)
    kept: Response = configurations.find(found, NAME) or {}
    return kept
