"""Buckets through boto3."""

from collections.abc import Callable
from typing import Any

import pytest

from aws.models import Event
from iam.models import User
from s3.models import Bucket
from tests import factories
from tests.factories import allow
from tests.s3.checks import refused

SEOUL = {"LocationConstraint": "ap-northeast-2"}


def test_it_creates_finds_and_deletes_a_bucket(s3: Any) -> None:
    created = s3.create_bucket(Bucket="first-bucket", CreateBucketConfiguration=SEOUL)
    assert created["Location"] == "/first-bucket"
    assert created["BucketArn"] == "arn:aws:s3:::first-bucket"
    assert s3.head_bucket(Bucket="first-bucket")["BucketRegion"] == "ap-northeast-2"
    assert s3.get_bucket_location(Bucket="first-bucket")["LocationConstraint"] == "ap-northeast-2"
    assert [one["Name"] for one in s3.list_buckets()["Buckets"]] == ["first-bucket"]
    s3.delete_bucket(Bucket="first-bucket")
    assert s3.list_buckets()["Buckets"] == []


def test_a_new_bucket_is_private_and_its_owner_enforced(s3: Any, bucket: str) -> None:
    row = Bucket.objects.get(name=bucket)
    assert row.object_ownership == "BucketOwnerEnforced"
    assert all(row.public_access_block.values())
    assert len(row.public_access_block) == 4


def test_creating_is_an_event_and_reading_the_bucket_is_none(s3: Any, bucket: str) -> None:
    s3.head_bucket(Bucket=bucket)
    assert list(Event.objects.values_list("event_name", flat=True)) == ["CreateBucket"]


@pytest.mark.parametrize(
    "name",
    [
        "Upper", "under_score", "two..dots", "192.168.5.4", "xn--prefix", "name-s3alias",
        "-dash-first", "dash-last-", "sthree-x", "a" * 64,
    ],
)  # fmt: skip
def test_names_that_break_the_rules(s3: Any, name: str) -> None:
    with refused("InvalidBucketName", 400):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=SEOUL)


def test_names_are_taken_in_the_whole_lab(
    s3: Any, bucket: str, mallory: User, client_of: Callable[..., Any]
) -> None:
    with refused("BucketAlreadyOwnedByYou", 409):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=SEOUL)
    with refused("BucketAlreadyExists", 409):
        client_of(mallory).create_bucket(Bucket=bucket, CreateBucketConfiguration=SEOUL)


def test_the_location_has_to_be_the_endpoint_s(s3: Any) -> None:
    with refused("IllegalLocationConstraintException", 400):
        s3.create_bucket(Bucket="first-bucket")
    with refused("IllegalLocationConstraintException", 400):
        s3.create_bucket(
            Bucket="first-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )


def test_us_east_1_creates_anywhere(alice: User, client_of: Callable[..., Any]) -> None:
    east = client_of(alice, region="us-east-1")
    east.create_bucket(Bucket="in-virginia")
    east.create_bucket(Bucket="in-seoul", CreateBucketConfiguration=SEOUL)
    assert east.get_bucket_location(Bucket="in-virginia").get("LocationConstraint") is None
    listed = east.list_buckets(BucketRegion="ap-northeast-2", Prefix="in-")["Buckets"]
    assert [one["Name"] for one in listed] == ["in-seoul"]


def test_a_signature_for_another_region_is_sent_on(
    bucket: str, alice: User, client_of: Callable[..., Any]
) -> None:
    """boto3 follows the region that the refusal names."""
    assert client_of(alice, region="eu-west-1").list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_bucket_with_objects_stays(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    with refused("BucketNotEmpty", 409):
        s3.delete_bucket(Bucket=bucket)


def test_a_bucket_that_is_not_there(s3: Any) -> None:
    with refused("NoSuchBucket", 404) as error:
        s3.list_objects_v2(Bucket="nowhere")
    assert error.value.response["Error"]["BucketName"] == "nowhere"


def test_the_list_pages(s3: Any) -> None:
    for name in ("bucket-b", "bucket-a", "bucket-c"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=SEOUL)
    page = s3.list_buckets(MaxBuckets=2)
    assert [one["Name"] for one in page["Buckets"]] == ["bucket-a", "bucket-b"]
    rest = s3.list_buckets(MaxBuckets=2, ContinuationToken=page["ContinuationToken"])
    assert [one["Name"] for one in rest["Buckets"]] == ["bucket-c"]


def test_it_denies_with_a_reason(bucket: str, nobody: User, client_of: Callable[..., Any]) -> None:
    with refused("AccessDenied", 403) as error:
        client_of(nobody).delete_bucket(Bucket=bucket)
    assert "because no identity-based policy allows the s3:DeleteBucket action" in str(error.value)


def test_another_account_is_denied_without_a_reason(
    bucket: str, mallory: User, client_of: Callable[..., Any]
) -> None:
    with refused("AccessDenied", 403) as error:
        client_of(mallory).list_objects_v2(Bucket=bucket)
    assert error.value.response["Error"]["Message"] == "Access Denied"


def test_the_expected_owner_is_checked(s3: Any, bucket: str) -> None:
    s3.list_objects_v2(Bucket=bucket, ExpectedBucketOwner="111122223333")
    with refused("AccessDenied", 403):
        s3.list_objects_v2(Bucket=bucket, ExpectedBucketOwner="444455556666")


def test_a_policy_may_bound_the_prefix(
    s3: Any, bucket: str, account: Any, client_of: Callable[..., Any]
) -> None:
    only_home = allow("s3:ListBucket", Condition={"StringLike": {"s3:prefix": "home/*"}})
    carol = client_of(factories.user(account, "carol", policies=[only_home]))
    assert carol.list_objects_v2(Bucket=bucket, Prefix="home/carol")["KeyCount"] == 0
    with refused("AccessDenied", 403):
        carol.list_objects_v2(Bucket=bucket)


def test_the_account_regional_namespace_is_the_accounts_own(
    s3: Any, client_of: Callable[..., Any], mallory: User
) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html"""
    name = "notes-111122223333-ap-northeast-2-an"
    here = {"LocationConstraint": "ap-northeast-2"}
    regional = {"BucketNamespace": "account-regional", "CreateBucketConfiguration": here}
    with refused("InvalidBucketName", 400):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=here)
    with refused("InvalidBucketName", 400):
        s3.create_bucket(Bucket="notes", **regional)
    with refused("InvalidBucketName", 400):
        client_of(mallory).create_bucket(Bucket=name, **regional)
    s3.create_bucket(Bucket=name, **regional)
