"""Deleting with everything attached, as the console of AWS does."""

import pytest

from aws.context import Context
from aws.errors import AccessDenied
from aws.models import Account, Event
from iam import removal
from iam.errors import DeleteConflict
from iam.models import Attachment, Group, InstanceProfile, Policy, Role, User
from iam.operations import create_service_linked_role
from tests import factories
from tests.factories import ADMINISTRATOR, allow, ctx_for

OWN = "arn:aws:iam::111122223333:policy/policy"


def test_a_user_goes_with_all_that_is_theirs(account: Account, ctx: Context) -> None:
    carol = factories.user(
        account,
        "carol",
        policy_arns=[ADMINISTRATOR],
        policies=[allow("s3:*")],
        password=factories.PASSWORD,
    )
    factories.group(account, users=[carol])
    factories.access_key(carol)
    factories.mfa_device(carol)
    removal.remove_user(ctx, "carol")
    assert not User.objects.filter(user_name="carol").exists()
    assert Group.objects.exists()


def test_a_group_goes_and_its_members_stay(account: Account, ctx: Context, bob: User) -> None:
    group = factories.group(account, users=[bob])
    factories.grant(group, policy_arns=[ADMINISTRATOR], policies=[allow("s3:*")])
    removal.remove_group(ctx, "group")
    assert not Group.objects.exists()
    assert User.objects.filter(pk=bob.pk).exists()


def test_a_role_goes_with_the_profile_of_its_name(account: Account, ctx: Context) -> None:
    role = factories.role(account, policy_arns=[ADMINISTRATOR], policies=[allow("s3:*")])
    for name in ("role", "other"):
        InstanceProfile.objects.create(
            account=account,
            instance_profile_name=name,
            instance_profile_id=f"AIPA{name}",
            role=role,
        )
    removal.remove_role(ctx, "role")
    assert not Role.objects.exists()
    assert InstanceProfile.objects.get().instance_profile_name == "other"


def test_a_service_linked_role_goes(ctx: Context) -> None:
    create_service_linked_role(ctx, aws_service_name="rds.amazonaws.com")
    removal.remove_role(ctx, "AWSServiceRoleForRDS")
    assert not Role.objects.exists()


def test_a_policy_goes_from_everyone(account: Account, ctx: Context) -> None:
    """Also from more than the hundred that AWS answers by default."""
    factories.policy(account, documents=[allow("s3:*"), allow("ec2:*")])
    factories.role(account, policy_arns=[OWN])
    factories.grant(factories.group(account), policy_arns=[OWN])
    for number in range(101):
        factories.user(account, f"user-{number}", policy_arns=[OWN])
    removal.remove_policy(ctx, OWN)
    assert not Policy.objects.exists()
    assert not Attachment.objects.filter(policy_arn=OWN).exists()


def test_a_policy_that_is_a_boundary_stays_attached(account: Account, ctx: Context) -> None:
    """All or nothing."""
    factories.policy(account)
    factories.user(account, "carol", policy_arns=[OWN], permissions_boundary=OWN)
    with pytest.raises(DeleteConflict):
        removal.remove_policy(ctx, OWN)
    assert Attachment.objects.filter(policy_arn=OWN).exists()


def test_one_missing_permission_undoes_it_all(account: Account) -> None:
    factories.role(account, policy_arns=[ADMINISTRATOR], policies=[allow("s3:*")])
    may = allow(["iam:Get*", "iam:List*", "iam:DetachRolePolicy"])
    carol = factories.user(account, "carol", policies=[may])
    with pytest.raises(AccessDenied, match="iam:DeleteRolePolicy"):
        removal.remove_role(ctx_for(carol), "role")
    assert Attachment.objects.filter(role__isnull=False).exists()
    assert Event.objects.get(event_name="DeleteRolePolicy").error_code == "AccessDenied"
