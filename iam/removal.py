"""Deleting with everything attached, as AWS's console does and its API does not.

Each step is the API's own operation, so that permissions and the event history are the same as
for a person who removes the parts one by one. All or nothing: one transaction around them.
"""

from collections.abc import Mapping, Sequence

from aws.context import Context
from aws.operation import together
from aws.paging import everything
from iam import operations as iam
from iam.errors import NoSuchEntity
from iam.models.roles import SERVICE_LINKED_PATH

# As many as a table shows on one page.
MAX_AT_ONCE = 100


def word_for(names: Sequence[str]) -> str:
    """What a person types to confirm: the name of one thing, or how many."""
    return names[0] if len(names) == 1 else f"delete {len(names)}"


def is_confirmed(posted: Mapping[str, str], names: Sequence[str]) -> bool:
    return bool(names) and posted.get("confirm", "") == word_for(names)


def remove_user(ctx: Context, user_name: str) -> None:
    """Removes keys, devices, password, group memberships and policies, then the user."""
    with together(ctx):
        who = {"user_name": user_name}
        for key in everything(iam.list_access_keys, ctx, "AccessKeyMetadata", **who):
            iam.delete_access_key(ctx, access_key_id=key["AccessKeyId"], **who)
        for device in everything(iam.list_mfa_devices, ctx, "MFADevices", **who):
            iam.deactivate_mfa_device(ctx, serial_number=device["SerialNumber"], **who)
            iam.delete_virtual_mfa_device(ctx, serial_number=device["SerialNumber"])
        if _has_password(ctx, user_name):
            iam.delete_login_profile(ctx, **who)
        for group in everything(iam.list_groups_for_user, ctx, "Groups", **who):
            iam.remove_user_from_group(ctx, group_name=group["GroupName"], **who)
        for policy in everything(iam.list_attached_user_policies, ctx, "AttachedPolicies", **who):
            iam.detach_user_policy(ctx, policy_arn=policy["PolicyArn"], **who)
        for name in everything(iam.list_user_policies, ctx, "PolicyNames", **who):
            iam.delete_user_policy(ctx, policy_name=name, **who)
        iam.delete_user(ctx, **who)


def remove_group(ctx: Context, group_name: str) -> None:
    """Removes members and policies, then the group."""
    with together(ctx):
        what = {"group_name": group_name}
        for user in everything(iam.get_group, ctx, "Users", **what):
            iam.remove_user_from_group(ctx, user_name=user["UserName"], **what)
        for policy in everything(iam.list_attached_group_policies, ctx, "AttachedPolicies", **what):
            iam.detach_group_policy(ctx, policy_arn=policy["PolicyArn"], **what)
        for name in everything(iam.list_group_policies, ctx, "PolicyNames", **what):
            iam.delete_group_policy(ctx, policy_name=name, **what)
        iam.delete_group(ctx, **what)


def remove_role(ctx: Context, role_name: str) -> None:
    """Removes policies and the instance profile of the same name, then the role.

    A service-linked role goes by its own call, with the policy of its service.
    """
    with together(ctx):
        what = {"role_name": role_name}
        if iam.get_role(ctx, **what)["Role"]["Path"].startswith(SERVICE_LINKED_PATH):
            iam.delete_service_linked_role(ctx, **what)
            return
        for profile in everything(
            iam.list_instance_profiles_for_role, ctx, "InstanceProfiles", **what
        ):
            profile_name = profile["InstanceProfileName"]
            iam.remove_role_from_instance_profile(ctx, instance_profile_name=profile_name, **what)
            if profile_name == role_name:
                iam.delete_instance_profile(ctx, instance_profile_name=profile_name)
        for policy in everything(iam.list_attached_role_policies, ctx, "AttachedPolicies", **what):
            iam.detach_role_policy(ctx, policy_arn=policy["PolicyArn"], **what)
        for name in everything(iam.list_role_policies, ctx, "PolicyNames", **what):
            iam.delete_role_policy(ctx, policy_name=name, **what)
        iam.delete_role(ctx, **what)


def remove_policy(ctx: Context, policy_arn: str) -> None:
    """Detaches the policy everywhere and deletes its other versions, then the policy."""
    with together(ctx):
        what = {"policy_arn": policy_arn}
        while _detach_page(ctx, policy_arn):
            pass
        for version in everything(iam.list_policy_versions, ctx, "Versions", **what):
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(ctx, version_id=version["VersionId"], **what)
        iam.delete_policy(ctx, **what)


def _detach_page(ctx: Context, policy_arn: str) -> bool:
    """Detaches the policy from the first of those who have it. Whether there are more."""
    what = {"policy_arn": policy_arn}
    entities = iam.list_entities_for_policy(
        ctx, policy_usage_filter="PermissionsPolicy", max_items=1000, **what
    )
    for user in entities["PolicyUsers"]:
        iam.detach_user_policy(ctx, user_name=user["UserName"], **what)
    for group in entities["PolicyGroups"]:
        iam.detach_group_policy(ctx, group_name=group["GroupName"], **what)
    for role in entities["PolicyRoles"]:
        iam.detach_role_policy(ctx, role_name=role["RoleName"], **what)
    return bool(entities["IsTruncated"])


def _has_password(ctx: Context, user_name: str) -> bool:
    try:
        iam.get_login_profile(ctx, user_name=user_name)
    except NoSuchEntity:
        return False
    return True
