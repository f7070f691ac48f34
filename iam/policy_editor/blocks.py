"""The visual side of the editor, read from a policy's text: one block for each statement.

One block is open and shows everything; the others show a summary. Blocks are plain data for the
template; `commands` names what their buttons do.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from iam import reference
from iam.drafts import MAX_TEXT, Draft, DraftStatement
from iam.policy import PolicySyntaxError
from iam.policy_check.resources import is_granted, types_of
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
MAX_LACKING = 10  # actions that are listed
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
    """types: of the statement's actions, the likeliest first. lacking: actions, as written, for
    which the statement has no resource of a fitting type.
    """

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
    """services: (prefix, name, number of actions) of the statement, in its order.

    typed: what stands in the fields of the open block, {"c_key": "aws:SourceIp"}.
    """

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
    keys: Sequence[ConditionKey] = ()
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_deny(self) -> bool:
        return self.effect == "Deny"

    @property
    def is_everything(self) -> bool:
        return list(self.resources) == ["*"]


@dataclass(frozen=True, slots=True)
class View:
    """What is looked at, beside the text. fields: what the page has in the open block's fields.

    account_id: for the ARNs that are built.
    """

    kind: DocumentKind
    fields: QueryDict
    open_index: int
    account_id: str


def read(text: str, view: View) -> Sequence[Block] | None:
    """The blocks of a text; None for a text that is no JSON, or too long."""
    if len(text) > MAX_TEXT:
        return None
    try:
        draft = Draft(text)
    except PolicySyntaxError:
        return None
    return [_block(draft, statement, view) for statement in draft.statements]


def _block(draft: Draft, statement: DraftStatement, view: View) -> Block:
    is_open = statement.index == min(view.open_index, len(draft.statements) - 1)
    services = _services(statement)
    service = reference.service(_open_service(view, services)) if is_open else None
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
        shown=_shown(statement, service, view) if service else None,
        choice=_choice(statement, view) if is_open and view.kind.has_resources else None,
        keys=_keys(service) if is_open else (),
        typed=_typed(view.fields) if is_open else {},
    )


def _open_service(view: View, services: Sequence[tuple[str, str, int]]) -> str:
    """The service whose actions are shown: the one chosen, else the statement's first."""
    if not view.kind.has_resources:
        return "sts"
    return view.fields.get("edit-service") or (services[0][0] if services else "")


def _services(statement: DraftStatement) -> list[tuple[str, str, int]]:
    """In the order of the text. "*" is of no service."""
    counts: dict[str, int] = {}
    for word in statement.actions:
        prefix, colon, _name = word.text.lower().partition(":")
        if colon:
            counts[prefix] = counts.get(prefix, 0) + 1
    names = reference.services()
    return [(prefix, names.get(prefix, prefix), count) for prefix, count in counts.items()]


def _shown(statement: DraftStatement, service: Service, view: View) -> ServiceActions:
    picked = Picked(statement)
    wanted = view.fields.get("edit-filter", "")
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
            if is_shown(action, wanted, view.kind)
        ]
        if rows:
            on_count = sum(row.is_on for row in rows)
            groups.append(LevelGroup(level, LEVEL_LABELS[level], rows, on_count))
    has_all = f"{service.prefix}:*" in picked.words
    return ServiceActions(service.prefix, service.name, groups, has_all, wanted)


def _choice(statement: DraftStatement, view: View) -> ResourceChoice:
    types = _types(statement)
    chosen = view.fields.get("edit-r-type", "")
    if chosen not in types:
        chosen = types[0] if types else ""
    prefix, _colon, name = chosen.partition(":")
    owner = reference.service(prefix)
    kind = owner.resources.get(name) if owner else None
    return ResourceChoice(
        types=types,
        lacking=_lacking(statement),
        chosen=chosen,
        arn=kind.arn.replace("${Partition}", "aws") if kind else "",
        fields=[
            ArnField(name, _value(view, name), f"edit-r-any-{name}" in view.fields)
            for name in (kind.fields if kind else ())
        ],
    )


def _typed(fields: QueryDict) -> dict[str, str]:
    own = (name for name in fields if name.startswith("edit-"))
    return {name.removeprefix("edit-").replace("-", "_"): fields.get(name, "") for name in own}


def _value(view: View, name: str) -> str:
    given = view.account_id if name == "Account" else ""
    return view.fields.get(f"edit-r-field-{name}", given)


def _types(statement: DraftStatement) -> list[str]:
    """ "s3:object" for every resource type that the statement's actions work on: what most of them
    need first, and of these the shortest ARN."""
    counts: Counter[str] = Counter()
    lengths: dict[str, int] = {}
    for word in statement.actions:
        for action in reference.matching_actions(word.text):
            service = reference.service(action.service)
            for use in action.resources if service else ():
                name = f"{action.service}:{use.name}"
                counts[name] += 1
                lengths[name] = len(service.resources[use.name].arn) if service else 0
    return sorted(counts, key=lambda name: (-counts[name], lengths[name], name))


def _lacking(statement: DraftStatement) -> list[str]:
    there = {one for word in statement.resources for one in types_of(word.text)}
    found = []
    for word in statement.actions:
        actions = reference.matching_actions(word.text)
        if actions and not any(is_granted(action, there) for action in actions):
            found.append(word.text)
    return found[:MAX_LACKING]


def _keys(service: Service | None) -> list[ConditionKey]:
    """What a condition can ask about: global keys, and the service's own."""
    own = service.condition_keys.all if service else ()
    known = {key.name: key for key in [*reference.global_keys().all, *own]}
    return list(known.values())[:MAX_KEYS]
