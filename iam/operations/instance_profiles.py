"""Instance profiles: how an EC2 instance carries a role."""

from typing import Any

from aws import ids
from aws import tags as tagging
from aws.arn import iam_arn
from aws.context import Context
from aws.operation import Response, operation
from aws.paging import paginate
from aws.tags import TagList
from iam import lookup, quotas
from iam.errors import DeleteConflict, LimitExceeded, NoSuchEntity, UnmodifiableEntity
from iam.models import InstanceProfile
from iam.tags import RULES


@operation("iam:CreateInstanceProfile")
def create_instance_profile(
    ctx: Context, /, *, instance_profile_name: str, path: str = "/", tags: TagList = ()
) -> Response:
    """Creates a profile without a role.

    Answers {"InstanceProfile": …}. Raises EntityAlreadyExists (also for a name that differs only
    by case), LimitExceeded, InvalidInput (tags).
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html
    """
    wanted, name = RULES.read(tags), instance_profile_name
    arn = iam_arn(ctx.account_id, f"instance-profile{path}{name}")
    ctx.authorize("iam:CreateInstanceProfile", arn, request_tags=wanted)
    if InstanceProfile.objects.in_scope(ctx).count() >= quotas.INSTANCE_PROFILES:
        raise LimitExceeded(quota="InstanceProfilesPerAccount", limit=quotas.INSTANCE_PROFILES)
    profile = InstanceProfile(
        account_id=ctx.account_id,
        instance_profile_name=name,
        path=path,
        instance_profile_id=ids.unique_id("AIPA"),
        tags=wanted,
        created_at=ctx.now,
    )
    lookup.insert(profile)
    return {"InstanceProfile": profile.as_aws(with_tags=True)}


@operation("iam:GetInstanceProfile")
def get_instance_profile(ctx: Context, /, *, instance_profile_name: str) -> Response:
    """Answers {"InstanceProfile": {…, "Roles": [the role, if any]}}.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetInstanceProfile.html
    """
    profile = lookup.instance_profile(ctx, "iam:GetInstanceProfile", instance_profile_name)
    return {"InstanceProfile": profile.as_aws(with_tags=True)}


@operation("iam:ListInstanceProfiles")
def list_instance_profiles(
    ctx: Context, /, *, path_prefix: str = "/", marker: str = "", max_items: int = 100
) -> Response:
    """Answers {"InstanceProfiles": […], …}, ordered by name, without tags.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfiles.html
    """
    arn = iam_arn(ctx.account_id, f"instance-profile{path_prefix}")
    ctx.authorize("iam:ListInstanceProfiles", arn)
    rows = InstanceProfile.objects.in_scope(ctx).filter(path__startswith=path_prefix)
    return _page(ctx, rows, f"iam:ListInstanceProfiles:{path_prefix}", marker, max_items)


@operation("iam:ListInstanceProfilesForRole")
def list_instance_profiles_for_role(
    ctx: Context, /, *, role_name: str, marker: str = "", max_items: int = 100
) -> Response:
    """Answers {"InstanceProfiles": […], …} that hold a role, ordered by name.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfilesForRole.html
    """
    role = lookup.role(ctx, "iam:ListInstanceProfilesForRole", role_name)
    purpose = f"iam:ListInstanceProfilesForRole:{role.pk}"
    return _page(ctx, role.instance_profiles.all(), purpose, marker, max_items)


@operation("iam:DeleteInstanceProfile")
def delete_instance_profile(ctx: Context, /, *, instance_profile_name: str) -> Response:
    """Deletes a profile without a role. Raises DeleteConflict.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteInstanceProfile.html
    """
    profile = lookup.instance_profile(ctx, "iam:DeleteInstanceProfile", instance_profile_name)
    if profile.role is not None:
        raise DeleteConflict(reason="must remove roles from instance profile first")
    profile.delete()
    return {}


@operation("iam:AddRoleToInstanceProfile")
def add_role_to_instance_profile(
    ctx: Context, /, *, instance_profile_name: str, role_name: str
) -> Response:
    """Puts a role into a profile, for its instances to act with: the caller has to be allowed to
    pass it (iam:PassRole).

    Raises LimitExceeded (one role), NoSuchEntity, UnmodifiableEntity (service-linked role).
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html
    """
    profile = lookup.instance_profile(ctx, "iam:AddRoleToInstanceProfile", instance_profile_name)
    passed = {"iam:PassedToService": "ec2.amazonaws.com"}
    role = lookup.role(ctx, "iam:PassRole", role_name, conditions=passed)
    if role.is_service_linked:
        raise UnmodifiableEntity(name=role_name)
    lookup.hold(role)
    # Of two calls at once, one finds the profile empty.
    empty = InstanceProfile.objects.in_scope(ctx).filter(pk=profile.pk, role=None)
    if not empty.update(role=role):
        limit = quotas.ROLES_PER_INSTANCE_PROFILE
        raise LimitExceeded(quota="InstanceSessionsPerInstanceProfile", limit=limit)
    return {}


@operation("iam:RemoveRoleFromInstanceProfile")
def remove_role_from_instance_profile(
    ctx: Context, /, *, instance_profile_name: str, role_name: str
) -> Response:
    """Takes a role out of a profile; instances that carry it lose its permissions.

    Raises NoSuchEntity.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveRoleFromInstanceProfile.html
    """
    action = "iam:RemoveRoleFromInstanceProfile"
    profile = lookup.instance_profile(ctx, action, instance_profile_name)
    if profile.role is None or profile.role.role_name != role_name:
        raise NoSuchEntity(f"The role with name {role_name} cannot be found.")
    profile.role = None
    profile.save(update_fields=["role"])
    return {}


@operation("iam:TagInstanceProfile")
def tag_instance_profile(ctx: Context, /, *, instance_profile_name: str, tags: TagList) -> Response:
    """Adds tags, or changes their values.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagInstanceProfile.html
    """
    wanted = RULES.read(tags)
    profile = lookup.instance_profile(
        ctx, "iam:TagInstanceProfile", instance_profile_name, request_tags=wanted
    )
    profile.tags = RULES.merge(profile.tags, wanted)
    profile.save(update_fields=["tags"])
    return {}


@operation("iam:UntagInstanceProfile")
def untag_instance_profile(
    ctx: Context, /, *, instance_profile_name: str, tag_keys: list[str]
) -> Response:
    """Removes tags; keys that are not there are no error.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagInstanceProfile.html
    """
    gone = dict.fromkeys(tag_keys, "")
    profile = lookup.instance_profile(
        ctx, "iam:UntagInstanceProfile", instance_profile_name, request_tags=gone
    )
    profile.tags = tagging.without(profile.tags, tag_keys)
    profile.save(update_fields=["tags"])
    return {}


@operation("iam:ListInstanceProfileTags")
def list_instance_profile_tags(
    ctx: Context, /, *, instance_profile_name: str, marker: str = "", max_items: int = 100
) -> Response:
    """Answers {"Tags": [{"Key", "Value"}], …}, ordered by key.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfileTags.html
    """
    action = "iam:ListInstanceProfileTags"
    profile = lookup.instance_profile(ctx, action, instance_profile_name)
    return lookup.tag_page(ctx, profile.tags, action, marker, max_items)


def _page(ctx: Context, rows: Any, purpose: str, marker: str, max_items: int) -> Response:
    page = paginate(
        ctx,
        rows.select_related("role"),
        order_by=["instance_profile_name", "pk"],
        size=max_items,
        token=marker,
        purpose=purpose,
        error=lookup.InvalidMarker,
    )
    return {"InstanceProfiles": [row.as_aws() for row in page.rows], **page.marker()}


def profile_to_lend(ctx: Context, name: str) -> dict[str, str] | None:
    """{"Arn", "InstanceProfileId", "RoleArn"} of a profile that a service is asked to lend.

    The service asks for iam:PassRole; the caller needs no right to read the profile. None where it
    is not there. RoleArn: "" while it holds no role.
    """
    found = lookup.find(ctx, InstanceProfile, name)
    if found is None:
        return None
    return {
        "Arn": found.arn,
        "InstanceProfileId": found.instance_profile_id,
        "RoleArn": found.role.arn if found.role else "",
    }
