"""Access points: made by S3 Control, used as buckets, decided by two policies."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from aws.models import Account
from iam.models import User
from tests import factories
from tests.boto import boto
from tests.s3.checks import refused

REGION, ACCOUNT = "ap-northeast-2", "111122223333"
ARN = f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/reports"


@pytest.fixture
def control(alice: User) -> Any:
    return boto("s3control", *factories.access_key(alice))


@pytest.fixture
def point(control: Any, s3: Any, bucket: str) -> dict[str, str]:
    s3.put_object(Bucket=bucket, Key="a.txt", Body=b"hello")
    made: dict[str, str] = control.create_access_point(
        AccountId=ACCOUNT, Name="reports", Bucket=bucket
    )
    return made


def delegate(s3: Any, bucket: str) -> None:
    """The bucket leaves it to its account's access points, as AWS recommends."""
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))


def point_policy(principal: Any, *actions: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": list(actions),
        "Resource": [ARN, f"{ARN}/object/*"],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_its_life(control: Any, point: dict[str, str], bucket: str) -> None:
    assert point["AccessPointArn"] == ARN
    assert point["Alias"].startswith("reports-")
    assert point["Alias"].endswith("-s3alias")
    assert len(point["Alias"]) <= 63
    found = control.get_access_point(AccountId=ACCOUNT, Name="reports")
    assert found["Bucket"] == bucket
    assert found["NetworkOrigin"] == "Internet"
    assert all(found["PublicAccessBlockConfiguration"].values())
    listed = control.list_access_points(AccountId=ACCOUNT, Bucket=bucket)["AccessPointList"]
    assert [one["Name"] for one in listed] == ["reports"]
    assert control.list_access_points(AccountId=ACCOUNT, Bucket="else")["AccessPointList"] == []
    control.delete_access_point(AccountId=ACCOUNT, Name="reports")
    with refused("NoSuchAccessPoint", 404):
        control.get_access_point(AccountId=ACCOUNT, Name="reports")


def test_a_list_is_paged(control: Any, bucket: str) -> None:
    for name in ("ccc", "aaa", "bbb"):
        control.create_access_point(AccountId=ACCOUNT, Name=name, Bucket=bucket)
    first = control.list_access_points(AccountId=ACCOUNT, MaxResults=2)
    assert [one["Name"] for one in first["AccessPointList"]] == ["aaa", "bbb"]
    rest = control.list_access_points(AccountId=ACCOUNT, NextToken=first["NextToken"])
    assert [one["Name"] for one in rest["AccessPointList"]] == ["ccc"]
    assert "NextToken" not in rest


def test_a_name_is_taken_once(control: Any, point: Any, bucket: str) -> None:
    with refused("AccessPointAlreadyOwnedByYou", 409):
        control.create_access_point(AccountId=ACCOUNT, Name="reports", Bucket=bucket)


@pytest.mark.parametrize("name", ["ab", "Reports", "a_b_c", "-abc", "abc-", "a.bc", "x-s3alias"])
def test_names_that_break_the_rules(control: Any, bucket: str, name: str) -> None:
    with refused("InvalidRequest", 400):
        control.create_access_point(AccountId=ACCOUNT, Name=name.ljust(3, "-"), Bucket=bucket)


def test_buckets_that_cannot_have_one(
    control: Any, s3: Any, bucket: str, mallory: User, client_of: Callable[..., Any]
) -> None:
    with refused("NoSuchBucket", 404):
        control.create_access_point(AccountId=ACCOUNT, Name="none", Bucket="not-there")
    theirs = boto("s3control", *factories.access_key(mallory))
    with refused("AccessDenied", 403):
        theirs.create_access_point(AccountId=mallory.account_id, Name="none", Bucket=bucket)
    with refused("AccessDenied", 403):
        control.create_access_point(
            AccountId=ACCOUNT, Name="none", Bucket=bucket, BucketAccountId=mallory.account_id
        )


def test_a_bucket_waits_for_its_access_points(
    control: Any, s3: Any, point: Any, bucket: str
) -> None:
    s3.delete_object(Bucket=bucket, Key="a.txt")
    with refused("BucketHasAccessPointsAttached", 400):
        s3.delete_bucket(Bucket=bucket)
    control.delete_access_point(AccountId=ACCOUNT, Name="reports")
    s3.delete_bucket(Bucket=bucket)


@pytest.mark.parametrize("form", ["AccessPointArn", "Alias"])
def test_it_stands_for_its_bucket(s3: Any, point: dict[str, str], bucket: str, form: str) -> None:
    name = point[form]
    assert s3.get_object(Bucket=name, Key="a.txt")["Body"].read() == b"hello"
    assert s3.head_bucket(Bucket=name)["AccessPointAlias"]
    s3.put_object(Bucket=name, Key="b.txt", Body=b"there")
    s3.copy_object(Bucket=name, Key="c.txt", CopySource={"Bucket": bucket, "Key": "b.txt"})
    listed = s3.list_objects_v2(Bucket=name)["Contents"]
    assert [one["Key"] for one in listed] == ["a.txt", "b.txt", "c.txt"]
    upload = s3.create_multipart_upload(Bucket=name, Key="d.txt")
    assert upload["Bucket"] == bucket
    s3.abort_multipart_upload(Bucket=name, Key="d.txt", UploadId=upload["UploadId"])
    deleted = s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "c.txt"}]})
    assert deleted["Deleted"] == [{"Key": "c.txt"}]
    assert s3.get_object(Bucket=bucket, Key="b.txt")["Body"].read() == b"there"


def test_a_copy_reads_through_it(s3: Any, point: Any, bucket: str) -> None:
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{ARN}/object/a.txt")
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"hello"


def test_it_does_not_take_what_is_about_the_bucket(s3: Any, point: dict[str, str]) -> None:
    with refused("MethodNotAllowed", 405):
        s3.get_bucket_versioning(Bucket=point["Alias"])
    with refused("MethodNotAllowed", 405):
        s3.delete_bucket(Bucket=point["Alias"])


def test_names_that_lead_nowhere(
    s3: Any, bucket: str, nobody: User, client_of: Callable[..., Any]
) -> None:
    none = f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/none-such"
    with refused("NoSuchAccessPoint", 404):
        s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{none}/object/a.txt")
    with refused("NoSuchBucket", 404):
        s3.list_objects_v2(Bucket=none)
    with refused("NoSuchBucket", 404):
        s3.list_objects_v2(Bucket="reports-x-s3alias")
    with refused("AccessDenied", 403):
        client_of(nobody).list_objects_v2(Bucket="reports-x-s3alias")


def test_both_policies_have_to_allow(
    control: Any, s3: Any, point: Any, bucket: str, nobody: User, client_of: Callable[..., Any]
) -> None:
    reader = client_of(nobody)
    control.put_access_point_policy(
        AccountId=ACCOUNT, Name="reports", Policy=point_policy({"AWS": nobody.arn}, "s3:GetObject")
    )
    with refused("AccessDenied", 403):
        reader.get_object(Bucket=ARN, Key="a.txt")
    delegate(s3, bucket)
    assert reader.get_object(Bucket=ARN, Key="a.txt")["Body"].read() == b"hello"
    with refused("AccessDenied", 403):
        reader.get_object(Bucket=bucket, Key="a.txt")
    with refused("AccessDenied", 403):
        reader.put_object(Bucket=ARN, Key="a.txt", Body=b"no")
    control.delete_access_point_policy(AccountId=ACCOUNT, Name="reports")
    with refused("AccessDenied", 403):
        reader.get_object(Bucket=ARN, Key="a.txt")


def test_another_account_through_it(
    control: Any, s3: Any, point: Any, bucket: str, mallory: User, client_of: Callable[..., Any]
) -> None:
    theirs = client_of(mallory)
    with refused("AccessDenied", 403) as error:
        theirs.get_object(Bucket=ARN, Key="a.txt")
    assert error.value.response["Error"]["Message"] == "Access Denied"
    policy = point_policy({"AWS": mallory.account_id}, "s3:GetObject")
    control.put_access_point_policy(AccountId=ACCOUNT, Name="reports", Policy=policy)
    with refused("AccessDenied", 403):
        theirs.get_object(Bucket=ARN, Key="a.txt")
    delegate(s3, bucket)
    assert theirs.get_object(Bucket=ARN, Key="a.txt")["Body"].read() == b"hello"


def test_a_point_of_another_account(
    s3: Any, bucket: str, mallory: User, client_of: Callable[..., Any]
) -> None:
    """Whoever knows the bucket's account may make one; the bucket's policy lets it in."""
    s3.put_object(Bucket=bucket, Key="a.txt", Body=b"hello")
    theirs = boto("s3control", *factories.access_key(mallory))
    made = theirs.create_access_point(
        AccountId=mallory.account_id, Name="lent", Bucket=bucket, BucketAccountId=ACCOUNT
    )
    reader = client_of(mallory)
    with refused("AccessDenied", 403):
        reader.get_object(Bucket=made["Alias"], Key="a.txt")
    arn = made["AccessPointArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": mallory.account_id},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {"StringEquals": {"s3:DataAccessPointArn": arn}},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    assert reader.get_object(Bucket=made["Alias"], Key="a.txt")["Body"].read() == b"hello"
    s3.delete_object(Bucket=bucket, Key="a.txt")
    s3.delete_bucket(Bucket=bucket)
    with refused("NoSuchBucket", 404):
        reader.get_object(Bucket=made["Alias"], Key="a.txt")


def test_a_public_policy_is_blocked(control: Any, s3: Any, point: Any, bucket: str) -> None:
    public = point_policy("*", "s3:GetObject")
    with refused("AccessDenied", 403):
        control.put_access_point_policy(AccountId=ACCOUNT, Name="reports", Policy=public)
    control.create_access_point(
        AccountId=ACCOUNT,
        Name="open",
        Bucket=bucket,
        PublicAccessBlockConfiguration={"BlockPublicAcls": True},
    )
    opened = public.replace("accesspoint/reports", "accesspoint/open")
    with refused("AccessDenied", 403):
        control.put_access_point_policy(AccountId=ACCOUNT, Name="open", Policy=opened)
    s3.delete_public_access_block(Bucket=bucket)
    control.put_access_point_policy(AccountId=ACCOUNT, Name="open", Policy=opened)
    status = control.get_access_point_policy_status(AccountId=ACCOUNT, Name="open")
    assert status["PolicyStatus"] == {"IsPublic": True}


def test_a_policy_is_about_its_own_point(control: Any, point: Any) -> None:
    foreign = point_policy({"AWS": ACCOUNT}, "s3:GetObject").replace("/reports", "/others")
    with refused("MalformedPolicy", 400):
        control.put_access_point_policy(AccountId=ACCOUNT, Name="reports", Policy=foreign)
    with refused("NoSuchAccessPointPolicy", 404):
        control.get_access_point_policy(AccountId=ACCOUNT, Name="reports")
    with refused("NoSuchAccessPointPolicy", 404):
        control.get_access_point_policy_status(AccountId=ACCOUNT, Name="reports")


def test_one_of_a_vpc_refuses_the_internet(control: Any, s3: Any, bucket: str) -> None:
    made = control.create_access_point(
        AccountId=ACCOUNT, Name="inner", Bucket=bucket, VpcConfiguration={"VpcId": "vpc-1a2b3c4d"}
    )
    found = control.get_access_point(AccountId=ACCOUNT, Name="inner")
    assert (found["NetworkOrigin"], found["VpcConfiguration"]) == ("VPC", {"VpcId": "vpc-1a2b3c4d"})
    with refused("AccessDenied", 403):
        s3.list_objects_v2(Bucket=made["Alias"])


def test_tags(control: Any, point: Any, bucket: str) -> None:
    for arn in (ARN, f"arn:aws:s3:::{bucket}"):
        named: dict[str, Any] = {"AccountId": ACCOUNT, "ResourceArn": arn}
        control.tag_resource(**named, Tags=[{"Key": "course", "Value": "aws"}])
        control.tag_resource(**named, Tags=[{"Key": "term", "Value": "2"}])
        tags = control.list_tags_for_resource(**named)["Tags"]
        assert {tag["Key"]: tag["Value"] for tag in tags} == {"course": "aws", "term": "2"}
        control.untag_resource(**named, TagKeys=["course"])
        assert [tag["Key"] for tag in control.list_tags_for_resource(**named)["Tags"]] == ["term"]


def test_s3_control_is_nobody_elses(
    control: Any, point: Any, bob: User, mallory: User, other_account: Account
) -> None:
    reader = boto("s3control", *factories.access_key(bob))
    assert reader.get_access_point(AccountId=ACCOUNT, Name="reports")
    with refused("AccessDenied", 403):
        reader.delete_access_point(AccountId=ACCOUNT, Name="reports")
    theirs = boto("s3control", *factories.access_key(mallory))
    with refused("AccessDenied", 403):
        theirs.get_access_point(AccountId=ACCOUNT, Name="reports")
    with refused("AccessDenied", 403):
        theirs.list_access_points(AccountId=ACCOUNT)
    own = theirs.list_access_points(AccountId=mallory.account_id)
    assert own["AccessPointList"] == []
