"""AWS services that write into buckets on a bucket's behalf: logs and inventory reports.

The target's own policy decides, by aws:SourceArn and aws:SourceAccount, as for anybody else.
"""

from typing import Any

from aws.context import Context
from aws.identity import Principal
from s3 import access
from s3.names import bucket_arn
from s3.operations.objects import put_object
from s3.rows import BucketRow


def put(
    service: str, source: BucketRow, bucket: str, key: str, body: Any, content_type: str
) -> dict[str, Any]:
    """PutObject by a service ("logging.s3.amazonaws.com"). Raises AccessDenied, NoSuchBucket, …"""
    answer: dict[str, Any] = put_object(
        context(service, source), bucket=bucket, key=key, body=body, content_type=content_type
    )
    return answer


def context(service: str, source: BucketRow) -> Context:
    principal = Principal(kind="service", account_id="", arn=service, user_id=service, name=service)
    ctx = Context(
        account_id=source.account_id,
        principal=principal,
        region=source.bucket_region,
        source="system",
        secure_transport=True,
        clock_offset=source.clock_offset,
    )
    ctx.cache[access.CONDITIONS] = {
        "aws:SourceArn": bucket_arn(source.name),
        "aws:SourceAccount": source.account_id,
        "aws:PrincipalServiceName": service,
        "aws:PrincipalIsAWSService": "true",
        "aws:ViaAWSService": "false",
    }
    return ctx
