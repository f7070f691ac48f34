"""What a client may get wrong, and AWS's answer to each: through the wire."""

import base64
import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest

from aws import clock
from aws.services import SERVICES
from iam.models import User
from s3.wire import route
from tests import factories
from tests.s3 import raw
from tests.s3.raw import Answer

Key = tuple[str, str]
MIB = 1024**2
UNSIGNED = {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}
MD5_OF_X = base64.b64encode(hashlib.md5(b"x", usedforsecurity=False).digest()).decode()


@pytest.fixture
def key(alice: User) -> Key:
    return factories.access_key(alice)


@pytest.fixture
def ask(key: Key) -> Callable[..., Answer]:
    """`ask("PUT", "/samples/a", b"…", {"Content-MD5": …})`, signed by alice."""

    def send(
        method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        wanted = {"X-Amz-Content-SHA256": hashlib.sha256(body).hexdigest(), **(headers or {})}
        return raw.send(method, path, body, raw.signed_headers(key, method, path, wanted))

    return send


@pytest.fixture
def stocked(s3: Any, bucket: str) -> str:
    s3.put_object(Bucket=bucket, Key="there", Body=b"0123456789")
    return bucket


def code_of(answer: Answer) -> tuple[int, str]:
    text = answer.body.decode()
    return answer.status, text.partition("<Code>")[2].partition("</Code>")[0]


def deletion(*keys: str) -> bytes:
    inner = "".join(f"<Object><Key>{key}</Key></Object>" for key in keys)
    return f"<Delete>{inner}</Delete>".encode()


def tagging(*pairs: tuple[str, str]) -> bytes:
    inner = "".join(f"<Tag><Key>{key}</Key><Value>{text}</Value></Tag>" for key, text in pairs)
    return f"<Tagging><TagSet>{inner}</TagSet></Tagging>".encode()


# What is wrong: method, path after the bucket, headers, body, status, code.
TABLE: dict[str, tuple[str, str, dict[str, str], bytes, int, str]] = {
    # Names and keys
    "a key of 1,025 bytes": ("PUT", f"/{'k' * 1025}", {}, b"", 400, "KeyTooLongError"),
    "a key of 1,026 bytes in 342 characters": (
        "PUT", f"/{'%EA%B0%80' * 342}", {}, b"", 400, "KeyTooLongError",
    ),
    "a key that is no UTF-8": ("GET", "/%ff%fe", {}, b"", 400, "InvalidURI"),
    "a key with a null byte": ("GET", "/a%00b", {}, b"", 400, "InvalidURI"),
    # Digests and checksums
    "another body's MD5": ("PUT", "/a", {"Content-MD5": MD5_OF_X}, b"y", 400, "BadDigest"),
    "an MD5 that is none": ("PUT", "/a", {"Content-MD5": "nonsense"}, b"y", 400, "InvalidDigest"),
    "a short MD5": ("PUT", "/a", {"Content-MD5": "AAAA"}, b"y", 400, "InvalidDigest"),
    "another body's CRC32": (
        "PUT", "/a", {"x-amz-checksum-crc32": "AAAAAA=="}, b"y", 400, "BadDigest",
    ),
    "a checksum that is none": (
        "PUT", "/a", {"x-amz-checksum-sha256": "short"}, b"y", 400, "InvalidRequest",
    ),
    "two checksums": (
        "PUT", "/a", {"x-amz-checksum-crc32": "AAAAAA==", "x-amz-checksum-crc32c": "AAAAAA=="},
        b"y", 400, "InvalidRequest",
    ),
    "an algorithm that is none": (
        "PUT", "/a", {"x-amz-sdk-checksum-algorithm": "MD4"}, b"y", 400, "InvalidRequest",
    ),
    "another document's MD5": (
        "POST", "?delete", {"Content-MD5": MD5_OF_X}, deletion("a"), 400, "BadDigest",
    ),
    "another body's SHA-256": (
        "PUT", "/a", {"X-Amz-Content-SHA256": "0" * 64}, b"y", 400, "XAmzContentSHA256Mismatch",
    ),
    # Sizes
    "more than 5 GiB": (
        "PUT", "/a", {**UNSIGNED, "Content-Length": str(5 * 1024**3 + 1)}, b"", 400,
        "EntityTooLarge",
    ),
    "a body that ends early": (
        "PUT", "/a", {**UNSIGNED, "Content-Length": "10"}, b"short", 400, "IncompleteBody",
    ),
    "no length": (
        "PUT", "/a", {**UNSIGNED, "Content-Length": "", "Transfer-Encoding": "chunked"}, b"", 411,
        "MissingContentLength",
    ),
    "a length that is no number": (
        "PUT", "/a", {**UNSIGNED, "Content-Length": "many"}, b"", 400, "InvalidRequest",
    ),
    "2,049 bytes of metadata": (
        "PUT", "/a", {"x-amz-meta-a": "x" * 2048}, b"", 400, "MetadataTooLarge",
    ),
    # Headers
    "a storage class that is none": (
        "PUT", "/a", {"x-amz-storage-class": "WARM"}, b"", 400, "InvalidStorageClass",
    ),
    "a canned list that is none": (
        "PUT", "/a", {"x-amz-acl": "everybody"}, b"", 400, "AccessControlListNotSupported",
    ),
    "encryption that is none": (
        "PUT", "/a", {"x-amz-server-side-encryption": "ROT13"}, b"", 400, "InvalidArgument",
    ),
    "half of a customer's key": (
        "PUT", "/a", {"x-amz-server-side-encryption-customer-algorithm": "AES256"}, b"", 400,
        "InvalidArgument",
    ),
    "a redirect to nowhere": (
        "PUT", "/a", {"x-amz-website-redirect-location": "else"}, b"", 400,
        "InvalidRedirectLocation",
    ),
    "a directive that is none": (
        "PUT", "/a", {"x-amz-copy-source": "samples/there", "x-amz-metadata-directive": "MERGE"},
        b"", 400, "InvalidArgument",
    ),
    "a source without a key": (
        "PUT", "/a", {"x-amz-copy-source": "samples"}, b"", 400, "InvalidArgument",
    ),
    "a source that is not there": (
        "PUT", "/a", {"x-amz-copy-source": "samples/none"}, b"", 404, "NoSuchKey",
    ),
    "a copy onto itself that changes nothing": (
        "PUT", "/there", {"x-amz-copy-source": "samples/there"}, b"", 400, "InvalidRequest",
    ),
    "eleven tags": (
        "PUT", "/a", {"x-amz-tagging": "&".join(f"t{n}=x" for n in range(11))}, b"", 400,
        "InvalidArgument",
    ),
    "a condition that AWS has not": (
        "PUT", "/a", {"If-None-Match": '"x"'}, b"", 501, "NotImplemented",
    ),
    "a retention where no lock is": (
        "PUT", "/a", {"x-amz-object-lock-mode": "GOVERNANCE"}, b"", 400, "InvalidRequest",
    ),
    # Reading
    "a range past the end": ("GET", "/there", {"Range": "bytes=10-"}, b"", 416, "InvalidRange"),
    "the last none bytes": ("GET", "/there", {"Range": "bytes=-0"}, b"", 416, "InvalidRange"),
    "part 0": ("GET", "/there?partNumber=0", {}, b"", 400, "InvalidArgument"),
    "part 10,001": ("GET", "/there?partNumber=10001", {}, b"", 400, "InvalidArgument"),
    "part two of one": ("GET", "/there?partNumber=2", {}, b"", 416, "InvalidPartNumber"),
    "part x": ("GET", "/there?partNumber=x", {}, b"", 400, "InvalidArgument"),
    "a range and a part": (
        "GET", "/there?partNumber=1", {"Range": "bytes=0-1"}, b"", 400, "InvalidRequest",
    ),
    "a version that is none": ("GET", "/there?versionId=none", {}, b"", 404, "NoSuchVersion"),
    "a stale condition": ("GET", "/there", {"If-Match": '"x"'}, b"", 412, "PreconditionFailed"),
    "attributes that are none": (
        "GET", "/there?attributes", {"x-amz-object-attributes": "Colour"}, b"", 400,
        "InvalidArgument",
    ),
    # Lists
    "max-keys below zero": ("GET", "?max-keys=-1", {}, b"", 400, "InvalidArgument"),
    "max-keys of no number": ("GET", "?max-keys=all", {}, b"", 400, "InvalidArgument"),
    "max-keys past every integer": ("GET", "?max-keys=2147483648", {}, b"", 400, "InvalidArgument"),
    "max-keys of versions below zero": (
        "GET", "?versions&max-keys=-1", {}, b"", 400, "InvalidArgument",
    ),
    "an encoding that is none": ("GET", "?encoding-type=hex", {}, b"", 400, "InvalidArgument"),
    "a token that is none": (
        "GET", "?list-type=2&continuation-token=no.token", {}, b"", 400, "InvalidArgument",
    ),
    "an empty token": (
        "GET", "?list-type=2&continuation-token=", {}, b"", 400, "InvalidArgument",
    ),
    "a version marker alone": (
        "GET", "?versions&version-id-marker=x", {}, b"", 400, "InvalidArgument",
    ),
    "max-uploads of no number": ("GET", "?uploads&max-uploads=x", {}, b"", 400, "InvalidArgument"),
    # Multipart uploads
    "an upload that is none": (
        "PUT", "/a?uploadId=none&partNumber=1", {}, b"x", 404, "NoSuchUpload",
    ),
    "completing what is none": (
        "POST", "/a?uploadId=none", {},
        b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part>"
        b"</CompleteMultipartUpload>",
        404, "NoSuchUpload",
    ),
    "listing what is none": ("GET", "/a?uploadId=none", {}, b"", 404, "NoSuchUpload"),
    # Documents
    "no XML": ("POST", "?delete", {}, b"keys: a, b", 400, "MalformedXML"),
    "half of a document": ("POST", "?delete", {}, b"<Delete><Object>", 400, "MalformedXML"),
    "a document of entities": (
        "POST", "?delete", {},
        b'<!DOCTYPE d [<!ENTITY a "aaaa">]><Delete><Object><Key>&a;</Key></Object></Delete>',
        400, "MalformedXML",
    ),
    "deleting nothing": ("POST", "?delete", {}, b"<Delete></Delete>", 400, "MalformedXML"),
    "deleting 1,001 keys": (
        "POST", "?delete", {}, deletion(*map(str, range(1001))), 400, "MalformedXML",
    ),
    "a status that is none": (
        "PUT", "?versioning", {},
        b"<VersioningConfiguration><Status>On</Status></VersioningConfiguration>", 400,
        "MalformedXML",
    ),
    "another document": (
        "PUT", "?versioning", {}, b"<Tagging></Tagging>", 400,
        "IllegalVersioningConfigurationException",
    ),
    "no document": ("PUT", "?tagging", {}, b"", 400, "MissingRequestBodyError"),
    "a policy of no JSON": ("PUT", "?policy", {}, b"{", 400, "MalformedPolicy"),
    "a policy about another bucket": (
        "PUT", "?policy", {},
        b'{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*",'
        b'"Action":"s3:GetObject","Resource":"arn:aws:s3:::else/*"}]}',
        400, "MalformedPolicy",
    ),
    "a tag's key of 129 letters": (
        "PUT", "?tagging", {}, tagging(("k" * 129, "x")), 400, "InvalidTag",
    ),
    "a tag's value of 257 letters": (
        "PUT", "?tagging", {}, tagging(("k", "x" * 257)), 400, "InvalidTag",
    ),
    "a tag twice": ("PUT", "?tagging", {}, tagging(("k", "1"), ("k", "2")), 400, "InvalidTag"),
    "a tag of AWS's own": ("PUT", "?tagging", {}, tagging(("aws:k", "x")), 400, "InvalidTag"),
    "a tag with a letter that none has": (
        "PUT", "?tagging", {}, tagging(("k", "100%")), 400, "InvalidTag",
    ),
    # Methods and ways
    "a method that a bucket has not": ("PATCH", "", {}, b"", 405, "MethodNotAllowed"),
    "a method that an object has not": ("POST", "/there", {}, b"", 405, "MethodNotAllowed"),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLE)
def test_what_is_wrong_has_awss_code(ask: Any, stocked: str, case: str) -> None:
    method, path, headers, body, status, code = TABLE[case]
    answer = ask(method, f"/{stocked}{path}", body, headers)
    assert code_of(answer) == (status, code)
    assert answer.headers["Content-Type"] == "application/xml"
    assert b"<RequestId>" in answer.body


# CONSOLE.md and AWS: bucketnamingrules.html
NAMES = [
    "ab", "a" * 64, "Upper", "under_score", "sp%20ace", "-first", "last-", ".first", "last.",
    "two..dots", "192.168.5.4", "xn--name", "sthree-name", "amzn-s3-demo-name", "name-s3alias",
    "name--ol-s3", "name.mrap", "name--x-s3", "name--table-s3", "%EA%B0%80%EB%82%98",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_that_no_bucket_may_have(ask: Any, name: str) -> None:
    body = (
        b"<CreateBucketConfiguration><LocationConstraint>ap-northeast-2</LocationConstraint>"
        b"</CreateBucketConfiguration>"
    )
    assert code_of(ask("PUT", f"/{name}", body)) == (400, "InvalidBucketName")


@pytest.mark.parametrize("name", ["a.b-c", "0ab", "192.168.5", "a" * 63, "name-s3alias-x"])
def test_names_that_look_wrong_and_are_right(ask: Any, name: str) -> None:
    body = (
        b"<CreateBucketConfiguration><LocationConstraint>ap-northeast-2</LocationConstraint>"
        b"</CreateBucketConfiguration>"
    )
    assert ask("PUT", f"/{name}", body).status == 200


@pytest.mark.parametrize(
    ("constraint", "code"),
    [
        ("mars-north-1", "IllegalLocationConstraintException"),
        ("us-west-2", "IllegalLocationConstraintException"),
    ],
)
def test_places_that_no_bucket_may_be_in(ask: Any, constraint: str, code: str) -> None:
    body = f"<CreateBucketConfiguration><LocationConstraint>{constraint}</LocationConstraint>"
    answer = ask("PUT", "/fresh", f"{body}</CreateBucketConfiguration>".encode())
    assert code_of(answer) == (400, code)


class TestMultipart:
    """Parts in a wrong order, of a wrong size, or not there."""

    @pytest.fixture
    def upload(self, s3: Any, bucket: str) -> str:
        made: str = s3.create_multipart_upload(Bucket=bucket, Key="a")["UploadId"]
        return made

    def put(self, s3: Any, bucket: str, upload: str, number: int, size: int) -> dict[str, Any]:
        answer = s3.upload_part(
            Bucket=bucket, Key="a", UploadId=upload, PartNumber=number, Body=b"x" * size
        )
        return {"PartNumber": number, "ETag": answer["ETag"].strip('"')}

    def complete(self, ask: Any, bucket: str, upload: str, *parts: dict[str, Any]) -> Answer:
        inner = "".join(
            f"<Part><PartNumber>{part['PartNumber']}</PartNumber><ETag>{part['ETag']}</ETag></Part>"
            for part in parts
        )
        body = f"<CompleteMultipartUpload>{inner}</CompleteMultipartUpload>".encode()
        answer: Answer = ask("POST", f"/{bucket}/a?uploadId={upload}", body)
        return answer

    @pytest.mark.parametrize("number", ["0", "10001", "-1", "x"])
    def test_numbers_of_parts(self, ask: Any, bucket: str, upload: str, number: str) -> None:
        answer = ask("PUT", f"/{bucket}/a?uploadId={upload}&partNumber={number}", b"x")
        assert code_of(answer) == (400, "InvalidArgument")

    def test_order(self, ask: Any, s3: Any, bucket: str, upload: str) -> None:
        first, second = (self.put(s3, bucket, upload, number, 1) for number in (1, 2))
        answer = self.complete(ask, bucket, upload, second, first)
        assert code_of(answer) == (400, "InvalidPartOrder")

    def test_small_parts(self, ask: Any, s3: Any, bucket: str, upload: str) -> None:
        first, second = (self.put(s3, bucket, upload, number, 1) for number in (1, 2))
        answer = self.complete(ask, bucket, upload, first, second)
        assert code_of(answer) == (400, "EntityTooSmall")
        assert b"<MinSizeAllowed>5242880</MinSizeAllowed>" in answer.body

    def test_parts_that_are_not_there(self, ask: Any, s3: Any, bucket: str, upload: str) -> None:
        first = self.put(s3, bucket, upload, 1, 1)
        for wrong in ({**first, "PartNumber": 2}, {**first, "ETag": "0" * 32}):
            assert code_of(self.complete(ask, bucket, upload, wrong)) == (400, "InvalidPart")

    def test_no_parts(self, ask: Any, bucket: str, upload: str) -> None:
        assert code_of(self.complete(ask, bucket, upload)) == (400, "MalformedXML")


class TestSignatures:
    """When, where and by whom a request says that it was signed."""

    @pytest.mark.parametrize("minutes", [-16, 16])
    def test_a_clock_that_is_off(self, ask: Any, stocked: str, minutes: int) -> None:
        now = clock.real_now() + timedelta(minutes=minutes)
        with mock.patch("aws.clock.real_now", return_value=now):
            answer = ask("GET", f"/{stocked}/there")
        assert code_of(answer) == (403, "RequestTimeTooSkewed")

    def test_another_region(self, stocked: str, alice: User, client_of: Any) -> None:
        client = client_of(alice, region="eu-central-1")
        address = client.generate_presigned_url("get_object", {"Bucket": stocked, "Key": "there"})
        answer = raw.send("GET", address)
        assert code_of(answer) == (400, "AuthorizationHeaderMalformed")
        assert b"<Region>ap-northeast-2</Region>" in answer.body

    def test_a_key_of_nobodys(self, stocked: str) -> None:
        headers = {"X-Amz-Content-SHA256": hashlib.sha256(b"").hexdigest()}
        path = f"/{stocked}/there"
        signed = raw.signed_headers(("AKIAIOSFODNN7EXAMPLE", "x" * 40), "GET", path, headers)
        assert code_of(raw.send("GET", path, headers=signed)) == (403, "InvalidAccessKeyId")

    def test_a_secret_that_is_wrong(self, stocked: str, key: Key) -> None:
        headers = {"X-Amz-Content-SHA256": hashlib.sha256(b"").hexdigest()}
        path = f"/{stocked}/there"
        signed = raw.signed_headers((key[0], "x" * 40), "GET", path, headers)
        assert code_of(raw.send("GET", path, headers=signed)) == (403, "SignatureDoesNotMatch")

    @pytest.mark.parametrize(
        ("text", "status", "code"),
        [
            ("AWS AKIAIOSFODNN7EXAMPLE:c2lnbmF0dXJl", 400, "InvalidRequest"),
            ("AWS4-HMAC-SHA256 Credential=x", 400, "AuthorizationHeaderMalformed"),
            ("Bearer token", 400, "AuthorizationHeaderMalformed"),
        ],
    )
    def test_headers_that_are_none(self, stocked: str, text: str, status: int, code: str) -> None:
        answer = raw.send("GET", f"/{stocked}/there", headers={"Authorization": text})
        assert code_of(answer) == (status, code)

    @pytest.fixture
    def address(self, s3: Any, stocked: str) -> str:
        wanted = {"Bucket": stocked, "Key": "there"}
        made: str = s3.generate_presigned_url("get_object", wanted, ExpiresIn=60)
        return made

    def test_a_presigned_address_ends(self, address: str) -> None:
        assert raw.send("GET", address).status == 200
        now = clock.real_now() + timedelta(seconds=61)
        with mock.patch("aws.clock.real_now", return_value=now):
            answer = raw.send("GET", address)
        assert code_of(answer) == (403, "AccessDenied")
        assert b"Request has expired" in answer.body

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("/there?", "/other?"),
            ("X-Amz-Expires=60", "X-Amz-Expires=600"),
            ("X-Amz-SignedHeaders=host", "versionId=x&X-Amz-SignedHeaders=host"),
        ],
    )
    def test_a_presigned_address_that_was_changed(self, address: str, old: str, new: str) -> None:
        assert old in address
        answer = raw.send("GET", address.replace(old, new))
        assert code_of(answer) == (403, "SignatureDoesNotMatch")

    def test_a_presigned_address_for_another_method(self, address: str) -> None:
        assert code_of(raw.send("PUT", address, b"x")) == (403, "SignatureDoesNotMatch")

    @pytest.mark.parametrize("seconds", ["0", "604801", "-1", "soon"])
    def test_a_presigned_address_for_ever(self, address: str, seconds: str) -> None:
        changed = address.replace("X-Amz-Expires=60", f"X-Amz-Expires={seconds}")
        answer = raw.send("GET", changed)
        assert code_of(answer) == (400, "AuthorizationQueryParametersError")


LACKED = [
    "CreateSession", "GetObjectTorrent", "SelectObjectContent", "RenameObject",
    "CreateBucketMetadataConfiguration", "GetBucketMetadataConfiguration",
    "CreateBucketMetadataTableConfiguration", "UpdateObjectEncryption",
]  # fmt: skip


@pytest.mark.parametrize("operation", LACKED)
def test_what_the_lab_lacks_is_said(ask: Any, stocked: str, operation: str) -> None:
    http = SERVICES["s3"].service_model.operation_model(operation).http
    path = http["requestUri"].replace("{Bucket}", stocked).replace("{Key+}", "there")
    path = path.replace(f"/{stocked}/{stocked}", f"/{stocked}")
    if not path.startswith(f"/{stocked}"):
        path = f"/{stocked}{path}"
    answer = ask(http["method"], path)
    assert code_of(answer) == (501, "NotImplemented")
    assert operation in answer.body.decode()


def test_every_operation_of_awss_model_is_reached_by_its_request() -> None:
    """But for older names of others, and of hosts that buckets do not have."""
    reached = {
        name
        for plain, by_subresource in route._table().values()
        for name in (plain, *by_subresource.values())
    }
    names = set(SERVICES["s3"].service_model.operation_names)
    lists = {name for name in names if name.startswith("List") and name.endswith("Configurations")}
    assert names - reached - lists <= route._OTHERS


@pytest.mark.parametrize("service", ["s3tables", "s3express", "s3vectors", "s3-outposts"])
def test_services_beside_s3_are_said_to_be_lacking(key: Key, service: str) -> None:
    headers = {"X-Amz-Content-SHA256": hashlib.sha256(b"").hexdigest()}
    signed = raw.signed_headers(key, "GET", "/buckets", headers)
    signed["Authorization"] = signed["Authorization"].replace("/s3/", f"/{service}/")
    answer = raw.send("GET", "/buckets", headers=signed)
    assert code_of(answer) == (501, "NotImplemented")
    assert service in answer.body.decode()
