"""Bucket policies, Block Public Access, ownership controls."""

from collections.abc import Mapping
from typing import Any

from aws.context import Context
from aws.errors import MalformedXML
from aws.operation import Response, operation
from s3 import access, policies
from s3.errors import (
    AccessDenied,
    InvalidBucketAclWithObjectOwnership,
    NoSuchBucketPolicy,
    NoSuchPublicAccessBlockConfiguration,
    OwnershipControlsNotFoundError,
)
from s3.grants import is_public
from s3.models import Bucket
from s3.names import bucket_arn
from s3.public import is_public_policy

BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


@operation("s3:PutBucketPolicy")
def put_bucket_policy(ctx: Context, /, *, bucket: str, policy: str, **settings: Any) -> Response:
    """Replaces the policy. policy: JSON, at most 20 KB.

    Raises MalformedPolicy, AccessDenied (a public one, where BlockPublicPolicy is on).
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
    """
    found = access.bucket(ctx, "s3:PutBucketPolicy", bucket, **settings)
    policies.require_valid(bucket_arn(bucket), policy)
    if found.blocks("BlockPublicPolicy") and is_public_policy(policy):
        raise AccessDenied(
            f"User: {ctx.principal.arn} is not authorized to perform: s3:PutBucketPolicy on "
            f'resource: "arn:aws:s3:::{bucket}" because public policies are prevented by the '
            "BlockPublicPolicy setting in S3 Block Public Access."
        )
    _save(found.pk, policy=policy)
    return {}


@operation("s3:GetBucketPolicy")
def get_bucket_policy(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Answers {"Policy": JSON}. Raises NoSuchBucketPolicy.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html
    """
    found = access.bucket(ctx, "s3:GetBucketPolicy", bucket, **settings)
    if not found.policy:
        raise NoSuchBucketPolicy(BucketName=bucket)
    return {"Policy": found.policy}


@operation("s3:DeleteBucketPolicy")
def delete_bucket_policy(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Deletes the policy; none is no error.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketPolicy.html
    """
    found = access.bucket(ctx, "s3:DeleteBucketPolicy", bucket, **settings)
    _save(found.pk, policy="")
    return {}


@operation("s3:GetBucketPolicyStatus")
def get_bucket_policy_status(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Answers {"PolicyStatus": {"IsPublic": bool}}. Raises NoSuchBucketPolicy.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicyStatus.html
    """
    found = access.bucket(ctx, "s3:GetBucketPolicyStatus", bucket, **settings)
    if not found.policy:
        raise NoSuchBucketPolicy(BucketName=bucket)
    return {"PolicyStatus": {"IsPublic": is_public_policy(found.policy)}}


@operation("s3:PutPublicAccessBlock")
def put_public_access_block(
    ctx: Context,
    /,
    *,
    bucket: str,
    public_access_block_configuration: Mapping[str, bool],
    **settings: Any,
) -> Response:
    """Replaces the four settings; one left out is off.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutPublicAccessBlock.html
    """
    found = access.bucket(ctx, "s3:PutBucketPublicAccessBlock", bucket, **settings)
    wanted = {name: bool(public_access_block_configuration.get(name)) for name in BLOCKS}
    _save(found.pk, public_access_block=wanted)
    return {}


@operation("s3:GetPublicAccessBlock")
def get_public_access_block(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Answers {"PublicAccessBlockConfiguration": {"BlockPublicAcls": bool, …}}.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetPublicAccessBlock.html
    """
    found = access.bucket(ctx, "s3:GetBucketPublicAccessBlock", bucket, **settings)
    if not found.public_access_block:
        raise NoSuchPublicAccessBlockConfiguration(BucketName=bucket)
    return {"PublicAccessBlockConfiguration": found.public_access_block}


@operation("s3:DeletePublicAccessBlock")
def delete_public_access_block(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Turns all four off.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeletePublicAccessBlock.html
    """
    found = access.bucket(ctx, "s3:PutBucketPublicAccessBlock", bucket, **settings)
    _save(found.pk, public_access_block={})
    return {}


@operation("s3:PutBucketOwnershipControls")
def put_bucket_ownership_controls(
    ctx: Context, /, *, bucket: str, ownership_controls: Mapping[str, Any], **settings: Any
) -> Response:
    """ownership_controls: {"Rules": [{"ObjectOwnership": …}]}, one rule.

    Raises InvalidBucketAclWithObjectOwnership: lists of a bucket that grant others something have
    to go before they are disabled.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketOwnershipControls.html
    """
    found = access.bucket(ctx, "s3:PutBucketOwnershipControls", bucket, **settings)
    rules = ownership_controls["Rules"]
    if len(rules) != 1:
        raise MalformedXML
    wanted = rules[0]["ObjectOwnership"]
    if wanted == Bucket.Ownership.ENFORCED and (is_public(found.grants) or len(found.grants) > 1):
        raise InvalidBucketAclWithObjectOwnership
    _save(found.pk, object_ownership=wanted)
    return {}


@operation("s3:GetBucketOwnershipControls")
def get_bucket_ownership_controls(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Answers {"OwnershipControls": {"Rules": [{"ObjectOwnership": …}]}}.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketOwnershipControls.html
    """
    found = access.bucket(ctx, "s3:GetBucketOwnershipControls", bucket, **settings)
    if not found.object_ownership:
        raise OwnershipControlsNotFoundError(BucketName=bucket)
    return {"OwnershipControls": {"Rules": [{"ObjectOwnership": found.object_ownership}]}}


@operation("s3:DeleteBucketOwnershipControls")
def delete_bucket_ownership_controls(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Without the controls a bucket behaves as with ObjectWriter.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketOwnershipControls.html
    """
    found = access.bucket(ctx, "s3:PutBucketOwnershipControls", bucket, **settings)
    _save(found.pk, object_ownership="")
    return {}


def _save(pk: int, **columns: Any) -> None:
    Bucket.objects.filter(pk=pk).update(**columns)
