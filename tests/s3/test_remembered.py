"""What a process remembers of callers never outlives its truth: each change counts at once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from aws.models import Account, IdentityVersion
from iam.models import AccessKey, InlinePolicy, User
from tests import factories
from tests.boto import boto
from tests.factories import allow

pytestmark = pytest.mark.django_db(transaction=True)

DENY = allow("s3:GetObject", Effect="Deny")
EVERYTHING = allow("s3:*")


@pytest.fixture
def object_of_alice(s3: Any, bucket: str) -> dict[str, str]:
    s3.put_object(Bucket=bucket, Key="a", Body=b"text")
    return {"Bucket": bucket, "Key": "a"}


@pytest.fixture
def carol(account: Account) -> User:
    """May by an inline policy of her own; by a group's, she may more."""
    row = factories.user(account, "carol", policies=[EVERYTHING])
    factories.group(account, "readers", users=[row])
    return row


def may(client: Any, wanted: dict[str, str]) -> bool:
    try:
        return bool(client.get_object(**wanted)["Body"].read() == b"text")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDenied"
        return False


def code(client: Any, wanted: dict[str, str]) -> str:
    with pytest.raises(ClientError) as failed:
        client.get_object(**wanted)
    return str(failed.value.response["Error"]["Code"])


def policies_of(user: User) -> QuerySet[InlinePolicy]:
    return InlinePolicy.objects.filter(user=user)


def bound(user: User) -> None:
    boundary = factories.policy(user.account, "bound", documents=[allow("iam:*")])
    user.permissions_boundary = boundary.policy_arn
    user.save()


def denied_by_version(user: User) -> None:
    policy = factories.policy(user.account, "mine", documents=[EVERYTHING, DENY])
    old, new = policy.versions.order_by("number")
    with transaction.atomic():
        policy.versions.update(is_default=False)
        policy.versions.filter(pk=old.pk).update(is_default=True)
    factories.grant(user, policy_arns=[policy.policy_arn])
    assert policy.versions.filter(is_default=True).update(is_default=False)
    policy.versions.filter(pk=new.pk).update(is_default=True)


def denied_by_new_text(user: User) -> None:
    policies_of(user).update(document=DENY)


def denied_in_group(user: User) -> None:
    factories.grant(user.groups.get(), policies=[DENY])


def denied_by_joining(user: User) -> None:
    group = factories.group(user.account, "denied")
    factories.grant(group, policies=[DENY])
    group.users.add(user)


CHANGES: list[Callable[[User], Any]] = [
    lambda user: policies_of(user).delete(),
    denied_by_new_text,
    denied_in_group,
    denied_by_joining,
    denied_by_version,
    bound,
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_lost_permission_is_lost_at_the_next_request(
    change: Callable[[User], Any],
    carol: User,
    client_of: Callable[..., Any],
    object_of_alice: dict[str, str],
) -> None:
    client = client_of(carol)
    assert may(client, object_of_alice)
    assert may(client, object_of_alice)
    change(carol)
    assert not may(client, object_of_alice)


def test_a_permission_that_came_is_there(
    account: Account, client_of: Callable[..., Any], object_of_alice: dict[str, str]
) -> None:
    dave = factories.user(account, "dave")
    group = factories.group(account, "readers")
    factories.grant(group, policies=[EVERYTHING])
    client = client_of(dave)
    assert not may(client, object_of_alice)
    group.users.add(dave)
    assert may(client, object_of_alice)
    group.users.remove(dave)
    assert not may(client, object_of_alice)


def test_tags_that_policies_ask_for(
    account: Account, client_of: Callable[..., Any], object_of_alice: dict[str, str]
) -> None:
    wanted = {"StringEquals": {"aws:PrincipalTag/team": "blue"}}
    dave = factories.user(account, "dave", policies=[allow("s3:*", Condition=wanted)])
    client = client_of(dave)
    assert not may(client, object_of_alice)
    dave.tags = {"team": "blue"}
    dave.save()
    assert may(client, object_of_alice)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda user: AccessKey.objects.filter(user=user).delete(), "InvalidAccessKeyId"),
        (
            lambda user: AccessKey.objects.filter(user=user).update(status="Inactive"),
            "InvalidAccessKeyId",
        ),
        (lambda user: user.delete(), "InvalidAccessKeyId"),
        (
            lambda user: Account.objects.filter(pk=user.account_id).update(status="SUSPENDED"),
            "OptInRequired",
        ),
    ],
    ids=["deleted", "inactive", "user deleted", "account suspended"],
)
def test_a_lost_key_is_lost_at_the_next_request(
    change: Callable[[User], Any],
    expected: str,
    carol: User,
    client_of: Callable[..., Any],
    object_of_alice: dict[str, str],
) -> None:
    client = client_of(carol)
    assert may(client, object_of_alice)
    change(carol)
    assert code(client, object_of_alice) == expected
    assert code(client, {**object_of_alice, "Bucket": "nowhere-at-all"}) == expected
    with pytest.raises(ClientError, match=expected):
        client.list_buckets()
    with pytest.raises(ClientError, match=expected):
        client.put_object(**object_of_alice, Body=b"new")
    with pytest.raises(ClientError, match=expected):
        client.delete_objects(Bucket=object_of_alice["Bucket"], Delete={"Objects": [{"Key": "a"}]})


def test_a_deleted_key_is_not_told_from_a_wrong_secret(
    carol: User, object_of_alice: dict[str, str]
) -> None:
    key_id, secret = factories.access_key(carol)
    assert may(boto("s3", key_id, secret), object_of_alice)
    wrong = boto("s3", key_id, "wrong")
    assert code(wrong, object_of_alice) == "SignatureDoesNotMatch"
    AccessKey.objects.all().delete()
    assert code(wrong, object_of_alice) == "InvalidAccessKeyId"


def test_the_accounts_clock_goes_on_at_once(
    carol: User, client_of: Callable[..., Any], bucket: str
) -> None:
    later = {"DateLessThan": {"aws:CurrentTime": "2100-01-01T00:00:00Z"}}
    policies_of(carol).update(document=allow("s3:*", Condition=later))
    client = client_of(carol)
    client.put_object(Bucket=bucket, Key="a", Body=b"text")
    assert may(client, {"Bucket": bucket, "Key": "a"})
    Account.objects.filter(pk=carol.account_id).update(clock_offset=timedelta(days=40_000))
    assert not may(client, {"Bucket": bucket, "Key": "a"})


def test_who_is_remembered_costs_one_statement(
    carol: User, client_of: Callable[..., Any], object_of_alice: dict[str, str]
) -> None:
    client = client_of(carol)
    assert may(client, object_of_alice)
    with CaptureQueriesContext(connection) as queries:
        assert may(client, object_of_alice)
    assert len(queries) == 1, [query["sql"] for query in queries]


def test_other_accounts_and_uses_of_keys_change_nothing(
    carol: User, other_account: Account
) -> None:
    key_id, _ = factories.access_key(carol)
    version = IdentityVersion.objects.get(pk=carol.account_id).version
    factories.user(other_account, "mallory", policies=[EVERYTHING])
    AccessKey.objects.filter(access_key_id=key_id).update(last_used_service="s3")
    assert IdentityVersion.objects.get(pk=carol.account_id).version == version


def test_what_was_rolled_back_is_forgotten_with_it(
    carol: User, client_of: Callable[..., Any], object_of_alice: dict[str, str]
) -> None:
    client = client_of(carol)
    assert may(client, object_of_alice)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        policies_of(carol).delete()
        assert not may(client, object_of_alice)
        raise ZeroDivisionError
    assert may(client, object_of_alice)


@pytest.mark.parametrize("is_remembered", [True, False])
def test_a_connection_that_broke_fails_no_request(
    carol: User,
    client_of: Callable[..., Any],
    object_of_alice: dict[str, str],
    is_remembered: bool,
) -> None:
    client = client_of(carol)
    if is_remembered:
        assert may(client, object_of_alice)
    with connection.cursor() as cursor, pytest.raises(OperationalError):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    client.put_object(**object_of_alice, Body=b"text")
    assert may(client, object_of_alice)
