"""Managed policies: create, read, delete, tag. AWS's own can be read alone."""

from collections.abc import Iterable

from aws import ids
from aws import tags as tagging
from aws.arn import iam_arn
from aws.context import Context
from aws.operation import Response, operation
from aws.paging import paginate_list
from aws.tags import TagList
from iam import documents, lookup, managed_policies, policy_usage, quotas
from iam.errors import DeleteConflict, LimitExceeded
from iam.managed_policies import ManagedPolicy
from iam.models import Policy
from iam.tags import RULES


@operation("iam:CreatePolicy")
def create_policy(
    ctx: Context,
    /,
    *,
    policy_name: str,
    policy_document: str,
    path: str = "/",
    description: str = "",
    tags: TagList = (),
) -> Response:
    """Creates a customer managed policy with its version v1, attached to nobody.

    policy_document: JSON, 6144 characters without white space. The description never changes.
    Answers {"Policy": …}. Raises EntityAlreadyExists (whatever the path, and for a name that
    differs only by case), LimitExceeded, MalformedPolicyDocument, InvalidInput (tags).
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
    """
    wanted = RULES.read(tags)
    arn = iam_arn(ctx.account_id, f"policy{path}{policy_name}")
    ctx.authorize("iam:CreatePolicy", arn, request_tags=wanted)
    documents.require_managed(policy_document)
    if Policy.objects.in_scope(ctx).count() >= quotas.POLICIES:
        raise LimitExceeded(quota="PoliciesPerAccount", limit=quotas.POLICIES)
    policy = Policy(
        account_id=ctx.account_id,
        policy_name=policy_name,
        path=path,
        policy_id=ids.unique_id("ANPA"),
        policy_arn=arn,
        description=description,
        tags=wanted,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    lookup.insert(policy)
    policy.versions.create(
        number=policy.last_version, document=policy_document, is_default=True, created_at=ctx.now
    )
    policy.default_version = policy.last_version
    return {"Policy": policy_usage.as_aws(policy, policy_usage.NONE, with_details=True)}


@operation("iam:GetPolicy")
def get_policy(ctx: Context, /, *, policy_arn: str) -> Response:
    """Answers {"Policy": …} with description, tags and the account's number of uses.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html
    """
    policy = lookup.readable_policy(ctx, "iam:GetPolicy", policy_arn)
    usage = policy_usage.usage(ctx, [policy_arn])
    return {"Policy": policy_usage.as_aws(policy, usage, with_details=True)}


@operation("iam:ListPolicies")
def list_policies(
    ctx: Context,
    /,
    *,
    scope: str = "All",
    only_attached: bool = False,
    path_prefix: str = "/",
    policy_usage_filter: str = "",
    marker: str = "",
    max_items: int = 100,
) -> Response:
    """Answers {"Policies": […], …}, the account's own before AWS's, each ordered by name.

    scope: All, AWS or Local. only_attached: those that some user, group or role has.
    policy_usage_filter: those in use as PermissionsPolicy or as PermissionsBoundary. Descriptions
    and tags are left out.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html
    """
    ctx.authorize("iam:ListPolicies", iam_arn(ctx.account_id, f"policy{path_prefix}"))
    arns = [*_own_arns(ctx, scope, path_prefix), *_published_arns(scope, path_prefix)]
    if only_attached or policy_usage_filter:
        usage = policy_usage.usage(ctx, arns)
        as_boundary = policy_usage_filter == "PermissionsBoundary"
        counts = usage.bounding if as_boundary else usage.attached
        arns = [arn for arn in arns if counts[arn]]
    page, token = paginate_list(
        ctx,
        arns,
        size=max_items,
        token=marker,
        purpose=f"iam:ListPolicies:{scope}:{only_attached}:{policy_usage_filter}:{path_prefix}",
        error=lookup.InvalidMarker,
    )
    usage = policy_usage.usage(ctx, page)
    found = [policy_usage.as_aws(policy, usage) for policy in _in_order(ctx, page)]
    more = {"Marker": token} if token else {}
    return {"Policies": found, "IsTruncated": bool(token), **more}


@operation("iam:DeletePolicy")
def delete_policy(ctx: Context, /, *, policy_arn: str) -> Response:
    """Deletes a policy that nobody has, with its last version.

    Raises DeleteConflict: it is attached, or a boundary, or has further versions.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html
    """
    policy = lookup.policy(ctx, "iam:DeletePolicy", policy_arn)
    usage = policy_usage.usage(ctx, [policy_arn])
    if usage.attached[policy_arn] or usage.bounding[policy_arn]:
        raise DeleteConflict("Cannot delete a policy attached to entities.")
    if policy.versions.count() > 1:
        raise DeleteConflict(
            "This policy has more than one version. Before you delete a policy, you must delete "
            "the policy's versions. The default version is deleted with the policy."
        )
    policy.delete()
    return {}


@operation("iam:TagPolicy")
def tag_policy(ctx: Context, /, *, policy_arn: str, tags: TagList) -> Response:
    """Adds tags, or changes their values.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagPolicy.html
    """
    wanted = RULES.read(tags)
    policy = lookup.policy(ctx, "iam:TagPolicy", policy_arn, request_tags=wanted)
    policy.tags = RULES.merge(policy.tags, wanted)
    policy.save(update_fields=["tags"])
    return {}


@operation("iam:UntagPolicy")
def untag_policy(ctx: Context, /, *, policy_arn: str, tag_keys: list[str]) -> Response:
    """Removes tags; keys that are not there are no error.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagPolicy.html
    """
    gone = dict.fromkeys(tag_keys, "")
    policy = lookup.policy(ctx, "iam:UntagPolicy", policy_arn, request_tags=gone)
    policy.tags = tagging.without(policy.tags, tag_keys)
    policy.save(update_fields=["tags"])
    return {}


@operation("iam:ListPolicyTags")
def list_policy_tags(
    ctx: Context, /, *, policy_arn: str, marker: str = "", max_items: int = 100
) -> Response:
    """Answers {"Tags": [{"Key", "Value"}], …}, ordered by key; AWS's policies have none.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyTags.html
    """
    policy = lookup.readable_policy(ctx, "iam:ListPolicyTags", policy_arn)
    tags = policy.tags if isinstance(policy, Policy) else {}
    return lookup.tag_page(ctx, tags, "iam:ListPolicyTags", marker, max_items)


def _own_arns(ctx: Context, scope: str, path_prefix: str) -> Iterable[str]:
    if scope == "AWS":
        return ()
    rows = Policy.objects.in_scope(ctx).filter(path__startswith=path_prefix)
    return rows.order_by("policy_name").values_list("policy_arn", flat=True)


def _published_arns(scope: str, path_prefix: str) -> Iterable[str]:
    if scope == "Local":
        return ()
    every = managed_policies.all_policies()
    return (policy.arn for policy in every if policy.path.startswith(path_prefix))


def _in_order(ctx: Context, arns: list[str]) -> Iterable[Policy | ManagedPolicy]:
    rows = Policy.objects.in_scope(ctx).with_default_version().filter(policy_arn__in=arns)
    own = {policy.policy_arn: policy for policy in rows}
    return (policy for arn in arns if (policy := own.get(arn) or managed_policies.get(arn)))
