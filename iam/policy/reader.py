"""A JSON reader that remembers where each value stands, and refuses duplicate keys.

The standard library's reader forgets positions and lets the last duplicate win; a policy with two
"Action" keys would then mean something else than its reader sees.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from iam.policy.document import PolicySyntaxError, Position, Span

SYNTAX_ERROR = "Syntax errors in policy."
MAX_DEPTH = 16  # a policy needs 6; the limit keeps hostile text from exhausting the stack

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Number:
    """A number kept as it was written, since conditions compare text ("1.10" stays "1.10")."""

    text: str


Value: TypeAlias = "str | bool | Number | list[Node] | dict[str, Node] | None"


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON value with its offsets; `keys` holds the offset of each member's name."""

    value: Value
    start: int
    end: int
    keys: Mapping[str, int] = field(default_factory=dict)


class Source:
    """The text of one document, able to turn offsets into lines and columns."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def position(self, offset: int) -> Position:
        """The line and column of an offset, both counted from 1."""
        line = bisect_right(self._lines, offset)
        return Position(line, offset - self._lines[line - 1] + 1)

    def offset(self, position: Position) -> int:
        """The inverse of position()."""
        return self._lines[position.line - 1] + position.column - 1

    def span(self, node: Node) -> Span:
        return Span(self.position(node.start), self.position(node.end))

    def error(
        self, reason: str, offset: int, issue: str = "JSON_SYNTAX_ERROR", subject: str = ""
    ) -> PolicySyntaxError:
        return PolicySyntaxError(reason, self.position(offset), issue, subject)

    def read(self) -> Node:
        """The whole document as nodes. Raises PolicySyntaxError at the first offence."""
        node = self._value(self._skip(0), 0)
        rest = self._skip(node.end)
        if rest != len(self.text):
            raise self.error(SYNTAX_ERROR, rest)
        return node

    def _skip(self, offset: int) -> int:
        match = _SPACE.match(self.text, offset)
        return match.end() if match else offset

    def _value(self, at: int, depth: int) -> Node:
        mark = self.text[at : at + 1]
        if depth > MAX_DEPTH:
            raise self.error(SYNTAX_ERROR, at)
        if mark == "{":
            return self._object(at, depth)
        if mark == "[":
            return self._array(at, depth)
        if mark == '"':
            return self._string(at)
        for word, value in _WORDS.items():
            if self.text.startswith(word, at):
                return Node(value, at, at + len(word))
        number = _NUMBER.match(self.text, at)
        if number is None:
            raise self.error(SYNTAX_ERROR, at)
        return Node(Number(number.group()), at, number.end())

    def _string(self, at: int) -> Node:
        match = _STRING.match(self.text, at)
        if match is None:
            raise self.error(SYNTAX_ERROR, at)
        value: str = json.loads(match.group())
        return Node(value, at, match.end())

    def _array(self, at: int, depth: int) -> Node:
        items: list[Node] = []
        cursor = self._skip(at + 1)
        while self.text[cursor : cursor + 1] != "]":
            if items:
                cursor = self._comma(cursor)
            items.append(self._value(cursor, depth + 1))
            cursor = self._skip(items[-1].end)
        return Node(items, at, cursor + 1)

    def _object(self, at: int, depth: int) -> Node:
        members: dict[str, Node] = {}
        keys: dict[str, int] = {}
        cursor = self._skip(at + 1)
        while self.text[cursor : cursor + 1] != "}":
            if members:
                cursor = self._comma(cursor)
            key = self._string(cursor)
            if not isinstance(key.value, str) or key.value in members:
                raise self.error(SYNTAX_ERROR, cursor, "DUPLICATE_KEY", str(key.value))
            colon = self._skip(key.end)
            if self.text[colon : colon + 1] != ":":
                raise self.error(SYNTAX_ERROR, colon)
            member = self._value(self._skip(colon + 1), depth + 1)
            members[key.value], keys[key.value] = member, cursor
            cursor = self._skip(member.end)
        return Node(members, at, cursor + 1, keys)

    def _comma(self, cursor: int) -> int:
        if self.text[cursor : cursor + 1] != ",":
            raise self.error(SYNTAX_ERROR, cursor)
        return self._skip(cursor + 1)
