"""What can be done to a statement of a policy text. Each function answers the new text."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from iam.drafts import Draft, DraftStatement
from iam.policy import PolicyKind
from iam.policy.reader import Node
from iam.policy_editor import json_text

MAX_STATEMENTS = 100
EVERYTHING = "*"
ORDER = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)


T = TypeVar("T")


class CannotChange(ValueError):
    """The change makes no sense for this text; the message is for the person."""


# --- Statements --------------------------------------------------------------------------------
def add_statement(text: str, kind: PolicyKind) -> str:
    """An empty statement at the end, for the person to fill."""
    draft = Draft(text)
    statement: dict[str, Any] = {"Sid": _free_sid(draft, "Statement"), "Effect": "Allow"}
    if kind is not PolicyKind.IDENTITY:
        statement["Principal"] = {}
    statement["Action"] = []
    if kind is not PolicyKind.TRUST:
        statement["Resource"] = []
    return _append_statement(draft, statement)


def duplicate_statement(text: str, index: int) -> str:
    """The same statement again at the end, under another Sid."""
    draft = Draft(text)
    statement = _statement(draft, index)
    written = text[statement.node.start : statement.node.end]
    listed = _statement_list(draft)
    text = json_text.append_written(listed.text, listed.members["Statement"], [written])
    if not statement.sid:
        return text
    return _set(text, len(draft.statements), "Sid", _free_sid(draft, f"{statement.sid}Copy"))


def import_statements(text: str, imported: str) -> str:
    """Another policy's statements at the end; in place of all if the text grants nothing yet.

    Sids that are taken are changed.
    """
    other = Draft(imported)
    draft = Draft(text)
    if len(draft.statements) + len(other.statements) > MAX_STATEMENTS:
        raise CannotChange(_("The editor adds no more statements to a policy this long."))
    if not any(statement.actions for statement in draft.statements):
        return imported
    for statement in other.statements:
        listed = _statement_list(Draft(text))
        written = imported[statement.node.start : statement.node.end]
        taken = {one.sid for one in listed.statements}
        text = json_text.append_written(listed.text, listed.members["Statement"], [written])
        if statement.sid and statement.sid in taken:
            sid = _free_sid(listed, statement.sid)
            text = _set(text, len(listed.statements), "Sid", sid)
    return text


def lay_out(text: str) -> str:
    """The whole text indented afresh."""
    draft = Draft(text)
    return json_text.pretty(text, draft.root) + "\n"


def remove_statement(text: str, index: int) -> str:
    draft = Draft(text)
    _statement(draft, index)
    if len(draft.statements) == 1:
        raise CannotChange(_("A policy needs at least one statement."))
    kept = [place for place in range(len(draft.statements)) if place != index]
    return json_text.keep_items(text, draft.members["Statement"], kept)


def set_sid(text: str, index: int, sid: str) -> str:
    """Without a sid, the element goes."""
    if sid:
        return _set(text, index, "Sid", sid)
    node = _statement(Draft(text), index).node
    return json_text.remove_member(text, node, "Sid") if "Sid" in node.keys else text


def set_effect(text: str, index: int, effect: str) -> str:
    return _set(text, index, "Effect", effect)


# --- Actions and resources ---------------------------------------------------------------------
def add_words(text: str, index: int, name: str, words: Iterable[str]) -> str:
    """name: "Action" or "Resource"; the Not form is changed where the statement has that.

    What is there already is not added again.
    """
    statement = _statement(Draft(text), index)
    there = {_folded(name, known.text) for known in statement.words(name)}
    new = {_folded(name, word): word for word in words if _folded(name, word) not in there}
    return _add(text, index, (), statement.element(name), list(new.values())) if new else text


def remove_words(text: str, index: int, name: str, words: Iterable[str]) -> str:
    gone = {_folded(name, word) for word in words}
    statement = _statement(Draft(text), index)
    starts = {word.start for word in statement.words(name) if _folded(name, word.text) in gone}
    return _remove(text, index, (), statement.element(name), starts) if starts else text


def set_words(text: str, index: int, name: str, words: list[str]) -> str:
    value: Any = EVERYTHING if words == [EVERYTHING] else words
    return _set(text, index, _statement(Draft(text), index).element(name), value)


# --- Principals and conditions -------------------------------------------------------------------
def add_principal(text: str, index: int, kind: str, name: str) -> str:
    """kind: AWS, Service, Federated or CanonicalUser."""
    statement = _statement(Draft(text), index)
    element = statement.element("Principal")
    node = statement.members.get(element)
    if node is None or not isinstance(node.value, dict):
        return _set(text, index, element, {kind: name})
    if (kind, name) in [(known, word.text) for known, word in statement.principals]:
        return text
    return _add(text, index, (element,), kind, [name])


def remove_principal(text: str, index: int, place: int) -> str:
    """place: in the order in which DraftStatement.principals lists them."""
    statement = _statement(Draft(text), index)
    kind, word = _at(statement.principals, place)
    element = statement.element("Principal")
    if not kind:
        return json_text.replace_value(text, statement.members[element], {})
    text = _remove(text, index, (element,), kind, {word.start})
    if _node(text, index, (element, kind)).value == []:
        text = json_text.remove_member(text, _node(text, index, (element,)), kind)
    return text


def add_condition(text: str, index: int, operator: str, key: str, values: list[str]) -> str:
    """More values for an operator and key that are there go to the ones they have."""
    statement = _statement(Draft(text), index)
    for condition in statement.conditions:
        if condition.operator.text == operator and condition.key.text.lower() == key.lower():
            known = [word.text for word in condition.values]
            new = [value for value in values if value not in known]
            return _add(text, index, ("Condition", operator), condition.key.text, new)
    wanted: Any = values[0] if len(values) == 1 else values
    block = statement.members.get("Condition")
    if block is None or not isinstance(block.value, dict):
        return _set(text, index, "Condition", {operator: {key: wanted}})
    inner = block.value.get(operator)
    if inner is None or not isinstance(inner.value, dict):
        return json_text.set_member(text, block, operator, {key: wanted})
    return json_text.set_member(text, inner, key, wanted)


def remove_condition(text: str, index: int, place: int) -> str:
    """place: in the order in which DraftStatement.conditions lists them."""
    condition = _at(_statement(Draft(text), index).conditions, place)
    operator, block = condition.operator.text, ("Condition", condition.operator.text)
    text = json_text.remove_member(text, _node(text, index, block), condition.key.text)
    if _node(text, index, block).value == {}:
        text = json_text.remove_member(text, _node(text, index, ("Condition",)), operator)
    if _node(text, index, ("Condition",)).value == {}:
        text = json_text.remove_member(text, _node(text, index, ()), "Condition")
    return text


# --- Parts -------------------------------------------------------------------------------------
Path = tuple[str, ...]  # from a statement to an object in it


def _at(parts: Sequence[T], place: int) -> T:
    if not 0 <= place < len(parts):
        raise CannotChange(_("It is not there any more. Look at the policy and try again."))
    return parts[place]


def _statement(draft: Draft, index: int) -> DraftStatement:
    statement = _at(draft.statements, index)
    if not isinstance(statement.node.value, dict):
        raise CannotChange(_("This statement is not a JSON object."))
    return statement


def _node(text: str, index: int, path: Path) -> Node:
    node = _statement(Draft(text), index).node
    for name in path:
        node = _members(node)[name]
    return node


def _members(node: Node) -> dict[str, Node]:
    return node.value if isinstance(node.value, dict) else {}


def _set(text: str, index: int, name: str, value: Any) -> str:
    return json_text.set_member(text, _node(text, index, ()), name, value, ORDER)


def _add(text: str, index: int, path: Path, name: str, words: list[str]) -> str:
    """Adds to a list of strings; a single string becomes a list."""
    owner = _node(text, index, path)
    known = _members(owner).get(name)
    if known is None:
        return json_text.set_member(text, owner, name, words, () if path else ORDER)
    if isinstance(known.value, list):
        return json_text.append_items(text, known, words)
    return _add(json_text.wrap_in_list(text, known), index, path, name, words)


def _remove(text: str, index: int, path: Path, name: str, starts: set[int]) -> str:
    """Removes the strings that begin at these offsets; the list stays, even when it is empty."""
    known = _members(_node(text, index, path))[name]
    if not isinstance(known.value, list):
        return json_text.replace_value(text, known, [])
    kept = [place for place, item in enumerate(known.value) if item.start not in starts]
    return json_text.keep_items(text, known, kept)


def _append_statement(draft: Draft, statement: dict[str, Any]) -> str:
    if "Statement" in draft.members:
        listed = _statement_list(draft)
        return json_text.append_items(listed.text, listed.members["Statement"], [statement])
    if not isinstance(draft.root.value, dict):
        raise CannotChange(_("The policy is not a JSON object."))
    return json_text.set_member(draft.text, draft.root, "Statement", [statement])


def _statement_list(draft: Draft) -> Draft:
    """The document with a list of statements, ready for one more."""
    if len(draft.statements) >= MAX_STATEMENTS:
        raise CannotChange(_("The editor adds no more statements to a policy this long."))
    known = draft.members["Statement"]
    if isinstance(known.value, list):
        return draft
    return Draft(json_text.wrap_in_list(draft.text, known))


def _free_sid(draft: Draft, wanted: str) -> str:
    """wanted, or wanted with a number, such that no statement has it."""
    taken = {statement.sid for statement in draft.statements}
    start = len(draft.statements) + 1
    numbered = (f"{wanted}{number}" for number in range(start, start + len(taken) + 1))
    return next(sid for sid in numbered if sid not in taken)


def _folded(name: str, word: str) -> str:
    return word.lower() if name == "Action" else word
