"""Changing one place of a JSON text and leaving the rest as its author laid it out.

Each function takes the text and a node of it, and answers the new text. A place that spans lines
stays that way; what is new is indented like its neighbours.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from iam.policy.reader import Node

DEFAULT_INDENT = "    "
_INDENT = re.compile(r"\n([ \t]+)\S")
_SPACE = re.compile(r"[ \t]*")


def replace_value(text: str, node: Node, value: Any) -> str:
    return text[: node.start] + _written(text, node, value) + text[node.end :]


def append_items(text: str, array: Node, values: Sequence[Any]) -> str:
    """Adds to the end of an array."""
    items = _items(array)
    if not items:
        return replace_value(text, array, list(values))
    last = items[-1].start
    return append_written(text, array, [_laid_out(text, last, value) for value in values])


def append_written(text: str, array: Node, written: Sequence[str]) -> str:
    """Adds JSON texts to an array that is not empty."""
    last = _items(array)[-1]
    gap = _gap(text, array, last.start)
    return text[: last.end] + "".join(f",{gap}{one}" for one in written) + text[last.end :]


def wrap_in_list(text: str, node: Node) -> str:
    """A value as the only item of a list."""
    outer, inner = "", ""
    if "\n" in text:
        outer = "\n" + _indent_at(text, node.start)
        inner = outer + _unit(text)
    wrapped = f"[{inner}{text[node.start : node.end]}{outer}]"
    return text[: node.start] + wrapped + text[node.end :]


def keep_items(text: str, array: Node, places: Sequence[int]) -> str:
    """Leaves the items at these places, in order; each keeps the white space before it."""
    items = _items(array)
    if not places:
        return replace_value(text, array, [])
    first, *others = places
    kept = text[array.start : items[0].start] + text[items[first].start : items[first].end]
    for place in others:
        kept += text[items[place - 1].end : items[place].end]
    return text[: array.start] + kept + text[items[-1].end :]


def set_member(text: str, node: Node, name: str, value: Any, order: Sequence[str] = ()) -> str:
    """Changes a member of an object, or adds it where `order` has it, else at the end."""
    members = _members(node)
    if name in members:
        return replace_value(text, members[name], value)
    if not members:
        return replace_value(text, node, {name: value})
    rank = {one: place for place, one in enumerate(order)}
    before = [one for one in members if rank.get(one, 0) < rank.get(name, len(order) + 1)]
    if not before:
        first = min(node.keys.values())
        added = f"{json.dumps(name)}: {_laid_out(text, first, value)}"
        return text[:first] + added + "," + _gap(text, node, first) + text[first:]
    last = max(before, key=lambda one: members[one].end)
    gap = _gap(text, node, node.keys[last])
    added = f",{gap}{json.dumps(name)}: {_laid_out(text, node.keys[last], value)}"
    return text[: members[last].end] + added + text[members[last].end :]


def remove_member(text: str, node: Node, name: str) -> str:
    """Removes a member of an object, and the comma that goes with it."""
    names = sorted(node.keys, key=lambda one: node.keys[one])
    place = names.index(name)
    if len(names) == 1:
        return text[: node.start] + "{}" + text[node.end :]
    if place + 1 < len(names):
        return text[: node.keys[name]] + text[node.keys[names[place + 1]] :]
    members = _members(node)
    return text[: members[names[place - 1]].end] + text[members[name].end :]


def pretty(text: str, node: Node, indent: str = "") -> str:
    """The node laid out afresh, its strings and numbers as they were written."""
    inner = indent + DEFAULT_INDENT
    if isinstance(node.value, dict) and node.value:
        parts = [
            f"{json.dumps(name, ensure_ascii=False)}: {pretty(text, member, inner)}"
            for name, member in node.value.items()
        ]
        return _bracketed("{", parts, "}", indent)
    if isinstance(node.value, list) and node.value:
        return _bracketed("[", [pretty(text, item, inner) for item in node.value], "]", indent)
    if isinstance(node.value, dict | list):
        return "{}" if isinstance(node.value, dict) else "[]"
    return text[node.start : node.end]


def _bracketed(opening: str, parts: Sequence[str], closing: str, indent: str) -> str:
    inside = ",".join(f"\n{indent}{DEFAULT_INDENT}{part}" for part in parts)
    return f"{opening}{inside}\n{indent}{closing}"


def _items(node: Node) -> list[Node]:
    return node.value if isinstance(node.value, list) else []


def _members(node: Node) -> dict[str, Node]:
    return node.value if isinstance(node.value, dict) else {}


def _gap(text: str, node: Node, part: int) -> str:
    """What stands between two parts of a node: a new line as before `part`, or a space."""
    if "\n" in text[node.start : part]:
        return "\n" + _indent_at(text, part)
    return " "


def _written(text: str, node: Node, value: Any) -> str:
    """A value in the place of another: over several lines where the text has lines at all."""
    if isinstance(value, list | dict) and value and "\n" in text:
        one_line = isinstance(value, list) and len(value) == 1 and _is_on_one_line(text, node)
        return (
            json.dumps(value, ensure_ascii=False) if one_line else _lines(text, node.start, value)
        )
    return json.dumps(value, ensure_ascii=False)


def _laid_out(text: str, start: int, value: Any) -> str:
    """A value beside another that starts at `start`, in its style."""
    if isinstance(value, list | dict) and value and "\n" in text:
        return _lines(text, start, value)
    return json.dumps(value, ensure_ascii=False)


def _lines(text: str, start: int, value: Any) -> str:
    """Each member and item on a line of its own, a list of one on one line."""
    indent = _indent_at(text, start)
    laid_out = json.dumps(value, ensure_ascii=False, indent=_unit(text))
    return laid_out.replace("\n", f"\n{indent}")


def _is_on_one_line(text: str, node: Node) -> bool:
    return "\n" not in text[node.start : node.end] and node.value != []


def _indent_at(text: str, start: int) -> str:
    """The white space that the line of an offset begins with."""
    line = text.rfind("\n", 0, start) + 1
    match = _SPACE.match(text, line)
    return match.group() if match else ""


def _unit(text: str) -> str:
    """What the text is indented by, as its first indented line shows."""
    match = _INDENT.search(text)
    return match.group(1) if match else DEFAULT_INDENT
