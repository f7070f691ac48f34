"""SSE-KMS: sealed under a data key that KMS opens, for who may use the KMS key."""

import base64
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from aws.context import Context
from aws.models import Account, Event
from iam.models import User
from kms import operations as kms
from kms.models import Alias, Key
from s3 import store
from s3.models import ObjectVersion, Part
from tests import factories
from tests.factories import allow, ctx_for, principal_of
from tests.s3.checks import refused
from tests.s3.raw import send

PHRASE = b"nobody reads this at rest; "
BODIES = [b"", PHRASE, PHRASE * 12_000, os.urandom(3 << 20)]
DUAL = "aws:kms:dsse"
ClientOf = Callable[..., Any]


@pytest.fixture
def key(ctx: Context) -> str:
    """The ARN of a customer managed key."""
    arn: str = kms.create_key(ctx)["KeyMetadata"]["Arn"]
    return arn


def under(key: str, method: str = "aws:kms") -> dict[str, str]:
    return {"ServerSideEncryption": method, "SSEKMSKeyId": key}


@contextmanager
def denied(action: str) -> Iterator[None]:
    with refused("AccessDenied", 403) as error:
        yield
    assert f"not authorized to perform: {action}" in str(error.value)


def context_of_call() -> Any:
    """The encryption context with which S3 asked KMS for a data key."""
    parameters: Any = Event.objects.get(event_name="GenerateDataKey").request_parameters
    return parameters["encryptionContext"]


def default_to(s3: Any, bucket: str, key: str = "", **rule: Any) -> None:
    default = {"SSEAlgorithm": "aws:kms"} | ({"KMSMasterKeyID": key} if key else {})
    s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": default, **rule}]
        },
    )


@pytest.mark.parametrize("body", BODIES, ids=lambda body: str(len(body)))
@pytest.mark.parametrize("method", ["aws:kms", DUAL])
def test_the_bytes_at_rest_are_sealed_and_come_back(
    s3: Any, bucket: str, key: str, body: bytes, method: str
) -> None:
    put = s3.put_object(Bucket=bucket, Key="a", Body=body, **under(key, method))
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"]) == (method, key)
    got = s3.get_object(Bucket=bucket, Key="a")
    assert got["Body"].read() == body
    assert (got["ServerSideEncryption"], got["SSEKMSKeyId"]) == (method, key)
    row: Any = ObjectVersion.objects.get()
    at_rest = bytes(row.content) if row.file is None else store.path(row.file).read_bytes()
    assert PHRASE not in at_rest
    layers = 2 if method == DUAL else 1
    assert len(at_rest) == len(body) + layers * 16 * -(-len(body) // 65_536)


@pytest.mark.parametrize(("start", "end"), [(0, 0), (65_535, 65_536), (100, 3_000_000)])
def test_ranges_open_both_layers(s3: Any, bucket: str, key: str, start: int, end: int) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=BODIES[-1], **under(key, DUAL))
    got = s3.get_object(Bucket=bucket, Key="a", Range=f"bytes={start}-{end}")
    assert got["Body"].read() == BODIES[-1][start : end + 1]


def test_without_a_key_it_is_s3s_own(s3: Any, bucket: str, account: Account) -> None:
    assert not Key.objects.exists()
    for name in ("a", "b"):
        put = s3.put_object(Bucket=bucket, Key=name, Body=b"1", ServerSideEncryption="aws:kms")
    alias = Alias.objects.get()
    assert (alias.alias_name, alias.key.arn) == ("alias/aws/s3", put["SSEKMSKeyId"])
    assert alias.key.key_manager == "AWS"
    # Its policy is AWS's: not even root may use it but through S3.
    with pytest.raises(Exception, match="not authorized"):
        kms.encrypt(ctx_for(account), key_id="alias/aws/s3", plaintext=b"x")


def test_anybody_who_may_use_s3_may_use_its_key(
    s3: Any, bucket: str, account: Account, client_of: ClientOf
) -> None:
    user = client_of(factories.user(account, "user", policies=[allow("s3:*")]))
    user.put_object(Bucket=bucket, Key="a", Body=b"1", ServerSideEncryption="aws:kms")
    assert user.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"


def test_writing_needs_generate_data_key_and_reading_decrypt(
    s3: Any, bucket: str, key: str, account: Account, client_of: ClientOf
) -> None:
    only_s3 = client_of(factories.user(account, "only-s3", policies=[allow("s3:*")]))
    with denied("kms:GenerateDataKey"):
        only_s3.put_object(Bucket=bucket, Key="a", Body=b"1", **under(key))
    s3.put_object(Bucket=bucket, Key="a", Body=b"1", **under(key))
    with denied("kms:Decrypt"):
        only_s3.get_object(Bucket=bucket, Key="a")
    assert only_s3.head_object(Bucket=bucket, Key="a")["SSEKMSKeyId"] == key
    with refused("403", 403):
        only_s3.head_object(Bucket=bucket, Key="a", ChecksumMode="ENABLED")
    policies = [allow("s3:*"), allow("kms:GenerateDataKey", key)]
    writer = client_of(factories.user(account, "writer", policies=policies))
    writer.put_object(Bucket=bucket, Key="b", Body=b"1", **under(key))
    with denied("kms:Decrypt"):
        writer.get_object(Bucket=bucket, Key="b")


def test_kms_conditions_see_s3_and_the_object(
    s3: Any, bucket: str, key: str, account: Account, client_of: ClientOf
) -> None:
    condition = {
        "StringEquals": {
            "kms:ViaService": "s3.ap-northeast-2.amazonaws.com",
            "kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{bucket}/allowed",
        }
    }
    policies = [allow("s3:*"), allow("kms:*", key, Condition=condition)]
    user = factories.user(account, "user", policies=policies)
    client = client_of(user)
    client.put_object(Bucket=bucket, Key="allowed", Body=b"1", **under(key))
    assert client.get_object(Bucket=bucket, Key="allowed")["Body"].read() == b"1"
    with denied("kms:GenerateDataKey"):
        client.put_object(Bucket=bucket, Key="other", Body=b"1", **under(key))
    with pytest.raises(Exception, match="not authorized"):
        kms.encrypt(ctx_for(user), key_id=key, plaintext=b"x")


def test_an_encryption_context_of_the_clients_own(s3: Any, bucket: str, key: str) -> None:
    context = json.dumps({"course": "aws"})
    header = base64.b64encode(context.encode()).decode()
    put = s3.put_object(
        Bucket=bucket, Key="a", Body=b"1", SSEKMSEncryptionContext=header, **under(key)
    )
    assert put["SSEKMSEncryptionContext"] == header
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"
    assert context_of_call() == {
        "course": "aws",
        "aws:s3:arn": f"arn:aws:s3:::{bucket}/a",
    }
    with refused("InvalidArgument", 400):
        s3.put_object(Bucket=bucket, Key="a", SSEKMSEncryptionContext="e30", **under(key))


def test_the_state_of_the_key_decides(s3: Any, bucket: str, key: str, ctx: Context) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"1", **under(key))
    kms.disable_key(ctx, key_id=key)
    with refused("KMS.DisabledException", 400):
        s3.get_object(Bucket=bucket, Key="a")
    with refused("KMS.DisabledException", 400):
        s3.put_object(Bucket=bucket, Key="b", Body=b"1", **under(key))
    kms.schedule_key_deletion(ctx, key_id=key)
    with refused("KMS.KMSInvalidStateException", 400):
        s3.get_object(Bucket=bucket, Key="a")
    with refused("KMS.NotFoundException", 400):
        s3.put_object(Bucket=bucket, Key="b", Body=b"1", **under("alias/unknown"))


def test_rotation_leaves_objects_readable(s3: Any, bucket: str, key: str, ctx: Context) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"1", **under(key))
    kms.rotate_key_on_demand(ctx, key_id=key)
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"


def test_headers_that_do_not_fit(s3: Any, bucket: str, key: str) -> None:
    for given in ({"SSEKMSKeyId": key}, {"SSEKMSKeyId": key, "ServerSideEncryption": "AES256"}):
        with refused("InvalidArgument", 400):
            s3.put_object(Bucket=bucket, Key="a", Body=b"1", **given)


def test_the_buckets_default_decides(s3: Any, bucket: str, key: str) -> None:
    default_to(s3, bucket, key, BucketKeyEnabled=True)
    put = s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"]) == ("aws:kms", key)
    assert put["BucketKeyEnabled"] is True
    assert s3.head_object(Bucket=bucket, Key="a")["BucketKeyEnabled"] is True
    assert context_of_call() == {"aws:s3:arn": f"arn:aws:s3:::{bucket}"}
    plain = s3.put_object(Bucket=bucket, Key="b", Body=b"1", ServerSideEncryption="AES256")
    assert plain["ServerSideEncryption"] == "AES256"
    own = s3.put_object(Bucket=bucket, Key="c", Body=b"1", ServerSideEncryption="aws:kms")
    assert own["SSEKMSKeyId"] != key
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key
    s3.delete_bucket_encryption(Bucket=bucket)
    put = s3.put_object(Bucket=bucket, Key="d", Body=b"1")
    assert put["ServerSideEncryption"] == "AES256"


def test_a_default_that_makes_no_sense(s3: Any, bucket: str, key: str) -> None:
    default = {"SSEAlgorithm": "AES256", "KMSMasterKeyID": key}
    with refused("InvalidArgument", 400):
        s3.put_bucket_encryption(
            Bucket=bucket,
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": default}]
            },
        )


def test_copies_are_opened_and_sealed_anew(s3: Any, bucket: str, key: str, ctx: Context) -> None:
    other = kms.create_key(ctx)["KeyMetadata"]["Arn"]
    s3.put_object(Bucket=bucket, Key="a", Body=PHRASE * 12_000, **under(key))
    source = {"Bucket": bucket, "Key": "a"}
    copied = s3.copy_object(Bucket=bucket, Key="b", CopySource=source, **under(other))
    assert copied["SSEKMSKeyId"] == other
    s3.copy_object(Bucket=bucket, Key="c", CopySource=source)
    kms.disable_key(ctx, key_id=key)
    for name, method in (("b", "aws:kms"), ("c", "AES256")):
        got = s3.get_object(Bucket=bucket, Key=name)
        assert (got["Body"].read(), got["ServerSideEncryption"]) == (PHRASE * 12_000, method)
    with refused("KMS.DisabledException", 400):
        s3.copy_object(Bucket=bucket, Key="d", CopySource=source)


def test_parts_are_sealed_under_the_uploads_data_key(
    s3: Any, bucket: str, key: str, account: Account, client_of: ClientOf
) -> None:
    first, second = os.urandom(5 << 20), PHRASE * 100
    begun = s3.create_multipart_upload(Bucket=bucket, Key="a", **under(key))
    assert begun["SSEKMSKeyId"] == key
    upload = {"Bucket": bucket, "Key": "a", "UploadId": begun["UploadId"]}
    policies = [allow("s3:*"), allow("kms:GenerateDataKey", key)]
    writer = client_of(factories.user(account, "writer", policies=policies))
    with denied("kms:Decrypt"):
        writer.upload_part(**upload, PartNumber=1, Body=b"1")
    parts = []
    for number, body in enumerate((first, second), start=1):
        put = s3.upload_part(**upload, PartNumber=number, Body=body)
        assert put["SSEKMSKeyId"] == key
        parts.append({"PartNumber": number, "ETag": put["ETag"]})
    with denied("kms:Decrypt"):
        writer.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    done = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert done["ServerSideEncryption"] == "aws:kms"
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == first + second
    for part in Part.objects.all():
        assert PHRASE not in store.path(part.file).read_bytes()


def test_forms_seal_too(s3: Any, bucket: str, key: str) -> None:
    fields = {
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id": key,
    }
    form = s3.generate_presigned_post(
        bucket, "a", Fields=dict(fields), Conditions=[{name: fields[name]} for name in fields]
    )
    prepared = requests.Request(
        "POST", form["url"], data=form["fields"], files={"file": ("a", b"from a form")}
    ).prepare()
    body: Any = prepared.body
    headers = {"Content-Type": str(prepared.headers["Content-Type"])}
    assert send("POST", f"/{bucket}", body, headers).status == 204
    got = s3.get_object(Bucket=bucket, Key="a")
    assert (got["SSEKMSKeyId"], got["Body"].read()) == (key, b"from a form")


def test_nobody_reads_it_without_a_signature(s3: Any, bucket: str, key: str) -> None:
    s3.delete_public_access_block(Bucket=bucket)
    policy = allow("s3:*", f"arn:aws:s3:::{bucket}/*", Principal="*")
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    s3.put_object(Bucket=bucket, Key="a", Body=b"1", **under(key))
    answer = send("GET", f"/{bucket}/a")
    assert (answer.status, b"AWS Signature Version 4" in answer.body) == (400, True)
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a"})
    assert send("GET", url).body == b"1"


def test_another_account_needs_the_bucket_and_the_key(
    s3: Any, bucket: str, ctx: Context, account: Account, mallory: User, client_of: ClientOf
) -> None:
    stranger = principal_of(mallory).arn
    arn = f"arn:aws:s3:::{bucket}/*"
    s3.put_bucket_policy(Bucket=bucket, Policy=allow("s3:*", arn, Principal={"AWS": stranger}))
    closed = kms.create_key(ctx)["KeyMetadata"]["Arn"]
    statements = [
        {"Effect": "Allow", "Principal": {"AWS": one}, "Action": "kms:*", "Resource": "*"}
        for one in (account.pk, stranger)
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    opened = kms.create_key(ctx, policy=policy)["KeyMetadata"]["Arn"]
    client = client_of(mallory)
    client.put_object(Bucket=bucket, Key="a", Body=b"1", **under(opened))
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"
    s3.put_object(Bucket=bucket, Key="b", Body=b"1", **under(closed))
    with refused("AccessDenied", 403):
        client.get_object(Bucket=bucket, Key="b")
    with refused("AccessDenied", 403):
        client.put_object(Bucket=bucket, Key="c", Body=b"1", **under(closed))


def test_a_bucket_policy_can_demand_encryption(s3: Any, bucket: str, key: str) -> None:
    """The two statements of AWS's user guide."""
    arn = f"arn:aws:s3:::{bucket}/*"
    denies = [
        {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}},
        {"StringNotEqualsIfExists": {"s3:x-amz-server-side-encryption-aws-kms-key-id": key}},
    ]
    statements = [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": arn,
            "Condition": condition,
        }
        for condition in denies
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    for given in ({}, {"ServerSideEncryption": "AES256"}, under("alias/other")):
        with refused("AccessDenied", 403):
            s3.put_object(Bucket=bucket, Key="a", Body=b"1", **given)
    s3.put_object(Bucket=bucket, Key="a", Body=b"1", **under(key))


def test_calls_of_kms_are_in_the_event_history(s3: Any, bucket: str, key: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"1", **under(key))
    s3.get_object(Bucket=bucket, Key="a")
    events = Event.objects.filter(event_source="kms.amazonaws.com", read_only=True)
    assert {event.event_name for event in events} == {"GenerateDataKey", "Decrypt"}


def test_a_client_sees_kms_codes(s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError, match="KMS.NotFoundException"):
        s3.put_object(
            Bucket=bucket, Key="a", Body=b"1", **under("12345678-1234-1234-1234-123456789012")
        )
