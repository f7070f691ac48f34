"""Uploads by an HTML form."""

import os
from typing import Any
from xml.etree import ElementTree

import pytest

from iam.models import User
from s3.models import ObjectVersion
from tests import factories
from tests.s3.raw import Answer, send

BOUNDARY = "----form-boundary"


def form(fields: dict[str, str], body: bytes | None, filename: str = "photo.jpg") -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    if body is not None:
        head = f'Content-Disposition: form-data; name="file"; filename="{filename}"'
        parts.append(
            f"--{BOUNDARY}\r\n{head}\r\nContent-Type: image/jpeg\r\n\r\n".encode() + body + b"\r\n"
        )
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def post(fields: dict[str, str], body: bytes | None = b"bytes", path: str = "/samples") -> Answer:
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    return send("POST", path, form(fields, body), {"Content-Type": kind})


def presigned(s3: Any, key: str = "uploads/${filename}", **more: Any) -> dict[str, str]:
    answer = s3.generate_presigned_post("samples", key, **more)
    fields: dict[str, str] = answer["fields"]
    return fields


@pytest.mark.parametrize(
    "body", [b"", b"\r\n--", os.urandom(300_000)], ids=["empty", "dash", "big"]
)
def test_a_form_stores_its_file(s3: Any, bucket: str, body: bytes) -> None:
    answer = post(presigned(s3), body)
    assert (answer.status, answer.body) == (204, b"")
    got = s3.get_object(Bucket=bucket, Key="uploads/photo.jpg")
    assert (got["Body"].read(), got["ContentType"]) == (body, "image/jpeg")


def test_fields_are_headers(s3: Any, bucket: str) -> None:
    fields = {
        "Content-Type": "text/plain",
        "x-amz-meta-color": "blue",
        "success_action_status": "201",
        "tagging": "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>",
    }
    conditions = [{name: value} for name, value in fields.items()]
    answer = post(presigned(s3, "a", Fields=dict(fields), Conditions=conditions))
    assert answer.status == 201, answer.body
    assert ElementTree.fromstring(answer.body).findtext("Key") == "a"  # noqa: S314 - our own
    head = s3.head_object(Bucket=bucket, Key="a")
    assert (head["ContentType"], head["Metadata"]) == ("text/plain", {"color": "blue"})
    assert s3.get_object_tagging(Bucket=bucket, Key="a")["TagSet"] == [{"Key": "a", "Value": "b"}]


def test_it_leads_on(s3: Any, bucket: str) -> None:
    fields = {"success_action_redirect": "http://example.com/done?a=1"}
    answer = post(presigned(s3, "k", Fields=dict(fields), Conditions=[dict(fields)]))
    assert answer.status == 303
    assert answer.headers["Location"].startswith("http://example.com/done?a=1&bucket=samples&key=k")


@pytest.mark.parametrize(
    ("conditions", "changes", "code"),
    [
        ([["starts-with", "$key", "home/"]], {}, b"AccessDenied"),
        ([], {"x-amz-meta-more": "1"}, b"Extra input fields: x-amz-meta-more"),
        ([["content-length-range", 10, 20]], {}, b"EntityTooSmall"),
        ([["content-length-range", 0, 2]], {}, b"EntityTooLarge"),
        ([], {"x-amz-signature": "0" * 64}, b"SignatureDoesNotMatch"),
        ([], {"policy": "e30="}, b"SignatureDoesNotMatch"),
    ],
)
def test_what_the_policy_refuses(
    s3: Any, bucket: str, conditions: list[Any], changes: dict[str, str], code: bytes
) -> None:
    fields = presigned(s3, Conditions=conditions) | changes
    answer = post(fields)
    assert answer.status in (400, 403)
    assert code in answer.body, answer.body
    assert not ObjectVersion.objects.exists()


def test_an_expired_policy(s3: Any, bucket: str) -> None:
    answer = post(presigned(s3, ExpiresIn=-5))
    assert (answer.status, b"Policy expired" in answer.body) == (403, True)


def test_the_key_needs_the_permission_itself(s3: Any, bucket: str, nobody: User) -> None:
    from tests.boto import boto

    fields = presigned(boto("s3", *factories.access_key(nobody)))
    assert post(fields).status == 403


def test_nobody_posts_without_a_policy(s3: Any, bucket: str) -> None:
    assert post({"key": "a"}).status == 403


def test_forms_that_cannot_be_read(s3: Any, bucket: str) -> None:
    assert b"InvalidArgument" in post({}, b"x").body
    assert b"InvalidArgument" in post({"key": "a"}, None).body
    assert post({"key": "a", "other": "x" * 30_000}).status == 400
    assert not ObjectVersion.objects.exists()
