"""Metrics, analytics and intelligent-tiering configurations: many of a kind, each with an id."""

from collections.abc import Callable
from typing import Any

import pytest

from iam.models import User
from s3 import by_id
from tests.s3.checks import refused

TIERINGS = [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]
SAMPLES: dict[str, dict[str, Any]] = {
    "metrics": {"Id": "one", "Filter": {"Prefix": "docs/"}},
    "analytics": {"Id": "one", "StorageClassAnalysis": {}},
    "intelligent_tiering": {"Id": "one", "Status": "Enabled", "Tierings": TIERINGS},
}
each_kind = pytest.mark.parametrize("kind", SAMPLES)


def member(kind: str) -> str:
    return "".join(word.title() for word in kind.split("_")) + "Configuration"


def put(s3: Any, bucket: str, kind: str, config_id: str = "one", **more: Any) -> None:
    wanted = {**SAMPLES[kind], "Id": config_id, **more}
    call = getattr(s3, f"put_bucket_{kind}_configuration")
    call(Bucket=bucket, Id=config_id, **{member(kind): wanted})


def listed(s3: Any, bucket: str, kind: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = getattr(s3, f"list_bucket_{kind}_configurations")(
        Bucket=bucket, **more
    )
    return answer


@each_kind
def test_it_answers_lists_and_deletes(s3: Any, bucket: str, kind: str) -> None:
    get = getattr(s3, f"get_bucket_{kind}_configuration")
    delete = getattr(s3, f"delete_bucket_{kind}_configuration")
    assert listed(s3, bucket, kind)["IsTruncated"] is False
    put(s3, bucket, kind)
    put(s3, bucket, kind, "two")
    assert get(Bucket=bucket, Id="one")[member(kind)] == SAMPLES[kind]
    found = listed(s3, bucket, kind)[f"{member(kind)}List"]
    assert [one["Id"] for one in found] == ["one", "two"]
    delete(Bucket=bucket, Id="one")
    for call in (get, delete):
        with refused("NoSuchConfiguration", 404):
            call(Bucket=bucket, Id="one")


@each_kind
def test_the_list_pages(s3: Any, bucket: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_id, "PAGE", 2)
    for name in ("c", "a", "b"):
        put(s3, bucket, kind, name)
    page = listed(s3, bucket, kind)
    assert page["IsTruncated"]
    rest = listed(s3, bucket, kind, ContinuationToken=page["NextContinuationToken"])
    names = [one["Id"] for one in (*page[f"{member(kind)}List"], *rest[f"{member(kind)}List"])]
    assert names == ["a", "b", "c"]
    with refused("InvalidArgument", 400):
        listed(s3, bucket, kind, ContinuationToken="made-up")


@each_kind
def test_ids_and_limits(s3: Any, bucket: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with refused("InvalidArgument", 400):
        put(s3, bucket, kind, "no spaces")
    call = getattr(s3, f"put_bucket_{kind}_configuration")
    with refused("InvalidArgument", 400):
        call(Bucket=bucket, Id="other", **{member(kind): SAMPLES[kind]})
    monkeypatch.setattr(by_id, "MAX_CONFIGURATIONS", 1)
    put(s3, bucket, kind)
    put(s3, bucket, kind)
    with refused("TooManyConfigurations", 400):
        put(s3, bucket, kind, "two")


@each_kind
def test_only_who_may(
    s3: Any, bucket: str, kind: str, nobody: User, mallory: User, client_of: Callable[..., Any]
) -> None:
    for stranger in (nobody, mallory):
        with refused("AccessDenied", 403):
            put(client_of(stranger), bucket, kind)
        with refused("AccessDenied", 403):
            listed(client_of(stranger), bucket, kind)


@pytest.mark.parametrize(
    ("kind", "more", "code"),
    [
        ("metrics", {"Filter": {"And": {"Prefix": "a"}}}, "MalformedXML"),
        ("metrics", {"Filter": {"Tag": {"Key": "aws:x", "Value": "y"}}}, "InvalidTag"),
        ("intelligent_tiering", {"Tierings": [{**TIERINGS[0], "Days": 89}]}, "InvalidArgument"),
        ("intelligent_tiering", {"Tierings": [{**TIERINGS[0], "Days": 731}]}, "InvalidArgument"),
        ("intelligent_tiering", {"Tierings": TIERINGS * 2}, "InvalidRequest"),
    ],
)
def test_configurations_that_cannot_be(
    s3: Any, bucket: str, kind: str, more: dict[str, Any], code: str
) -> None:
    with refused(code, 400):
        put(s3, bucket, kind, **more)


def test_an_export_needs_a_bucket_in_the_region(s3: Any, bucket: str) -> None:
    def export(arn: str) -> dict[str, Any]:
        target = {"S3BucketDestination": {"Format": "CSV", "Bucket": arn}}
        return {"DataExport": {"OutputSchemaVersion": "V_1", "Destination": target}}

    put(s3, bucket, "analytics", StorageClassAnalysis=export("arn:aws:s3:::samples"))
    with refused("InvalidArgument", 400):
        put(s3, bucket, "analytics", StorageClassAnalysis=export("arn:aws:s3:::nowhere"))
