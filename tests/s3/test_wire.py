"""What HTTP adds: presigned addresses, hosts, chunked bodies, anonymous callers, headers."""

import base64
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config

from iam.models import User
from s3.models import Bucket, ObjectVersion
from tests import factories
from tests.boto import session
from tests.factories import allow
from tests.s3.raw import chunked, send, signed_headers

BODY = b"0123456789" * 30_000
PIECES = [BODY[:65_536], BODY[65_536:]]
CRC32 = base64.b64encode(zlib.crc32(BODY).to_bytes(4, "big")).decode()


@pytest.fixture
def key(alice: User) -> tuple[str, str]:
    return factories.access_key(alice)


def presigner(key: tuple[str, str], **options: Any) -> Any:
    return session().client(
        "s3",
        region_name="ap-northeast-2",
        endpoint_url="http://localhost:4566",
        aws_access_key_id=key[0],
        aws_secret_access_key=key[1],
        config=Config(signature_version="s3v4", s3=options),
    )


def test_presigned_addresses_put_and_get(bucket: str, key: tuple[str, str]) -> None:
    client = presigner(key)
    target = {"Bucket": bucket, "Key": "a b/ü"}
    put = send("PUT", client.generate_presigned_url("put_object", Params=target), b"hello")
    assert put.status == 200, put.body
    address = client.generate_presigned_url(
        "get_object", Params={**target, "ResponseContentType": "text/plain"}
    )
    got = send("GET", address)
    assert (got.status, got.body, got.headers["Content-Type"]) == (200, b"hello", "text/plain")
    changed = send("GET", address.replace("text%2Fplain", "text%2Fhtml"))
    assert (changed.status, b"SignatureDoesNotMatch" in changed.body) == (403, True)


def test_a_presigned_address_has_no_more_rights_than_its_key(
    s3: Any, bucket: str, nobody: User
) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    client = presigner(factories.access_key(nobody))
    address = client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a"})
    assert send("GET", address).status == 403


def test_the_bucket_may_stand_in_the_host(s3: Any, bucket: str, key: tuple[str, str]) -> None:
    s3.put_object(Bucket=bucket, Key="samples/a", Body=b"1")
    address = presigner(key).generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": "samples/a"}
    )
    assert "localhost:4566/samples/samples/a" in address
    virtual = presigner(key, addressing_style="virtual").generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": "samples/a"}
    )
    assert virtual.startswith("http://samples.localhost:4566/samples/a")
    assert send("GET", virtual).body == b"1"


@pytest.mark.parametrize(
    ("kind", "trailers"),
    [
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", {}),
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", {"x-amz-checksum-crc32": CRC32}),
        ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", {"x-amz-checksum-crc32": CRC32}),
    ],
)
def test_chunked_bodies(
    s3: Any, bucket: str, key: tuple[str, str], kind: str, trailers: dict[str, str]
) -> None:
    body, headers = chunked(key, f"/{bucket}/a", PIECES, kind, trailers)
    put = send("PUT", f"/{bucket}/a", body, headers)
    assert put.status == 200, put.body
    if trailers:
        assert put.headers["x-amz-checksum-crc32"] == CRC32
    got = s3.get_object(Bucket=bucket, Key="a")
    assert got["Body"].read() == BODY
    assert "ContentEncoding" not in got


@pytest.mark.parametrize("kind", ["PAYLOAD", "PAYLOAD-TRAILER"])
def test_a_chunk_that_was_changed(bucket: str, key: tuple[str, str], kind: str) -> None:
    trailers = {"x-amz-checksum-crc32": CRC32} if kind.endswith("TRAILER") else {}
    name = f"STREAMING-AWS4-HMAC-SHA256-{kind}"
    body, headers = chunked(key, f"/{bucket}/a", PIECES, name, trailers)
    changed = body.replace(b"0123456789", b"1123456789", 1)
    answer = send("PUT", f"/{bucket}/a", changed, headers)
    assert (answer.status, b"SignatureDoesNotMatch" in answer.body) == (403, True)
    assert not ObjectVersion.objects.exists()


def test_a_trailer_that_is_wrong(bucket: str, key: tuple[str, str]) -> None:
    for trailer, code in (("AAAAAA==", b"BadDigest"), ("nonsense", b"InvalidRequest")):
        body, headers = chunked(
            key,
            f"/{bucket}/a",
            PIECES,
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            {"x-amz-checksum-crc32": trailer},
        )
        answer = send("PUT", f"/{bucket}/a", body, headers)
        assert (answer.status, code in answer.body) == (400, True)


def test_bodies_that_are_cut_or_changed(bucket: str, key: tuple[str, str]) -> None:
    kind = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    body, headers = chunked(key, f"/{bucket}/a", PIECES, kind, {})
    cut = send("PUT", f"/{bucket}/a", body[:-100], headers)
    assert (cut.status, b"IncompleteBody" in cut.body) == (400, True)
    plain = signed_headers(key, "PUT", f"/{bucket}/a", {"X-Amz-Content-SHA256": "0" * 64})
    changed = send("PUT", f"/{bucket}/a", b"other", plain)
    assert (changed.status, b"XAmzContentSHA256Mismatch" in changed.body) == (400, True)
    plain["Content-Length"] = "10"
    short = send("PUT", f"/{bucket}/a", b"other", plain)
    assert (short.status, b"IncompleteBody" in short.body) == (400, True)
    assert not ObjectVersion.objects.exists()


def test_nobody_reads_without_a_policy(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    for method, path in (("GET", "/samples/a"), ("PUT", "/samples/a"), ("GET", "/samples")):
        answer = send(method, path)
        assert (answer.status, b"<Code>AccessDenied</Code>" in answer.body) == (403, True)
    assert send("GET", "/").status == 403


def test_everybody_reads_where_the_policy_says_so(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"public", ContentType="text/html")
    row = Bucket.objects.get(name=bucket)
    row.policy = allow("s3:GetObject", "arn:aws:s3:::samples/*", Principal="*")
    row.public_access_block = {}
    row.save()
    answer = send("GET", "/samples/a")
    assert (answer.status, answer.body) == (200, b"public")
    assert send("DELETE", "/samples/a").status == 403
    # The console's cookies belong to this host.
    assert answer.headers["Content-Security-Policy"].startswith("sandbox ")
    assert "Content-Security-Policy" not in send("GET", "http://samples.localhost:4566/a").headers


def test_every_answer_is_marked(s3: Any, bucket: str) -> None:
    for answer in (send("GET", "/samples"), send("GET", "/samples/a?acl")):
        assert len(answer.headers["x-amz-request-id"]) == 16
        assert answer.headers["x-amz-id-2"]
        assert answer.headers["x-amz-request-id"].encode() in answer.body


def test_documents_have_aws_s_names(s3: Any, bucket: str, key: tuple[str, str]) -> None:
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<{} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    for path, name in (
        ("/", "ListAllMyBucketsResult"),
        ("/samples?list-type=2", "ListBucketResult"),
        ("/samples?location", "LocationConstraint"),
    ):
        headers = signed_headers(key, "GET", path, {"X-Amz-Content-SHA256": empty})
        answer = send("GET", path, headers=headers)
        assert answer.body.decode().startswith(head.format(name)), answer.body


def test_requests_that_cannot_be_read(s3: Any, bucket: str, key: tuple[str, str]) -> None:
    assert b"InvalidURI" in send("GET", "/samples/%ff").body
    assert b"MethodNotAllowed" in send("PATCH", "/samples/a").body
    old = send("GET", "/samples/a", headers={"Authorization": "AWS AKIA:signature"})
    assert (old.status, b"Please use AWS4-HMAC-SHA256" in old.body) == (400, True)
    body, text = b"<Delete><Object>", {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}
    headers = signed_headers(key, "POST", "/samples?delete", text)
    broken = send("POST", "/samples?delete", body, headers)
    assert (broken.status, b"MalformedXML" in broken.body) == (400, True)


def test_what_the_lab_lacks(s3: Any, bucket: str) -> None:
    from tests.s3.checks import refused

    with refused("NotImplemented", 501):
        s3.get_object_torrent(Bucket=bucket, Key="a")


def test_a_student_cannot_read_by_anothers_name(
    s3: Any, bucket: str, mallory: User, client_of: Callable[..., Any]
) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    for call in ("get_object", "head_object", "delete_object", "get_object_attributes"):
        more = {"ObjectAttributes": ["ETag"]} if call == "get_object_attributes" else {}
        with pytest.raises(Exception, match=r"AccessDenied|403"):
            getattr(client_of(mallory), call)(Bucket=bucket, Key="a", **more)


def test_an_error_about_a_key_that_xml_cannot_hold(s3: Any, bucket: str) -> None:
    with pytest.raises(s3.exceptions.NoSuchKey) as error:
        s3.get_object(Bucket=bucket, Key="a\x01<b>")
    assert error.value.response["Error"]["Key"] == "a\ufffd<b>"


@pytest.mark.parametrize(
    ("path", "body", "closes"),
    [("/samples/a", b"", True), ("/no-such-bucket/a", b"1", True), ("/samples/a", b"1", False)],
)
def test_no_answer_is_left_on_a_connection_that_waits_to_continue(
    alice: User, s3: Any, bucket: str, path: str, body: bytes, closes: bool
) -> None:
    """botocore takes what follows for a part of it: 30 seconds for each empty file of a sync."""
    key = factories.access_key(alice)
    headers = {"Expect": "100-continue", "X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}
    answer = send("PUT", path, body, signed_headers(key, "PUT", path, headers))
    assert (answer.headers.get("Connection") == "close") is closes
