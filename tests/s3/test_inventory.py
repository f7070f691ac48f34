"""Inventory: configurations, and reports as the account's clock moves."""

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from aws.models import Account
from iam.models import User
from s3 import inventory
from tests import factories
from tests.factories import ctx_for
from tests.s3.checks import refused

SEOUL = {"LocationConstraint": "ap-northeast-2"}
FIELDS = ["Size", "ETag", "StorageClass", "EncryptionStatus", "IsMultipartUploaded"]


def configuration(**more: Any) -> dict[str, Any]:
    target = {"Bucket": "arn:aws:s3:::reports", "Format": "CSV", "Prefix": "inv"}
    target |= more.pop("target", {})
    return {
        "Id": "all",
        "IsEnabled": True,
        "IncludedObjectVersions": "Current",
        "Schedule": {"Frequency": "Daily"},
        "OptionalFields": FIELDS,
        "Destination": {"S3BucketDestination": target},
        **more,
    }


def put(s3: Any, bucket: str, **more: Any) -> None:
    wanted = configuration(**more)
    s3.put_bucket_inventory_configuration(
        Bucket=bucket, Id=wanted["Id"], InventoryConfiguration=wanted
    )


def policy(source: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::reports/*",
        "Condition": {
            "ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{source}"},
            "StringEquals": {"aws:SourceAccount": "111122223333"},
        },
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def reports(s3: Any) -> str:
    s3.create_bucket(Bucket="reports", CreateBucketConfiguration=SEOUL)
    s3.put_bucket_policy(Bucket="reports", Policy=policy("samples"))
    return "reports"


def contents(s3: Any) -> dict[str, bytes]:
    listed = s3.list_objects_v2(Bucket="reports").get("Contents", [])
    return {
        one["Key"]: s3.get_object(Bucket="reports", Key=one["Key"])["Body"].read() for one in listed
    }


def md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def rows_of(s3: Any) -> list[list[str]]:
    (data,) = [body for key, body in contents(s3).items() if key.endswith(".csv.gz")]
    return list(csv.reader(io.StringIO(gzip.decompress(data).decode())))


def test_it_answers_lists_and_deletes(s3: Any, bucket: str, reports: str) -> None:
    put(s3, bucket)
    named = {"Bucket": bucket, "Id": "all"}
    found = s3.get_bucket_inventory_configuration(**named)["InventoryConfiguration"]
    assert found == configuration()
    listed = s3.list_bucket_inventory_configurations(Bucket=bucket)
    assert (listed["IsTruncated"], listed["InventoryConfigurationList"]) == (False, [found])
    s3.delete_bucket_inventory_configuration(**named)
    for call in (
        s3.get_bucket_inventory_configuration,
        s3.delete_bucket_inventory_configuration,
    ):
        with refused("NoSuchConfiguration", 404):
            call(**named)


def test_a_report_is_list_manifest_checksum_and_link(s3: Any, bucket: str, reports: str) -> None:
    s3.put_object(Bucket=bucket, Key="a b/ü.txt", Body=b"12345")
    put(s3, bucket)
    assert inventory.run() == 1
    ((name, key, size, etag, *rest),) = rows_of(s3)
    assert (name, key, size) == (bucket, "a%20b/%C3%BC.txt", "5")
    assert etag == md5(b"12345")
    assert rest == ["STANDARD", "SSE-S3", "false"]
    found = contents(s3)
    assert all(one.startswith("inv/samples/all/") for one in found)
    (manifest_key,) = [one for one in found if one.endswith("manifest.json")]
    manifest = json.loads(found[manifest_key])
    (file,) = manifest["files"]
    assert manifest["fileSchema"] == ", ".join(["Bucket", "Key", *FIELDS])
    assert md5(found[file["key"]]) == file["MD5checksum"]
    checksum = found[manifest_key.replace("manifest.json", "manifest.checksum")]
    assert checksum.decode() == md5(found[manifest_key])
    (link,) = [body for one, body in found.items() if one.endswith("symlink.txt")]
    assert link.decode() == f"s3://reports/{file['key']}\n"


def test_all_versions_and_a_prefix(s3: Any, bucket: str, reports: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for key in ("in/a", "in/a", "out/b"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"1")
    s3.delete_object(Bucket=bucket, Key="in/a")
    put(s3, bucket, IncludedObjectVersions="All", Filter={"Prefix": "in/"}, OptionalFields=["Size"])
    inventory.run()
    flags = [(latest, marker, size) for _, _, _, latest, marker, size in rows_of(s3)]
    assert flags == [("true", "true", ""), ("false", "false", "1"), ("false", "false", "1")]


@pytest.mark.parametrize(("frequency", "after_days"), [("Daily", [1, 0, 1]), ("Weekly", [0, 0, 1])])
def test_the_next_reports_follow_the_account_s_clock(
    s3: Any, bucket: str, reports: str, account: Account, frequency: str, after_days: list[int]
) -> None:
    """From a Sunday: on Monday, still on Monday, and a week later."""
    now = datetime.now(tz=account.now.tzinfo)
    to_sunday = timedelta(days=(6 - now.weekday()) % 7)
    account.clock_offset = to_sunday
    account.save()
    put(s3, bucket, Schedule={"Frequency": frequency})
    assert (inventory.run(), inventory.run()) == (1, 0)
    reported = []
    for days in (1, 0, 6):
        account.clock_offset += timedelta(days=days)
        account.save()
        reported.append(inventory.run())
    assert reported == after_days


def test_a_destination_that_refuses_gets_nothing_and_says_so(
    s3: Any, bucket: str, reports: str, alice: User
) -> None:
    s3.put_bucket_policy(Bucket="reports", Policy=policy("another-bucket"))
    put(s3, bucket)
    inventory.run()
    assert contents(s3) == {}
    outcome = inventory.deliveries(ctx_for(alice), bucket)["all"]
    assert outcome["ErrorCode"] == "AccessDenied"


def test_another_account_receives_what_its_policy_takes(
    s3: Any, bucket: str, other_account: Account, mallory: User, client_of: Callable[..., Any]
) -> None:
    target = factories.bucket(other_account, "reports")
    put(s3, bucket, target={"AccountId": other_account.account_id})
    inventory.run()
    other = client_of(mallory)
    assert other.list_objects_v2(Bucket="reports")["KeyCount"] == 0
    target.policy = policy("samples")
    target.save()
    s3.delete_bucket_inventory_configuration(Bucket=bucket, Id="all")
    put(s3, bucket, target={"AccountId": other_account.account_id})
    inventory.run()
    assert other.list_objects_v2(Bucket="reports")["KeyCount"] == 4


def test_a_disabled_one_rests(s3: Any, bucket: str, reports: str) -> None:
    put(s3, bucket, IsEnabled=False)
    assert inventory.run() == 0


@pytest.mark.parametrize(
    ("more", "code", "status"),
    [
        ({"target": {"Format": "Parquet"}}, "NotImplemented", 501),
        ({"target": {"Bucket": "arn:aws:s3:::nowhere"}}, "InvalidS3DestinationBucket", 400),
        ({"target": {"Bucket": "reports"}}, "InvalidS3DestinationBucket", 400),
        ({"target": {"AccountId": "444455556666"}}, "InvalidS3DestinationBucket", 400),
        ({"Id": "no spaces"}, "InvalidArgument", 400),
        ({"OptionalFields": ["Size", "Size"]}, "InvalidArgument", 400),
        ({"Schedule": {"Frequency": "Hourly"}}, "MalformedXML", 400),
    ],
)
def test_configurations_that_cannot_be(
    s3: Any, bucket: str, reports: str, more: dict[str, Any], code: str, status: int
) -> None:
    with refused(code, status):
        put(s3, bucket, **more)


def test_only_who_may(
    s3: Any, bucket: str, reports: str, nobody: User, mallory: User, client_of: Callable[..., Any]
) -> None:
    for stranger in (nobody, mallory):
        with refused("AccessDenied", 403):
            put(client_of(stranger), bucket)
        with refused("AccessDenied", 403):
            client_of(stranger).list_bucket_inventory_configurations(Bucket=bucket)
