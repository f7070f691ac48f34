"""Event notifications: what is told, to whom, and what cannot be configured."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from aws.models import Account
from iam.models import User
from s3 import lifecycle, notifications
from s3.models import Notification
from s3.operations import delete_object
from tests.factories import ctx_for
from tests.s3 import test_forms
from tests.s3.checks import refused

QUEUE = "arn:aws:sqs:ap-northeast-2:111122223333:jobs"
TOPIC = "arn:aws:sns:ap-northeast-2:111122223333:news"
FUNCTION = "arn:aws:lambda:ap-northeast-2:111122223333:function:resize"


def put(s3: Any, bucket: str, *queues: dict[str, Any], **more: Any) -> None:
    listed = [{"QueueArn": QUEUE, "Events": ["s3:ObjectCreated:*"], **queue} for queue in queues]
    wanted = {**({"QueueConfigurations": listed} if listed else {}), **more}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=wanted)


def key_filter(**rules: str) -> dict[str, Any]:
    listed = [{"Name": name, "Value": value} for name, value in rules.items()]
    return {"Key": {"FilterRules": listed}}


def told() -> list[tuple[str, str]]:
    rows = Notification.objects.exclude(event="TestEvent").order_by("pk")
    return list(rows.values_list("event", "key"))


def test_it_answers_what_was_put_with_an_id(s3: Any, bucket: str) -> None:
    assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket=bucket)
    put(s3, bucket, {"Filter": key_filter(prefix="a/")}, EventBridgeConfiguration={})
    found = s3.get_bucket_notification_configuration(Bucket=bucket)
    (queue,) = found["QueueConfigurations"]
    assert queue["Id"]
    assert queue["Filter"]["Key"]["FilterRules"] == [{"Name": "Prefix", "Value": "a/"}]
    assert found["EventBridgeConfiguration"] == {}


def test_a_new_destination_is_tested_once(s3: Any, bucket: str) -> None:
    put(s3, bucket, {})
    put(s3, bucket, {}, TopicConfigurations=[{"TopicArn": TOPIC, "Events": ["s3:ObjectAcl:Put"]}])
    rows = Notification.objects.order_by("pk")
    assert list(rows.values_list("event", "destination")) == [
        ("TestEvent", QUEUE),
        ("TestEvent", TOPIC),
    ]
    assert rows[0].message["Event"] == "s3:TestEvent"


def test_every_kind_of_write_and_removal_is_told(s3: Any, bucket: str) -> None:
    events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*"]
    put(s3, bucket, {"Events": events})
    s3.put_object(Bucket=bucket, Key="a", Body=b"12")
    s3.copy_object(Bucket=bucket, Key="b", CopySource=f"{bucket}/a")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="c")["UploadId"]
    named = {"Bucket": bucket, "Key": "c", "UploadId": upload}
    part = {"ETag": s3.upload_part(**named, PartNumber=1, Body=b"1")["ETag"], "PartNumber": 1}
    s3.complete_multipart_upload(**named, MultipartUpload={"Parts": [part]})
    s3.put_object_tagging(Bucket=bucket, Key="a", Tagging={"TagSet": [{"Key": "x", "Value": "y"}]})
    s3.delete_object_tagging(Bucket=bucket, Key="a")
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "b"}]})
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.delete_object(Bucket=bucket, Key="a")
    assert told() == [
        ("ObjectCreated:Put", "a"),
        ("ObjectCreated:Copy", "b"),
        ("ObjectCreated:CompleteMultipartUpload", "c"),
        ("ObjectTagging:Put", "a"),
        ("ObjectTagging:Delete", "a"),
        ("ObjectRemoved:Delete", "b"),
        ("ObjectRemoved:DeleteMarkerCreated", "a"),
    ]


def test_the_record_is_as_awss(s3: Any, bucket: str, alice: User) -> None:
    put(s3, bucket, {"Id": "mine"})
    s3.put_object(Bucket=bucket, Key="a b+ü.txt", Body=b"12")
    s3.put_object(Bucket=bucket, Key="second", Body=b"")
    message, second = (row.message["Records"][0] for row in Notification.objects.order_by("pk")[1:])
    about = message["s3"]["object"]
    assert message["eventVersion"] == "2.1"
    assert message["userIdentity"] == {"principalId": f"AWS:{alice.user_id}"}
    assert message["s3"]["configurationId"] == "mine"
    assert about["key"] == "a+b%2B%C3%BC.txt"
    assert (about["size"], len(about["eTag"]), "versionId" in about) == (2, 32, False)
    assert about["sequencer"] < second["s3"]["object"]["sequencer"]


def test_forms_and_lifecycle_rules_are_told_by_their_names(
    s3: Any, bucket: str, account: Account
) -> None:
    events = ["s3:ObjectCreated:Post", "s3:LifecycleExpiration:*"]
    put(s3, bucket, {"Events": events})
    assert test_forms.post(test_forms.presigned(s3, "posted")).status == 204
    rule = {"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    account.clock_offset += timedelta(days=3)
    account.save()
    lifecycle.run()
    assert told() == [("ObjectCreated:Post", "posted"), ("LifecycleExpiration:Delete", "posted")]
    expired = Notification.objects.order_by("-pk")[0].message["Records"][0]
    assert expired["eventVersion"] == "2.3"
    assert expired["userIdentity"] == {"principalId": "s3.amazonaws.com"}


def test_filters_choose_keys(s3: Any, bucket: str) -> None:
    put(s3, bucket, {"Filter": key_filter(prefix="in/", suffix=".jpg")})
    for key in ("in/a.jpg", "in/a.png", "out/a.jpg"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    assert told() == [("ObjectCreated:Put", "in/a.jpg")]


def test_event_bridge_has_a_shape_of_its_own(s3: Any, bucket: str) -> None:
    put(s3, bucket, EventBridgeConfiguration={})
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    (row,) = Notification.objects.all()
    assert (row.destination, row.message["detail-type"]) == ("EventBridge", "Object Created")
    assert row.message["detail"]["reason"] == "PutObject"


def test_what_fails_or_is_not_asked_for_is_not_told(s3: Any, bucket: str) -> None:
    put(s3, bucket, {})
    with refused("NoSuchKey", 404):
        s3.put_object(Bucket=bucket, Key="a", Body=b"", IfMatch='"x"')
    s3.delete_object(Bucket=bucket, Key="a")
    assert told() == []


def test_an_empty_configuration_ends_it(s3: Any, bucket: str) -> None:
    put(s3, bucket, {})
    put(s3, bucket)
    s3.put_object(Bucket=bucket, Key="a", Body=b"")
    assert told() == []


def test_the_console_s_calls_are_told_as_well(s3: Any, bucket: str, alice: User) -> None:
    put(s3, bucket, {"Events": ["s3:ObjectRemoved:*"]})
    delete_object(ctx_for(alice, source="console"), bucket=bucket, key="a")
    assert told() == [("ObjectRemoved:Delete", "a")]


def test_the_oldest_make_room(s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifications, "KEPT", 3)
    monkeypatch.setattr(notifications, "_TRIM_EVERY", 1)
    put(s3, bucket, {})
    for number in range(5):
        s3.put_object(Bucket=bucket, Key=str(number), Body=b"")
    assert [key for _, key in told()] == ["2", "3", "4"]


@pytest.mark.parametrize(
    ("queue", "word"),
    [
        ({"QueueArn": "jobs"}, "could not be parsed"),
        ({"QueueArn": TOPIC}, "not well formed"),
        ({"QueueArn": QUEUE.replace("ap-northeast-2", "eu-west-1")}, "region is not valid"),
        ({"QueueArn": QUEUE.replace("111122223333", "444455556666")}, "Unable to validate"),
        ({"QueueArn": f"{QUEUE}.fifo"}, "Unable to validate"),
        ({"Filter": key_filter(infix="x")}, "either prefix or suffix"),
        ({"Filter": key_filter(prefix="x" * 1025)}, "cannot exceed 1024 bytes"),
        ({"Id": "x" * 256}, "longer than 255"),
    ],
)
def test_configurations_that_cannot_be(
    s3: Any, bucket: str, queue: dict[str, Any], word: str
) -> None:
    with refused("InvalidArgument", 400) as error:
        put(s3, bucket, queue)
    assert word in str(error.value)
    assert not Notification.objects.exists()


def test_events_that_are_none(s3: Any, bucket: str) -> None:
    with refused("MalformedXML", 400):
        put(s3, bucket, {"Events": ["s3:ObjectEaten:*"]})


def test_what_was_answered_may_be_put_back(s3: Any, bucket: str) -> None:
    put(s3, bucket, {"Filter": key_filter(Prefix="a/")})
    found = s3.get_bucket_notification_configuration(Bucket=bucket)
    put(s3, bucket, *found["QueueConfigurations"])


@pytest.mark.parametrize(
    ("one", "other", "is_ambiguous"),
    [
        ({}, {"prefix": "a"}, True),
        ({"prefix": "a"}, {"prefix": "ab"}, True),
        ({"prefix": "a"}, {"prefix": "b"}, False),
        ({"suffix": ".jpg"}, {"suffix": "pg"}, True),
        ({"prefix": "a", "suffix": ".jpg"}, {"prefix": "ab", "suffix": ".png"}, False),
    ],
)
def test_filters_of_one_event_may_not_overlap(
    s3: Any, bucket: str, one: dict[str, str], other: dict[str, str], is_ambiguous: bool
) -> None:
    pair = ({"Filter": key_filter(**one)}, {"Filter": key_filter(**other)})
    if not is_ambiguous:
        put(s3, bucket, *pair)
        return
    with refused("InvalidArgument", 400) as error:
        put(s3, bucket, *pair)
    assert "ambiguously" in str(error.value)


def test_other_events_do_not_overlap(s3: Any, bucket: str) -> None:
    put(s3, bucket, {}, {"Events": ["s3:ObjectRemoved:*"]})
    with refused("InvalidArgument", 400):
        put(s3, bucket, {}, {"Events": ["s3:ObjectCreated:Put"]})


def test_only_who_may_reads_the_messages(
    s3: Any, bucket: str, nobody: User, mallory: User, client_of: Callable[..., Any]
) -> None:
    put(s3, bucket, {})
    for stranger in (nobody, mallory):
        with refused("AccessDenied", 403):
            client_of(stranger).get_bucket_notification_configuration(Bucket=bucket)
        with refused("AccessDenied", 403):
            put(client_of(stranger), bucket, {})
        with pytest.raises(Exception, match=r"AccessDenied|Access Denied|not authorized"):
            notifications.recent(ctx_for(stranger), bucket)
