"""What the console's tables show beside a list: read in bulk, permission asked row by row.

The console of AWS calls ListGroupsForUser, ListMFADevices and more for every row of its users
table. Here one statement per column reads them for the whole page, and each cell is filled only
where the principal may make the call that would have told it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count

from aws.context import Context
from aws.paging import everything
from iam import managed_policies, operations
from iam.models import (
    AccessKey,
    Attachment,
    Group,
    InlinePolicy,
    LoginProfile,
    MFADevice,
    Policy,
    Role,
)

Row = Mapping[str, Any]
# Older keys and passwords are pointed out.
OLD_DAYS = 90


@dataclass
class UserOverview:
    """None: the principal may not know, or there is none. now: the account's time, for ages in
    days."""

    now: datetime
    groups: list[str] | None = None
    mfa_devices: int | None = None
    access_keys: list[AccessKey] = field(default_factory=list)
    may_see_keys: bool = False
    has_password: bool | None = None
    password_changed: datetime | None = None
    last_sign_in: datetime | None = None

    @property
    def group_count(self) -> int | None:
        return None if self.groups is None else len(self.groups)

    @property
    def password_age(self) -> int | None:
        return self._days_since(self.password_changed)

    @property
    def active_key(self) -> AccessKey | None:
        """The oldest active key: the one whose age matters."""
        active = [key for key in self.access_keys if key.status == AccessKey.Status.ACTIVE]
        return min(active, key=lambda key: key.created_at, default=None)

    @property
    def active_key_age(self) -> int | None:
        return self._days_since(self.active_key.created_at if self.active_key else None)

    @property
    def key_last_used(self) -> datetime | None:
        used = (key.last_used_at for key in self.access_keys if key.last_used_at)
        return max(used, default=None)

    @property
    def last_activity(self) -> datetime | None:
        known = (self.key_last_used, self.last_sign_in)
        return max((moment for moment in known if moment), default=None)

    @property
    def idle_days(self) -> int | None:
        return self._days_since(self.last_activity)

    @property
    def console(self) -> str:
        """Of disabled, without-mfa and enabled; "" where it may not be known."""
        if self.has_password is None:
            return ""
        if not self.has_password:
            return "disabled"
        return "enabled" if self.mfa_devices or self.mfa_devices is None else "without-mfa"

    @property
    def keys(self) -> list[tuple[AccessKey, int | None]]:
        """With the days since their last use."""
        return [(key, self._days_since(key.last_used_at)) for key in self.access_keys]

    def _days_since(self, moment: datetime | None) -> int | None:
        return (self.now - moment).days if moment else None


def users(ctx: Context, rows: Iterable[Row]) -> dict[str, UserOverview]:
    """rows: AWS's User dicts. Answers UserName → overview, in four statements."""
    rows = list(rows)
    names = [row["UserName"] for row in rows]
    groups, devices, keys, passwords = _user_columns(ctx, names)
    found = {}
    for row in rows:
        name, arn = row["UserName"], row["Arn"]
        overview = found[name] = UserOverview(ctx.now)
        if ctx.allows("iam:ListGroupsForUser", arn):
            overview.groups = groups[name]
        if ctx.allows("iam:ListMFADevices", arn):
            overview.mfa_devices = devices[name]
        if ctx.allows("iam:ListAccessKeys", arn):
            overview.may_see_keys = True
            overview.access_keys = keys[name]
        if ctx.allows("iam:GetLoginProfile", arn):
            profile = passwords.get(name)
            overview.has_password = profile is not None
            if profile is not None:
                overview.password_changed = profile.last_changed
                overview.last_sign_in = profile.last_used
    return found


def _user_columns(
    ctx: Context, names: list[str]
) -> tuple[
    dict[str, list[str]], dict[str, int], dict[str, list[AccessKey]], dict[str, LoginProfile]
]:
    groups: dict[str, list[str]] = defaultdict(list)
    pairs = Group.objects.in_scope(ctx).filter(users__user_name__in=names)
    for group_name, user_name in pairs.order_by("group_name").values_list(
        "group_name", "users__user_name"
    ):
        groups[user_name].append(group_name)
    devices: dict[str, int] = defaultdict(int)
    assigned = MFADevice.objects.in_scope(ctx).filter(user__user_name__in=names)
    devices.update(assigned.values_list("user__user_name").annotate(Count("pk")))
    keys: dict[str, list[AccessKey]] = defaultdict(list)
    for key in (
        AccessKey.objects.in_scope(ctx)
        .filter(user__user_name__in=names)
        .select_related("user")
        .order_by("created_at")
    ):
        keys[key.user.user_name].append(key)
    profiles = LoginProfile.objects.in_scope(ctx).filter(user__user_name__in=names)
    passwords = {profile.user.user_name: profile for profile in profiles.select_related("user")}
    return groups, devices, keys, passwords


@dataclass
class GroupOverview:
    """None: the principal may not know."""

    users: int | None = None
    has_policies: bool | None = None


def groups(ctx: Context, rows: Iterable[Row]) -> dict[str, GroupOverview]:
    """rows: AWS's Group dicts. Answers GroupName → overview, in three statements."""
    rows = list(rows)
    counts = dict(Group.objects.in_scope(ctx).values_list("group_name").annotate(Count("users")))
    with_policies = {
        name
        for model in (Attachment, InlinePolicy)
        for name in model.objects.in_scope(ctx)
        .filter(group__isnull=False)
        .values_list("group__group_name", flat=True)
    }
    found = {}
    for row in rows:
        name, arn = row["GroupName"], row["Arn"]
        overview = found[name] = GroupOverview()
        if ctx.allows("iam:GetGroup", arn):
            overview.users = counts.get(name, 0)
        if ctx.allows("iam:ListAttachedGroupPolicies", arn):
            overview.has_policies = name in with_policies
    return found


def groups_of_user(ctx: Context, user_name: str) -> list[tuple[Row, list[str] | None]]:
    """AWS's Group dicts of a user, each with the names of its attached policies, None where they
    may not be read."""
    mine = everything(operations.list_groups_for_user, ctx, "Groups", user_name=user_name)
    names = [group["GroupName"] for group in mine]
    attached: dict[str, list[str]] = defaultdict(list)
    rows = Attachment.objects.in_scope(ctx).filter(group__group_name__in=names)
    for name, arn in rows.order_by("policy_arn").values_list("group__group_name", "policy_arn"):
        attached[name].append(arn.rsplit("/", 1)[-1])
    return [
        (
            group,
            attached[group["GroupName"]]
            if ctx.allows("iam:ListAttachedGroupPolicies", group["Arn"])
            else None,
        )
        for group in mine
    ]


def last_used(ctx: Context, rows: Iterable[Row]) -> dict[str, datetime | None]:
    """rows: AWS's Role dicts. Answers RoleName → last use, for the roles that may be read."""
    names = [row["RoleName"] for row in rows if ctx.allows("iam:GetRole", row["Arn"])]
    found = Role.objects.in_scope(ctx).filter(role_name__in=names)
    return dict(found.values_list("role_name", "last_used_at"))


def descriptions(ctx: Context, rows: Iterable[Row]) -> dict[str, str]:
    """rows: AWS's Policy dicts. Answers ARN → description, for the policies that may be read."""
    arns = [row["Arn"] for row in rows if ctx.allows("iam:GetPolicy", row["Arn"])]
    own = Policy.objects.in_scope(ctx).filter(policy_arn__in=arns)
    published = {arn: found.description for arn in arns if (found := managed_policies.get(arn))}
    return published | dict(own.values_list("policy_arn", "description"))
