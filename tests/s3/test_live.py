"""S3 on a whole running lab: many clients at once, and a crash."""

import hashlib
import os
import secrets
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import psutil
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.live import LiveLab

pytestmark = [pytest.mark.slow, pytest.mark.lab]

KEY = ("AKIASTORAGEEXAMPLE01", "storage/secret+key0123456789abcdefghij12")
SEOUL = {"LocationConstraint": "ap-northeast-2"}


def create_account(lab: LiveLab) -> None:
    lab.manage(
        "create_account",
        *("--name", "Storage", "--email", "storage@example.com"),
        *("--password", "Correct-horse-battery-9", "--root-access-key", ":".join(KEY), "--json"),
    )


def client(lab: LiveLab, **options: Any) -> Any:
    return boto3.client(
        "s3",
        region_name="ap-northeast-2",
        endpoint_url=f"http://127.0.0.1:{lab.environment['LAB_API_PORT']}",
        aws_access_key_id=KEY[0],
        aws_secret_access_key=KEY[1],
        config=Config(retries={"max_attempts": 1}, max_pool_connections=32, **options),
    )


@pytest.fixture(scope="module")
def lab(live_lab: LiveLab) -> LiveLab:
    create_account(live_lab)
    return live_lab


@pytest.fixture
def bucket(lab: LiveLab) -> str:
    name = f"live-{secrets.token_hex(6)}"
    client(lab).create_bucket(Bucket=name, CreateBucketConfiguration=SEOUL)
    return name


def test_bodies_stream_both_ways(lab: LiveLab, bucket: str) -> None:
    s3 = client(lab)
    body = os.urandom(24 << 20)
    s3.put_object(Bucket=bucket, Key="a", Body=body)
    got = s3.get_object(Bucket=bucket, Key="a")
    assert hashlib.sha256(got["Body"].read()).digest() == hashlib.sha256(body).digest()
    assert s3.head_object(Bucket=bucket, Key="a")["ContentLength"] == len(body)
    part = s3.get_object(Bucket=bucket, Key="a", Range="bytes=-5")
    assert part["Body"].read() == body[-5:]
    with pytest.raises(ClientError, match="NoSuchBucket"):
        s3.put_object(Bucket="nowhere-at-all", Key="a", Body=body)
    assert s3.get_object(Bucket=bucket, Key="a")["ContentLength"] == len(body)


@pytest.mark.parametrize("size", [100, 100_000], ids=["in the row", "in a file"])
@pytest.mark.parametrize("status", ["", "Enabled", "Suspended"])
def test_writers_of_one_key_leave_one_whole_object(
    lab: LiveLab, bucket: str, size: int, status: str
) -> None:
    s3 = client(lab)
    if status:
        for step in ("Enabled", status):
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": step})

    def put(number: int) -> None:
        s3.put_object(Bucket=bucket, Key="a", Body=bytes([number]) * size)

    def read(_: int) -> None:
        try:
            body = s3.get_object(Bucket=bucket, Key="a")["Body"].read()
        except s3.exceptions.NoSuchKey:
            return
        assert (len(body), len(set(body))) == (size, 1)

    with ThreadPoolExecutor(8) as pool:
        writes = pool.map(put, range(40))
        reads = pool.map(read, range(40))
        list(writes)
        list(reads)
    versions = s3.list_object_versions(Bucket=bucket)["Versions"]
    assert len(versions) == (40 if status == "Enabled" else 1)
    assert [one["IsLatest"] for one in versions].count(True) == 1


def test_one_of_many_creates_the_key(lab: LiveLab, bucket: str) -> None:
    s3 = client(lab)

    def put(number: int) -> bool:
        try:
            s3.put_object(Bucket=bucket, Key="a", Body=str(number).encode(), IfNoneMatch="*")
        except ClientError as error:
            assert error.response["Error"]["Code"] == "PreconditionFailed"
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(put, range(24))) == 1


def test_a_completion_raced_by_an_abort_is_one_of_them(lab: LiveLab, bucket: str) -> None:
    s3 = client(lab)
    for number in range(6):
        key = f"race-{number}"
        upload = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
        named = {"Bucket": bucket, "Key": key, "UploadId": upload}
        etag = s3.upload_part(**named, PartNumber=1, Body=b"part")["ETag"]
        parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}

        def outcome(call: Callable[..., Any], arguments: dict[str, Any]) -> bool:
            try:
                call(**arguments)
            except s3.exceptions.NoSuchUpload:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            done = pool.submit(
                outcome, s3.complete_multipart_upload, {**named, "MultipartUpload": parts}
            )
            aborted = pool.submit(outcome, s3.abort_multipart_upload, named)
            assert done.result() != aborted.result()
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=key)["KeyCount"]
        assert listed == int(done.result())


def test_a_list_during_writes_never_loses_an_old_key(lab: LiveLab, bucket: str) -> None:
    s3 = client(lab)
    old = {f"old/{number:03}" for number in range(60)}
    for key in old:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            s3.put_object(Bucket=bucket, Key=f"new/{number:05}", Body=b"")
            s3.put_object(Bucket=bucket, Key="old/000", Body=b"again")
            number += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(10):
            pages = s3.get_paginator("list_objects_v2").paginate(
                Bucket=bucket, PaginationConfig={"PageSize": 7}
            )
            keys = [one["Key"] for page in pages for one in page.get("Contents", [])]
            assert keys == sorted(set(keys))
            assert old <= set(keys)
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def own_lab() -> Iterator[LiveLab]:
    lab = LiveLab(LAB_PACE="instant")
    try:
        yield lab.start()
    finally:
        lab.delete()


def kill_everything(lab: LiveLab) -> None:
    """kill -9 for every process that works for the lab, its database too."""
    assert lab.process is not None
    processes = {psutil.Process(lab.process.pid)}
    for process in psutil.process_iter():
        try:
            environment = process.environ()
        except (psutil.AccessDenied, psutil.NoSuchProcess):
            continue
        if environment.get("LAB_DATA") == str(lab.data) or str(lab.data) in " ".join(
            process.cmdline()
        ):
            processes.add(process)
    for process in list(processes):
        processes |= set(process.children(recursive=True))
    for process in processes:
        process.send_signal(signal.SIGKILL)
    lab.process.wait()
    psutil.wait_procs(processes, timeout=10)


def test_what_was_acknowledged_survives_a_crash(own_lab: LiveLab) -> None:
    """And what was not is there whole, or not at all."""
    create_account(own_lab)
    s3 = client(own_lab)
    s3.create_bucket(Bucket="storm", CreateBucketConfiguration=SEOUL)
    acknowledged: dict[str, bytes] = {}
    sizes = (10, 5_000, 100_000, 3 << 20)

    def body_of(key: str) -> bytes:
        size = sizes[int(key) % len(sizes)]
        return (hashlib.sha256(key.encode()).digest() * (size // 32 + 1))[:size]

    def storm(worker: int) -> None:
        for number in range(10_000):
            key = str(number * 8 + worker)
            try:
                s3.put_object(Bucket="storm", Key=key, Body=body_of(key))
            except (BotoCoreError, ClientError):
                return
            acknowledged[key] = b""

    threads = [threading.Thread(target=storm, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    own_lab.wait_for(lambda: len(acknowledged) > 150)
    kill_everything(own_lab)
    for thread in threads:
        thread.join()
    (own_lab.data / "lab.json").unlink(missing_ok=True)
    own_lab.start()
    s3 = client(own_lab)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="storm")
    found = {one["Key"] for page in pages for one in page.get("Contents", [])}
    assert acknowledged.keys() <= found
    for key in found:
        assert s3.get_object(Bucket="storm", Key=key)["Body"].read() == body_of(key)
