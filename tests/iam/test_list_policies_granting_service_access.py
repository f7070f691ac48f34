"""Which policies let a user, group or role use a service."""

from typing import Any

import pytest

from aws.context import Context
from aws.errors import AccessDenied
from aws.models import Account
from iam.errors import InvalidInput, NoSuchEntity
from iam.models import User
from iam.operations import list_policies_granting_service_access
from tests import factories
from tests.boto import boto
from tests.factories import READ_ONLY, allow, ctx_for


def granting(ctx: Context, arn: str, service: str) -> list[str]:
    """Names of the policies."""
    (entry,) = list_policies_granting_service_access(ctx, arn=arn, service_namespaces=[service])[
        "PoliciesGrantingServiceAccess"
    ]
    assert entry["ServiceNamespace"] == service
    return [policy["PolicyName"] for policy in entry["Policies"]]


def test_boto3_lists_own_and_groups_policies_by_service(account: Account, alice: User) -> None:
    carol = factories.user(account, "carol", policies=[allow("s3:GetObject")])
    group = factories.group(account, users=[carol])
    own = factories.policy(account, documents=[allow(["ec2:*", "s3:ListBucket"])])
    factories.grant(group, policy_arns=[own.policy_arn])
    iam = boto("iam", *factories.access_key(alice))
    answer = iam.list_policies_granting_service_access(
        Arn=carol.arn, ServiceNamespaces=["s3", "ec2", "rds"]
    )
    inline = {
        "PolicyName": "inline-1",
        "PolicyType": "INLINE",
        "EntityType": "USER",
        "EntityName": "carol",
    }
    managed = {"PolicyName": "policy", "PolicyType": "MANAGED", "PolicyArn": own.policy_arn}
    assert answer["PoliciesGrantingServiceAccess"] == [
        {"ServiceNamespace": "s3", "Policies": [inline, managed]},
        {"ServiceNamespace": "ec2", "Policies": [managed]},
        {"ServiceNamespace": "rds", "Policies": []},
    ]
    assert answer["IsTruncated"] is False


@pytest.mark.parametrize(
    ("document", "grants"),
    [
        (allow("*"), True),
        (allow("S3:*"), True),
        (allow("ec2:*"), False),
        (allow("s3:*", Effect="Deny"), False),
        (allow("ec2:*").replace("Action", "NotAction"), True),
        (allow("s3:*").replace("Action", "NotAction"), False),
    ],
)
def test_what_grants_a_service(account: Account, ctx: Context, document: str, grants: bool) -> None:
    role = factories.role(account, policies=[document])
    assert bool(granting(ctx, role.arn, "s3")) is grants


def test_a_policy_of_user_and_group_is_listed_once(account: Account, ctx: Context) -> None:
    carol = factories.user(account, "carol", policy_arns=[READ_ONLY])
    group = factories.group(account, users=[carol])
    factories.grant(group, policy_arns=[READ_ONLY])
    assert granting(ctx, carol.arn, "s3") == granting(ctx, group.arn, "s3") == ["ReadOnlyAccess"]


@pytest.mark.parametrize(
    ("arn", "services", "error"),
    [
        ("arn:aws:iam::111122223333:user/missing", ["s3"], NoSuchEntity),
        ("arn:aws:iam::111122223333:user/path/alice", ["s3"], NoSuchEntity),
        ("arn:aws:iam::444455556666:user/mallory", ["s3"], NoSuchEntity),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", ["s3"], InvalidInput),
        ("arn:aws:iam::111122223333:user/alice", ["s3", "nothing"], InvalidInput),
    ],
)
def test_what_cannot_be_answered(
    ctx: Context, mallory: User, arn: str, services: list[str], error: Any
) -> None:
    with pytest.raises(error):
        list_policies_granting_service_access(ctx, arn=arn, service_namespaces=services)


def test_it_is_for_those_who_may_ask(alice: User, bob: User, nobody: User) -> None:
    assert granting(ctx_for(bob), alice.arn, "s3") == ["AdministratorAccess"]
    with pytest.raises(AccessDenied):
        granting(ctx_for(nobody), alice.arn, "s3")
