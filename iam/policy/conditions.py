"""Every condition operator, with IfExists, ForAllValues and ForAnyValue.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from iam.policy import comparisons as to
from iam.policy.document import ConditionElement
from iam.policy.variables import ContextValue, Template, Variable, parse_template
from iam.policy.wildcards import Matcher, Piece, compile_arn, compile_glob

Builder: TypeAlias = Callable[[Sequence[Piece]], Matcher]

FOR_ALL = "ForAllValues:"
FOR_ANY = "ForAnyValue:"
IF_EXISTS = "IfExists"
NULL = "Null"


@dataclass(frozen=True, slots=True)
class Operator:
    """build makes the test of one policy value; a negated operator asks that no value passes."""

    build: Builder
    negated: bool = False
    wildcards: bool = False
    variables: bool = False


def _pair(name: str, negation: str, build: Builder, **traits: bool) -> dict[str, Operator]:
    return {
        name: Operator(build, **traits),
        negation: Operator(build, negated=True, **traits),
    }


def _ordered(family: str, parse: to.Parser) -> dict[str, Operator]:
    build = {name: to.ordered(parse, name) for name in to.ORDERINGS}
    return {
        **_pair(f"{family}Equals", f"{family}NotEquals", build["Equals"]),
        **{f"{family}{name}": Operator(build[name]) for name in to.ORDERINGS if name != "Equals"},
    }


OPERATORS: Mapping[str, Operator] = {
    **_pair("StringEquals", "StringNotEquals", to.text_equal, variables=True),
    **_pair(
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        to.text_equal_any_case,
        variables=True,
    ),
    **_pair("StringLike", "StringNotLike", compile_glob, wildcards=True, variables=True),
    **_pair("ArnEquals", "ArnNotEquals", compile_arn, wildcards=True, variables=True),
    **_pair("ArnLike", "ArnNotLike", compile_arn, wildcards=True, variables=True),
    **_ordered("Numeric", to.number),
    **_ordered("Date", to.moment),
    "Bool": Operator(to.truth_equal, variables=True),
    "BinaryEquals": Operator(to.bytes_equal),
    **_pair("IpAddress", "NotIpAddress", to.in_network),
    NULL: Operator(to.truth_equal),
}


@dataclass(frozen=True, slots=True)
class OperatorName:
    """An operator as a policy spells it, taken apart."""

    base: str
    quantifier: str  # "", FOR_ALL or FOR_ANY
    if_exists: bool


def parse_operator(written: str) -> OperatorName | None:
    """None if AWS has no such operator. Null takes no IfExists."""
    quantifier = next((prefix for prefix in (FOR_ALL, FOR_ANY) if written.startswith(prefix)), "")
    base = written.removeprefix(quantifier)
    if_exists = base.endswith(IF_EXISTS) and base != NULL + IF_EXISTS
    base = base.removesuffix(IF_EXISTS) if if_exists else base
    return OperatorName(base, quantifier, if_exists) if base in OPERATORS else None


@dataclass(frozen=True, slots=True)
class CompiledCondition:
    """One operator on one key. tests are ready; templates wait for the values of variables."""

    element: ConditionElement
    name: OperatorName
    operator: Operator
    key: str  # lower case
    tests: tuple[Matcher, ...]
    templates: tuple[Template, ...]
    is_deny: bool

    @property
    def variables(self) -> tuple[Variable, ...]:
        return tuple(variable for template in self.templates for variable in template.variables)

    def holds(self, context: Mapping[str, ContextValue]) -> bool:
        """Whether the condition is met in a context whose keys are lower case."""
        seen = context.get(self.key)
        values = () if seen is None else (seen,) if isinstance(seen, str) else tuple(seen)
        if self.name.base == NULL:
            missing = "false" if values else "true"
            return any(test(missing) for test in self.tests)
        if not values:
            return self._holds_without_key()
        tests = self._tests(context)
        if tests is None:
            # A variable without a value: no Allow may rest on it, no Deny may be escaped by it.
            return self.is_deny
        return self._compare(values, tests)

    def _holds_without_key(self) -> bool:
        if self.name.if_exists or self.name.quantifier == FOR_ALL:
            return True
        return self.operator.negated and not self.name.quantifier

    def _tests(self, context: Mapping[str, ContextValue]) -> Sequence[Matcher] | None:
        """None if a negated operator has a value that cannot be known; others just skip it."""
        if not self.templates:
            return self.tests
        tests = list(self.tests)
        for template in self.templates:
            pieces = template.resolve(context)
            if pieces is not None:
                tests.append(self.operator.build(pieces))
            elif self.operator.negated:
                return None
        return tests

    def _compare(self, values: tuple[str, ...], tests: Sequence[Matcher]) -> bool:
        quantifier = self.name.quantifier
        if quantifier and values == ("",):
            return quantifier == FOR_ALL  # AWS counts a lone empty string as an empty set here
        # Several values without a quantifier: one match is a match; a negation wants none.
        wants_all = self.operator.negated if not quantifier else quantifier == FOR_ALL
        for value in values:
            passes = self._passes(value, tests)
            if passes is not wants_all:
                return passes
        return wants_all

    def _passes(self, value: str, tests: Sequence[Matcher]) -> bool:
        for test in tests:
            if test(value):
                return not self.operator.negated
        return self.operator.negated


def compile_condition(
    element: ConditionElement, *, has_variables: bool, is_deny: bool
) -> CompiledCondition:
    """Prepares a condition that the parser has accepted."""
    name = parse_operator(element.operator)
    if name is None:
        raise ValueError(element.operator)
    operator = OPERATORS[name.base]
    tests: list[Matcher] = []
    waiting: list[Template] = []
    for value in element.values:
        template = parse_template(
            value,
            wildcards=operator.wildcards,
            variables=has_variables and operator.variables,
        )
        if template.variables:
            waiting.append(template)
        else:
            tests.append(operator.build(template.resolve({}) or ()))
    key = element.key.lower()
    return CompiledCondition(element, name, operator, key, tuple(tests), tuple(waiting), is_deny)
