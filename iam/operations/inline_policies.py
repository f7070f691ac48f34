"""Inline policies of users, groups and roles. Those of one of them share a quota."""

from aws.context import Context
from aws.operation import Response, operation
from aws.paging import paginate
from iam import documents, lookup
from iam.authorization import forget_policies
from iam.errors import NoSuchEntity
from iam.models import Group, InlinePolicy, Role, User
from iam.models.entities import document_as_aws

Holder = User | Group | Role


@operation("iam:PutUserPolicy")
def put_user_policy(
    ctx: Context, /, *, user_name: str, policy_name: str, policy_document: str
) -> Response:
    """Writes an inline policy of a user, or replaces the one of that name.

    All of a user's share 2048 characters without white space. Raises LimitExceeded,
    MalformedPolicyDocument, NoSuchEntity.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html
    """
    user = lookup.user(ctx, "iam:PutUserPolicy", user_name)
    return _put(ctx, user, policy_name, policy_document)


@operation("iam:PutGroupPolicy")
def put_group_policy(
    ctx: Context, /, *, group_name: str, policy_name: str, policy_document: str
) -> Response:
    """Writes an inline policy of a group, or replaces the one of that name.

    All of a group's share 5120 characters without white space. Raises LimitExceeded,
    MalformedPolicyDocument, NoSuchEntity.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutGroupPolicy.html
    """
    group = lookup.group(ctx, "iam:PutGroupPolicy", group_name)
    return _put(ctx, group, policy_name, policy_document)


@operation("iam:PutRolePolicy")
def put_role_policy(
    ctx: Context, /, *, role_name: str, policy_name: str, policy_document: str
) -> Response:
    """Writes an inline policy of a role, or replaces the one of that name.

    All of a role's share 10,240 characters without white space. Raises LimitExceeded,
    MalformedPolicyDocument, NoSuchEntity, UnmodifiableEntity.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
    """
    role = lookup.modifiable_role(ctx, "iam:PutRolePolicy", role_name)
    return _put(ctx, role, policy_name, policy_document)


@operation("iam:GetUserPolicy")
def get_user_policy(ctx: Context, /, *, user_name: str, policy_name: str) -> Response:
    """Answers {"UserName", "PolicyName", "PolicyDocument": URL-encoded JSON}.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUserPolicy.html
    """
    return _as_aws(lookup.user(ctx, "iam:GetUserPolicy", user_name), policy_name)


@operation("iam:GetGroupPolicy")
def get_group_policy(ctx: Context, /, *, group_name: str, policy_name: str) -> Response:
    """Answers {"GroupName", "PolicyName", "PolicyDocument": URL-encoded JSON}.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroupPolicy.html
    """
    return _as_aws(lookup.group(ctx, "iam:GetGroupPolicy", group_name), policy_name)


@operation("iam:GetRolePolicy")
def get_role_policy(ctx: Context, /, *, role_name: str, policy_name: str) -> Response:
    """Answers {"RoleName", "PolicyName", "PolicyDocument": URL-encoded JSON}.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html
    """
    return _as_aws(lookup.role(ctx, "iam:GetRolePolicy", role_name), policy_name)


@operation("iam:DeleteUserPolicy")
def delete_user_policy(ctx: Context, /, *, user_name: str, policy_name: str) -> Response:
    """Deletes an inline policy of a user. Raises NoSuchEntity.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPolicy.html
    """
    return _delete(ctx, lookup.user(ctx, "iam:DeleteUserPolicy", user_name), policy_name)


@operation("iam:DeleteGroupPolicy")
def delete_group_policy(ctx: Context, /, *, group_name: str, policy_name: str) -> Response:
    """Deletes an inline policy of a group. Raises NoSuchEntity.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroupPolicy.html
    """
    return _delete(ctx, lookup.group(ctx, "iam:DeleteGroupPolicy", group_name), policy_name)


@operation("iam:DeleteRolePolicy")
def delete_role_policy(ctx: Context, /, *, role_name: str, policy_name: str) -> Response:
    """Deletes an inline policy of a role. Raises NoSuchEntity, UnmodifiableEntity.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html
    """
    role = lookup.modifiable_role(ctx, "iam:DeleteRolePolicy", role_name)
    return _delete(ctx, role, policy_name)


@operation("iam:ListUserPolicies")
def list_user_policies(
    ctx: Context, /, *, user_name: str, marker: str = "", max_items: int = 100
) -> Response:
    """Answers {"PolicyNames": […], …} of the inline policies, ordered by name.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserPolicies.html
    """
    user = lookup.user(ctx, "iam:ListUserPolicies", user_name)
    return _names(ctx, user, marker, max_items)


@operation("iam:ListGroupPolicies")
def list_group_policies(
    ctx: Context, /, *, group_name: str, marker: str = "", max_items: int = 100
) -> Response:
    """Answers {"PolicyNames": […], …} of the inline policies, ordered by name.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupPolicies.html
    """
    group = lookup.group(ctx, "iam:ListGroupPolicies", group_name)
    return _names(ctx, group, marker, max_items)


@operation("iam:ListRolePolicies")
def list_role_policies(
    ctx: Context, /, *, role_name: str, marker: str = "", max_items: int = 100
) -> Response:
    """Answers {"PolicyNames": […], …} of the inline policies, ordered by name.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html
    """
    role = lookup.role(ctx, "iam:ListRolePolicies", role_name)
    return _names(ctx, role, marker, max_items)


def _put(ctx: Context, entity: Holder, policy_name: str, document: str) -> Response:
    lookup.hold(entity)
    others = entity.inlinepolicys.exclude(policy_name=policy_name)
    documents.require_inline(
        document,
        kind=entity.RESOURCE,
        name=entity.name,
        others=others.values_list("document", flat=True),
    )
    entity.inlinepolicys.update_or_create(
        policy_name=policy_name,
        defaults={"account_id": ctx.account_id, "document": document},
    )
    forget_policies(ctx)
    return {}


def _delete(ctx: Context, entity: Holder, policy_name: str) -> Response:
    _find(entity, policy_name).delete()
    forget_policies(ctx)
    return {}


def _find(entity: Holder, policy_name: str) -> InlinePolicy:
    found: InlinePolicy | None = entity.inlinepolicys.filter(policy_name=policy_name).first()
    if found is None:
        raise NoSuchEntity(f"The {entity.RESOURCE} policy with name {policy_name} cannot be found.")
    return found


def _as_aws(entity: Holder, policy_name: str) -> Response:
    found = _find(entity, policy_name)
    return {
        f"{entity.KIND}Name": entity.name,
        "PolicyName": found.policy_name,
        "PolicyDocument": document_as_aws(found.document),
    }


def _names(ctx: Context, entity: Holder, marker: str, max_items: int) -> Response:
    page = paginate(
        ctx,
        entity.inlinepolicys.all(),
        order_by=["policy_name", "pk"],
        size=max_items,
        token=marker,
        purpose=f"iam:ListInlinePolicies:{entity.arn}",
        error=lookup.InvalidMarker,
    )
    return {"PolicyNames": [policy.policy_name for policy in page.rows], **page.marker()}
