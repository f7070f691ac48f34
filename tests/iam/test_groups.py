"""User groups: made, renamed, deleted, and their members."""

import pytest
from botocore.exceptions import ClientError

from aws.context import Context
from aws.errors import AccessDenied, ValidationError
from aws.models import Account
from iam import quotas
from iam.errors import DeleteConflict, EntityAlreadyExists, LimitExceeded, NoSuchEntity
from iam.lookup import InvalidMarker
from iam.models import Group, User
from iam.operations import (
    add_user_to_group,
    create_group,
    delete_group,
    get_group,
    list_groups,
    list_groups_for_user,
    list_users,
    remove_user_from_group,
    update_group,
)
from tests import factories
from tests.boto import boto
from tests.factories import ADMINISTRATOR, allow, ctx_for


def names(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [group["GroupName"] for group in answer["Groups"]]


def test_boto3_makes_fills_renames_and_deletes_a_group(alice: User, bob: User) -> None:
    iam = boto("iam", *factories.access_key(alice))
    made = iam.create_group(GroupName="developers", Path="/class/")["Group"]
    assert made["Arn"] == "arn:aws:iam::111122223333:group/class/developers"
    assert made["GroupId"].startswith("AGPA")
    iam.add_user_to_group(GroupName="developers", UserName="bob")
    iam.update_group(GroupName="developers", NewGroupName="Builders", NewPath="/")

    answer = iam.get_group(GroupName="Builders")
    assert answer["Group"]["Arn"] == "arn:aws:iam::111122223333:group/Builders"
    assert answer["Group"]["GroupId"] == made["GroupId"]
    assert [user["UserName"] for user in answer["Users"]] == ["bob"]
    assert names(iam.list_groups_for_user(UserName="bob")) == ["Builders"]

    with pytest.raises(ClientError, match="must remove users from group first"):
        iam.delete_group(GroupName="Builders")
    iam.remove_user_from_group(GroupName="Builders", UserName="bob")
    iam.delete_group(GroupName="Builders")
    with pytest.raises(ClientError, match="The group with name Builders cannot be found"):
        iam.get_group(GroupName="Builders")


def test_a_member_has_the_groups_permissions_at_once(account: Account) -> None:
    """Also within one request, whose policies are read once."""
    group = factories.group(account)
    factories.grant(group, policy_arns=[ADMINISTRATOR])
    carol = factories.user(account, "carol", policies=[allow("iam:AddUserToGroup")])
    ctx = ctx_for(carol)
    with pytest.raises(AccessDenied):
        list_users(ctx)
    add_user_to_group(ctx, group_name="group", user_name="carol")
    assert list_users(ctx)
    remove_user_from_group(ctx, group_name="group", user_name="carol")
    with pytest.raises(AccessDenied):
        list_users(ctx)


@pytest.mark.parametrize("name", ["developers", "Developers"])
def test_a_name_is_taken_whatever_its_case(ctx: Context, name: str) -> None:
    create_group(ctx, group_name="developers")
    create_group(ctx, group_name="testers")
    with pytest.raises(EntityAlreadyExists) as error:
        create_group(ctx, group_name=name, path="/other/")
    assert error.value.message == f"Group with name {name} already exists."
    with pytest.raises(EntityAlreadyExists):
        update_group(ctx, group_name="testers", new_group_name=name)


def test_another_account_may_use_the_same_name(ctx: Context, mallory: User) -> None:
    create_group(ctx, group_name="developers")
    create_group(ctx_for(mallory), group_name="developers")
    delete_group(ctx_for(mallory), group_name="developers")
    assert names(list_groups(ctx)) == ["developers"]


@pytest.mark.parametrize("name", ["a b", "a/b", "", "a" * 129])
def test_what_is_no_name(ctx: Context, name: str) -> None:
    with pytest.raises(ValidationError):
        create_group(ctx, group_name=name)


def test_an_account_has_a_number_of_groups(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "GROUPS", 1)
    create_group(ctx, group_name="one")
    with pytest.raises(LimitExceeded, match="Cannot exceed quota for GroupsPerAccount: 1"):
        create_group(ctx, group_name="two")


def test_a_user_is_in_ten_groups_at_most(account: Account, ctx: Context, bob: User) -> None:
    for number in range(11):
        factories.group(account, f"group-{number}")
    for number in range(10):
        add_user_to_group(ctx, group_name=f"group-{number}", user_name="bob")
    with pytest.raises(LimitExceeded, match="Cannot exceed quota for GroupsPerUser: 10"):
        add_user_to_group(ctx, group_name="group-10", user_name="bob")
    add_user_to_group(ctx, group_name="group-9", user_name="bob")
    assert bob.groups.count() == 10


def test_lists_come_in_pages_and_by_path(account: Account, ctx: Context) -> None:
    users = [factories.user(account, name) for name in ("dora", "erin", "finn")]
    factories.group(account, "b", users=users)
    for name, path in (("a", "/"), ("c", "/class/")):
        create_group(ctx, group_name=name, path=path)

    assert names(list_groups(ctx)) == ["a", "b", "c"]
    assert names(list_groups(ctx, path_prefix="/class/")) == ["c"]
    first = list_groups(ctx, max_items=2)
    assert names(list_groups(ctx, max_items=2, marker=first["Marker"])) == ["c"]
    with pytest.raises(InvalidMarker):
        list_groups(ctx, path_prefix="/class/", marker=first["Marker"])

    members = get_group(ctx, group_name="b", max_items=2)
    rest = get_group(ctx, group_name="b", max_items=2, marker=members["Marker"])
    found = [user["UserName"] for page in (members, rest) for user in page["Users"]]
    assert found == ["dora", "erin", "finn"]
    with pytest.raises(InvalidMarker):
        get_group(ctx, group_name="a", marker=members["Marker"])


def test_what_is_left_is_named_before_a_group_goes(account: Account, ctx: Context) -> None:
    group = factories.group(account, users=[factories.user(account)])
    factories.grant(group, policy_arns=[ADMINISTRATOR], policies=[allow("s3:*")])
    for reason, clear in (
        ("must remove users from group first", group.users.clear),
        ("must detach all policies first", group.attachments.all().delete),
        ("must delete policies first", group.inlinepolicys.all().delete),
    ):
        with pytest.raises(DeleteConflict) as conflict:
            delete_group(ctx, group_name="group")
        assert conflict.value.message == f"Cannot delete entity, {reason}."
        clear()
    delete_group(ctx, group_name="group")
    assert not Group.objects.exists()


def test_a_missing_part_is_named(account: Account, ctx: Context, bob: User, mallory: User) -> None:
    factories.group(account)
    with pytest.raises(NoSuchEntity, match="The group with name other cannot be found"):
        add_user_to_group(ctx, group_name="other", user_name="bob")
    for call in (add_user_to_group, remove_user_from_group):
        with pytest.raises(NoSuchEntity, match="The user with name mallory cannot be found"):
            call(ctx, group_name="group", user_name="mallory")
    with pytest.raises(NoSuchEntity, match="bob is not in group group"):
        remove_user_from_group(ctx, group_name="group", user_name="bob")


def test_a_reader_reads(account: Account, bob: User) -> None:
    factories.group(account, users=[bob])
    ctx = ctx_for(bob)
    assert get_group(ctx, group_name="group")["Users"]
    assert names(list_groups_for_user(ctx, user_name="bob")) == ["group"]
    for call, more in (
        (create_group, {}),
        (delete_group, {}),
        (update_group, {"new_group_name": "other"}),
        (add_user_to_group, {"user_name": "bob"}),
        (remove_user_from_group, {"user_name": "bob"}),
    ):
        with pytest.raises(AccessDenied):
            call(ctx, group_name="group", **more)


def test_a_rename_needs_permission_on_both_ends(account: Account) -> None:
    factories.group(account)
    carol = factories.user(
        account, "carol", policies=[allow("iam:UpdateGroup", "arn:aws:iam::*:group/group")]
    )
    with pytest.raises(AccessDenied, match="group/admins"):
        update_group(ctx_for(carol), group_name="group", new_group_name="admins")
    assert Group.objects.get().group_name == "group"
