"""What a person did in a block, as the page posts it, turned into a new policy text.

A command is "name/statement/argument": "effect/0/Deny", "action-remove/1/3". Its values are in the
fields of the open block, whose names begin with "edit-". The page also posts what each statement
looked like when the block was drawn: a command for a statement that has changed since is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from django.http import QueryDict
from django.utils.translation import gettext as _

from iam import reference
from iam.drafts import MAX_TEXT, Draft, DraftStatement
from iam.policy import PolicySyntaxError
from iam.policy.conditions import FOR_ALL, FOR_ANY, IF_EXISTS, OPERATORS
from iam.policy_editor import changes
from iam.policy_editor.changes import CannotChange
from iam.policy_editor.kinds import DocumentKind
from iam.policy_editor.picking import Picked, by_name, is_shown
from iam.reference import Action

MAX_VALUES = 50


@dataclass(frozen=True, slots=True)
class Request:
    """One command, read. fields: everything that was posted."""

    text: str
    kind: DocumentKind
    index: int
    argument: str
    fields: QueryDict

    def field(self, name: str) -> str:
        return self.fields.get(f"edit-{name}", "").strip()

    @property
    def statement(self) -> DraftStatement:
        statements = Draft(self.text).statements
        if not 0 <= self.index < len(statements):
            raise CannotChange(_("There is no such statement any more."))
        return statements[self.index]

    @property
    def place(self) -> int:
        return int(self.argument) if self.argument.isdecimal() else -1


@dataclass(frozen=True, slots=True)
class Outcome:
    """open_index: the statement whose block is open after it. used: prefix of the fields that the
    command has used up. notice: why nothing was changed.
    """

    text: str
    open_index: int
    used: str = ""
    notice: str = ""


Command = Callable[[Request], str]


def fingerprint(statement: DraftStatement, text: str) -> str:
    """What a statement looks like."""
    written = text[statement.node.start : statement.node.end]
    return sha256(written.encode()).hexdigest()[:16]


def run(text: str, kind: DocumentKind, command: str, fields: QueryDict) -> Outcome:
    """The text after a command; the same text, and a notice, where it cannot be done."""
    name, _slash, rest = command.partition("/")
    index, _slash, argument = rest.partition("/")
    request = Request(text, kind, int(index) if index.isdecimal() else 0, argument, fields)
    if name not in COMMANDS:
        return Outcome(text, request.index, used=USED_BY_VIEWING.get(name, ""))
    function, used = COMMANDS[name]
    try:
        if name not in ABOUT_ALL:
            _check_unchanged(request)
        changed = function(request)
        if len(changed) > MAX_TEXT:
            raise CannotChange(_("The policy would become too long for the editor."))
    except CannotChange as refusal:
        return Outcome(text, request.index, notice=str(refusal))
    except PolicySyntaxError:
        return Outcome(text, request.index)  # the blocks are not drawn for such a text
    return Outcome(changed, _open_after(name, request.index, changed), used)


def _check_unchanged(request: Request) -> None:
    seen = request.fields.get(f"seen-{request.index}", "")
    if seen != fingerprint(request.statement, request.text):
        raise CannotChange(_("The JSON of this statement has changed. Make the change again."))


def _open_after(name: str, index: int, text: str) -> int:
    last = len(Draft(text).statements) - 1
    return last if name in ("add", "duplicate") else min(index, last)


# --- Actions -----------------------------------------------------------------------------------
def _set_actions(request: Request) -> str:
    """The ticked ones of the actions that were shown; those that a pattern covers stay as it."""
    ticked = {name.lower() for name in request.fields.getlist("edit-a-action")}
    shown = _free(request)
    on = [action.full_name for action in shown if action.full_name.lower() in ticked]
    off = [action.full_name for action in shown if action.full_name.lower() not in ticked]
    text = changes.remove_words(request.text, request.index, "Action", off)
    return changes.add_words(text, request.index, "Action", on)


def _set_level(request: Request) -> str:
    """All of an access level, or none if all of it is there."""
    level = [action for action in _free(request) if action.access_level == request.argument]
    picked = Picked(request.statement)
    change = changes.remove_words if all(map(picked.has, level)) else changes.add_words
    return change(request.text, request.index, "Action", [one.full_name for one in level])


def _set_whole_service(request: Request) -> str:
    service = reference.service(request.field("service"))
    if service is None:
        raise CannotChange(_("Choose a service."))
    pattern = f"{service.prefix}:*"
    is_there = pattern in Picked(request.statement).words
    change = changes.remove_words if is_there else changes.add_words
    return change(request.text, request.index, "Action", [pattern])


def _add_pattern(request: Request) -> str:
    pattern = request.field("a-pattern")
    if pattern and ":" not in pattern and pattern != changes.EVERYTHING:
        pattern = f"{request.field('service')}:{pattern}"
    if not pattern:
        raise CannotChange(_("Enter an action, for example s3:Get*."))
    return changes.add_words(request.text, request.index, "Action", [pattern])


def _remove_word(element: str) -> Command:
    def command(request: Request) -> str:
        words = request.statement.words(element)
        if not 0 <= request.place < len(words):
            raise CannotChange(_("It is not there any more."))
        gone = [words[request.place].text]
        return changes.remove_words(request.text, request.index, element, gone)

    return command


def _free(request: Request) -> list[Action]:
    """The actions that the page showed (of one service, filtered as it was then) to be ticked."""
    service = reference.service(request.field("service"))
    wanted = request.fields.get("edit-shown", "")
    picked = Picked(request.statement)
    actions = service.actions.values() if service else ()
    shown = sorted((one for one in actions if is_shown(one, wanted, request.kind)), key=by_name)
    return [action for action in shown if not picked.covering(action)]


# --- Resources ---------------------------------------------------------------------------------
def _build_resource(request: Request) -> str:
    """From the fields of a resource type's ARN; an empty field is any."""
    prefix, _colon, name = request.field("r-type").partition(":")
    service = reference.service(prefix)
    if service is None or name not in service.resources:
        raise CannotChange(_("Choose a resource type."))
    kind = service.resources[name]
    values = {
        field: request.field(f"r-field-{field}")
        for field in kind.fields
        if f"edit-r-any-{field}" not in request.fields
    }
    return _with_resource(request, kind.build(values))


def _add_resource(request: Request) -> str:
    if not request.field("r-arn"):
        raise CannotChange(_("Enter an ARN."))
    return _with_resource(request, request.field("r-arn"))


def _with_resource(request: Request, arn: str) -> str:
    """A first ARN takes the place of "*"."""
    text, index = request.text, request.index
    if [word.text for word in request.statement.resources] == [changes.EVERYTHING]:
        text = changes.set_words(text, index, "Resource", [])
    return changes.add_words(text, index, "Resource", [arn])


# --- Principals and conditions -------------------------------------------------------------------
def _add_principal(request: Request) -> str:
    kind, name = request.field("p-type"), request.field("p-name")
    if kind == "Everyone":
        kind, name = "AWS", "*"
    if kind not in ("AWS", "Service", "Federated") or not name:
        raise CannotChange(_("Enter a principal."))
    if kind == "AWS" and len(name) == 12 and name.isdecimal():
        name = f"arn:aws:iam::{name}:root"
    return changes.add_principal(request.text, request.index, kind, name)


def _add_condition(request: Request) -> str:
    operator = request.field("c-operator")
    quantifier = {"all": FOR_ALL, "any": FOR_ANY}.get(request.field("c-qualifier"), "")
    exists = IF_EXISTS if "edit-c-exists" in request.fields and operator != "Null" else ""
    key = request.field("c-key")
    lines = [line.strip() for line in request.field("c-values").splitlines()]
    values = [line for line in lines if line][:MAX_VALUES]
    if operator not in OPERATORS or ":" not in key or not values:
        raise CannotChange(_("Choose an operator and a condition key, and enter a value."))
    written = f"{quantifier}{operator}{exists}"
    return changes.add_condition(request.text, request.index, written, key, values)


# Commands that change what is looked at and not the text, with the fields that they empty.
USED_BY_VIEWING = {"open": "edit-", "pick": "edit-"}
# Commands about the whole text.
ABOUT_ALL = {"add", "layout"}
# Name → the function and the prefix of the fields that it uses up.
COMMANDS: Mapping[str, tuple[Command, str]] = {
    "add": (lambda r: changes.add_statement(r.text, r.kind.grammar), "edit-"),
    "layout": (lambda r: changes.lay_out(r.text), ""),
    "duplicate": (lambda r: changes.duplicate_statement(r.text, r.index), "edit-"),
    "remove": (lambda r: changes.remove_statement(r.text, r.index), "edit-"),
    "effect": (lambda r: changes.set_effect(r.text, r.index, r.argument), ""),
    "sid": (lambda r: changes.set_sid(r.text, r.index, r.field("sid")), "edit-sid"),
    "actions": (_set_actions, ""),
    "level": (_set_level, ""),
    "service": (_set_whole_service, ""),
    "pattern": (_add_pattern, "edit-a-pattern"),
    "action-remove": (_remove_word("Action"), ""),
    "resources-all": (lambda r: changes.set_words(r.text, r.index, "Resource", ["*"]), ""),
    "resources-specific": (lambda r: changes.set_words(r.text, r.index, "Resource", []), ""),
    "resource": (_build_resource, "edit-r-"),
    "arn": (_add_resource, "edit-r-"),
    "resource-remove": (_remove_word("Resource"), ""),
    "principal": (_add_principal, "edit-p-"),
    "principal-remove": (lambda r: changes.remove_principal(r.text, r.index, r.place), ""),
    "condition": (_add_condition, "edit-c-"),
    "condition-remove": (lambda r: changes.remove_condition(r.text, r.index, r.place), ""),
}
