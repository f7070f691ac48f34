"""Requester Pays: who takes the costs of requests."""

from collections.abc import Mapping
from typing import Any

from aws.context import Context
from aws.operation import Response, operation
from s3 import access, configurations

NAME = "request-payment"


@operation("s3:PutBucketRequestPayment")
def put_bucket_request_payment(
    ctx: Context,
    /,
    *,
    bucket: str,
    request_payment_configuration: Mapping[str, str],
    **settings: Any,
) -> Response:
    """request_payment_configuration: {"Payer": "Requester" or "BucketOwner"}.

    From then on other accounts have to say x-amz-request-payer, and nobody may be anonymous.
    Simplified: nothing is billed.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketRequestPayment.html
    """
    found = access.bucket(ctx, "s3:PutBucketRequestPayment", bucket, **settings)
    if request_payment_configuration["Payer"] == "Requester":
        configurations.put(found, NAME, {"Payer": "Requester"})
    else:
        configurations.delete(found, NAME)
    return {}


@operation("s3:GetBucketRequestPayment")
def get_bucket_request_payment(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Answers {"Payer": "BucketOwner" or "Requester"}.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketRequestPayment.html
    """
    found = access.bucket(ctx, "s3:GetBucketRequestPayment", bucket, **settings)
    return {"Payer": "Requester" if NAME in found.watch else "BucketOwner"}
