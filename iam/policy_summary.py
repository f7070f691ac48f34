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
from iam.reference import AccessLevel

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


@dataclass(frozen=True, slots=True)
class Summary:
    """denied comes first on the page: it wins."""

    denied: Sequence[SummaryRow]
    allowed: Sequence[SummaryRow]


@lru_cache(maxsize=CACHED_SUMMARIES)
def summarize(text: str) -> Summary:
    """Raises PolicySyntaxError for a text that is no JSON."""
    found: dict[tuple[str, str], _Service] = {}
    for statement in Draft(text).statements:
        for word in statement.actions:
            prefix = word.text.partition(":")[0].lower()
            if word.text == "*" or statement.is_negated("Action"):
                prefix = ALL_SERVICES
            key = (statement.effect, prefix)
            if key not in found:
                found[key] = _Service(prefix)
            found[key].add(statement, word.text)
    rows: dict[str, list[SummaryRow]] = {"Deny": [], "Allow": []}
    for (effect, _prefix), one in found.items():
        rows.get(effect, []).append(one.finished())
    for some in rows.values():
        some.sort(key=lambda row: row.name)
    return Summary(rows["Deny"], rows["Allow"])


class _Service:
    """A row while it is being counted."""

    def __init__(self, prefix: str) -> None:
        self.service = reference.service(prefix)
        name = self.service.name if self.service else prefix
        self.row = SummaryRow(prefix, name)
        self.names: set[str] = set()
        self.statements: set[int] = set()

    def add(self, statement: DraftStatement, word: str) -> None:
        row = self.row
        if statement.is_negated("Action"):
            row.excluded.append(word)
        elif row.prefix == ALL_SERVICES:
            row.is_full = True
        elif self.service and (actions := self.service.matching(word.partition(":")[2])):
            self.names |= {action.name for action in actions}
        else:
            row.unknown.append(word)
        if statement.index not in self.statements:
            self.statements.add(statement.index)
            _add_scope(row, statement)

    def finished(self) -> SummaryRow:
        row = self.row
        if self.service and self.names:
            row.is_full = len(self.names) == len(self.service.actions)
            for level, actions in self.service.levels.items():
                there = sum(action.name in self.names for action in actions)
                if there:
                    label = LEVEL_LABELS[AccessLevel(level)]
                    (row.full if there == len(actions) else row.limited).append(label)
        return row


def _add_scope(row: SummaryRow, statement: DraftStatement) -> None:
    resources = [word.text for word in statement.resources]
    sign = "≠ " if statement.is_negated("Resource") else ""
    if "*" in resources and not sign:
        row.has_all_resources = True
    row.resources += [f"{sign}{one}" for one in resources if f"{sign}{one}" not in row.resources]
    for condition in statement.conditions:
        values = ", ".join(word.text for word in condition.values)
        text = f"{condition.key.text} {condition.operator.text} {values}"
        if text not in row.conditions:
            row.conditions.append(text)
