"""Users: create, read, rename, delete, tag."""

from aws import ids
from aws import tags as tagging
from aws.arn import iam_arn
from aws.context import Context
from aws.models import Account
from aws.operation import Response, operation
from aws.paging import paginate
from aws.tags import TagList
from iam import lookup, principals, quotas
from iam.errors import DeleteConflict, LimitExceeded
from iam.models import User
from iam.tags import RULES


@operation("iam:CreateUser")
def create_user(
    ctx: Context,
    /,
    *,
    user_name: str,
    path: str = "/",
    permissions_boundary: str = "",
    tags: TagList = (),
) -> Response:
    """Creates a user without credentials or permissions.

    permissions_boundary: ARN of a managed policy. Answers {"User": …}. Raises
    EntityAlreadyExists (also for a name that differs only by case), LimitExceeded, InvalidInput
    (tags), NoSuchEntity (boundary).
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html
    """
    wanted = RULES.read(tags)
    conditions = {"iam:PermissionsBoundary": permissions_boundary} if permissions_boundary else None
    arn = iam_arn(ctx.account_id, f"user{path}{user_name}")
    ctx.authorize("iam:CreateUser", arn, request_tags=wanted, conditions=conditions)
    lookup.require_attachable(ctx, permissions_boundary)
    if User.objects.in_scope(ctx).count() >= quotas.USERS:
        raise LimitExceeded(quota="UsersPerAccount", limit=quotas.USERS)
    user = User(
        account_id=ctx.account_id,
        user_name=user_name,
        path=path,
        user_id=ids.unique_id("AIDA"),
        permissions_boundary=permissions_boundary,
        tags=wanted,
        created_at=ctx.now,
    )
    lookup.insert(user)
    return {"User": user.as_aws(with_tags=True)}


@operation("iam:GetUser")
def get_user(ctx: Context, /, *, user_name: str = "") -> Response:
    """Answers {"User": …}; without a name, the caller's own user (or root).

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html
    """
    if not user_name and ctx.principal.kind == "root":
        ctx.authorize("iam:GetUser", ctx.principal.arn)
        return {"User": lookup.root_as_aws(Account.objects.get(pk=ctx.account_id))}
    name = user_name or lookup.own_user_name(ctx)
    return {"User": lookup.user(ctx, "iam:GetUser", name).as_aws(with_tags=True)}


@operation("iam:ListUsers")
def list_users(
    ctx: Context, /, *, path_prefix: str = "/", marker: str = "", max_items: int = 100
) -> Response:
    """Answers {"Users": […], "IsTruncated": …, "Marker": …}, ordered by name. Tags are left out.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html
    """
    ctx.authorize("iam:ListUsers", iam_arn(ctx.account_id, f"user{path_prefix}"))
    rows = User.objects.in_scope(ctx).filter(path__startswith=path_prefix)
    page = paginate(
        ctx,
        rows.select_related("login_profile"),
        order_by=["user_name", "pk"],
        size=max_items,
        token=marker,
        purpose=f"iam:ListUsers:{path_prefix}",
        error=lookup.InvalidMarker,
    )
    return {"Users": [user.as_aws() for user in page.rows], **page.marker()}


@operation("iam:UpdateUser")
def update_user(
    ctx: Context, /, *, user_name: str, new_path: str = "", new_user_name: str = ""
) -> Response:
    """Renames a user or moves it to another path: its ARN changes, its id stays.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html
    """
    user = lookup.user(ctx, "iam:UpdateUser", user_name)
    old_arn = user.arn
    user.user_name = new_user_name or user.user_name
    user.path = new_path or user.path
    # AWS asks for the permission on both ends of a rename.
    ctx.authorize("iam:UpdateUser", user.arn, resource_tags=user.tags)
    lookup.save(user, update_fields=["user_name", "path"])
    principals.follow(old_arn, user.arn)
    return {}


@operation("iam:DeleteUser")
def delete_user(ctx: Context, /, *, user_name: str) -> Response:
    """Deletes a user that has nothing left. Raises DeleteConflict naming the first thing.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
    """
    user = lookup.user(ctx, "iam:DeleteUser", user_name)
    lookup.hold(user)
    obstacles = [
        (user.attachments.exists(), "must detach all policies first"),
        (user.inlinepolicys.exists(), "must delete policies first"),
        (user.access_keys.exists(), "must delete access keys first"),
        (user.mfa_devices.exists(), "must delete MFA device first"),
        (hasattr(user, "login_profile"), "must delete login profile first"),
        (user.groups.exists(), "must remove users from group first"),
    ]
    for is_there, reason in obstacles:
        if is_there:
            raise DeleteConflict(reason=reason)
    user.delete()
    principals.follow(user.arn, user.user_id)
    return {}


@operation("iam:TagUser")
def tag_user(ctx: Context, /, *, user_name: str, tags: TagList) -> Response:
    """Adds tags, or changes their values.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagUser.html
    """
    wanted = RULES.read(tags)
    user = lookup.user(ctx, "iam:TagUser", user_name, request_tags=wanted)
    user.tags = RULES.merge(user.tags, wanted)
    user.save(update_fields=["tags"])
    return {}


@operation("iam:UntagUser")
def untag_user(ctx: Context, /, *, user_name: str, tag_keys: list[str]) -> Response:
    """Removes tags; keys that are not there are no error.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagUser.html
    """
    user = lookup.user(ctx, "iam:UntagUser", user_name, request_tags=dict.fromkeys(tag_keys, ""))
    user.tags = tagging.without(user.tags, tag_keys)
    user.save(update_fields=["tags"])
    return {}


@operation("iam:ListUserTags")
def list_user_tags(
    ctx: Context, /, *, user_name: str, marker: str = "", max_items: int = 100
) -> Response:
    """Answers {"Tags": [{"Key", "Value"}], …}, ordered by key.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserTags.html
    """
    user = lookup.user(ctx, "iam:ListUserTags", user_name)
    return lookup.tag_page(ctx, user.tags, "iam:ListUserTags", marker, max_items)
