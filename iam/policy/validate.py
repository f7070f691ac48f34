"""Size limits, counted as IAM counts: white space is free.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from collections.abc import Iterable

MANAGED_POLICY_SIZE = 6144
USER_INLINE_SIZE = 2048  # all inline policies of one user together; likewise below
GROUP_INLINE_SIZE = 5120
ROLE_INLINE_SIZE = 10240
TRUST_POLICY_SIZE = 2048
SESSION_POLICY_SIZE = 2048

INLINE_SIZES = {"user": USER_INLINE_SIZE, "group": GROUP_INLINE_SIZE, "role": ROLE_INLINE_SIZE}


def policy_size(text: str) -> int:
    """Characters that are not white space."""
    return sum(map(len, text.split()))


def inline_size(texts: Iterable[str]) -> int:
    """The size of all inline policies of one user, group or role, which share one quota."""
    return sum(map(policy_size, texts))


def managed_policy_problem(text: str) -> str | None:
    """The message of LimitExceeded for a managed policy that is too long, else None."""
    if policy_size(text) <= MANAGED_POLICY_SIZE:
        return None
    return f"Cannot exceed quota for PolicySize: {MANAGED_POLICY_SIZE}"


def trust_policy_problem(text: str) -> str | None:
    """The message of LimitExceeded for a role's trust policy that is too long, else None."""
    if policy_size(text) <= TRUST_POLICY_SIZE:
        return None
    return f"Cannot exceed quota for ACLSizePerRole: {TRUST_POLICY_SIZE}"


def inline_policy_problem(entity: str, name: str, texts: Iterable[str]) -> str | None:
    """The message of LimitExceeded for an entity ("user", "group", "role"), else None."""
    limit = INLINE_SIZES[entity]
    if inline_size(texts) <= limit:
        return None
    return f"Maximum policy size of {limit} bytes exceeded for {entity} {name}"
