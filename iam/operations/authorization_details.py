"""GetAccountAuthorizationDetails: who may do what, for the whole account at once."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aws.context import Context
from aws.operation import Response, operation
from aws.paging import paginate_list
from iam import lookup, managed_policies, policy_usage
from iam.managed_policies import ManagedPolicy
from iam.models import Attachment, Group, InlinePolicy, InstanceProfile, Policy, Role, User
from iam.models.entities import document_as_aws
from iam.policy_usage import Usage

Row = dict[str, Any]
# Filter value → member of the answer, in the order in which AWS lists them.
MEMBERS = {
    "User": "UserDetailList",
    "Group": "GroupDetailList",
    "Role": "RoleDetailList",
    "LocalManagedPolicy": "Policies",
    "AWSManagedPolicy": "Policies",
}
# GetUser and GetRole tell these, the details do not.
LEFT_OUT = {"PasswordLastUsed", "MaxSessionDuration", "Description"}


@operation("iam:GetAccountAuthorizationDetails")
def get_account_authorization_details(
    ctx: Context,
    /,
    *,
    filter: Sequence[str] = (),  # noqa: A002 - AWS's name
    marker: str = "",
    max_items: int = 100,
) -> Response:
    """Answers users, groups, roles and managed policies with all that they grant, in pages.

    filter: User, Group, Role, LocalManagedPolicy, AWSManagedPolicy; without it all. AWS managed
    policies are listed where the account uses them. Documents are URL-encoded JSON.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
    """
    ctx.authorize("iam:GetAccountAuthorizationDetails")
    wanted = [kind for kind in MEMBERS if not filter or kind in filter]
    keys = [(kind, key) for kind in wanted for key in _KEYS[kind](ctx)]
    page, token = paginate_list(
        ctx,
        keys,
        size=max_items,
        token=marker,
        purpose=f"iam:GetAccountAuthorizationDetails:{','.join(wanted)}",
        error=lookup.InvalidMarker,
    )
    answer: Response = {member: [] for member in MEMBERS.values()}
    for kind in wanted:
        chosen = [key for row_kind, key in page if row_kind == kind]
        if chosen:
            answer[MEMBERS[kind]] += _DETAILS[kind](ctx, chosen)
    return {**answer, "IsTruncated": bool(token), **({"Marker": token} if token else {})}


def _by_name(model: Any) -> Callable[[Context], list[int]]:
    def keys(ctx: Context) -> list[int]:
        ordered = model.objects.in_scope(ctx).order_by(model.NAME, "pk")
        return list(ordered.values_list("pk", flat=True))

    return keys


def _aws_policies_in_use(ctx: Context) -> list[str]:
    used = set(Attachment.objects.in_scope(ctx).values_list("policy_arn", flat=True))
    for model in (User, Role):
        used |= set(model.objects.in_scope(ctx).values_list("permissions_boundary", flat=True))
    return sorted(arn for arn in used if managed_policies.get(arn))


# --- Users, groups and roles ----------------------------------------------------------------------
@dataclass(frozen=True)
class _Permissions:
    """Inline and attached policies of several entities of one kind, by the entity's key."""

    inline: Mapping[int, list[Row]]
    attached: Mapping[int, list[Row]]

    @classmethod
    def of(cls, kind: str, keys: Sequence[int]) -> "_Permissions":
        """kind: "user", "group" or "role"."""
        owner = f"{kind}_id"
        inline: dict[int, list[Row]] = defaultdict(list)
        for policy in InlinePolicy.objects.filter(**{f"{owner}__in": keys}).order_by("policy_name"):
            shown = document_as_aws(policy.document)
            inline[getattr(policy, owner)].append(
                {"PolicyName": policy.policy_name, "PolicyDocument": shown}
            )
        attached: dict[int, list[Row]] = defaultdict(list)
        for one in Attachment.objects.filter(**{f"{owner}__in": keys}).order_by("policy_arn"):
            attached[getattr(one, owner)].append(one.as_aws())
        return cls(inline, attached)

    def shown(self, kind: str, key: int) -> Row:
        return {
            f"{kind}PolicyList": self.inline.get(key, []),
            "AttachedManagedPolicies": self.attached.get(key, []),
        }


def _users(ctx: Context, keys: Sequence[int]) -> list[Row]:
    permissions = _Permissions.of("user", keys)
    groups: dict[int, list[str]] = defaultdict(list)
    memberships = Group.users.through.objects.filter(user_id__in=keys)
    for user_pk, name in memberships.order_by("group__group_name").values_list(
        "user_id", "group__group_name"
    ):
        groups[user_pk].append(name)
    rows = User.objects.in_scope(ctx).select_related("login_profile").in_bulk(list(keys))
    return [
        {
            **_without(rows[key].as_aws(with_tags=True)),
            **permissions.shown("User", key),
            "GroupList": groups.get(key, []),
        }
        for key in keys
        if key in rows
    ]


def _groups(ctx: Context, keys: Sequence[int]) -> list[Row]:
    permissions = _Permissions.of("group", keys)
    rows = Group.objects.in_scope(ctx).in_bulk(list(keys))
    return [
        {**rows[key].as_aws(), **permissions.shown("Group", key)} for key in keys if key in rows
    ]


def _roles(ctx: Context, keys: Sequence[int]) -> list[Row]:
    permissions = _Permissions.of("role", keys)
    profiles: dict[int, list[Row]] = defaultdict(list)
    for profile in InstanceProfile.objects.filter(role_id__in=keys).select_related("role"):
        profiles[profile.role_id].append(profile.as_aws())
    rows = Role.objects.in_scope(ctx).in_bulk(list(keys))
    return [
        {
            **_without(rows[key].as_aws(with_details=True)),
            **permissions.shown("Role", key),
            "InstanceProfileList": profiles.get(key, []),
        }
        for key in keys
        if key in rows
    ]


def _without(shown: Row) -> Row:
    return {key: value for key, value in shown.items() if key not in LEFT_OUT}


# --- Managed policies -----------------------------------------------------------------------------
def _local_policies(ctx: Context, keys: Sequence[int]) -> list[Row]:
    own = Policy.objects.in_scope(ctx).with_default_version()
    rows = own.prefetch_related("versions").in_bulk(list(keys))
    usage = policy_usage.usage(ctx, [row.policy_arn for row in rows.values()])
    return [_local_policy(rows[key], usage) for key in keys if key in rows]


def _local_policy(policy: Policy, usage: Usage) -> Row:
    versions = sorted(policy.versions.all(), key=lambda version: -version.number)
    shown = [
        {**version.as_aws(), "Document": document_as_aws(version.document)} for version in versions
    ]
    return {**_policy(policy, usage), "PolicyVersionList": shown}


def _aws_policies(ctx: Context, arns: Sequence[str]) -> list[Row]:
    usage = policy_usage.usage(ctx, arns)
    found = (managed_policies.get(arn) for arn in arns)
    return [_aws_policy(policy, usage) for policy in found if policy]


def _aws_policy(policy: ManagedPolicy, usage: Usage) -> Row:
    version = {
        "Document": document_as_aws(policy.document),
        "VersionId": policy.default_version_id,
        "IsDefaultVersion": True,
        "CreateDate": policy.updated_at,
    }
    return {**_policy(policy, usage), "PolicyVersionList": [version]}


def _policy(policy: Policy | ManagedPolicy, usage: Usage) -> Row:
    """AWS's Policy, without the tags that the details lack."""
    shown = policy_usage.as_aws(policy, usage, with_details=True)
    return {key: value for key, value in shown.items() if key != "Tags"}


_KEYS: dict[str, Callable[[Context], Sequence[Any]]] = {
    "User": _by_name(User),
    "Group": _by_name(Group),
    "Role": _by_name(Role),
    "LocalManagedPolicy": _by_name(Policy),
    "AWSManagedPolicy": _aws_policies_in_use,
}
_DETAILS: dict[str, Callable[[Context, Sequence[Any]], list[Row]]] = {
    "User": _users,
    "Group": _groups,
    "Role": _roles,
    "LocalManagedPolicy": _local_policies,
    "AWSManagedPolicy": _aws_policies,
}
