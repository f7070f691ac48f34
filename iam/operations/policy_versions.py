"""Versions of managed policies: five at most, one of which is in effect."""

from typing import Any

from aws.context import Context
from aws.operation import Response, operation
from aws.paging import paginate
from iam import documents, lookup, quotas
from iam.authorization import forget_policies
from iam.errors import DeleteConflict, LimitExceeded, NoSuchEntity
from iam.managed_policies import ManagedPolicy
from iam.models import Policy, PolicyVersion
from iam.models.entities import document_as_aws


@operation("iam:CreatePolicyVersion")
def create_policy_version(
    ctx: Context, /, *, policy_arn: str, policy_document: str, set_as_default: bool = False
) -> Response:
    """Adds a version, which is in effect at once with set_as_default.

    policy_document: JSON, 6144 characters without white space. Answers {"PolicyVersion": …}
    without the document. Raises LimitExceeded (five versions), MalformedPolicyDocument.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html
    """
    policy = lookup.policy(ctx, "iam:CreatePolicyVersion", policy_arn)
    documents.require_managed(policy_document)
    if policy.versions.count() >= quotas.POLICY_VERSIONS:
        raise LimitExceeded(
            f"A managed policy can have up to {quotas.POLICY_VERSIONS} versions. Before you create "
            "a new version, you must delete an existing version."
        )
    policy.last_version += 1
    policy.updated_at = ctx.now
    policy.save(update_fields=["last_version", "updated_at"])
    version = policy.versions.create(
        number=policy.last_version, document=policy_document, created_at=ctx.now
    )
    if set_as_default:
        _put_in_effect(ctx, policy, version)
    return {"PolicyVersion": version.as_aws()}


@operation("iam:GetPolicyVersion")
def get_policy_version(ctx: Context, /, *, policy_arn: str, version_id: str) -> Response:
    """Answers {"PolicyVersion": {…, "Document": URL-encoded JSON}}.

    Raises NoSuchEntity. Simplified: of AWS's policies there is the default version alone.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html
    """
    policy = lookup.readable_policy(ctx, "iam:GetPolicyVersion", policy_arn)
    if isinstance(policy, ManagedPolicy):
        if version_id != policy.default_version_id:
            raise _no_such_version(policy_arn, version_id)
        shown, document = _published_as_aws(policy), policy.document
    else:
        version = _version(policy, version_id)
        shown, document = version.as_aws(), version.document
    return {"PolicyVersion": {**shown, "Document": document_as_aws(document)}}


@operation("iam:ListPolicyVersions")
def list_policy_versions(
    ctx: Context, /, *, policy_arn: str, marker: str = "", max_items: int = 100
) -> Response:
    """Answers {"Versions": […], …} without documents, the newest first.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyVersions.html
    """
    policy = lookup.readable_policy(ctx, "iam:ListPolicyVersions", policy_arn)
    if isinstance(policy, ManagedPolicy):
        return {"Versions": [_published_as_aws(policy)], "IsTruncated": False}
    page = paginate(
        ctx,
        policy.versions.all(),
        order_by=["-number"],
        size=max_items,
        token=marker,
        purpose=f"iam:ListPolicyVersions:{policy.pk}",
        error=lookup.InvalidMarker,
    )
    return {"Versions": [version.as_aws() for version in page.rows], **page.marker()}


@operation("iam:DeletePolicyVersion")
def delete_policy_version(ctx: Context, /, *, policy_arn: str, version_id: str) -> Response:
    """Deletes a version that is not in effect; its number does not come back.

    Raises DeleteConflict (the default version), NoSuchEntity.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicyVersion.html
    """
    policy = lookup.policy(ctx, "iam:DeletePolicyVersion", policy_arn)
    version = _version(policy, version_id)
    if version.is_default:
        raise DeleteConflict("Cannot delete the default version of a policy.")
    version.delete()
    return {}


@operation("iam:SetDefaultPolicyVersion")
def set_default_policy_version(ctx: Context, /, *, policy_arn: str, version_id: str) -> Response:
    """Puts a version into effect for everyone who has the policy. Raises NoSuchEntity.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html
    """
    policy = lookup.policy(ctx, "iam:SetDefaultPolicyVersion", policy_arn)
    _put_in_effect(ctx, policy, _version(policy, version_id))
    return {}


def _put_in_effect(ctx: Context, policy: Policy, version: PolicyVersion) -> None:
    # One after the other: a policy has one default version at any moment.
    policy.versions.filter(is_default=True).update(is_default=False)
    version.is_default = True
    version.save(update_fields=["is_default"])
    forget_policies(ctx)


def _version(policy: Policy, version_id: str) -> PolicyVersion:
    for version in policy.versions.all():
        if version.version_id == version_id:
            return version
    raise _no_such_version(policy.policy_arn, version_id)


def _no_such_version(policy_arn: str, version_id: str) -> NoSuchEntity:
    return NoSuchEntity(
        f"Policy {policy_arn} version {version_id} does not exist or is not attachable."
    )


def _published_as_aws(policy: ManagedPolicy) -> dict[str, Any]:
    return {
        "VersionId": policy.default_version_id,
        "IsDefaultVersion": True,
        "CreateDate": policy.updated_at,
    }
