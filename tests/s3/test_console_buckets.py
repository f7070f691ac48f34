"""The console's pages of buckets: the list, creating, emptying, deleting, the snapshot."""

from collections.abc import Callable
from html import unescape
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aws.models import Account, Event
from iam.models import User
from s3 import jobs, operations
from s3 import tasks as tasks  # noqa: PLC0414 - registers what a worker does
from s3.models import Bucket, Job, ObjectVersion
from s3.operations.buckets import BLOCK_ALL
from tests import factories
from tests.factories import allow

Console = Callable[..., Client]
HTMX = {"HX-Request": "true"}
NEW = {
    "region": "ap-northeast-2",
    "namespace": "global",
    "name": "my-photos",
    "acls": "off",
    "block_all": "on",
    "block_public_acls": "on",
    "ignore_public_acls": "on",
    "block_public_policy": "on",
    "restrict_public_buckets": "on",
    "versioning": "off",
    "encryption": "AES256",
    "bucket_key": "on",
    "object_lock": "off",
}
NO_BLOCKS = {name: "" for name in NEW if name.startswith(("block", "ignore", "restrict"))}


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


def create(page: Client, **changes: str) -> Any:
    """Posts the page; "" leaves a field out, as a box that is not ticked."""
    data = {name: value for name, value in {**NEW, **changes}.items() if value}
    return page.post("/s3/buckets/create", data)


def flashes(page: Client) -> str:
    return text(page.get("/s3/buckets"))


@pytest.fixture
def page(console: Console, alice: User) -> Client:
    client = console(alice)
    client.cookies["groundschool-language"] = "en"
    return client


class TestList:
    def test_it_tells_of_public_buckets(self, page: Client, account: Account) -> None:
        factories.bucket(account, "private-one", public_access_block=BLOCK_ALL)
        assert "Publicly accessible" not in text(page.get("/s3/buckets", headers=HTMX))
        policy = allow("s3:GetObject", "arn:aws:s3:::public-one/*", Principal="*")
        factories.bucket(account, "public-one", policy=policy)
        shown = text(page.get("/s3/buckets", headers=HTMX))
        assert shown.count("Publicly accessible") == 1

    def test_who_may_list_but_not_look_sees_no_badge(
        self, console: Console, account: Account, nobody: User
    ) -> None:
        factories.grant(nobody, policies=[allow("s3:ListAllMyBuckets")])
        policy = allow("s3:GetObject", "arn:aws:s3:::public-one/*", Principal="*")
        factories.bucket(account, "public-one", policy=policy)
        shown = text(console(nobody).get("/s3/buckets", headers=HTMX))
        assert "public-one" in shown
        assert 'class="badge' not in shown

    def test_who_may_not_list_is_told_why(
        self, console: Console, account: Account, nobody: User
    ) -> None:
        factories.bucket(account, "class-notes")
        answer = console(nobody).get("/s3/buckets")
        assert answer.status_code == 403
        assert "s3:ListAllMyBuckets" in text(answer)
        assert "class-notes" not in text(answer)

    def test_it_searches_and_sorts(self, page: Client, account: Account) -> None:
        factories.bucket(account, "logs", bucket_region="us-east-1")
        factories.bucket(account, "photos")
        assert "logs" not in text(page.get("/s3/buckets?q=photo", headers=HTMX))
        ordered = text(page.get("/s3/buckets?sort=-name", headers=HTMX))
        assert ordered.index(">photos<") < ordered.index(">logs<")

    def test_queries_do_not_grow_with_buckets(self, page: Client, account: Account) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                assert page.get("/s3/buckets").status_code == 200
            return len(captured)

        policy = allow("s3:GetObject", "*", Principal="*")
        factories.bucket(account, "one", policy=policy)
        page.get("/s3/buckets")
        few = queries()
        for number in range(40):
            factories.bucket(account, f"more-{number}", policy=policy)
        assert queries() == few

    def test_buttons_lead_to_the_chosen_bucket(self, page: Client) -> None:
        answer = page.get("/s3/buckets/go?to=empty&name=class-notes")
        assert answer["Location"] == "/s3/buckets/class-notes/empty"
        assert page.get("/s3/buckets/go?to=empty")["Location"] == "/s3/buckets"
        assert page.get("/s3/buckets/go?to=//evil&name=x")["Location"] == "/s3/buckets"

    def test_the_search_of_the_shell_finds_buckets(self, page: Client, account: Account) -> None:
        factories.bucket(account, "class-notes")
        assert "/s3/buckets/class-notes" in text(page.get("/search?q=notes"))


class TestSnapshot:
    def test_it_adds_up_what_is_stored(self, page: Client, account: Account, alice: User) -> None:
        stored(account, alice, "photos", {"a": b"x" * 2048, "b": b"x" * 2048})
        shown = text(page.get("/s3/snapshot", headers=HTMX))
        assert "4.0\xa0KB" in shown
        assert "< $0.01" in shown

    def test_it_needs_the_permission_of_storage_lens(
        self, console: Console, account: Account, alice: User, nobody: User
    ) -> None:
        stored(account, alice, "photos", {"a": b"x" * 2048})
        answer = console(nobody).get("/s3/snapshot")
        assert "s3:GetStorageLensDashboard" in text(answer)
        assert "2.0\xa0KB" not in text(answer)

    def test_another_account_is_not_counted(
        self, console: Console, account: Account, alice: User, mallory: User
    ) -> None:
        stored(account, alice, "photos", {"a": b"x" * 2048})
        assert "2.0\xa0KB" not in text(console(mallory).get("/s3/snapshot"))


class TestCreate:
    def test_a_bucket_is_private_by_default(self, page: Client) -> None:
        answer = create(page)
        assert answer.status_code == 302
        bucket = Bucket.objects.get(name="my-photos")
        assert bucket.public_access_block == BLOCK_ALL
        assert bucket.bucket_region == "ap-northeast-2"
        changes = Event.objects.filter(read_only=False).values_list("event_name", flat=True)
        assert list(changes) == ["CreateBucket"]
        assert 'Successfully created bucket "my-photos"' in flashes(page)

    def test_every_setting_reaches_the_bucket(self, page: Client) -> None:
        create(
            page,
            **NO_BLOCKS,
            public_acknowledged="on",
            acls="on",
            ownership="ObjectWriter",
            acls_acknowledged="on",
            versioning="on",
            encryption="aws:kms",
            bucket_key="off",
            region="us-east-1",
            **{"tag-key-0": "team", "tag-value-0": "blue"},
        )
        bucket = Bucket.objects.get(name="my-photos")
        assert not any(bucket.public_access_block.values())
        assert bucket.object_ownership == "ObjectWriter"
        assert bucket.versioning == "Enabled"
        assert bucket.tags == {"team": "blue"}
        assert bucket.bucket_region == "us-east-1"
        rule = bucket.configurations["encryption"]["Rules"][0]
        assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms"}
        changes = Event.objects.filter(read_only=False).values_list("event_name", flat=True)
        assert set(changes) == {
            "CreateBucket",
            "PutPublicAccessBlock",
            "PutBucketVersioning",
            "PutBucketTagging",
            "PutBucketEncryption",
        }

    def test_object_lock_brings_versioning(self, page: Client) -> None:
        create(page, object_lock="on", lock_acknowledged="on")
        bucket = Bucket.objects.get(name="my-photos")
        assert bucket.object_lock
        assert bucket.versioning == "Enabled"

    def test_the_account_regional_namespace_appends_its_suffix(self, page: Client) -> None:
        create(page, namespace="account-regional")
        assert Bucket.objects.get().name == "my-photos-111122223333-ap-northeast-2-an"

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"name": "ab"}, "The bucket name must be from 3 to 63 characters."),
            ({"name": "My-photos"}, "The bucket name must not contain uppercase characters."),
            ({"name": "-photos"}, "must start with a lowercase character or number."),
            ({"name": "my_photos"}, "The specified bucket is not valid."),
            ({"name": "my-photos-an"}, "The specified bucket is not valid."),
            (NO_BLOCKS, "You must acknowledge this to continue."),
            ({"block_public_acls": ""}, "Clear this box to turn settings off one by one."),
            ({"acls": "on", "ownership": "ObjectWriter"}, "You must acknowledge this"),
            ({"object_lock": "on"}, "You must acknowledge this"),
            ({"region": "mars-1"}, "not one of the available choices"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
        self, page: Client, changes: dict[str, str], sentence: str
    ) -> None:
        answer = create(page, **{"tag-key-0": "kept-tag", **changes})
        assert answer.status_code == 422
        assert sentence in text(answer)
        assert "kept-tag" in text(answer)
        assert f'value="{changes.get("name", NEW["name"])}"' in text(answer)
        assert not Bucket.objects.exists()

    def test_a_taken_name_is_refused_beside_the_field(
        self, page: Client, account: Account, other_account: Account
    ) -> None:
        factories.bucket(other_account, "my-photos")
        assert "The requested bucket name is not available." in text(create(page))
        factories.bucket(account, "my-notes")
        assert "you already own it" in text(create(page, name="my-notes"))

    def test_a_denied_step_leaves_the_bucket_and_says_so(
        self, console: Console, nobody: User
    ) -> None:
        factories.grant(nobody, policies=[allow(["s3:CreateBucket", "s3:ListAllMyBuckets"], "*")])
        browser = console(nobody)
        browser.cookies["groundschool-language"] = "en"
        create(browser, versioning="on", **{"tag-key-0": "team"})
        assert Bucket.objects.filter(name="my-photos", versioning="", tags={}).exists()
        shown = flashes(browser)
        assert "this setting failed: Bucket Versioning" in shown
        assert "this setting failed: Tags" in shown
        assert "s3:PutBucketVersioning" in shown

    def test_who_may_not_create_keeps_the_page(self, console: Console, bob: User) -> None:
        answer = create(console(bob))
        assert answer.status_code == 422
        assert "s3:CreateBucket" in text(answer)
        assert not Bucket.objects.exists()

    def test_settings_are_copied_from_a_bucket(self, page: Client, account: Account) -> None:
        factories.bucket(
            account,
            "model",
            versioning="Enabled",
            public_access_block=BLOCK_ALL,
            tags={"team": "copied"},
        )
        data = {"copy": "yes", "copy_from": "model", "name": "typed-name"}
        answer = page.post("/s3/buckets/create", data)
        assert answer.status_code == 200
        assert 'value="typed-name"' in text(answer)
        assert 'value="copied"' in text(answer)
        assert not Bucket.objects.filter(name="typed-name").exists()

    def test_nothing_is_copied_from_another_account(
        self, page: Client, other_account: Account
    ) -> None:
        factories.bucket(other_account, "theirs", tags={"team": "secret"})
        answer = page.post("/s3/buckets/create", {"copy": "yes", "copy_from": "theirs"})
        assert answer.status_code == 403
        assert "secret" not in text(answer)


def stored(account: Account, alice: User, bucket: str, objects: dict[str, bytes]) -> None:
    if not Bucket.objects.filter(name=bucket).exists():
        factories.bucket(account, bucket)
    for key, body in objects.items():
        operations.put_object(factories.ctx_for(alice), bucket=bucket, key=key, body=body)


class TestEmpty:
    def test_the_word_has_to_be_typed(self, page: Client, account: Account, alice: User) -> None:
        stored(account, alice, "photos", {"a": b"1"})
        answer = page.post("/s3/buckets/photos/empty", {"confirm": "delete"})
        assert answer.status_code == 422
        assert ObjectVersion.objects.exists()

    def test_all_versions_and_markers_go(self, page: Client, account: Account, alice: User) -> None:
        factories.bucket(account, "photos", versioning="Enabled")
        stored(account, alice, "photos", {"a": b"1", "b": b"2"})
        stored(account, alice, "photos", {"a": b"3"})
        operations.delete_object(factories.ctx_for(alice), bucket="photos", key="b")
        answer = page.post("/s3/buckets/photos/empty", {"confirm": "permanently delete"})
        assert not ObjectVersion.objects.exists()
        shown = text(page.get(answer["Location"]))
        assert "The bucket is empty" in shown
        assert "Successfully deleted" in shown

    def test_many_objects_go_in_batches(
        self, page: Client, account: Account, alice: User, worker: Any
    ) -> None:
        stored(account, alice, "photos", {f"{number}": b"1" for number in range(7)})
        with (
            worker(),
            mock.patch("s3.emptying.PAGE", 3),
            mock.patch.object(jobs.Deadline, "is_over", True),
        ):
            page.post("/s3/buckets/photos/empty", {"confirm": "permanently delete"})
            job = Job.objects.get()
            assert job.is_changing
        for _again in range(3):
            jobs.work(job.pk)
        job.refresh_from_db()
        assert (job.state, job.done, job.total) == ("Complete", 7, 7)
        assert not ObjectVersion.objects.exists()

    def test_what_is_held_stays_and_is_listed(
        self, page: Client, account: Account, alice: User
    ) -> None:
        factories.bucket(account, "photos", versioning="Enabled", object_lock=True)
        stored(account, alice, "photos", {"free": b"1", "held": b"1"})
        operations.put_object_legal_hold(
            factories.ctx_for(alice), bucket="photos", key="held", legal_hold={"Status": "ON"}
        )
        answer = page.post("/s3/buckets/photos/empty", {"confirm": "permanently delete"})
        shown = text(page.get(answer["Location"]))
        assert "Failed to delete some objects" in shown
        assert "AccessDenied" in shown
        assert list(ObjectVersion.objects.values_list("key", flat=True)) == ["held"]

    def test_who_may_not_delete_deletes_nothing(
        self, console: Console, account: Account, alice: User, bob: User
    ) -> None:
        stored(account, alice, "photos", {"a": b"1"})
        browser = console(bob)
        answer = browser.post("/s3/buckets/photos/empty", {"confirm": "permanently delete"})
        assert "AccessDenied" in text(browser.get(answer["Location"]))
        assert ObjectVersion.objects.exists()

    def test_another_persons_job_is_not_shown(
        self, page: Client, console: Console, account: Account, alice: User, bob: User
    ) -> None:
        stored(account, alice, "photos", {"a": b"1"})
        answer = page.post("/s3/buckets/photos/empty", {"confirm": "permanently delete"})
        assert "Successfully deleted" not in text(console(bob).get(answer["Location"]))


class TestDelete:
    def test_the_name_has_to_be_typed(self, page: Client, account: Account) -> None:
        factories.bucket(account, "photos")
        assert page.post("/s3/buckets/photos/delete", {"confirm": "photo"}).status_code == 422
        assert page.post("/s3/buckets/photos/delete", {"confirm": "photos"}).status_code == 302
        assert not Bucket.objects.exists()

    def test_a_full_bucket_leads_to_emptying_it(
        self, page: Client, account: Account, alice: User
    ) -> None:
        stored(account, alice, "photos", {"a": b"1"})
        assert "This bucket is not empty" in text(page.get("/s3/buckets/photos/delete"))
        answer = page.post("/s3/buckets/photos/delete", {"confirm": "photos"})
        assert answer.status_code == 409
        assert "BucketNotEmpty" in text(answer)
        assert "/s3/buckets/photos/empty" in text(answer)

    def test_others_delete_nothing(
        self, console: Console, account: Account, bob: User, mallory: User
    ) -> None:
        factories.bucket(account, "photos")
        for who in (bob, mallory):
            answer = console(who).post("/s3/buckets/photos/delete", {"confirm": "photos"})
            assert answer.status_code == 403
        assert Bucket.objects.exists()
