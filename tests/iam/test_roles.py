"""Roles: made, changed, tagged, deleted."""

import json
from typing import Any
from urllib.parse import unquote

import pytest
from botocore.exceptions import ClientError

from aws.context import Context
from aws.errors import AccessDenied, ValidationError
from aws.models import Account
from iam import quotas, trust
from iam.errors import (
    DeleteConflict,
    EntityAlreadyExists,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
)
from iam.models import InstanceProfile, Role, User
from iam.operations import (
    create_role,
    delete_role,
    get_role,
    list_role_tags,
    list_roles,
    tag_role,
    untag_role,
    update_assume_role_policy,
    update_role,
    update_role_description,
)
from tests import factories
from tests.boto import boto
from tests.factories import ADMINISTRATOR, allow, ctx_for

EC2 = trust.for_service("ec2.amazonaws.com")


def make(ctx: Context, name: str = "role", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = create_role(
        ctx, role_name=name, assume_role_policy_document=EC2, **more
    )["Role"]
    return made


def test_boto3_makes_changes_and_deletes_a_role(alice: User) -> None:
    iam = boto("iam", *factories.access_key(alice))
    made = iam.create_role(
        RoleName="web",
        Path="/class/",
        AssumeRolePolicyDocument=EC2,
        Description="For web servers",
        MaxSessionDuration=7200,
        PermissionsBoundary=ADMINISTRATOR,
        Tags=[{"Key": "team", "Value": "blue"}],
    )["Role"]
    assert made["Arn"] == "arn:aws:iam::111122223333:role/class/web"
    assert made["RoleId"].startswith("AROA")

    role = iam.get_role(RoleName="web")["Role"]
    assert role["AssumeRolePolicyDocument"] == json.loads(EC2)
    assert role["Description"] == "For web servers"
    assert role["MaxSessionDuration"] == 7200
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == ADMINISTRATOR
    assert role["Tags"] == [{"Key": "team", "Value": "blue"}]
    assert role["RoleLastUsed"] == {}

    iam.update_role(RoleName="web", Description="", MaxSessionDuration=43200)
    iam.untag_role(RoleName="web", TagKeys=["team", "missing"])
    iam.tag_role(RoleName="web", Tags=[{"Key": "stage", "Value": "test"}])
    role = iam.get_role(RoleName="web")["Role"]
    assert "Description" not in role
    assert role["MaxSessionDuration"] == 43200
    assert iam.list_role_tags(RoleName="web")["Tags"] == [{"Key": "stage", "Value": "test"}]

    iam.delete_role(RoleName="web")
    with pytest.raises(ClientError, match="The role with name web cannot be found"):
        iam.get_role(RoleName="web")


def test_documents_are_url_encoded_on_the_wire(ctx: Context) -> None:
    encoded = make(ctx)["AssumeRolePolicyDocument"]
    assert encoded.startswith("%7B")
    assert unquote(encoded) == EC2


def test_the_last_use_is_told(account: Account, ctx: Context) -> None:
    role = factories.role(account, policy_arns=[ADMINISTRATOR])
    session = factories.session(role, kind="assumed-role", session_name="s")
    keys = (session.access_key_id, session.secret_access_key)
    boto("iam", *keys, session_token=session.token(), region="us-west-2").list_users()
    used = get_role(ctx, role_name="role")["Role"]["RoleLastUsed"]
    assert used["Region"] == "us-west-2"
    assert abs((ctx.now - used["LastUsedDate"]).total_seconds()) < 60


def test_lists_leave_details_out(ctx: Context) -> None:
    make(ctx, description="Text", tags=[{"Key": "a", "Value": "b"}])
    (role,) = list_roles(ctx)["Roles"]
    assert role["Description"] == "Text"
    assert not {"Tags", "RoleLastUsed", "PermissionsBoundary"} & role.keys()


def test_lists_come_in_pages_and_by_path(ctx: Context, mallory: User) -> None:
    make(ctx_for(mallory), "elsewhere")
    for name, path in (("b", "/"), ("a", "/class/"), ("c", "/")):
        make(ctx, name, path=path)
    first = list_roles(ctx, max_items=2)
    rest = list_roles(ctx, max_items=2, marker=first["Marker"])
    found = [role["RoleName"] for page in (first, rest) for role in page["Roles"]]
    assert found == ["a", "b", "c"]
    assert [role["RoleName"] for role in list_roles(ctx, path_prefix="/class")["Roles"]] == ["a"]


@pytest.mark.parametrize("name", ["web", "WEB"])
def test_a_name_is_taken_whatever_its_case(ctx: Context, mallory: User, name: str) -> None:
    make(ctx, "web")
    with pytest.raises(EntityAlreadyExists) as error:
        make(ctx, name, path="/other/")
    assert error.value.message == f"Role with name {name} already exists."
    make(ctx_for(mallory), name)


@pytest.mark.parametrize(
    "more",
    [
        {"role_name": "a b"},
        {"role_name": "a" * 65},
        {"max_session_duration": 3599},
        {"max_session_duration": 43201},
        {"path": "no-slash"},
        {"description": "한국어"},
    ],
)
def test_values_that_aws_refuses(ctx: Context, more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        create_role(ctx, **{"role_name": "r", "assume_role_policy_document": EC2, **more})


def test_a_services_path_is_reserved(ctx: Context) -> None:
    with pytest.raises(InvalidInput, match="/aws-service-role/ is reserved"):
        make(ctx, path="/aws-service-role/ec2.amazonaws.com/")


def test_an_account_has_a_number_of_roles(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "ROLES", 1)
    make(ctx)
    with pytest.raises(LimitExceeded, match="Cannot exceed quota for RolesPerAccount: 1"):
        make(ctx, "second")


def test_a_duration_left_out_goes_back_to_an_hour(ctx: Context) -> None:
    make(ctx, max_session_duration=7200, description="Old")
    update_role_description(ctx, role_name="role", description="New")
    role = get_role(ctx, role_name="role")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("New", 7200)
    update_role(ctx, role_name="role")
    role = get_role(ctx, role_name="role")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("New", 3600)


def test_a_boundary_has_to_be_a_policy_of_the_account(ctx: Context, mallory: User) -> None:
    arn = factories.policy(mallory.account).policy_arn
    with pytest.raises(NoSuchEntity, match="does not exist or is not attachable"):
        make(ctx, permissions_boundary=arn)
    with pytest.raises(InvalidInput, match="is not valid"):
        make(ctx, permissions_boundary="arn:aws:s3:::bucket/key")


def test_what_is_left_is_named_before_a_role_goes(account: Account, ctx: Context) -> None:
    role = factories.role(account, policy_arns=[ADMINISTRATOR], policies=[allow("s3:*")])
    profiles = InstanceProfile.objects.filter(role=role)
    InstanceProfile.objects.create(account=account, instance_profile_name="p", role=role)
    for reason, clear in (
        ("must remove roles from instance profile first", profiles.delete),
        ("must detach all policies first", role.attachments.all().delete),
        ("must delete policies first", role.inlinepolicys.all().delete),
    ):
        with pytest.raises(DeleteConflict) as conflict:
            delete_role(ctx, role_name="role")
        assert conflict.value.message == f"Cannot delete entity, {reason}."
        clear()
    delete_role(ctx, role_name="role")
    assert not Role.objects.exists()


def test_a_deleted_roles_sessions_end(account: Account, ctx: Context) -> None:
    role = factories.role(account, policy_arns=[ADMINISTRATOR])
    session = factories.session(role, kind="assumed-role", session_name="s")
    keys = (session.access_key_id, session.secret_access_key)
    iam = boto("iam", *keys, session_token=session.token())
    assert iam.list_users()
    role.attachments.all().delete()
    delete_role(ctx, role_name="role")
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        iam.list_users()


def test_a_reader_reads(account: Account, bob: User) -> None:
    factories.role(account)
    ctx = ctx_for(bob)
    assert get_role(ctx, role_name="role")
    assert list_role_tags(ctx, role_name="role")
    tags = [{"Key": "a", "Value": "b"}]
    for call, more in (
        (create_role, {"assume_role_policy_document": EC2}),
        (delete_role, {}),
        (update_role, {}),
        (update_role_description, {"description": ""}),
        (update_assume_role_policy, {"policy_document": EC2}),
        (tag_role, {"tags": tags}),
        (untag_role, {"tag_keys": ["a"]}),
    ):
        with pytest.raises(AccessDenied):
            call(ctx, role_name="role", **more)


def test_another_account_finds_nothing(account: Account, mallory: User) -> None:
    factories.role(account)
    for call in (get_role, delete_role, update_role):
        with pytest.raises(NoSuchEntity, match="The role with name role cannot be found"):
            call(ctx_for(mallory), role_name="role")


# --- Condition keys -------------------------------------------------------------------------------
def test_roles_can_be_made_with_a_boundary_only(account: Account) -> None:
    needed = {"StringEquals": {"iam:PermissionsBoundary": ADMINISTRATOR}}
    carol = factories.user(account, "carol", policies=[allow("iam:CreateRole", Condition=needed)])
    with pytest.raises(AccessDenied):
        make(ctx_for(carol))
    assert make(ctx_for(carol), permissions_boundary=ADMINISTRATOR)


def test_the_present_boundary_decides_about_a_change(account: Account) -> None:
    needed = {"StringEquals": {"iam:PermissionsBoundary": ADMINISTRATOR}}
    carol = factories.user(
        account,
        "carol",
        policies=[allow(["iam:UpdateRole", "iam:DeleteRole"], Condition=needed)],
    )
    factories.role(account, "free")
    factories.role(account, "bound", permissions_boundary=ADMINISTRATOR)
    for call in (update_role, delete_role):
        with pytest.raises(AccessDenied):
            call(ctx_for(carol), role_name="free")
        call(ctx_for(carol), role_name="bound")


@pytest.mark.parametrize("key", ["aws:ResourceTag/team", "iam:ResourceTag/team"])
def test_tags_decide_under_both_names(account: Account, key: str) -> None:
    carol = factories.user(
        account, "carol", policies=[allow("iam:*", Condition={"StringEquals": {key: "blue"}})]
    )
    factories.role(account, "blue", tags={"team": "blue"})
    factories.role(account, "red", tags={"team": "red"})
    assert get_role(ctx_for(carol), role_name="blue")
    with pytest.raises(AccessDenied):
        get_role(ctx_for(carol), role_name="red")


def test_requested_tags_decide_about_tagging(account: Account) -> None:
    only_stage = {"ForAllValues:StringEquals": {"aws:TagKeys": ["stage"]}}
    carol = factories.user(
        account, "carol", policies=[allow(["iam:TagRole", "iam:UntagRole"], Condition=only_stage)]
    )
    factories.role(account, tags={"team": "blue"})
    ctx = ctx_for(carol)
    tag_role(ctx, role_name="role", tags=[{"Key": "stage", "Value": "x"}])
    with pytest.raises(AccessDenied):
        tag_role(ctx, role_name="role", tags=[{"Key": "team", "Value": "red"}])
    with pytest.raises(AccessDenied):
        untag_role(ctx, role_name="role", tag_keys=["team"])
    assert Role.objects.get().tags == {"team": "blue", "stage": "x"}
