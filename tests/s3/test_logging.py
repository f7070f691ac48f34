"""Server access logs: their configuration, their lines, their delivery."""

import json
import shlex
from collections.abc import Callable
from typing import Any

import pytest

from aws.models import Account
from iam.models import User
from s3 import access_logs, configurations, rows
from s3.models import AccessLogRecord, Bucket
from tests import factories
from tests.s3 import raw
from tests.s3.checks import refused

SEOUL = {"LocationConstraint": "ap-northeast-2"}


def turn_on(s3: Any, bucket: str, target: str = "logs", **more: Any) -> None:
    wanted = {"TargetBucket": target, "TargetPrefix": "of-samples/", **more}
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": wanted})


def policy_for(source: str, target: str = "logs", account: str = "111122223333") -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{target}/*",
        "Condition": {
            "ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{source}"},
            "StringEquals": {"aws:SourceAccount": account},
        },
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def target(s3: Any) -> str:
    s3.create_bucket(Bucket="logs", CreateBucketConfiguration=SEOUL)
    s3.put_bucket_policy(Bucket="logs", Policy=policy_for("samples"))
    return "logs"


def delivered(s3: Any) -> dict[str, str]:
    access_logs.deliver()
    listed = s3.list_objects_v2(Bucket="logs").get("Contents", [])
    return {
        one["Key"]: s3.get_object(Bucket="logs", Key=one["Key"])["Body"].read().decode()
        for one in listed
    }


def test_it_answers_what_was_put(s3: Any, bucket: str, target: str) -> None:
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
    partitioned = {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}}
    turn_on(s3, bucket, TargetObjectKeyFormat=partitioned)
    found = s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"]
    assert found == {
        "TargetBucket": "logs",
        "TargetPrefix": "of-samples/",
        "TargetObjectKeyFormat": partitioned,
    }
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)


def test_a_line_tells_the_request_in_awss_order(
    s3: Any, bucket: str, target: str, alice: User
) -> None:
    turn_on(s3, bucket)
    s3.put_object(Bucket=bucket, Key="a b.txt", Body=b"hello")
    s3.get_object(Bucket=bucket, Key="a b.txt")
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=bucket, Key="gone")
    ((key, text),) = delivered(s3).items()
    assert key.startswith("of-samples/20")
    lines = [shlex.split(line.replace("[", '"').replace("]", '"')) for line in text.splitlines()]
    assert [line[6] for line in lines] == ["REST.PUT.OBJECT", "REST.GET.OBJECT", "REST.GET.OBJECT"]
    put, got, missing = lines
    assert {len(line) for line in lines} == {27}
    assert (put[1], put[4], put[7], put[9], put[10]) == (
        bucket,
        alice.arn,
        "a%2520b.txt",
        "200",
        "-",
    )
    assert (put[12], got[11], got[12]) == ("5", "5", "5")
    assert (missing[9], missing[10]) == ("404", "NoSuchKey")
    assert got[8].startswith("GET /samples/a%20b.txt HTTP/1.1")
    assert (got[19], got[21]) == ("SigV4", "AuthHeader")


def test_a_visit_to_a_website_is_logged_as_one(s3: Any, bucket: str, target: str) -> None:
    site = {"IndexDocument": {"Suffix": "index.html"}}
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=site)
    turn_on(s3, bucket)
    AccessLogRecord.objects.all().delete()
    address = "http://samples.s3-website.ap-northeast-2.localhost:8080/page"
    raw.send("GET", address, to="console.public.application")
    (text,) = delivered(s3).values()
    line = shlex.split(text.replace("[", '"').replace("]", '"'))
    assert (line[4], line[6], line[9]) == ("-", "WEBSITE.GET.OBJECT", "403")


def test_a_bucket_without_logging_writes_nothing(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"")
    assert not AccessLogRecord.objects.exists()


def test_partitions_name_the_day(s3: Any, bucket: str, target: str, account: Account) -> None:
    by_day = {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}}
    turn_on(s3, bucket, TargetObjectKeyFormat=by_day)
    s3.list_objects_v2(Bucket=bucket)
    day = AccessLogRecord.objects.get().event_time
    (key,) = delivered(s3)
    place = f"of-samples/111122223333/ap-northeast-2/samples/{day:%Y/%m/%d}/"
    assert key.startswith(f"{place}{day:%Y-%m-%d}-00-00-00-")


def test_a_target_that_refuses_gets_nothing_and_says_so(s3: Any, bucket: str, target: str) -> None:
    turn_on(s3, bucket)
    s3.put_bucket_policy(Bucket="logs", Policy=policy_for("another-bucket"))
    s3.list_objects_v2(Bucket=bucket)
    assert delivered(s3) == {}
    assert not AccessLogRecord.objects.exists()
    row = rows.find_bucket(bucket)
    assert row is not None
    assert configurations.find(row, "logging-delivery")["ErrorCode"] == "AccessDenied"


def test_the_log_delivery_group_may_write_where_lists_are_in_use(
    s3: Any, bucket: str, target: str
) -> None:
    s3.delete_bucket_policy(Bucket="logs")
    s3.put_bucket_ownership_controls(
        Bucket="logs", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    )
    with refused("InvalidTargetBucketForLogging", 400):
        turn_on(s3, bucket)
    s3.put_bucket_acl(Bucket="logs", ACL="log-delivery-write")
    turn_on(s3, bucket)
    s3.list_objects_v2(Bucket=bucket)
    assert len(delivered(s3)) == 1


def test_targets_that_cannot_be(s3: Any, bucket: str, other_account: Account) -> None:
    factories.bucket(other_account, "foreign")
    for name in ("nowhere", "foreign"):
        with refused("InvalidTargetBucketForLogging", 400):
            turn_on(s3, bucket, name)
    owner = Account.objects.get(pk="111122223333")
    factories.bucket(owner, "far-away", bucket_region="eu-west-1")
    with refused("CrossLocationLoggingProhibitted", 403):
        turn_on(s3, bucket, "far-away")


def test_grants_need_lists(s3: Any, bucket: str, target: str) -> None:
    everybody = "http://acs.amazonaws.com/groups/global/AllUsers"
    grant = {"Grantee": {"Type": "Group", "URI": everybody}, "Permission": "READ"}
    with refused("AccessControlListNotSupported", 400):
        turn_on(s3, bucket, TargetGrants=[grant])


def test_only_who_may_turns_it_on(
    s3: Any, bucket: str, target: str, bob: User, mallory: User, client_of: Callable[..., Any]
) -> None:
    for stranger in (bob, mallory):
        with refused("AccessDenied", 403):
            turn_on(client_of(stranger), bucket)
    assert "logging" not in Bucket.objects.get(name=bucket).configurations
