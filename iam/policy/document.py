"""A policy document as written: what the parser hands to the compiler, with its place in the text.

The grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from dataclasses import dataclass
from enum import Enum, StrEnum


class PolicyKind(Enum):
    """Where a document is attached; it decides which elements are required or prohibited."""

    IDENTITY = "identity"  # users, groups, roles, boundaries, session policies, SCPs: no Principal
    RESOURCE = "resource"  # bucket policies and the like: Principal required
    TRUST = "trust"  # a role's trust policy: Principal required, Resource prohibited


class Effect(StrEnum):
    """The two words a statement can say."""

    ALLOW = "Allow"
    DENY = "Deny"


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the source text; line and column are counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Span:
    """From the opening brace of a statement to just after its closing brace."""

    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class PrincipalElement:
    """`Principal` or `NotPrincipal`. names are canonical: an account is its 12 digits."""

    negated: bool
    everyone: bool
    names: frozenset[str]
    written: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConditionElement:
    """One operator and one key with the values it is compared with, all as written."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. resources is empty only in a trust policy, where it means "this role"."""

    index: int
    sid: str
    effect: Effect
    span: Span
    principal: PrincipalElement | None
    actions: tuple[str, ...]
    is_not_action: bool
    resources: tuple[str, ...]
    is_not_resource: bool
    conditions: tuple[ConditionElement, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A parsed document. version is "2012-10-17" or "2008-10-17" (no policy variables there)."""

    kind: PolicyKind
    version: str
    policy_id: str
    statements: tuple[Statement, ...]

    @property
    def has_variables(self) -> bool:
        """Policy variables exist since 2012-10-17; before, `${` is plain text."""
        return self.version == "2012-10-17"


class PolicySyntaxError(ValueError):
    """A document AWS would refuse as MalformedPolicyDocument.

    reason is AWS's sentence; line and column (from 1) say where in the text it went wrong. issue
    is finer than the sentence, in the spelling of IAM Access Analyzer's issue codes; subject is the
    word it is about, "" if there is none.
    """

    def __init__(
        self, reason: str, position: Position, issue: str = "JSON_SYNTAX_ERROR", subject: str = ""
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position
        self.line = position.line
        self.column = position.column
        self.issue = issue
        self.subject = subject
