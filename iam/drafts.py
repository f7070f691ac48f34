"""A policy text while it is being written: what can be read of it, and where each word stands.

`iam.policy.parse` refuses a document at its first mistake. The checks and the visual editor look
at documents that are not finished, so they read them here: any JSON will do, and an element of the
wrong type reads as empty.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from iam.policy.reader import Node, Number, Source

MAX_TEXT = 32_768  # characters; AWS's largest policy has 20,480, and pretty printing adds to that


@dataclass(frozen=True, slots=True)
class Word:
    """A string (number, truth value) of the document. start and end are offsets in the text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class DraftCondition:
    """One operator with one key. values: of the key, as far as they are simple."""

    operator: Word
    key: Word
    values: tuple[Word, ...]
    node: Node


class DraftStatement:
    """One member of Statement. members is empty unless it is a JSON object."""

    def __init__(self, index: int, node: Node) -> None:
        self.index = index
        self.node = node
        self.members = node.value if isinstance(node.value, dict) else {}

    @property
    def sid(self) -> str:
        return self._string("Sid")

    @property
    def effect(self) -> str:
        return self._string("Effect")

    @property
    def is_allow(self) -> bool:
        return self.effect == "Allow"

    def element(self, name: str) -> str:
        """Which of "Action" and "NotAction" (and so on) is written; the plain one if neither."""
        negated = f"Not{name}"
        return negated if negated in self.members and name not in self.members else name

    def is_negated(self, name: str) -> bool:
        return self.element(name) != name

    def words(self, name: str) -> tuple[Word, ...]:
        """The strings of Action or NotAction, Resource or NotResource."""
        node = self.members.get(self.element(name))
        return tuple(_words(node)) if node else ()

    @cached_property
    def actions(self) -> tuple[Word, ...]:
        return self.words("Action")

    @cached_property
    def resources(self) -> tuple[Word, ...]:
        return self.words("Resource")

    @cached_property
    def principals(self) -> tuple[tuple[str, Word], ...]:
        """(type, name) pairs; the type of a bare "*" is ""."""
        node = self.members.get(self.element("Principal"))
        if node is None:
            return ()
        if not isinstance(node.value, dict):
            return tuple(("", word) for word in _words(node))
        return tuple((kind, word) for kind, names in node.value.items() for word in _words(names))

    @cached_property
    def conditions(self) -> tuple[DraftCondition, ...]:
        return tuple(self._conditions())

    def _conditions(self) -> Iterator[DraftCondition]:
        outer = self.members.get("Condition")
        if outer is None or not isinstance(outer.value, dict):
            return
        for operator, block in outer.value.items():
            if not isinstance(block.value, dict):
                continue
            for key, values in block.value.items():
                yield DraftCondition(
                    operator=_key(outer, operator),
                    key=_key(block, key),
                    values=tuple(_words(values)),
                    node=values,
                )

    def _string(self, name: str) -> str:
        node = self.members.get(name)
        return node.value if node and isinstance(node.value, str) else ""


class Draft:
    """A JSON text. Raises PolicySyntaxError when it is not one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.source = Source(text)
        self.root = self.source.read()
        self.members = self.root.value if isinstance(self.root.value, dict) else {}

    @property
    def version(self) -> str:
        node = self.members.get("Version")
        return node.value if node and isinstance(node.value, str) else ""

    @cached_property
    def statements(self) -> tuple[DraftStatement, ...]:
        node = self.members.get("Statement")
        if node is None:
            return ()
        nodes = node.value if isinstance(node.value, list) else [node]
        return tuple(DraftStatement(index, one) for index, one in enumerate(nodes))


def _words(node: Node) -> Iterator[Word]:
    for item in node.value if isinstance(node.value, list) else [node]:
        value = item.value
        if isinstance(value, Number):
            yield Word(value.text, item.start, item.end)
        elif isinstance(value, bool):
            yield Word("true" if value else "false", item.start, item.end)
        elif isinstance(value, str):
            yield Word(value, item.start, item.end)


def _key(node: Node, name: str) -> Word:
    """The name of a member; its end is good enough for a marker: names have no escapes."""
    start = node.keys[name]
    return Word(name, start, start + len(name) + 2)
