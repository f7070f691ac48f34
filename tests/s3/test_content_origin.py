"""What a student stores is never a page of the console: hostile HTML, SVG, headers and cookies.

Ports share cookies and count as one site, so localhost:4566 and localhost:8080 are dangerous
neighbours of localhost:8000. There a sandbox gives each page an origin of its own.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from iam.models import User
from s3.wire import route
from s3.wire.serve import SANDBOX
from tests.s3.raw import Answer, send
from tests.s3.test_forms import form, post, presigned
from tests.s3.test_websites import BASE, HOST, configure, publish, visit

SCRIPT = b"<script>document.cookie='groundschool-session=mine'</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
# The console answers there too, or other buckets do.
SHARED = ("localhost:4566", "127.0.0.1:4566", "[::1]:4566", "localhost", "s3.localhost:4566")


@pytest.fixture(autouse=True)
def _fresh_routes() -> Any:
    route.bucket_of_host.cache_clear()
    yield
    route.bucket_of_host.cache_clear()


@pytest.fixture
def hostile(s3: Any, bucket: str) -> Any:
    """Alice's client; everybody may read a page and a picture with scripts in them."""
    publish(s3)
    s3.put_object(Bucket=bucket, Key="a.html", Body=SCRIPT, ContentType="text/html")
    s3.put_object(Bucket=bucket, Key="a.svg", Body=SVG, ContentType="image/svg+xml")
    return s3


def policy_of(answer: Answer) -> str:
    return answer.headers.get("Content-Security-Policy", "")


def test_the_sandbox_has_no_origin_and_cannot_leave_it() -> None:
    words = SANDBOX.split()
    assert words[0] == "sandbox"
    assert not {"allow-same-origin", "allow-top-navigation"} & set(words)
    assert "allow-popups-to-escape-sandbox" not in words


@pytest.mark.parametrize("host", SHARED)
@pytest.mark.parametrize("key", ["a.html", "a.svg", "missing.html"])
def test_shared_hosts_sandbox_every_answer(hostile: Any, host: str, key: str) -> None:
    assert policy_of(send("GET", f"http://{host}/samples/{key}")) == SANDBOX
    assert policy_of(send("HEAD", f"http://{host}/samples/{key}")) == SANDBOX
    assert policy_of(send("GET", f"http://{host}/")) == SANDBOX


def test_a_presigned_override_of_the_type_is_sandboxed(hostile: Any) -> None:
    hostile.put_object(Bucket="samples", Key="a.txt", Body=SCRIPT, ContentType="text/plain")
    address = hostile.generate_presigned_url(
        "get_object",
        Params={"Bucket": "samples", "Key": "a.txt", "ResponseContentType": "text/html"},
    )
    answer = send("GET", address)
    assert answer.headers["Content-Type"] == "text/html"
    assert policy_of(answer) == SANDBOX


def test_answers_to_forms_are_sandboxed(s3: Any, bucket: str) -> None:
    fields = {"success_action_status": "201"}
    created = post(presigned(s3, "a", Fields=dict(fields), Conditions=[fields]))
    assert (created.status, policy_of(created)) == (201, SANDBOX)
    fields = {"success_action_redirect": "http://example.com/\r\nSet-Cookie: a=b"}
    moved = post(presigned(s3, "a", Fields=dict(fields), Conditions=[fields]))
    assert (moved.status, policy_of(moved)) == (303, SANDBOX)
    assert "Set-Cookie" not in moved.headers
    assert "\n" not in moved.headers["Location"]


def test_a_bucket_on_its_own_host_is_an_origin_of_its_own(hostile: Any) -> None:
    answer = send("GET", "http://samples.s3.ap-northeast-2.localhost:4566/a.html")
    assert (answer.status, policy_of(answer)) == (200, "")


def test_no_bucket_takes_the_name_of_the_labs_own_hosts(
    hostile: Any, settings: Any, client_of: Callable[..., Any], alice: User
) -> None:
    """A bucket called "console" would answer at console.school.example."""
    settings.LAB_DOMAIN = "school.example"
    settings.LAB_CONSOLE_URL = "https://samples.school.example"
    settings.LAB_API_URL = "https://api.school.example"
    assert policy_of(send("GET", "http://samples.school.example:4566/a.html")) == SANDBOX
    assert send("GET", "http://samples.school.example:4566/a.html").status == 404
    by_path = send("GET", "http://api.school.example/samples/a.html")
    assert (by_path.status, policy_of(by_path)) == (200, SANDBOX)
    assert send("GET", "http://samples.s3.school.example/a.html").status == 200


@pytest.mark.parametrize("path", ["/", "/nothing", "/film", ""])
def test_sites_by_path_are_sandboxed(hostile: Any, path: str) -> None:
    configure(hostile, ErrorDocument={"Key": "a.html"})
    hostile.put_object(Bucket="samples", Key="film", WebsiteRedirectLocation="/a.html")
    answer = visit(f"{BASE}{path}", host="localhost:8080")
    assert policy_of(answer) == SANDBOX
    assert policy_of(visit(path or "/", host=HOST)) == ""


def test_nothing_stored_sets_a_cookie(hostile: Any) -> None:
    """Not by metadata with line breaks, which only forms can carry; not by presigned headers."""
    evil = "x\r\nSet-Cookie: groundschool-session=mine"
    fields = {"x-amz-meta-a": evil, "Content-Type": f"text/html{evil}", "Cache-Control": evil}
    conditions: list[Any] = [{name: value} for name, value in fields.items()]
    stored = post(presigned(hostile, "evil", Fields=dict(fields), Conditions=conditions))
    assert stored.status == 204, stored.body
    address = hostile.generate_presigned_url(
        "get_object",
        Params={"Bucket": "samples", "Key": "evil", "ResponseContentDisposition": evil},
    )
    configure(hostile)
    for answer in (send("GET", address), visit("/evil")):
        assert answer.status == 200
        assert "Set-Cookie" not in answer.headers
        assert not any("\n" in value or "\r" in value for value in answer.headers.values())


def test_the_consoles_cookies_stay_on_its_host(settings: Any) -> None:
    for name in ("SESSION_COOKIE_DOMAIN", "CSRF_COOKIE_DOMAIN", "LANGUAGE_COOKIE_DOMAIN"):
        assert getattr(settings, name) is None
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == "Lax"


@pytest.mark.parametrize(
    "origin", ["http://localhost:4566", "http://localhost:8080", "null", "http://a.localhost:4566"]
)
def test_a_page_elsewhere_cannot_act_on_the_console(
    alice: User, console: Callable[..., Client], origin: str
) -> None:
    """Even if it planted a CSRF cookie, as a page on the same host could: the origin tells."""
    browser = console(alice)
    browser.handler.enforce_csrf_checks = True
    token = "a" * 32
    browser.cookies["groundschool-csrf"] = token
    body = {"user_name": "planted", "csrfmiddlewaretoken": token}
    host: dict[str, Any] = {"HTTP_HOST": "localhost:8000"}
    refused = browser.post("/iam/users/create", body, HTTP_ORIGIN=origin, **host)
    assert refused.status_code == 403
    own = browser.post("/iam/users/create", body, HTTP_ORIGIN="http://localhost:8000", **host)
    assert own.status_code != 403


def test_a_page_elsewhere_neither_frames_nor_reads_the_console(
    alice: User, console: Callable[..., Client]
) -> None:
    answer = console(alice).get("/iam/users", HTTP_ORIGIN="http://localhost:4566")
    assert answer["X-Frame-Options"] == "DENY"
    assert "Access-Control-Allow-Origin" not in answer


def test_the_public_port_serves_nothing_of_the_console() -> None:
    for path in ("/signin", "/static/css/tokens.css", "/admin/", "/_lab/health"):
        answer = visit(path, host="localhost:8080")
        assert answer.status == 404
        assert policy_of(answer).startswith("default-src 'none'")


def test_a_forms_own_file_may_be_hostile(s3: Any, bucket: str) -> None:
    """Its name and type are the sender's words."""
    fields = presigned(s3, "up/${filename}")
    body = form(fields, SCRIPT, filename='"><script>.html')
    kind = "multipart/form-data; boundary=----form-boundary"
    assert send("POST", "/samples", body, {"Content-Type": kind}).status == 204
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"]
    address = s3.generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": listed[0]["Key"]}
    )
    assert policy_of(send("GET", address)) == SANDBOX
