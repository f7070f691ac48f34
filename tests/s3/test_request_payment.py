"""Requester Pays, and transfer acceleration: settings that cost nobody anything here."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from iam.models import User
from tests.s3 import raw
from tests.s3.checks import refused

REQUESTER = {"Payer": "Requester"}


@pytest.fixture
def shared(s3: Any, bucket: str) -> str:
    """Everybody may read, and whoever reads pays."""
    s3.put_object(Bucket=bucket, Key="a.txt", Body=b"hello")
    s3.delete_public_access_block(Bucket=bucket)
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation"],
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration=REQUESTER)
    return bucket


def test_the_owner_pays_until_told_otherwise(s3: Any, bucket: str) -> None:
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration=REQUESTER)
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "Requester"
    s3.put_bucket_request_payment(
        Bucket=bucket, RequestPaymentConfiguration={"Payer": "BucketOwner"}
    )
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"


def test_another_account_says_that_it_pays(
    shared: str, mallory: User, client_of: Callable[..., Any]
) -> None:
    reader = client_of(mallory)
    for call in (
        lambda: reader.get_object(Bucket=shared, Key="a.txt"),
        lambda: reader.head_object(Bucket=shared, Key="a.txt"),
        lambda: reader.list_objects_v2(Bucket=shared),
    ):
        with pytest.raises(reader.exceptions.ClientError) as error:
            call()  # type: ignore[no-untyped-call]
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    read = reader.get_object(Bucket=shared, Key="a.txt", RequestPayer="requester")
    assert (read["Body"].read(), read["RequestCharged"]) == (b"hello", "requester")
    listed = reader.list_objects_v2(Bucket=shared, RequestPayer="requester")
    assert (listed["KeyCount"], listed["RequestCharged"]) == (1, "requester")
    # Settings of the bucket cost nothing.
    assert reader.get_bucket_location(Bucket=shared)["LocationConstraint"] == "ap-northeast-2"


def test_the_owners_own_users_need_not_say_so(s3: Any, shared: str) -> None:
    assert "RequestCharged" not in s3.get_object(Bucket=shared, Key="a.txt")


def test_nobody_is_anonymous(shared: str) -> None:
    address = f"/{shared}/a.txt"
    assert raw.send("GET", address).status == 403
    assert raw.send("GET", address, headers={"x-amz-request-payer": "requester"}).status == 403


def test_who_uses_a_presigned_address_says_so_too(
    shared: str, mallory: User, client_of: Callable[..., Any]
) -> None:
    reader = client_of(mallory)
    wanted = {"Bucket": shared, "Key": "a.txt"}
    assert raw.send("GET", reader.generate_presigned_url("get_object", wanted)).status == 403
    paying = wanted | {"RequestPayer": "requester"}
    address = reader.generate_presigned_url("get_object", paying)
    answer = raw.send("GET", address, headers={"x-amz-request-payer": "requester"})
    assert (answer.status, answer.headers["x-amz-request-charged"]) == (200, "requester")


def test_denied_and_unknown_payers(s3: Any, bucket: str, nobody: User, client_of: Any) -> None:
    with refused("AccessDenied", 403):
        client_of(nobody).put_bucket_request_payment(
            Bucket=bucket, RequestPaymentConfiguration=REQUESTER
        )
    with refused("MalformedXML", 400):
        s3.put_bucket_request_payment(
            Bucket=bucket, RequestPaymentConfiguration={"Payer": "Nobody"}
        )


def test_acceleration_is_kept(s3: Any, bucket: str) -> None:
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=bucket)
    for status in ("Enabled", "Suspended"):
        s3.put_bucket_accelerate_configuration(
            Bucket=bucket, AccelerateConfiguration={"Status": status}
        )
        assert s3.get_bucket_accelerate_configuration(Bucket=bucket)["Status"] == status


def test_acceleration_needs_a_name_without_periods(
    s3: Any, bucket: str, nobody: User, client_of: Any
) -> None:
    enabled = {"Status": "Enabled"}
    where = {"LocationConstraint": "ap-northeast-2"}
    s3.create_bucket(Bucket="with.periods", CreateBucketConfiguration=where)
    with refused("InvalidRequest", 400):
        s3.put_bucket_accelerate_configuration(
            Bucket="with.periods", AccelerateConfiguration=enabled
        )
    with refused("AccessDenied", 403):
        client_of(nobody).put_bucket_accelerate_configuration(
            Bucket=bucket, AccelerateConfiguration=enabled
        )
