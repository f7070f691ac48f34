"""Access keys: made, listed, switched off, deleted, and when they were last used."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError
from django.db import connections

from aws.context import Context
from aws.errors import AccessDenied, ValidationError
from aws.models import Account, Event
from iam.errors import InvalidInput, LimitExceeded, NoSuchEntity
from iam.models import AccessKey, User
from iam.operations import (
    create_access_key,
    delete_access_key,
    get_access_key_last_used,
    list_access_keys,
    update_access_key,
)
from tests import factories
from tests.boto import boto
from tests.factories import allow, ctx_for


def test_a_new_key_signs_calls_until_it_is_switched_off(alice: User) -> None:
    iam = boto("iam", *factories.access_key(alice))
    made = iam.create_access_key(UserName="alice")["AccessKey"]
    assert made["Status"] == "Active"
    sts = boto("iam", made["AccessKeyId"], made["SecretAccessKey"])
    assert sts.get_user()["User"]["UserName"] == "alice"

    iam.update_access_key(UserName="alice", AccessKeyId=made["AccessKeyId"], Status="Inactive")
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        sts.get_user()
    iam.delete_access_key(UserName="alice", AccessKeyId=made["AccessKeyId"])
    assert len(iam.list_access_keys(UserName="alice")["AccessKeyMetadata"]) == 1


def test_the_secret_is_told_once_and_kept_out_of_the_event_history(ctx: Context, bob: User) -> None:
    secret = create_access_key(ctx, user_name="bob")["AccessKey"]["SecretAccessKey"]
    assert "SecretAccessKey" not in list_access_keys(ctx, user_name="bob")["AccessKeyMetadata"][0]
    event = Event.objects.get(event_name="CreateAccessKey")
    assert secret not in str(event.response_elements)


def test_two_keys_are_the_limit(ctx: Context, bob: User) -> None:
    create_access_key(ctx, user_name="bob")
    inactive = create_access_key(ctx, user_name="bob")["AccessKey"]["AccessKeyId"]
    update_access_key(ctx, user_name="bob", access_key_id=inactive, status="Inactive")
    with pytest.raises(LimitExceeded) as limit:
        create_access_key(ctx, user_name="bob")
    assert limit.value.message == "Cannot exceed quota for AccessKeysPerUser: 2"
    create_access_key(ctx, user_name="alice")


@pytest.mark.django_db(transaction=True)
def test_two_are_the_limit_for_requests_at_the_same_moment_too(account: Account) -> None:
    def try_one(_: int) -> bool:
        try:
            create_access_key(ctx_for(account))
        except LimitExceeded:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(try_one, range(4))) == [False, False, True, True]


def test_root_makes_its_own_two(account: Account) -> None:
    root = ctx_for(account)
    made = create_access_key(root)["AccessKey"]
    create_access_key(root)
    with pytest.raises(LimitExceeded):
        create_access_key(root)
    assert "UserName" not in made
    sts = boto("iam", made["AccessKeyId"], made["SecretAccessKey"])
    assert sts.get_user()["User"]["Arn"] == "arn:aws:iam::111122223333:root"
    delete_access_key(root, access_key_id=made["AccessKeyId"])
    assert len(list_access_keys(root)["AccessKeyMetadata"]) == 1


def test_without_a_name_it_is_about_the_caller(account: Account) -> None:
    carol = factories.user(
        account, "carol", policies=[allow("iam:*AccessKey*", "arn:aws:iam::*:user/${aws:username}")]
    )
    ctx = ctx_for(carol)
    made = create_access_key(ctx)["AccessKey"]
    assert made["UserName"] == "carol"
    update_access_key(ctx, access_key_id=made["AccessKeyId"], status="Inactive")
    (listed,) = list_access_keys(ctx)["AccessKeyMetadata"]
    assert (listed["AccessKeyId"], listed["Status"]) == (made["AccessKeyId"], "Inactive")
    with pytest.raises(AccessDenied):
        create_access_key(ctx, user_name="alice")


def test_a_role_has_no_keys_of_its_own(account: Account) -> None:
    role = factories.role(account, policies=[allow("*")])
    with pytest.raises(ValidationError, match="Must specify userName"):
        create_access_key(ctx_for(role))


def test_it_reads_but_does_not_write_for_a_reader(bob: User) -> None:
    key, _ = factories.access_key(bob)
    ctx = ctx_for(bob)
    assert list_access_keys(ctx, user_name="bob")["AccessKeyMetadata"]
    with pytest.raises(AccessDenied):
        create_access_key(ctx, user_name="bob")
    with pytest.raises(AccessDenied):
        delete_access_key(ctx, user_name="bob", access_key_id=key)


def test_a_key_of_somebody_else_is_not_found(ctx: Context, bob: User, mallory: User) -> None:
    for key in (factories.access_key(mallory)[0], factories.access_key(bob)[0]):
        for call in (delete_access_key, update_access_key):
            arguments = {"status": "Inactive"} if call is update_access_key else {}
            with pytest.raises(NoSuchEntity, match=f"The Access Key with id {key} cannot"):
                call(ctx, user_name="alice", access_key_id=key, **arguments)
    assert AccessKey.objects.filter(status="Active").count() == 2


def test_a_key_cannot_be_set_to_expired(ctx: Context, alice: User) -> None:
    key, _ = factories.access_key(alice)
    with pytest.raises(InvalidInput):
        update_access_key(ctx, user_name="alice", access_key_id=key, status="Expired")


def test_keys_come_in_pages(ctx: Context, bob: User) -> None:
    made = [create_access_key(ctx, user_name="bob")["AccessKey"]["AccessKeyId"] for _ in range(2)]
    first = list_access_keys(ctx, user_name="bob", max_items=1)
    second = list_access_keys(ctx, user_name="bob", max_items=1, marker=first["Marker"])
    listed = [page["AccessKeyMetadata"][0]["AccessKeyId"] for page in (first, second)]
    assert listed == made
    assert not second["IsTruncated"]


# --- GetAccessKeyLastUsed -------------------------------------------------------------------------
def test_a_key_never_used(ctx: Context, bob: User) -> None:
    key, _ = factories.access_key(bob)
    assert get_access_key_last_used(ctx, access_key_id=key) == {
        "UserName": "bob",
        "AccessKeyLastUsed": {"ServiceName": "N/A", "Region": "N/A"},
    }


def test_a_call_is_remembered(alice: User) -> None:
    key, secret = factories.access_key(alice)
    iam = boto("iam", key, secret)
    iam.list_users()
    used = iam.get_access_key_last_used(AccessKeyId=key)["AccessKeyLastUsed"]
    assert used["ServiceName"] == "iam"
    assert alice.account.now - used["LastUsedDate"] < timedelta(minutes=1)


def test_what_is_not_ones_own_to_know_looks_missing(
    account: Account, alice: User, mallory: User
) -> None:
    """The same words for another's key, another account's key, and no key."""
    carol = factories.user(
        account, "carol", policies=[allow("iam:Get*", "arn:aws:iam::*:user/carol")]
    )
    ctx, messages = ctx_for(carol), set()
    own, _ = factories.access_key(carol)
    keys = [factories.access_key(alice)[0], factories.access_key(mallory)[0], "AKIA" + "A" * 16]
    for key in keys:
        with pytest.raises(AccessDenied) as denied:
            get_access_key_last_used(ctx, access_key_id=key)
        messages.add(denied.value.message.replace(key, "KEY"))
    assert len(messages) == 1
    assert get_access_key_last_used(ctx, access_key_id=own)["UserName"] == "carol"


def test_an_administrator_learns_that_it_is_missing(ctx: Context, mallory: User) -> None:
    key, _ = factories.access_key(mallory)
    with pytest.raises(NoSuchEntity):
        get_access_key_last_used(ctx, access_key_id=key)
