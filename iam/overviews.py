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
from iam.models import AccessKey, Attachment, Group, InlinePolicy, LoginProfile, MFADevice

Row = Mapping[str, Any]


@dataclass
class UserOverview:
    """None: the principal may not know. Ages in days."""

    groups: list[str] | None = None
    mfa_devices: int | None = None
    access_keys: list[AccessKey] = field(default_factory=list)
    may_see_keys: bool = False
    password_age: int | None = None
    has_password: bool | None = None
    last_sign_in: datetime | None = None

    @property
    def active_key(self) -> AccessKey | None:
        """The oldest active key: the one whose age matters."""
        active = [key for key in self.access_keys if key.status == AccessKey.Status.ACTIVE]
        return min(active, key=lambda key: key.created_at, default=None)

    @property
    def last_activity(self) -> datetime | None:
        used = [key.last_used_at for key in self.access_keys if key.last_used_at]
        return max([*used, *([self.last_sign_in] if self.last_sign_in else [])], default=None)


def users(ctx: Context, rows: Iterable[Row]) -> dict[str, UserOverview]:
    """rows: AWS's User dicts. Answers UserName → overview, in four statements."""
    rows = list(rows)
    names = [row["UserName"] for row in rows]
    groups, devices, keys, passwords = _user_columns(ctx, names)
    found = {}
    for row in rows:
        name, arn = row["UserName"], row["Arn"]
        overview = found[name] = UserOverview()
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
                overview.password_age = (ctx.now - profile.last_changed).days
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
    users: int | None = None
    has_policies: bool | None = None


def groups(ctx: Context, rows: Iterable[Row]) -> dict[str, GroupOverview]:
    """rows: AWS's Group dicts. Answers GroupName → overview."""
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
