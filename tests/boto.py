"""Real boto3 without a socket: requests are signed and parsed by botocore as ever, and its
`before-send` event hands them to the WSGI callable."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from aws.wire.endpoint import application

ENDPOINT = "http://localhost:4566"


class _Raw(io.BytesIO):
    """What botocore asks of urllib3's response."""

    def stream(self, amount: int = 65536, decode_content: bool = True) -> Any:
        while piece := self.read(amount):
            yield piece


def boto(
    service: str,
    access_key_id: str,
    secret_access_key: str,
    *,
    session_token: str | None = None,
    region: str = "ap-northeast-2",
    source_ip: str = "127.0.0.1",
) -> Any:
    """A boto3 client of the lab for one access key."""
    made = session()
    client = made.client(
        service,
        region_name=region,
        endpoint_url=ENDPOINT,
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret_access_key,
        aws_session_token=session_token,
        config=Config(retries={"max_attempts": 1, "mode": "standard"}),
    )
    client.meta.events.register_first(
        "before-send.*.*", lambda request, **_: send(request, source_ip=source_ip)
    )
    return client


@cache
def session() -> "boto3.session.Session":
    """One per process: it keeps the parsed service models."""
    return boto3.session.Session()


def send(request: AWSPreparedRequest, *, source_ip: str = "127.0.0.1") -> AWSResponse:
    """One request through the WSGI callable."""
    url = urlsplit(request.url)
    body = request.body or b""
    if hasattr(body, "read"):
        body = body.read()
    if isinstance(body, str):
        body = body.encode()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "PATH_INFO": url.path or "/",
        "RAW_URI": (url.path or "/") + (f"?{url.query}" if url.query else ""),
        "QUERY_STRING": url.query,
        "HTTP_HOST": url.netloc,
        "REMOTE_ADDR": source_ip,
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": url.scheme,
        "CONTENT_LENGTH": str(len(body)),
    }
    for name, value in request.headers.items():
        text = value.decode() if isinstance(value, bytes) else value
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = text
    answered: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        answered.update(status=int(status.split()[0]), headers=dict(headers))

    with connections_stay_open():
        raw = _Raw(b"".join(application(environ, start_response)))
    return AWSResponse(request.url, answered["status"], answered["headers"], raw)


@contextmanager
def connections_stay_open() -> Iterator[None]:
    """As Django's own test client: the test's transaction lives in the thread's connection."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)
