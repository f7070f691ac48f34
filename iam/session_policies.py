"""Session policies and tags of STS's calls: read, checked, and how much of the token they fill.

A session carries a managed policy by its ARN, not by its text, which may be long: it is looked up
whenever the session calls, so that a later version of the policy counts.
AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
"""

import json
import zlib
from collections.abc import Mapping, Sequence

from aws.errors import ValidationError
from aws.tags import TagList, TagRules
from iam import documents, managed_policies
from iam.errors import InvalidInput, MalformedPolicyDocument, PackedPolicyTooLarge
from iam.models import PolicyVersion

MAX_POLICY_CHARACTERS = 2048
MAX_POLICY_ARNS = 10
# Of the compressed policies and tags, in bytes: what AWS's limit comes to is not published.
PACKED_LIMIT = 4096
TAG_RULES = TagRules(invalid=InvalidInput, limit=InvalidInput)


def read(account_id: str, policy: str, policy_arns: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """policy: JSON text or "". policy_arns: [{"arn": …}] of the account or of AWS.

    Answers texts and ARNs. Raises MalformedPolicyDocument, PackedPolicyTooLarge, ValidationError.
    """
    found = []
    if policy:
        if len(policy) > MAX_POLICY_CHARACTERS:
            percent = len(policy) * 100 // MAX_POLICY_CHARACTERS
            raise PackedPolicyTooLarge(percent=percent)
        documents.require_session(policy)
        found.append(policy)
    if len(policy_arns) > MAX_POLICY_ARNS:
        raise ValidationError(f"A session takes at most {MAX_POLICY_ARNS} managed policies.")
    for entry in policy_arns:
        arn = entry.get("arn", "")
        if text_of(account_id, arn) is None:
            raise MalformedPolicyDocument(f"The policy {arn} cannot be found.")
        found.append(arn)
    return tuple(found)


def text_of(account_id: str, text_or_arn: str) -> str | None:
    """The policy's text now; None when it is gone."""
    if not text_or_arn.startswith("arn:"):
        return text_or_arn
    if text := managed_policies.document(text_or_arn):
        return text
    default = PolicyVersion.objects.filter(
        policy__account_id=account_id, policy__policy_arn=text_or_arn, is_default=True
    )
    return default.values_list("document", flat=True).first()


def tags(wanted: TagList) -> dict[str, str]:
    """{key: value}; keys differ by more than case. Raises InvalidInput."""
    found = TAG_RULES.read(wanted)
    if len({key.lower() for key in found}) < len(found):
        raise InvalidInput(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )
    return found


def packed_percent(policies: Sequence[str], session_tags: Mapping[str, str]) -> int:
    """PackedPolicySize, 0 for neither. Raises PackedPolicyTooLarge over 100."""
    if not policies and not session_tags:
        return 0
    plain = json.dumps([list(policies), dict(session_tags)]).encode()
    percent = max(1, len(zlib.compress(plain)) * 100 // PACKED_LIMIT)
    if percent > 100:
        raise PackedPolicyTooLarge(percent=percent)
    return percent
