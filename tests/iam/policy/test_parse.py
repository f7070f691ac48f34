"""What is refused, in AWS's words, and where the text is said to be wrong."""

import json
from typing import Any

import pytest

from iam.policy import PolicyKind, PolicySyntaxError, load, parse, problems
from tests.iam.policy.builders import ACCOUNT, allow, document

IDENTITY, RESOURCE, TRUST = PolicyKind.IDENTITY, PolicyKind.RESOURCE, PolicyKind.TRUST
SYNTAX = "Syntax errors in policy."
VENDOR = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
TRUSTED = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ACCOUNT}}


HEAD = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow",'


def without(statement: Any, *names: Any) -> Any:
    return {name: value for name, value in statement.items() if name not in names}


REFUSED = [
    (IDENTITY, "", SYNTAX),
    (IDENTITY, "[]", SYNTAX),
    (IDENTITY, "{", SYNTAX),
    (IDENTITY, '{"Version": "2012-10-17", "Statement": []}', SYNTAX),
    (IDENTITY, '{"Version": "2012-10-17"}', SYNTAX),
    (IDENTITY, '{"Version": "2012-10-17", "Version": "2012-10-17", "Statement": []}', SYNTAX),
    (IDENTITY, document(ALLOW) + "x", SYNTAX),
    (IDENTITY, document(ALLOW).replace("Version", "version"), SYNTAX),
    (IDENTITY, "[" * 100_000, SYNTAX),
    (
        IDENTITY,
        document(ALLOW, version="2008-10-17"),
        "Policy document must be version 2012-10-17 or greater.",
    ),
    (
        RESOURCE,
        document(ALLOW, version="2013-01-01"),
        "The policy must contain a valid version string",
    ),
    (RESOURCE, "nonsense", "Policies must be valid JSON and the first byte must be '{'"),
    (IDENTITY, document({**ALLOW, "Action": "GetObject"}), VENDOR),
    (IDENTITY, document({**ALLOW, "Action": "s*:GetObject"}), "Vendor s* is not valid"),
    (IDENTITY, document({**ALLOW, "Action": "s3:Get Object"}), SYNTAX),
    (IDENTITY, document({**ALLOW, "Action": [1]}), SYNTAX),
    (IDENTITY, document({**ALLOW, "NotAction": "s3:*"}), SYNTAX),
    (IDENTITY, document({**ALLOW, "NotResource": "*"}), SYNTAX),
    (IDENTITY, document(without(ALLOW, "Action")), "Policy statement must contain actions."),
    (IDENTITY, document({**ALLOW, "Action": []}), "Policy statement must contain actions."),
    (IDENTITY, document(without(ALLOW, "Resource")), "Policy statement must contain resources."),
    (IDENTITY, document({**ALLOW, "Resource": "b"}), 'Resource b must be in ARN format or "*".'),
    (
        IDENTITY,
        document({**ALLOW, "Resource": "arn:aws:s3::"}),
        'Resource arn:aws:s3:: must be in ARN format or "*".',
    ),
    (
        IDENTITY,
        document({**ALLOW, "Resource": "arn:x:s3:::b"}),
        'Partition "x" is not valid for resource "arn:x:s3:::b".',
    ),
    (
        IDENTITY,
        document({**ALLOW, "Resource": "arn:aws:s?:::b"}),
        "Resource vendor must be fully qualified and cannot contain regexes.",
    ),
    (
        IDENTITY,
        document({**ALLOW, "Resource": "arn:aws:iam:us-east-1:1:user/x"}),
        "IAM resource arn:aws:iam:us-east-1:1:user/x cannot contain region information.",
    ),
    (
        IDENTITY,
        document({**ALLOW, "Resource": f"arn:aws:iam::{ACCOUNT}:alice"}),
        'IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, '
        "instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, "
        "oidc-provider/, report/, access-report/.",
    ),
    (IDENTITY, document(without(ALLOW, "Effect")), SYNTAX),
    (IDENTITY, document({**ALLOW, "Effect": "allow"}), SYNTAX),
    (RESOURCE, document({**ALLOW, "Principal": "*", "Effect": "allow"}), "Invalid effect: allow"),
    (
        RESOURCE,
        document({**without(ALLOW, "Resource"), "Principal": "*"}),
        "Missing required field Resource",
    ),
    (IDENTITY, document({**ALLOW, "Effects": "Allow"}), SYNTAX),
    (
        IDENTITY,
        document({**ALLOW, "Sid": "a b"}),
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular "
        "expression [0-9A-Za-z]*",
    ),
    (
        IDENTITY,
        document({**ALLOW, "Sid": "A"}, {**ALLOW, "Sid": "A"}),
        "Statement IDs (SID) in a single policy must be unique.",
    ),
    (
        IDENTITY,
        document({**ALLOW, "Condition": {"StringEqual": {"aws:username": "x"}}}),
        "Invalid Condition type : StringEqual.",
    ),
    (
        IDENTITY,
        document({**ALLOW, "Condition": {"NullIfExists": {"aws:username": "true"}}}),
        "Invalid Condition type : NullIfExists.",
    ),
    (IDENTITY, document({**ALLOW, "Condition": {"Bool": {"username": "x"}}}), VENDOR),
    (IDENTITY, document({**ALLOW, "Condition": []}), SYNTAX),
    (IDENTITY, document({**ALLOW, "Condition": {"Bool": {"a:b": {"c": "d"}}}}), SYNTAX),
    (IDENTITY, document({**ALLOW, "Principal": "*"}), "Has prohibited field Principal"),
    (TRUST, document({**TRUSTED, "Resource": "*"}), "Has prohibited field Resource"),
    (TRUST, document(without(TRUSTED, "Principal")), "Missing required field Principal"),
    (
        TRUST,
        document({**TRUSTED, "Action": "s3:GetObject"}),
        "AssumeRole policy may only specify STS AssumeRole actions.",
    ),
    (
        TRUST,
        document({**TRUSTED, "Principal": {"AWS": "alice"}}),
        'Invalid principal in policy: "AWS":"alice"',
    ),
    (
        TRUST,
        document({**TRUSTED, "Principal": {"CanonicalUser": "ab" * 32}}),
        f'Invalid principal in policy: "CanonicalUser":"{"ab" * 32}"',
    ),
    (
        RESOURCE,
        document({**ALLOW, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:group/g"}}),
        f'Invalid principal in policy: "AWS":"arn:aws:iam::{ACCOUNT}:group/g"',
    ),
    (RESOURCE, document({**ALLOW, "Principal": {}}), "Invalid principal in policy"),
    (RESOURCE, document({**ALLOW, "Principal": "bob"}), "Invalid principal in policy: bob"),
    (RESOURCE, document({**ALLOW, "Principal": "*", "NotPrincipal": "*"}), SYNTAX),
]


@pytest.mark.parametrize(("kind", "text", "reason"), REFUSED)
def test_it_refuses_with_aws_sentence(kind: Any, text: Any, reason: Any) -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        parse(text, kind)
    assert caught.value.reason == reason
    first, *others = problems(text, kind)
    assert (first.reason, first.line) == (reason, caught.value.line)
    assert first.issue == caught.value.issue


def test_problems_go_on_after_the_first() -> None:
    text = document({**ALLOW, "Action": []}, ALLOW, {**ALLOW, "Color": 1, "Effect": "x"})
    found = problems(text.replace("2012-10-17", "2013"))
    assert [(one.issue, one.subject) for one in found] == [
        ("INVALID_VERSION", "2013"),
        ("MISSING_ACTION", ""),
        ("INVALID_POLICY_ELEMENT", "Color"),
    ]


def test_a_good_document_has_no_problems() -> None:
    assert problems(document(ALLOW)) == []
    assert problems(document(TRUSTED), TRUST) == []


@pytest.mark.parametrize(
    ("text", "issue", "subject"),
    [
        ("{", "JSON_SYNTAX_ERROR", ""),
        (f'{HEAD}"Action": "s3:*", "Action": "s3:*"}}}}', "DUPLICATE_KEY", "Action"),
        (document({**ALLOW, "Effect": "allow"}), "INVALID_EFFECT", "allow"),
        (document({**ALLOW, "Action": "Get"}), "MISSING_SERVICE_IN_ACTION", "Get"),
        (document({**ALLOW, "Action": 7}), "DATA_TYPE_MISMATCH", "String"),
        (document({**ALLOW, "Resource": "arn:aws:s3"}), "MISSING_ARN_FIELD", "arn:aws:s3"),
        (document({**ALLOW, "Principal": "*"}), "PROHIBITED_POLICY_ELEMENT", "Principal"),
    ],
)
def test_issues_are_finer_than_sentences(text: Any, issue: Any, subject: Any) -> None:
    assert [(one.issue, one.subject) for one in problems(text)] == [(issue, subject)]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('{\n "Version": "2012-10-17",\n "Statement": [\n    {"Effect": "Allow",}]}', 4, 24),
        (f'{HEAD}\n"Action": ["s3:*",\n\n  "Get"], "Resource": "*"}}}}', 4, 3),
        (f'{HEAD}\n"Color": 1}}}}', 2, 1),
        (f'{HEAD}\n"Action": "s3:*",\n "Action": "s3:*", "Resource": "*"}}}}', 3, 2),
    ],
)
def test_it_points_at_the_place(text: Any, line: Any, column: Any) -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        parse(text)
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    "resource",
    [
        "*",
        "arn:aws:s3:::bucket/${aws:username}/*",
        "arn:aws:logs:*",
        "arn:aws:iam::*:role/x",
        "arn:aws:iam::aws:policy/AdministratorAccess",
        "arn:*:s3:::bucket",
        "arn:aws-cn:s3:::bucket",
        f"arn:aws:iam::{ACCOUNT}:*",
        f"arn:aws:iam::{ACCOUNT}:us*",
        f"arn:aws:iam::{ACCOUNT}:root",
    ],
)
def test_it_accepts_the_resources_aws_accepts(resource: Any) -> None:
    assert parse(document(allow("s3:*", resource))).statements[0].resources == (resource,)


@pytest.mark.parametrize(
    "principal",
    [
        "*",
        {"AWS": ["*"]},
        {"AWS": [ACCOUNT, f"arn:aws:iam::{ACCOUNT}:role/path/app"]},
        {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/session@x"},
        {"AWS": "AROAEXAMPLEEXAMPLE12"},
        {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]},
        {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"},
        {"Federated": "accounts.google.com", "AWS": ACCOUNT},
    ],
)
def test_it_accepts_the_principals_aws_accepts(principal: Any) -> None:
    parse(document({**TRUSTED, "Principal": principal}), TRUST)


def test_statements_know_their_place_and_condition_values_are_text() -> None:
    text = json.dumps(
        {"Version": "2012-10-17", "Statement": [{**ALLOW, "Condition": CONDITION}]}, indent=2
    )
    statement = parse(text).statements[0]
    assert (statement.span.start.line, statement.span.start.column) == (4, 5)
    assert (
        text.splitlines()[statement.span.end.line - 1][: statement.span.end.column - 1] == "    }"
    )
    assert [one.values for one in statement.conditions] == [("true",), ("1.50", "2")]


CONDITION = {"Bool": {"a:b": True}, "NumericEquals": {"a:n": ["1.50", 2]}}


def test_variables_wait_for_version_2012() -> None:
    old = document({**ALLOW, "Principal": "*"}, version="2008-10-17")
    assert not parse(old, RESOURCE).has_variables
    unversioned = json.dumps({"Statement": {**ALLOW, "Principal": "*"}})
    assert parse(unversioned, RESOURCE).version == "2008-10-17"


def test_load_remembers_by_text_and_kind() -> None:
    text = document(TRUSTED)
    assert load(text, TRUST) is load(text, TRUST)
    with pytest.raises(PolicySyntaxError):
        load(text, IDENTITY)
