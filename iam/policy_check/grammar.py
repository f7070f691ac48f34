"""Errors: what the API refuses, in more words than the API has for it."""

import re
from collections.abc import Iterator
from difflib import get_close_matches

from django.utils.translation import gettext as _

from iam.policy import PolicyKind, PolicySyntaxError, problems
from iam.policy.conditions import OPERATORS
from iam.policy.parse import DOCUMENT_ELEMENTS, STATEMENT_ELEMENTS
from iam.policy.reader import Source
from iam.policy_check.findings import Remark, did_you_mean, shortened

# After one of these nothing else can be said about the text.
UNREADABLE = {"JSON_SYNTAX_ERROR", "DUPLICATE_KEY"}
_WORD = re.compile(r'"[^"\n]*"?|[^\s,:{}\[\]]+')


def remarks(source: Source, kind: PolicyKind) -> Iterator[Remark]:
    for problem in problems(source.text, kind):
        start = source.offset(problem.position)
        word = _WORD.match(source.text, start)
        end = word.end() if word else min(start + 1, len(source.text))
        values = {"subject": shortened(problem.subject), "hint": _hint(problem, source.text, start)}
        yield Remark(problem.issue, start, end, values)


def _hint(problem: PolicySyntaxError, text: str, start: int) -> str:
    if problem.issue == "JSON_SYNTAX_ERROR":
        return _json_hint(text, start)
    if problem.issue == "INVALID_POLICY_ELEMENT":
        return did_you_mean(_similar(problem.subject, DOCUMENT_ELEMENTS | STATEMENT_ELEMENTS))
    if problem.issue == "INVALID_CONDITION_OPERATOR":
        return did_you_mean(_similar(problem.subject.rpartition(":")[2], set(OPERATORS)))
    return ""


def _similar(wanted: str, known: set[str]) -> list[str]:
    """Names that differ by case or little more."""
    by_lower = {name.lower(): name for name in known}
    close = get_close_matches(wanted.lower()[:50], sorted(by_lower), n=2, cutoff=0.7)
    return [by_lower[name] for name in close]


def _json_hint(text: str, start: int) -> str:
    """What a person most likely has to do at the character where reading stopped."""
    here = text[start : start + 1]
    before = text[:start].rstrip()[-1:]
    if not here:
        return _("the text ends too early; a closing brace or bracket is missing.")
    if here in "}]" and before == ",":
        return _("remove the comma after the last item.")
    if here in "}]" and before in '}]"':
        return _("there is a closing brace or bracket too many, or of the wrong kind.")
    if here in "'\u2018\u2019\u201c\u201d":
        return _("JSON needs straight double quotation marks.")
    if here == '"' and before in '"}]' and before:
        return _("a comma or a colon is missing before it.")
    if here == '"':
        return _("the closing quotation mark is missing, or there is a line break inside.")
    if before in "{," and before:
        return _("a name or value in double quotation marks is expected.")
    return _("this character does not belong here, or a comma is missing before it.")
