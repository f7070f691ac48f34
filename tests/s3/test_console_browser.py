"""Uploads, downloads and previews in Chromium: the console on one port, the API on another."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

from aws.wire.endpoint import application
from iam.models import User
from tests import factories
from tests.boto import boto

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MIB = 1024 * 1024
# A folder as the browser gives it to a page: read in batches, until one is empty.
DROP = """() => {
  const file = (name) => ({ isFile: true, name, file: (done) => done(new File([name], name)) });
  const folder = (name, entries) => ({
    isFile: false, name,
    createReader: () => {
      const left = [...entries];
      return { readEntries: (done) => done(left.splice(0, 1)) };
    },
  });
  const dropped = folder("site", [file("index.html"), folder("img", [file("a#1.png"), file("한글.txt")])]);
  const event = new Event("drop", { bubbles: true, cancelable: true });
  const items = [{ kind: "file", webkitGetAsEntry: () => dropped }];
  Object.defineProperty(event, "dataTransfer", { value: { items } });
  document.querySelector("[data-drop-zone]").dispatchEvent(event);
}"""  # noqa: E501


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(autouse=True)
def api(live_server: Any, settings: Any) -> Iterator[str]:
    """The address of the API; the console knows it, and the API the console's."""
    server = ThreadedWSGIServer(("localhost", 0), _Quiet)
    server.daemon_threads = True
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings.LAB_API_URL = f"http://localhost:{server.server_port}"
    settings.LAB_CONSOLE_URL = live_server.url
    yield settings.LAB_API_URL
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def s3(alice: User) -> Any:
    client = boto("s3", *factories.access_key(alice))
    client.create_bucket(
        Bucket="samples", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"}
    )
    return client


@pytest.fixture
def upload(tab: Callable[..., Any], alice: User, s3: Any) -> Any:
    """The upload page of a folder with an odd name."""
    page = tab(alice)
    page.goto("/s3/upload/samples?prefix=to%20%26/")
    return page


def keys_in(s3: Any) -> list[str]:
    return [one["Key"] for one in s3.list_objects_v2(Bucket="samples").get("Contents", ())]


def choose(page: Any, name: str = "a.txt", content: bytes = b"words") -> None:
    file = {"name": name, "mimeType": "text/plain", "buffer": content}
    page.set_input_files("[data-pick-files]", [file])


def start(page: Any, title: str) -> None:
    page.click("[data-upload-start]")
    ended(page, title)


def ended(page: Any, title: str) -> None:
    page.locator("[data-status-title]", has_text=title).wait_for(timeout=20_000)


def refuse(page: Any, api: str, status: int, code: str, times: int) -> None:
    """The API's answer to the next PUTs."""
    body = f"<Error><Code>{code}</Code><Message>Try later</Message></Error>"
    headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "application/xml"}

    def answer(route: Any) -> None:
        if route.request.method == "PUT":
            route.fulfill(status=status, headers=headers, body=body)
        else:
            route.fallback()

    page.route(f"{api}/**", answer, times=times)


def test_a_dropped_folder_is_uploaded_with_its_folders(upload: Any, s3: Any) -> None:
    upload.evaluate(DROP)
    upload.locator("[data-file-rows] tr").nth(2).wait_for()
    start(upload, "Upload succeeded")
    assert keys_in(s3) == [
        "to &/site/img/a#1.png",
        "to &/site/img/한글.txt",
        "to &/site/index.html",
    ]
    upload.click("[data-upload-close]")
    assert upload.locator(".object-name").all_inner_texts() == ["site/"]
    assert upload.problems == []


def test_a_large_file_goes_in_parts(upload: Any, s3: Any, tmp_path: Path) -> None:
    content = bytes(range(256)) * (20 * MIB // 256)
    file = tmp_path / "film.mp4"
    file.write_bytes(content)
    upload.set_input_files("[data-pick-files]", str(file))
    start(upload, "Upload succeeded")
    found = s3.get_object(Bucket="samples", Key="to &/film.mp4")
    assert found["Body"].read() == content
    assert (found["ContentType"], found["ETag"].endswith('-3"')) == ("video/mp4", True)
    assert "20.0 MB (100.00%)" in upload.locator("[data-done-count]").inner_text()


def test_settings_reach_every_object(upload: Any, s3: Any) -> None:
    choose(upload)
    upload.click("summary:has-text('Properties')")
    upload.check("#class-STANDARD_IA")
    upload.locator("[data-tag-editor=tag] [data-tag-add]").click()
    upload.fill("[name=tag-key-0]", "team")
    upload.fill("[name=tag-value-0]", "blue")
    upload.locator("[data-tag-editor=meta] [data-tag-add]").click()
    upload.fill("[name=meta-key-0]", "author")
    upload.fill("[name=meta-value-0]", "kim")
    start(upload, "Upload succeeded")
    head = s3.head_object(Bucket="samples", Key="to &/a.txt")
    assert (head["StorageClass"], head["TagCount"]) == ("STANDARD_IA", 1)
    assert head["Metadata"] == {"author": "kim"}


def test_a_refusal_shows_its_code_and_can_be_tried_again(upload: Any, s3: Any, api: str) -> None:
    refuse(upload, api, 403, "AccessDenied", times=1)
    choose(upload)
    start(upload, "Upload failed for some files")
    assert "AccessDenied: Try later" in upload.locator("[data-status-rows]").inner_text()
    assert keys_in(s3) == []
    upload.click("[data-upload-retry]")
    ended(upload, "Upload succeeded")
    assert keys_in(s3) == ["to &/a.txt"]


def test_a_busy_server_is_asked_again_without_being_told(upload: Any, s3: Any, api: str) -> None:
    refuse(upload, api, 503, "SlowDown", times=2)
    choose(upload)
    start(upload, "Upload succeeded")
    assert keys_in(s3) == ["to &/a.txt"]


def test_cancelling_leaves_no_parts_behind(upload: Any, s3: Any, api: str, tmp_path: Path) -> None:
    held: list[Any] = []
    upload.route(
        lambda url: url.startswith(api) and "partNumber" in url, lambda route: held.append(route)
    )
    file = tmp_path / "film.mp4"
    file.write_bytes(b"x" * (9 * MIB))
    upload.set_input_files("[data-pick-files]", str(file))
    upload.click("[data-upload-start]")
    upload.wait_for_function(
        "() => document.querySelector('[data-status-rows] .status-in-progress')"
    )
    while not held:
        upload.wait_for_timeout(20)
    with upload.expect_response(lambda answer: answer.request.method == "DELETE"):
        upload.click("[data-upload-cancel]")
    ended(upload, "Upload canceled")
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="samples")
    assert keys_in(s3) == []


def test_an_ended_session_loses_nothing(upload: Any, s3: Any) -> None:
    kept = upload.context.cookies()
    choose(upload)
    upload.context.clear_cookies(name="groundschool-session")
    start(upload, "Upload failed for some files")
    assert "Your session has ended" in upload.locator("[data-status-alert]").inner_text()
    upload.context.add_cookies(kept)  # signed in again in another tab
    upload.click("[data-upload-retry]")
    ended(upload, "Upload succeeded")
    assert keys_in(s3) == ["to &/a.txt"]


def test_one_file_is_uploaded_without_script(tab: Callable[..., Any], alice: User, s3: Any) -> None:
    page = tab(alice, java_script_enabled=False)
    page.goto("/s3/upload/samples?prefix=to/")
    file = {"name": "b c.txt", "mimeType": "text/plain", "buffer": b"words"}
    page.set_input_files("input[type=file][name=file]", [file])
    page.click(".without-script button.button-primary")
    page.wait_for_url("**/s3/buckets/samples**")
    assert page.locator(".object-name").all_inner_texts() == ["b c.txt"]
    assert s3.get_object(Bucket="samples", Key="to/b c.txt")["Body"].read() == b"words"


def test_scripts_in_objects_do_not_run_in_a_preview(
    tab: Callable[..., Any], alice: User, s3: Any
) -> None:
    page = tab(alice)
    script = b"document.querySelector('p').textContent = 'ran'; parent.document.title = 'ran'"
    s3.put_object(
        Bucket="samples",
        Key="a.html",
        Body=b"<p>still</p><script>" + script + b"</script>",
        ContentType="text/html",
    )
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9"><script>alert(1)</script></svg>'
    s3.put_object(Bucket="samples", Key="a.svg", Body=svg, ContentType="image/svg+xml")
    dialogs: list[Any] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.goto("/s3/object/samples?prefix=a.html")
    assert page.frame_locator("iframe").locator("p").inner_text() == "still"
    assert "ran" not in page.title()
    page.goto("/s3/object/samples?prefix=a.svg")
    page.wait_for_function("() => document.querySelector('img.preview').naturalWidth === 9")
    assert dialogs == []


def test_text_is_shown_as_text(tab: Callable[..., Any], alice: User, s3: Any) -> None:
    page = tab(alice)
    texts = {
        "a.json": b'{"a":[1,"<b>"]}',
        "a.csv": b'name,score\n"kim, j","<img src=x onerror=alert(1)>"\n',
        "long.txt": b"x" * (300 * 1024),
        "empty.txt": b"",
    }
    for key, body in texts.items():
        s3.put_object(Bucket="samples", Key=key, Body=body)
    page.goto("/s3/object/samples?prefix=a.json")
    page.locator(".preview-text").wait_for()
    assert page.locator(".preview-text").inner_text() == '{\n  "a": [\n    1,\n    "<b>"\n  ]\n}'
    page.goto("/s3/object/samples?prefix=a.csv")
    cells = page.locator(".preview-rows td").all_inner_texts()
    assert cells == ["kim, j", "<img src=x onerror=alert(1)>"]
    page.goto("/s3/object/samples?prefix=long.txt")
    page.locator("[data-preview] .secondary", has_text="Only the beginning").wait_for()
    assert len(page.locator(".preview-text").inner_text()) == 256 * 1024
    page.goto("/s3/object/samples?prefix=empty.txt")
    page.locator("pre.preview-text").wait_for(state="attached")
    assert page.problems == []


def test_a_share_is_made_in_a_modal(tab: Callable[..., Any], alice: User, s3: Any) -> None:
    s3.put_object(Bucket="samples", Key="a b.txt", Body=b"words")
    page = tab(alice)
    page.goto("/s3/buckets/samples")
    page.check(".select-row")
    page.click("summary:has-text('Actions')")
    page.click("text=Share with a presigned URL")
    page.click("dialog button:has-text('Create presigned URL')")
    address = page.locator(".share-url").input_value()
    assert page.request.get(address).text() == "words"
    page.click("dialog [data-close] >> text=Close")
    assert page.problems == []


def test_a_destination_is_found_by_browsing(tab: Callable[..., Any], alice: User, s3: Any) -> None:
    for key in ("a.txt", "to &/x/1"):
        s3.put_object(Bucket="samples", Key=key, Body=b"words")
    page = tab(alice)
    page.goto("/s3/buckets/samples/objects/copy?key=a.txt")
    page.click("text=Browse S3")
    page.click("dialog a:has-text('to &/')")
    page.locator("dialog strong", has_text="s3://samples/to &/").wait_for()
    page.click("dialog >> text=Choose destination")
    assert page.input_value("[name=destination]") == "s3://samples/to &/"
    page.click(".form-actions .button-primary")
    page.locator("h1", has_text="Copy: status").wait_for()
    assert "to &/a.txt" in keys_in(s3)
    assert page.problems == []


def test_a_file_goes_comes_back_and_becomes_an_older_version_again(
    tab: Callable[..., Any], alice: User, s3: Any
) -> None:
    s3.put_bucket_versioning(Bucket="samples", VersioningConfiguration={"Status": "Enabled"})
    page, key = tab(alice), "나 #1%.txt"
    for words in (b"first", b"second"):
        page.goto("/s3/upload/samples")
        choose(page, key, words)
        start(page, "Upload succeeded")
    page.goto("/s3/buckets/samples")
    page.check(".select-row")
    page.click("#selection button:has-text('Delete')")
    page.fill("[name=confirm]", "delete")
    page.click("[data-confirm-button]")
    page.get_by_role("heading", name="Delete objects: status").wait_for()
    assert keys_in(s3) == []
    page.goto("/s3/buckets/samples?versions=on")
    page.locator("tr", has_text="Delete marker").locator(".select-row").check()
    page.click("#selection button:has-text('Undelete')")
    page.click(".form-actions button:has-text('Undelete')")
    page.get_by_role("heading", name="Undelete objects: status").wait_for()
    assert s3.get_object(Bucket="samples", Key=key)["Body"].read() == b"second"
    page.goto("/s3/buckets/samples")
    page.click(".object-name a")
    page.click(".tab:has-text('Versions')")
    page.locator(".select-row").last.check()
    page.click("#version-form button:has-text('Restore version')")
    page.click(".form-actions button:has-text('Restore version')")
    page.get_by_role("heading", name="Restore version: status").wait_for()
    assert s3.get_object(Bucket="samples", Key=key)["Body"].read() == b"first"
    assert page.problems == []
