"""Multipart uploads through boto3."""

import base64
import hashlib
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig

from iam.models import User
from s3 import garbage
from s3.models import Garbage, MultipartUpload, ObjectVersion, Part
from tests.s3.checks import refused
from tests.s3.test_objects import files

PARTS = [b"a" * (5 << 20), b"b" * (5 << 20), b"the end"]
WHOLE = b"".join(PARTS)


def begin(s3: Any, bucket: str, key: str = "big", **settings: Any) -> str:
    return str(s3.create_multipart_upload(Bucket=bucket, Key=key, **settings)["UploadId"])


def put_parts(
    s3: Any, bucket: str, upload: str, parts: list[bytes], **more: Any
) -> list[dict[str, Any]]:
    listed = []
    for number, body in enumerate(parts, start=1):
        answer = s3.upload_part(
            Bucket=bucket, Key="big", UploadId=upload, PartNumber=number, Body=body, **more
        )
        checksums = {name: answer[name] for name in answer if name.startswith("Checksum")}
        listed.append({"PartNumber": number, "ETag": answer["ETag"], **checksums})
    return listed


def complete(s3: Any, bucket: str, upload: str, listed: Any, **more: Any) -> Any:
    return s3.complete_multipart_upload(
        Bucket=bucket, Key="big", UploadId=upload, MultipartUpload={"Parts": listed}, **more
    )


def test_parts_become_an_object(s3: Any, bucket: str) -> None:
    upload = begin(s3, bucket, ContentType="video/mp4", Metadata={"k": "v"}, Tagging="a=b")
    listed = put_parts(s3, bucket, upload, PARTS)
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=bucket, Key="big")
    answer = complete(s3, bucket, upload, listed)
    digests = b"".join(hashlib.md5(one, usedforsecurity=False).digest() for one in PARTS)
    etag = hashlib.md5(digests, usedforsecurity=False).hexdigest()
    assert answer["ETag"] == f'"{etag}-3"'
    got = s3.get_object(Bucket=bucket, Key="big")
    assert got["Body"].read() == WHOLE
    assert (got["ContentType"], got["Metadata"], got["TagCount"]) == ("video/mp4", {"k": "v"}, 1)
    inside = s3.get_object(Bucket=bucket, Key="big", Range="bytes=5242870-10485765")
    assert inside["Body"].read() == WHOLE[5242870:10485766]
    assert not MultipartUpload.objects.exists()


def test_a_part_is_read_by_its_number(s3: Any, bucket: str) -> None:
    upload = begin(s3, bucket)
    complete(s3, bucket, upload, put_parts(s3, bucket, upload, PARTS))
    part = s3.get_object(Bucket=bucket, Key="big", PartNumber=3)
    assert (part["Body"].read(), part["PartsCount"]) == (PARTS[2], 3)
    assert part["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert s3.head_object(Bucket=bucket, Key="big", PartNumber=1)["ContentLength"] == 5 << 20
    with refused("416", 416):
        s3.head_object(Bucket=bucket, Key="big", PartNumber=4)


def test_the_high_level_transfer(s3: Any, bucket: str, tmp_path: Any) -> None:
    path = tmp_path / "file"
    path.write_bytes(WHOLE)
    config = TransferConfig(use_threads=False)
    s3.upload_file(str(path), bucket, "big", Config=config)
    assert ObjectVersion.objects.get().part_count == 2
    s3.download_file(bucket, "big", str(tmp_path / "back"), Config=config)
    assert (tmp_path / "back").read_bytes() == WHOLE


@pytest.mark.parametrize(
    ("algorithm", "kind"),
    [("CRC32", "COMPOSITE"), ("CRC32", "FULL_OBJECT"), ("SHA256", "COMPOSITE"),
     ("CRC64NVME", "FULL_OBJECT"), ("CRC32C", "FULL_OBJECT")],
)  # fmt: skip
def test_checksums_of_the_whole(s3: Any, bucket: str, algorithm: str, kind: str) -> None:
    upload = begin(s3, bucket, ChecksumAlgorithm=algorithm, ChecksumType=kind)
    listed = put_parts(s3, bucket, upload, PARTS[1:], ChecksumAlgorithm=algorithm)
    answer = complete(s3, bucket, upload, listed, ChecksumType=kind)
    found = answer[f"Checksum{algorithm}"]
    assert answer["ChecksumType"] == kind
    if kind == "COMPOSITE":
        assert found.endswith("-2")
    elif algorithm == "CRC32":
        expected = zlib.crc32(b"".join(PARTS[1:])).to_bytes(4, "big")
        assert found == base64.b64encode(expected).decode()
    head = s3.head_object(Bucket=bucket, Key="big", ChecksumMode="ENABLED")
    assert head[f"Checksum{algorithm}"] == found
    attributes = s3.get_object_attributes(
        Bucket=bucket, Key="big", ObjectAttributes=["ObjectParts", "Checksum"]
    )
    assert attributes["ObjectParts"]["TotalPartsCount"] == 2
    assert len(attributes["ObjectParts"].get("Parts", [])) == (2 if kind == "COMPOSITE" else 0)


def test_impossible_checksums(s3: Any, bucket: str) -> None:
    with refused("InvalidRequest", 400):
        begin(s3, bucket, ChecksumAlgorithm="SHA256", ChecksumType="FULL_OBJECT")
    upload = begin(s3, bucket, ChecksumAlgorithm="SHA256")
    with refused("InvalidRequest", 400):
        s3.upload_part(
            Bucket=bucket, Key="big", UploadId=upload, PartNumber=1, Body=b"",
            ChecksumAlgorithm="CRC32",
        )  # fmt: skip


def test_refused_completions(s3: Any, bucket: str) -> None:
    upload = begin(s3, bucket)
    first, second = put_parts(s3, bucket, upload, [b"small", b"end"])
    with refused("EntityTooSmall", 400):
        complete(s3, bucket, upload, [first, second])
    with refused("InvalidPartOrder", 400):
        complete(s3, bucket, upload, [second, first])
    with refused("InvalidPart", 400):
        complete(s3, bucket, upload, [{**first, "ETag": '"other"'}])
    with refused("InvalidPart", 400):
        complete(s3, bucket, upload, [{**first, "PartNumber": 7}])
    with refused("MalformedXML", 400):
        complete(s3, bucket, upload, [])
    complete(s3, bucket, upload, [second])
    with refused("NoSuchUpload", 404):
        complete(s3, bucket, upload, [second])


def test_conditions_of_a_completion(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="big", Body=b"first")
    upload = begin(s3, bucket)
    listed = put_parts(s3, bucket, upload, [b"second"])
    with refused("PreconditionFailed", 412):
        complete(s3, bucket, upload, listed, IfNoneMatch="*")
    complete(s3, bucket, upload, listed)
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == b"second"


def test_an_abort_frees_the_parts(s3: Any, bucket: str) -> None:
    before = files()
    upload = begin(s3, bucket)
    put_parts(s3, bucket, upload, [b"one", b"two"])
    s3.abort_multipart_upload(Bucket=bucket, Key="big", UploadId=upload)
    with refused("NoSuchUpload", 404):
        s3.upload_part(Bucket=bucket, Key="big", UploadId=upload, PartNumber=1, Body=b"")
    assert (Part.objects.count(), Garbage.objects.count()) == (0, 2)
    garbage.collect(older_than_seconds=-1)
    assert files() == before


def test_a_part_and_an_object_replace_and_free(s3: Any, bucket: str) -> None:
    upload = begin(s3, bucket)
    put_parts(s3, bucket, upload, [b"one"])
    (listed,) = put_parts(s3, bucket, upload, [b"other"])
    complete(s3, bucket, upload, [listed])
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == b"other"
    assert Garbage.objects.count() == 1
    again = begin(s3, bucket)
    complete(s3, bucket, again, put_parts(s3, bucket, again, [b"other"]))
    assert (Part.objects.count(), Garbage.objects.count()) == (1, 2)
    s3.put_object(Bucket=bucket, Key="big", Body=b"plain")
    assert (Part.objects.count(), Garbage.objects.count()) == (0, 3)
    assert ObjectVersion.objects.count() == 1


def test_parts_are_copied(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="source", Body=WHOLE)
    upload = begin(s3, bucket)
    source = {"Bucket": bucket, "Key": "source"}
    listed = []
    for number, span in enumerate(("bytes=0-5242879", "bytes=10485760-10485766"), start=1):
        answer = s3.upload_part_copy(
            Bucket=bucket, Key="big", UploadId=upload, PartNumber=number, CopySource=source,
            CopySourceRange=span,
        )  # fmt: skip
        listed.append({"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]})
    complete(s3, bucket, upload, listed)
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == PARTS[0] + PARTS[2]
    with refused("InvalidArgument", 400):
        s3.upload_part_copy(
            Bucket=bucket, Key="big", UploadId=begin(s3, bucket), PartNumber=1, CopySource=source,
            CopySourceRange="bytes=0-99999999",
        )  # fmt: skip


def test_a_copy_of_a_multipart_object_is_one_piece(s3: Any, bucket: str) -> None:
    upload = begin(s3, bucket)
    complete(s3, bucket, upload, put_parts(s3, bucket, upload, PARTS))
    copy = s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "big"})
    assert "-" not in copy["CopyObjectResult"]["ETag"]
    s3.delete_object(Bucket=bucket, Key="big")
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == WHOLE


def test_parts_and_uploads_are_listed(s3: Any, bucket: str) -> None:
    upload = begin(s3, bucket)
    put_parts(s3, bucket, upload, [b"1", b"22", b"333"])
    page = s3.list_parts(Bucket=bucket, Key="big", UploadId=upload, MaxParts=2)
    assert [(one["PartNumber"], one["Size"]) for one in page["Parts"]] == [(1, 1), (2, 2)]
    assert page["IsTruncated"]
    pages = s3.get_paginator("list_parts").paginate(
        Bucket=bucket, Key="big", UploadId=upload, PaginationConfig={"PageSize": 1}
    )
    assert [one["PartNumber"] for page in pages for one in page["Parts"]] == [1, 2, 3]
    others = [begin(s3, bucket, key) for key in ("big", "dir/a", "dir/b")]
    expected = [upload, *others]
    pages = s3.get_paginator("list_multipart_uploads").paginate(
        Bucket=bucket, PaginationConfig={"PageSize": 1}
    )
    assert [one["UploadId"] for page in pages for one in page["Uploads"]] == expected
    folded = s3.list_multipart_uploads(Bucket=bucket, Delimiter="/")
    assert [one["Prefix"] for one in folded["CommonPrefixes"]] == ["dir/"]
    assert len(folded["Uploads"]) == 2


def test_another_account_finds_no_upload(
    s3: Any, bucket: str, mallory: User, client_of: Callable[..., Any]
) -> None:
    upload = begin(s3, bucket)
    other = client_of(mallory)
    for call, more in (
        ("upload_part", {"PartNumber": 1, "Body": b""}),
        ("list_parts", {}),
        ("abort_multipart_upload", {}),
        ("complete_multipart_upload", {"MultipartUpload": {"Parts": []}}),
    ):
        with refused("AccessDenied", 403):
            getattr(other, call)(Bucket=bucket, Key="big", UploadId=upload, **more)


def test_part_numbers_have_bounds(s3: Any, bucket: str) -> None:
    upload = begin(s3, bucket)
    for number in (0, 10_001):
        with refused("InvalidArgument", 400):
            s3.upload_part(Bucket=bucket, Key="big", UploadId=upload, PartNumber=number, Body=b"")
