"""Service-linked roles: made for a service, protected, deleted."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws.context import Context
from aws.errors import AccessDenied
from aws.models import Account
from iam import operations as iam
from iam import trust
from iam.errors import (
    InvalidInput,
    NoServiceLinkedRoleTemplate,
    NoSuchEntity,
    UnmodifiableEntity,
)
from iam.managed_policies import get as managed_policy
from iam.models import Attachment, InstanceProfile, Role, User
from iam.operations.service_linked_roles import POLICIES, TEMPLATES
from tests import factories
from tests.boto import boto
from tests.factories import ADMINISTRATOR, allow, ctx_for

AUTO_SCALING = "autoscaling.amazonaws.com"
NAME = "AWSServiceRoleForAutoScaling"


@pytest.fixture
def linked(ctx: Context) -> Role:
    iam.create_service_linked_role(ctx, aws_service_name=AUTO_SCALING)
    role: Role = Role.objects.get()
    return role


def test_boto3_makes_deletes_and_asks_about_it(alice: User) -> None:
    client = boto("iam", *factories.access_key(alice))
    made = client.create_service_linked_role(AWSServiceName=AUTO_SCALING)["Role"]
    assert made["Arn"] == f"arn:aws:iam::111122223333:role/aws-service-role/{AUTO_SCALING}/{NAME}"
    (statement,) = made["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": AUTO_SCALING}
    (attached,) = client.list_attached_role_policies(RoleName=NAME)["AttachedPolicies"]
    assert attached["PolicyName"] == "AutoScalingServiceRolePolicy"

    task = client.delete_service_linked_role(RoleName=NAME)["DeletionTaskId"]
    assert task.startswith(f"task/aws-service-role/{AUTO_SCALING}/{NAME}/")
    status = client.get_service_linked_role_deletion_status(DeletionTaskId=task)
    assert status["Status"] == "SUCCEEDED"
    with pytest.raises(ClientError, match="NoSuchEntity"):
        client.get_role(RoleName=NAME)


@pytest.mark.parametrize("service", TEMPLATES)
def test_each_services_policy_is_there(service: str) -> None:
    assert managed_policy(POLICIES + TEMPLATES[service].policy)


def test_there_is_one_without_a_suffix(ctx: Context, linked: Role) -> None:
    with pytest.raises(InvalidInput) as taken:
        iam.create_service_linked_role(ctx, aws_service_name=AUTO_SCALING)
    assert taken.value.message == (
        f"Service role name {NAME} has been taken in this account, please try a different suffix."
    )
    answer = iam.create_service_linked_role(
        ctx, aws_service_name=AUTO_SCALING, custom_suffix="blue"
    )
    assert answer["Role"]["RoleName"] == f"{NAME}_blue"


def test_suffixes_that_cannot_be(ctx: Context) -> None:
    with pytest.raises(InvalidInput, match="Custom suffix is not allowed for rds.amazonaws.com"):
        iam.create_service_linked_role(
            ctx, aws_service_name="rds.amazonaws.com", custom_suffix="blue"
        )
    with pytest.raises(InvalidInput, match="longer than 64"):
        iam.create_service_linked_role(ctx, aws_service_name=AUTO_SCALING, custom_suffix="x" * 64)


def test_an_unknown_service(ctx: Context) -> None:
    with pytest.raises(NoServiceLinkedRoleTemplate) as error:
        iam.create_service_linked_role(ctx, aws_service_name="nothing.amazonaws.com")
    assert (error.value.code, error.value.status) == ("AccessDenied", 403)


def test_permission_can_name_the_service(account: Account) -> None:
    only = {"StringEquals": {"iam:AWSServiceName": AUTO_SCALING}}
    carol = factories.user(
        account, "carol", policies=[allow("iam:CreateServiceLinkedRole", Condition=only)]
    )
    ctx = ctx_for(carol)
    with pytest.raises(AccessDenied):
        iam.create_service_linked_role(ctx, aws_service_name="rds.amazonaws.com")
    with pytest.raises(AccessDenied, match="not authorized to perform"):
        iam.create_service_linked_role(ctx, aws_service_name="nothing.amazonaws.com")
    assert iam.create_service_linked_role(ctx, aws_service_name=AUTO_SCALING)


# --- Protection -----------------------------------------------------------------------------------
CHANGES: list[tuple[Callable[..., Any], dict[str, Any]]] = [
    (iam.delete_role, {}),
    (iam.update_role, {"max_session_duration": 7200}),
    (
        iam.update_assume_role_policy,
        {"policy_document": trust.for_service("ec2.amazonaws.com")},
    ),
    (iam.attach_role_policy, {"policy_arn": ADMINISTRATOR}),
    (iam.detach_role_policy, {"policy_arn": POLICIES + "AutoScalingServiceRolePolicy"}),
    (iam.put_role_policy, {"policy_name": "p", "policy_document": allow("*")}),
    (iam.delete_role_policy, {"policy_name": "p"}),
    (iam.put_role_permissions_boundary, {"permissions_boundary": ADMINISTRATOR}),
    (iam.delete_role_permissions_boundary, {}),
    (iam.add_role_to_instance_profile, {"instance_profile_name": "profile"}),
]


@pytest.mark.parametrize(("call", "more"), CHANGES, ids=lambda value: getattr(value, "name", ""))
def test_nobody_but_the_service_changes_it(
    ctx: Context, linked: Role, call: Callable[..., Any], more: dict[str, Any]
) -> None:
    InstanceProfile.objects.create(account=linked.account, instance_profile_name="profile")
    with pytest.raises(UnmodifiableEntity) as error:
        call(ctx, role_name=NAME, **more)
    assert error.value.message == (
        f"Cannot perform the operation on the protected role '{NAME}' - this role is only "
        "modifiable by AWS"
    )
    assert Attachment.objects.filter(role=linked).count() == 1


def test_its_description_may_change(ctx: Context, linked: Role) -> None:
    iam.update_role(ctx, role_name=NAME, description="One")
    iam.update_role_description(ctx, role_name=NAME, description="Two")
    assert iam.get_role(ctx, role_name=NAME)["Role"]["Description"] == "Two"


def test_an_ordinary_role_is_not_deleted_this_way(account: Account, ctx: Context) -> None:
    factories.role(account)
    with pytest.raises(NoSuchEntity):
        iam.delete_service_linked_role(ctx, role_name="role")
    assert Role.objects.exists()


def test_a_task_belongs_to_its_account(ctx: Context, linked: Role, mallory: User) -> None:
    task = iam.delete_service_linked_role(ctx, role_name=NAME)["DeletionTaskId"]
    with pytest.raises(NoSuchEntity):
        iam.get_service_linked_role_deletion_status(ctx_for(mallory), deletion_task_id=task)
    with pytest.raises(NoSuchEntity):
        iam.get_service_linked_role_deletion_status(ctx, deletion_task_id=task[:-1])


def test_a_reader_does_not_change_it(linked: Role, bob: User) -> None:
    ctx = ctx_for(bob)
    with pytest.raises(AccessDenied):
        iam.create_service_linked_role(ctx, aws_service_name="rds.amazonaws.com")
    with pytest.raises(AccessDenied):
        iam.delete_service_linked_role(ctx, role_name=NAME)
