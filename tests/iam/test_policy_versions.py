"""Versions of managed policies."""

import json

import pytest
from botocore.exceptions import ClientError

from aws.context import Context
from aws.errors import AccessDenied, ValidationError
from aws.models import Account
from iam.errors import DeleteConflict, LimitExceeded, NoSuchEntity
from iam.models import User
from iam.operations import (
    create_policy_version,
    delete_policy_version,
    get_policy,
    get_policy_version,
    list_groups,
    list_policy_versions,
    list_users,
    set_default_policy_version,
)
from tests import factories
from tests.boto import boto
from tests.factories import READ_ONLY, allow, ctx_for

OWN = "arn:aws:iam::111122223333:policy/policy"
FIRST, SECOND = allow("iam:ListUsers"), allow("iam:ListGroups")


def ids(ctx: Context) -> list[str]:
    versions = list_policy_versions(ctx, policy_arn=OWN)["Versions"]
    return [version["VersionId"] for version in versions]


def test_boto3_makes_reads_and_deletes_versions(account: Account, alice: User) -> None:
    factories.policy(account, documents=[FIRST])
    iam = boto("iam", *factories.access_key(alice))
    made = iam.create_policy_version(PolicyArn=OWN, PolicyDocument=SECOND)["PolicyVersion"]
    assert (made["VersionId"], made["IsDefaultVersion"]) == ("v2", False)
    assert "Document" not in made
    assert iam.get_policy(PolicyArn=OWN)["Policy"]["DefaultVersionId"] == "v1"

    iam.set_default_policy_version(PolicyArn=OWN, VersionId="v2")
    assert iam.get_policy(PolicyArn=OWN)["Policy"]["DefaultVersionId"] == "v2"
    version = iam.get_policy_version(PolicyArn=OWN, VersionId="v2")["PolicyVersion"]
    assert version["Document"] == json.loads(SECOND)
    assert version["IsDefaultVersion"] is True

    iam.delete_policy_version(PolicyArn=OWN, VersionId="v1")
    assert [one["VersionId"] for one in iam.list_policy_versions(PolicyArn=OWN)["Versions"]] == [
        "v2"
    ]
    with pytest.raises(ClientError, match="version v1 does not exist or is not attachable"):
        iam.get_policy_version(PolicyArn=OWN, VersionId="v1")


def test_the_default_version_counts_at_once(account: Account) -> None:
    """Also within one request, whose policies are read once."""
    factories.policy(account, documents=[FIRST])
    carol = factories.user(
        account, "carol", policy_arns=[OWN], policies=[allow("iam:*PolicyVersion")]
    )
    ctx = ctx_for(carol)
    assert list_users(ctx)
    create_policy_version(ctx, policy_arn=OWN, policy_document=SECOND)
    assert list_users(ctx)
    set_default_policy_version(ctx, policy_arn=OWN, version_id="v2")
    assert list_groups(ctx)
    with pytest.raises(AccessDenied):
        list_users(ctx)
    create_policy_version(ctx, policy_arn=OWN, policy_document=FIRST, set_as_default=True)
    assert list_users(ctx)
    with pytest.raises(AccessDenied):
        list_groups(ctx)


def test_five_versions_are_the_limit_and_numbers_do_not_come_back(
    account: Account, ctx: Context
) -> None:
    factories.policy(account)
    for _ in range(4):
        create_policy_version(ctx, policy_arn=OWN, policy_document=SECOND)
    with pytest.raises(LimitExceeded) as limit:
        create_policy_version(ctx, policy_arn=OWN, policy_document=SECOND)
    assert limit.value.message == (
        "A managed policy can have up to 5 versions. Before you create a new version, you must "
        "delete an existing version."
    )
    delete_policy_version(ctx, policy_arn=OWN, version_id="v5")
    create_policy_version(ctx, policy_arn=OWN, policy_document=SECOND)
    assert ids(ctx) == ["v6", "v4", "v3", "v2", "v1"]


def test_the_update_date_is_the_newest_versions(account: Account, ctx: Context) -> None:
    factories.policy(account)
    before = get_policy(ctx, policy_arn=OWN)["Policy"]
    made = create_policy_version(ctx, policy_arn=OWN, policy_document=SECOND)["PolicyVersion"]
    after = get_policy(ctx, policy_arn=OWN)["Policy"]
    assert after["CreateDate"] == before["CreateDate"] < after["UpdateDate"]
    assert abs((after["UpdateDate"] - made["CreateDate"]).total_seconds()) < 1


def test_the_default_version_stays(account: Account, ctx: Context) -> None:
    factories.policy(account, documents=[FIRST, SECOND])
    with pytest.raises(DeleteConflict, match="Cannot delete the default version of a policy"):
        delete_policy_version(ctx, policy_arn=OWN, version_id="v2")


@pytest.mark.parametrize("version_id", ["v3", "v1.a", "v99999999999999999999", "v" + "9" * 5000])
def test_a_version_that_is_not_there(account: Account, ctx: Context, version_id: str) -> None:
    factories.policy(account, documents=[FIRST, SECOND])
    for call in (get_policy_version, delete_policy_version, set_default_policy_version):
        with pytest.raises(NoSuchEntity):
            call(ctx, policy_arn=OWN, version_id=version_id)
    with pytest.raises(NoSuchEntity):
        get_policy_version(ctx, policy_arn=READ_ONLY, version_id="v1")


@pytest.mark.parametrize("version_id", ["1", "v0", "latest", ""])
def test_what_is_no_version(account: Account, ctx: Context, version_id: str) -> None:
    factories.policy(account)
    with pytest.raises(ValidationError):
        get_policy_version(ctx, policy_arn=OWN, version_id=version_id)


def test_versions_come_in_pages(account: Account, ctx: Context) -> None:
    factories.policy(account, documents=[FIRST, SECOND, FIRST])
    first = list_policy_versions(ctx, policy_arn=OWN, max_items=2)
    rest = list_policy_versions(ctx, policy_arn=OWN, max_items=2, marker=first["Marker"])
    pages = [*first["Versions"], *rest["Versions"]]
    assert [version["VersionId"] for version in pages] == ["v3", "v2", "v1"]


def test_a_reader_reads_and_another_account_finds_nothing(
    account: Account, bob: User, mallory: User
) -> None:
    factories.policy(account, documents=[FIRST, SECOND])
    ctx = ctx_for(bob)
    assert get_policy_version(ctx, policy_arn=OWN, version_id="v1")
    assert ids(ctx) == ["v2", "v1"]
    for call in (delete_policy_version, set_default_policy_version):
        with pytest.raises(AccessDenied):
            call(ctx, policy_arn=OWN, version_id="v1")
    with pytest.raises(AccessDenied):
        create_policy_version(ctx, policy_arn=OWN, policy_document=FIRST)
    for call in (get_policy_version, delete_policy_version, set_default_policy_version):
        with pytest.raises(NoSuchEntity, match="was not found"):
            call(ctx_for(mallory), policy_arn=OWN, version_id="v1")
