"""User groups and their members."""

from aws import ids
from aws.arn import iam_arn
from aws.context import Context
from aws.operation import Response, operation
from aws.paging import paginate
from iam import lookup, quotas
from iam.authorization import forget_policies
from iam.errors import DeleteConflict, LimitExceeded, NoSuchEntity
from iam.models import Group, User


@operation("iam:CreateGroup")
def create_group(ctx: Context, /, *, group_name: str, path: str = "/") -> Response:
    """Creates a group without members or permissions.

    Answers {"Group": …}. Raises EntityAlreadyExists (also for a name that differs only by case),
    LimitExceeded.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html
    """
    ctx.authorize("iam:CreateGroup", iam_arn(ctx.account_id, f"group{path}{group_name}"))
    if Group.objects.in_scope(ctx).count() >= quotas.GROUPS:
        raise LimitExceeded(quota="GroupsPerAccount", limit=quotas.GROUPS)
    group = Group(
        account_id=ctx.account_id,
        group_name=group_name,
        path=path,
        group_id=ids.unique_id("AGPA"),
        created_at=ctx.now,
    )
    lookup.insert(group)
    return {"Group": group.as_aws()}


@operation("iam:GetGroup")
def get_group(
    ctx: Context, /, *, group_name: str, marker: str = "", max_items: int = 100
) -> Response:
    """Answers {"Group": …, "Users": […], …}: a page of the members, ordered by name.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroup.html
    """
    group = lookup.group(ctx, "iam:GetGroup", group_name)
    page = paginate(
        ctx,
        group.users.select_related("login_profile"),
        order_by=["user_name", "pk"],
        size=max_items,
        token=marker,
        purpose=f"iam:GetGroup:{group.pk}",
        error=lookup.InvalidMarker,
    )
    users = [user.as_aws() for user in page.rows]
    return {"Group": group.as_aws(), "Users": users, **page.marker()}


@operation("iam:ListGroups")
def list_groups(
    ctx: Context, /, *, path_prefix: str = "/", marker: str = "", max_items: int = 100
) -> Response:
    """Answers {"Groups": […], …}, ordered by name.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroups.html
    """
    ctx.authorize("iam:ListGroups", iam_arn(ctx.account_id, f"group{path_prefix}"))
    page = paginate(
        ctx,
        Group.objects.in_scope(ctx).filter(path__startswith=path_prefix),
        order_by=["group_name", "pk"],
        size=max_items,
        token=marker,
        purpose=f"iam:ListGroups:{path_prefix}",
        error=lookup.InvalidMarker,
    )
    return {"Groups": [group.as_aws() for group in page.rows], **page.marker()}


@operation("iam:ListGroupsForUser")
def list_groups_for_user(
    ctx: Context, /, *, user_name: str, marker: str = "", max_items: int = 100
) -> Response:
    """Answers {"Groups": […], …} that a user is in, ordered by name.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupsForUser.html
    """
    user = lookup.user(ctx, "iam:ListGroupsForUser", user_name)
    page = paginate(
        ctx,
        user.groups.all(),
        order_by=["group_name", "pk"],
        size=max_items,
        token=marker,
        purpose=f"iam:ListGroupsForUser:{user.pk}",
        error=lookup.InvalidMarker,
    )
    return {"Groups": [group.as_aws() for group in page.rows], **page.marker()}


@operation("iam:UpdateGroup")
def update_group(
    ctx: Context, /, *, group_name: str, new_path: str = "", new_group_name: str = ""
) -> Response:
    """Renames a group or moves it to another path: its ARN changes, its id stays.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateGroup.html
    """
    group = lookup.group(ctx, "iam:UpdateGroup", group_name)
    group.group_name = new_group_name or group.group_name
    group.path = new_path or group.path
    # AWS asks for the permission on both ends of a rename.
    ctx.authorize("iam:UpdateGroup", group.arn)
    lookup.save(group, update_fields=["group_name", "path"])
    return {}


@operation("iam:DeleteGroup")
def delete_group(ctx: Context, /, *, group_name: str) -> Response:
    """Deletes a group that has nothing left. Raises DeleteConflict naming the first thing.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html
    """
    group = lookup.group(ctx, "iam:DeleteGroup", group_name)
    lookup.hold(group)
    obstacles = [
        (group.users.exists(), "must remove users from group first"),
        (group.attachments.exists(), "must detach all policies first"),
        (group.inlinepolicys.exists(), "must delete policies first"),
    ]
    for is_there, reason in obstacles:
        if is_there:
            raise DeleteConflict(reason=reason)
    group.delete()
    return {}


@operation("iam:AddUserToGroup")
def add_user_to_group(ctx: Context, /, *, group_name: str, user_name: str) -> Response:
    """Makes a user a member; one who is a member already stays one.

    Permission is asked on the group alone. Raises NoSuchEntity, LimitExceeded (10 groups).
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddUserToGroup.html
    """
    group = lookup.group(ctx, "iam:AddUserToGroup", group_name)
    user = lookup.require(ctx, User, user_name)
    lookup.hold(user)
    lookup.hold(group)
    if user.groups.filter(pk=group.pk).exists():
        return {}
    if user.groups.count() >= quotas.GROUPS_PER_USER:
        raise LimitExceeded(quota="GroupsPerUser", limit=quotas.GROUPS_PER_USER)
    group.users.add(user)
    forget_policies(ctx)
    return {}


@operation("iam:RemoveUserFromGroup")
def remove_user_from_group(ctx: Context, /, *, group_name: str, user_name: str) -> Response:
    """Ends a membership. Permission is asked on the group alone. Raises NoSuchEntity.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveUserFromGroup.html
    """
    group = lookup.group(ctx, "iam:RemoveUserFromGroup", group_name)
    user = lookup.require(ctx, User, user_name)
    if not group.users.filter(pk=user.pk).exists():
        raise NoSuchEntity(f"The user with name {user_name} is not in group {group_name}.")
    group.users.remove(user)
    forget_policies(ctx)
    return {}
