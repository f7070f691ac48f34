"""Pages of backup and restore, replication rules and archives."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client

from aws import clock
from aws.models import Account
from iam.models import InlinePolicy, Role, User
from s3 import operations, roles
from s3 import tasks as tasks  # noqa: PLC0414 - registers them
from s3.models import Job, Replication
from tests import factories
from tests.s3 import raw

Console = Callable[..., Client]
Worker = Callable[[], AbstractContextManager[Any]]
NOON = datetime(2040, 3, 1, 12, 0, tzinfo=UTC)
THEN = (NOON + timedelta(seconds=90)).strftime("%Y-%m-%dT%H:%M:%S")


@pytest.fixture(autouse=True)
def _clean(settings: Any) -> Any:
    settings.TIME_ZONE = "UTC"
    yield
    roles._sessions.clear()


@pytest.fixture
def notes(alice: User, s3: Any, bucket: str) -> str:
    """One object: put at noon, changed two minutes later."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    ctx = factories.ctx_for(alice)
    for minute, body in ((1, b"old"), (2, b"new")):
        with clock.freeze(NOON + timedelta(minutes=minute)):
            operations.put_object(ctx, bucket=bucket, key="a", body=body)
    return bucket


def page(bucket: str, rest: str = "", **query: str) -> str:
    return f"/s3/buckets/{bucket}/backup{rest}" + (f"?{urlencode(query)}" if query else "")


def wishes(**more: str) -> dict[str, str]:
    return {"at": THEN, "prefix": "", "target": "here", "to_bucket": "", "to_prefix": "", **more}


# --- Backup and restore -----------------------------------------------------------------------
def test_the_page_says_what_is_missing(console: Console, alice: User, bucket: str) -> None:
    text = console(alice).get(page(bucket)).content.decode()
    assert f"/s3/buckets/{bucket}/edit-versioning" in text
    assert f"/s3/buckets/{bucket}/edit-replication" in text


def test_a_preview_and_the_restore(console: Console, alice: User, notes: str, s3: Any) -> None:
    client = console(alice)
    with clock.freeze(NOON + timedelta(minutes=9)):
        factories.console_session(client, alice)
        shown = client.get(page(notes, "/moment", **wishes())).content.decode()
        assert "To replace by an older version" in shown
        assert not Job.objects.exists()
        answer = client.post(page(notes, "/moment"), wishes())
    job = Job.objects.get()
    assert answer["Location"] == f"/s3/jobs/{job.job_id}"
    assert (job.state, job.done, job.total) == ("Complete", 1, 1)
    assert s3.get_object(Bucket=notes, Key="a")["Body"].read() == b"old"


def test_a_moment_to_come_and_a_bucket_without_versions_are_refused(
    console: Console, alice: User, bucket: str
) -> None:
    client = console(alice)
    answer = client.get(page(bucket, "/moment", **wishes()))
    assert answer.status_code == 422
    past = wishes(at="2020-01-01T00:00:00")
    assert "InvalidBucketState" in client.get(page(bucket, "/moment", **past)).content.decode()
    assert client.post(page(bucket, "/moment"), past).status_code == 422


def test_another_bucket_has_to_be_named(console: Console, alice: User, bucket: str) -> None:
    past = wishes(at="2020-01-01T00:00:00", target="elsewhere", to_bucket=bucket)
    answer = console(alice).get(page(bucket, "/moment", **past))
    assert "Enter another bucket." in answer.content.decode()


def test_who_may_only_look_cannot_restore(console: Console, bob: User, notes: str) -> None:
    client = console(bob)
    with clock.freeze(NOON + timedelta(minutes=9)):
        factories.console_session(client, bob)
        client.post(page(notes, "/moment"), wishes())
    assert (Job.objects.get().done, Job.objects.get().failed) == (0, 1)


def test_an_export_leads_to_the_api(console: Console, alice: User, notes: str) -> None:
    answer = console(alice).get(page(notes, "/export", prefix=""))
    assert answer.status_code == 302
    found = raw.send("GET", answer["Location"])
    with zipfile.ZipFile(io.BytesIO(found.body)) as archive:
        assert archive.namelist() == ["a"]


def test_an_import_unpacks(console: Console, alice: User, s3: Any, bucket: str) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("index.html", "hello")
    s3.put_object(Bucket=bucket, Key="site.zip", Body=made.getvalue())
    client = console(alice)
    assert "site.zip" in client.get(page(bucket, "/import")).content.decode()
    client.post(page(bucket, "/import"), {"key": "site.zip", "to_prefix": "site/"})
    assert s3.get_object(Bucket=bucket, Key="site/index.html")["Body"].read() == b"hello"


def test_what_is_no_zip_is_told_on_the_page(
    console: Console, alice: User, s3: Any, bucket: str
) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    answer = console(alice).post(page(bucket, "/import"), {"key": "a"})
    assert (answer.status_code, Job.objects.count()) == (422, 0)
    assert "The object is not a zip" in answer.content.decode()


# --- Replication ------------------------------------------------------------------------------
def rule(**more: str) -> dict[str, str]:
    return {
        "rule_id": "copy", "status": "Enabled", "priority": "0", "scope": "all", "place": "own",
        "destination": "copies", "role": "new", **more,
    }  # fmt: skip


@pytest.fixture
def pair(s3: Any, bucket: str) -> str:
    where = {"LocationConstraint": "ap-northeast-2"}
    s3.create_bucket(Bucket="copies", CreateBucketConfiguration=where)
    for name in (bucket, "copies"):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def test_a_new_rule_with_a_new_role_replicates(
    console: Console, alice: User, s3: Any, pair: str, worker: Worker
) -> None:
    s3.put_object(Bucket=pair, Key="old", Body=b"1")
    client = console(alice)
    answer = client.post(f"/s3/buckets/{pair}/edit-replication", rule(markers="on"))
    assert answer["Location"] == f"/s3/buckets/{pair}/replicate-existing"
    role = Role.objects.get(role_name=f"s3crr_role_for_{pair}")
    allowed = json.loads(InlinePolicy.objects.get(role=role).document)["Statement"]
    assert {one["Resource"] for one in allowed} == {
        f"arn:aws:s3:::{pair}", f"arn:aws:s3:::{pair}/*", "arn:aws:s3:::copies/*",
    }  # fmt: skip
    with worker():
        s3.put_object(Bucket=pair, Key="new", Body=b"1")
    assert [one["Key"] for one in s3.list_objects_v2(Bucket="copies")["Contents"]] == ["new"]
    with worker():
        client.post(answer["Location"])
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket="copies")["Contents"]]
    assert keys == ["new", "old"]
    assert s3.head_object(Bucket=pair, Key="old")["ReplicationStatus"] == "COMPLETED"


def test_existing_objects_are_told_once_and_asked_for(
    console: Console, alice: User, bob: User, account: Account, s3: Any, pair: str, worker: Worker
) -> None:
    s3.put_object(Bucket=pair, Key="old", Body=b"1")
    console(alice).post(f"/s3/buckets/{pair}/edit-replication", rule())
    console(bob).post(f"/s3/buckets/{pair}/replicate-existing")
    job = Job.objects.get()
    assert (job.done, job.failed, job.failures[0]["Code"]) == (0, 1, "AccessDenied")
    for _ in range(2):
        with worker():
            console(alice).post(f"/s3/buckets/{pair}/replicate-existing")
    assert sorted(Job.objects.values_list("done", flat=True)) == [0, 0, 1]


def test_a_rule_is_shown_changed_and_deleted(
    console: Console, alice: User, s3: Any, pair: str
) -> None:
    client, address = console(alice), f"/s3/buckets/{pair}/edit-replication"
    client.post(address, rule(scope="filter", prefix="a/", tags="k=v", storage_class="STANDARD_IA"))
    tab = client.get(f"/s3/buckets/{pair}?tab=management").content.decode()
    assert "k=v" in tab
    arn = Role.objects.get(role_name__startswith="s3crr").arn
    assert re.search(
        'name="prefix"[^>]* value="a/"', client.get(f"{address}?id=copy").content.decode()
    )
    changed = rule(role=arn, status="Disabled", timed="on", syncs="on")
    answer = client.post(f"{address}?id=copy", changed)
    assert answer["Location"] == f"/s3/buckets/{pair}?tab=management"
    (found,) = s3.get_bucket_replication(Bucket=pair)["ReplicationConfiguration"]["Rules"]
    assert (found["Status"], found["Filter"]) == ("Disabled", {"Prefix": ""})
    assert found["Destination"]["ReplicationTime"]["Time"] == {"Minutes": 15}
    client.post(f"/s3/buckets/{pair}/delete-replication", {"id": "copy", "confirm": "delete"})
    assert (
        "There are no replication rules"
        in client.get(f"/s3/buckets/{pair}?tab=management").content.decode()
    )


def test_a_refused_rule_leaves_no_role(console: Console, alice: User, s3: Any, pair: str) -> None:
    refused = rule(destination="nowhere")
    answer = console(alice).post(f"/s3/buckets/{pair}/edit-replication", refused)
    assert (answer.status_code, Role.objects.count()) == (422, 0)
    assert "Destination bucket must exist." in answer.content.decode()


def test_what_failed_is_shown(
    console: Console, alice: User, account: Account, s3: Any, pair: str, worker: Worker
) -> None:
    client = console(alice)
    client.post(f"/s3/buckets/{pair}/edit-replication", rule())
    InlinePolicy.objects.all().delete()
    with worker():
        s3.put_object(Bucket=pair, Key="secret-key", Body=b"1")
    assert Replication.objects.get().failure["Code"] == "AccessDenied"
    assert "secret-key" in client.get(f"/s3/buckets/{pair}?tab=management").content.decode()


def test_another_account_sees_no_rules(
    console: Console, alice: User, mallory: User, pair: str
) -> None:
    console(alice).post(f"/s3/buckets/{pair}/edit-replication", rule())
    answer = console(mallory).get(f"/s3/buckets/{pair}/replicate-existing")
    assert answer.status_code == 403


# --- Archives ---------------------------------------------------------------------------------
def test_archived_objects_are_restored(
    console: Console, alice: User, s3: Any, bucket: str, settings: Any
) -> None:
    settings.LAB_PACE = "classroom"
    s3.put_object(Bucket=bucket, Key="old", Body=b"1", StorageClass="GLACIER")
    s3.put_object(Bucket=bucket, Key="plain", Body=b"1")
    address = f"/s3/buckets/{bucket}/objects/restore"
    chosen = {"object": [f"/{quote(key, safe='')}" for key in ("old", "plain")], "prefix": ""}
    client = console(alice)
    asked = client.post(address, chosen).content.decode()
    assert "12 hours" in asked
    assert "10 seconds" in asked
    client.post(address, {**chosen, "do": "yes", "days": "2", "tier": "Standard"})
    job = Job.objects.get()
    assert (job.done, job.failed, job.failures[0]["Key"]) == (1, 1, "plain")
    assert s3.head_object(Bucket=bucket, Key="old")["Restore"] == 'ongoing-request="true"'
