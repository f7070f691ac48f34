"""The policy that a bucket carries: as it may be put, and as the evaluator sees it.

Access control lists are written as statements beside the bucket's own, so that one evaluation, and
one explanation, covers all. Block Public Access takes away what it blocks before.
AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
"""

import json
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from aws.context import Context
from iam.policy import Policy, PolicyKind, PolicySyntaxError, parse
from s3.errors import MalformedPolicy
from s3.grants import ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY, Grant
from s3.names import bucket_arn
from s3.owners import account_of
from s3.public import is_public_policy
from s3.rows import BucketRow, ObjectRow, PointRow

MAX_BYTES = 20 * 1024
_BUCKET_ACTIONS = {
    "READ": ("s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"),
    "WRITE": ("s3:PutObject",),
    "READ_ACP": ("s3:GetBucketAcl",),
    "WRITE_ACP": ("s3:PutBucketAcl",),
}
_OBJECT_ACTIONS = {
    "READ": ("s3:GetObject", "s3:GetObjectVersion"),
    "READ_ACP": ("s3:GetObjectAcl", "s3:GetObjectVersionAcl"),
    "WRITE_ACP": ("s3:PutObjectAcl", "s3:PutObjectVersionAcl"),
}


def effective_policy(ctx: Context, bucket: BucketRow, of: ObjectRow | None) -> str:
    """A document, "" for none. of: the object that is asked about, for its own list."""
    policy = bucket.policy
    if policy and is_restricted(ctx, bucket, bucket.account_id):
        policy = "" if is_public_policy(policy) else policy
    if bucket.object_ownership == "BucketOwnerEnforced":
        return policy
    grants = [("bucket", bucket.grants), ("object", of.grants if of else [])]
    if not any(listed for _, listed in grants) and not (of and of.owner_id):
        return policy
    ignores_public = bucket.blocks("IgnorePublicAcls")
    return _with_lists(
        policy, json.dumps(grants), bucket.name, ignores_public, bool(of and of.owner_id)
    )


def policy_of_point(ctx: Context, bucket: BucketRow, point: PointRow) -> str:
    """The policy of the access point that the bucket was reached through, "" for none."""
    if point.policy and is_restricted(ctx, bucket, point.account_id):
        return "" if is_public_policy(point.policy) else point.policy
    return point.policy


def is_restricted(ctx: Context, bucket: BucketRow, account_id: str) -> bool:
    """Whether RestrictPublicBuckets holds public policies of the account back from the caller.

    It lets the account's own principals and AWS services through.
    """
    is_stranger = ctx.principal.account_id != account_id and ctx.principal.kind != "service"
    return is_stranger and bucket.blocks("RestrictPublicBuckets")


def require_valid(arn: str, document: str) -> Policy:
    """A policy about to be put on a bucket or an access point. Raises MalformedPolicy."""
    if len(document.encode()) > MAX_BYTES:
        raise MalformedPolicy(reason="Policy exceeds the maximum allowed document size.")
    try:
        policy = parse(document, PolicyKind.RESOURCE)
    except PolicySyntaxError as error:
        raise MalformedPolicy(reason=error.reason) from None
    for statement in policy.statements:
        if any(not (a == "*" or a.lower().startswith("s3:")) for a in statement.actions):
            raise MalformedPolicy(reason="Policy has invalid action")
        own = (one == arn or one.startswith((f"{arn}/", f"{arn}*")) for one in statement.resources)
        if not all(own):
            raise MalformedPolicy(reason="Policy has invalid resource")
        _require_known(statement.principal.names if statement.principal else ())
    return policy


def _require_known(names: Any) -> None:
    """Raises MalformedPolicy for an account, user or role that is not there."""
    entities = [name for name in names if name.isdecimal() or name.startswith("arn:")]
    unknown: Any = import_string(settings.AWS_PRINCIPALS)
    if entities and (missing := unknown(entities)):
        raise MalformedPolicy(reason="Invalid principal in policy", Detail=sorted(missing)[0])


@lru_cache(maxsize=1024)
def _with_lists(
    policy: str, grants: str, bucket: str, ignores_public: bool, is_foreign: bool
) -> str:
    """is_foreign: an object of another account, about which the bucket's policy only denies."""
    document: dict[str, Any] = json.loads(policy) if policy else {"Version": "2012-10-17"}
    statements = document.get("Statement", [])
    if isinstance(statements, dict):
        statements = [statements]
    if is_foreign:
        statements = [one for one in statements if one.get("Effect") == "Deny"]
    for kind, listed in json.loads(grants):
        for grant in listed:
            if statement := _statement(kind, grant, bucket, ignores_public):
                statements = [*statements, statement]
    if not statements:
        return ""
    return json.dumps({**document, "Statement": statements})


def _statement(kind: str, grant: Grant, bucket: str, ignores_public: bool) -> dict[str, Any] | None:
    table = _BUCKET_ACTIONS if kind == "bucket" else _OBJECT_ACTIONS
    permission = grant["Permission"]
    actions = (
        [action for group in table.values() for action in group]
        if permission == "FULL_CONTROL"
        else list(table.get(permission, ()))
    )
    principal, condition = _principal(grant["Grantee"], ignores_public)
    if principal is None or not actions:
        return None
    arn = bucket_arn(bucket)
    return {
        "Effect": "Allow",
        "Principal": principal,
        "Action": actions,
        "Resource": [arn, f"{arn}/*"],
        **({"Condition": condition} if condition else {}),
    }


def _principal(grantee: dict[str, str], ignores_public: bool) -> tuple[Any, Any]:
    uri = grantee.get("URI")
    if uri in (ALL_USERS, AUTHENTICATED_USERS) and ignores_public:
        return None, None
    if uri == LOG_DELIVERY:
        return {"Service": "logging.s3.amazonaws.com"}, None
    if uri == ALL_USERS:
        return "*", None
    if uri == AUTHENTICATED_USERS:
        return "*", {"StringNotEquals": {"aws:PrincipalType": "Anonymous"}}
    account = account_of(grantee.get("ID", ""))
    return ({"AWS": account}, None) if account else (None, None)
