"""Request and storage metrics: what is counted, and read back."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Timer
from typing import Any

import pytest

from aws.errors import Denied
from aws.models import Account
from iam.models import User
from s3 import metrics
from s3.models import RequestMinute, StorageDay
from tests.factories import ctx_for
from tests.s3.checks import refused


@pytest.fixture(autouse=True)
def _start_from_nothing() -> Iterator[None]:
    metrics._counted.clear()
    yield
    metrics._counted.clear()


def total(who: User, bucket: str, metric: str, **more: Any) -> float:
    ctx = ctx_for(who)
    start, end = ctx.now - timedelta(hours=1), ctx.now + timedelta(minutes=1)
    points = metrics.series(ctx, bucket, metric, start, end, 60, **more)
    return float(sum(one["Value"] for one in points))


def test_requests_are_counted_by_kind(s3: Any, bucket: str, alice: User) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"12345")
    s3.get_object(Bucket=bucket, Key="a")
    s3.head_object(Bucket=bucket, Key="a")
    s3.list_objects_v2(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="a")
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "b"}]})
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=bucket, Key="a")
    metrics.flush()
    counted = {
        name: total(alice, bucket, name)
        for name in metrics.REQUEST_METRICS
        if name.endswith(("Requests", "Errors"))
    }
    assert counted == {
        "AllRequests": 7,
        "GetRequests": 2,
        "PutRequests": 1,
        "DeleteRequests": 1,
        "HeadRequests": 1,
        "PostRequests": 1,
        "ListRequests": 1,
        "4xxErrors": 1,
        "5xxErrors": 0,
    }
    assert total(alice, bucket, "BytesUploaded") >= 5
    assert total(alice, bucket, "TotalRequestLatency") > 0


def test_what_two_processes_counted_is_added(s3: Any, bucket: str, alice: User) -> None:
    for _ in range(2):
        s3.list_objects_v2(Bucket=bucket)
        metrics.flush()
    assert total(alice, bucket, "ListRequests") == 2
    assert metrics.flush() == 0


@pytest.mark.django_db(transaction=True)
def test_a_process_adds_what_it_counted_by_itself(
    s3: Any, bucket: str, alice: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    timers: list[Timer] = []

    def noted(seconds: float, function: Any) -> Timer:
        timers.append(Timer(seconds, function))
        return timers[-1]

    monkeypatch.setattr("s3.metrics.threading.Timer", noted)
    settings.S3_METRICS_SECONDS = 0.01
    for _ in range(3):
        s3.list_objects_v2(Bucket=bucket)
    for timer in timers:
        timer.join()
    assert total(alice, bucket, "ListRequests") == 3


def test_a_filter_counts_its_prefix(s3: Any, bucket: str, alice: User) -> None:
    s3.put_bucket_metrics_configuration(
        Bucket=bucket,
        Id="docs",
        MetricsConfiguration={"Id": "docs", "Filter": {"Prefix": "docs/"}},
    )
    metrics._counted.clear()
    for key in ("docs/a", "docs/b", "other"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    metrics.flush()
    assert total(alice, bucket, "PutRequests") == 3
    assert total(alice, bucket, "PutRequests", filter_id="docs") == 2


def test_sizes_are_told_by_storage_class(s3: Any, bucket: str, alice: User) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"12345")
    s3.put_object(Bucket=bucket, Key="b", Body=b"123", StorageClass="STANDARD_IA")
    ctx = ctx_for(alice)
    today = (ctx.now, ctx.now, 86400)
    live = metrics.series(ctx, bucket, "BucketSizeBytes", *today)
    metrics.measure()
    kept = metrics.series(ctx, bucket, "BucketSizeBytes", *today)
    assert live == kept
    assert {one["StorageType"]: one["Value"] for one in kept} == {
        "StandardStorage": 5,
        "StandardIAStorage": 3,
    }
    assert metrics.series(ctx, bucket, "NumberOfObjects", *today)[0]["Value"] == 2


def test_measuring_again_replaces_the_day(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"12345")
    metrics.measure()
    s3.delete_object(Bucket=bucket, Key="a")
    metrics.measure()
    assert not StorageDay.objects.exists()


def test_old_minutes_are_forgotten_by_the_account_s_clock(
    s3: Any, bucket: str, account: Account
) -> None:
    metrics.flush()
    account.clock_offset += timedelta(days=16)
    account.save()
    metrics.forget_old()
    assert not RequestMinute.objects.exists()


def test_another_account_reads_nothing(s3: Any, bucket: str, mallory: User, nobody: User) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    metrics.flush()
    metrics.measure()
    assert total(mallory, bucket, "AllRequests") == 0
    assert total(mallory, bucket, "NumberOfObjects") == 0
    with pytest.raises(Denied):
        total(nobody, bucket, "AllRequests")
