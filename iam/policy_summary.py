"""Permissions defined in a policy, by service and access level, as IAM's console sums them up.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-service-summary.html
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.functional import Promise

from iam import reference
from iam.drafts import Draft, DraftStatement
from iam.policy_editor.blocks import LEVEL_LABELS
from iam.reference import AccessLevel, Action

ALL_SERVICES = ""
CACHED_SUMMARIES = 128  # AWS's widest policies take half a second


@dataclass
class SummaryRow:
    """prefix: "" for a statement about every service; excluded: what NotAction leaves out then.

    full and limited: access levels of which all or some actions are there.
    """

    prefix: str
    name: str
    is_full: bool = False
    full: list[Promise] = field(default_factory=list)
    limited: list[Promise] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    resources: list[str] = field(default_factory=list)
    has_all_resources: bool = False
    conditions: list[str] = field(default_factory=list)
    actions: dict[str, Action] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Summary:
    """denied comes first on the page: it wins."""

    denied: Sequence[SummaryRow]
    allowed: Sequence[SummaryRow]


@lru_cache(maxsize=CACHED_SUMMARIES)
def summarize(text: str) -> Summary:
    """Raises PolicySyntaxError for a text that is no JSON."""
    rows: dict[tuple[str, str], SummaryRow] = {}
    for statement in Draft(text).statements:
        for row in _touched(rows, statement):
            _add_scope(row, statement)
    for row in rows.values():
        _set_levels(row)
    by_effect = {
        effect: sorted(
            (row for (one, _), row in rows.items() if one == effect), key=lambda row: row.name
        )
        for effect in ("Deny", "Allow")
    }
    return Summary(by_effect["Deny"], by_effect["Allow"])


def _touched(
    rows: dict[tuple[str, str], SummaryRow], statement: DraftStatement
) -> list[SummaryRow]:
    """The rows that a statement is about, with its actions in them."""
    names = reference.services()
    touched: dict[str, SummaryRow] = {}
    words = [word.text for word in statement.actions]
    for word in words:
        prefix = word.partition(":")[0].lower()
        if word == "*" or statement.is_negated("Action"):
            prefix = ALL_SERVICES
        row = rows.setdefault(
            (statement.effect, prefix), SummaryRow(prefix, names.get(prefix, prefix))
        )
        touched[prefix] = row
        if statement.is_negated("Action"):
            row.excluded.append(word)
        elif prefix == ALL_SERVICES:
            row.is_full = True
        elif found := reference.matching_actions(word):
            row.actions |= {action.full_name: action for action in found}
        else:
            row.unknown.append(word)
    return list(touched.values())


def _add_scope(row: SummaryRow, statement: DraftStatement) -> None:
    resources = [word.text for word in statement.resources]
    if "*" in resources and not statement.is_negated("Resource"):
        row.has_all_resources = True
    sign = "≠ " if statement.is_negated("Resource") else ""
    row.resources += [f"{sign}{one}" for one in resources if f"{sign}{one}" not in row.resources]
    for condition in statement.conditions:
        values = ", ".join(word.text for word in condition.values)
        text = f"{condition.key.text} {condition.operator.text} {values}"
        if text not in row.conditions:
            row.conditions.append(text)


def _set_levels(row: SummaryRow) -> None:
    service = reference.service(row.prefix)
    if service is None or not row.actions:
        return
    row.is_full = len(row.actions) == len(service.actions)
    for level, actions in service.levels.items():
        there = sum(action.full_name in row.actions for action in actions)
        if there == len(actions):
            row.full.append(LEVEL_LABELS[AccessLevel(level)])
        elif there:
            row.limited.append(LEVEL_LABELS[AccessLevel(level)])
