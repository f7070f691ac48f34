"""Instance profiles: made, filled with a role, tagged, deleted."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws.context import Context
from aws.errors import AccessDenied
from aws.models import Account
from iam import quotas
from iam.errors import DeleteConflict, EntityAlreadyExists, LimitExceeded, NoSuchEntity
from iam.models import InstanceProfile, User
from iam.operations import (
    add_role_to_instance_profile,
    create_instance_profile,
    delete_instance_profile,
    get_instance_profile,
    list_instance_profile_tags,
    list_instance_profiles,
    list_instance_profiles_for_role,
    remove_role_from_instance_profile,
    tag_instance_profile,
    untag_instance_profile,
)
from tests import factories
from tests.boto import boto
from tests.factories import allow, ctx_for


def make(ctx: Context, name: str = "web", *, role_name: str = "", path: str = "/") -> None:
    create_instance_profile(ctx, instance_profile_name=name, path=path)
    if role_name:
        add_role_to_instance_profile(ctx, instance_profile_name=name, role_name=role_name)


def test_boto3_makes_fills_and_deletes_a_profile(account: Account, alice: User) -> None:
    factories.role(account, "web-role", tags={"a": "b"})
    iam = boto("iam", *factories.access_key(alice))
    made = iam.create_instance_profile(
        InstanceProfileName="web", Path="/class/", Tags=[{"Key": "team", "Value": "blue"}]
    )["InstanceProfile"]
    assert made["Arn"] == "arn:aws:iam::111122223333:instance-profile/class/web"
    assert made["InstanceProfileId"].startswith("AIPA")
    assert made["Roles"] == []

    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web-role")
    profile = iam.get_instance_profile(InstanceProfileName="web")["InstanceProfile"]
    (role,) = profile["Roles"]
    assert role["RoleName"] == "web-role"
    assert role["AssumeRolePolicyDocument"]["Statement"]
    assert profile["Tags"] == [{"Key": "team", "Value": "blue"}]
    (listed,) = iam.list_instance_profiles_for_role(RoleName="web-role")["InstanceProfiles"]
    assert listed["InstanceProfileName"] == "web"
    assert "Tags" not in listed

    with pytest.raises(ClientError, match="must remove roles from instance profile first"):
        iam.delete_instance_profile(InstanceProfileName="web")
    iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName="web-role")
    iam.delete_instance_profile(InstanceProfileName="web")
    with pytest.raises(ClientError, match="Instance Profile web cannot be found"):
        iam.get_instance_profile(InstanceProfileName="web")


def test_a_profile_has_one_role(account: Account, ctx: Context) -> None:
    for name in ("one", "two"):
        factories.role(account, name)
    make(ctx, role_name="one")
    for name in ("one", "two"):
        with pytest.raises(LimitExceeded) as limit:
            add_role_to_instance_profile(ctx, instance_profile_name="web", role_name=name)
        assert limit.value.message == (
            "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"
        )
    make(ctx, "second", role_name="one")
    with pytest.raises(NoSuchEntity, match="The role with name two cannot be found"):
        remove_role_from_instance_profile(ctx, instance_profile_name="web", role_name="two")
    with pytest.raises(DeleteConflict):
        delete_instance_profile(ctx, instance_profile_name="web")


def test_whoever_fills_a_profile_has_to_be_allowed_to_pass_the_role(account: Account) -> None:
    """To EC2, and to nobody else."""
    to_ec2 = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    roles = "arn:aws:iam::*:role/web-*"
    changes = allow(["iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile"])
    carol = factories.user(
        account, "carol", policies=[changes, allow("iam:PassRole", roles, Condition=to_ec2)]
    )
    factories.role(account, "web-role")
    factories.role(account, "admin")
    ctx = ctx_for(carol)
    make(ctx)
    messages = set()
    for name in ("admin", "ghost"):
        with pytest.raises(AccessDenied) as denied:
            add_role_to_instance_profile(ctx, instance_profile_name="web", role_name=name)
        messages.add(denied.value.message.replace(name, "NAME"))
    assert len(messages) == 1
    assert "iam:PassRole" in messages.pop()
    add_role_to_instance_profile(ctx, instance_profile_name="web", role_name="web-role")


@pytest.mark.parametrize("name", ["web", "Web"])
def test_a_name_is_taken_whatever_its_case(ctx: Context, mallory: User, name: str) -> None:
    make(ctx, "web")
    with pytest.raises(EntityAlreadyExists) as error:
        make(ctx, name, path="/other/")
    assert error.value.message == f"Instance Profile {name} already exists."
    make(ctx_for(mallory), name)


def test_an_account_has_a_number_of_profiles(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "INSTANCE_PROFILES", 1)
    make(ctx)
    with pytest.raises(LimitExceeded, match="InstanceProfilesPerAccount: 1"):
        make(ctx, "second")


def test_lists_come_in_pages_and_by_path(account: Account, ctx: Context, mallory: User) -> None:
    factories.role(account)
    make(ctx_for(mallory), "elsewhere")
    for name, path in (("b", "/"), ("a", "/class/"), ("c", "/")):
        make(ctx, name, path=path, role_name="role")
    for call, more in (
        (list_instance_profiles, {}),
        (list_instance_profiles_for_role, {"role_name": "role"}),
    ):
        first = call(ctx, max_items=2, **more)
        rest = call(ctx, max_items=2, marker=first["Marker"], **more)
        pages = [*first["InstanceProfiles"], *rest["InstanceProfiles"]]
        assert [profile["InstanceProfileName"] for profile in pages] == ["a", "b", "c"]
    (found,) = list_instance_profiles(ctx, path_prefix="/class/")["InstanceProfiles"]
    assert found["InstanceProfileName"] == "a"


def test_tags_are_added_changed_and_removed(ctx: Context) -> None:
    make(ctx)
    what: dict[str, Any] = {"instance_profile_name": "web"}
    tag_instance_profile(ctx, tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}], **what)
    tag_instance_profile(ctx, tags=[{"Key": "a", "Value": "2"}], **what)
    untag_instance_profile(ctx, tag_keys=["b", "c"], **what)
    assert list_instance_profile_tags(ctx, **what)["Tags"] == [{"Key": "a", "Value": "2"}]


def test_a_reader_reads(account: Account, ctx: Context, bob: User) -> None:
    factories.role(account)
    make(ctx, role_name="role")
    reader = ctx_for(bob)
    assert get_instance_profile(reader, instance_profile_name="web")
    for call, more in (
        (create_instance_profile, {}),
        (delete_instance_profile, {}),
        (add_role_to_instance_profile, {"role_name": "role"}),
        (remove_role_from_instance_profile, {"role_name": "role"}),
        (tag_instance_profile, {"tags": [{"Key": "a", "Value": ""}]}),
        (untag_instance_profile, {"tag_keys": ["a"]}),
    ):
        with pytest.raises(AccessDenied):
            call(reader, instance_profile_name="web", **more)


def test_another_accounts_role_cannot_be_put_in(account: Account, mallory: User) -> None:
    factories.role(account)
    ctx = ctx_for(mallory)
    make(ctx)
    with pytest.raises(NoSuchEntity, match="The role with name role cannot be found"):
        add_role_to_instance_profile(ctx, instance_profile_name="web", role_name="role")
    assert InstanceProfile.objects.get().role is None
