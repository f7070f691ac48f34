"""explain(): what it says of each statement, and what it keeps to itself."""

import json
from typing import Any

import pytest

from iam.policy import Explanation, Layers, context_keys, explain, missing_context_keys, parse
from iam.policy.validate import (
    inline_policy_problem,
    managed_policy_problem,
    policy_size,
    trust_policy_problem,
)
from tests.iam.policy.builders import (
    ACCOUNT,
    ALICE_ARN,
    BUCKET,
    OBJECT,
    OTHER,
    allow,
    ask,
    deny,
    document,
    identity,
    resource_policy,
)

OFFICE = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}


def first_failure(statement: Any, **context: Any) -> Any:
    told = explain(ask(context=context), Layers((identity(statement),)))
    return told.layers[-1].policies[0].statements[0].failure


def test_it_names_the_first_element_that_failed() -> None:
    action = first_failure(allow("ec2:*", "arn:aws:s3:::other"))
    assert (action.element, action.expected, action.seen) == (
        "Action",
        ("ec2:*",),
        ("s3:GetObject",),
    )
    resource = first_failure(allow("s3:*", BUCKET, Condition=OFFICE))
    assert (resource.element, resource.expected, resource.seen) == (
        "Resource",
        (BUCKET,),
        (OBJECT,),
    )
    denied = first_failure({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"})
    assert denied.element == "NotAction"
    except_this = first_failure({"Effect": "Allow", "Action": "s3:*", "NotResource": "*"})
    assert except_this.element == "NotResource"
    assert first_failure(allow("s3:*", OBJECT)) is None


@pytest.mark.parametrize(
    ("context", "seen"), [({}, None), ({"AWS:SourceIP": "10.0.0.1"}, ("10.0.0.1",))]
)
def test_a_failed_condition_shows_operator_key_expected_and_seen(context: Any, seen: Any) -> None:
    failure = first_failure(allow("s3:*", Condition=OFFICE), **context)
    assert (failure.element, failure.operator, failure.key) == (
        "Condition",
        "IpAddress",
        "aws:SourceIp",
    )
    assert (failure.expected, failure.seen) == (("203.0.113.0/24",), seen)


def test_a_statement_that_matched_shows_the_conditions_that_held() -> None:
    no_mfa = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    told = explain(ask(), Layers((identity(deny("s3:*", Condition=no_mfa)),)))
    (held,) = told.layers[-1].policies[0].statements[0].conditions
    assert (held.operator, held.key, held.expected, held.seen) == (
        "BoolIfExists",
        "aws:MultiFactorAuthPresent",
        ("false",),
        None,
    )


def test_a_failed_principal_shows_who_was_named() -> None:
    bucket = resource_policy(allow("s3:*", Principal={"AWS": OTHER}))
    told = explain(ask(), Layers(resource=bucket))
    failure = told.layers[1].policies[0].statements[0].failure
    assert failure is not None
    assert (failure.element, failure.expected, failure.seen) == (
        "Principal",
        (OTHER,),
        (ALICE_ARN,),
    )


def test_layers_are_all_told_and_absent_ones_do_not_apply() -> None:
    told = explain(ask(), Layers((identity(allow()),), boundary=identity(allow("ec2:*"))))
    assert [(layer.layer, layer.verdict) for layer in told.layers] == [
        ("scp", "notApplicable"),
        ("resource", "notApplicable"),
        ("boundary", "implicitDeny"),
        ("session", "notApplicable"),
        ("identity", "allowed"),
    ]


def test_matched_statements_are_those_that_decided() -> None:
    policies = (
        identity(allow("s3:*", Sid="A"), deny("s3:Get*", Sid="D"), allow("ec2:*", Sid="E")),
    )
    denied = explain(ask(), Layers(policies)).matched_statements()
    assert [(found.policy.name, found.statement.sid) for found in denied] == [("inline", "D")]
    allowed = explain(ask(action="s3:PutObject"), Layers(policies)).matched_statements()
    assert [(found.statement.sid, found.statement.index) for found in allowed] == [("A", 0)]


def test_it_survives_json() -> None:
    bucket = resource_policy(deny("s3:*", Principal="*", Condition=OFFICE))
    told = explain(ask(), Layers((identity(allow("ec2:*")),), resource=bucket, session=()))
    assert Explanation.from_dict(json.loads(json.dumps(told.as_dict()))) == told


def test_another_accounts_policy_is_not_told() -> None:
    theirs = resource_policy(
        deny("s3:*", "arn:aws:s3:::secret-name/*", Principal="*", Sid="hidden"),
        allow("s3:*", Principal="*"),
        owner=OTHER,
    )
    mine = identity(allow("ec2:*", Sid="mine"), name="my-policy")
    told = explain(ask(owner=OTHER), Layers((mine,), resource=theirs))
    redacted = told.redacted_for(ACCOUNT)
    text = json.dumps(redacted.as_dict())
    assert "secret-name" not in text
    assert "hidden" not in text
    assert "bucket policy" not in text
    assert "my-policy" in text
    resource = redacted.layers[1]
    assert (resource.verdict, resource.policies, resource.is_redacted) == ("allowed", (), True)
    assert redacted.layers[-1] == told.layers[-1]
    assert (redacted.verdict, redacted.reason) == (told.verdict, told.reason)


def test_the_reason_loses_the_arn_of_a_policy_the_viewer_does_not_own() -> None:
    told = explain(ask(), Layers(resource=resource_policy(deny(Principal="*"))))
    assert BUCKET in told.redacted_for(ACCOUNT).reason
    assert told.redacted_for(OTHER).reason == "with an explicit deny in a resource-based policy"


def test_context_keys_are_condition_keys_and_variables_once_each() -> None:
    policy = parse(
        document(
            allow("s3:*", f"{BUCKET}/${{aws:username}}/${{s3:prefix, 'x'}}"),
            deny(Condition={"Bool": {"AWS:SecureTransport": "false", "aws:securetransport": "no"}}),
            allow(Condition={"StringLike": {"s3:delimiter": "${aws:PrincipalTag/team}${*}"}}),
        )
    )
    assert context_keys(policy) == {
        "aws:username",
        "s3:prefix",
        "AWS:SecureTransport",
        "s3:delimiter",
        "aws:PrincipalTag/team",
    }


def test_missing_context_keys_are_those_of_statements_about_the_request() -> None:
    layers = Layers(
        identity=(
            identity(allow("s3:*", f"{BUCKET}/${{aws:username}}", Condition=OFFICE)),
            identity(allow("ec2:*", Condition={"Bool": {"ec2:IsLaunchTemplateResource": "true"}})),
            identity(allow("s3:*", f"{BUCKET}/${{aws:userid, 'none'}}")),
        ),
        boundary=identity(allow("s3:*", Condition={"StringEquals": {"s3:prefix": "a"}})),
    )
    missing = missing_context_keys(ask(context={"S3:Prefix": "a"}), layers)
    assert missing == {"aws:username", "aws:SourceIp"}


def test_sizes_leave_out_white_space() -> None:
    assert policy_size(' { "A" :\n\t1 } ') == len('{"A":1}')
    assert managed_policy_problem("x" * 6144 + " " * 100) is None
    assert managed_policy_problem("x" * 6145) == "Cannot exceed quota for PolicySize: 6144"
    assert trust_policy_problem("x" * 2049) == "Cannot exceed quota for ACLSizePerRole: 2048"
    assert inline_policy_problem("user", "bob", ["x" * 1024, "y" * 1024]) is None
    assert inline_policy_problem("user", "bob", ["x" * 1024, "y" * 1025]) == (
        "Maximum policy size of 2048 bytes exceeded for user bob"
    )
