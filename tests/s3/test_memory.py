"""A request's memory does not grow with its object."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.live import LiveLab
from tests.s3.test_live import SEOUL, client, create_account

pytestmark = [pytest.mark.slow, pytest.mark.lab]

MIB = 1 << 20
SIZE = 300 * MIB
ALLOWED = 16 * MIB


@pytest.fixture(scope="module")
def own_lab() -> Iterator[LiveLab]:
    """One process for the API, so that what is warm stays warm."""
    lab = LiveLab(LAB_API_WORKERS="1")
    try:
        lab.start()
        create_account(lab)
        yield lab
    finally:
        lab.delete()


def growth(lab: LiveLab, work: Callable[[], Any]) -> int:
    """By how many bytes the API's processes grew at their peak."""
    assert lab.process is not None
    children = psutil.Process(lab.process.pid).children(recursive=True)
    pids = [one.pid for one in children if any("wire.endpoint" in word for word in one.cmdline())]
    assert pids
    for pid in pids:
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak begins anew
    before = {pid: _status(pid, "VmRSS") for pid in pids}
    work()
    return sum(_status(pid, "VmHWM") - before[pid] for pid in pids)


def _status(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def test_large_objects_pass_through_a_small_process(own_lab: LiveLab, tmp_path: Path) -> None:
    s3 = client(own_lab)
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(SIZE)
    bucket = f"large-{secrets.token_hex(4)}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=SEOUL)

    def put() -> None:
        with large.open("rb") as file:
            s3.put_object(Bucket=bucket, Key="one", Body=file)

    def read(key: str) -> None:
        answer = s3.get_object(Bucket=bucket, Key=key)
        length = sum(len(piece) for piece in answer["Body"].iter_chunks(MIB))
        assert length == answer["ContentLength"] >= SIZE

    def copy_by_parts() -> None:
        upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
        wanted = {"Bucket": bucket, "Key": "parts", "UploadId": upload}
        parts = [
            {
                "PartNumber": number,
                "ETag": s3.upload_part_copy(
                    **wanted, PartNumber=number, CopySource={"Bucket": bucket, "Key": "one"}
                )["CopyPartResult"]["ETag"],
            }
            for number in (1, 2)
        ]
        s3.complete_multipart_upload(**wanted, MultipartUpload={"Parts": parts})

    # What the first call of each kind loads is no memory of a request.
    for size in (1, 20 * MIB):
        s3.put_object(Bucket=bucket, Key="warm", Body=bytes(size))
        s3.get_object(Bucket=bucket, Key="warm")["Body"].read()
    grown = {
        "put": growth(own_lab, put),
        "get": growth(own_lab, lambda: read("one")),
        "copy": growth(
            own_lab,
            lambda: s3.copy_object(
                Bucket=bucket,
                Key="two",
                CopySource={"Bucket": bucket, "Key": "one"},
                ChecksumAlgorithm="SHA256",
            ),
        ),
        "parts": growth(own_lab, copy_by_parts),
        "get parts": growth(own_lab, lambda: read("parts")),
    }
    assert max(grown.values()) <= ALLOWED, {name: size / MIB for name, size in grown.items()}
