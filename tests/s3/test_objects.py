"""Objects through boto3: put, get, head, delete, copy."""

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aws import accounts
from aws.models import Account, Event
from iam.models import User
from s3 import garbage, store
from s3.models import Bucket, Garbage, ObjectVersion
from tests import factories
from tests.factories import allow
from tests.s3.checks import refused

SMALL, LARGE = b"hello, cloud", bytes(range(256)) * 12_000
both_sizes = pytest.mark.parametrize("body", [SMALL, LARGE], ids=["in the row", "in a file"])


def md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def files() -> set[str]:
    return {path.name for path in (store.root() / "objects").rglob("*") if path.is_file()}


@both_sizes
def test_what_is_put_is_got(s3: Any, bucket: str, body: bytes) -> None:
    put = s3.put_object(Bucket=bucket, Key="a/b c+ü", Body=body, ContentType="text/plain")
    assert put["ETag"] == f'"{md5(body)}"'
    assert put["ServerSideEncryption"] == "AES256"
    assert "VersionId" not in put
    got = s3.get_object(Bucket=bucket, Key="a/b c+ü")
    assert got["Body"].read() == body
    assert (got["ContentLength"], got["ContentType"]) == (len(body), "text/plain")
    assert got["ETag"] == put["ETag"]
    assert got["AcceptRanges"] == "bytes"


def test_small_objects_are_rows_and_large_ones_files(s3: Any, bucket: str) -> None:
    before = files()
    s3.put_object(Bucket=bucket, Key="small", Body=SMALL)
    assert files() == before
    s3.put_object(Bucket=bucket, Key="large", Body=LARGE)
    assert files() - before == {ObjectVersion.objects.get(key="large").file}


def test_headers_and_metadata_come_back(s3: Any, bucket: str) -> None:
    expires = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    s3.put_object(
        Bucket=bucket,
        Key="a",
        Body=b"",
        CacheControl="max-age=5",
        ContentDisposition="attachment",
        ContentEncoding="gzip",
        ContentLanguage="ko",
        Expires=expires,
        Metadata={"Colour": "blue"},
        StorageClass="STANDARD_IA",
        Tagging="team=web&stage=test",
    )
    head = s3.head_object(Bucket=bucket, Key="a")
    assert head["CacheControl"] == "max-age=5"
    assert head["ContentDisposition"] == "attachment"
    assert head["ContentEncoding"] == "gzip"
    assert head["ContentLanguage"] == "ko"
    assert head["Expires"] == expires
    assert head["Metadata"] == {"colour": "blue"}
    assert head["StorageClass"] == "STANDARD_IA"
    assert head["ContentType"] == "binary/octet-stream"
    assert head["ContentLength"] == 0
    assert s3.get_object(Bucket=bucket, Key="a")["TagCount"] == 2


def test_metadata_has_a_limit(s3: Any, bucket: str) -> None:
    with refused("MetadataTooLarge", 400):
        s3.put_object(Bucket=bucket, Key="a", Body=b"", Metadata={"a": "b" * 2048})


def test_an_overwritten_file_is_deleted_later(s3: Any, bucket: str) -> None:
    before = files()
    s3.put_object(Bucket=bucket, Key="a", Body=LARGE)
    first = ObjectVersion.objects.get().file
    s3.put_object(Bucket=bucket, Key="a", Body=SMALL)
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == SMALL
    assert Garbage.objects.get().file == first
    assert garbage.collect() == 0
    assert garbage.collect(older_than_seconds=-1) == 1
    assert files() == before


def test_the_sweep_deletes_orphans_and_no_living_file(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=LARGE)
    with store.NewFile() as file:
        file.write(b"nobody's")
        orphan = file.keep()
    garbage.sweep(older_than_seconds=-1)
    assert orphan not in files()
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == LARGE


def test_a_put_that_fails_leaves_nothing(s3: Any, bucket: str) -> None:
    before = files()
    with refused("BadDigest", 400):
        s3.put_object(
            Bucket=bucket,
            Key="a",
            Body=LARGE,
            ContentMD5=base64.b64encode(bytes(16)).decode(),
        )
    assert files() == before
    assert not list((store.root() / "tmp").iterdir())
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=bucket, Key="a")


def test_a_malformed_digest(s3: Any, bucket: str) -> None:
    with refused("InvalidDigest", 400):
        s3.put_object(Bucket=bucket, Key="a", Body=b"", ContentMD5="nonsense")


def test_a_key_that_is_not_there(
    s3: Any, bucket: str, account: Account, client_of: Callable[..., Any]
) -> None:
    """Who may not list the bucket does not learn that it is not there."""
    with refused("NoSuchKey", 404) as error:
        s3.get_object(Bucket=bucket, Key="missing")
    assert error.value.response["Error"]["Key"] == "missing"
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key="missing")
    reader = factories.user(account, "reader", policies=[allow("s3:GetObject")])
    with refused("AccessDenied", 403):
        client_of(reader).get_object(Bucket=bucket, Key="missing")


@both_sizes
@pytest.mark.parametrize(
    ("header", "expected"),
    [("bytes=0-4", (0, 5)), ("bytes=5-", (5, None)), ("bytes=-3", (-3, None))],
)
def test_ranges(
    s3: Any, bucket: str, body: bytes, header: str, expected: tuple[int, int | None]
) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=body)
    got = s3.get_object(Bucket=bucket, Key="a", Range=header)
    wanted = body[expected[0] : expected[1]]
    assert got["Body"].read() == wanted
    assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert got["ContentRange"].endswith(f"/{len(body)}")


def test_ranges_that_cannot_be_and_that_say_nothing(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=SMALL)
    with refused("InvalidRange", 416) as error:
        s3.get_object(Bucket=bucket, Key="a", Range="bytes=100-")
    assert error.value.response["Error"]["ActualObjectSize"] == str(len(SMALL))
    for header in ("bytes=4-2", "lines=1-2", "bytes=0-1,3-4"):
        got = s3.get_object(Bucket=bucket, Key="a", Range=header)
        assert got["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_conditions_of_a_read(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="a", Body=SMALL)["ETag"]
    hour = timedelta(hours=1)
    now = datetime.now(UTC)
    s3.get_object(Bucket=bucket, Key="a", IfMatch=etag, IfUnmodifiedSince=now - hour)
    s3.get_object(Bucket=bucket, Key="a", IfNoneMatch='"other"', IfModifiedSince=now + hour)
    with refused("PreconditionFailed", 412):
        s3.get_object(Bucket=bucket, Key="a", IfMatch='"other"')
    with refused("PreconditionFailed", 412):
        s3.get_object(Bucket=bucket, Key="a", IfUnmodifiedSince=now - hour)
    for condition in ({"IfNoneMatch": etag}, {"IfModifiedSince": now + hour}):
        with refused("304", 304):
            s3.get_object(Bucket=bucket, Key="a", **condition)


def test_conditions_of_a_write(s3: Any, bucket: str) -> None:
    with refused("NoSuchKey", 404):
        s3.put_object(Bucket=bucket, Key="a", Body=b"1", IfMatch='"x"')
    etag = s3.put_object(Bucket=bucket, Key="a", Body=b"1", IfNoneMatch="*")["ETag"]
    with refused("PreconditionFailed", 412) as error:
        s3.put_object(Bucket=bucket, Key="a", Body=b"2", IfNoneMatch="*")
    assert error.value.response["Error"]["Condition"] == "If-None-Match"
    with refused("PreconditionFailed", 412):
        s3.put_object(Bucket=bucket, Key="a", Body=b"2", IfMatch='"x"')
    s3.put_object(Bucket=bucket, Key="a", Body=b"2", IfMatch=etag)
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"2"


def test_response_headers_are_overridden(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=SMALL)
    got = s3.get_object(
        Bucket=bucket,
        Key="a",
        ResponseContentType="text/html",
        ResponseContentDisposition='attachment; filename="한글.txt"\r\nX-Evil: 1',
    )
    assert got["ContentType"] == "text/html"
    assert "X-Evil" not in got["ResponseMetadata"]["HTTPHeaders"]


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_checksums_are_checked_kept_and_told(s3: Any, bucket: str, algorithm: str) -> None:
    member = f"Checksum{algorithm}"
    put = s3.put_object(Bucket=bucket, Key="a", Body=SMALL, ChecksumAlgorithm=algorithm)
    assert put["ChecksumType"] == "FULL_OBJECT"
    got = s3.get_object(Bucket=bucket, Key="a", ChecksumMode="ENABLED")
    # botocore compares the checksum with the bytes when they are read.
    assert got["Body"].read() == SMALL
    assert got[member] == put[member]
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"][0]
    assert listed["ChecksumAlgorithm"] == [algorithm]
    wrong = base64.b64encode(bytes(len(base64.b64decode(put[member])))).decode()
    with refused("BadDigest", 400):
        s3.put_object(Bucket=bucket, Key="a", Body=SMALL, **{member: wrong})
    with refused("InvalidRequest", 400):
        s3.put_object(Bucket=bucket, Key="a", Body=SMALL, **{member: "AAAA"})


def test_attributes(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=SMALL)
    answer = s3.get_object_attributes(
        Bucket=bucket,
        Key="a",
        ObjectAttributes=["ETag", "Checksum", "ObjectSize", "StorageClass", "ObjectParts"],
    )
    assert answer["ETag"] == md5(SMALL)
    assert answer["ObjectSize"] == len(SMALL)
    assert answer["StorageClass"] == "STANDARD"
    assert answer["Checksum"]["ChecksumType"] == "FULL_OBJECT"
    assert "ObjectParts" not in answer


@both_sizes
def test_a_copy_has_the_bytes_and_the_headers(s3: Any, bucket: str, body: bytes) -> None:
    put = s3.put_object(
        Bucket=bucket, Key="a ü", Body=body, ContentType="text/plain", Metadata={"k": "v"}
    )
    copy = s3.copy_object(Bucket=bucket, Key="b", CopySource={"Bucket": bucket, "Key": "a ü"})
    assert copy["CopyObjectResult"]["ETag"] == put["ETag"]
    s3.delete_object(Bucket=bucket, Key="a ü")
    garbage.collect(older_than_seconds=-1)
    got = s3.get_object(Bucket=bucket, Key="b")
    assert got["Body"].read() == body
    assert (got["ContentType"], got["Metadata"]) == ("text/plain", {"k": "v"})


def test_a_copy_may_replace_the_metadata(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=SMALL, Metadata={"k": "v"})
    source = {"Bucket": bucket, "Key": "a"}
    with refused("InvalidRequest", 400):
        s3.copy_object(Bucket=bucket, Key="a", CopySource=source)
    s3.copy_object(
        Bucket=bucket,
        Key="a",
        CopySource=source,
        MetadataDirective="REPLACE",
        Metadata={"new": "1"},
    )
    assert s3.head_object(Bucket=bucket, Key="a")["Metadata"] == {"new": "1"}


def test_a_copy_needs_both_ends(
    s3: Any, bucket: str, account: Account, client_of: Callable[..., Any]
) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=SMALL)
    writer = factories.user(account, "writer", policies=[allow("s3:PutObject")])
    with refused("AccessDenied", 403):
        client_of(writer).copy_object(
            Bucket=bucket, Key="b", CopySource={"Bucket": bucket, "Key": "a"}
        )
    with refused("PreconditionFailed", 412):
        s3.copy_object(
            Bucket=bucket,
            Key="b",
            CopySource={"Bucket": bucket, "Key": "a"},
            CopySourceIfMatch='"x"',
        )


def test_deleting(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=SMALL)
    answer = s3.delete_object(Bucket=bucket, Key="a")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert "DeleteMarker" not in answer
    s3.delete_object(Bucket=bucket, Key="a")
    assert ObjectVersion.objects.count() == 0


def test_deleting_many(
    s3: Any, bucket: str, account: Account, client_of: Callable[..., Any]
) -> None:
    for key in ("a/1", "a/2", "b"):
        s3.put_object(Bucket=bucket, Key=key, Body=SMALL)
    deleter = factories.user(
        account, "deleter", policies=[allow("s3:DeleteObject", "arn:aws:s3:::samples/a/*")]
    )
    objects = [{"Key": "a/1"}, {"Key": "missing"}, {"Key": "b"}]
    answer = client_of(deleter).delete_objects(Bucket=bucket, Delete={"Objects": objects})
    assert [one["Key"] for one in answer["Deleted"]] == ["a/1"]
    assert {(one["Key"], one["Code"]) for one in answer["Errors"]} == {
        ("missing", "AccessDenied"),
        ("b", "AccessDenied"),
    }
    quiet = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "b"}], "Quiet": True})
    assert "Deleted" not in quiet
    assert set(ObjectVersion.objects.values_list("key", flat=True)) == {"a/2"}


def test_keys_have_a_limit(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="ü" * 512, Body=b"")
    with refused("KeyTooLongError", 400):
        s3.put_object(Bucket=bucket, Key="ü" * 512 + "a", Body=b"")


def test_object_calls_stay_out_of_the_event_history(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=SMALL)
    s3.get_object(Bucket=bucket, Key="a")
    assert set(Event.objects.values_list("event_name", flat=True)) == {"CreateBucket"}


def test_a_reset_leaves_no_row_and_no_file(s3: Any, bucket: str, account: Account) -> None:
    before = files()
    s3.put_object(Bucket=bucket, Key="a", Body=LARGE)
    accounts.reset_account(account)
    assert not ObjectVersion.objects.exists()
    assert not Bucket.objects.exists()
    garbage.collect(older_than_seconds=-1)
    assert files() == before


def test_a_bucket_policy_lets_another_account_read(
    s3: Any, bucket: str, mallory: User, client_of: Callable[..., Any]
) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=SMALL)
    row = Bucket.objects.get(name=bucket)
    row.policy = allow("s3:GetObject", "arn:aws:s3:::samples/*", Principal={"AWS": "444455556666"})
    row.save()
    other = client_of(mallory)
    assert other.get_object(Bucket=bucket, Key="a")["Body"].read() == SMALL
    with refused("AccessDenied", 403):
        other.put_object(Bucket=bucket, Key="a", Body=b"mine")
