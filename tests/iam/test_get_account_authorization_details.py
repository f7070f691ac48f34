"""GetAccountAuthorizationDetails: everything about permissions in one answer."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aws import ids
from aws.context import Context
from aws.errors import AccessDenied
from aws.models import Account
from aws.services import operation_model
from iam.lookup import InvalidMarker
from iam.models import InstanceProfile, User
from iam.operations import get_account_authorization_details
from tests import factories
from tests.boto import boto
from tests.factories import READ_ONLY, allow, ctx_for

LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


@pytest.fixture
def whole(account: Account) -> Account:
    """An account with one of each, all of them with policies."""
    policy = factories.policy(account, "buckets", documents=[allow("s3:Get*"), allow("s3:*")])
    arns = [policy.policy_arn, READ_ONLY]
    carol = factories.user(
        account,
        "carol",
        policy_arns=arns,
        policies=[allow("ec2:*")],
        permissions_boundary=policy.policy_arn,
        tags={"team": "red"},
        password=factories.PASSWORD,
    )
    group = factories.group(account, "developers", users=[carol])
    factories.grant(group, policy_arns=arns, policies=[allow("ec2:*")])
    role = factories.role(account, "server", policy_arns=arns, policies=[allow("ec2:*")])
    InstanceProfile.objects.create(
        account=account,
        instance_profile_name="server",
        instance_profile_id=ids.unique_id("AIPA"),
        role=role,
    )
    return account


def test_boto3_reads_the_whole_account_in_pages(whole: Account, alice: User) -> None:
    iam = boto("iam", *factories.access_key(alice))
    pages = list(
        iam.get_paginator("get_account_authorization_details").paginate(
            PaginationConfig={"PageSize": 2}
        )
    )
    assert len(pages) == 4
    found = {name: [row for page in pages for row in page[name]] for name in LISTS}
    alices, carols = found["UserDetailList"]
    assert alices["UserName"] == "alice"
    assert carols["UserPolicyList"] == [
        {"PolicyName": "inline-1", "PolicyDocument": json.loads(allow("ec2:*"))}
    ]
    assert carols["GroupList"] == ["developers"]
    assert [policy["PolicyName"] for policy in carols["AttachedManagedPolicies"]] == [
        "buckets",
        "ReadOnlyAccess",
    ]
    assert carols["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith("policy/buckets")
    assert carols["Tags"] == [{"Key": "team", "Value": "red"}]

    (group,) = found["GroupDetailList"]
    assert group["GroupPolicyList"][0]["PolicyName"] == "inline-1"
    assert len(group["AttachedManagedPolicies"]) == 2

    (role,) = found["RoleDetailList"]
    assert role["RolePolicyList"][0]["PolicyDocument"] == json.loads(allow("ec2:*"))
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Action"] == "sts:AssumeRole"
    (profile,) = role["InstanceProfileList"]
    assert profile["Roles"][0]["RoleName"] == "server"

    buckets, *managed = found["Policies"]
    assert [policy["PolicyName"] for policy in managed] == ["AdministratorAccess", "ReadOnlyAccess"]
    assert (buckets["AttachmentCount"], buckets["PermissionsBoundaryUsageCount"]) == (3, 1)
    assert buckets["DefaultVersionId"] == "v2"
    assert [
        (version["VersionId"], version["IsDefaultVersion"], version["Document"])
        for version in buckets["PolicyVersionList"]
    ] == [("v2", True, json.loads(allow("s3:*"))), ("v1", False, json.loads(allow("s3:Get*")))]
    assert managed[1]["PolicyVersionList"][0]["Document"]["Version"] == "2012-10-17"


@pytest.mark.parametrize(
    ("kinds", "filled"),
    [
        (["User"], {"UserDetailList"}),
        (["Group", "Role"], {"GroupDetailList", "RoleDetailList"}),
        (["LocalManagedPolicy"], {"Policies"}),
        (["AWSManagedPolicy"], {"Policies"}),
    ],
)
def test_the_filter(whole: Account, kinds: list[str], filled: set[str]) -> None:
    answer = get_account_authorization_details(ctx_for(whole), filter=kinds)
    assert {name for name in LISTS if answer[name]} == filled
    if "ManagedPolicy" in kinds[0]:
        arns = {policy["Arn"] for policy in answer["Policies"]}
        own = "arn:aws:iam::111122223333:policy/buckets"
        assert arns == ({own} if kinds == ["LocalManagedPolicy"] else {READ_ONLY})


def test_a_marker_belongs_to_its_filter(whole: Account) -> None:
    ctx = ctx_for(whole)
    marker = get_account_authorization_details(ctx, max_items=1)["Marker"]
    with pytest.raises(InvalidMarker):
        get_account_authorization_details(ctx, filter=["Role"], marker=marker)


def test_nothing_of_another_account(whole: Account, mallory: User) -> None:
    answer = get_account_authorization_details(ctx_for(mallory))
    assert [user["UserName"] for user in answer["UserDetailList"]] == ["mallory"]
    assert answer["GroupDetailList"] == answer["RoleDetailList"] == []
    (policy,) = answer["Policies"]
    assert (policy["PolicyName"], policy["AttachmentCount"]) == ("AdministratorAccess", 1)


def test_without_permission_it_is_denied(nobody: User) -> None:
    with pytest.raises(AccessDenied):
        get_account_authorization_details(ctx_for(nobody))


def test_it_asks_as_much_for_many_as_for_one(whole: Account, ctx: Context) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            get_account_authorization_details(ctx, max_items=1000)
        return len(captured)

    queries()
    one = queries()
    for number in range(5):
        user = factories.user(whole, f"user-{number}", policies=[allow("s3:*")])
        factories.group(whole, f"group-{number}", users=[user])
        factories.role(whole, f"role-{number}", policies=[allow("s3:*")])
        factories.policy(whole, f"policy-{number}")
    assert queries() == one


def test_every_key_is_in_awss_model(whole: Account) -> None:
    def check(shape: Any, value: Any) -> None:
        if shape.type_name == "structure":
            assert set(value) <= set(shape.members), set(value) - set(shape.members)
            for key, inner in value.items():
                check(shape.members[key], inner)
        elif shape.type_name == "list":
            for inner in value:
                check(shape.member, inner)

    model = operation_model("iam", "GetAccountAuthorizationDetails")
    check(model.output_shape, get_account_authorization_details(ctx_for(whole)))
