"""Block Public Access of accounts: the stricter of account and bucket holds."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from iam.models import User
from tests import factories
from tests.boto import boto
from tests.s3 import raw
from tests.s3.checks import refused

ACCOUNT = "111122223333"
OFF = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False
)


@pytest.fixture
def control(alice: User) -> Any:
    return boto("s3control", *factories.access_key(alice))


@pytest.fixture
def open_bucket(s3: Any, bucket: str) -> str:
    """Nothing blocked, access control lists on."""
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    )
    s3.put_object(Bucket=bucket, Key="a.txt", Body=b"hello")
    return bucket


def public_policy(bucket: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def block(control: Any, **settings: bool) -> None:
    control.put_public_access_block(
        AccountId=ACCOUNT, PublicAccessBlockConfiguration=OFF | settings
    )


def test_it_is_put_read_and_deleted(control: Any) -> None:
    with refused("NoSuchPublicAccessBlockConfiguration", 404):
        control.get_public_access_block(AccountId=ACCOUNT)
    block(control, BlockPublicAcls=True)
    found = control.get_public_access_block(AccountId=ACCOUNT)
    assert found["PublicAccessBlockConfiguration"] == OFF | {"BlockPublicAcls": True}
    block(control, IgnorePublicAcls=True)
    found = control.get_public_access_block(AccountId=ACCOUNT)
    assert found["PublicAccessBlockConfiguration"] == OFF | {"IgnorePublicAcls": True}
    control.delete_public_access_block(AccountId=ACCOUNT)
    with refused("NoSuchPublicAccessBlockConfiguration", 404):
        control.get_public_access_block(AccountId=ACCOUNT)


def test_only_who_may_changes_it(control: Any, bob: User, mallory: User) -> None:
    block(control, BlockPublicAcls=True)
    reader = boto("s3control", *factories.access_key(bob))
    assert reader.get_public_access_block(AccountId=ACCOUNT)
    with refused("AccessDenied", 403):
        reader.delete_public_access_block(AccountId=ACCOUNT)
    theirs = boto("s3control", *factories.access_key(mallory))
    for call in (theirs.get_public_access_block, theirs.delete_public_access_block):
        with refused("AccessDenied", 403):
            call(AccountId=ACCOUNT)


def test_public_policies_are_blocked(control: Any, s3: Any, open_bucket: str) -> None:
    block(control, BlockPublicPolicy=True)
    with refused("AccessDenied", 403):
        s3.put_bucket_policy(Bucket=open_bucket, Policy=public_policy(open_bucket))
    block(control)
    s3.put_bucket_policy(Bucket=open_bucket, Policy=public_policy(open_bucket))


def test_public_buckets_are_restricted(
    control: Any, s3: Any, open_bucket: str, nobody: User, client_of: Callable[..., Any]
) -> None:
    s3.put_bucket_policy(Bucket=open_bucket, Policy=public_policy(open_bucket))
    address = f"/{open_bucket}/a.txt"
    assert raw.send("GET", address).status == 200
    block(control, RestrictPublicBuckets=True)
    assert raw.send("GET", address).status == 403
    # Of the account's own users the public policy still holds, and it is still public.
    assert client_of(nobody).get_object(Bucket=open_bucket, Key="a.txt")
    status = s3.get_bucket_policy_status(Bucket=open_bucket)
    assert status["PolicyStatus"] == {"IsPublic": True}
    control.delete_public_access_block(AccountId=ACCOUNT)
    assert raw.send("GET", address).status == 200


def test_public_lists_are_blocked_and_ignored(control: Any, s3: Any, open_bucket: str) -> None:
    s3.put_object_acl(Bucket=open_bucket, Key="a.txt", ACL="public-read")
    address = f"/{open_bucket}/a.txt"
    assert raw.send("GET", address).status == 200
    block(control, IgnorePublicAcls=True)
    assert raw.send("GET", address).status == 403
    s3.put_object_acl(Bucket=open_bucket, Key="a.txt", ACL="public-read")
    block(control, BlockPublicAcls=True)
    assert raw.send("GET", address).status == 200
    with refused("AccessDenied", 403):
        s3.put_object_acl(Bucket=open_bucket, Key="a.txt", ACL="public-read")
    with refused("AccessDenied", 403):
        s3.put_object(Bucket=open_bucket, Key="b.txt", ACL="public-read-write")


def test_another_account_is_its_own_business(
    control: Any, mallory: User, client_of: Callable[..., Any]
) -> None:
    block(control, BlockPublicPolicy=True, RestrictPublicBuckets=True)
    theirs = client_of(mallory)
    theirs.create_bucket(
        Bucket="theirs", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"}
    )
    theirs.delete_public_access_block(Bucket="theirs")
    theirs.put_bucket_policy(Bucket="theirs", Policy=public_policy("theirs"))
    theirs.put_object(Bucket="theirs", Key="a.txt", Body=b"hello")
    assert raw.send("GET", "/theirs/a.txt").status == 200


def test_a_body_has_to_be_the_signed_one(alice: User) -> None:
    """S3 Control's bodies are hashed by their header, as S3's."""
    path = "/v20180820/configuration/publicAccessBlock"
    headers = {"X-Amz-Content-SHA256": "0" * 64, "x-amz-account-id": ACCOUNT}
    signed = raw.signed_headers(factories.access_key(alice), "PUT", path, headers)
    answer = raw.send("PUT", path, b"<PublicAccessBlockConfiguration/>", signed)
    assert (answer.status, b"XAmzContentSHA256Mismatch" in answer.body) == (400, True)


def test_strangers_without_a_key_learn_nothing(control: Any) -> None:
    block(control)
    path = "/v20180820/configuration/publicAccessBlock"
    answer = raw.send("GET", path, headers={"x-amz-account-id": ACCOUNT})
    assert answer.status in (403, 404)
    assert b"BlockPublic" not in answer.body


def test_a_bucket_may_have_the_name_of_its_path(s3: Any) -> None:
    where = {"LocationConstraint": "ap-northeast-2"}
    s3.create_bucket(Bucket="v20180820", CreateBucketConfiguration=where)
    s3.put_object(Bucket="v20180820", Key="accesspoint/reports", Body=b"mine")
    read = s3.get_object(Bucket="v20180820", Key="accesspoint/reports")["Body"].read()
    assert read == b"mine"
