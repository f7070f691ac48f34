"""The policy simulator: it decides as the evaluator does, and says which statement did."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws.context import Context
from aws.errors import AccessDenied
from aws.models import Account
from iam.errors import InvalidInput, NoSuchEntity
from iam.models import User
from iam.operations import (
    get_context_keys_for_custom_policy,
    get_context_keys_for_principal_policy,
    simulate_custom_policy,
    simulate_principal_policy,
)
from iam.operations import simulation as simulation_operations
from tests import factories
from tests.boto import boto
from tests.factories import allow, ctx_for

BUCKET = "arn:aws:s3:::bucket"
POLICY = """{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "s3:*",
            "Resource": "*"
        },
        {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"}
    ]
}"""


def custom(ctx: Context, *documents: str, **arguments: Any) -> dict[str, Any]:
    """The one result of a simulation of s3:GetObject, unless told otherwise."""
    values = {"action_names": ["s3:GetObject"], "policy_input_list": list(documents)}
    (result,) = simulate_custom_policy(ctx, **(values | arguments))["EvaluationResults"]
    return dict(result)


def principal(ctx: Context, arn: str, **arguments: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"action_names": ["s3:GetObject"], "policy_source_arn": arn}
    (result,) = simulate_principal_policy(ctx, **(values | arguments))["EvaluationResults"]
    return dict(result)


def entry(name: str, *values: str, kind: str = "string") -> dict[str, Any]:
    return {"ContextKeyName": name, "ContextKeyValues": list(values), "ContextKeyType": kind}


# --- SimulateCustomPolicy -------------------------------------------------------------------------
def test_boto3_simulates_actions_times_resources_in_pages(alice: User) -> None:
    iam = boto("iam", *factories.access_key(alice))
    pages = iam.get_paginator("simulate_custom_policy").paginate(
        PolicyInputList=[POLICY],
        ActionNames=["s3:GetObject", "s3:DeleteObject", "ec2:RunInstances"],
        ResourceArns=[BUCKET, f"{BUCKET}/key"],
        PaginationConfig={"PageSize": 4},
    )
    found = [result for page in pages for result in page["EvaluationResults"]]
    assert [
        (result["EvalActionName"], result["EvalResourceName"], result["EvalDecision"])
        for result in found
    ] == [
        ("s3:GetObject", BUCKET, "allowed"),
        ("s3:GetObject", f"{BUCKET}/key", "allowed"),
        ("s3:DeleteObject", BUCKET, "explicitDeny"),
        ("s3:DeleteObject", f"{BUCKET}/key", "explicitDeny"),
        ("ec2:RunInstances", BUCKET, "implicitDeny"),
        ("ec2:RunInstances", f"{BUCKET}/key", "implicitDeny"),
    ]
    assert found[0]["EvalDecisionDetails"] == {}
    assert found[0]["ResourceSpecificResults"][0]["EvalResourceDecision"] == "allowed"


def test_the_deciding_statement_is_pointed_at(ctx: Context) -> None:
    assert custom(ctx, allow("ec2:*"), POLICY) == {
        "EvalActionName": "s3:GetObject",
        "EvalResourceName": "*",
        "EvalDecision": "allowed",
        "MatchedStatements": [
            {
                "SourcePolicyId": "PolicyInputList.2",
                "SourcePolicyType": "none",
                "StartPosition": {"Line": 4, "Column": 9},
                "EndPosition": {"Line": 8, "Column": 10},
            }
        ],
        "MissingContextValues": [],
    }
    denied = custom(ctx, POLICY, action_names=["s3:DeleteObject"])
    assert denied["MatchedStatements"][0]["StartPosition"] == {"Line": 9, "Column": 9}


def test_context_decides_and_its_absence_is_told(ctx: Context) -> None:
    document = allow("s3:*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
    missing = custom(ctx, document)
    assert missing["EvalDecision"] == "implicitDeny"
    assert missing["MissingContextValues"] == ["aws:SourceIp"]
    inside = custom(ctx, document, context_entries=[entry("AWS:sourceIP", "10.1.2.3", kind="ip")])
    assert (inside["EvalDecision"], inside["MissingContextValues"]) == ("allowed", [])
    outside = custom(ctx, document, context_entries=[entry("aws:SourceIp", "11.0.0.1", kind="ip")])
    assert outside["EvalDecision"] == "implicitDeny"


def test_a_list_is_a_multivalued_key(ctx: Context) -> None:
    only = {"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "stage"]}}
    document = allow("ec2:CreateTags", Condition=only)

    def decision(*keys: str) -> str:
        entries = [entry("aws:TagKeys", *keys, kind="stringList")]
        result = custom(ctx, document, action_names=["ec2:CreateTags"], context_entries=entries)
        return str(result["EvalDecision"])

    assert decision("team", "stage") == "allowed"
    assert decision("team", "cost") == "implicitDeny"


def test_a_boundary_limits(ctx: Context) -> None:
    result = custom(ctx, POLICY, permissions_boundary_policy_input_list=[allow("ec2:*")])
    assert result["EvalDecision"] == "implicitDeny"
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    result = custom(ctx, POLICY, permissions_boundary_policy_input_list=[allow("*")])
    assert result["EvalDecision"] == "allowed"
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": True}


def bucket_policy(principal_arn: str, effect: str = "Allow") -> str:
    statement = {
        "Effect": effect,
        "Principal": {"AWS": principal_arn},
        "Action": "s3:GetObject",
        "Resource": f"{BUCKET}/*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.mark.parametrize(
    ("owner", "identity", "named", "decision"),
    [
        ("", allow("ec2:*"), "carol", "allowed"),
        ("", allow("ec2:*"), "dave", "implicitDeny"),
        ("444455556666", allow("s3:*"), "carol", "allowed"),
        ("444455556666", allow("ec2:*"), "carol", "implicitDeny"),
        ("arn:aws:iam::444455556666:root", allow("s3:*"), "dave", "implicitDeny"),
    ],
)
def test_a_resource_policy_within_and_across_accounts(
    ctx: Context, owner: str, identity: str, named: str, decision: str
) -> None:
    result = custom(
        ctx,
        identity,
        resource_arns=[f"{BUCKET}/key"],
        resource_policy=bucket_policy(f"arn:aws:iam::111122223333:user/{named}"),
        resource_owner=owner or None,
        caller_arn="arn:aws:iam::111122223333:user/carol",
    )
    assert result["EvalDecision"] == decision
    assert bool(result["EvalDecisionDetails"]) is bool(owner)


def test_a_matching_resource_policy_is_pointed_at(ctx: Context) -> None:
    carol = "arn:aws:iam::111122223333:user/carol"
    result = custom(
        ctx,
        allow("s3:*"),
        resource_arns=[f"{BUCKET}/key"],
        resource_policy=bucket_policy(carol, effect="Deny"),
        caller_arn=carol,
    )
    assert result["EvalDecision"] == "explicitDeny"
    (statement,) = result["MatchedStatements"]
    assert (statement["SourcePolicyId"], statement["SourcePolicyType"]) == (
        "ResourcePolicy",
        "resource",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"policy_input_list": ["{"]},
        {"policy_input_list": [allow("s3:*")] * 101},
        {"permissions_boundary_policy_input_list": [allow("*"), allow("*")]},
        {"action_names": ["GetObject"]},
        {"action_names": ["s3:Get*"]},
        {"resource_policy": bucket_policy("*")},
        {"resource_policy": bucket_policy("*"), "caller_arn": "arn:aws:iam::111122223333:root"},
        {"resource_policy": bucket_policy("*"), "caller_arn": "carol"},
        {"resource_owner": "Alice"},
        {"resource_owner": "arn:aws"},
        {"context_entries": [entry("SourceIp", "10.0.0.1")]},
        {"context_entries": [entry("aws:SourceIp", "10.0.0.1", "10.0.0.2")]},
        {"ordered_organization_policy_input_list": [{"ServiceControlPolicyInputList": ["{}"]}]},
    ],
)
def test_what_cannot_be_simulated(ctx: Context, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        custom(ctx, *wrong.pop("policy_input_list", [POLICY]), **wrong)


def test_a_syntax_error_has_its_place(ctx: Context) -> None:
    with pytest.raises(InvalidInput, match=r"PolicyInputList\.2: .* \(line 1, column 2\)"):
        custom(ctx, POLICY, "{")


def test_heavy_simulations_come_in_smaller_pages(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulation_operations, "MAX_STATEMENTS", 5)
    answer = simulate_custom_policy(
        ctx, policy_input_list=[POLICY], action_names=["s3:GetObject"] * 3
    )
    assert len(answer["EvaluationResults"]) == 2
    assert answer["IsTruncated"]


# --- SimulatePrincipalPolicy -------------------------------------------------------------------
def test_a_user_has_its_groups_policies(account: Account, ctx: Context) -> None:
    carol = factories.user(account, "carol", policies=[allow("ec2:*")])
    policy = factories.policy(account, "buckets", documents=[allow("s3:*")])
    factories.grant(factories.group(account, users=[carol]), policy_arns=[policy.policy_arn])
    result = principal(ctx, carol.arn)
    assert result["EvalDecision"] == "allowed"
    (statement,) = result["MatchedStatements"]
    assert (statement["SourcePolicyId"], statement["SourcePolicyType"]) == (
        "buckets",
        "user-managed",
    )


def test_each_source_has_its_type(account: Account, ctx: Context) -> None:
    carol = factories.user(
        account, "carol", policy_arns=[factories.ADMINISTRATOR], policies=[allow("s3:*")]
    )
    factories.grant(factories.group(account, users=[carol]), policies=[allow("s3:*")])
    result = principal(ctx, carol.arn, policy_input_list=[allow("s3:*")])
    found = {
        (statement["SourcePolicyId"], statement["SourcePolicyType"])
        for statement in result["MatchedStatements"]
    }
    assert found == {
        ("AdministratorAccess", "aws-managed"),
        ("inline-1", "user"),
        ("inline-1", "group"),
        ("PolicyInputList.1", "none"),
    }


def test_groups_and_roles_are_simulated_too(account: Account, ctx: Context) -> None:
    group = factories.group(account)
    factories.grant(group, policies=[allow("s3:*")])
    role = factories.role(account, policies=[allow("s3:*")])
    for entity in (group, role):
        assert principal(ctx, entity.arn)["EvalDecision"] == "allowed"
        assert principal(ctx, entity.arn, action_names=["ec2:RunInstances"])["EvalDecision"] == (
            "implicitDeny"
        )


def test_what_is_known_of_the_principal_needs_no_entry(account: Account, ctx: Context) -> None:
    own = allow("s3:*", f"{BUCKET}/${{aws:username}}/*")
    team = allow("ec2:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "red"}})
    carol = factories.user(account, "carol", policies=[own, team], tags={"team": "red"})

    def decision(resource: str, **arguments: Any) -> str:
        result = principal(ctx, carol.arn, resource_arns=[resource], **arguments)
        return str(result["EvalDecision"])

    assert decision(f"{BUCKET}/carol/key") == "allowed"
    assert decision(f"{BUCKET}/dave/key") == "implicitDeny"
    as_dave = [entry("AWS:UserName", "dave")]
    assert decision(f"{BUCKET}/dave/key", context_entries=as_dave) == "allowed"
    assert decision("*", action_names=["ec2:RunInstances"]) == "allowed"


def test_the_entitys_own_boundary_counts_unless_another_is_given(
    account: Account, ctx: Context
) -> None:
    boundary = factories.policy(account, "boundary", documents=[allow("ec2:*")]).policy_arn
    carol = factories.user(account, "carol", policies=[allow("*")], permissions_boundary=boundary)
    result = principal(ctx, carol.arn)
    assert result["EvalDecision"] == "implicitDeny"
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    given = {"permissions_boundary_policy_input_list": [allow("s3:*")]}
    assert principal(ctx, carol.arn, **given)["EvalDecision"] == "allowed"
    without = {"policy_exclusion_list": [{"PolicyType": "permission-boundary"}]}
    assert principal(ctx, carol.arn, **without)["EvalDecision"] == "allowed"


@pytest.mark.parametrize(
    ("exclusion", "left"),
    [
        ({"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}, {"buckets", "inline-1"}),
        ({"PolicyArn": "arn:aws:iam::111122223333:policy/buckets"}, {"Adm", "inline-1"}),
        ({"PolicyType": "inline"}, {"Adm", "buckets"}),
        ({"PolicyType": "aws-managed"}, {"buckets", "inline-1"}),
        (
            {
                "InlinePolicyIdentifier": {
                    "PolicyName": "inline-1",
                    "AttachmentType": "user",
                    "AttachmentName": "carol",
                }
            },
            {"Adm", "buckets"},
        ),
        ({"PolicyType": "scp"}, {"Adm", "buckets", "inline-1"}),
    ],
)
def test_policies_can_be_left_out(
    account: Account, ctx: Context, exclusion: dict[str, Any], left: set[str]
) -> None:
    policy = factories.policy(account, "buckets", documents=[allow("s3:*")])
    carol = factories.user(
        account,
        "carol",
        policy_arns=[factories.ADMINISTRATOR, policy.policy_arn],
        policies=[allow("s3:*")],
    )
    result = principal(ctx, carol.arn, policy_exclusion_list=[exclusion])
    names = {statement["SourcePolicyId"] for statement in result["MatchedStatements"]}
    assert names == {name.replace("Adm", "AdministratorAccess") for name in left}


def test_a_resource_policy_needs_a_caller_for_groups_and_roles(
    account: Account, ctx: Context
) -> None:
    carol, role = factories.user(account, "carol"), factories.role(account)
    given = {"resource_policy": bucket_policy(carol.arn), "resource_arns": [f"{BUCKET}/key"]}
    assert principal(ctx, carol.arn, **given)["EvalDecision"] == "allowed"
    with pytest.raises(InvalidInput):
        principal(ctx, role.arn, **given)
    as_carol = principal(ctx, role.arn, caller_arn=carol.arn, **given)
    assert as_carol["EvalDecision"] == "allowed"


def test_only_the_own_accounts_entities_are_simulated(ctx: Context, mallory: User) -> None:
    for arn in (mallory.arn, "arn:aws:iam::111122223333:user/nobody-here"):
        with pytest.raises(NoSuchEntity):
            principal(ctx, arn)
        with pytest.raises(NoSuchEntity):
            get_context_keys_for_principal_policy(ctx, policy_source_arn=arn)
    with pytest.raises(InvalidInput):
        principal(ctx, "arn:aws:iam::111122223333:root")


def test_simulating_is_a_permission_of_its_own(account: Account, nobody: User) -> None:
    carol = factories.user(
        account,
        "carol",
        policies=[allow("iam:SimulatePrincipalPolicy", "arn:aws:iam::*:user/${aws:username}")],
    )
    assert principal(ctx_for(carol), carol.arn)["EvalDecision"] == "implicitDeny"
    with pytest.raises(AccessDenied):
        principal(ctx_for(carol), nobody.arn)
    with pytest.raises(AccessDenied):
        custom(ctx_for(carol), POLICY)


# --- GetContextKeysFor… --------------------------------------------------------------------------
def test_the_keys_that_policies_ask_about(account: Account, ctx: Context) -> None:
    condition = {
        "StringEquals": {"aws:PrincipalTag/team": "red"},
        "Bool": {"AWS:SecureTransport": "true"},
    }
    document = allow("s3:*", f"{BUCKET}/${{aws:username}}", Condition=condition)
    assert get_context_keys_for_custom_policy(ctx, policy_input_list=[document]) == {
        "ContextKeyNames": ["aws:PrincipalTag/team", "AWS:SecureTransport", "aws:username"]
    }
    carol = factories.user(account, "carol")
    factories.grant(factories.group(account, users=[carol]), policies=[document])
    more = allow(
        "*", Condition={"Bool": {"aws:securetransport": "true", "aws:ViaAWSService": "true"}}
    )
    found = get_context_keys_for_principal_policy(
        ctx, policy_source_arn=carol.arn, policy_input_list=[more]
    )
    assert found["ContextKeyNames"] == [
        "aws:PrincipalTag/team",
        "AWS:SecureTransport",
        "aws:username",
        "aws:ViaAWSService",
    ]


def test_boto3_asks_for_context_keys(alice: User, bob: User) -> None:
    iam = boto("iam", *factories.access_key(alice))
    found = iam.get_context_keys_for_principal_policy(PolicySourceArn=alice.arn)
    assert found["ContextKeyNames"] == []
    with pytest.raises(ClientError, match="InvalidInput"):
        iam.get_context_keys_for_custom_policy(PolicyInputList=["no policy"])
    reader = boto("iam", *factories.access_key(factories.user(bob.account, "dave")))
    with pytest.raises(ClientError, match="AccessDenied"):
        reader.get_context_keys_for_custom_policy(PolicyInputList=[POLICY])
