"""The console's pages of objects: lists, and what is done to them."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from unittest import mock
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from django.test import Client
from django.urls import reverse

from iam.models import Attachment, User
from s3 import jobs
from s3 import tasks as tasks  # noqa: PLC0414 - registers what a worker does
from s3.forms.actions import ACTIONS
from s3.models import Job
from tests import factories
from tests.s3.raw import send

ODD = "folder/a b+c%20#?&='\"<script>/한글\n파일.txt"
Console = Callable[..., Client]


@pytest.fixture
def page(browser_of_alice: Client) -> Callable[..., str]:
    """`page("bucket-detail", bucket, prefix="a/")`: the text of a page."""

    def get(name: str, *args: str, **query: str) -> str:
        answer = browser_of_alice.get(reverse(f"s3:{name}", args=args), query)
        assert answer.status_code == 200, answer
        return answer.content.decode()

    return get


@pytest.fixture
def act(browser_of_alice: Client, bucket: str) -> Callable[..., Job]:
    """`act("copy", ["a/"], destination="s3://b/")`: sends an action's form; answers its job."""

    def do(action: str, keys: list[str], version: str = "", **fields: str) -> Job:
        chosen = [f"{version}/{quote(key, safe='')}" for key in keys]
        data = {"do": "yes", "object": chosen, "prefix": "", **fields}
        answer = browser_of_alice.post(reverse("s3:object-action", args=[bucket, action]), data)
        assert answer.status_code == 302, unescape(answer.content.decode())
        return Job.objects.get(job_id=answer["Location"].rstrip("/").rpartition("/")[2])

    return do


def put(s3: Any, bucket: str, *keys: str) -> None:
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())


def keys_in(s3: Any, bucket: str) -> list[str]:
    return [one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", ())]


def names(text: str) -> list[str]:
    """Of a list's rows, as they stand."""
    rows = text.partition("<tbody>")[2].partition("</tbody>")[0]
    found = re.findall(r'class="object-name">.*?<a href="[^"]*">(.*?)</a>', rows)
    return [unescape(name) for name in found]


class TestList:
    def test_folders_come_first(self, page: Any, s3: Any, bucket: str) -> None:
        put(s3, bucket, "a.txt", "z/1", "z/2")
        assert names(page("bucket-detail", bucket)) == ["z/", "a.txt"]

    def test_a_folder_shows_what_is_in_it_but_not_itself(
        self, page: Any, s3: Any, bucket: str
    ) -> None:
        put(s3, bucket, "z/", "z/1", "z/y/2", "other")
        assert names(page("bucket-detail", bucket, prefix="z/")) == ["y/", "1"]

    def test_a_search_is_for_what_keys_begin_with(self, page: Any, s3: Any, bucket: str) -> None:
        put(s3, bucket, "z/one", "z/other", "z/two")
        assert names(page("bucket-detail", bucket, prefix="z/", q="o")) == ["one", "other"]

    def test_it_has_pages(self, page: Any, s3: Any, bucket: str) -> None:
        with mock.patch("s3.object_pages.SIZE", 2):
            put(s3, bucket, "a", "b", "c", "d", "e")
            text, seen = page("bucket-detail", bucket), []
            while True:
                seen += names(text)
                following = re.search(r'href="\?([^"]*)"[^>]*aria-label="Next page"', text)
                if following is None:
                    break
                text = page("bucket-detail", bucket, **dict(parse_qsl(unescape(following[1]))))
        assert seen == ["a", "b", "c", "d", "e"]

    def test_it_sorts_by_size(self, page: Any, s3: Any, bucket: str) -> None:
        put(s3, bucket, "a", "long", "mid")
        assert names(page("bucket-detail", bucket, sort="-size")) == ["long", "mid", "a"]

    def test_versions_and_delete_markers_show_on_demand(
        self, page: Any, s3: Any, bucket: str
    ) -> None:
        versioned(s3, bucket)
        put(s3, bucket, "a", "a")
        s3.delete_object(Bucket=bucket, Key="a")
        assert names(page("bucket-detail", bucket)) == []
        text = page("bucket-detail", bucket, versions="on")
        assert names(text) == ["a", "a", "a"]
        assert text.count("Delete marker") == 1

    def test_odd_keys_are_text_and_lead_to_their_page(
        self, page: Any, s3: Any, bucket: str, browser_of_alice: Client
    ) -> None:
        put(s3, bucket, ODD)
        text = page("bucket-detail", bucket, prefix=ODD.rpartition("/")[0] + "/")
        assert "<script>/" not in text
        address = unescape(re.findall(r'class="object-name"><a href="([^"]*)"', text)[0])
        assert browser_of_alice.get(address).context["chosen"].key == ODD

    def test_who_may_not_list_reads_why_and_may_still_upload(
        self, console: Console, nobody: User, bucket: str
    ) -> None:
        factories.grant(nobody, policies=[factories.allow("s3:GetBucketLocation")])
        answer = console(nobody).get(reverse("s3:bucket-detail", args=[bucket]))
        text = answer.content.decode()
        assert "s3:ListBucket" in text
        assert reverse("s3:upload", args=[bucket]) in text

    def test_rows_alone_for_htmx(self, browser_of_alice: Client, s3: Any, bucket: str) -> None:
        put(s3, bucket, "a")
        headers = {"HX-Request": "true", "HX-Target": "rows"}
        answer = browser_of_alice.get(reverse("s3:bucket-detail", args=[bucket]), headers=headers)
        assert answer.content.decode().lstrip().startswith("<section")


class TestFiles:
    def test_a_download_is_sent_to_the_api(
        self, browser_of_alice: Client, s3: Any, bucket: str
    ) -> None:
        put(s3, bucket, ODD)
        answer = browser_of_alice.get(reverse("s3:download", args=[bucket]), {"key": ODD})
        read = send("GET", answer["Location"])
        assert read.body == ODD.encode()
        assert read.headers["Content-Disposition"].startswith("attachment")

    def test_a_version_opens(self, browser_of_alice: Client, s3: Any, bucket: str) -> None:
        versioned(s3, bucket)
        old = s3.put_object(Bucket=bucket, Key="a", Body=b"old")["VersionId"]
        put(s3, bucket, "a")
        query = {"key": "a", "versionId": old}
        answer = browser_of_alice.get(reverse("s3:open", args=[bucket]), query)
        assert send("GET", answer["Location"]).body == b"old"

    def test_a_share_lives_as_long_as_chosen(
        self, browser_of_alice: Client, s3: Any, bucket: str
    ) -> None:
        put(s3, bucket, "a")
        wish = {"object": "/a", "unit": "hours", "amount": "12"}
        answer = browser_of_alice.post(reverse("s3:share", args=[bucket]), wish)
        assert "X-Amz-Expires=43200" in answer.context["url"]
        refused = browser_of_alice.post(
            reverse("s3:share", args=[bucket]), {**wish, "amount": "13"}
        )
        assert (refused.status_code, refused.context["url"]) == (422, "")

    def test_a_page_of_objects_may_reach_the_api_and_other_pages_may_not(
        self, browser_of_alice: Client, s3: Any, bucket: str
    ) -> None:
        put(s3, bucket, "a.png")
        name = "Content-Security-Policy"
        page = browser_of_alice.get(reverse("s3:object-detail", args=[bucket]), {"prefix": "a.png"})
        assert "img-src 'self' data: http://localhost:4566" in page[name]
        assert "4566" not in browser_of_alice.get(reverse("s3:bucket-list"))[name]

    def test_what_could_run_is_framed_without_rights(self, page: Any, s3: Any, bucket: str) -> None:
        put(s3, bucket, "a.html", "b.svg", "c.js")
        assert re.search(r"<iframe [^>]* sandbox ", page("object-detail", bucket, prefix="a.html"))
        assert '<img class="preview"' in page("object-detail", bucket, prefix="b.svg")
        assert 'data-preview="text"' in page("object-detail", bucket, prefix="c.js")


class TestActions:
    def test_a_folder_is_copied_with_all_in_it(self, act: Any, s3: Any, bucket: str) -> None:
        put(s3, bucket, "a/1", "a/b/2", ODD, "other")
        job = act("copy", ["a/", ODD], destination=f"s3://{bucket}/to/", copy_settings="source")
        assert (job.state, job.done, job.failed) == ("Complete", 3, 0)
        assert {"to/a/1", "to/a/b/2", f"to/{ODD}"} < set(keys_in(s3, bucket))

    def test_the_copy_keeps_its_source_s_class(self, act: Any, s3: Any, bucket: str) -> None:
        s3.put_object(Bucket=bucket, Key="a", StorageClass="STANDARD_IA")
        act("copy", ["a"], destination=f"s3://{bucket}/to/", copy_settings="source")
        assert s3.head_object(Bucket=bucket, Key="to/a")["StorageClass"] == "STANDARD_IA"
        act("copy", ["a"], destination=f"s3://{bucket}/to/", copy_settings="default")
        assert "StorageClass" not in s3.head_object(Bucket=bucket, Key="to/a")

    @pytest.mark.parametrize(
        ("destination", "says"),
        [
            ("nowhere", "must begin with s3://"),
            ("s3://samples/to", "ends with a slash"),
            ("s3://samples/a/b/", "lies inside"),
        ],
    )
    def test_destinations_that_cannot_be(
        self, destination: str, says: str, browser_of_alice: Client, bucket: str
    ) -> None:
        data = {"do": "yes", "object": "/a%2F", "destination": destination,
                "copy_settings": "source"}  # fmt: skip
        answer = browser_of_alice.post(reverse("s3:object-action", args=[bucket, "copy"]), data)
        assert (answer.status_code, says in answer.content.decode()) == (422, True)

    def test_moving_leaves_nothing_behind(self, act: Any, s3: Any, bucket: str) -> None:
        put(s3, bucket, "a/1", "a/2")
        act("move", ["a/"], destination=f"s3://{bucket}/to/", copy_settings="source")
        assert keys_in(s3, bucket) == ["to/a/1", "to/a/2"]

    def test_moving_to_the_same_place_loses_nothing(self, act: Any, s3: Any, bucket: str) -> None:
        put(s3, bucket, "a/1", "2")
        job = act("move", ["2"], destination=f"s3://{bucket}/", copy_settings="source")
        assert (job.done, job.failed) == (0, 1)
        assert keys_in(s3, bucket) == ["2", "a/1"]

    def test_what_cannot_be_copied_is_not_deleted(self, act: Any, s3: Any, bucket: str) -> None:
        put(s3, bucket, "a")
        job = act("move", ["a"], destination="s3://is-not-there/", copy_settings="source")
        assert (job.failed, job.failures[0]["Code"]) == (1, "NoSuchBucket")
        assert keys_in(s3, bucket) == ["a"]

    def test_an_object_gets_another_name(self, act: Any, s3: Any, bucket: str) -> None:
        put(s3, bucket, "f/a")
        act("rename", ["f/a"], new_name="b c?")
        assert keys_in(s3, bucket) == ["f/b c?"]

    def test_metadata_changes_and_the_rest_stays(self, act: Any, s3: Any, bucket: str) -> None:
        s3.put_object(Bucket=bucket, Key="a", Tagging="t=1", StorageClass="STANDARD_IA")
        fields = {"meta-key-0": "author", "meta-value-0": "kim", "content_type": "text/x"}
        act("metadata", ["a"], **fields)
        head = s3.head_object(Bucket=bucket, Key="a")
        assert (head["Metadata"], head["ContentType"]) == ({"author": "kim"}, "text/x")
        assert (head["StorageClass"], head["TagCount"]) == ("STANDARD_IA", 1)

    def test_tags_and_class_change(self, act: Any, s3: Any, bucket: str) -> None:
        put(s3, bucket, "a")
        act("tags", ["a"], **{"tag-key-0": "team", "tag-value-0": "blue"})
        act("storage-class", ["a"], storage_class="ONEZONE_IA")
        tags = s3.get_object_tagging(Bucket=bucket, Key="a")["TagSet"]
        assert tags == [{"Key": "team", "Value": "blue"}]
        assert s3.head_object(Bucket=bucket, Key="a")["StorageClass"] == "ONEZONE_IA"

    def test_the_total_size(self, act: Any, s3: Any, bucket: str) -> None:
        put(s3, bucket, "a/12", "a/1234", "b")
        job = act("size", ["a/", "b"])
        assert (job.done, job.done_bytes) == (3, 11)

    def test_a_form_sent_twice_begins_one_job(self, act: Any, s3: Any, bucket: str) -> None:
        put(s3, bucket, "a")
        fields = {"job_id": "12345678-1234-5678-1234-567812345678", "confirm": "permanently delete"}
        assert act("delete", ["a"], **fields).pk == act("delete", ["a"], **fields).pk


class TestDeleting:
    def test_the_word_has_to_be_typed(self, browser_of_alice: Client, s3: Any, bucket: str) -> None:
        put(s3, bucket, "a")
        data = {"do": "yes", "object": "/a", "confirm": "delete"}
        answer = browser_of_alice.post(reverse("s3:object-action", args=[bucket, "delete"]), data)
        assert (answer.status_code, keys_in(s3, bucket)) == (422, ["a"])

    def test_a_folder_goes_with_all_in_it(self, act: Any, s3: Any, bucket: str) -> None:
        put(s3, bucket, "a/", "a/1", ODD, "b")
        with mock.patch("s3.object_jobs.PAGE", 2):
            job = act("delete", ["a/", ODD], confirm="permanently delete")
        assert (job.done, keys_in(s3, bucket)) == (3, ["b"])

    def test_a_versioned_object_is_hidden_and_comes_back(
        self, act: Any, s3: Any, bucket: str
    ) -> None:
        versioned(s3, bucket)
        put(s3, bucket, "a")
        act("delete", ["a"], confirm="delete")
        act("delete", ["a"], confirm="delete")
        assert keys_in(s3, bucket) == []
        act("undelete", ["a"], version="any")
        assert keys_in(s3, bucket) == ["a"]

    def test_a_folder_s_versions_go_for_good(self, act: Any, s3: Any, bucket: str) -> None:
        versioned(s3, bucket)
        put(s3, bucket, "a/1", "a/1", "a/1", "a/2", "b")
        s3.delete_object(Bucket=bucket, Key="a/1")
        with mock.patch("s3.object_jobs.PAGE", 2):
            job = act("delete", ["a/"], versions="on", confirm="permanently delete")
        left = s3.list_object_versions(Bucket=bucket)
        assert (job.done, [one["Key"] for one in left["Versions"]]) == (5, ["b"])
        assert "DeleteMarkers" not in left

    def test_locked_versions_stay_and_are_told(self, act: Any, s3: Any, bucket: str) -> None:
        versioned(s3, bucket)
        locked = {"ObjectLockEnabled": "Enabled"}
        s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=locked)
        for key in ("a/1", "a/3"):
            s3.put_object(Bucket=bucket, Key=key, ObjectLockLegalHoldStatus="ON")
        put(s3, bucket, "a/2", "a/4", "a/5")
        with mock.patch("s3.object_jobs.PAGE", 1):
            job = act("delete", ["a/"], versions="on", confirm="permanently delete")
        assert (job.state, job.done, job.failed) == ("Complete", 3, 2)
        assert keys_in(s3, bucket) == ["a/1", "a/3"]

    def test_an_older_version_becomes_the_newest(self, act: Any, s3: Any, bucket: str) -> None:
        versioned(s3, bucket)
        old = s3.put_object(Bucket=bucket, Key="a", Body=b"old", Metadata={"k": "v"})["VersionId"]
        put(s3, bucket, "a")
        act("restore-version", ["a"], version=old)
        found = s3.get_object(Bucket=bucket, Key="a")
        assert (found["Body"].read(), found["Metadata"]) == (b"old", {"k": "v"})


class TestJobs:
    """Batches beyond the first are a worker's."""

    @pytest.fixture(autouse=True)
    def _short_batches(self) -> Any:
        with mock.patch.multiple(jobs, FIRST_SECONDS=0, BATCH_SECONDS=0):
            yield

    def test_a_worker_ends_what_the_page_began(
        self, act: Any, s3: Any, bucket: str, worker: Any
    ) -> None:
        put(s3, bucket, "a/1", "a/2", "a/3")
        with worker():
            job = act("copy", ["a/"], destination=f"s3://{bucket}/to/", copy_settings="source")
            assert (job.state, job.done) == ("Active", 1)
        job.refresh_from_db()
        assert (job.state, job.done) == ("Complete", 3)

    def test_it_may_do_what_its_principal_may_at_that_moment(
        self, act: Any, s3: Any, bucket: str, alice: User
    ) -> None:
        put(s3, bucket, "a/1", "a/2")
        job = act("copy", ["a/"], destination=f"s3://{bucket}/to/", copy_settings="source")
        Attachment.objects.filter(user=alice).delete()
        jobs.work(job.pk)
        job.refresh_from_db()
        assert (job.state, job.failures[0]["Code"]) == ("Failed", "AccessDenied")

    def test_it_ends_with_its_user(self, act: Any, s3: Any, bucket: str, alice: User) -> None:
        put(s3, bucket, "a/1", "a/2")
        job = act("copy", ["a/"], destination=f"s3://{bucket}/to/", copy_settings="source")
        Attachment.objects.filter(user=alice).delete()
        alice.delete()
        jobs.work(job.pk)
        job.refresh_from_db()
        assert job.state == "Failed"

    def test_it_can_be_cancelled(
        self, act: Any, s3: Any, bucket: str, browser_of_alice: Client
    ) -> None:
        put(s3, bucket, "a/1", "a/2")
        job = act("size", ["a/"])
        browser_of_alice.post(reverse("s3:job-cancel", args=[job.job_id]))
        jobs.work(job.pk)
        job.refresh_from_db()
        assert (job.state, job.done) == ("Cancelled", 1)

    def test_others_do_not_see_it(
        self, act: Any, s3: Any, bucket: str, console: Console, bob: User, mallory: User
    ) -> None:
        put(s3, bucket, "a")
        address = reverse("s3:job", args=[act("size", ["a"]).job_id])
        assert console(bob).get(address).status_code == 403
        assert console(mallory).get(address).status_code == 404


def test_a_folder_is_an_object_that_ends_with_a_slash(
    browser_of_alice: Client, s3: Any, bucket: str
) -> None:
    address = reverse("s3:folder-create", args=[bucket]) + "?" + urlencode({"prefix": "a/"})
    assert browser_of_alice.post(address, {"name": "b c"}).status_code == 302
    assert browser_of_alice.post(address, {"name": "b/c"}).status_code == 422
    assert keys_in(s3, bucket) == ["a/b c/"]


def versioned(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_every_action_asks_first(
    action: str, language: str, browser_of_alice: Client, s3: Any, bucket: str
) -> None:
    put(s3, bucket, ODD)
    browser_of_alice.cookies["groundschool-language"] = language
    address = reverse("s3:object-action", args=[bucket, action])
    answer = browser_of_alice.get(address, {"key": ODD})
    assert (answer.status_code, Job.objects.count()) == (200, 0)
    assert "<script>/" not in answer.content.decode()


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("tab", ["properties", "permissions", "versions"])
def test_every_tab_of_an_object(
    tab: str, language: str, browser_of_alice: Client, s3: Any, bucket: str
) -> None:
    versioned(s3, bucket)
    put(s3, bucket, ODD)
    marker = s3.delete_object(Bucket=bucket, Key="gone")["VersionId"]
    browser_of_alice.cookies["groundschool-language"] = language
    address = reverse("s3:object-detail", args=[bucket])
    for query in ({"prefix": ODD}, {"prefix": "gone", "versionId": marker}):
        assert browser_of_alice.get(address, {**query, "tab": tab}).status_code == 200


@pytest.mark.parametrize("field", ["object", "prefix"])
def test_a_null_character_is_no_part_of_a_key(
    field: str, browser_of_alice: Client, bucket: str
) -> None:
    chosen = {"do": "yes", "object": "/a", "prefix": "", field: "/a%00b"}
    answer = browser_of_alice.post(reverse("s3:object-action", args=[bucket, "size"]), chosen)
    assert not Job.objects.exists()
    assert answer.status_code in (302, 400)


@pytest.mark.parametrize("name", ["object-detail", "share", "open", "download", "legal-hold"])
def test_another_account_learns_nothing_of_a_key(
    name: str, console: Console, mallory: User, s3: Any, bucket: str
) -> None:
    put(s3, bucket, "secret.txt")
    client, address = console(mallory), reverse(f"s3:{name}", args=[bucket])
    known = client.get(address, {"key": "secret.txt", "prefix": "secret.txt"})
    unknown = client.get(address, {"key": "nothing", "prefix": "nothing"})
    assert known.status_code == unknown.status_code
    if name == "object-detail":
        assert known.status_code == 403
