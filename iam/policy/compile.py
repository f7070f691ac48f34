"""From Policy to something that answers quickly: matchers built once, statements filed by service.

A request for "s3:GetObject" meets only the statements that name an s3 action, `*` or NotAction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from iam.policy.conditions import CompiledCondition, compile_condition
from iam.policy.document import Effect, Policy, PolicyKind, Statement
from iam.policy.parse import parse
from iam.policy.principals import Grant, PrincipalMatcher
from iam.policy.request import Frame
from iam.policy.variables import Template, Variable, parse_template
from iam.policy.wildcards import Matcher, compile_glob, compile_resource, pieces_of

CACHED_POLICIES = 4096  # texts; a class of 200 with 10 policies each shares most of them


# A pure function of its argument; building a matcher costs ten times as much as using it.
_compile_resolved = lru_cache(maxsize=CACHED_POLICIES)(compile_resource)


class ActionMatcher:
    """Action or NotAction. Actions ignore case; the request's action comes in lower case."""

    __slots__ = ("_exact", "_negated", "_patterns")

    def __init__(self, actions: Sequence[str], *, negated: bool) -> None:
        lowered = [action.lower() for action in actions]
        self._exact = frozenset(action for action in lowered if not _has_wildcard(action))
        self._patterns = tuple(
            compile_glob(pieces_of(action)) for action in lowered if _has_wildcard(action)
        )
        self._negated = negated

    def __call__(self, action: str) -> bool:
        if action in self._exact:
            return not self._negated
        for pattern in self._patterns:
            if pattern(action):
                return not self._negated
        return self._negated


class ResourceMatcher:
    """Resource or NotResource, some of whose patterns may wait for policy variables."""

    __slots__ = ("_is_deny", "_negated", "_ready", "_waiting")

    def __init__(self, statement: Statement, *, has_variables: bool) -> None:
        ready: list[Matcher] = []
        waiting: list[Template] = []
        for resource in statement.resources:
            template = parse_template(resource, wildcards=True, variables=has_variables)
            if template.variables:
                waiting.append(template)
            else:
                ready.append(compile_resource(template.resolve({}) or ()))
        self._ready = tuple(ready)
        self._waiting = tuple(waiting)
        self._negated = statement.is_not_resource
        self._is_deny = statement.effect is Effect.DENY

    @property
    def variables(self) -> tuple[Variable, ...]:
        return tuple(variable for template in self._waiting for variable in template.variables)

    def __call__(self, frame: Frame) -> bool:
        resource = frame.resource
        for pattern in self._ready:
            if pattern(resource):
                return not self._negated
        for template in self._waiting:
            pieces = template.resolve(frame.context)
            if pieces is None:
                if self._negated and not self._is_deny:
                    return False  # no Allow may rest on an exception that cannot be known
            elif _compile_resolved(pieces)(resource):
                return not self._negated
        return self._negated


@dataclass(frozen=True, slots=True)
class CompiledStatement:
    """A statement and the tests of its elements, to be asked in the order of the fields."""

    source: Statement
    principal: PrincipalMatcher | None
    action: ActionMatcher
    resource: ResourceMatcher | None
    conditions: tuple[CompiledCondition, ...]

    def grant(self, frame: Frame) -> Grant:
        """NONE unless every element matches; how far an Allow reaches otherwise."""
        if not self.action(frame.action):
            return Grant.NONE
        grant = Grant.DIRECT
        if self.principal is not None:
            grant = self.principal.grant(frame.principal)
            if grant is Grant.NONE:
                return grant
        if self.resource is not None and not self.resource(frame):
            return Grant.NONE
        for condition in self.conditions:
            if not condition.holds(frame.context):
                return Grant.NONE
        return grant


@dataclass(frozen=True, slots=True)
class Rules:
    """The statements that can matter to one service, denies apart from allows."""

    denies: tuple[CompiledStatement, ...]
    allows: tuple[CompiledStatement, ...]


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """A policy ready to be decided on. Immutable; share it freely between threads."""

    policy: Policy
    statements: tuple[CompiledStatement, ...]
    by_service: Mapping[str, Rules]
    everywhere: Rules

    def rules(self, service: str) -> Rules:
        return self.by_service.get(service, self.everywhere)

    def denies(self, frame: Frame) -> bool:
        for statement in self.rules(frame.service).denies:
            if statement.grant(frame) is not Grant.NONE:
                return True
        return False

    def allows(self, frame: Frame) -> Grant:
        """The furthest-reaching of the matching Allow statements."""
        best = Grant.NONE
        for statement in self.rules(frame.service).allows:
            grant = statement.grant(frame)
            if grant is Grant.DIRECT:
                return grant
            if grant is not Grant.NONE:
                best = max(best, grant)
        return best


def compile_policy(policy: Policy) -> CompiledPolicy:
    """Builds every matcher and files the statements by the service prefix of their actions."""
    statements = tuple(_compile_statement(source, policy) for source in policy.statements)
    filed = tuple((_services(one.source), one) for one in statements)
    everywhere = _rules(one for services, one in filed if services is None)
    by_service = {
        service: _rules(one for services, one in filed if services is None or service in services)
        for service in {name for services, _ in filed for name in services or ()}
    }
    return CompiledPolicy(policy, statements, by_service, everywhere)


@lru_cache(maxsize=CACHED_POLICIES)
def load(text: str, kind: PolicyKind = PolicyKind.IDENTITY) -> CompiledPolicy:
    """Parses and compiles, remembering the result by text and kind. Raises PolicySyntaxError."""
    return compile_policy(parse(text, kind))


@cache
def nothing(kind: PolicyKind = PolicyKind.IDENTITY) -> CompiledPolicy:
    """A policy that says nothing, which no text can: where a policy should be and is gone."""
    return compile_policy(Policy(kind, "2012-10-17", "", ()))


def _has_wildcard(action: str) -> bool:
    return "*" in action or "?" in action


def _services(statement: Statement) -> frozenset[str] | None:
    """The services whose actions a statement may match; None for all of them."""
    if statement.is_not_action or "*" in statement.actions:
        return None
    return frozenset(action.partition(":")[0].lower() for action in statement.actions)


def _rules(statements: Iterable[CompiledStatement]) -> Rules:
    found = tuple(statements)
    return Rules(
        denies=tuple(one for one in found if one.source.effect is Effect.DENY),
        allows=tuple(one for one in found if one.source.effect is Effect.ALLOW),
    )


def _compile_statement(source: Statement, policy: Policy) -> CompiledStatement:
    is_deny = source.effect is Effect.DENY
    has_variables = policy.has_variables
    return CompiledStatement(
        source=source,
        principal=PrincipalMatcher(source.principal, is_deny) if source.principal else None,
        action=ActionMatcher(source.actions, negated=source.is_not_action),
        resource=ResourceMatcher(source, has_variables=has_variables) if source.resources else None,
        conditions=tuple(
            compile_condition(element, has_variables=has_variables, is_deny=is_deny)
            for element in source.conditions
        ),
    )
