"""A student publishes a website with pictures, sound and film, breaks it, and mends it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.journeys import media
from tests.journeys.people import Meet, Person
from tests.journeys.people import meet as meet  # noqa: PLC0414 - a fixture

pytestmark = [pytest.mark.slow, pytest.mark.lab, pytest.mark.browser]

BUCKET = "minji-gallery"
HOME = """<!doctype html><meta charset="utf-8"><title>갤러리</title>
<h1>민지의 갤러리</h1><a href="about.html">소개</a>
<img src="media/photo.png" alt="사진"><video src="media/film.webm" muted></video>
<audio src="media/tone.wav" preload="metadata"></audio>"""
ABOUT = "<!doctype html><meta charset='utf-8'><title>소개</title><h1>소개</h1>"
# What a hostile page would try on the console and on its neighbours.
HOSTILE = """<!doctype html><title>waiting</title><script>
const found = [];
try { found.push("cookie:" + document.cookie); } catch (error) { found.push(error.name); }
try { found.push("storage:" + localStorage.length); } catch (error) { found.push(error.name); }
fetch("CONSOLE/console/home", { credentials: "include" })
  .then(() => found.push("read"), () => found.push("refused"))
  .finally(() => { document.title = found.join(" "); });
</script>"""


def statement(effect: str, path: str) -> dict[str, Any]:
    resource = f"arn:aws:s3:::{BUCKET}/{path}"
    return {"Effect": effect, "Principal": "*", "Action": "s3:GetObject", "Resource": resource}


def put_policy(person: Person, *statements: dict[str, Any]) -> None:
    """With the editor of the bucket's policy."""
    person.open(f"/s3/buckets/{BUCKET}/edit-policy")
    document = json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)
    person.page.locator("textarea[name=document]").fill(document)
    person.go_on()


def make_bucket(person: Person) -> None:
    person.open("/s3/buckets/create")
    person.choose("namespace", "global")
    person.type(name=BUCKET)
    person.tick("block_all", on=False)
    person.tick("public_acknowledged")
    person.choose("versioning", "on")
    person.look("create-bucket")
    person.go_on()


def drop(person: Person, paths: list[Path]) -> None:
    """Files and folders of this computer, dragged into the window and let go there."""
    box = person.page.locator("[data-drop-zone]").bounding_box()
    assert box
    where = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    carried = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    mouse = person.page.context.new_cdp_session(person.page)
    for deed in ("dragEnter", "dragOver", "drop"):
        mouse.send("Input.dispatchDragEvent", {"type": deed, **where, "data": carried})


def folder(root: Path, person: Person) -> Path:
    site = root / "gallery"
    (site / "media").mkdir(parents=True)
    (site / "index.html").write_text(HOME)
    (site / "about.html").write_text(ABOUT)
    (site / "media" / "photo.png").write_bytes(media.png())
    (site / "media" / "tone.wav").write_bytes(media.wav(seconds=180))
    (site / "media" / "film.webm").write_bytes(media.webm(person.page))
    return site


def job_is_done(person: Person) -> None:
    person.page.locator(".status-success").first.wait_for(timeout=30_000)


def test_a_website_is_published_broken_and_mended(
    meet: Meet, live_lab: Any, tmp_path: Path
) -> None:
    minji = meet("minji")
    page = minji.page
    minji.sign_up(email="gallery@example.com", name="Gallery")
    minji.sign_in_as_root("gallery@example.com")
    make_bucket(minji)

    # A folder is dragged onto the upload page: pages, and a folder of media in it.
    minji.open(f"/s3/upload/{BUCKET}")
    site = folder(tmp_path, minji)
    drop(minji, sorted(site.iterdir()))
    page.locator("[data-file-rows] tr").nth(4).wait_for()
    minji.look("dropped")
    page.locator("[data-upload-start]").click()
    page.locator("[data-upload-close]").wait_for(timeout=60_000)
    minji.look("uploaded")

    # It becomes a website, whose address the console tells.
    minji.open(f"/s3/buckets/{BUCKET}/edit-website")
    minji.choose("hosting", "on")
    minji.choose("kind", "static")
    minji.type(index_document="index.html")
    minji.go_on()
    minji.open(f"/s3/buckets/{BUCKET}?tab=properties")
    port = live_lab.environment["LAB_PUBLIC_PORT"]
    name = f"http://{BUCKET}.s3-website.ap-northeast-2.localhost:{port}"
    assert page.locator(f'a[href^="{name}"]').count() == 1

    # Nobody may read it yet.
    visitor = meet("visitor").page
    answer = visitor.goto(name)
    assert answer and answer.status == 403
    put_policy(minji, statement("Allow", "*"))
    minji.open(f"/s3/buckets/{BUCKET}?tab=permissions")
    minji.look("public")

    # Picture, film and sound come, the sound's middle without what is before it.
    ranges: list[tuple[str, int]] = []
    visitor.on(
        "response",
        lambda got: ranges.append((got.request.headers.get("range", ""), got.status)),
    )
    answer = visitor.goto(name)
    assert answer and answer.status == 200
    assert visitor.evaluate("document.images[0].decode().then(() => true)")
    assert visitor.evaluate(
        "(async () => { const film = document.querySelector('video'); await film.play();"
        " return film.videoWidth; })()"
    )
    length = visitor.evaluate(
        "new Promise(done => { const tone = document.querySelector('audio');"
        " tone.onseeked = () => done(tone.duration); tone.currentTime = 150; })"
    )
    assert round(length) == 180
    far = [text for text, status in ranges if status == 206 and text > "bytes=1"]
    assert any(int(text[6:].partition("-")[0]) > 5_000_000 for text in far), ranges
    visitor.click("text=소개")
    assert visitor.title() == "소개"

    # A statement too much: the visitor misses the media, the console tells why.
    put_policy(minji, statement("Allow", "*"), statement("Deny", "media/*"))
    visitor.goto(name)
    assert not visitor.evaluate("document.images[0].decode().then(() => true, () => false)")
    minji.open(f"/s3/object/{BUCKET}?prefix=media/photo.png")
    minji.look("why")
    assert minji.reads("explicit deny in a resource-based policy")
    put_policy(minji, statement("Allow", "*"))
    visitor.goto(name)
    assert visitor.evaluate("document.images[0].decode().then(() => true)")

    # A page is deleted, and comes back.
    minji.open(f"/s3/buckets/{BUCKET}?tab=objects")
    page.locator('input[type=checkbox][value$="/about.html"]').check()
    page.locator(f'button[formaction$="/{BUCKET}/objects/delete"]').first.click()
    page.locator("[data-confirm-word]").fill(
        page.locator("[data-confirm-word]").get_attribute("data-confirm-word") or ""
    )
    minji.go_on()
    job_is_done(minji)
    answer = visitor.goto(f"{name}/about.html")
    assert answer and answer.status == 403
    minji.open(f"/s3/buckets/{BUCKET}?tab=objects&versions=on")
    page.locator('input[type=checkbox][value$="/about.html"]').first.check()  # the marker
    minji.look("versions")
    page.locator(f'button[formaction$="/{BUCKET}/objects/undelete"]').first.click()
    minji.go_on()
    job_is_done(minji)
    answer = visitor.goto(f"{name}/about.html")
    assert answer and answer.status == 200


def test_a_hostile_page_finds_nothing(meet: Meet, live_lab: Any, tmp_path: Path) -> None:
    """Opened by somebody who is signed in to the console on the same host."""
    mallory = meet("mallory")
    mallory.sign_up(email="hostile@example.com", name="Hostile")
    mallory.sign_in_as_root("hostile@example.com")
    mallory.open("/s3/buckets/create")
    mallory.choose("namespace", "global")
    mallory.type(name="hostile-pages")
    mallory.go_on()
    evil = tmp_path / "evil.html"
    evil.write_text(HOSTILE.replace("CONSOLE", live_lab.info["console_url"]))
    mallory.open("/s3/upload/hostile-pages")
    drop(mallory, [evil])
    mallory.page.locator("[data-file-rows] tr").first.wait_for()
    mallory.page.locator("[data-upload-start]").click()
    mallory.page.locator("[data-upload-close]").wait_for(timeout=30_000)
    with mallory.page.context.expect_page() as opened:
        address = "/s3/object/hostile-pages/open?prefix=evil.html&key=evil.html"
        mallory.page.evaluate("address => { window.open(address); }", address)
    tab = opened.value
    tab.wait_for_function("document.title !== 'waiting' && document.title !== ''")
    assert tab.url.startswith(live_lab.info["api_url"])
    assert tab.title() == "SecurityError SecurityError refused"
