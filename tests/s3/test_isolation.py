"""Every operation of S3 by those who may do nothing: refused, in words that tell of nothing.

A rich bucket, with an object and every setting, and a bare one answer the same.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from aws.context import Context
from aws.errors import AwsError, Denied
from aws.identity import ANONYMOUS
from aws.models import Account
from aws.operation import Operation, offered
from iam.models import User
from s3.models import AccessPoint, Bucket, ObjectVersion
from tests.boto import boto
from tests.factories import access_key, ctx_for
from tests.s3.checks import refused
from tests.samples import arguments_for

RICH, BARE = "rich-bucket", "bare-bucket"
THERE, NOWHERE = "there.txt", "where.txt"
# A name is known to be taken to everybody; one's own buckets are one's own.
APART = {"s3:CreateBucket", "s3:ListBuckets"}
OPERATIONS = [one for one in (*offered("s3"), *offered("s3control")) if one.action not in APART]
CALLERS = ["anonymous", "without policies", "administrator elsewhere", "root elsewhere"]
by_caller = pytest.mark.parametrize("caller", CALLERS)


@pytest.fixture
def stage(s3: Any, alice: User) -> dict[str, str]:
    """Answers version ids and upload ids by the bucket."""
    where = {"LocationConstraint": "ap-northeast-2"}
    for name in (RICH, BARE):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=where)
    s3.put_bucket_versioning(Bucket=RICH, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(
        Bucket=RICH, Key=THERE, Body=b"secret", Metadata={"m": "secret"}, Tagging="t=secret"
    )["VersionId"]
    upload = s3.create_multipart_upload(Bucket=RICH, Key=THERE)["UploadId"]
    _fill(s3, alice)
    return {"version": version, "upload": upload}


def _fill(s3: Any, alice: User) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": alice.arn},
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{RICH}", f"arn:aws:s3:::{RICH}/*"],
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    s3.put_bucket_policy(Bucket=RICH, Policy=json.dumps(document))
    s3.put_bucket_tagging(Bucket=RICH, Tagging={"TagSet": [{"Key": "t", "Value": "secret"}]})
    cors = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
    s3.put_bucket_cors(Bucket=RICH, CORSConfiguration=cors)
    s3.put_bucket_website(
        Bucket=RICH, WebsiteConfiguration={"IndexDocument": {"Suffix": "secret.html"}}
    )
    rule = {"ID": "secret", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 9}}
    s3.put_bucket_lifecycle_configuration(Bucket=RICH, LifecycleConfiguration={"Rules": [rule]})
    control = boto("s3control", *access_key(alice))
    control.create_access_point(AccountId=alice.account_id, Name="rich-point", Bucket=RICH)
    blocks = {"BlockPublicAcls": True}
    control.put_public_access_block(
        AccountId=alice.account_id, PublicAccessBlockConfiguration=blocks
    )


@pytest.fixture
def callers(nobody: User, mallory: User, other_account: Account) -> dict[str, Context]:
    region = "ap-northeast-2"
    return {
        "anonymous": Context(account_id="anonymous", principal=ANONYMOUS, region=region),
        "without policies": ctx_for(nobody),
        "administrator elsewhere": ctx_for(mallory),
        "root elsewhere": ctx_for(other_account),
    }


def _arguments(
    operation: Operation[Any], stage: dict[str, str], *, is_rich: bool
) -> dict[str, Any]:
    bucket, key = (RICH, THERE) if is_rich else (BARE, NOWHERE)
    arguments = arguments_for(operation)
    named = {
        "bucket": bucket,
        "key": key,
        "copy_source": f"{bucket}/{key}",
        "upload_id": stage["upload"],
        "name": "rich-point" if is_rich else "bare-point",
        "resource_arn": f"arn:aws:s3:::{bucket}",
        "delete": {"Objects": [{"Key": key}]},
    }
    return {name: named.get(name, value) for name, value in arguments.items()}


def _refusal(operation: Operation[Any], ctx: Context, arguments: dict[str, Any]) -> tuple[str, str]:
    """The code and the words, without the names that the caller gave."""
    try:
        answer = operation(ctx, **arguments)
    except AwsError as error:
        assert isinstance(error, Denied), f"{operation.action}: {error}"
        text = error.message
    else:
        # Many keys are refused one by one.
        assert operation.name == "DeleteObjects"
        assert answer["Deleted"] == []
        text = answer["Errors"][0]["Message"]
    for name in (RICH, BARE, THERE, NOWHERE, "rich-point", "bare-point"):
        text = text.replace(name, "NAME")
    return operation.action, text


@by_caller
def test_strangers_are_refused_and_learn_nothing(
    caller: str, stage: dict[str, str], callers: dict[str, Context], alice: User
) -> None:
    ctx, before = callers[caller], _state()
    for operation in OPERATIONS:
        rich, bare = (
            _refusal(operation, ctx, _arguments(operation, stage, is_rich=is_rich))
            for is_rich in (True, False)
        )
        assert rich == bare
        assert "secret" not in rich[1]
        if ctx.account_id != alice.account_id and operation.service.prefix == "s3":
            assert rich[1] == "Access Denied", operation.action
    assert _state() == before


@by_caller
def test_a_version_id_tells_nothing_either(
    caller: str, stage: dict[str, str], callers: dict[str, Context]
) -> None:
    for operation in (one for one in OPERATIONS if "version_id" in one.members):
        arguments = _arguments(operation, stage, is_rich=True)
        answers = {
            _refusal(operation, callers[caller], arguments | {"version_id": version})
            for version in (stage["version"], "v" * 32)
        }
        assert len(answers) == 1, operation.action


def _state() -> list[Any]:
    buckets = Bucket.objects.order_by("name").values()
    objects = ObjectVersion.objects.order_by("pk").values("key", "etag", "tags", "grants")
    return [list(buckets), list(objects), list(AccessPoint.objects.values())]


def test_a_copy_does_not_carry_bytes_over_the_wall(
    stage: Any, mallory: User, client_of: Callable[..., Any]
) -> None:
    theirs = client_of(mallory)
    where = {"LocationConstraint": "ap-northeast-2"}
    theirs.create_bucket(Bucket="theirs", CreateBucketConfiguration=where)
    for key in (THERE, NOWHERE):
        with refused("AccessDenied", 403):
            theirs.copy_object(Bucket="theirs", Key="copy", CopySource=f"{RICH}/{key}")
    upload = theirs.create_multipart_upload(Bucket="theirs", Key="copy")["UploadId"]
    with refused("AccessDenied", 403):
        theirs.upload_part_copy(
            Bucket="theirs",
            Key="copy",
            UploadId=upload,
            PartNumber=1,
            CopySource=f"{RICH}/{THERE}",
        )


def test_an_upload_is_of_its_own_bucket_alone(
    stage: dict[str, str], mallory: User, client_of: Callable[..., Any]
) -> None:
    theirs = client_of(mallory)
    where = {"LocationConstraint": "ap-northeast-2"}
    theirs.create_bucket(Bucket="theirs", CreateBucketConfiguration=where)
    with refused("NoSuchUpload", 404):
        theirs.list_parts(Bucket="theirs", Key=THERE, UploadId=stage["upload"])


def test_a_list_of_buckets_is_ones_own(
    stage: Any, mallory: User, client_of: Callable[..., Any]
) -> None:
    assert client_of(mallory).list_buckets()["Buckets"] == []
    with refused("BucketAlreadyExists", 409):
        client_of(mallory).create_bucket(
            Bucket=RICH, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"}
        )
