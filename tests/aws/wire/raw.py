"""Signed requests that boto3 would not send: any body, any header, any service."""

import json
from typing import Any

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from defusedxml.ElementTree import fromstring

from tests.boto import ENDPOINT
from tests.s3.raw import Answer, send

REGION = "us-east-1"
FORM = "application/x-www-form-urlencoded; charset=utf-8"
Key = tuple[str, str]


def call(
    key: Key,
    service: str,
    body: bytes | str = b"",
    *,
    method: str = "POST",
    path: str = "/",
    token: str | None = None,
    **headers: str,
) -> Answer:
    """One signed request. headers: content_type="…" is Content-Type."""
    data = body.encode() if isinstance(body, str) else body
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    named.setdefault("Content-Type", FORM)
    request = AWSRequest(method=method, url=f"{ENDPOINT}{path}", data=data, headers=named)
    SigV4Auth(Credentials(*key, token), service, REGION).add_auth(request)
    return send(method, path, data, dict(request.headers.items()))


def target(key: Key, name: str, body: bytes | str, **headers: str) -> Answer:
    """A JSON call of CloudTrail."""
    return call(
        key,
        "cloudtrail",
        body,
        x_amz_target=f"com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.{name}",
        content_type="application/x-amz-json-1.1",
        **headers,
    )


def presigned(
    key: Key, service: str, query: str, *, method: str = "GET", expires: int = 60, **headers: str
) -> str:
    """The path and query of an address that needs no header."""
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    request = AWSRequest(method=method, url=f"{ENDPOINT}/?{query}", headers=named)
    SigV4QueryAuth(Credentials(*key), service, REGION, expires=expires).add_auth(request)
    return str(request.url).removeprefix(ENDPOINT)


def code_of(answer: Answer) -> str:
    """The error code, whatever the protocol."""
    if answer.body.startswith(b"{"):
        document: dict[str, Any] = json.loads(answer.body)
        return str(document["__type"])
    found = fromstring(answer.body).iter()
    return next(str(node.text) for node in found if node.tag.endswith("Code"))


__all__ = ["FORM", "Answer", "call", "code_of", "presigned", "send", "target"]
