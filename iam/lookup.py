"""Finding, inserting and listing IAM's entities the AWS way.

Authorize first, and reveal nothing before. A resource's ARN holds its path, so the row is read
first; when there is none, the question is asked about the ARN it would have at the root path, and
only then is NoSuchEntity said.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import CharField
from django.db.models.functions import Lower

from aws import tags as tagging
from aws.arn import Arn, iam_arn
from aws.context import Context
from aws.errors import AwsError, ValidationError
from aws.models import Account
from aws.operation import Response
from aws.paging import paginate_list
from iam import managed_policies
from iam.errors import (
    EntityAlreadyExists,
    InvalidInput,
    NoSuchEntity,
    PolicyNotAttachable,
    UnmodifiableEntity,
)
from iam.managed_policies import ManagedPolicy
from iam.models import Group, InstanceProfile, Policy, Role, User
from iam.models.entities import Entity

CharField.register_lookup(Lower)

AnyEntity = TypeVar("AnyEntity", bound=Entity)
Conditions = Mapping[str, str | Sequence[str]]
Tags = Mapping[str, str]
# Where a policy may ask which boundary the user or role has: AWS's service authorization reference.
_TELLS_BOUNDARY = {
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:DeleteRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DeleteUserPermissionsBoundary",
    "iam:DeleteUserPolicy",
    "iam:DetachRolePolicy",
    "iam:DetachUserPolicy",
    "iam:GetRole",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
}
_POLICY_ARN = re.compile(r"arn:aws:iam::(?:aws|\d{12}):policy/[\x21-\x7e]+")
_SERVICE_ROLE_POLICIES = "arn:aws:iam::aws:policy/aws-service-role/"


class InvalidMarker(AwsError):
    code = "ValidationError"
    message = "Invalid Marker."


def user(
    ctx: Context,
    action: str,
    name: str,
    *,
    conditions: Conditions | None = None,
    request_tags: Tags | None = None,
) -> User:
    return _authorized(ctx, action, User, name, conditions, request_tags)


def group(ctx: Context, action: str, name: str, *, conditions: Conditions | None = None) -> Group:
    return _authorized(ctx, action, Group, name, conditions, None)


def role(
    ctx: Context,
    action: str,
    name: str,
    *,
    conditions: Conditions | None = None,
    request_tags: Tags | None = None,
) -> Role:
    return _authorized(ctx, action, Role, name, conditions, request_tags)


def modifiable_role(
    ctx: Context, action: str, name: str, *, conditions: Conditions | None = None
) -> Role:
    """Raises UnmodifiableEntity for a service-linked role: only its service changes it."""
    found = role(ctx, action, name, conditions=conditions)
    if found.is_service_linked:
        raise UnmodifiableEntity(name=name)
    return found


def instance_profile(
    ctx: Context, action: str, name: str, *, request_tags: Tags | None = None
) -> InstanceProfile:
    return _authorized(ctx, action, InstanceProfile, name, None, request_tags)


def policy(
    ctx: Context, action: str, policy_arn: str, *, request_tags: Tags | None = None
) -> Policy:
    """A customer managed policy of the account, locked until the call ends.

    AWS managed policies belong to AWS: nobody here may change them.
    """
    rows = Policy.objects.in_scope(ctx).select_for_update()
    found: Policy | None = rows.filter(policy_arn=policy_arn).first()
    ctx.authorize(
        action,
        policy_arn,
        resource_account="aws" if managed_policies.get(policy_arn) else "",
        resource_tags=found.tags if found else None,
        request_tags=request_tags,
    )
    if found is None:
        raise _no_such_policy(policy_arn)
    return found


def readable_policy(ctx: Context, action: str, policy_arn: str) -> Policy | ManagedPolicy:
    """A managed policy, the account's own (with its default version) or AWS's."""
    rows = Policy.objects.in_scope(ctx).with_default_version()
    found = managed_policies.get(policy_arn) or rows.filter(policy_arn=policy_arn).first()
    ctx.authorize(action, policy_arn, resource_tags=getattr(found, "tags", None))
    if found is None:
        raise _no_such_policy(policy_arn)
    return found


def _no_such_policy(policy_arn: str) -> AwsError:
    if not _POLICY_ARN.fullmatch(policy_arn):
        return InvalidInput(f"ARN {policy_arn} is not valid.")
    return NoSuchEntity(f"Policy {policy_arn} was not found.")


def require_attachable(ctx: Context, policy_arn: str) -> None:
    """Raises unless the ARN is "", an AWS managed policy or one of the account, which then stays
    until the call ends. Raises NoSuchEntity, InvalidInput, PolicyNotAttachable.
    """
    if policy_arn.startswith(_SERVICE_ROLE_POLICIES):
        raise PolicyNotAttachable
    if not policy_arn or managed_policies.get(policy_arn):
        return
    if not _POLICY_ARN.fullmatch(policy_arn):
        raise InvalidInput(f"ARN {policy_arn} is not valid.")
    rows = Policy.objects.in_scope(ctx).select_for_update(no_key=True)
    if rows.filter(policy_arn=policy_arn).first() is None:
        raise NoSuchEntity(f"Policy {policy_arn} does not exist or is not attachable.")


def find(ctx: Context, model: type[AnyEntity], name: str) -> AnyEntity | None:
    """The entity of that very name. The index is over the lower-cased name, so both are asked."""
    by_name = {model.NAME: name, f"{model.NAME}__lower": name.lower()}
    found: AnyEntity | None = model.objects.in_scope(ctx).filter(**by_name).first()
    return found


def require(ctx: Context, model: type[AnyEntity], name: str) -> AnyEntity:
    """The entity of that very name, where permission was asked on another. Raises NoSuchEntity."""
    found = find(ctx, model, name)
    if found is None:
        raise _no_such_entity(model, name)
    return found


def by_arn(ctx: Context, arn: str) -> User | Group | Role | None:
    """The user, group or role of that very ARN, path included.

    Raises InvalidInput for an ARN of anything else. Authorize before saying what was found.
    """
    models: dict[str, type[User] | type[Group] | type[Role]]
    models = {"user": User, "group": Group, "role": Role}
    try:
        parsed = Arn.parse(arn)
        model = models[parsed.resource_type]
    except (ValueError, KeyError):
        raise InvalidInput(
            f"Invalid Entity Arn: {arn} does not clearly define entity type and name."
        ) from None
    found = find(ctx, model, parsed.resource_name)
    return found if found is not None and found.arn == arn else None


def insert(entity: Entity) -> None:
    """Saves a new entity. Raises EntityAlreadyExists when the name is taken, whatever its case."""
    save(entity, force_insert=True)


def save(entity: Entity, **options: Any) -> None:
    """entity.save(**options), with a taken name as AWS's EntityAlreadyExists."""
    try:
        with transaction.atomic():
            entity.save(**options)
    except IntegrityError:
        taken = entity.TAKEN.format(kind=entity.KIND, name=entity.name)
        raise EntityAlreadyExists(taken) from None


def own_user_name(ctx: Context) -> str:
    """The caller's user name, where an operation lets it be left out. Raises ValidationError."""
    if ctx.principal.kind != "user":
        raise ValidationError("Must specify userName when calling with non-User credentials")
    return ctx.principal.name


def holder(ctx: Context, action: str, user_name: str) -> User | None:
    """Whose credentials a call is about: the named user, without a name the caller, None for root.

    Root names itself by its account's ID where AWS's model insists on a name.
    """
    if ctx.principal.kind == "root" and user_name in ("", ctx.account_id):
        ctx.authorize(action, ctx.principal.arn)
        return None
    return user(ctx, action, user_name or own_user_name(ctx))


def lock(ctx: Context, holder: User | None) -> None:
    """Makes calls that count a holder's credentials against a quota wait for each other."""
    if holder is None:
        Account.objects.select_for_update(no_key=True).get(pk=ctx.account_id)
    else:
        hold(holder)


def hold(entity: Entity) -> None:
    """Makes calls that count or change what an entity has wait for each other."""
    rows = type(entity).objects.select_for_update(no_key=True)
    if rows.filter(pk=entity.pk).first() is None:
        raise _no_such_entity(type(entity), entity.name)


def root_as_aws(account: Account) -> dict[str, Any]:
    """Root as a User: what GetUser tells root about itself."""
    shown: dict[str, Any] = {
        "UserId": account.account_id,
        "Arn": iam_arn(account.account_id, "root"),
        "CreateDate": account.created_at,
    }
    if account.password_last_used:
        shown["PasswordLastUsed"] = account.password_last_used
    return shown


def tag_page(ctx: Context, tags: Tags, action: str, marker: str, max_items: int) -> Response:
    """A page of an entity's tags, as every List…Tags answers it."""
    page, token = paginate_list(
        ctx,
        tagging.as_list(tags),
        size=max_items,
        token=marker,
        purpose=action,
        error=InvalidMarker,
    )
    return {"Tags": page, "IsTruncated": bool(token), **({"Marker": token} if token else {})}


def _authorized(
    ctx: Context,
    action: str,
    model: type[AnyEntity],
    name: str,
    conditions: Conditions | None,
    request_tags: Tags | None,
) -> AnyEntity:
    found = find(ctx, model, name)
    arn = found.arn if found else iam_arn(ctx.account_id, f"{model.RESOURCE}/{name}")
    boundary = getattr(found, "permissions_boundary", "")
    if boundary and action in _TELLS_BOUNDARY:
        conditions = {"iam:PermissionsBoundary": boundary, **(conditions or {})}
    ctx.authorize(
        action,
        arn,
        resource_tags=getattr(found, "tags", None),
        request_tags=request_tags,
        conditions=conditions,
    )
    if found is None:
        raise _no_such_entity(model, name)
    return found


def _no_such_entity(model: type[Entity], name: str) -> NoSuchEntity:
    return NoSuchEntity(f"{model.NOT_FOUND.format(name=name)} cannot be found.")
