"""The account's alias and summary."""

import pytest

from aws.context import Context
from aws.errors import AccessDenied, ValidationError
from aws.models import Account
from aws.services import operation_model
from iam.errors import EntityAlreadyExists, NoSuchEntity
from iam.models import User
from iam.operations import (
    create_account_alias,
    delete_account_alias,
    get_account_summary,
    list_account_aliases,
)
from tests import factories
from tests.boto import boto
from tests.factories import ctx_for


def test_boto3_names_renames_and_unnames_the_account(alice: User) -> None:
    iam = boto("iam", *factories.access_key(alice))
    assert iam.list_account_aliases()["AccountAliases"] == []
    iam.create_account_alias(AccountAlias="class-1")
    iam.create_account_alias(AccountAlias="class-2")
    assert iam.list_account_aliases()["AccountAliases"] == ["class-2"]
    iam.delete_account_alias(AccountAlias="class-2")
    assert iam.list_account_aliases()["AccountAliases"] == []


def test_an_alias_belongs_to_one_account(ctx: Context, mallory: User) -> None:
    create_account_alias(ctx, account_alias="class")
    with pytest.raises(EntityAlreadyExists, match="The account alias class already exists"):
        create_account_alias(ctx_for(mallory), account_alias="class")
    with pytest.raises(NoSuchEntity):
        delete_account_alias(ctx_for(mallory), account_alias="class")
    assert list_account_aliases(ctx)["AccountAliases"] == ["class"]
    create_account_alias(ctx, account_alias="class")


@pytest.mark.parametrize("alias", ["444455556666", "ab", "-abc", "a--b", "Class", "a" * 64])
def test_what_is_no_alias(ctx: Context, other_account: Account, alias: str) -> None:
    """Above all another account's ID: its users would sign in here."""
    with pytest.raises(ValidationError):
        create_account_alias(ctx, account_alias=alias)


def test_a_reader_reads(account: Account, bob: User) -> None:
    Account.objects.filter(pk=account.pk).update(alias="class")
    ctx = ctx_for(bob)
    assert list_account_aliases(ctx)["AccountAliases"] == ["class"]
    assert get_account_summary(ctx)
    for call in (create_account_alias, delete_account_alias):
        with pytest.raises(AccessDenied):
            call(ctx, account_alias="class")


# --- GetAccountSummary ----------------------------------------------------------------------------
def test_every_number_that_aws_gives(ctx: Context) -> None:
    output = operation_model("iam", "GetAccountSummary").output_shape
    assert output is not None
    known = output.members["SummaryMap"].key.enum
    summary = get_account_summary(ctx)["SummaryMap"]
    assert set(summary) == set(known)
    assert all(type(value) is int for value in summary.values())


def test_boto3_reads_the_numbers(alice: User) -> None:
    summary = boto("iam", *factories.access_key(alice)).get_account_summary()["SummaryMap"]
    assert (summary["Users"], summary["UsersQuota"]) == (1, 5000)


def test_it_counts_what_is_there(account: Account, ctx: Context, mallory: User) -> None:
    before = get_account_summary(ctx)["SummaryMap"]
    factories.group(account)
    factories.role(account)
    factories.mfa_device(factories.user(account, "carol"))
    factories.mfa_device(account, enabled_at=None, is_root=False)
    factories.policy(account, documents=[factories.allow("s3:*"), factories.allow("ec2:*")])
    factories.access_key(mallory)
    after = get_account_summary(ctx)["SummaryMap"]
    grown = {key: after[key] - before[key] for key in after if after[key] != before[key]}
    assert grown == {
        "Users": 1,
        "Groups": 1,
        "Roles": 1,
        "Policies": 1,
        "PolicyVersionsInUse": 2,
        "MFADevices": 2,
        "MFADevicesInUse": 1,
    }


def test_roots_credentials_are_told_apart_from_users(account: Account, ctx: Context) -> None:
    carol = factories.user(account, "carol")
    factories.mfa_device(carol)
    factories.access_key(carol)
    summary = get_account_summary(ctx)["SummaryMap"]
    assert (summary["AccountMFAEnabled"], summary["AccountAccessKeysPresent"]) == (0, 0)
    factories.mfa_device(account)
    factories.access_key(account)
    summary = get_account_summary(ctx)["SummaryMap"]
    assert (summary["AccountMFAEnabled"], summary["AccountAccessKeysPresent"]) == (1, 1)
