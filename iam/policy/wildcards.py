"""Patterns with `*` (any run of characters) and `?` (any one character).

No regular expressions: policies are written by strangers, and `*a*a*a*a*b` sends a backtracking
engine on a very long walk. A glob matched chunk by chunk, leftmost first, never goes back.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from itertools import pairwise
from typing import TypeAlias


class Wild(Enum):
    """The two wildcards, apart from the characters `*` and `?` that variables may produce."""

    ANY_RUN = "*"
    ANY_ONE = "?"


Piece: TypeAlias = str | Wild
Matcher: TypeAlias = Callable[[str], bool]

ARN_SEGMENTS = 6  # arn:partition:service:region:account-id:resource
_WILD = {wild.value: wild for wild in Wild}


def pieces_of(pattern: str) -> tuple[Piece, ...]:
    """Splits a pattern into literal text and wildcards."""
    pieces: list[Piece] = []
    literal = ""
    for char in pattern:
        if char not in _WILD:
            literal += char
            continue
        if literal:
            pieces.append(literal)
        pieces.append(_WILD[char])
        literal = ""
    return tuple([*pieces, literal] if literal else pieces)


class _Chunk:
    """What stands between two `*`: literals with exactly one free character between them."""

    __slots__ = ("length", "literals")

    def __init__(self, literals: Sequence[str]) -> None:
        self.literals = tuple(literals)
        self.length = sum(map(len, literals)) + len(literals) - 1

    def stands_at(self, text: str, offset: int) -> bool:
        for literal in self.literals:
            if not text.startswith(literal, offset):
                return False
            offset += len(literal) + 1
        return True

    def find(self, text: str, start: int, end: int) -> int:
        """The leftmost place within text[start:end], or -1."""
        if len(self.literals) == 1:
            return text.find(self.literals[0], start, end)
        for offset in range(start, end - self.length + 1):
            if self.stands_at(text, offset):
                return offset
        return -1


def _chunks(pieces: Sequence[Piece]) -> list[_Chunk]:
    groups: list[list[str]] = [[""]]
    for piece in pieces:
        if piece is Wild.ANY_RUN:
            groups.append([""])
        elif piece is Wild.ANY_ONE:
            groups[-1].append("")
        else:
            groups[-1][-1] += str(piece)
    return [_Chunk(group) for group in groups]


def compile_glob(pieces: Sequence[Piece]) -> Matcher:
    """A case-sensitive matcher of the whole text, specialised for the common simple shapes."""
    chunks = _chunks(pieces)
    first, last = chunks[0], chunks[-1]
    head = first.literals[0]
    plain = len(first.literals) == 1
    if len(chunks) == 1:
        if plain:
            return lambda text: text == head
        return lambda text: len(text) == first.length and first.stands_at(text, 0)
    if plain and all(chunk.length == 0 for chunk in chunks[1:]):
        return lambda text: text.startswith(head)
    middle = chunks[1:-1]
    shortest = sum(chunk.length for chunk in chunks)

    def matches(text: str) -> bool:
        if len(text) < shortest or not first.stands_at(text, 0):
            return False
        end = len(text) - last.length
        if not last.stands_at(text, end):
            return False
        offset = first.length
        for chunk in middle:
            offset = chunk.find(text, offset, end)
            if offset < 0:
                return False
            offset += chunk.length
        return True

    return matches


def split_arn(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Splits pieces at the first five colons of their literal text."""
    segments: list[list[Piece]] = [[]]
    for piece in pieces:
        if isinstance(piece, Wild):
            segments[-1].append(piece)
            continue
        first, *rest = piece.split(":", ARN_SEGMENTS - len(segments))
        segments[-1].append(first)
        segments.extend([text] for text in rest)
    return segments


def compile_arn(pieces: Sequence[Piece]) -> Matcher:
    """ArnLike: each of the six colon-separated parts is matched on its own; `*` takes anything.

    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
    """
    if all(piece is Wild.ANY_RUN for piece in pieces) and pieces:
        return lambda text: True
    segments = [compile_glob(segment) for segment in split_arn(pieces)]
    if len(segments) != ARN_SEGMENTS:
        return lambda text: False

    def matches(text: str) -> bool:
        parts = text.split(":", ARN_SEGMENTS - 1)
        return len(parts) == ARN_SEGMENTS and all(
            segment(part) for segment, part in zip(segments, parts, strict=True)
        )

    return matches


def compile_resource(pieces: tuple[Piece, ...]) -> Matcher:
    """The Resource element: as ArnLike, but a `*` that ends a segment may run past the colon.

    So "arn:aws:s3:::b/*" and "arn:aws:logs:*" are plain globs (and fast); only a wildcard in the
    middle of a segment before the resource part keeps within its segment.
    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    segments = split_arn(pieces)
    head = segments[: ARN_SEGMENTS - 1]
    confined = any(
        piece is Wild.ANY_ONE or (piece is Wild.ANY_RUN and following not in ("", None))
        for segment in head
        for piece, following in pairwise([*segment, None])
    )
    return compile_arn(pieces) if confined else compile_glob(pieces)
