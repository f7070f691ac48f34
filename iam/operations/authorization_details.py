"""GetAccountAuthorizationDetails: who may do what, for the whole account at once."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from aws.context import Context
from aws.operation import Response, operation
from aws.paging import paginate_list
from iam import lookup, managed_policies
from iam.managed_policies import ManagedPolicy
from iam.models import Attachment, Group, InlinePolicy, InstanceProfile, Policy, Role, User
from iam.models.entities import document_as_aws

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
    used |= _boundary_counts(ctx).keys()
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
            name = one.policy_arn.rsplit("/", 1)[-1]
            attached[getattr(one, owner)].append({"PolicyName": name, "PolicyArn": one.policy_arn})
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
    rows = Policy.objects.in_scope(ctx).prefetch_related("versions").in_bulk(list(keys))
    usage = _usage(ctx, [row.policy_arn for row in rows.values()])
    return [_local_policy(rows[key], usage) for key in keys if key in rows]


def _local_policy(policy: Policy, usage: Callable[[str], Row]) -> Row:
    versions = sorted(policy.versions.all(), key=lambda version: -version.number)
    default = next(version for version in versions if version.is_default)
    shown: Row = {
        "PolicyName": policy.policy_name,
        "PolicyId": policy.policy_id,
        "Arn": policy.policy_arn,
        "Path": policy.path,
        "DefaultVersionId": default.version_id,
        **usage(policy.policy_arn),
        "CreateDate": policy.created_at,
        "UpdateDate": policy.updated_at,
        "PolicyVersionList": [
            {
                "Document": document_as_aws(version.document),
                "VersionId": version.version_id,
                "IsDefaultVersion": version.is_default,
                "CreateDate": version.created_at,
            }
            for version in versions
        ],
    }
    return shown | ({"Description": policy.description} if policy.description else {})


def _aws_policies(ctx: Context, arns: Sequence[str]) -> list[Row]:
    usage = _usage(ctx, arns)
    found = (managed_policies.get(arn) for arn in arns)
    return [_aws_policy(policy, usage) for policy in found if policy]


def _aws_policy(policy: ManagedPolicy, usage: Callable[[str], Row]) -> Row:
    version = {
        "Document": document_as_aws(policy.document),
        "VersionId": policy.default_version_id,
        "IsDefaultVersion": True,
        "CreateDate": policy.updated_at,
    }
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.policy_id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default_version_id,
        **usage(policy.arn),
        "Description": policy.description,
        "CreateDate": policy.created_at,
        "UpdateDate": policy.updated_at,
        "PolicyVersionList": [version],
    }


def _usage(ctx: Context, arns: Iterable[str]) -> Callable[[str], Row]:
    attached = Attachment.objects.in_scope(ctx).filter(policy_arn__in=list(arns))
    attachments = dict(attached.values_list("policy_arn").annotate(Count("pk")))
    boundaries = _boundary_counts(ctx)

    def of(arn: str) -> Row:
        return {
            "AttachmentCount": attachments.get(arn, 0),
            "PermissionsBoundaryUsageCount": boundaries.get(arn, 0),
            "IsAttachable": True,
        }

    return of


def _boundary_counts(ctx: Context) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for model in (User, Role):
        bounded = model.objects.in_scope(ctx).filter(~Q(permissions_boundary=""))
        for arn, count in bounded.values_list("permissions_boundary").annotate(Count("pk")):
            counts[arn] += count
    return counts


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
