"""What the upload page's script has signed for it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from iam.models import User
from tests.s3.raw import send

ODD = "folder/a b+c%20#?&='\"<script>/한글\n파일.txt"
Console = Callable[..., Client]


def ask(client: Client, bucket: str, **body: Any) -> Any:
    address = reverse("s3:upload-sign", args=[bucket])
    return client.post(address, json.dumps(body), content_type="application/json")


def test_settings_become_headers_of_the_object(
    browser_of_alice: Client, s3: Any, bucket: str
) -> None:
    settings = {
        "storage_class": "STANDARD_IA",
        "tags": [["team", "blue"]],
        "metadata": [["author", "김"]],
        "system": {"cache_control": "no-store"},
        "checksum": "SHA256",
    }
    wanted = [{"op": "put", "key": ODD, "type": "text/plain"}]
    signed = ask(browser_of_alice, bucket, requests=wanted, settings=settings).json()
    one = signed["signed"][0]
    assert send(one["method"], one["url"], b"words", one["headers"]).status == 200
    head = s3.head_object(Bucket=bucket, Key=ODD, ChecksumMode="ENABLED")
    assert (head["StorageClass"], head["CacheControl"]) == ("STANDARD_IA", "no-store")
    assert (head["TagCount"], head["ContentType"]) == (1, "text/plain")
    assert "ChecksumSHA256" in head


def test_a_file_goes_in_parts(browser_of_alice: Client, s3: Any, bucket: str) -> None:
    def one(**request: Any) -> Any:
        body = request.pop("body", b"")
        answer = ask(browser_of_alice, bucket, requests=[{"key": ODD, **request}])
        signed = answer.json()["signed"][0]
        return send(signed["method"], signed["url"], body, signed["headers"])

    begun = one(op="create", type="video/mp4").body.decode()
    upload_id = begun.partition("<UploadId>")[2].partition("<")[0]
    sizes = (5 * 1024 * 1024, 3)
    etags = [
        one(op="part", upload_id=upload_id, part=at, body=b"x" * size).headers["ETag"]
        for at, size in enumerate(sizes, start=1)
    ]
    parts = "".join(
        f"<Part><PartNumber>{at}</PartNumber><ETag>{etag}</ETag></Part>"
        for at, etag in enumerate(etags, start=1)
    )
    document = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
    assert one(op="complete", upload_id=upload_id, body=document).status == 200
    assert s3.head_object(Bucket=bucket, Key=ODD)["ContentLength"] == sum(sizes)


def test_a_signature_grants_nothing(console: Console, bob: User, bucket: str) -> None:
    wanted = [{"op": "put", "key": "a"}]
    signed = ask(console(bob), bucket, requests=wanted).json()["signed"][0]
    answer = send("PUT", signed["url"], b"", signed["headers"])
    assert (answer.status, b"s3:PutObject" in answer.body) == (403, True)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"requests": []},
        {"requests": [{"op": "put", "key": "a"}] * 101},
        {"requests": [{"op": "get", "key": "a", "upload_id": "x"}]},
        {"requests": [{"op": "put", "key": "k" * 1025}]},
        {"requests": [{"op": "part", "key": "a", "part": "x", "upload_id": "x"}]},
        {"requests": [{"op": "part", "key": "a", "part": float("inf"), "upload_id": "x"}]},
        {"requests": [{"op": "put", "key": "a"}], "settings": {"metadata": [["a"]]}},
    ],
)
def test_another_shape_is_refused(
    body: dict[str, Any], browser_of_alice: Client, bucket: str
) -> None:
    assert ask(browser_of_alice, bucket, **body).status_code == 400


def test_endless_depth_is_refused(browser_of_alice: Client, bucket: str) -> None:
    address = reverse("s3:upload-sign", args=[bucket])
    answer = browser_of_alice.post(address, "[" * 100_000, content_type="application/json")
    assert answer.status_code == 400


def test_a_header_stays_one_line(browser_of_alice: Client, bucket: str) -> None:
    settings = {"system": {"cache_control": "a\r\nx-amz-acl: public-read"}}
    wanted = [{"op": "put", "key": "a"}]
    answer = ask(browser_of_alice, bucket, requests=wanted, settings=settings)
    assert answer.json()["signed"][0]["headers"]["cache-control"] == "a x-amz-acl: public-read"
