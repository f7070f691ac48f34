"""Archived objects answer after a restore, for as long as it was asked for."""

from datetime import timedelta
from typing import Any

import pytest

from aws.models import Account
from s3 import restores, rows
from s3.models import Notification, ObjectVersion
from tests.s3.checks import refused


@pytest.fixture
def archived(s3: Any, bucket: str) -> str:
    s3.put_object(Bucket=bucket, Key="old", Body=b"bytes", StorageClass="GLACIER")
    return bucket


@pytest.fixture(autouse=True)
def _realistic(settings: Any) -> None:
    settings.LAB_PACE = "realistic"


def pass_time(account: Account, **time: int) -> None:
    account.clock_offset += timedelta(**time)
    account.save()


def restore(s3: Any, bucket: str, days: int = 2, tier: str = "Standard") -> int:
    request = {"Days": days, "GlacierJobParameters": {"Tier": tier}}
    answer = s3.restore_object(Bucket=bucket, Key="old", RestoreRequest=request)
    status: int = answer["ResponseMetadata"]["HTTPStatusCode"]
    return status


def test_an_archived_object_is_told_of_but_not_read(s3: Any, archived: str) -> None:
    assert s3.head_object(Bucket=archived, Key="old")["StorageClass"] == "GLACIER"
    with refused("InvalidObjectState", 403):
        s3.get_object(Bucket=archived, Key="old")
    with refused("InvalidObjectState", 403):
        s3.copy_object(Bucket=archived, Key="new", CopySource=f"{archived}/old")


def test_a_restore_takes_its_time_and_ends(s3: Any, archived: str, account: Account) -> None:
    assert restore(s3, archived) == 202
    assert s3.head_object(Bucket=archived, Key="old")["Restore"] == 'ongoing-request="true"'
    with refused("RestoreAlreadyInProgress", 409):
        restore(s3, archived)
    with refused("InvalidObjectState", 403):
        s3.get_object(Bucket=archived, Key="old")
    pass_time(account, hours=5, minutes=1)
    told = s3.head_object(Bucket=archived, Key="old")["Restore"]
    assert told.startswith('ongoing-request="false", expiry-date="')
    assert told.endswith('00:00:00 GMT"')
    assert s3.get_object(Bucket=archived, Key="old")["Body"].read() == b"bytes"
    assert restore(s3, archived, days=5) == 200
    pass_time(account, days=4)
    assert s3.get_object(Bucket=archived, Key="old")["Body"].read() == b"bytes"
    pass_time(account, days=3)
    with refused("InvalidObjectState", 403):
        s3.get_object(Bucket=archived, Key="old")


def test_a_list_tells_of_restores_when_asked(s3: Any, archived: str, account: Account) -> None:
    restore(s3, archived, tier="Expedited")
    wanted = {"Bucket": archived, "OptionalObjectAttributes": ["RestoreStatus"]}
    (one,) = s3.list_objects_v2(**wanted)["Contents"]
    assert one["RestoreStatus"] == {"IsRestoreInProgress": True}
    pass_time(account, minutes=6)
    (one,) = s3.list_objects_v2(**wanted)["Contents"]
    assert one["RestoreStatus"]["RestoreExpiryDate"]
    (version,) = s3.list_object_versions(**wanted)["Versions"]
    assert version["RestoreStatus"] == one["RestoreStatus"]
    (plain,) = s3.list_objects_v2(Bucket=archived)["Contents"]
    (version,) = s3.list_object_versions(Bucket=archived)["Versions"]
    assert "RestoreStatus" not in plain.keys() | version.keys()


def told() -> list[str]:
    kept = Notification.objects.exclude(event="TestEvent").order_by("pk")
    return list(kept.values_list("event", flat=True))


@pytest.fixture
def telling(s3: Any, archived: str) -> str:
    queue = "arn:aws:sqs:ap-northeast-2:111122223333:jobs"
    wanted = [{"QueueArn": queue, "Events": ["s3:ObjectRestore:*"]}]
    s3.put_bucket_notification_configuration(
        Bucket=archived, NotificationConfiguration={"QueueConfigurations": wanted}
    )
    return archived


def test_the_end_of_a_restore_is_told_once(s3: Any, telling: str, account: Account) -> None:
    restore(s3, telling)
    restores.run()
    assert told() == ["ObjectRestore:Post"]
    pass_time(account, hours=6)
    assert [restores.run(), restores.run()] == [1, 0]
    assert told() == ["ObjectRestore:Post", "ObjectRestore:Completed"]
    (record,) = Notification.objects.get(event="ObjectRestore:Completed").message["Records"]
    about = record["glacierEventData"]["restoreEventData"]
    assert about["lifecycleRestoreStorageClass"] == "GLACIER"
    assert about["lifecycleRestorationExpiryTime"].endswith("T00:00:00.000Z")
    assert restore(s3, telling, days=9) == 200
    pass_time(account, days=4)
    assert restores.run() == 0
    pass_time(account, days=7)
    assert [restores.run(), restores.run()] == [1, 0]
    assert told()[2:] == ["ObjectRestore:Delete"]
    assert restore(s3, telling) == 202
    assert told()[3:] == ["ObjectRestore:Post"]


def test_a_restore_that_ended_unwatched_is_told_whole(
    s3: Any, telling: str, account: Account
) -> None:
    restore(s3, telling)
    pass_time(account, days=30)
    restores.run()
    assert told()[1:] == ["ObjectRestore:Completed", "ObjectRestore:Delete"]
    assert ObjectVersion.objects.get().restore == {}


def test_looking_for_ended_restores_reads_restored_objects_only(db: None) -> None:
    rows.run("SET LOCAL enable_seqscan = off")
    plan = rows.run(f"EXPLAIN {restores._DUE}", ["2026-11-24T00:00:00Z", 10]).fetchall()
    assert "s3_object_restored" in str(plan)


@pytest.mark.parametrize(("request_", "code"), [
    ({"Days": 0}, "InvalidArgument"),
    ({"GlacierJobParameters": {"Tier": "Standard"}}, "MalformedXML"),
])  # fmt: skip
def test_bad_requests(s3: Any, archived: str, request_: dict[str, Any], code: str) -> None:
    with refused(code, 400):
        s3.restore_object(Bucket=archived, Key="old", RestoreRequest=request_)


def test_deep_archive_has_no_expedited_retrieval(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="old", Body=b"x", StorageClass="DEEP_ARCHIVE")
    with refused("InvalidArgument", 400):
        restore(s3, bucket, tier="Expedited")


def test_what_is_not_archived_needs_no_restore(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="old", Body=b"x", StorageClass="GLACIER_IR")
    assert s3.get_object(Bucket=bucket, Key="old")["Body"].read() == b"x"
    with refused("InvalidObjectState", 403):
        restore(s3, bucket)


def test_who_may_not_restore(archived: str, client_of: Any, bob: Any, mallory: Any) -> None:
    for who in (bob, mallory):
        with refused("AccessDenied", 403):
            restore(client_of(who), archived)


def test_a_missing_object(s3: Any, bucket: str) -> None:
    with refused("NoSuchKey", 404):
        restore(s3, bucket)
