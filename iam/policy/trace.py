"""Why: the decision with what every layer, policy and statement said.

The decision is settled by the same function as decide(); only the answers are gathered in advance.
as_dict() is plain JSON, to be sealed into an encoded authorization message or shown on a page.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple, Self

from iam.policy.compile import CompiledStatement
from iam.policy.document import Effect, Position, Span
from iam.policy.evaluate import Attached, Culprit, Layer, Layers, Verdict, settle
from iam.policy.principals import Grant
from iam.policy.request import Frame, Request

NOT_APPLICABLE = "notApplicable"  # the verdict of a layer without policies of its kind
# Of a statement's actions or resources, which can be a thousand; a trace is kept with every denial.
MAX_EXPECTED = 10


@dataclass(frozen=True, slots=True)
class Failure:
    """The first element of a statement that did not match.

    element: "Principal", "NotPrincipal", "Action", …, "Condition". expected: the values as written
    in the policy, the first of them and "…" where there are many. seen: what the request had; None
    if the context lacks the condition key.
    operator and key: set for conditions only.
    """

    element: str
    expected: tuple[str, ...]
    seen: tuple[str, ...] | None
    operator: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class HeldCondition:
    """A condition that held; the members are as in Failure."""

    operator: str
    key: str
    expected: tuple[str, ...]
    seen: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class StatementTrace:
    """One statement: matched, or what failed first. index counts from 0; span is in the text.

    conditions: of a statement that matched.
    """

    index: int
    sid: str
    effect: str
    matched: bool
    failure: Failure | None
    span: Span
    conditions: tuple[HeldCondition, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyTrace:
    """One policy of a layer."""

    name: str
    arn: str
    source_type: str
    owner_account: str
    statements: tuple[StatementTrace, ...]


@dataclass(frozen=True, slots=True)
class LayerTrace:
    """One layer. verdict: of Verdict, or "notApplicable". is_redacted: policies were withheld."""

    layer: str
    verdict: str
    policies: tuple[PolicyTrace, ...]
    is_redacted: bool = False


class MatchedStatement(NamedTuple):
    """A statement that made the decision, as Simulate*Policy lists them."""

    policy: PolicyTrace
    statement: StatementTrace


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision (allowed, verdict, layer, reason as in Decision) and all that led to it."""

    allowed: bool
    verdict: str
    layer: str
    reason: str
    principal_arn: str
    action: str
    resource: str
    layers: tuple[LayerTrace, ...]

    def matched_statements(self) -> tuple[MatchedStatement, ...]:
        """The denies of a denied request, the allows of an allowed one; in layer order."""
        effect = Effect.DENY if self.verdict == Verdict.EXPLICIT_DENY else Effect.ALLOW
        return tuple(
            found
            for found in self._statements()
            if found.statement.matched and found.statement.effect == effect
        )

    def redacted_for(self, account_id: str) -> "Explanation":
        """Without any name, ARN or text of policies that another account owns."""
        layers = tuple(_redact(layer, account_id) for layer in self.layers)
        decided = next((layer for layer in layers if layer.layer == self.layer), None)
        # An ARN in the reason follows a colon and names a policy of the deciding layer.
        hide = decided is not None and decided.is_redacted
        reason = self.reason.split(": ", 1)[0] if hide else self.reason
        return replace(self, layers=layers, reason=reason)

    def brief(self) -> "Explanation":
        """With the statements that matched alone."""
        layers = []
        for layer in self.layers:
            policies = [
                replace(policy, statements=tuple(one for one in policy.statements if one.matched))
                for policy in layer.policies
            ]
            kept = tuple(policy for policy in policies if policy.statements)
            layers.append(replace(layer, policies=kept))
        return replace(self, layers=tuple(layers))

    def as_dict(self) -> dict[str, Any]:
        """Lists, dicts, strings, numbers and booleans only."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of as_dict(), also after a trip through JSON."""
        return cls(**{**values, "layers": tuple(map(_layer_from, values["layers"]))})

    def _statements(self) -> Iterator[MatchedStatement]:
        for layer in self.layers:
            for policy in layer.policies:
                for statement in policy.statements:
                    yield MatchedStatement(policy, statement)


class _TracedLayer:
    """What decide() would ask of a layer, answered from traces of all its statements."""

    def __init__(self, frame: Frame, layer: Layer, policies: tuple[Attached, ...] | None) -> None:
        self.culprit: Attached | None = None
        self.grant = Grant.NONE
        traces: list[PolicyTrace] = []
        for attached in policies or ():
            statements = attached.policy.statements
            traced = tuple(_trace_statement(statement, frame) for statement in statements)
            traces.append(_policy_trace(attached, traced))
            matched = [one for one, trace in zip(statements, traced, strict=True) if trace.matched]
            allows = (one for one in matched if one.source.effect is Effect.ALLOW)
            self.grant = max(self.grant, *(one.grant(frame) for one in allows), Grant.NONE)
            if self.culprit is None and _has_deny(matched):
                self.culprit = attached
        verdict = NOT_APPLICABLE if policies is None else self._verdict()
        self.trace = LayerTrace(layer, verdict, tuple(traces))

    def _verdict(self) -> str:
        if self.culprit is not None:
            return Verdict.EXPLICIT_DENY
        return Verdict.ALLOWED if self.grant else Verdict.IMPLICIT_DENY


class _TracedProbe:
    def __init__(self, layers: Mapping[Layer, _TracedLayer]) -> None:
        self._layers = layers

    def culprit(self) -> Culprit | None:
        for layer, traced in self._layers.items():
            if traced.culprit is not None:
                return Culprit(layer, traced.culprit)
        return None

    def grant(self, layer: Layer) -> Grant:
        return self._layers[layer].grant


def explain(request: Request, layers: Layers) -> Explanation:
    """The same decision as decide(), with its full trace."""
    frame = Frame(request)
    traced = {layer: _TracedLayer(frame, layer, layers.of(layer)) for layer in Layer}
    decision = settle(request, layers, _TracedProbe(traced))
    return Explanation(
        allowed=decision.allowed,
        verdict=decision.verdict,
        layer=decision.layer,
        reason=decision.reason,
        principal_arn=request.principal.arn,
        action=request.action,
        resource=request.resource,
        layers=tuple(traced[layer].trace for layer in Layer),
    )


def _has_deny(statements: list[CompiledStatement]) -> bool:
    return any(statement.source.effect is Effect.DENY for statement in statements)


def _policy_trace(attached: Attached, statements: tuple[StatementTrace, ...]) -> PolicyTrace:
    return PolicyTrace(
        name=attached.name,
        arn=attached.arn,
        source_type=attached.source_type,
        owner_account=attached.owner_account,
        statements=statements,
    )


def _trace_statement(statement: CompiledStatement, frame: Frame) -> StatementTrace:
    failure = _first_failure(statement, frame)
    source = statement.source
    return StatementTrace(
        index=source.index,
        sid=source.sid,
        effect=source.effect,
        matched=failure is None,
        failure=failure,
        span=source.span,
        conditions=() if failure else tuple(_held(statement, frame)),
    )


def _held(statement: CompiledStatement, frame: Frame) -> Iterator[HeldCondition]:
    for condition in statement.conditions:
        written, seen = condition.element, _values(frame, condition.key)
        yield HeldCondition(written.operator, written.key, _first(written.values), seen)


def _first_failure(statement: CompiledStatement, frame: Frame) -> Failure | None:
    source = statement.source
    matcher = statement.principal
    if matcher is not None and not matcher.grant(frame.principal):
        element = "NotPrincipal" if matcher.element.negated else "Principal"
        return Failure(element, _first(matcher.element.written), (frame.principal.arn,))
    if not statement.action(frame.action):
        element = "NotAction" if source.is_not_action else "Action"
        return Failure(element, _first(source.actions), (frame.written_action,))
    if statement.resource is not None and not statement.resource(frame):
        element = "NotResource" if source.is_not_resource else "Resource"
        return Failure(element, _first(source.resources), (frame.resource,))
    for condition in statement.conditions:
        if not condition.holds(frame.context):
            written, seen = condition.element, _values(frame, condition.key)
            expected = _first(written.values)
            return Failure("Condition", expected, seen, written.operator, written.key)
    return None


def _values(frame: Frame, key: str) -> tuple[str, ...] | None:
    """What the request has for a condition key; None if its context lacks the key."""
    seen = frame.context.get(key)
    return (seen,) if isinstance(seen, str) else None if seen is None else tuple(seen)


def _first(values: Sequence[str]) -> tuple[str, ...]:
    shown = tuple(values[:MAX_EXPECTED])
    return (*shown, "…") if len(values) > MAX_EXPECTED else shown


def _redact(layer: LayerTrace, account_id: str) -> LayerTrace:
    own = tuple(policy for policy in layer.policies if policy.owner_account == account_id)
    return replace(layer, policies=own, is_redacted=len(own) < len(layer.policies))


def _plain(value: Any) -> Any:
    """asdict() keeps tuples and enum members; JSON has neither."""
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    return str(value) if isinstance(value, str) else value


def _layer_from(values: Mapping[str, Any]) -> LayerTrace:
    return LayerTrace(**{**values, "policies": tuple(map(_policy_from, values["policies"]))})


def _policy_from(values: Mapping[str, Any]) -> PolicyTrace:
    return PolicyTrace(
        **{**values, "statements": tuple(map(_statement_from, values["statements"]))}
    )


def _statement_from(values: Mapping[str, Any]) -> StatementTrace:
    span = Span(Position(**values["span"]["start"]), Position(**values["span"]["end"]))
    failure = values["failure"] and _failure_from(values["failure"])
    held = tuple(HeldCondition(**_with_tuples(one)) for one in values["conditions"])
    return StatementTrace(**{**values, "span": span, "failure": failure, "conditions": held})


def _failure_from(values: Mapping[str, Any]) -> Failure:
    return Failure(**_with_tuples(values))


def _with_tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    seen = values["seen"]
    return {
        **values,
        "expected": tuple(values["expected"]),
        "seen": None if seen is None else tuple(seen),
    }
