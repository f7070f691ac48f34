"""Each check finds what it is for, at its place, and leaves good policies alone."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iam.arn_formats import matching_types
from iam.drafts import MAX_TEXT
from iam.policy import PolicyKind, PolicySyntaxError, parse
from iam.policy_check import MAX_REMARKS, Finding, FindingType, check
from tests.iam.policy.builders import allow, deny, document

IDENTITY, RESOURCE, TRUST = PolicyKind.IDENTITY, PolicyKind.RESOURCE, PolicyKind.TRUST
READ = allow("s3:GetObject", "arn:aws:s3:::photos/*")
ASSUME = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "111122223333"}}
PASS = allow("iam:PassRole")
TAGS = {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}


def codes(text: str, kind: PolicyKind = IDENTITY, **options: Any) -> list[str]:
    return [finding.code for finding in check(text, kind, **options)]


def condition(operator: str, key: str, value: Any, action: str = "s3:GetObject") -> str:
    return document(allow(action, Condition={operator: {key: value}}))


def resources(*arns: str, action: Any = "s3:GetObject") -> str:
    return document(allow(action, list(arns)))


FINE = [
    (IDENTITY, document(READ)),
    (IDENTITY, document(allow("s3:ListAllMyBuckets"))),
    (IDENTITY, document(allow(["s3:ListBucket", "s3:GetObject"], ["arn:aws:s3:::photos*"]))),
    (IDENTITY, document(allow("iam:GetUser", "arn:aws:iam::111122223333:user/${aws:username}"))),
    (IDENTITY, document(allow("logs:CreateLogGroup", "arn:aws:logs:*:*:*"))),
    (IDENTITY, document(allow("ec2:Describe*"))),
    (IDENTITY, document(deny(Condition={"BoolIfExists": {"aws:SecureTransport": "false"}}))),
    (IDENTITY, document({"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"})),
    (IDENTITY, condition("IpAddress", "aws:SourceIp", "203.0.113.0/24")),
    (IDENTITY, condition("StringLike", "s3:prefix", ["home/${aws:username}/*"], "s3:ListBucket")),
    (IDENTITY, condition("ForAnyValue:StringEquals", "aws:CalledVia", "athena.amazonaws.com")),
    (IDENTITY, condition("Null", "aws:TagKeys", "false")),
    (IDENTITY, condition("DateLessThan", "aws:CurrentTime", "2026-12-31T00:00:00Z")),
    (IDENTITY, condition("NumericLessThan", "aws:MultiFactorAuthAge", 3600)),
    (IDENTITY, document(PASS | {"Condition": {"StringEquals": {"iam:PassedToService": "x"}}})),
    (TRUST, document(ASSUME)),
    (TRUST, document(ASSUME | {"Condition": {"StringEquals": {"sts:ExternalId": "7"}}})),
    (RESOURCE, document(READ | {"Principal": {"AWS": "111122223333"}})),
]


@pytest.mark.parametrize(("kind", "text"), FINE)
def test_a_good_policy_has_no_findings(kind: PolicyKind, text: str) -> None:
    assert check(text, kind) == []


FOUND = [
    # Errors
    ("JSON_SYNTAX_ERROR", IDENTITY, "{"),
    ("DUPLICATE_KEY", IDENTITY, '{"Version": "2012-10-17", "Version": "2012-10-17"}'),
    ("INVALID_VERSION", IDENTITY, document(READ, version="2008-10-17")),
    ("MISSING_STATEMENT", IDENTITY, '{"Version": "2012-10-17"}'),
    ("MISSING_ACTION", IDENTITY, document(READ | {"Action": []})),
    ("MISSING_RESOURCE", IDENTITY, document(READ | {"Resource": []})),
    ("INVALID_EFFECT", IDENTITY, document(READ | {"Effect": "allow"})),
    ("DUPLICATE_SID", IDENTITY, document(READ | {"Sid": "A"}, deny(Sid="A"))),
    ("PROHIBITED_POLICY_ELEMENT", TRUST, document(ASSUME | {"Resource": "*"})),
    ("INVALID_PRINCIPAL_FORMAT", TRUST, document(ASSUME | {"Principal": {"AWS": "alice"}})),
    ("INVALID_PRINCIPAL_KEY", TRUST, document(ASSUME | {"Principal": {"User": "alice"}})),
    ("INVALID_CONDITION_OPERATOR", IDENTITY, condition("StringEqual", "aws:username", "a")),
    # Security warnings
    ("ALLOW_STAR_ACTION_AND_RESOURCE", IDENTITY, document(allow())),
    ("PASS_ROLE_WITH_STAR_IN_RESOURCE", IDENTITY, document(PASS)),
    ("PASS_ROLE_WITH_STAR_IN_RESOURCE", IDENTITY, document(allow("IAM:passrole", "*"))),
    (
        "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE",
        IDENTITY,
        document(allow(["s3:GetObject", "iam:P*"])),
    ),
    (
        "ALLOW_WITH_NOT_ACTION",
        IDENTITY,
        document({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
    ),
    (
        "ALLOW_WITH_NOT_PRINCIPAL",
        TRUST,
        document(
            {"Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}
        ),
    ),
    ("PRINCIPAL_STAR_WITHOUT_CONDITION", TRUST, document(ASSUME | {"Principal": "*"})),
    ("PRINCIPAL_STAR_WITHOUT_CONDITION", RESOURCE, document(READ | {"Principal": {"AWS": "*"}})),
    (
        "FORALLVALUES_WITH_SINGLE_VALUED_KEY",
        IDENTITY,
        condition("ForAllValues:StringEquals", "aws:username", "alice"),
    ),
    # Warnings
    ("INVALID_ACTION", IDENTITY, document(allow("s3:GetObjects"))),
    ("INVALID_SERVICE_IN_ACTION", IDENTITY, document(allow("s33:GetObject"))),
    ("PATTERN_WITHOUT_ACTION", IDENTITY, document(allow("s3:Fetch*"))),
    ("INVALID_GLOBAL_CONDITION_KEY", IDENTITY, condition("StringEquals", "aws:user", "alice")),
    ("INVALID_SERVICE_CONDITION_KEY", IDENTITY, condition("StringEquals", "s3:prefixes", "a")),
    ("UNSUPPORTED_CONDITION_KEY", IDENTITY, condition("StringEquals", "s3:prefix", "a")),
    (
        "MISSING_QUALIFIER",
        IDENTITY,
        condition("StringEquals", "aws:TagKeys", "a", "ec2:CreateTags"),
    ),
    ("TYPE_MISMATCH", IDENTITY, condition("StringEquals", "aws:SourceIp", "203.0.113.7")),
    ("TYPE_MISMATCH", IDENTITY, condition("StringLike", "aws:CurrentTime", "2026*")),
    ("TYPE_MISMATCH_VALUE", IDENTITY, condition("IpAddress", "aws:SourceIp", "203.0.113.999")),
    ("TYPE_MISMATCH_VALUE", IDENTITY, condition("Bool", "aws:SecureTransport", "yes")),
    ("WILDCARD_WITHOUT_LIKE_OPERATOR", IDENTITY, condition("StringEquals", "aws:username", "a*")),
    ("EMPTY_ARRAY_CONDITION", IDENTITY, condition("StringEquals", "aws:username", [])),
    (
        "DUPLICATE_KEYS_WITH_DIFFERENT_CASE",
        IDENTITY,
        document(
            READ | {"Condition": {"StringEquals": {"aws:username": "a", "aws:UserName": "b"}}}
        ),
    ),
    ("INVALID_ARN_SERVICE", IDENTITY, resources("arn:aws:s33:::photos/*")),
    ("INVALID_ARN_ACCOUNT", IDENTITY, resources("arn:aws:s3::1234:photos/*")),
    ("INVALID_ARN_RESOURCE", IDENTITY, resources("arn:aws:s3:ap-northeast-2::photos/*")),
    (
        "RESOURCE_WITHOUT_ACTION",
        IDENTITY,
        resources("arn:aws:s3:::photos/*", "arn:aws:s3:::photos"),
    ),
    (
        "MISSING_RESOURCE_TYPE",
        IDENTITY,
        resources("arn:aws:s3:::photos/*", action=["s3:GetObject", "s3:ListBucket"]),
    ),
    (
        "MISSING_RESOURCE_TYPE",
        IDENTITY,
        resources("arn:aws:ec2:*:*:instance/*", action="ec2:RunInstances"),
    ),
    (
        "ACTION_WITHOUT_RESOURCE_TYPES",
        IDENTITY,
        resources("arn:aws:s3:::photos/*", action=["s3:GetObject", "s3:ListAllMyBuckets"]),
    ),
    ("MISSING_VERSION", TRUST, json.dumps({"Statement": ASSUME})),
    (
        "VARIABLE_UNSUPPORTED_IN_VERSION",
        RESOURCE,
        document(
            allow(
                "s3:GetObject", "arn:aws:s3:::b/${aws:username}", Principal={"AWS": "111122223333"}
            ),
            version="2008-10-17",
        ),
    ),
    ("UNKNOWN_POLICY_VARIABLE", IDENTITY, resources("arn:aws:s3:::photos/${aws:usrname}/*")),
    ("MISSING_BRACE_IN_VARIABLE", IDENTITY, resources("arn:aws:s3:::photos/${aws:username/*")),
    (
        "DENY_WITH_NOT_PRINCIPAL",
        RESOURCE,
        document(
            {
                "Effect": "Deny",
                "NotPrincipal": {"AWS": "111122223333"},
                "Action": "s3:*",
                "Resource": "*",
            }
        ),
    ),
    # Suggestions
    ("REDUNDANT_ACTION", IDENTITY, document(allow(["s3:Get*", "s3:GetObject"]))),
    ("REDUNDANT_ACTION", IDENTITY, document(allow(["s3:GetObject", "S3:getobject"]))),
    ("REDUNDANT_RESOURCE", IDENTITY, resources("arn:aws:s3:::photos/*", "arn:aws:s3:::photos/a/*")),
    (
        "REDUNDANT_CONDITION_VALUE",
        IDENTITY,
        condition("StringEquals", "aws:username", ["alice", "alice"]),
    ),
    ("REDUNDANT_STATEMENT", IDENTITY, document(allow("s3:Get*"), READ)),
    ("EMPTY_OBJECT_CONDITION", IDENTITY, document(READ | {"Condition": {}})),
    ("EMPTY_SID_VALUE", IDENTITY, document(READ | {"Sid": ""})),
    ("OLD_VERSION", TRUST, document(ASSUME, version="2008-10-17")),
]


@pytest.mark.parametrize(("code", "kind", "text"), FOUND)
def test_it_finds(code: str, kind: PolicyKind, text: str) -> None:
    found = {finding.code: finding for finding in check(text, kind)}
    assert code in found
    assert found[code].title
    assert "%(" not in found[code].details


@pytest.mark.parametrize(
    ("code", "statement"),
    [
        ("PASS_ROLE_WITH_STAR_IN_RESOURCE", deny("iam:PassRole")),
        ("PASS_ROLE_WITH_STAR_IN_RESOURCE", allow("iam:PassRole", "arn:aws:iam::1:role/app")),
        ("ALLOW_STAR_ACTION_AND_RESOURCE", deny()),
        ("ALLOW_STAR_ACTION_AND_RESOURCE", allow("*", "arn:aws:s3:::photos")),
        ("REDUNDANT_ACTION", allow(["s3:Get?b*ct", "s3:Get*bject"])),
        ("MISSING_RESOURCE_TYPE", allow("s3:*", "arn:aws:s3:::photos/*")),
        ("RESOURCE_WITHOUT_ACTION", allow(["s3:GetObject", "s3:New"], "arn:aws:s3:::photos")),
        ("UNSUPPORTED_CONDITION_KEY", allow("s3:*", Condition={"StringEquals": {"s3:prefix": ""}})),
        ("FORALLVALUES_WITH_SINGLE_VALUED_KEY", allow("ec2:CreateTags", Condition=TAGS)),
    ],
)
def test_it_stays_silent(code: str, statement: dict[str, Any]) -> None:
    assert code not in codes(document(statement))


def test_of_equal_statements_the_later_is_redundant() -> None:
    found = [one for one in check(document(READ, READ)) if one.code == "REDUNDANT_STATEMENT"]
    assert len(found) == 1
    assert found[0].values["number"] == "1"


def test_a_condition_makes_a_statement_another() -> None:
    limited = READ | {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}
    assert "REDUNDANT_STATEMENT" not in codes(document(READ, limited))


def place(finding: Finding) -> tuple[int, int, int, int]:
    return finding.start.line, finding.start.column, finding.end.line, finding.end.column


def test_a_finding_points_at_its_word() -> None:
    text = json.dumps(json.loads(document(allow(["s3:GetObject", "s3:GetObjects"]))), indent=2)
    (finding,) = check(text)
    assert place(finding) == (8, 9, 8, 24)
    assert text.splitlines()[7][8:23] == '"s3:GetObjects"'
    assert finding.type is FindingType.WARNING
    assert "s3:GetObject, " in finding.details


def test_the_place_of_a_syntax_error_is_where_reading_stopped() -> None:
    (finding,) = check('{\n  "Version": "2012-10-17",\n}')
    assert place(finding)[:2] == (3, 1)
    assert "comma" in finding.details


def test_findings_come_in_the_order_of_the_text() -> None:
    found = check(document(allow("s3:GetObjects"), PASS, allow("s33:x")))
    assert [one.offset for one in found] == sorted(one.offset for one in found)


def test_the_size_counts_no_white_space() -> None:
    text = json.dumps(json.loads(document(READ)), indent=8)
    size = len("".join(text.split()))
    assert codes(text, limit=size) == []
    (finding,) = check(text, limit=size - 1)
    assert (finding.code, finding.type) == ("POLICY_SIZE_EXCEEDS_QUOTA", FindingType.ERROR)


@pytest.mark.parametrize(
    "text",
    [
        "[" * MAX_TEXT,
        '{"a":' * 6000,
        " " * (MAX_TEXT + 1),
        document(allow([f"s3:Fetch{number}" for number in range(1500)])),
        document(allow("ec2:*", [f"arn:aws:ec2:*{n}:*:*/*a*" for n in range(900)])),
    ],
)
def test_hostile_text_gets_few_findings(text: str) -> None:
    assert 0 < len(check(text)) <= MAX_REMARKS


def test_text_that_is_too_long_is_not_read() -> None:
    assert codes(" " * (MAX_TEXT + 1)) == ["POLICY_TOO_LONG"]


@pytest.mark.parametrize(
    ("arn", "types"),
    [
        ("arn:aws:s3:::photos", {"bucket"}),
        ("arn:aws:s3:::photos/*", {"object"}),
        ("arn:aws:s3:::photos*", {"bucket", "object"}),
        ("arn:aws:ec2:${aws:RequestedRegion}:*:instance/i-?", {"instance"}),
        ("arn:aws:ec2:*:*:instance", set()),
        ("arn:aws:lambda:::function:x", set()),
        ("arn:aws:iam::111122223333:role/team/app", {"role"}),
        ("arn:aws:dynamodb:*:*:table/x", {"table"}),
        ("arn:aws:none:::x", set()),
        ("arn:aws:s3", set()),
    ],
)
def test_arns_mean_types(arn: str, types: set[str]) -> None:
    assert set(matching_types(arn)) == types


words = st.sampled_from(
    ["*", "s3:*", "s3:GetObject", "s3:", "get", "arn:aws:s3:::b", "arn:x", "Allow", "allow", "", 1]
)
elements = st.dictionaries(
    st.sampled_from(["Sid", "Effect", "Action", "NotAction", "Resource", "Principal", "Condition"]),
    st.one_of(words, st.lists(words, max_size=2), st.just({"AWS": "*"}), st.just({})),
)


@given(
    st.fixed_dictionaries(
        {"Version": st.sampled_from(["2012-10-17", "2008-10-17", 7])},
        optional={"Statement": st.one_of(elements, st.lists(elements, max_size=3))},
    ),
    st.sampled_from(list(PolicyKind)),
)
@settings(max_examples=200, deadline=None)
def test_a_text_without_errors_is_one_that_the_api_takes(
    policy: dict[str, Any], kind: PolicyKind
) -> None:
    text = json.dumps(policy)
    has_error = any(finding.type is FindingType.ERROR for finding in check(text, kind))
    try:
        parse(text, kind)
    except PolicySyntaxError:
        assert has_error
    else:
        assert not has_error
