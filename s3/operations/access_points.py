"""Access points: S3 Control.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points.html
"""

import secrets
import string
from collections.abc import Mapping, Sequence

from django.conf import settings as lab
from django.db import IntegrityError, transaction

from aws.context import Context
from aws.operation import Response, operation
from aws.paging import paginate
from aws.tags import TagList
from s3 import account_blocks, policies, rows
from s3.errors import (
    AccessDenied,
    AccessPointAlreadyOwnedByYou,
    InvalidRequest,
    NoSuchAccessPoint,
    NoSuchAccessPointPolicy,
    NoSuchBucket,
    TooManyAccessPoints,
    argument,
)
from s3.models import AccessPoint
from s3.names import access_point_arn, is_valid_access_point
from s3.operations.policies import BLOCKS
from s3.points import ALIAS_SUFFIX
from s3.public import is_public_policy
from s3.quotas import ACCESS_POINTS
from s3.tagging import MAX_BUCKET_TAGS, read_tags

MAX_LISTED = 1000
_ALIAS_CHARACTERS = 34


@operation("s3control:CreateAccessPoint")
def create_access_point(
    ctx: Context,
    /,
    *,
    account_id: str,
    name: str,
    bucket: str,
    bucket_account_id: str = "",
    vpc_configuration: Mapping[str, str] | None = None,
    public_access_block_configuration: Mapping[str, bool] | None = None,
    tags: TagList = (),
    scope: Mapping[str, Sequence[str]] | None = None,
) -> Response:
    """Makes a door to a bucket of the region, the account's own or another's.

    All four blocks of public access are on unless they are given; they stay as they are.
    Answers {"AccessPointArn", "Alias"}. Raises AccessPointAlreadyOwnedByYou, NoSuchBucket,
    AccessDenied (the bucket is another account's than bucket_account_id), InvalidRequest,
    TooManyAccessPoints. Simplified: one of a VPC is kept, and refuses every request.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateAccessPoint.html
    """
    vpc_id = (vpc_configuration or {}).get("VpcId", "")
    needs = {
        "s3:CreateAccessPoint": True,
        "s3:PutAccessPointPublicAccessBlock": public_access_block_configuration is not None,
        "s3:TagResource": bool(tags),
    }
    for action in (action for action, needed in needs.items() if needed):
        _authorize(ctx, action, account_id, name, is_vpc=bool(vpc_id))
    if not is_valid_access_point(name):
        raise InvalidRequest(reason="The specified access point name is not valid.")
    if scope:
        raise InvalidRequest(reason="Scope is only supported for directory buckets.")
    owner = bucket_account_id or account_id
    _require_bucket(ctx, bucket, owner)
    if AccessPoint.objects.in_scope(ctx).count() >= ACCESS_POINTS:
        raise TooManyAccessPoints
    given = public_access_block_configuration
    row = AccessPoint(
        account_id=account_id,
        region=ctx.region,
        name=name,
        alias=_new_alias(name),
        bucket=bucket,
        bucket_account_id=owner,
        created_at=ctx.now,
        vpc_id=vpc_id,
        public_access_block={one: given is None or bool(given.get(one)) for one in BLOCKS},
        tags=read_tags(tags, limit=MAX_BUCKET_TAGS),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise AccessPointAlreadyOwnedByYou(AccessPointName=name) from None
    return {"AccessPointArn": row.arn, "Alias": row.alias}


@operation("s3control:GetAccessPoint")
def get_access_point(ctx: Context, /, *, account_id: str, name: str) -> Response:
    """Answers {"Name", "Bucket", "NetworkOrigin", "PublicAccessBlockConfiguration", "Alias", …}.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessPoint.html
    """
    row = find(ctx, "s3:GetAccessPoint", account_id, name)
    endpoint = f"s3-accesspoint.{row.region}.{lab.LAB_DOMAIN}"
    return {
        **row.as_aws(),
        "PublicAccessBlockConfiguration": row.public_access_block,
        "CreationDate": row.created_at,
        "Endpoints": {"ipv4": endpoint},
    }


@operation("s3control:ListAccessPoints")
def list_access_points(
    ctx: Context,
    /,
    *,
    account_id: str,
    bucket: str = "",
    max_results: int = MAX_LISTED,
    next_token: str = "",
    data_source_id: str = "",
    data_source_type: str = "",
) -> Response:
    """The account's access points in the region, by name; bucket: those of one alone.

    Answers {"AccessPointList", "NextToken"}. Of file systems (data_source_id) there are none.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListAccessPoints.html
    """
    ctx.authorize("s3:ListAccessPoints", resource_account=account_id)
    rows_of_account = AccessPoint.objects.in_scope(ctx)
    if bucket:
        rows_of_account = rows_of_account.filter(bucket=bucket)
    if data_source_id or data_source_type:
        rows_of_account = rows_of_account.none()
    if not 0 <= max_results <= MAX_LISTED:
        raise argument("maxResults", max_results, "maxResults must be between 0 and 1000")
    page = paginate(
        ctx,
        rows_of_account,
        order_by=["name"],
        size=max_results or MAX_LISTED,
        token=next_token,
        purpose=f"s3control:ListAccessPoints:{ctx.region}:{bucket}",
    )
    return {"AccessPointList": [row.as_aws() for row in page.rows], **page.next_token()}


@operation("s3control:DeleteAccessPoint")
def delete_access_point(ctx: Context, /, *, account_id: str, name: str) -> Response:
    """Deletes the door; the bucket stays. Raises NoSuchAccessPoint.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteAccessPoint.html
    """
    find(ctx, "s3:DeleteAccessPoint", account_id, name).delete()
    return {}


@operation("s3control:PutAccessPointPolicy")
def put_access_point_policy(
    ctx: Context, /, *, account_id: str, name: str, policy: str
) -> Response:
    """Replaces the policy: JSON, at most 20 KB, about the point's ARN and "<ARN>/object/…".

    Raises MalformedPolicy, AccessDenied (a public one, where BlockPublicPolicy is on).
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutAccessPointPolicy.html
    """
    row = find(ctx, "s3:PutAccessPointPolicy", account_id, name)
    policies.require_valid(row.arn, policy)
    if _blocks_public_policies(row) and not row.vpc_id and is_public_policy(policy):
        raise AccessDenied(
            f"User: {ctx.principal.arn} is not authorized to perform: s3:PutAccessPointPolicy on "
            f'resource: "{row.arn}" because public policies are prevented by the '
            "BlockPublicPolicy setting in S3 Block Public Access."
        )
    row.policy = policy
    row.save(update_fields=["policy"])
    return {}


@operation("s3control:GetAccessPointPolicy")
def get_access_point_policy(ctx: Context, /, *, account_id: str, name: str) -> Response:
    """Answers {"Policy": JSON}. Raises NoSuchAccessPointPolicy.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessPointPolicy.html
    """
    row = find(ctx, "s3:GetAccessPointPolicy", account_id, name)
    if not row.policy:
        raise NoSuchAccessPointPolicy(AccessPointName=name)
    return {"Policy": row.policy}


@operation("s3control:DeleteAccessPointPolicy")
def delete_access_point_policy(ctx: Context, /, *, account_id: str, name: str) -> Response:
    """Deletes the policy; none is no error.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteAccessPointPolicy.html
    """
    row = find(ctx, "s3:DeleteAccessPointPolicy", account_id, name)
    row.policy = ""
    row.save(update_fields=["policy"])
    return {}


@operation("s3control:GetAccessPointPolicyStatus")
def get_access_point_policy_status(ctx: Context, /, *, account_id: str, name: str) -> Response:
    """Answers {"PolicyStatus": {"IsPublic": bool}}: of a VPC's never. Raises
    NoSuchAccessPointPolicy.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessPointPolicyStatus.html
    """
    row = find(ctx, "s3:GetAccessPointPolicyStatus", account_id, name)
    if not row.policy:
        raise NoSuchAccessPointPolicy(AccessPointName=name)
    return {"PolicyStatus": {"IsPublic": not row.vpc_id and is_public_policy(row.policy)}}


def find(ctx: Context, action: str, account_id: str, name: str) -> AccessPoint:
    """An access point that the caller may do `action` to. Raises NoSuchAccessPoint."""
    row: AccessPoint | None = AccessPoint.objects.in_scope(ctx).filter(name=name).first()
    tags = row.tags if row else None
    _authorize(ctx, action, account_id, name, is_vpc=bool(row and row.vpc_id), tags=tags)
    if row is None:
        raise NoSuchAccessPoint(AccessPointName=name)
    return row


def _authorize(
    ctx: Context,
    action: str,
    account_id: str,
    name: str,
    *,
    is_vpc: bool,
    tags: Mapping[str, str] | None = None,
) -> None:
    arn = access_point_arn(ctx.region, account_id, name)
    conditions = {
        "s3:DataAccessPointArn": arn,
        "s3:DataAccessPointAccount": account_id,
        "s3:AccessPointNetworkOrigin": "VPC" if is_vpc else "Internet",
    }
    ctx.authorize(
        action, arn, resource_account=account_id, resource_tags=tags, conditions=conditions
    )


def _require_bucket(ctx: Context, name: str, owner: str) -> None:
    """Raises NoSuchBucket, AccessDenied, InvalidRequest."""
    found = rows.find_bucket(name)
    if found is None and owner == ctx.account_id:
        raise NoSuchBucket(BucketName=name)
    if found is None or found.account_id != owner:
        raise AccessDenied
    if found.bucket_region != ctx.region:
        raise InvalidRequest(reason="The bucket is in another Region than the access point.")


def _blocks_public_policies(row: AccessPoint) -> bool:
    """Of the point, its account or its bucket."""
    found = rows.find_bucket(row.bucket)
    return bool(
        row.public_access_block.get("BlockPublicPolicy")
        or account_blocks.of(row.account_id).get("BlockPublicPolicy")
        or (found is not None and found.blocks("BlockPublicPolicy"))
    )


def _new_alias(name: str) -> str:
    """At most 63 characters, as a bucket's name."""
    alphabet = string.ascii_lowercase + string.digits
    middle = "".join(secrets.choice(alphabet) for _ in range(_ALIAS_CHARACTERS))
    room = 63 - _ALIAS_CHARACTERS - len(ALIAS_SUFFIX) - 1
    return f"{name[:room].rstrip('-')}-{middle}{ALIAS_SUFFIX}"
