"""Policy documents about to be stored: read, measured, and their principals known.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from collections.abc import Iterable

from iam import principals
from iam.drafts import Draft
from iam.errors import LimitExceeded, MalformedPolicyDocument
from iam.policy import PolicyKind, PolicySyntaxError, Position, parse
from iam.policy.validate import (
    inline_policy_problem,
    managed_policy_problem,
    trust_policy_problem,
)


def require_managed(text: str) -> None:
    """Raises LimitExceeded, MalformedPolicyDocument."""
    _within(managed_policy_problem(text))
    _require(text, PolicyKind.IDENTITY)


def require_session(text: str) -> None:
    """Of STS's calls, which limit the size themselves. Raises MalformedPolicyDocument."""
    _require(text, PolicyKind.IDENTITY)


def require_inline(text: str, *, kind: str, name: str, others: Iterable[str]) -> None:
    """others: the other inline policies of the same user, group or role, which share its quota.

    kind, name: "user", "bob". Raises LimitExceeded, MalformedPolicyDocument.
    """
    _within(inline_policy_problem(kind, name, [text, *others]))
    _require(text, PolicyKind.IDENTITY)


def require_trust(text: str) -> None:
    """A role's trust policy; the principals it names have to be there.

    Raises LimitExceeded, MalformedPolicyDocument.
    """
    _within(trust_policy_problem(text))
    _require(text, PolicyKind.TRUST)
    draft = Draft(text)
    named = [one for statement in draft.statements for one in statement.principals]
    unknown = principals.unknown(word.text for kind, word in named if kind == "AWS")
    for kind, word in named:
        # Identity providers are not offered, so that no ARN of one is right.
        if word.text in unknown or (kind == "Federated" and word.text.startswith("arn:")):
            reason = f'Invalid principal in policy: "{kind}":"{word.text}"'
            raise _malformed(reason, draft.source.position(word.start))


def _require(text: str, kind: PolicyKind) -> None:
    try:
        parse(text, kind)
    except PolicySyntaxError as error:
        raise _malformed(error.reason, error.position) from None


def _within(problem: str | None) -> None:
    if problem:
        raise LimitExceeded(problem)


def _malformed(reason: str, position: Position) -> MalformedPolicyDocument:
    return MalformedPolicyDocument(reason=reason, line=position.line, column=position.column)
