"""Lifecycle rules, carried out as the account's clock moves."""

from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from aws.models import Account
from s3 import lifecycle
from s3.lifecycle import VARIES
from s3.models import MultipartUpload, Notification, ObjectVersion
from s3.operations.lifecycle import ALL_128K
from tests.s3.checks import refused


def put_rule(s3: Any, bucket: str, **rule: Any) -> None:
    rule = {"ID": "rule", "Status": "Enabled", "Filter": {"Prefix": ""}, **rule}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})


def pass_days(account: Account, days: int) -> int:
    account.clock_offset += timedelta(days=days)
    account.save()
    return lifecycle.run()


def keys(s3: Any, bucket: str) -> list[str]:
    return [one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_the_rules_are_told_and_deleted(s3: Any, bucket: str) -> None:
    with refused("NoSuchLifecycleConfiguration", 404):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    put_rule(s3, bucket, Expiration={"Days": 3})
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert rule == {
        "ID": "rule",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "Expiration": {"Days": 3},
    }
    s3.delete_bucket_lifecycle(Bucket=bucket)
    with refused("NoSuchLifecycleConfiguration", 404):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)


def test_objects_expire_in_their_time(s3: Any, bucket: str, account: Account) -> None:
    for key in ("logs/a", "logs/b", "other"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"1")
    put_rule(s3, bucket, Filter={"Prefix": "logs/"}, Expiration={"Days": 3})
    assert pass_days(account, 2) == 0
    assert pass_days(account, 2) == 2
    assert keys(s3, bucket) == ["other"]


def test_filters_by_tag_and_size(s3: Any, bucket: str, account: Account) -> None:
    s3.put_object(Bucket=bucket, Key="small", Body=b"1", Tagging="tmp=yes")
    s3.put_object(Bucket=bucket, Key="large", Body=b"1" * 100, Tagging="tmp=yes")
    s3.put_object(Bucket=bucket, Key="kept", Body=b"1" * 100, Tagging="tmp=no")
    conditions = {"Tags": [{"Key": "tmp", "Value": "yes"}], "ObjectSizeGreaterThan": 10}
    put_rule(s3, bucket, Filter={"And": conditions}, Expiration={"Days": 1})
    pass_days(account, 3)
    assert keys(s3, bucket) == ["kept", "small"]


def test_a_disabled_rule_does_nothing(s3: Any, bucket: str, account: Account) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    put_rule(s3, bucket, Status="Disabled", Expiration={"Days": 1})
    assert pass_days(account, 9) == 0


def test_versions_expire_after_their_successor(s3: Any, bucket: str, account: Account) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for number in range(4):
        s3.put_object(Bucket=bucket, Key="a", Body=bytes(number))
    rule = {"NoncurrentDays": 2, "NewerNoncurrentVersions": 1}
    put_rule(s3, bucket, NoncurrentVersionExpiration=rule)
    assert pass_days(account, 1) == 0
    assert pass_days(account, 3) == 2
    sizes = ObjectVersion.objects.order_by("pk").values_list("size", flat=True)
    assert list(sizes) == [2, 3]


def test_an_expired_version_leaves_a_marker_that_goes_when_it_is_alone(
    s3: Any, bucket: str, account: Account
) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    put_rule(s3, bucket, Expiration={"Days": 1})
    pass_days(account, 3)
    assert list(
        ObjectVersion.objects.order_by("pk").values_list("is_delete_marker", flat=True)
    ) == [
        False,
        True,
    ]
    put_rule(
        s3,
        bucket,
        Expiration={"ExpiredObjectDeleteMarker": True},
        NoncurrentVersionExpiration={"NoncurrentDays": 1},
    )
    pass_days(account, 3)
    assert not ObjectVersion.objects.exists()


def test_object_lock_outlasts_a_rule(s3: Any, account: Account, db: None) -> None:
    s3.create_bucket(
        Bucket="locked",
        ObjectLockEnabledForBucket=True,
        CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"},
    )
    s3.put_object(Bucket="locked", Key="a", Body=b"1", ObjectLockLegalHoldStatus="ON")
    s3.put_object(Bucket="locked", Key="a", Body=b"2")
    put_rule(s3, "locked", NoncurrentVersionExpiration={"NoncurrentDays": 1})
    assert pass_days(account, 9) == 0


def test_objects_move_to_another_class(s3: Any, bucket: str, account: Account) -> None:
    s3.put_object(Bucket=bucket, Key="large", Body=bytes(200_000))
    s3.put_object(Bucket=bucket, Key="small", Body=b"1")
    put_rule(s3, bucket, Transitions=[{"Days": 30, "StorageClass": "STANDARD_IA"}])
    assert pass_days(account, 32) == 1
    assert lifecycle.run() == 0
    assert s3.head_object(Bucket=bucket, Key="large")["StorageClass"] == "STANDARD_IA"


def test_objects_go_down_the_classes_and_never_up_again(
    s3: Any, bucket: str, account: Account
) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=bytes(200_000))
    moves = [
        {"Days": 30, "StorageClass": "STANDARD_IA"},
        {"Days": 90, "StorageClass": "GLACIER"},
    ]
    put_rule(s3, bucket, Transitions=moves)
    classes = []
    for days in (32, 60, 60):
        pass_days(account, days)
        classes.append(s3.head_object(Bucket=bucket, Key="a")["StorageClass"])
    assert classes == ["STANDARD_IA", "GLACIER", "GLACIER"]
    assert lifecycle.run() == 0


def test_a_transition_is_told(s3: Any, bucket: str, account: Account) -> None:
    queue = "arn:aws:sqs:ap-northeast-2:111122223333:jobs"
    told = [{"QueueArn": queue, "Events": ["s3:LifecycleTransition"]}]
    wanted = {"QueueConfigurations": told}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=wanted)
    s3.put_object(Bucket=bucket, Key="a", Body=bytes(200_000))
    put_rule(s3, bucket, Transitions=[{"Days": 1, "StorageClass": "GLACIER"}])
    assert pass_days(account, 3) == 1
    (record,) = Notification.objects.get(event="LifecycleTransition").message["Records"]
    moved = record["lifecycleEventData"]["transitionEventData"]
    assert moved == {"destinationStorageClass": "GLACIER"}


@pytest.mark.parametrize(("least", "moved"), [(ALL_128K, 0), (VARIES, 1)])
def test_archives_take_small_objects_where_the_bucket_says_so(
    s3: Any, bucket: str, account: Account, least: str, moved: int
) -> None:
    s3.put_object(Bucket=bucket, Key="small", Body=b"1")
    rule = {
        "ID": "rule",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}],
    }
    s3.put_bucket_lifecycle_configuration(
        Bucket=bucket,
        LifecycleConfiguration={"Rules": [rule]},
        TransitionDefaultMinimumObjectSize=least,
    )
    told = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert told["TransitionDefaultMinimumObjectSize"] == least
    assert pass_days(account, 3) == moved


def test_the_expiry_is_told_with_the_object(s3: Any, bucket: str) -> None:
    """The earliest of the rules that take it in: the midnight after so many days."""
    conditions = {"And": {"Prefix": "logs/", "Tags": [{"Key": "t", "Value": "1"}]}}
    rules = [
        {"ID": "late", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 9}},
        {"ID": "a b", "Status": "Enabled", "Filter": conditions, "Expiration": {"Days": 2}},
        {"ID": "off", "Status": "Disabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}},
    ]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    wanted = {"Bucket": bucket, "Body": b"1"}
    put = s3.put_object(Key="logs/a", Tagging="t=1", **wanted)
    other = s3.put_object(Key="logs/b", **wanted)
    made_at = s3.head_object(Bucket=bucket, Key="logs/a")["LastModified"]
    midnight = datetime.combine(made_at.date(), time(), UTC) + timedelta(days=3)
    early = f'expiry-date="{format_datetime(midnight, usegmt=True)}", rule-id="a%20b"'
    assert put["Expiration"] == early
    assert s3.head_object(Bucket=bucket, Key="logs/a")["Expiration"] == early
    assert 'rule-id="late"' in other["Expiration"]
    s3.delete_bucket_lifecycle(Bucket=bucket)
    assert "Expiration" not in s3.head_object(Bucket=bucket, Key="logs/a")


def test_unfinished_uploads_end(s3: Any, bucket: str, account: Account) -> None:
    s3.create_multipart_upload(Bucket=bucket, Key="a")
    put_rule(s3, bucket, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1})
    pass_days(account, 3)
    assert not MultipartUpload.objects.exists()


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({}, "InvalidRequest"),
        ({"Expiration": {"Days": 0}}, "InvalidArgument"),
        ({"Expiration": {"Days": 1, "Date": "2030-01-01T00:00:00Z"}}, "MalformedXML"),
        ({"Expiration": {"Date": "2030-01-01T05:00:00Z"}}, "InvalidArgument"),
        ({"Transitions": [{"Days": 1}]}, "MalformedXML"),
        ({"Transitions": [{"Days": 1, "StorageClass": "STANDARD_IA"}]}, "InvalidArgument"),
        (
            {
                "Transitions": [
                    {"Days": 30, "StorageClass": "STANDARD_IA"},
                    {"Days": 59, "StorageClass": "GLACIER"},
                ]
            },
            "InvalidArgument",
        ),
        (
            {
                "Transitions": [
                    {"Days": 9, "StorageClass": "GLACIER"},
                    {"Days": 9, "StorageClass": "DEEP_ARCHIVE"},
                ]
            },
            "InvalidArgument",
        ),
        (
            {
                "NoncurrentVersionTransitions": [{"NoncurrentDays": 9, "StorageClass": "GLACIER"}],
                "NoncurrentVersionExpiration": {"NoncurrentDays": 9},
            },
            "InvalidArgument",
        ),
        (
            {
                "Transitions": [{"Days": 5, "StorageClass": "GLACIER"}],
                "Expiration": {"Days": 5},
            },
            "InvalidArgument",
        ),
    ],
)
def test_rules_that_cannot_be(s3: Any, bucket: str, rule: dict[str, Any], code: str) -> None:
    with refused(code, 400):
        put_rule(s3, bucket, **rule)


def test_an_archived_object_waits_for_its_restore(s3: Any, bucket: str, account: Account) -> None:
    s3.put_object(Bucket=bucket, Key="old", Body=b"1" * 200_000)
    put_rule(s3, bucket, Transitions=[{"Days": 5, "StorageClass": "GLACIER"}])
    pass_days(account, 7)
    assert s3.head_object(Bucket=bucket, Key="old")["StorageClass"] == "GLACIER"
    with refused("InvalidObjectState", 403):
        s3.get_object(Bucket=bucket, Key="old")
