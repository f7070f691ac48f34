"""Who may do what: IAM, bucket policy and access control list, asked in AWS's order.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-s3-evaluates-access-control.html
"""

from collections.abc import Mapping
from typing import Any

from aws import errors
from aws.context import ConditionContext, Context, ResourcePolicy
from s3 import points
from s3.errors import (
    AccessDenied,
    AllAccessDisabled,
    MethodNotAllowed,
    NoSuchAccessPoint,
    NoSuchBucket,
    NoSuchKey,
    WrongRegion,
)
from s3.names import bucket_arn, object_arn
from s3.policies import effective_policy, policy_of_point
from s3.rows import BucketRow, ObjectRow, PointRow

# Set by the wire: condition keys of every request, such as s3:authType.
CONDITIONS = "s3.conditions"
# Set by an operation: the status of its answer, where that is not its model's.
STATUS = "s3.status"
# Set by the wire: a dict that learns the "bucket" which a request was about.
SEEN = "s3.seen"
# A root user can always mend a policy that locks everybody out.
RESCUES = ("s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy")
_PAYER = "s3.request-payer"
# Of a bucket itself, what is asked through an access point; of objects, everything.
# AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-service-api-support.html
_ACTIONS_OF_POINTS = {
    "s3:GetBucketAcl",
    "s3:GetBucketCORS",
    "s3:GetBucketLocation",
    "s3:GetBucketNotification",
    "s3:GetBucketPolicy",
    "s3:ListBucket",
    "s3:ListBucketMultipartUploads",
    "s3:ListBucketVersions",
}


def bucket(
    ctx: Context,
    action: str,
    name: str,
    *,
    conditions: ConditionContext | None = None,
    expected_bucket_owner: str = "",
    **_: Any,
) -> BucketRow:
    """A bucket that the caller may do `action` to. Takes an operation's other arguments, too.

    Raises AccessDenied, NoSuchBucket, WrongRegion.
    """
    return require(
        ctx,
        action,
        points.bucket(name),
        name,
        conditions=conditions,
        expected_bucket_owner=expected_bucket_owner,
    )


def require(
    ctx: Context,
    action: str,
    found: BucketRow | None,
    name: str,
    *,
    key: str | None = None,
    of: ObjectRow | None = None,
    conditions: ConditionContext | None = None,
    expected_bucket_owner: str = "",
) -> BucketRow:
    """The bucket, if the caller may do `action` to it, or to a key in it.

    of: the object that is there, for its own access control list.
    """
    if found is None:
        return _refuse_unknown(ctx, action, points.resource_of(name, key), name, conditions)
    resource = bucket_arn(found.name) if key is None else object_arn(found.name, key)
    authorize(ctx, action, resource, found, of, conditions)
    return in_place(ctx, found, expected_bucket_owner)


def find(
    ctx: Context, action: str, name: str, *, key: str, expected_bucket_owner: str = "", **_: Any
) -> BucketRow:
    """A bucket of which each key is asked about later."""
    found = points.bucket(name)
    if found is None:
        return _refuse_unknown(ctx, action, points.resource_of(name, key), name, None)
    return in_place(ctx, found, expected_bucket_owner)


def in_place(ctx: Context, found: BucketRow, expected_bucket_owner: str) -> BucketRow:
    """The bucket, where the request expects it. Raises AccessDenied, WrongRegion."""
    if expected_bucket_owner and expected_bucket_owner != found.account_id:
        raise AccessDenied
    signs = ctx.source == "api" and ctx.principal.kind != "anonymous"
    if signs and ctx.region != found.bucket_region:
        raise WrongRegion(
            given=ctx.region,
            Region=found.bucket_region,
            headers=[("x-amz-bucket-region", found.bucket_region)],
        )
    return found


def authorize(
    ctx: Context,
    action: str,
    resource: str,
    found: BucketRow,
    of: ObjectRow | None,
    conditions: ConditionContext | None = None,
) -> None:
    """resource: the bucket's ARN, or an object's. Raises AccessDenied, AllAccessDisabled.

    MethodNotAllowed: access points do not take the action.
    """
    if (seen := ctx.cache.get(SEEN)) is not None:
        seen.setdefault("bucket", found)
    if found.is_suspended:
        raise AllAccessDisabled
    is_root = ctx.principal.kind == "root" and ctx.principal.account_id == found.account_id
    is_rescue = action in RESCUES and is_root
    policy = "" if is_rescue else effective_policy(ctx, found, of)
    owner = (of.owner_id if of else "") or found.account_id
    asked = _with_common(ctx, conditions)
    if found.point is not None:
        key = resource.removeprefix(bucket_arn(found.name))
        asked = _ask_point(ctx, action, key, found, found.point, asked)
    own = ResourcePolicy(policy, bucket_arn(found.name), found.account_id) if policy else None
    _ask(ctx, action, resource, owner, own, asked)
    if "request-payment" in found.watch:
        _require_payer(ctx, action, resource, found)


def note_payer(ctx: Context, arguments: Mapping[str, Any]) -> None:
    """arguments: an operation's, which may say that the caller takes the costs."""
    if arguments.get("request_payer") == "requester":
        ctx.cache[_PAYER] = True


def is_charged(ctx: Context, found: BucketRow) -> bool:
    """Whether the caller, rather than the owner, takes the costs of the bucket's requests."""
    is_own = ctx.principal.account_id == found.account_id
    is_ours = ctx.principal.kind in ("service", "system")
    return "request-payment" in found.watch and not is_own and not is_ours


def _require_payer(ctx: Context, action: str, resource: str, found: BucketRow) -> None:
    """Who takes the costs has to say so, and to be somebody. Raises AccessDenied.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html
    """
    costs = resource != bucket_arn(found.name) or action.startswith("s3:List")
    is_known = ctx.principal.kind != "anonymous" and ctx.cache.get(_PAYER)
    if costs and is_charged(ctx, found) and not is_known:
        raise AccessDenied


def _ask_point(
    ctx: Context,
    action: str,
    key: str,
    found: BucketRow,
    point: PointRow,
    conditions: ConditionContext,
) -> ConditionContext:
    """Asks the access point first; answers the conditions that the bucket is asked under.

    key: "", or "/" and the key. Raises AccessDenied: also through one of a VPC, as no request
    comes from there yet; MethodNotAllowed.
    """
    if not key and action not in _ACTIONS_OF_POINTS:
        raise MethodNotAllowed(ResourceType="ACCESSPOINT")
    if point.vpc_id:
        raise AccessDenied
    asked = {
        **conditions,
        "s3:DataAccessPointArn": point.arn,
        "s3:DataAccessPointAccount": point.account_id,
        "s3:AccessPointNetworkOrigin": "Internet",
    }
    policy = policy_of_point(ctx, found, point)
    own = ResourcePolicy(policy, point.arn, point.account_id) if policy else None
    resource = f"{point.arn}/object{key}" if key else point.arn
    _ask(ctx, action, resource, point.account_id, own, asked)
    return asked


def _ask(
    ctx: Context,
    action: str,
    resource: str,
    owner: str,
    policy: ResourcePolicy | None,
    conditions: ConditionContext,
) -> None:
    """owner: account id. Strangers learn no reason."""
    try:
        ctx.authorize(
            action,
            resource,
            resource_account=owner,
            resource_policy=policy,
            conditions=conditions,
        )
    except errors.Denied as denied:
        if ctx.principal.account_id == owner:
            raise
        bare = AccessDenied()
        bare.explanation, bare.encoded = denied.explanation, denied.encoded
        raise bare from None


def missing_key(ctx: Context, found: BucketRow, key: str, **fields: Any) -> errors.AwsError:
    """NoSuchKey for who may list the bucket; others learn nothing of what is in it."""
    try:
        authorize(ctx, "s3:ListBucket", bucket_arn(found.name), found, None, {"s3:prefix": key})
    except errors.Denied:
        return AccessDenied()
    return NoSuchKey(Key=key, **fields)


def _refuse_unknown(
    ctx: Context, action: str, resource: str, name: str, conditions: ConditionContext | None
) -> BucketRow:
    if ctx.principal.kind != "anonymous":
        ctx.authorize(action, resource, conditions=_with_common(ctx, conditions))
    if name.startswith("arn:"):
        raise NoSuchAccessPoint(AccessPointName=name)
    raise NoSuchBucket(BucketName=name)


def _with_common(ctx: Context, conditions: ConditionContext | None) -> ConditionContext:
    common: ConditionContext = ctx.cache.get(CONDITIONS, {})
    return {**common, **conditions} if conditions else common
