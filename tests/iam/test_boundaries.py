"""Permissions boundaries of users and roles."""

from collections.abc import Callable
from typing import Any

import pytest

from aws.context import Context
from aws.errors import AccessDenied
from aws.models import Account
from iam.errors import InvalidInput, NoSuchEntity, PolicyNotAttachable
from iam.models import Role, User
from iam.operations import (
    delete_role_permissions_boundary,
    delete_user_permissions_boundary,
    get_user,
    list_users,
    put_role_permissions_boundary,
    put_user_permissions_boundary,
)
from tests import factories
from tests.boto import boto
from tests.factories import ADMINISTRATOR, READ_ONLY, allow, ctx_for

Call = Callable[..., Any]
KINDS = pytest.mark.parametrize(
    ("put", "delete", "named"),
    [
        (put_user_permissions_boundary, delete_user_permissions_boundary, "user_name"),
        (put_role_permissions_boundary, delete_role_permissions_boundary, "role_name"),
    ],
    ids=["user", "role"],
)


@pytest.fixture
def carol(account: Account) -> User:
    return factories.user(account, "carol", policy_arns=[ADMINISTRATOR])


@pytest.fixture
def role(account: Account) -> Role:
    return factories.role(account, "carol", policy_arns=[ADMINISTRATOR])


def test_boto3_sets_changes_and_removes_boundaries(alice: User, carol: User, role: Role) -> None:
    iam = boto("iam", *factories.access_key(alice))
    for arn in (READ_ONLY, ADMINISTRATOR):
        iam.put_user_permissions_boundary(UserName="carol", PermissionsBoundary=arn)
        iam.put_role_permissions_boundary(RoleName="carol", PermissionsBoundary=arn)
        wanted = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}
        assert iam.get_user(UserName="carol")["User"]["PermissionsBoundary"] == wanted
        assert iam.get_role(RoleName="carol")["Role"]["PermissionsBoundary"] == wanted
    iam.delete_user_permissions_boundary(UserName="carol")
    iam.delete_role_permissions_boundary(RoleName="carol")
    assert "PermissionsBoundary" not in iam.get_user(UserName="carol")["User"]
    assert "PermissionsBoundary" not in iam.get_role(RoleName="carol")["Role"]


def test_it_limits_at_once_even_oneself(account: Account, carol: User) -> None:
    boundary = factories.policy(account, documents=[allow("iam:*Boundary")])
    ctx = ctx_for(carol)
    assert list_users(ctx)
    put_user_permissions_boundary(ctx, user_name="carol", permissions_boundary=boundary.policy_arn)
    with pytest.raises(AccessDenied, match="no permissions boundary allows"):
        list_users(ctx)
    delete_user_permissions_boundary(ctx, user_name="carol")
    assert list_users(ctx)


@KINDS
def test_it_is_a_policy_of_aws_or_of_the_account(
    ctx: Context, carol: User, role: Role, mallory: User, put: Call, delete: Call, named: str
) -> None:
    theirs = factories.policy(mallory.account).policy_arn
    for arn, error in (
        (theirs, NoSuchEntity),
        ("arn:aws:iam::aws:policy/Missing", NoSuchEntity),
        ("arn:aws:iam::111122223333:user/carol", InvalidInput),
        (
            "arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy",
            PolicyNotAttachable,
        ),
    ):
        with pytest.raises(error):
            put(ctx, permissions_boundary=arn, **{named: "carol"})
    put(ctx, permissions_boundary=factories.policy(carol.account).policy_arn, **{named: "carol"})


@KINDS
def test_removing_what_is_not_there_is_no_error(
    ctx: Context, carol: User, role: Role, put: Call, delete: Call, named: str
) -> None:
    delete(ctx, **{named: "carol"})


@KINDS
def test_a_delegate_may_set_only_the_given_one(
    account: Account, carol: User, role: Role, put: Call, delete: Call, named: str
) -> None:
    """Setting is decided by the new boundary, removing by the present one."""
    given = {"StringEquals": {"iam:PermissionsBoundary": READ_ONLY}}
    delegate = factories.user(
        account, "delegate", policies=[allow("iam:*PermissionsBoundary", Condition=given)]
    )
    ctx = ctx_for(delegate)
    with pytest.raises(AccessDenied):
        put(ctx, permissions_boundary=ADMINISTRATOR, **{named: "carol"})
    with pytest.raises(AccessDenied):
        delete(ctx, **{named: "carol"})
    put(ctx, permissions_boundary=READ_ONLY, **{named: "carol"})
    with pytest.raises(AccessDenied):
        put(ctx, permissions_boundary=ADMINISTRATOR, **{named: "carol"})
    delete(ctx, **{named: "carol"})


@KINDS
def test_a_reader_and_another_account_change_nothing(
    bob: User, carol: User, role: Role, mallory: User, put: Call, delete: Call, named: str
) -> None:
    with pytest.raises(AccessDenied):
        put(ctx_for(bob), permissions_boundary=READ_ONLY, **{named: "carol"})
    with pytest.raises(AccessDenied):
        delete(ctx_for(bob), **{named: "carol"})
    with pytest.raises(NoSuchEntity):
        put(ctx_for(mallory), permissions_boundary=READ_ONLY, **{named: "carol"})
    assert "PermissionsBoundary" not in get_user(ctx_for(bob), user_name="carol")["User"]
