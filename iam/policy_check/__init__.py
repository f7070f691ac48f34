"""What is wrong, dangerous or superfluous in a policy text, as IAM Access Analyzer would say it.

    for finding in check(text, PolicyKind.IDENTITY, limit=6144): ...

Pure functions: the grammar is iam.policy's own, so a text without an ERROR is one that the API
takes; the names come from iam.reference. Nothing here looks at an account.
AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-policy-validation.html
"""

from collections.abc import Iterator
from itertools import islice

from iam.drafts import MAX_TEXT, Draft
from iam.policy import PolicyKind, policy_size
from iam.policy.reader import Source
from iam.policy_check import actions, conditions, grammar, resources, security, statements
from iam.policy_check.findings import Finding, FindingType, Remark, located

__all__ = ["Finding", "FindingType", "check"]

MAX_REMARKS = 200  # some take milliseconds to word


def check(
    text: str, kind: PolicyKind = PolicyKind.IDENTITY, *, limit: int | None = None
) -> list[Finding]:
    """All findings in the order of the text. limit: characters, white space not counted."""
    source = Source(text)
    if len(text) > MAX_TEXT:
        return [located(Remark("POLICY_TOO_LONG", 0, 0, {"limit": str(MAX_TEXT)}), source)]
    remarks = list(grammar.remarks(source, kind))
    if not any(remark.code in grammar.UNREADABLE for remark in remarks):
        remarks += islice(_about(Draft(text), kind), MAX_REMARKS)
    size = policy_size(text)
    if limit is not None and size > limit:
        values = {"size": str(size), "limit": str(limit)}
        remarks.append(Remark("POLICY_SIZE_EXCEEDS_QUOTA", 0, 0, values))
    findings = [located(remark, source) for remark in remarks]
    return sorted(findings, key=lambda finding: (finding.offset, finding.code))


def _about(draft: Draft, kind: PolicyKind) -> Iterator[Remark]:
    yield from statements.remarks(draft, kind)
    for statement in draft.statements:
        yield from security.remarks(statement, kind)
        yield from actions.remarks(statement)
        yield from resources.remarks(statement)
        yield from conditions.remarks(statement, draft.version)
