"""Access control lists of buckets and objects."""

from collections.abc import Mapping
from typing import Any

from aws.context import Context
from aws.operation import Response, operation
from s3 import access, grants, notifications, replicas
from s3.errors import (
    AccessControlListNotSupported,
    AccessDenied,
    InvalidRequest,
    MalformedACLError,
)
from s3.models import Bucket, ObjectVersion
from s3.operations.objects import require_read
from s3.owners import canonical_id, owner
from s3.rows import BucketRow

MAX_GRANTS = 100


@operation("s3:PutBucketAcl")
def put_bucket_acl(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Replaces the list by a canned one, by grants in headers, or by a body.

    Raises AccessControlListNotSupported where bucket owner enforced is on.
    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAcl.html
    """
    conditions = {"s3:x-amz-acl": settings["acl"]} if settings.get("acl") else None
    owner_check = settings.get("expected_bucket_owner", "")
    found = access.bucket(
        ctx, "s3:PutBucketAcl", bucket, conditions=conditions, expected_bucket_owner=owner_check
    )
    wanted = _wanted(found, found.account_id, settings)
    Bucket.objects.filter(pk=found.pk).update(grants=wanted)
    return {}


@operation("s3:GetBucketAcl")
def get_bucket_acl(ctx: Context, /, *, bucket: str, **settings: Any) -> Response:
    """Answers {"Owner", "Grants"}.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAcl.html
    """
    found = access.bucket(ctx, "s3:GetBucketAcl", bucket, **settings)
    return _as_aws(found.account_id, found.grants)


@operation("s3:PutObjectAcl", is_data=True)
def put_object_acl(
    ctx: Context, /, *, bucket: str, key: str, version_id: str = "", **settings: Any
) -> Response:
    """As PutBucketAcl, of one version.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAcl.html
    """
    bucket_row, found = require_read(
        ctx, bucket, key, version_id, settings, action="s3:PutObjectAcl"
    )
    wanted = _wanted(bucket_row, found.owner_id or bucket_row.account_id, settings)
    with replicas.together(bucket_row), notifications.together(bucket_row):
        ObjectVersion.objects.filter(pk=found.pk).update(grants=wanted)
        notifications.changed(ctx, bucket_row, "ObjectAcl:Put", found)
        replicas.changed(bucket_row, found)
    return {}


@operation("s3:GetObjectAcl", is_data=True)
def get_object_acl(
    ctx: Context, /, *, bucket: str, key: str, version_id: str = "", **settings: Any
) -> Response:
    """Answers {"Owner", "Grants"}.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAcl.html
    """
    bucket_row, found = require_read(
        ctx, bucket, key, version_id, settings, action="s3:GetObjectAcl"
    )
    return _as_aws(found.owner_id or bucket_row.account_id, found.grants)


def _wanted(bucket: BucketRow, owner_id: str, settings: Mapping[str, Any]) -> list[grants.Grant]:
    """Raises AccessControlListNotSupported, InvalidRequest, MalformedACLError, AccessDenied."""
    canned = settings.get("acl")
    headers = {name: settings[name] for name in grants.PERMISSIONS if settings.get(name)}
    body = settings.get("access_control_policy")
    if sum(map(bool, (canned, headers, body))) > 1:
        raise InvalidRequest(reason="Specifying both Canned ACLs and Header Grants is not allowed")
    if bucket.object_ownership == Bucket.Ownership.ENFORCED:
        if canned in ("private", "bucket-owner-full-control"):
            return []
        raise AccessControlListNotSupported
    if canned:
        wanted = grants.canned_grants(canned, owner_id, bucket.account_id)
    elif headers:
        wanted = grants.from_headers(headers)
    elif body:
        wanted = _from_body(body, owner_id)
    else:
        raise MalformedACLError
    grants.require_not_public(bucket, wanted)
    return wanted


def _from_body(body: Mapping[str, Any], owner_id: str) -> list[grants.Grant]:
    listed = body.get("Grants") or ()
    if len(listed) > MAX_GRANTS:
        raise MalformedACLError
    if body.get("Owner", {}).get("ID") not in (None, canonical_id(owner_id)):
        raise AccessDenied
    wanted = []
    for one in listed:
        if not one.get("Grantee") or not one.get("Permission"):
            raise MalformedACLError
        grantee = grants.check_grantee(one["Grantee"])
        wanted.append({"Grantee": grantee, "Permission": one["Permission"]})
    return wanted


def _as_aws(owner_id: str, listed: list[grants.Grant]) -> Response:
    own = [grants.grant(canonical_id(owner_id), "FULL_CONTROL")]
    return {"Owner": owner(owner_id), "Grants": listed or own}
