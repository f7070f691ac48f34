"""SSE-C: with the right key the bytes, without it nothing; at rest no plain byte."""

import os
from typing import Any

import pytest

from s3 import store
from s3.models import ObjectVersion
from tests.s3.checks import refused

KEY, OTHER = os.urandom(32), os.urandom(32)
SEALED = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": KEY}
WITH_OTHER = {**SEALED, "SSECustomerKey": OTHER}
OF_SOURCE = {"CopySourceSSECustomerAlgorithm": "AES256", "CopySourceSSECustomerKey": KEY}
PHRASE = b"nobody reads this at rest; "
BODIES = [b"", PHRASE, PHRASE * 12_000, os.urandom(3 << 20)]
bodies = pytest.mark.parametrize("body", BODIES, ids=lambda body: str(len(body)))


@bodies
def test_the_key_opens_and_nothing_else_does(s3: Any, bucket: str, body: bytes) -> None:
    put = s3.put_object(Bucket=bucket, Key="a", Body=body, **SEALED)
    assert put["SSECustomerAlgorithm"] == "AES256"
    assert "ServerSideEncryption" not in put
    assert s3.get_object(Bucket=bucket, Key="a", **SEALED)["Body"].read() == body
    with refused("InvalidRequest", 400):
        s3.get_object(Bucket=bucket, Key="a")
    with refused("AccessDenied", 403):
        s3.get_object(Bucket=bucket, Key="a", **WITH_OTHER)
    with refused("400", 400):
        s3.head_object(Bucket=bucket, Key="a")
    assert s3.head_object(Bucket=bucket, Key="a", **SEALED)["ContentLength"] == len(body)


@bodies
def test_the_bytes_at_rest_are_sealed(s3: Any, bucket: str, body: bytes) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=body, **SEALED)
    row: Any = ObjectVersion.objects.get()
    at_rest = bytes(row.content) if row.file is None else store.path(row.file).read_bytes()
    assert PHRASE not in at_rest
    assert len(at_rest) == len(body) + 16 * -(-len(body) // 65_536)


@pytest.mark.parametrize(
    ("start", "end"), [(0, 0), (65_535, 65_536), (65_536, 131_071), (100, 3_000_000), (-7, None)]
)
def test_ranges_open_their_frames(s3: Any, bucket: str, start: int, end: int | None) -> None:
    body = BODIES[-1]
    s3.put_object(Bucket=bucket, Key="a", Body=body, **SEALED)
    text = f"bytes={start}" if end is None else f"bytes={start}-{end}"
    got = s3.get_object(Bucket=bucket, Key="a", Range=text, **SEALED)
    assert got["Body"].read() == (body[start:] if end is None else body[start : end + 1])


def test_a_plain_object_takes_no_key(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    with refused("InvalidRequest", 400):
        s3.get_object(Bucket=bucket, Key="a", **SEALED)


def test_a_copy_opens_and_seals_anew(s3: Any, bucket: str) -> None:
    body = BODIES[2]
    s3.put_object(Bucket=bucket, Key="a", Body=body, **SEALED)
    source = {"Bucket": bucket, "Key": "a"}
    s3.copy_object(Bucket=bucket, Key="plain", CopySource=source, **OF_SOURCE)
    assert s3.get_object(Bucket=bucket, Key="plain")["Body"].read() == body
    s3.copy_object(Bucket=bucket, Key="b", CopySource=source, **OF_SOURCE, **WITH_OTHER)
    assert s3.get_object(Bucket=bucket, Key="b", **WITH_OTHER)["Body"].read() == body
    with refused("InvalidRequest", 400):
        s3.copy_object(Bucket=bucket, Key="c", CopySource=source)


def test_parts_are_sealed(s3: Any, bucket: str) -> None:
    named = {"Bucket": bucket, "Key": "a"}
    upload = s3.create_multipart_upload(**named, **SEALED)["UploadId"]
    bodies = [os.urandom(5 << 20), PHRASE]
    with refused("InvalidRequest", 400):
        s3.upload_part(**named, UploadId=upload, PartNumber=1, Body=b"")
    parts = [
        {
            "PartNumber": number,
            "ETag": s3.upload_part(
                **named, UploadId=upload, PartNumber=number, Body=body, **SEALED
            )["ETag"],
        }
        for number, body in enumerate(bodies, start=1)
    ]
    s3.complete_multipart_upload(**named, UploadId=upload, MultipartUpload={"Parts": parts})
    whole = b"".join(bodies)
    assert s3.get_object(**named, **SEALED)["Body"].read() == whole
    got = s3.get_object(**named, Range="bytes=5242870-5242890", **SEALED)
    assert got["Body"].read() == whole[5242870:5242891]
