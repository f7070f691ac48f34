"""Token buckets: who is slowed, how it is said, and what happens without Redis."""

from typing import Any

import pytest
import redis
from botocore.exceptions import ClientError

from aws.models import Event
from aws.wire import throttle
from iam.models import User
from tests import factories
from tests.boto import boto

CALLER = ("111122223333", "AIDAALICE", "iam")
KEY = "throttle:111122223333:AIDAALICE:iam"
AT_ONCE, SECONDS_PER_TOKEN = 2, 1000.0


@pytest.fixture(autouse=True)
def _slow(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two calls at once, then one in 1,000 seconds: none comes back while a test runs."""
    settings.LAB_REQUESTS_PER_SECOND = 1 / SECONDS_PER_TOKEN
    monkeypatch.setattr(throttle, "BURST", AT_ONCE * SECONDS_PER_TOKEN)


@pytest.fixture
def valkey(settings: Any) -> "redis.Redis":
    return redis.Redis.from_url(settings.REDIS_URL)


def refuse(call: Any) -> ClientError:
    """Uses up the caller's bucket; answers the error of the next call."""
    for _ in range(AT_ONCE):
        call()
    with pytest.raises(ClientError) as refused:
        call()
    return refused.value


def test_a_burst_passes_and_the_next_call_waits() -> None:
    assert [throttle.may_call(*CALLER) for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize(
    "other",
    [
        ("444455556666", "AIDAALICE", "iam"),
        ("111122223333", "AIDABOB", "iam"),
        ("111122223333", "AIDAALICE", "ec2"),
    ],
    ids=["account", "user", "service"],
)
def test_another_bucket_is_as_full_as_before(other: tuple[str, str, str]) -> None:
    for _ in range(3):
        throttle.may_call(*CALLER)
    assert throttle.may_call(*other)


def test_a_bucket_fills_with_time_and_no_further_than_its_size(valkey: "redis.Redis") -> None:
    for _ in range(3):
        throttle.may_call(*CALLER)
    valkey.hincrbyfloat(KEY, "at", -SECONDS_PER_TOKEN)
    assert [throttle.may_call(*CALLER) for _ in range(2)] == [True, False]
    valkey.hincrbyfloat(KEY, "at", -9 * SECONDS_PER_TOKEN)
    assert [throttle.may_call(*CALLER) for _ in range(3)] == [True, True, False]


def test_an_idle_bucket_is_forgotten(valkey: "redis.Redis") -> None:
    throttle.may_call(*CALLER)
    assert 0 < valkey.pttl(KEY) <= (AT_ONCE * SECONDS_PER_TOKEN + 1) * 1000


def test_without_redis_every_call_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_: Any) -> int:
        raise redis.ConnectionError("away")

    monkeypatch.setattr(throttle, "_take", lambda: away)
    assert all(throttle.may_call(*CALLER) for _ in range(9))


@pytest.mark.parametrize(
    ("service", "call", "code", "status"),
    [
        ("sts", "get_caller_identity", "Throttling", 400),
        ("cloudtrail", "lookup_events", "ThrottlingException", 400),
        ("s3", "list_buckets", "SlowDown", 503),
    ],
)
def test_each_service_says_it_in_its_words(
    alice: User, service: str, call: str, code: str, status: int
) -> None:
    client = boto(service, *factories.access_key(alice))
    refused = refuse(getattr(client, call)).response
    assert refused["Error"]["Code"] == code
    assert refused["ResponseMetadata"]["HTTPStatusCode"] == status


def test_ec2_says_that_a_limit_is_exceeded(alice: User) -> None:
    """Also of what the lab does not offer: a loop over it costs as much."""
    ec2 = boto("ec2", *factories.access_key(alice))
    codes = []
    for _ in range(AT_ONCE + 1):
        with pytest.raises(ClientError) as refused:
            ec2.describe_fpga_images()
        codes.append(refused.value.response["Error"]["Code"])
    assert codes == ["NotImplemented", "NotImplemented", "RequestLimitExceeded"]


def test_keys_of_one_user_share_a_bucket_and_users_do_not(alice: User, bob: User) -> None:
    clients = [boto("sts", *factories.access_key(who)) for who in (alice, alice, bob)]
    refuse(clients[0].get_caller_identity)
    with pytest.raises(ClientError, match="Throttling"):
        clients[1].get_caller_identity()
    assert clients[2].get_caller_identity()


def test_a_throttled_call_does_nothing_and_is_no_event(alice: User) -> None:
    iam = boto("iam", *factories.access_key(alice))
    for _ in range(AT_ONCE):
        iam.list_users()
    with pytest.raises(ClientError, match="Throttling"):
        iam.create_user(UserName="carol")
    assert not User.objects.filter(user_name="carol").exists()
    assert not Event.objects.filter(event_name="CreateUser").exists()


def test_a_wrong_signature_takes_nothing_from_the_keys_owner(alice: User) -> None:
    """Else whoever knows a key's id could lock its owner out."""
    key, secret = factories.access_key(alice)
    for _ in range(AT_ONCE + 1):
        with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
            boto("sts", key, "wrong").get_caller_identity()
    assert boto("sts", key, secret).get_caller_identity()
