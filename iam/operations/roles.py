"""Roles: create, read, change, trust, delete, tag."""

from aws import ids
from aws import tags as tagging
from aws.arn import iam_arn
from aws.context import Context
from aws.operation import Response, operation
from aws.paging import paginate
from aws.tags import TagList
from iam import documents, lookup, principals, quotas
from iam.errors import DeleteConflict, InvalidInput, LimitExceeded, UnmodifiableEntity
from iam.models import Role
from iam.models.roles import SERVICE_LINKED_PATH
from iam.tags import RULES

DEFAULT_SESSION_SECONDS = 3600


@operation("iam:CreateRole")
def create_role(
    ctx: Context,
    /,
    *,
    role_name: str,
    assume_role_policy_document: str,
    path: str = "/",
    description: str = "",
    max_session_duration: int = DEFAULT_SESSION_SECONDS,
    permissions_boundary: str = "",
    tags: TagList = (),
) -> Response:
    """Creates a role without permissions, for those whom its trust policy names.

    assume_role_policy_document: the trust policy, JSON, 2048 characters without white space.
    max_session_duration: seconds, 3600 to 43200. permissions_boundary: ARN of a managed policy.
    Answers {"Role": …}. Raises EntityAlreadyExists (also for a name that differs only by case),
    LimitExceeded, InvalidInput (tags, a service's path), MalformedPolicyDocument (also for a
    principal that does not exist), NoSuchEntity (boundary). Simplified: of services, every
    well-formed name is trusted.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
    """
    wanted = RULES.read(tags)
    conditions = {"iam:PermissionsBoundary": permissions_boundary} if permissions_boundary else None
    arn = iam_arn(ctx.account_id, f"role{path}{role_name}")
    ctx.authorize("iam:CreateRole", arn, request_tags=wanted, conditions=conditions)
    if path.startswith(SERVICE_LINKED_PATH):
        raise InvalidInput(f"The path {SERVICE_LINKED_PATH} is reserved for service-linked roles.")
    documents.require_trust(assume_role_policy_document)
    lookup.require_attachable(ctx, permissions_boundary)
    role = Role(
        role_name=role_name,
        path=path,
        assume_role_policy_document=assume_role_policy_document,
        description=description,
        max_session_duration=max_session_duration,
        permissions_boundary=permissions_boundary,
        tags=wanted,
    )
    insert_role(ctx, role)
    return {"Role": role.as_aws(with_details=True)}


def insert_role(ctx: Context, role: Role) -> None:
    """Saves a new role with its id. Raises LimitExceeded, EntityAlreadyExists."""
    if Role.objects.in_scope(ctx).count() >= quotas.ROLES:
        raise LimitExceeded(quota="RolesPerAccount", limit=quotas.ROLES)
    role.account_id = ctx.account_id
    role.role_id = ids.unique_id("AROA")
    role.created_at = ctx.now
    lookup.insert(role)


@operation("iam:GetRole")
def get_role(ctx: Context, /, *, role_name: str) -> Response:
    """Answers {"Role": …} with tags, boundary and last use.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
    """
    return {"Role": lookup.role(ctx, "iam:GetRole", role_name).as_aws(with_details=True)}


@operation("iam:ListRoles")
def list_roles(
    ctx: Context, /, *, path_prefix: str = "/", marker: str = "", max_items: int = 100
) -> Response:
    """Answers {"Roles": […], …}, ordered by name, without tags, boundaries and last use.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html
    """
    ctx.authorize("iam:ListRoles", iam_arn(ctx.account_id, f"role{path_prefix}"))
    page = paginate(
        ctx,
        Role.objects.in_scope(ctx).filter(path__startswith=path_prefix),
        order_by=["role_name", "pk"],
        size=max_items,
        token=marker,
        purpose=f"iam:ListRoles:{path_prefix}",
        error=lookup.InvalidMarker,
    )
    return {"Roles": [role.as_aws() for role in page.rows], **page.marker()}


@operation("iam:UpdateRole")
def update_role(
    ctx: Context,
    /,
    *,
    role_name: str,
    description: str | None = None,
    max_session_duration: int | None = None,
) -> Response:
    """Changes the description, the maximum session duration (seconds, 3600 to 43200), or both.

    A duration that is left out goes back to an hour, as AWS's page says; of a service-linked role
    only the description may change. Raises UnmodifiableEntity.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html
    """
    role = lookup.role(ctx, "iam:UpdateRole", role_name)
    if role.is_service_linked and max_session_duration is not None:
        raise UnmodifiableEntity(name=role_name)
    role.max_session_duration = max_session_duration or DEFAULT_SESSION_SECONDS
    role.description = role.description if description is None else description
    role.save(update_fields=["description", "max_session_duration"])
    return {}


@operation("iam:UpdateRoleDescription")
def update_role_description(ctx: Context, /, *, role_name: str, description: str) -> Response:
    """Changes the description alone. Answers {"Role": …}.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRoleDescription.html
    """
    role = lookup.role(ctx, "iam:UpdateRoleDescription", role_name)
    role.description = description
    role.save(update_fields=["description"])
    return {"Role": role.as_aws(with_details=True)}


@operation("iam:UpdateAssumeRolePolicy")
def update_assume_role_policy(ctx: Context, /, *, role_name: str, policy_document: str) -> Response:
    """Replaces the trust policy. Sessions that have begun go on.

    Raises MalformedPolicyDocument (also for a principal that does not exist), LimitExceeded,
    UnmodifiableEntity.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html
    """
    role = lookup.modifiable_role(ctx, "iam:UpdateAssumeRolePolicy", role_name)
    documents.require_trust(policy_document)
    role.assume_role_policy_document = policy_document
    role.save(update_fields=["assume_role_policy_document"])
    return {}


@operation("iam:DeleteRole")
def delete_role(ctx: Context, /, *, role_name: str) -> Response:
    """Deletes a role that has nothing left; its sessions end.

    Raises DeleteConflict naming the first thing, UnmodifiableEntity (service-linked).
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html
    """
    role = lookup.modifiable_role(ctx, "iam:DeleteRole", role_name)
    lookup.hold(role)
    obstacles = [
        (role.instance_profiles.exists(), "must remove roles from instance profile first"),
        (role.attachments.exists(), "must detach all policies first"),
        (role.inlinepolicys.exists(), "must delete policies first"),
    ]
    for is_there, reason in obstacles:
        if is_there:
            raise DeleteConflict(reason=reason)
    role.delete()
    principals.follow(role.arn, role.role_id)
    return {}


@operation("iam:TagRole")
def tag_role(ctx: Context, /, *, role_name: str, tags: TagList) -> Response:
    """Adds tags, or changes their values.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html
    """
    wanted = RULES.read(tags)
    role = lookup.role(ctx, "iam:TagRole", role_name, request_tags=wanted)
    role.tags = RULES.merge(role.tags, wanted)
    role.save(update_fields=["tags"])
    return {}


@operation("iam:UntagRole")
def untag_role(ctx: Context, /, *, role_name: str, tag_keys: list[str]) -> Response:
    """Removes tags; keys that are not there are no error.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagRole.html
    """
    role = lookup.role(ctx, "iam:UntagRole", role_name, request_tags=dict.fromkeys(tag_keys, ""))
    role.tags = tagging.without(role.tags, tag_keys)
    role.save(update_fields=["tags"])
    return {}


@operation("iam:ListRoleTags")
def list_role_tags(
    ctx: Context, /, *, role_name: str, marker: str = "", max_items: int = 100
) -> Response:
    """Answers {"Tags": [{"Key", "Value"}], …}, ordered by key.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoleTags.html
    """
    role = lookup.role(ctx, "iam:ListRoleTags", role_name)
    return lookup.tag_page(ctx, role.tags, "iam:ListRoleTags", marker, max_items)
