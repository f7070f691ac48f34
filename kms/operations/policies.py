"""Key policies: get, put, list."""

from typing import Any

from aws.context import Context
from aws.operation import Response, operation
from kms import lookup, policies
from kms.errors import NotFoundException
from kms.operations.keys import require_not_locked_out


@operation("kms:GetKeyPolicy")
def get_key_policy(
    ctx: Context, /, *, key_id: str, policy_name: str = policies.POLICY_NAME
) -> Response:
    """Answers {"Policy", "PolicyName"}. Raises NotFoundException for a name but "default".

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html
    """
    key = lookup.require(ctx, "kms:GetKeyPolicy", key_id)
    _check_name(policy_name)
    return {"Policy": key.policy, "PolicyName": policy_name}


@operation("kms:PutKeyPolicy")
def put_key_policy(
    ctx: Context,
    /,
    *,
    key_id: str,
    policy: str,
    policy_name: str = policies.POLICY_NAME,
    bypass_policy_lockout_safety_check: bool = False,
) -> Response:
    """Replaces the key's policy.

    Raises MalformedPolicyDocumentException, also where the caller could not change the policy
    again and does not insist; LimitExceededException beyond 32 KB.
    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
    """
    bypass = "true" if bypass_policy_lockout_safety_check else "false"
    asked: dict[str, Any] = {"kms:BypassPolicyLockoutSafetyCheck": bypass}
    key = lookup.require(ctx, "kms:PutKeyPolicy", key_id, conditions=asked)
    _check_name(policy_name)
    lookup.require_not_pending(key)
    policies.require_valid(policy)
    if not bypass_policy_lockout_safety_check:
        require_not_locked_out(ctx, key, policy)
    key.policy = policy
    key.save(update_fields=["policy"])
    return {}


@operation("kms:ListKeyPolicies")
def list_key_policies(
    ctx: Context, /, *, key_id: str, limit: int = 100, marker: str = ""
) -> Response:
    """Answers {"PolicyNames": ["default"], "Truncated": False}.

    AWS: https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyPolicies.html
    """
    lookup.require(ctx, "kms:ListKeyPolicies", key_id)
    return {"PolicyNames": [policies.POLICY_NAME], "Truncated": False}


def _check_name(policy_name: str) -> None:
    if policy_name != policies.POLICY_NAME:
        raise NotFoundException("No such policy exists")
