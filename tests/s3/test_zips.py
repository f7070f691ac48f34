"""Buckets as zips: sent under a signed link, and unpacked again without falling into traps."""

import io
import stat
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from aws.errors import AwsError
from iam.models import User
from s3 import jobs, unzipping, zips
from s3.errors import InvalidRequest
from s3.models import Job
from s3.presigning import Signer
from s3.wire.route import EXPORT_PARAMETER as PARAMETER
from tests import factories
from tests.s3 import raw


def exported(who: User, bucket: str, prefix: str = "") -> raw.Answer:
    query = {PARAMETER: "zip", "prefix": prefix}
    return raw.send("GET", Signer(factories.ctx_for(who), bucket).url("GET", "", query))


def unpacked(answer: raw.Answer) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: dict[str, bytes], **options: Any) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", **options) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return made.getvalue()


@pytest.fixture
def unzip(alice: User, s3: Any, bucket: str) -> Callable[..., Job]:
    def do(body: bytes, to_prefix: str = "") -> Job:
        s3.put_object(Bucket=bucket, Key="in.zip", Body=body)
        wishes = {"key": "in.zip", "version": {}, "to_prefix": to_prefix}
        return jobs.start(factories.ctx_for(alice), unzipping.UNZIP, bucket, wishes)

    return do


def contents(s3: Any, bucket: str) -> dict[str, bytes]:
    listed = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    return {
        key: s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        for key in listed
        if key != "in.zip"
    }


# --- Out --------------------------------------------------------------------------------------
def test_a_bucket_becomes_a_zip(alice: User, s3: Any, bucket: str) -> None:
    files = {"a.txt": b"1", "한글/그림.png": bytes(3_000_000), "empty": b""}
    for key, body in files.items():
        s3.put_object(Bucket=bucket, Key=key, Body=body)
    answer = exported(alice, bucket)
    assert answer.status == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="samples.zip"'
    assert unpacked(answer) == files


def test_a_folder_becomes_a_zip(alice: User, s3: Any, bucket: str) -> None:
    for key in ("a/1", "b/1"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"1")
    assert list(unpacked(exported(alice, bucket, "a/"))) == ["a/1"]


def test_it_needs_a_signature_and_the_list(
    nobody: User, mallory: User, s3: Any, bucket: str
) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    assert raw.send("GET", f"/{bucket}?{PARAMETER}=zip").status == 403
    for who in (nobody, mallory):
        assert exported(who, bucket).status == 403


def test_what_may_not_be_read_is_told_at_the_end(account: Any, s3: Any, bucket: str) -> None:
    for key in ("open/a", "secret/a"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"1")
    reader = factories.user(
        account,
        "reader",
        policies=[
            factories.allow("s3:ListBucket"),
            factories.allow("s3:GetObject", resource=f"arn:aws:s3:::{bucket}/open/*"),
        ],
    )
    files = unpacked(exported(reader, bucket))
    assert list(files) == ["open/a", zips.ERRORS]
    assert files[zips.ERRORS].decode().startswith("secret/a\tAccessDenied\t")


def test_no_more_than_a_piece_is_in_memory(alice: User, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=bytes(5 << 20))
    pieces = zips.pieces(factories.ctx_for(alice, region="ap-northeast-2"), bucket, "")
    assert max(map(len, pieces)) < 2 << 20


@pytest.mark.parametrize(
    ("key", "name"),
    [("../../etc/passwd", "_/_/etc/passwd"), ("/a", "a"), ("C:\\a", "C__a"), ("a//b", "a//b")],
)
def test_keys_stay_where_they_are_unpacked(key: str, name: str) -> None:
    assert zips.name_of(key) == name


# --- In ---------------------------------------------------------------------------------------
def test_a_zip_is_unpacked(unzip: Callable[..., Job], s3: Any, bucket: str) -> None:
    files = {"a.txt": b"1" * 40_000, "한글/b.html": b"<p>"}
    job = unzip(packed(files, compression=zipfile.ZIP_DEFLATED), "site/")
    assert (job.state, job.done, job.failed) == (Job.State.COMPLETE, 2, 0)
    assert contents(s3, bucket) == {f"site/{name}": body for name, body in files.items()}
    assert s3.head_object(Bucket=bucket, Key="site/한글/b.html")["ContentType"] == "text/html"


def test_what_was_exported_comes_in_again(
    alice: User, unzip: Callable[..., Job], s3: Any, bucket: str
) -> None:
    s3.put_object(Bucket=bucket, Key="docs/a", Body=b"1")
    unzip(exported(alice, bucket, "docs/").body, "again/")
    assert contents(s3, bucket)["again/docs/a"] == b"1"


@pytest.mark.parametrize("name", ["../up", "a/../../up", "/root", "\\\\host\\a", "C:/a", "a\x01"])
def test_names_that_lead_out_are_refused(
    unzip: Callable[..., Job], s3: Any, bucket: str, name: str
) -> None:
    job = unzip(packed({name: b"1", "fine": b"1"}), "in/")
    assert (job.done, job.failed, job.failures[0]["Code"]) == (1, 1, "InvalidRequest")
    assert list(contents(s3, bucket)) == ["in/fine"]


def test_links_are_refused(unzip: Callable[..., Job]) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert (unzip(made.getvalue()).failed) == 1


def test_korean_names_of_windows_are_understood(
    unzip: Callable[..., Job], s3: Any, bucket: str
) -> None:
    """They come in CP949, under a flag that says nothing."""
    raw_name = "한글.txt".encode("cp949")
    body = packed({"x" * len(raw_name): b"1"}).replace(b"x" * len(raw_name), raw_name)
    assert unzip(body).failed == 0
    assert list(contents(s3, bucket)) == ["한글.txt"]


def test_bombs_are_refused_before_anything_is_unpacked(
    unzip: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unzipping, "SMALL_BYTES", 1000)
    with pytest.raises(InvalidRequest, match="200 times"):
        unzip(packed({"zeros": bytes(10_000_000)}, compression=zipfile.ZIP_DEFLATED))


def test_too_many_entries_or_bytes_are_refused(
    unzip: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unzipping, "MAX_ENTRIES", 2)
    monkeypatch.setattr(unzipping, "MAX_BYTES", 100)
    with pytest.raises(InvalidRequest, match="3 entries"):
        unzip(packed({"a": b"", "b": b"", "c": b""}))
    with pytest.raises(InvalidRequest, match="101 bytes"):
        unzip(packed({"a": bytes(101)}))


def test_a_lie_about_the_size_of_the_table_is_refused(unzip: Callable[..., Job]) -> None:
    body = bytearray(packed({"a": b"1"}))
    struct.pack_into("<L", body, len(body) - 10, 1 << 31)
    with pytest.raises(InvalidRequest, match="not a zip"):
        unzip(bytes(body))


def test_encrypted_and_broken_zips_are_refused(unzip: Callable[..., Job]) -> None:
    body = packed({"a": b"1"})
    table = body.rindex(b"PK\x01\x02")
    encrypted = bytearray(body)
    encrypted[table + 8] |= 1
    with pytest.raises(InvalidRequest, match="encrypted"):
        unzip(bytes(encrypted))
    with pytest.raises(InvalidRequest, match="not a zip"):
        unzip(b"PK nothing")


def test_a_damaged_file_is_told_and_passed_by(unzip: Callable[..., Job]) -> None:
    body = packed({"a": b"damaged", "b": b"2"}).replace(b"damaged", b"DAMAGED")
    job = unzip(body)
    assert (job.done, job.failed, job.failures[0]["Key"]) == (1, 1, "a")


def test_it_needs_the_rights_of_reading_and_writing(bob: User, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="in.zip", Body=packed({"a": b"1"}))
    wishes = {"key": "in.zip", "version": {}, "to_prefix": ""}
    job = jobs.start(factories.ctx_for(bob), unzipping.UNZIP, bucket, wishes)
    assert (job.failed, job.failures[0]["Code"]) == (1, "AccessDenied")


def test_a_stranger_cannot_look_into_a_zip(mallory: User, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="in.zip", Body=packed({"a": b"1"}))
    with pytest.raises(AwsError, match="Forbidden|Denied"):
        unzipping.check(factories.ctx_for(mallory), bucket, "in.zip", {})
