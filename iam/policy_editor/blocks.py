"""The visual side of the editor, read from a policy's text: one block for each statement.

One block is open and shows everything; the others show a summary. Blocks are plain data for the
template; `commands` names what their buttons do.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from iam import reference
from iam.arn_formats import matching_types
from iam.drafts import MAX_TEXT, Draft, DraftStatement
from iam.policy import PolicySyntaxError
from iam.policy_editor.commands import fingerprint
from iam.policy_editor.kinds import DocumentKind
from iam.policy_editor.picking import Picked, is_shown
from iam.reference import AccessLevel, ConditionKey, Service

LEVEL_LABELS: dict[AccessLevel, Promise] = {
    AccessLevel.LIST: _("List"),
    AccessLevel.READ: _("Read"),
    AccessLevel.WRITE: _("Write"),
    AccessLevel.PERMISSIONS: _("Permissions management"),
    AccessLevel.TAGGING: _("Tagging"),
}
MAX_KEYS = 400  # of a service that the list of condition keys offers


@dataclass(frozen=True, slots=True)
class ActionRow:
    """covered_by: the pattern that includes the action, "" if there is none."""

    name: str
    full_name: str
    description: str
    is_on: bool
    covered_by: str


@dataclass(frozen=True, slots=True)
class LevelGroup:
    """state: "true", "false" or "mixed", as aria-checked has it."""

    level: str
    label: Promise
    rows: Sequence[ActionRow]
    on_count: int

    @property
    def state(self) -> str:
        if self.on_count == 0:
            return "false"
        return "true" if self.on_count == len(self.rows) else "mixed"


@dataclass(frozen=True, slots=True)
class ServiceActions:
    """The actions of the service that the open block shows. has_all: "s3:*" is written."""

    prefix: str
    name: str
    groups: Sequence[LevelGroup]
    has_all: bool
    wanted: str


@dataclass(frozen=True, slots=True)
class ArnField:
    name: str
    value: str
    is_any: bool


@dataclass(frozen=True, slots=True)
class ResourceChoice:
    """types: of the statement's actions. lacking: those that no resource of the statement is."""

    types: Sequence[str]
    lacking: Sequence[str]
    chosen: str
    arn: str
    fields: Sequence[ArnField]


@dataclass(frozen=True, slots=True)
class ConditionRow:
    operator: str
    key: str
    values: Sequence[str]


@dataclass(frozen=True, slots=True)
class Block:
    """services: (prefix, name, number of actions) of the statement, in its order."""

    index: int
    seen: str
    sid: str
    effect: str
    is_object: bool
    not_action: bool
    not_resource: bool
    not_principal: bool
    services: Sequence[tuple[str, str, int]]
    actions: Sequence[str]
    resources: Sequence[str]
    principals: Sequence[tuple[str, str]]
    conditions: Sequence[ConditionRow]
    is_open: bool = False
    shown: ServiceActions | None = None
    choice: ResourceChoice | None = None
    keys: Sequence[ConditionKey] = field(default=())

    @property
    def is_deny(self) -> bool:
        return self.effect == "Deny"

    @property
    def is_everything(self) -> bool:
        return list(self.resources) == ["*"]


def read(
    text: str, kind: DocumentKind, fields: QueryDict, open_index: int
) -> Sequence[Block] | None:
    """The blocks of a text; None for a text that is no JSON, or too long."""
    if len(text) > MAX_TEXT:
        return None
    try:
        draft = Draft(text)
    except PolicySyntaxError:
        return None
    last = len(draft.statements) - 1
    return [
        _block(draft, statement, kind, fields, is_open=statement.index == min(open_index, last))
        for statement in draft.statements
    ]


def _block(
    draft: Draft, statement: DraftStatement, kind: DocumentKind, fields: QueryDict, *, is_open: bool
) -> Block:
    services = _services(statement)
    prefix = (fields.get("edit-service") or (services[0][0] if services else "")) if is_open else ""
    prefix = prefix if kind.has_resources else "sts"
    service = reference.service(prefix) if is_open else None
    return Block(
        index=statement.index,
        seen=fingerprint(statement, draft.text),
        sid=statement.sid,
        effect=statement.effect,
        is_object=isinstance(statement.node.value, dict),
        not_action=statement.is_negated("Action"),
        not_resource=statement.is_negated("Resource"),
        not_principal=statement.is_negated("Principal"),
        services=services,
        actions=[word.text for word in statement.actions],
        resources=[word.text for word in statement.resources],
        principals=[(principal, word.text) for principal, word in statement.principals],
        conditions=[
            ConditionRow(one.operator.text, one.key.text, [word.text for word in one.values])
            for one in statement.conditions
        ],
        is_open=is_open,
        shown=_shown(statement, service, fields, kind) if service else None,
        choice=_choice(statement, service, fields) if is_open and kind.has_resources else None,
        keys=_keys(service) if is_open else (),
    )


def _services(statement: DraftStatement) -> list[tuple[str, str, int]]:
    """In the order of the text. "*" is of no service."""
    counts: dict[str, int] = {}
    for word in statement.actions:
        prefix, colon, _name = word.text.lower().partition(":")
        if colon:
            counts[prefix] = counts.get(prefix, 0) + 1
    names = reference.services()
    return [(prefix, names.get(prefix, prefix), count) for prefix, count in counts.items()]


def _shown(
    statement: DraftStatement, service: Service, fields: QueryDict, kind: DocumentKind
) -> ServiceActions:
    picked = Picked(statement)
    wanted = fields.get("edit-filter", "")
    groups = []
    for level, actions in service.levels.items():
        rows = [
            ActionRow(
                name=action.name,
                full_name=action.full_name,
                description=action.description,
                is_on=picked.has(action) or bool(picked.covering(action)),
                covered_by=picked.covering(action),
            )
            for action in actions
            if is_shown(action, wanted, kind)
        ]
        if rows:
            on_count = sum(row.is_on for row in rows)
            groups.append(LevelGroup(level, LEVEL_LABELS[level], rows, on_count))
    has_all = f"{service.prefix}:*" in picked.words
    return ServiceActions(service.prefix, service.name, groups, has_all, wanted)


def _choice(
    statement: DraftStatement, service: Service | None, fields: QueryDict
) -> ResourceChoice:
    types = _types(statement)
    there = {name for word in statement.resources for name in _types_of(word.text)}
    chosen = fields.get("edit-r-type", "")
    if chosen not in types:
        chosen = types[0] if types else ""
    prefix, _colon, name = chosen.partition(":")
    owner = reference.service(prefix)
    kind = owner.resources.get(name) if owner else None
    return ResourceChoice(
        types=types,
        lacking=[name for name in types if name not in there],
        chosen=chosen,
        arn=kind.arn.replace("${Partition}", "aws") if kind else "",
        fields=[
            ArnField(name, _value(fields, name), f"edit-r-any-{name}" in fields)
            for name in (kind.fields if kind else ())
        ],
    )


def _value(fields: QueryDict, name: str) -> str:
    typed = fields.get(f"edit-r-field-{name}")
    if typed is None and name == "Account":
        return fields.get("account", "")
    return typed or ""


def _types(statement: DraftStatement) -> list[str]:
    """ "s3:object" for every resource type that the statement's actions work on."""
    found = {
        f"{action.service}:{use.name}"
        for word in statement.actions
        for action in reference.matching_actions(word.text)
        for use in action.resources
    }
    return sorted(found)


def _types_of(arn: str) -> list[str]:
    prefix = arn.split(":")[2] if arn.count(":") >= 2 else ""
    return [f"{prefix}:{name}" for name in matching_types(arn)]


def _keys(service: Service | None) -> list[ConditionKey]:
    """What a condition can ask about: global keys, and the service's own."""
    own = service.condition_keys.all if service else ()
    known = {key.name: key for key in [*reference.global_keys().all, *own]}
    return list(known.values())[:MAX_KEYS]
