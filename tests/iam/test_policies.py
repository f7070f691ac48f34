"""Managed policies: made, read, listed, tagged, deleted."""

import json
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aws.context import Context
from aws.errors import AccessDenied, ValidationError
from aws.models import Account
from iam import managed_policies, quotas
from iam.errors import (
    DeleteConflict,
    EntityAlreadyExists,
    InvalidInput,
    LimitExceeded,
    MalformedPolicyDocument,
    NoSuchEntity,
)
from iam.lookup import InvalidMarker
from iam.models import Attachment, Policy, PolicyVersion, User
from iam.operations import (
    create_policy,
    create_policy_version,
    delete_policy,
    get_policy,
    list_policies,
    list_policy_tags,
    tag_policy,
    untag_policy,
)
from tests import factories
from tests.boto import boto
from tests.factories import ADMINISTRATOR, READ_ONLY, allow, ctx_for

S3 = allow("s3:GetObject")
OWN = "arn:aws:iam::111122223333:policy/policy"


def names(answer: dict[str, Any]) -> list[str]:
    return [policy["PolicyName"] for policy in answer["Policies"]]


def test_boto3_makes_reads_and_deletes_a_policy(alice: User) -> None:
    iam = boto("iam", *factories.access_key(alice))
    made = iam.create_policy(
        PolicyName="read",
        Path="/class/",
        PolicyDocument=S3,
        Description="Reads objects",
        Tags=[{"Key": "team", "Value": "blue"}],
    )["Policy"]
    arn = made["Arn"]
    assert arn == "arn:aws:iam::111122223333:policy/class/read"
    assert made["PolicyId"].startswith("ANPA")
    assert iam.get_policy(PolicyArn=arn)["Policy"] == made
    assert made["CreateDate"] == made["UpdateDate"]
    assert {
        key: made[key] for key in made if key not in ("PolicyId", "CreateDate", "UpdateDate")
    } == {
        "PolicyName": "read",
        "Arn": arn,
        "Path": "/class/",
        "DefaultVersionId": "v1",
        "AttachmentCount": 0,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "Description": "Reads objects",
        "Tags": [{"Key": "team", "Value": "blue"}],
    }
    version = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    assert version["Document"] == json.loads(S3)
    iam.delete_policy(PolicyArn=arn)
    with pytest.raises(ClientError, match=f"Policy {arn} was not found"):
        iam.get_policy(PolicyArn=arn)


@pytest.mark.parametrize("name", ["read", "READ"])
def test_a_name_is_taken_whatever_its_case_and_path(ctx: Context, mallory: User, name: str) -> None:
    create_policy(ctx, policy_name="read", policy_document=S3)
    with pytest.raises(EntityAlreadyExists) as error:
        create_policy(ctx, policy_name=name, path="/other/", policy_document=S3)
    assert error.value.message == (
        f"A policy called {name} already exists. Duplicate names are not allowed."
    )
    create_policy(ctx_for(mallory), policy_name=name, policy_document=S3)


VENDOR_MISSING = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."


@pytest.mark.parametrize(
    ("document", "place", "reason"),
    [
        ("{'Version': '2012-10-17'}", "'Version'", "Syntax errors in policy."),
        (S3.replace("Effect", "Efect"), '"Efect"', "Syntax errors in policy."),
        (
            S3.replace("2012", "2008"),
            '"2008',
            "Policy document must be version 2012-10-17 or greater.",
        ),
        (allow("GetObject"), '"GetObject"', VENDOR_MISSING),
        (
            allow("s3:GetObject", "bucket"),
            '"bucket"',
            'Resource bucket must be in ARN format or "*".',
        ),
        (allow("s3:*", Principal="*"), '"Principal"', "Has prohibited field Principal"),
    ],
)
def test_a_malformed_document_is_refused_with_place_and_reason(
    account: Account, ctx: Context, document: str, place: str, reason: str
) -> None:
    factories.policy(account)
    column = document.index(place) + 1
    text = "\n" + document
    for call in (
        partial(create_policy, ctx, policy_name="broken", policy_document=text),
        partial(create_policy_version, ctx, policy_arn=OWN, policy_document=text),
    ):
        with pytest.raises(MalformedPolicyDocument) as error:
            call()
        assert error.value.message == f"{reason} (line 2, column {column})"
        assert (error.value.fields["line"], error.value.fields["column"]) == (2, column)
    assert PolicyVersion.objects.count() == 1


def test_the_size_counts_no_white_space(ctx: Context) -> None:
    bare = len(allow("s3:GetObject", "").replace(" ", ""))
    fitting = allow("s3:GetObject", "arn:aws:s3:::" + "x" * (6144 - bare - len("arn:aws:s3:::")))
    create_policy(ctx, policy_name="fits", policy_document=fitting.replace(" ", " \n\t "))
    with pytest.raises(LimitExceeded, match="Cannot exceed quota for PolicySize: 6144"):
        create_policy(ctx, policy_name="big", policy_document=fitting.replace("xx", "xxx", 1))


@pytest.mark.parametrize(
    "more",
    [
        {"policy_name": "a b"},
        {"policy_name": "a" * 129},
        {"path": "/a b/"},
        {"policy_document": "{한국어}"},
        {"description": "a" * 1001},
    ],
)
def test_values_that_aws_refuses(ctx: Context, more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        create_policy(ctx, **{"policy_name": "p", "policy_document": S3, **more})


def test_an_account_has_a_number_of_policies(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "POLICIES", 1)
    create_policy(ctx, policy_name="one", policy_document=S3)
    with pytest.raises(LimitExceeded, match="Cannot exceed quota for PoliciesPerAccount: 1"):
        create_policy(ctx, policy_name="two", policy_document=S3)


# --- Uses -----------------------------------------------------------------------------------------
def used_in(account: Account, arn: str) -> None:
    """Attached to a user, a group and a role; the boundary of a user and a role."""
    factories.user(account, "user", policy_arns=[arn], permissions_boundary=arn)
    factories.grant(factories.group(account), policy_arns=[arn])
    factories.role(account, policy_arns=[arn], permissions_boundary=arn)


@pytest.mark.parametrize("arn", [OWN, READ_ONLY])
def test_uses_are_counted_in_the_account_alone(
    account: Account, ctx: Context, other_account: Account, arn: str
) -> None:
    factories.policy(account)
    used_in(account, arn)
    used_in(other_account, READ_ONLY)
    listed = {policy["Arn"]: policy for policy in list_policies(ctx, max_items=1000)["Policies"]}
    for policy in (get_policy(ctx, policy_arn=arn)["Policy"], listed[arn]):
        assert policy["AttachmentCount"] == 3
        assert policy["PermissionsBoundaryUsageCount"] == 2


def test_a_policy_in_use_is_not_deleted(account: Account, ctx: Context) -> None:
    factories.policy(account, documents=[S3, S3])
    carol = factories.user(account, "carol", policy_arns=[OWN], permissions_boundary=OWN)
    for message, clear in (
        ("Cannot delete a policy attached to entities.", carol.attachments.all().delete),
        (
            "Cannot delete a policy attached to entities.",
            lambda: User.objects.filter(pk=carol.pk).update(permissions_boundary=""),
        ),
        (
            "This policy has more than one version. Before you delete a policy, you must delete "
            "the policy's versions. The default version is deleted with the policy.",
            PolicyVersion.objects.filter(is_default=False).delete,
        ),
    ):
        with pytest.raises(DeleteConflict) as conflict:
            delete_policy(ctx, policy_arn=OWN)
        assert conflict.value.message == message
        clear()
    delete_policy(ctx, policy_arn=OWN)
    assert not Policy.objects.exists()
    assert not PolicyVersion.objects.exists()


# --- ListPolicies ---------------------------------------------------------------------------------
def test_scopes_and_paths(account: Account, ctx: Context, other_account: Account) -> None:
    factories.policy(other_account, "elsewhere")
    create_policy(ctx, policy_name="b", policy_document=S3)
    create_policy(ctx, policy_name="a", policy_document=S3, path="/class/")
    published = [policy.name for policy in managed_policies.all_policies()]
    assert names(list_policies(ctx, scope="Local")) == ["a", "b"]
    assert names(list_policies(ctx, scope="AWS", max_items=1000)) == published
    assert names(list_policies(ctx, max_items=1000)) == ["a", "b", *published]
    assert names(list_policies(ctx, path_prefix="/class/")) == ["a"]
    job_functions = list_policies(ctx, path_prefix="/job-function/", scope="AWS")["Policies"]
    assert {policy["Path"] for policy in job_functions} == {"/job-function/"}


def test_filters_by_use(account: Account, ctx: Context) -> None:
    for name in ("attached", "boundary", "unused"):
        create_policy(ctx, policy_name=name, policy_document=S3)
    base = OWN.removesuffix("policy")
    factories.user(
        account,
        "carol",
        policy_arns=[base + "attached"],
        permissions_boundary=base + "boundary",
    )
    local: dict[str, Any] = {"scope": "Local"}
    attached = list_policies(ctx, only_attached=True, **local)
    as_permissions = list_policies(ctx, policy_usage_filter="PermissionsPolicy", **local)
    as_boundary = list_policies(ctx, policy_usage_filter="PermissionsBoundary", **local)
    assert names(attached) == names(as_permissions) == ["attached"]
    assert names(as_boundary) == ["boundary"]
    assert names(list_policies(ctx, only_attached=True)) == ["attached", "AdministratorAccess"]


def test_pages_hold_everything_once(ctx: Context, alice: User) -> None:
    for name in ("a", "b", "c"):
        create_policy(ctx, policy_name=name, policy_document=S3)
    iam = boto("iam", *factories.access_key(alice))
    pages = iam.get_paginator("list_policies").paginate(PaginationConfig={"PageSize": 50})
    found = [policy["PolicyName"] for page in pages for policy in page["Policies"]]
    assert found == names(list_policies(ctx, max_items=1000))
    marker = list_policies(ctx, max_items=2)["Marker"]
    with pytest.raises(InvalidMarker):
        list_policies(ctx, scope="Local", marker=marker)


def test_lists_leave_details_out(ctx: Context) -> None:
    tags = [{"Key": "a", "Value": "b"}]
    create_policy(ctx, policy_name="p", policy_document=S3, description="Text", tags=tags)
    (policy,) = list_policies(ctx, scope="Local")["Policies"]
    assert not {"Tags", "Description"} & policy.keys()


@pytest.mark.parametrize("more", [{}, {"only_attached": True}])
def test_a_thousand_policies_cost_as_many_statements_as_one(
    account: Account, ctx: Context, more: dict[str, Any]
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            answer = list_policies(ctx, scope="Local", max_items=1000, **more)
        assert len(answer["Policies"]) == Policy.objects.count()
        return len(captured)

    list_policies(ctx, scope="Local")
    first = factories.policy(account, "policy-0")
    Attachment.objects.create(account=account, user=User.objects.get(), policy_arn=first.policy_arn)
    with_one = statements()
    rows = Policy.objects.bulk_create(
        Policy(
            account=account,
            policy_name=f"policy-{number}",
            policy_id=f"ANPA{number}",
            policy_arn=f"arn:aws:iam::111122223333:policy/policy-{number}",
        )
        for number in range(1, 1000)
    )
    PolicyVersion.objects.bulk_create(
        PolicyVersion(policy=row, number=1, document=S3, is_default=True) for row in rows
    )
    Attachment.objects.bulk_create(
        Attachment(account=account, user=User.objects.get(), policy_arn=row.policy_arn)
        for row in rows
    )
    assert statements() == with_one


# --- AWS's own policies ---------------------------------------------------------------------------
def test_awss_policies_are_read(bob: User) -> None:
    iam = boto("iam", *factories.access_key(bob))
    policy = iam.get_policy(PolicyArn=ADMINISTRATOR)["Policy"]
    assert policy["PolicyName"] == "AdministratorAccess"
    assert policy["Description"]
    version = iam.get_policy_version(PolicyArn=ADMINISTRATOR, VersionId=policy["DefaultVersionId"])[
        "PolicyVersion"
    ]
    assert version["Document"]["Statement"][0]["Action"] == "*"
    assert version["IsDefaultVersion"]
    assert iam.list_policy_versions(PolicyArn=ADMINISTRATOR)["Versions"]
    assert iam.list_policy_tags(PolicyArn=ADMINISTRATOR)["Tags"] == []


@pytest.mark.parametrize("who", ["alice", "root"])
def test_nobody_changes_awss_policies(account: Account, alice: User, who: str) -> None:
    ctx = ctx_for(alice if who == "alice" else account)
    for call, more in (
        (delete_policy, {}),
        (create_policy_version, {"policy_document": S3}),
        (tag_policy, {"tags": [{"Key": "a", "Value": "b"}]}),
        (untag_policy, {"tag_keys": ["a"]}),
    ):
        with pytest.raises(AccessDenied, match="no resource-based policy allows"):
            call(ctx, policy_arn=READ_ONLY, **more)


# --- Who may --------------------------------------------------------------------------------------
def test_tags_are_added_changed_and_removed(account: Account, ctx: Context) -> None:
    factories.policy(account)
    tag_policy(ctx, policy_arn=OWN, tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}])
    tag_policy(ctx, policy_arn=OWN, tags=[{"Key": "a", "Value": "2"}])
    untag_policy(ctx, policy_arn=OWN, tag_keys=["b", "c"])
    assert list_policy_tags(ctx, policy_arn=OWN)["Tags"] == [{"Key": "a", "Value": "2"}]


def test_tags_decide(account: Account) -> None:
    blue = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
    carol = factories.user(account, "carol", policies=[allow("iam:GetPolicy", Condition=blue)])
    factories.policy(account, tags={"team": "blue"})
    red = factories.policy(account, "red", tags={"team": "red"}).policy_arn
    assert get_policy(ctx_for(carol), policy_arn=OWN)
    with pytest.raises(AccessDenied):
        get_policy(ctx_for(carol), policy_arn=red)


def test_a_reader_changes_nothing(account: Account, bob: User) -> None:
    factories.policy(account)
    ctx = ctx_for(bob)
    assert get_policy(ctx, policy_arn=OWN)
    with pytest.raises(AccessDenied):
        create_policy(ctx, policy_name="p", policy_document=S3)
    for call, more in (
        (delete_policy, {}),
        (tag_policy, {"tags": [{"Key": "a", "Value": "b"}]}),
        (untag_policy, {"tag_keys": ["a"]}),
    ):
        with pytest.raises(AccessDenied):
            call(ctx, policy_arn=OWN, **more)


def test_a_denial_is_the_same_whether_a_policy_is_there(account: Account, nobody: User) -> None:
    factories.policy(account)
    messages = set()
    for arn in (OWN, OWN + "2"):
        for call in (get_policy, delete_policy):
            with pytest.raises(AccessDenied) as denied:
                call(ctx_for(nobody), policy_arn=arn)
            words = denied.value.message.replace(arn, "ARN").replace("Delete", "Get")
            messages.add(words)
    assert len(messages) == 1


def test_another_account_finds_nothing(account: Account, mallory: User) -> None:
    factories.policy(account)
    for call in (get_policy, delete_policy, list_policy_tags):
        with pytest.raises(NoSuchEntity, match=f"Policy {OWN} was not found"):
            call(ctx_for(mallory), policy_arn=OWN)
    assert Policy.objects.exists()


@pytest.mark.parametrize(
    "arn", ["arn:aws:iam::111122223333:user/alice", "not-an-arn-at-all-really", "a" * 2048]
)
def test_what_is_no_arn_of_a_policy(ctx: Context, arn: str) -> None:
    with pytest.raises(InvalidInput, match="is not valid"):
        get_policy(ctx, policy_arn=arn)
