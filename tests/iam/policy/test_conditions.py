"""Every operator of AWS's reference, with present, missing, several and empty values."""

import base64
from typing import Any

import pytest

from iam.policy import Layers
from iam.policy.conditions import OPERATORS
from tests.iam.policy.builders import allow, ask, deny, identity, is_allowed

KEY = "test:Key"
ARN = "arn:aws:iam::111122223333:role/app/web"
IMG = base64.b64encode(b"\x00\xff").decode()

MATCHES = [
    ("StringEquals", "a", "a", True),
    ("StringEquals", "a", "A", False),
    ("StringEquals", "a*", "ab", False),
    ("StringEquals", ["a", "b"], "b", True),
    ("StringEquals", "", "", True),
    ("StringNotEquals", "a", "b", True),
    ("StringNotEquals", ["a", "b"], "b", False),
    ("StringEqualsIgnoreCase", "AbC", "aBc", True),
    ("StringNotEqualsIgnoreCase", "AbC", "aBc", False),
    ("StringLike", "home/*", "home/alice/x", True),
    ("StringLike", "h?me", "home", True),
    ("StringLike", "Home", "home", False),
    ("StringNotLike", "home/*", "home/alice", False),
    ("NumericEquals", "10", "10.0", True),
    ("NumericEquals", 10, "10", True),
    ("NumericEquals", "ten", "ten", False),
    ("NumericNotEquals", "10", "11", True),
    ("NumericLessThan", "10", "9.99", True),
    ("NumericLessThan", "10", "10", False),
    ("NumericLessThanEquals", "10", "10", True),
    ("NumericGreaterThan", "10", "1e1", False),
    ("NumericGreaterThanEquals", "10", "1e1", True),
    ("NumericGreaterThan", "10", "inf", False),
    ("DateEquals", "2026-01-01", "2026-01-01T00:00:00Z", True),
    ("DateEquals", "2026-01-01T09:00:00+09:00", "2026-01-01T00:00:00Z", True),
    ("DateEquals", "1767225600", "2026-01-01T00:00:00Z", True),
    ("DateEquals", "2026", "2026-01", True),
    ("DateNotEquals", "2026-01-01", "2026-01-02", True),
    ("DateLessThan", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59.999Z", True),
    ("DateLessThan", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", False),
    ("DateLessThanEquals", "2026-01-01T00:00:00Z", "1767225600", True),
    ("DateGreaterThan", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.001Z", True),
    ("DateGreaterThanEquals", "2026-01-01", "2025-12-31", False),
    ("DateGreaterThan", "2026-13-01", "2027-01-01", False),
    ("Bool", "true", "True", True),
    ("Bool", True, "true", True),
    ("Bool", "false", "true", False),
    ("Bool", "yes", "yes", False),
    ("BinaryEquals", IMG, IMG, True),
    ("BinaryEquals", IMG, "AAAA", False),
    ("BinaryEquals", "not base64!", "not base64!", False),
    ("IpAddress", "203.0.113.0/24", "203.0.113.9", True),
    ("IpAddress", "203.0.113.0/24", "203.0.114.9", False),
    ("IpAddress", "203.0.113.9", "203.0.113.9", True),
    ("IpAddress", ["10.0.0.0/8", "2001:DB8:1234:5678::/64"], "2001:db8:1234:5678::1", True),
    ("IpAddress", "2001:db8::/32", "2001:db9::1", False),
    ("IpAddress", "0.0.0.0/0", "2001:db8::1", False),
    ("IpAddress", "203.0.113.0/24", "::ffff:203.0.113.9", True),
    ("IpAddress", "203.0.113.0/24", "nonsense", False),
    ("NotIpAddress", "203.0.113.0/24", "203.0.113.9", False),
    ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", True),
    ("ArnEquals", "arn:aws:iam::*:role/app/*", ARN, True),
    ("ArnLike", "arn:aws:iam::111122223333:role/*", ARN, True),
    ("ArnLike", "arn:aws:*:role/app/web", ARN, False),
    ("ArnLike", "arn:aws:iam::11112222333?:role/app/web", ARN, True),
    ("ArnLike", "*", ARN, True),
    ("ArnNotEquals", "arn:aws:iam::*:role/app/*", ARN, False),
    ("ArnNotLike", "arn:aws:iam::*:user/*", ARN, True),
    ("Null", "false", "anything", True),
    ("Null", "true", "anything", False),
]


def holds(operator: Any, value: Any, context: Any) -> Any:
    """Whether an Allow and, its mirror, a Deny under this condition both apply."""
    condition = {operator: {KEY: value}}
    request = ask(context=context)
    applies = is_allowed(request, Layers((identity(allow(Condition=condition)),)))
    denying = Layers((identity(allow(), deny(Condition=condition)),))
    assert is_allowed(request, denying) is not applies
    return applies


@pytest.mark.parametrize(("operator", "value", "seen", "expected"), MATCHES)
def test_one_value(operator: Any, value: Any, seen: Any, expected: Any) -> None:
    assert holds(operator, value, {KEY: seen}) is expected


def test_the_table_knows_every_operator() -> None:
    assert {case[0] for case in MATCHES} == set(OPERATORS)


@pytest.mark.parametrize("operator", sorted(set(OPERATORS) - {"Null"}))
def test_a_missing_key_fails_positive_operators_and_passes_negated_ones(operator: Any) -> None:
    value = "2026-01-01"
    assert holds(operator, value, {}) is ("Not" in operator)
    assert holds(f"{operator}IfExists", value, {}) is True
    assert holds(f"ForAllValues:{operator}", value, {}) is True
    assert holds(f"ForAnyValue:{operator}", value, {}) is False
    assert holds(f"ForAnyValue:{operator}IfExists", value, {}) is True


@pytest.mark.parametrize(
    ("context", "is_null"), [({}, True), ({KEY: []}, True), ({KEY: "x"}, False)]
)
def test_null_asks_whether_the_key_is_there(context: Any, is_null: Any) -> None:
    assert holds("Null", "true", context) is is_null
    assert holds("Null", "false", context) is not is_null


@pytest.mark.parametrize(
    ("operator", "seen", "expected"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "x"], False),
        ("ForAllValues:StringEquals", [], True),
        ("ForAllValues:StringEquals", [""], True),
        ("ForAnyValue:StringEquals", ["x", "b"], True),
        ("ForAnyValue:StringEquals", ["x", "y"], False),
        ("ForAnyValue:StringEquals", [], False),
        ("ForAnyValue:StringEquals", "", False),
        ("ForAllValues:StringNotEquals", ["x", "y"], True),
        ("ForAllValues:StringNotEquals", ["x", "a"], False),
        ("ForAnyValue:StringNotEquals", ["a", "x"], True),
        ("ForAnyValue:StringNotEquals", ["a", "b"], False),
        ("ForAnyValue:StringNotEquals", [], False),
        ("StringEquals", ["x", "a"], True),
        ("StringNotEquals", ["x", "a"], False),
        ("StringEqualsIfExists", ["x"], False),
        ("StringEqualsIfExists", [], True),
        ("ForAllValues:StringLikeIfExists", ["ab", "b"], False),
    ],
)
def test_sets_of_values(operator: Any, seen: Any, expected: Any) -> None:
    assert holds(operator, ["a", "b"], {KEY: seen}) is expected


def test_keys_ignore_case() -> None:
    assert holds("StringEquals", "a", {"TEST:KEY": "a"})


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({"t:A": "1", "t:B": "2", "t:C": "3"}, True),
        ({"t:A": "1", "t:B": "x", "t:C": "3"}, False),
        ({"t:A": "1", "t:B": "2", "t:C": "30"}, False),
        ({"t:A": "1", "t:B": "2"}, False),
    ],
)
def test_operators_and_keys_are_joined_by_and(context: Any, expected: Any) -> None:
    condition = {"StringEquals": {"t:A": "1", "t:B": "2"}, "NumericLessThan": {"t:C": "10"}}
    layers = Layers((identity(allow(Condition=condition)),))
    assert is_allowed(ask(context=context), layers) is expected


@pytest.mark.parametrize(
    ("operator", "value", "context", "expected"),
    [
        ("StringEquals", "${aws:username}", {KEY: "al", "aws:username": "al"}, True),
        ("StringLike", "home/${aws:username}/*", {KEY: "home/al/x", "aws:username": "al"}, True),
        ("StringLike", "${aws:username}", {KEY: "anyone", "aws:username": "*"}, False),
        ("StringLike", "a${*}", {KEY: "a*"}, True),
        ("StringLike", "a${*}", {KEY: "ab"}, False),
        ("StringEquals", "${aws:username, 'none'}", {KEY: "none"}, True),
        ("ArnLike", "arn:aws:iam::*:user/${aws:username}", {KEY: ARN, "aws:username": "x"}, False),
        ("StringEquals", "${aws:username}", {KEY: "${aws:username}"}, False),
        ("NumericEquals", "${t:n}", {KEY: "1", "t:n": "1"}, False),
    ],
)
def test_variables_in_conditions(operator: Any, value: Any, context: Any, expected: Any) -> None:
    assert holds(operator, value, context) is expected


def test_a_negated_condition_on_an_unknown_variable_allows_nothing_and_denies_all() -> None:
    condition = {"StringNotEquals": {KEY: "${aws:username}"}}
    request = ask(context={KEY: "x"})
    assert not is_allowed(request, Layers((identity(allow(Condition=condition)),)))
    assert not is_allowed(request, Layers((identity(allow(), deny(Condition=condition)),)))
