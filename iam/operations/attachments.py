"""Managed policies on users, groups and roles: attach, detach, list, and who has a policy.

Ten for each of them. Whoever attaches and detaches may be limited to certain policies by
iam:PolicyARN.
"""

from typing import Any

from django.db.models import Q

from aws.arn import iam_arn
from aws.context import Context
from aws.operation import Response, operation
from aws.paging import paginate, paginate_list
from iam import lookup, quotas
from iam.authorization import forget_policies
from iam.errors import LimitExceeded, NoSuchEntity
from iam.models import Attachment, Group, Role, User

Holder = User | Group | Role
# Where ListEntitiesForPolicy answers them.
MEMBERS: dict[str, type[User] | type[Group] | type[Role]] = {
    "PolicyGroups": Group,
    "PolicyUsers": User,
    "PolicyRoles": Role,
}


@operation("iam:AttachUserPolicy")
def attach_user_policy(ctx: Context, /, *, user_name: str, policy_arn: str) -> Response:
    """Attaches a managed policy to a user; one that is attached already stays so.

    Raises NoSuchEntity, LimitExceeded, PolicyNotAttachable (a service-linked role's).
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html
    """
    which = {"iam:PolicyARN": policy_arn}
    user = lookup.user(ctx, "iam:AttachUserPolicy", user_name, conditions=which)
    return _attach(ctx, user, policy_arn)


@operation("iam:AttachGroupPolicy")
def attach_group_policy(ctx: Context, /, *, group_name: str, policy_arn: str) -> Response:
    """Attaches a managed policy to a group, for all its members.

    Raises NoSuchEntity, LimitExceeded, PolicyNotAttachable (a service-linked role's).
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachGroupPolicy.html
    """
    which = {"iam:PolicyARN": policy_arn}
    group = lookup.group(ctx, "iam:AttachGroupPolicy", group_name, conditions=which)
    return _attach(ctx, group, policy_arn)


@operation("iam:AttachRolePolicy")
def attach_role_policy(ctx: Context, /, *, role_name: str, policy_arn: str) -> Response:
    """Attaches a managed policy to a role, for its sessions that have begun, too.

    Raises NoSuchEntity, LimitExceeded, PolicyNotAttachable, UnmodifiableEntity.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html
    """
    which = {"iam:PolicyARN": policy_arn}
    role = lookup.modifiable_role(ctx, "iam:AttachRolePolicy", role_name, conditions=which)
    return _attach(ctx, role, policy_arn)


@operation("iam:DetachUserPolicy")
def detach_user_policy(ctx: Context, /, *, user_name: str, policy_arn: str) -> Response:
    """Takes a managed policy from a user; the policy stays. Raises NoSuchEntity.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachUserPolicy.html
    """
    which = {"iam:PolicyARN": policy_arn}
    user = lookup.user(ctx, "iam:DetachUserPolicy", user_name, conditions=which)
    return _detach(ctx, user, policy_arn)


@operation("iam:DetachGroupPolicy")
def detach_group_policy(ctx: Context, /, *, group_name: str, policy_arn: str) -> Response:
    """Takes a managed policy from a group; the policy stays. Raises NoSuchEntity.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachGroupPolicy.html
    """
    which = {"iam:PolicyARN": policy_arn}
    group = lookup.group(ctx, "iam:DetachGroupPolicy", group_name, conditions=which)
    return _detach(ctx, group, policy_arn)


@operation("iam:DetachRolePolicy")
def detach_role_policy(ctx: Context, /, *, role_name: str, policy_arn: str) -> Response:
    """Takes a managed policy from a role; the policy stays.

    Raises NoSuchEntity, UnmodifiableEntity.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachRolePolicy.html
    """
    which = {"iam:PolicyARN": policy_arn}
    role = lookup.modifiable_role(ctx, "iam:DetachRolePolicy", role_name, conditions=which)
    return _detach(ctx, role, policy_arn)


@operation("iam:ListAttachedUserPolicies")
def list_attached_user_policies(
    ctx: Context,
    /,
    *,
    user_name: str,
    path_prefix: str = "/",
    marker: str = "",
    max_items: int = 100,
) -> Response:
    """Answers {"AttachedPolicies": [{"PolicyName", "PolicyArn"}], …}, the oldest first.

    path_prefix: of the policies.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedUserPolicies.html
    """
    user = lookup.user(ctx, "iam:ListAttachedUserPolicies", user_name)
    return _attached(ctx, user, path_prefix, marker, max_items)


@operation("iam:ListAttachedGroupPolicies")
def list_attached_group_policies(
    ctx: Context,
    /,
    *,
    group_name: str,
    path_prefix: str = "/",
    marker: str = "",
    max_items: int = 100,
) -> Response:
    """Answers {"AttachedPolicies": [{"PolicyName", "PolicyArn"}], …}, the oldest first.

    path_prefix: of the policies.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedGroupPolicies.html
    """
    group = lookup.group(ctx, "iam:ListAttachedGroupPolicies", group_name)
    return _attached(ctx, group, path_prefix, marker, max_items)


@operation("iam:ListAttachedRolePolicies")
def list_attached_role_policies(
    ctx: Context,
    /,
    *,
    role_name: str,
    path_prefix: str = "/",
    marker: str = "",
    max_items: int = 100,
) -> Response:
    """Answers {"AttachedPolicies": [{"PolicyName", "PolicyArn"}], …}, the oldest first.

    path_prefix: of the policies.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html
    """
    role = lookup.role(ctx, "iam:ListAttachedRolePolicies", role_name)
    return _attached(ctx, role, path_prefix, marker, max_items)


@operation("iam:ListEntitiesForPolicy")
def list_entities_for_policy(
    ctx: Context,
    /,
    *,
    policy_arn: str,
    entity_filter: str = "",
    path_prefix: str = "/",
    policy_usage_filter: str = "",
    marker: str = "",
    max_items: int = 100,
) -> Response:
    """Answers {"PolicyGroups": […], "PolicyUsers": […], "PolicyRoles": […], …}: who has a policy.

    entity_filter: User, Group or Role. path_prefix: of the entities. policy_usage_filter: only
    PermissionsPolicy or only PermissionsBoundary. A page counts entities of all three kinds.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html
    """
    lookup.readable_policy(ctx, "iam:ListEntitiesForPolicy", policy_arn)
    found: list[tuple[str, Holder]] = []
    for member, model in MEMBERS.items():
        if entity_filter in ("", model.KIND):
            rows = _holders(ctx, model, policy_arn, policy_usage_filter)
            rows = rows.filter(path__startswith=path_prefix).order_by(model.NAME, "pk")
            found += [(member, entity) for entity in rows]
    page, token = paginate_list(
        ctx,
        found,
        size=max_items,
        token=marker,
        purpose=f"iam:ListEntitiesForPolicy:{policy_arn}:{entity_filter}:{policy_usage_filter}"
        f":{path_prefix}",
        error=lookup.InvalidMarker,
    )
    answer: Response = {
        wanted: [_as_aws(entity) for member, entity in page if member == wanted]
        for wanted in MEMBERS
    }
    return {**answer, "IsTruncated": bool(token), **({"Marker": token} if token else {})}


def _attach(ctx: Context, entity: Holder, policy_arn: str) -> Response:
    lookup.require_attachable(ctx, policy_arn)
    lookup.hold(entity)
    attached = entity.attachments
    if attached.filter(policy_arn=policy_arn).exists():
        return {}
    if attached.count() >= quotas.ATTACHED_POLICIES:
        raise LimitExceeded(quota=f"PoliciesPer{entity.KIND}", limit=quotas.ATTACHED_POLICIES)
    attached.create(account_id=ctx.account_id, policy_arn=policy_arn, created_at=ctx.now)
    forget_policies(ctx)
    return {}


def _detach(ctx: Context, entity: Holder, policy_arn: str) -> Response:
    deleted, _ = entity.attachments.filter(policy_arn=policy_arn).delete()
    if not deleted:
        raise NoSuchEntity(f"Policy {policy_arn} was not found.")
    forget_policies(ctx)
    return {}


def _attached(
    ctx: Context, entity: Holder, path_prefix: str, marker: str, max_items: int
) -> Response:
    own, published = (iam_arn(owner, f"policy{path_prefix}") for owner in (ctx.account_id, "aws"))
    in_path = Q(policy_arn__startswith=own) | Q(policy_arn__startswith=published)
    page = paginate(
        ctx,
        entity.attachments.filter(in_path),
        order_by=["pk"],
        size=max_items,
        token=marker,
        purpose=f"iam:ListAttachedPolicies:{entity.arn}:{path_prefix}",
        error=lookup.InvalidMarker,
    )
    return {"AttachedPolicies": [row.as_aws() for row in page.rows], **page.marker()}


def _holders(ctx: Context, model: Any, policy_arn: str, usage: str) -> Any:
    """The users, groups or roles that have a policy attached, or as their boundary, or either."""
    having = Q(pk__in=[])
    if usage != "PermissionsBoundary":
        attached = Attachment.objects.in_scope(ctx).filter(policy_arn=policy_arn)
        having |= Q(pk__in=attached.values(model.RESOURCE))
    if usage != "PermissionsPolicy" and model is not Group:
        having |= Q(permissions_boundary=policy_arn)
    return model.objects.in_scope(ctx).filter(having)


def _as_aws(entity: Holder) -> dict[str, str]:
    unique_id = str(getattr(entity, f"{entity.RESOURCE}_id"))
    return {f"{entity.KIND}Name": entity.name, f"{entity.KIND}Id": unique_id}
