"""Websites of buckets, as visitors meet them on the public port."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from aws.models import Account
from iam.models import User
from tests.s3 import raw
from tests.s3.raw import Answer

HOST = "samples.s3-website.ap-northeast-2.localhost:8080"
BASE = "/s3-website/ap-northeast-2/samples"
INDEX = {"IndexDocument": {"Suffix": "index.html"}}
VIDEO = bytes(range(256)) * 40


def visit(
    path: str, *, host: str = HOST, method: str = "GET", headers: dict[str, str] | None = None
) -> Answer:
    address = f"http://{host}{path}"
    return raw.send(method, address, headers=headers, to="console.public.application")


def publish(s3: Any, *, lists: bool = False) -> None:
    """Everybody may read every object, and with lists learn which are there."""
    s3.delete_public_access_block(Bucket="samples")
    actions = [("s3:GetObject", "arn:aws:s3:::samples/*")]
    if lists:
        actions.append(("s3:ListBucket", "arn:aws:s3:::samples"))
    statements = [
        {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource}
        for action, resource in actions
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    s3.put_bucket_policy(Bucket="samples", Policy=policy)


def configure(s3: Any, **more: Any) -> None:
    s3.put_bucket_website(Bucket="samples", WebsiteConfiguration={**INDEX, **more})


@pytest.fixture
def site(s3: Any, bucket: str) -> Any:
    """Alice's client; samples is a website with two pages and a video."""
    configure(s3)
    publish(s3)
    pages = {"index.html": b"<h1>home</h1>", "docs/index.html": b"<h1>docs</h1>"}
    for key, body in pages.items():
        s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="text/html")
    s3.put_object(Bucket=bucket, Key="film.webm", Body=VIDEO, ContentType="video/webm")
    return s3


@pytest.mark.parametrize(
    ("host", "base"),
    [
        (HOST, ""),
        ("samples.s3-website-ap-northeast-2.localhost:8080", ""),
        ("localhost:8080", BASE),
        ("127.0.0.1:8080", BASE),
    ],
)
def test_folders_answer_their_index_document(site: Any, host: str, base: str) -> None:
    home = visit(f"{base}/", host=host)
    assert (home.status, home.body) == (200, b"<h1>home</h1>")
    assert home.headers["Content-Type"] == "text/html"
    assert visit(f"{base}/docs/", host=host).body == b"<h1>docs</h1>"
    folder = visit(f"{base}/docs", host=host)
    assert (folder.status, folder.headers["Location"]) == (302, f"{base}/docs/")


def test_the_root_by_path_gets_its_slash(site: Any) -> None:
    """Else the links of the page would lead one folder up."""
    root = visit(BASE, host="localhost:8080")
    assert (root.status, root.headers["Location"]) == (302, f"{BASE}/")


def test_a_bucket_with_dots_in_its_name(s3: Any, site: Any) -> None:
    s3.create_bucket(
        Bucket="www.example.com", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"}
    )
    answer = visit("/", host="www.example.com.s3-website.ap-northeast-2.localhost:8080")
    assert b"NoSuchWebsiteConfiguration" in answer.body


def test_media_is_read_in_ranges(site: Any) -> None:
    whole = visit("/film.webm")
    assert (whole.status, whole.headers["accept-ranges"]) == (200, "bytes")
    assert whole.headers["Content-Type"] == "video/webm"
    part = visit("/film.webm", headers={"Range": "bytes=10-19"})
    assert (part.status, part.body) == (206, VIDEO[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(VIDEO)}"
    assert visit("/film.webm", headers={"Range": "bytes=-5"}).body == VIDEO[-5:]
    beyond = visit("/film.webm", headers={"Range": f"bytes={len(VIDEO)}-"})
    assert (beyond.status, b"Code: InvalidRange" in beyond.body) == (416, True)
    assert beyond.headers["Content-Range"] == f"bytes */{len(VIDEO)}"


def test_a_browsers_copy_is_asked_about(site: Any) -> None:
    first = visit("/")
    again = visit("/", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert visit("/", headers=since).status == 304
    assert visit("/", headers={"If-Match": '"other"'}).status == 412


def test_head_is_get_without_the_body(site: Any) -> None:
    head = visit("/", method="HEAD")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", "13")
    missing = visit("/nothing", method="HEAD")
    assert (missing.status, missing.body) == (403, b"")


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_nobody_writes_through_a_website(site: Any, method: str) -> None:
    answer = visit("/index.html", method=method)
    assert (answer.status, b"Code: MethodNotAllowed" in answer.body) == (405, True)
    assert answer.headers["Allow"] == "HEAD, GET"
    assert visit("/").status == 200


def test_errors_are_awss_page(site: Any) -> None:
    answer = visit("/nothing<b>")
    assert (answer.status, answer.headers["x-amz-error-code"]) == (403, "AccessDenied")
    text = answer.body.decode()
    assert "<h1>403 Forbidden</h1>" in text
    assert "<li>Message: Access Denied</li>" in text
    assert f"<li>RequestId: {answer.headers['x-amz-request-id']}</li>" in text
    publish(site, lists=True)
    missing = visit("/nothing<b>").body.decode()
    assert "<h1>404 Not Found</h1>" in missing
    assert "<li>Key: nothing&lt;b&gt;</li>" in missing


def test_addresses_without_a_website(s3: Any, site: Any) -> None:
    unknown = visit("/", host="no-such-site.s3-website.ap-northeast-2.localhost:8080")
    assert (unknown.status, b"Code: NoSuchBucket" in unknown.body) == (404, True)
    elsewhere = visit("/", host="samples.s3-website.eu-west-1.localhost:8080")
    assert (elsewhere.status, b"Code: IncorrectEndpoint" in elsewhere.body) == (400, True)
    assert f"<li>Endpoint: {HOST}</li>" in elsewhere.body.decode()
    s3.delete_bucket_website(Bucket="samples")
    none = visit("/")
    assert (none.status, b"Code: NoSuchWebsiteConfiguration" in none.body) == (404, True)
    nothing = visit("/", host="localhost:8080")
    assert nothing.status == 404
    assert b"/s3-website/" in nothing.body


def test_what_is_not_public_stays_closed(s3: Any, site: Any) -> None:
    s3.put_public_access_block(
        Bucket="samples", PublicAccessBlockConfiguration={"RestrictPublicBuckets": True}
    )
    assert visit("/").status == 403
    s3.delete_public_access_block(Bucket="samples")
    assert visit("/").status == 200
    s3.delete_bucket_policy(Bucket="samples")
    assert visit("/").status == 403
    # A folder is not given away either.
    assert visit("/docs").status == 403


def test_a_list_of_its_own_opens_one_object(s3: Any, site: Any) -> None:
    s3.delete_bucket_policy(Bucket="samples")
    s3.put_bucket_ownership_controls(
        Bucket="samples", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    )
    s3.put_object_acl(Bucket="samples", Key="index.html", ACL="public-read")
    assert (visit("/").status, visit("/docs/").status) == (200, 403)


def test_a_suspended_account_publishes_nothing(site: Any, account: Account) -> None:
    configure(site, RoutingRules=[{"Redirect": {"HostName": "example.com"}}])
    Account.objects.filter(pk=account.pk).update(status="SUSPENDED")
    assert visit("/").status == 403


def test_signatures_and_subresources_mean_nothing(s3: Any, site: Any) -> None:
    s3.delete_bucket_policy(Bucket="samples")
    query = s3.generate_presigned_url(
        "get_object", Params={"Bucket": "samples", "Key": "index.html"}
    ).partition("?")[2]
    assert visit(f"/index.html?{query}").status == 403
    publish(s3)
    assert visit("/?acl&response-content-type=text/plain").body == b"<h1>home</h1>"
    signed = visit("/", headers={"Authorization": "AWS4-HMAC-SHA256 nonsense"})
    assert signed.status == 200


def test_the_error_document_comes_with_the_errors_status(s3: Any, site: Any) -> None:
    configure(s3, ErrorDocument={"Key": "error.html"})
    plain = visit("/nothing")
    assert (plain.status, b"<h1>403 Forbidden</h1>" in plain.body) == (403, True)
    assert b"Attempting to Retrieve a Custom Error Document" in plain.body
    s3.put_object(Bucket="samples", Key="error.html", Body=b"oh", ContentType="text/html")
    denied = visit("/nothing")
    assert (denied.status, denied.body) == (403, b"oh")
    assert denied.headers["x-amz-error-code"] == "AccessDenied"
    publish(s3, lists=True)
    missing = visit("/nothing", headers={"Range": "bytes=0-0"})
    assert (missing.status, missing.body) == (404, b"oh")


def test_an_object_that_leads_elsewhere(s3: Any, site: Any) -> None:
    for key, location in (("old", "/docs/"), ("away", "https://example.com/?a=b")):
        s3.put_object(Bucket="samples", Key=key, Body=b"old", WebsiteRedirectLocation=location)
    old = visit("/old")
    assert (old.status, old.headers["Location"], old.body) == (301, "/docs/", b"")
    by_path = visit(f"{BASE}/old", host="localhost:8080")
    assert by_path.headers["Location"] == f"{BASE}/docs/"
    assert visit("/away", method="HEAD").headers["Location"] == "https://example.com/?a=b"


@pytest.mark.parametrize(
    ("rule", "path", "status", "location"),
    [
        (
            {
                "Condition": {"KeyPrefixEquals": "old/"},
                "Redirect": {"ReplaceKeyPrefixWith": "docs/"},
            },
            "/old/a b.html",
            301,
            f"http://{HOST}/docs/a%20b.html",
        ),
        (
            {
                "Condition": {"HttpErrorCodeReturnedEquals": "403"},
                "Redirect": {"ReplaceKeyWith": "film.webm", "HttpRedirectCode": "307"},
            },
            "/nothing",
            307,
            f"http://{HOST}/film.webm",
        ),
        (
            {
                "Condition": {"KeyPrefixEquals": "no", "HttpErrorCodeReturnedEquals": "403"},
                "Redirect": {
                    "HostName": "example.com",
                    "Protocol": "https",
                    "ReplaceKeyPrefixWith": "report-404/",
                },
            },
            "/nothing",
            301,
            "https://example.com/report-404/thing",
        ),
    ],
)
def test_routing_rules(
    site: Any, rule: dict[str, Any], path: str, status: int, location: str
) -> None:
    configure(site, RoutingRules=[rule])
    answer = visit(path)
    assert (answer.status, answer.headers["Location"]) == (status, location)
    assert visit("/").status == 200


def test_the_first_rule_that_fits_stands(site: Any) -> None:
    rules = [
        {"Condition": {"HttpErrorCodeReturnedEquals": "404"}, "Redirect": {"HostName": "a.org"}},
        {"Condition": {"KeyPrefixEquals": "x"}, "Redirect": {"HostName": "b.org"}},
        {"Redirect": {"HostName": "c.org"}},
    ]
    configure(site, RoutingRules=rules)
    assert visit("/x").headers["Location"] == "http://b.org/x"
    assert visit("/y").headers["Location"] == "http://c.org/y"


def test_rules_stay_within_a_site_by_path(site: Any) -> None:
    rule = {"Condition": {"KeyPrefixEquals": "old"}, "Redirect": {"ReplaceKeyWith": "docs/"}}
    configure(site, RoutingRules=[rule])
    answer = visit(f"{BASE}/old", host="localhost:8080")
    assert answer.headers["Location"] == f"http://localhost:8080{BASE}/docs/"


def test_every_request_is_redirected(s3: Any, site: Any) -> None:
    to = {"HostName": "example.com", "Protocol": "https"}
    s3.put_bucket_website(Bucket="samples", WebsiteConfiguration={"RedirectAllRequestsTo": to})
    answer = visit("/a/b?c")
    assert (answer.status, answer.headers["Location"]) == (301, "https://example.com/a/b")


def test_other_origins_read_what_cors_allows(s3: Any, site: Any) -> None:
    origin = {"Origin": "http://other.example"}
    assert "Access-Control-Allow-Origin" not in visit("/", headers=origin).headers
    rules = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]
    s3.put_bucket_cors(Bucket="samples", CORSConfiguration={"CORSRules": rules})
    assert visit("/", headers=origin).headers["Access-Control-Allow-Origin"] == "*"
    asked = {**origin, "Access-Control-Request-Method": "GET"}
    assert visit("/", method="OPTIONS", headers=asked).status == 200


def test_keys_in_any_script(s3: Any, site: Any) -> None:
    s3.put_object(Bucket="samples", Key="소개/index.html", Body=b"ok")
    assert visit("/%EC%86%8C%EA%B0%9C/").body == b"ok"
    assert visit("/%EC%86%8C%EA%B0%9C").headers["Location"] == "/%EC%86%8C%EA%B0%9C/"
    broken = visit("/%FF")
    assert (broken.status, b"Code: InvalidURI" in broken.body) == (400, True)


def test_conditions_of_a_policy_see_the_visitor(s3: Any, site: Any) -> None:
    """The lesson of hot links: images for pages of one site only."""
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::samples/*",
        "Condition": {"StringLike": {"aws:Referer": "http://samples.s3-website.*"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    s3.put_bucket_policy(Bucket="samples", Policy=policy)
    assert visit("/film.webm").status == 403
    assert visit("/film.webm", headers={"Referer": f"http://{HOST}/"}).status == 200


def test_addresses_for_the_console(settings: Any) -> None:
    from s3 import websites

    assert websites.endpoint("samples", "ap-northeast-2") == f"http://{HOST}"
    by_path = websites.by_path("samples", "ap-northeast-2")
    assert by_path == f"http://localhost:8080{BASE}/"
    settings.LAB_PUBLIC_URL = "http://192.0.2.7:8080"
    assert websites.endpoint("a", "eu-west-1") == "http://192.0.2.7:8080/s3-website/eu-west-1/a/"
    settings.LAB_PUBLIC_URL, settings.LAB_NAMES_RESOLVE = "http://sites.example", True
    assert websites.endpoint("a", "eu-west-1") == "http://a.s3-website.eu-west-1.sites.example"


def test_the_console_tells_both_addresses(
    site: Any, alice: User, console: Callable[..., Client]
) -> None:
    page = console(alice).get("/s3/buckets/samples?tab=properties").content.decode()
    assert f'href="http://{HOST}"' in page
    assert f'href="http://localhost:8080{BASE}/"' in page
