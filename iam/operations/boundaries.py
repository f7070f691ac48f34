"""Permissions boundaries: the managed policy that limits what a user or role can be given."""

from aws.context import Context
from aws.operation import Response, operation
from iam import lookup
from iam.authorization import forget_policies
from iam.models import Role, User


@operation("iam:PutUserPermissionsBoundary")
def put_user_permissions_boundary(
    ctx: Context, /, *, user_name: str, permissions_boundary: str
) -> Response:
    """Sets or changes a user's boundary: the ARN of a managed policy.

    Raises NoSuchEntity, PolicyNotAttachable (a service-linked role's policy).
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html
    """
    wanted = {"iam:PermissionsBoundary": permissions_boundary}
    user = lookup.user(ctx, "iam:PutUserPermissionsBoundary", user_name, conditions=wanted)
    return _put(ctx, user, permissions_boundary)


@operation("iam:PutRolePermissionsBoundary")
def put_role_permissions_boundary(
    ctx: Context, /, *, role_name: str, permissions_boundary: str
) -> Response:
    """Sets or changes a role's boundary: the ARN of a managed policy.

    Raises NoSuchEntity, PolicyNotAttachable, UnmodifiableEntity (service-linked role).
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePermissionsBoundary.html
    """
    wanted = {"iam:PermissionsBoundary": permissions_boundary}
    role = lookup.modifiable_role(
        ctx, "iam:PutRolePermissionsBoundary", role_name, conditions=wanted
    )
    return _put(ctx, role, permissions_boundary)


@operation("iam:DeleteUserPermissionsBoundary")
def delete_user_permissions_boundary(ctx: Context, /, *, user_name: str) -> Response:
    """Takes a user's boundary away, if there is one: its policies then count in full.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPermissionsBoundary.html
    """
    return _put(ctx, lookup.user(ctx, "iam:DeleteUserPermissionsBoundary", user_name), "")


@operation("iam:DeleteRolePermissionsBoundary")
def delete_role_permissions_boundary(ctx: Context, /, *, role_name: str) -> Response:
    """Takes a role's boundary away, if there is one: its policies then count in full.

    Raises UnmodifiableEntity (service-linked role).
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePermissionsBoundary.html
    """
    action = "iam:DeleteRolePermissionsBoundary"
    return _put(ctx, lookup.modifiable_role(ctx, action, role_name), "")


def _put(ctx: Context, entity: User | Role, policy_arn: str) -> Response:
    lookup.require_attachable(ctx, policy_arn)
    entity.permissions_boundary = policy_arn
    entity.save(update_fields=["permissions_boundary"])
    forget_policies(ctx)
    return {}
