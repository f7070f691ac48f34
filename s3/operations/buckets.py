"""Buckets: create, list, head, delete, locate."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, connection, transaction

from aws.context import Context
from aws.operation import Response, operation
from aws.regions import BY_NAME, GLOBAL_REGION
from s3 import access, grants
from s3.errors import (
    AccessDenied,
    BucketAlreadyExists,
    BucketAlreadyOwnedByYou,
    BucketHasAccessPointsAttached,
    BucketNotEmpty,
    IllegalLocationConstraintException,
    InvalidArgument,
    InvalidBucketAclWithObjectOwnership,
    InvalidBucketName,
    InvalidLocationConstraint,
    TooManyBuckets,
    VersionedBucketNotEmpty,
    argument,
)
from s3.models import AccessPoint, Bucket, MultipartUpload, ObjectVersion
from s3.names import bucket_arn, is_valid_bucket
from s3.owners import owner
from s3.quotas import BUCKETS
from s3.tagging import MAX_BUCKET_TAGS, read_tags

BLOCK_ALL = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
MAX_LISTED = 10_000


@operation("s3:CreateBucket")
def create_bucket(
    ctx: Context,
    /,
    *,
    bucket: str,
    create_bucket_configuration: Mapping[str, Any] | None = None,
    acl: str = "",
    object_ownership: str = Bucket.Ownership.ENFORCED,
    object_lock_enabled_for_bucket: bool = False,
    bucket_namespace: str = "global",
    **settings: Any,
) -> Response:
    """Creates a bucket, private and with public access blocked, as AWS does since April 2023.

    Answers {"Location": "/name", "BucketArn"}. Raises BucketAlreadyExists (somebody's),
    BucketAlreadyOwnedByYou, InvalidBucketName,
    IllegalLocationConstraintException, InvalidLocationConstraint, TooManyBuckets.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
    """
    arn = bucket_arn(bucket)
    configuration = create_bucket_configuration or {}
    constraint = str(configuration.get("LocationConstraint") or "")
    is_regional = bucket_namespace == "account-regional"
    conditions = {"s3:LocationConstraint": constraint} if constraint else {}
    if is_regional:
        conditions["s3:x-amz-bucket-namespace"] = bucket_namespace
    needs = {
        "s3:CreateBucket": True,
        "s3:PutBucketAcl": acl or any(settings.get(name) for name in grants.PERMISSIONS),
        "s3:PutBucketOwnershipControls": object_ownership != Bucket.Ownership.ENFORCED,
        "s3:PutBucketObjectLockConfiguration": object_lock_enabled_for_bucket,
        "s3:PutBucketVersioning": object_lock_enabled_for_bucket,
        "s3:TagResource": configuration.get("Tags"),
    }
    for action in (name for name, needed in needs.items() if needed):
        ctx.authorize(action, arn, conditions=conditions)
    region = _region(ctx, constraint)
    suffix = f"-{ctx.account_id}-{region}-an" if is_regional else ""
    if not is_valid_bucket(bucket, suffix):
        raise InvalidBucketName(BucketName=bucket)
    _check_free(ctx, bucket)
    if Bucket.objects.in_scope(ctx).count() >= BUCKETS:
        raise TooManyBuckets
    row = Bucket(
        account_id=ctx.account_id,
        name=bucket,
        bucket_region=region,
        created_at=ctx.now,
        object_ownership=object_ownership,
        object_lock=object_lock_enabled_for_bucket,
        versioning="Enabled" if object_lock_enabled_for_bucket else "",
        public_access_block=BLOCK_ALL,
        grants=_grants(ctx, acl, object_ownership, settings),
        tags=read_tags(configuration.get("Tags") or (), limit=MAX_BUCKET_TAGS),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # Somebody was quicker by a moment.
        raise BucketAlreadyExists(BucketName=bucket) from None
    return {"Location": f"/{bucket}", "BucketArn": row.arn}


@operation("s3:ListBuckets")
def list_buckets(
    ctx: Context,
    /,
    *,
    max_buckets: int = MAX_LISTED,
    continuation_token: str = "",
    prefix: str = "",
    bucket_region: str = "",
) -> Response:
    """Answers {"Buckets": […], "Owner", "ContinuationToken"}: all regions', ordered by name.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
    """
    ctx.authorize("s3:ListAllMyBuckets")
    if not 1 <= max_buckets <= MAX_LISTED:
        raise argument(
            "max-buckets",
            max_buckets,
            "Argument max-buckets must be an integer between 1 and 10000",
        )
    rows = Bucket.objects.in_scope(ctx).filter(name__startswith=prefix, name__gt=continuation_token)
    if bucket_region:
        if bucket_region not in BY_NAME:
            raise argument(
                "bucket-region", bucket_region, "Argument value is not a valid AWS Region"
            )
        rows = rows.filter(bucket_region=bucket_region)
    page = list(rows.order_by("name")[: max_buckets + 1])
    answer: Response = {
        "Buckets": [row.as_aws() for row in page[:max_buckets]],
        "Owner": owner(ctx.account_id),
    }
    if len(page) > max_buckets:
        answer["ContinuationToken"] = page[max_buckets - 1].name
    if prefix:
        answer["Prefix"] = prefix
    return answer


@operation("s3:HeadBucket", is_data=True)
def head_bucket(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Answers {"BucketRegion", "BucketArn", …} for who may list the bucket.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
    """
    found = access.bucket(ctx, "s3:ListBucket", bucket, **settings)
    return {
        "BucketRegion": found.bucket_region,
        "BucketArn": bucket_arn(found.name),
        "AccessPointAlias": found.point is not None,
    }


@operation("s3:GetBucketLocation")
def get_bucket_location(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Answers {"LocationConstraint": region}, without it in us-east-1.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
    """
    found = access.bucket(ctx, "s3:GetBucketLocation", bucket, **settings)
    region = found.bucket_region
    return {} if region == GLOBAL_REGION else {"LocationConstraint": region}


@operation("s3:DeleteBucket")
def delete_bucket(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Deletes an empty bucket. Raises BucketNotEmpty: versions and delete markers count.

    BucketHasAccessPointsAttached: the account's own; those of other accounts lead nowhere then.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html
    """
    found = access.bucket(ctx, "s3:DeleteBucket", bucket, **settings)
    if AccessPoint.objects.filter(account_id=found.account_id, bucket=bucket).exists():
        raise BucketHasAccessPointsAttached
    versions = ObjectVersion.objects.filter(bucket_id=found.pk)
    if versions.exists():
        hidden = not versions.filter(is_latest=True, is_delete_marker=False).exists()
        raise (VersionedBucketNotEmpty if hidden else BucketNotEmpty)(BucketName=bucket)
    MultipartUpload.objects.filter(bucket_id=found.pk).delete()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            Bucket.objects.filter(pk=found.pk).delete()
            # An object that was put meanwhile refuses here, not at the end of the call.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError:
        raise BucketNotEmpty(BucketName=bucket) from None
    return {}


def _region(ctx: Context, constraint: str) -> str:
    """us-east-1's endpoint makes buckets anywhere, another region's only at home."""
    wanted = "eu-west-1" if constraint == "EU" else constraint
    if ctx.source != "api" and wanted in BY_NAME:
        return wanted
    if ctx.region == GLOBAL_REGION:
        if wanted == GLOBAL_REGION or (wanted and wanted not in BY_NAME):
            raise InvalidLocationConstraint(LocationConstraint=constraint)
        return wanted or GLOBAL_REGION
    if wanted != ctx.region and (wanted or ctx.source == "api"):
        raise IllegalLocationConstraintException(constraint=constraint or "unspecified")
    return ctx.region


def _check_free(ctx: Context, name: str) -> None:
    """Names are global: whether one is taken is known to everybody, whose it is to nobody."""
    taken = Bucket.objects.filter(name=name).first()
    if taken is None:
        return
    if taken.account_id != ctx.account_id:
        raise BucketAlreadyExists(BucketName=name)
    raise BucketAlreadyOwnedByYou(BucketName=name)


def _grants(
    ctx: Context, acl: str, ownership: str, settings: Mapping[str, Any]
) -> list[dict[str, Any]]:
    headers = {name: settings[name] for name in grants.PERMISSIONS if settings.get(name)}
    if ownership not in Bucket.Ownership.values:
        raise InvalidArgument(
            reason="Invalid x-amz-object-ownership header", ArgumentName="x-amz-object-ownership"
        )
    if acl in ("", "private") and not headers:
        return []
    if ownership == Bucket.Ownership.ENFORCED:
        raise InvalidBucketAclWithObjectOwnership
    found = grants.canned_grants(acl, ctx.account_id) if acl else grants.from_headers(headers)
    if grants.is_public(found):
        # Public access is blocked from the bucket's first moment.
        raise AccessDenied
    return found
