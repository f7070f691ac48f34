"""Managed policies as AWS's Policy: who uses them is counted for a whole page at once."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from aws.context import Context
from aws.tags import as_list
from iam.managed_policies import ManagedPolicy
from iam.models import Attachment, Policy, Role, User


@dataclass(frozen=True)
class Usage:
    """How many users, groups and roles of an account have a policy, by its ARN.

    attached: as a permissions policy. bounding: as a permissions boundary (users and roles).
    """

    attached: Counter[str]
    bounding: Counter[str]


NONE = Usage(Counter(), Counter())


def usage(ctx: Context, arns: Iterable[str]) -> Usage:
    """Three statements, whatever the number of policies."""
    wanted = list(arns)
    attached = Attachment.objects.in_scope(ctx).filter(policy_arn__in=wanted)
    bounding: Counter[str] = Counter()
    for model in (User, Role):
        bound = model.objects.in_scope(ctx).filter(permissions_boundary__in=wanted)
        bounding.update(_counts(bound, "permissions_boundary"))
    return Usage(Counter(_counts(attached, "policy_arn")), bounding)


def as_aws(
    policy: Policy | ManagedPolicy, usage: Usage, *, with_details: bool = False
) -> dict[str, Any]:
    """AWS's Policy. Lists leave description and tags out, as AWS's do.

    policy: a row needs `PolicyQuerySet.with_default_version`.
    """
    shown: dict[str, Any] = {
        "PolicyName": policy.name,
        "PolicyId": policy.policy_id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default_version_id,
        "AttachmentCount": usage.attached[policy.arn],
        "PermissionsBoundaryUsageCount": usage.bounding[policy.arn],
        "IsAttachable": True,
        "CreateDate": policy.created_at,
        "UpdateDate": policy.updated_at,
    }
    if with_details and policy.description:
        shown["Description"] = policy.description
    if with_details and isinstance(policy, Policy) and policy.tags:
        shown["Tags"] = as_list(policy.tags)
    return shown


def _counts(rows: Any, column: str) -> dict[str, int]:
    return dict(rows.values_list(column).annotate(Count("pk")))
