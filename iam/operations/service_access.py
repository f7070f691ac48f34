"""Which policies let a user, group or role use a service."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q

from aws.context import Context
from aws.operation import Response, operation
from aws.paging import paginate_list
from iam import lookup, managed_policies, reference
from iam.access_details import granted_services
from iam.errors import InvalidInput, NoSuchEntity
from iam.models import Attachment, Group, InlinePolicy, PolicyVersion, Role, User
from iam.policy import load

MAX_NAMESPACES = 200
Granting = tuple[dict[str, Any], set[str]]


@operation("iam:ListPoliciesGrantingServiceAccess")
def list_policies_granting_service_access(
    ctx: Context, /, *, arn: str, service_namespaces: Sequence[str], marker: str = ""
) -> Response:
    """Answers {"PoliciesGrantingServiceAccess": [{"ServiceNamespace", "Policies": […]}], …}.

    arn: of a user (its groups' policies count too), group or role. service_namespaces: prefixes
    such as "s3". A policy is listed for an Allow of some action of the service; boundaries and
    denies are not looked at, as in AWS. Raises NoSuchEntity, InvalidInput (namespace).
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPoliciesGrantingServiceAccess.html
    """
    ctx.authorize("iam:ListPoliciesGrantingServiceAccess", arn)
    entity = lookup.by_arn(ctx, arn)
    if entity is None:
        raise NoSuchEntity(f"{arn} cannot be found.")
    for prefix in service_namespaces:
        if not reference.is_service(prefix):
            raise InvalidInput(f"Service namespace {prefix} is not valid.")
    granting = list(_granting(ctx, entity))
    entries = [
        {
            "ServiceNamespace": prefix,
            "Policies": [shown for shown, services in granting if prefix in services],
        }
        for prefix in service_namespaces
    ]
    page, _ = paginate_list(
        ctx,
        entries,
        size=MAX_NAMESPACES,
        token=marker,
        purpose="iam:ListPoliciesGrantingServiceAccess",
        error=lookup.InvalidMarker,
    )
    return {"PoliciesGrantingServiceAccess": page, "IsTruncated": False}


def _granting(ctx: Context, entity: User | Group | Role) -> Iterator[Granting]:
    """AWS's PolicyGrantingServiceAccess of each policy, and the services that it grants."""
    theirs = Q(**{entity.RESOURCE: entity})
    if isinstance(entity, User):
        theirs |= Q(group__users=entity)
    inline = InlinePolicy.objects.in_scope(ctx).filter(theirs)
    for policy in inline.select_related("user", "group", "role").order_by("policy_name", "pk"):
        shown = {
            "PolicyName": policy.policy_name,
            "PolicyType": "INLINE",
            "EntityType": policy.entity.RESOURCE.upper(),
            "EntityName": policy.entity.name,
        }
        yield shown, _services(policy.document)
    attached = Attachment.objects.in_scope(ctx).filter(theirs)
    arns = sorted(set(attached.values_list("policy_arn", flat=True)))
    for arn, document in _documents(ctx, arns):
        name = arn.rsplit("/", 1)[-1]
        yield (
            {"PolicyName": name, "PolicyType": "MANAGED", "PolicyArn": arn},
            _services(document),
        )


def _documents(ctx: Context, arns: Sequence[str]) -> Iterator[tuple[str, str]]:
    own = PolicyVersion.objects.filter(
        policy__account_id=ctx.account_id, policy__policy_arn__in=arns, is_default=True
    )
    texts = dict(own.values_list("policy__policy_arn", "document"))
    for arn in arns:
        text = texts.get(arn) or managed_policies.document(arn)
        if text:
            yield arn, text


def _services(document: str) -> set[str]:
    return granted_services([load(document)])
