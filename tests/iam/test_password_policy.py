"""The account's password policy through the API."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws.context import Context
from aws.errors import AccessDenied, ValidationError
from aws.models import Account
from iam.errors import NoSuchEntity
from iam.models import PasswordPolicy, User
from iam.operations import (
    delete_account_password_policy,
    get_account_password_policy,
    update_account_password_policy,
)
from tests import factories
from tests.boto import boto
from tests.factories import allow, ctx_for

DEFAULTS = {
    "MinimumPasswordLength": 6,
    "RequireSymbols": False,
    "RequireNumbers": False,
    "RequireUppercaseCharacters": False,
    "RequireLowercaseCharacters": False,
    "AllowUsersToChangePassword": False,
    "ExpirePasswords": False,
    "HardExpiry": False,
}


def test_there_is_none_at_first(ctx: Context) -> None:
    for call in (get_account_password_policy, delete_account_password_policy):
        with pytest.raises(NoSuchEntity) as missing:
            call(ctx)
        assert missing.value.message == (
            "The Password Policy with domain name 111122223333 cannot be found."
        )


def test_boto3_sets_reads_and_deletes_it(alice: User) -> None:
    iam = boto("iam", *factories.access_key(alice))
    iam.update_account_password_policy(
        MinimumPasswordLength=14, MaxPasswordAge=90, PasswordReusePrevention=5, HardExpiry=True
    )
    assert iam.get_account_password_policy()["PasswordPolicy"] == {
        **DEFAULTS,
        "MinimumPasswordLength": 14,
        "ExpirePasswords": True,
        "MaxPasswordAge": 90,
        "PasswordReusePrevention": 5,
        "HardExpiry": True,
    }
    iam.delete_account_password_policy()
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.get_account_password_policy()


def test_what_is_left_out_goes_back_to_its_default(ctx: Context) -> None:
    update_account_password_policy(ctx, minimum_password_length=14, max_password_age=90)
    update_account_password_policy(ctx)
    assert get_account_password_policy(ctx)["PasswordPolicy"] == DEFAULTS
    assert PasswordPolicy.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"minimum_password_length": 5},
        {"minimum_password_length": 129},
        {"max_password_age": 0},
        {"max_password_age": 1096},
        {"password_reuse_prevention": 0},
        {"password_reuse_prevention": 25},
    ],
)
def test_the_ranges(ctx: Context, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        update_account_password_policy(ctx, **wrong)


def test_a_reader_reads(account: Account, bob: User) -> None:
    PasswordPolicy.objects.create(account=account)
    assert get_account_password_policy(ctx_for(bob))
    for call in (update_account_password_policy, delete_account_password_policy):
        with pytest.raises(AccessDenied):
            call(ctx_for(bob))


def test_who_may_change_their_password_may_read_the_rules(account: Account, nobody: User) -> None:
    policy = PasswordPolicy.objects.create(account=account)
    with pytest.raises(AccessDenied):
        get_account_password_policy(ctx_for(nobody))
    policy.allow_users_to_change_password = True
    policy.save()
    assert get_account_password_policy(ctx_for(nobody))
    role = factories.role(account, policies=[allow("s3:*")])
    with pytest.raises(AccessDenied):
        get_account_password_policy(ctx_for(role))


def test_each_account_has_its_own(ctx: Context, mallory: User) -> None:
    update_account_password_policy(ctx)
    with pytest.raises(NoSuchEntity, match="444455556666"):
        get_account_password_policy(ctx_for(mallory))
