"""Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, `${*}` `${?}` `${$}`.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from iam.policy.wildcards import Piece, pieces_of

ContextValue: TypeAlias = str | Sequence[str]

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_WITH_DEFAULT = re.compile(r"\s*([^,]+?)\s*,\s*'([^']*)'\s*")


@dataclass(frozen=True, slots=True)
class Variable:
    """A key to be read from the request context; default is None where none was written."""

    key: str
    default: str | None = None

    def read(self, context: Mapping[str, ContextValue]) -> str | None:
        """The value, by lower-case key. A key with several values cannot be a variable."""
        value = context.get(self.key.lower())
        if value is None:
            return self.default
        if isinstance(value, str):
            return value
        return value[0] if len(value) == 1 else None


@dataclass(frozen=True, slots=True)
class Template:
    """Text with wildcards and variables still in it."""

    parts: tuple[Piece | Variable, ...]

    @property
    def variables(self) -> tuple[Variable, ...]:
        return tuple(part for part in self.parts if isinstance(part, Variable))

    def resolve(self, context: Mapping[str, ContextValue]) -> tuple[Piece, ...] | None:
        """The pieces with values in place of variables, or None if one has no value.

        A value is text: a `*` in a user name is a star, not a wildcard.
        """
        pieces: list[Piece] = []
        for part in self.parts:
            if not isinstance(part, Variable):
                pieces.append(part)
                continue
            value = part.read(context)
            if value is None:
                return None
            pieces.append(value)
        return tuple(pieces)


def parse_template(text: str, *, wildcards: bool, variables: bool) -> Template:
    """Reads text from a policy; without `variables` (version 2008-10-17) `${…}` is plain text."""
    parts: list[Piece | Variable] = []

    def plain(fragment: str) -> None:
        if wildcards:
            parts.extend(pieces_of(fragment))
        elif fragment:
            parts.append(fragment)

    cursor = 0
    for match in _VARIABLE.finditer(text) if variables else ():
        plain(text[cursor : match.start()])
        parts.append(_reference(match.group(1)))
        cursor = match.end()
    plain(text[cursor:])
    return Template(tuple(parts))


def _reference(inside: str) -> str | Variable:
    if inside in ("*", "?", "$"):
        return inside
    with_default = _WITH_DEFAULT.fullmatch(inside)
    if with_default:
        return Variable(with_default.group(1), with_default.group(2))
    return Variable(inside.strip())
