"""What a process remembers of callers never outlives its truth: each change counts at once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from aws import accounts
from aws.identity import issue_credentials
from aws.models import Account, IdentityVersion
from iam.models import AccessKey, Attachment, InlinePolicy, User
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


def denied_by_policy_of_group(user: User) -> None:
    policy = factories.policy(user.account, "denied", documents=[DENY])
    factories.grant(user.groups.get(), policy_arns=[policy.policy_arn])


def bound_by_awss_policy(user: User) -> None:
    User.objects.filter(pk=user.pk).update(
        permissions_boundary="arn:aws:iam::aws:policy/AWSKeyManagementServicePowerUser"
    )


CHANGES: list[Callable[[User], Any]] = [
    lambda user: policies_of(user).delete(),
    denied_by_new_text,
    denied_in_group,
    denied_by_policy_of_group,
    denied_by_joining,
    denied_by_version,
    bound,
    bound_by_awss_policy,
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


@pytest.mark.parametrize(
    "change",
    [
        lambda user, policy: policy.versions.filter(is_default=True).update(document=DENY),
        lambda user, policy: policy.delete(),
    ],
    ids=["changed", "deleted"],
)
def test_a_boundarys_policy_counts_as_it_is_now(
    change: Callable[..., Any],
    carol: User,
    client_of: Callable[..., Any],
    object_of_alice: dict[str, str],
) -> None:
    policy = factories.policy(carol.account, "bound", documents=[EVERYTHING])
    carol.permissions_boundary = policy.policy_arn
    carol.save()
    client = client_of(carol)
    assert may(client, object_of_alice)
    change(carol, policy)
    assert not may(client, object_of_alice)


@pytest.mark.parametrize("is_of_group", [False, True])
def test_a_policy_of_awss_that_was_detached_is_gone(
    account: Account,
    client_of: Callable[..., Any],
    object_of_alice: dict[str, str],
    is_of_group: bool,
) -> None:
    dave = factories.user(account, "dave")
    holder = factories.group(account, "readers", users=[dave]) if is_of_group else dave
    factories.grant(holder, policy_arns=[factories.READ_ONLY])
    client = client_of(dave)
    assert may(client, object_of_alice)
    Attachment.objects.filter(account=account, policy_arn=factories.READ_ONLY).delete()
    assert not may(client, object_of_alice)


def test_a_user_who_was_renamed_has_the_new_name(
    carol: User, client_of: Callable[..., Any], object_of_alice: dict[str, str]
) -> None:
    own_name = {"StringEquals": {"aws:username": "carol"}}
    policies_of(carol).update(document=allow("s3:*", Condition=own_name))
    client = client_of(carol)
    assert may(client, object_of_alice)
    User.objects.filter(pk=carol.pk).update(user_name="carola")
    assert not may(client, object_of_alice)


def test_roots_key_ends_with_a_reset(account: Account, object_of_alice: dict[str, str]) -> None:
    client = boto("s3", *factories.access_key(account))
    assert may(client, object_of_alice)
    accounts.reset_account(account)
    assert code(client, object_of_alice) == "InvalidAccessKeyId"


@pytest.mark.parametrize("is_role", [True, False])
def test_a_session_loses_permissions_at_once(
    is_role: bool, account: Account, carol: User, object_of_alice: dict[str, str]
) -> None:
    role = factories.role(account, "reader", policies=[EVERYTHING])
    who = factories.principal_of(role if is_role else carol)
    issued = issue_credentials(who, timedelta(hours=1))
    client = boto(
        "s3",
        issued.access_key_id,
        issued.secret_access_key,
        session_token=issued.session_token,
    )
    assert may(client, object_of_alice)
    InlinePolicy.objects.filter(account=account).delete()
    assert not may(client, object_of_alice)


def test_what_another_connection_commits_counts_from_then_on(
    carol: User, client_of: Callable[..., Any], object_of_alice: dict[str, str]
) -> None:
    client = client_of(carol)
    assert may(client, object_of_alice)
    changed, commit = threading.Event(), threading.Event()

    def change() -> None:
        with transaction.atomic():
            policies_of(carol).delete()
            changed.set()
            commit.wait(timeout=10)
        connection.close()

    other = threading.Thread(target=change)
    other.start()
    assert changed.wait(timeout=10)
    assert may(client, object_of_alice)
    commit.set()
    other.join(timeout=10)
    assert not may(client, object_of_alice)


def test_s3_control_asks_who_calls_each_time(carol: User, object_of_alice: dict[str, str]) -> None:
    key = factories.access_key(carol)
    control = boto("s3control", *key)
    wanted = {"AccountId": carol.account_id}
    assert control.list_access_points(**wanted)["AccessPointList"] == []
    assert may(boto("s3", *key), object_of_alice)
    policies_of(carol).update(document=allow("s3:ListAccessPoints"))
    assert control.list_access_points(**wanted)["AccessPointList"] == []
    AccessKey.objects.filter(user=carol).delete()
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        control.list_access_points(**wanted)


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
