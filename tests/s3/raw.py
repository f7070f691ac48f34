"""Requests that boto3 does not make: by address alone, in chunks, with a broken body."""

import hashlib
import hmac
import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from django.utils.module_loading import import_string

from tests.boto import ENDPOINT, connections_stay_open

REGION = "ap-northeast-2"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def send(
    method: str,
    address: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    *,
    to: str = "aws.wire.endpoint.application",
) -> Answer:
    """address: a whole URL, or a path on the endpoint. to: the WSGI callable."""
    application = import_string(to)
    url = urlsplit(address if "://" in address else f"{ENDPOINT}{address}")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": url.path or "/",
        "RAW_URI": (url.path or "/") + (f"?{url.query}" if url.query else ""),
        "QUERY_STRING": url.query,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": url.netloc,
    }
    for name, value in (headers or {}).items():
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    answered: dict[str, Any] = {}

    def start_response(status: str, answer_headers: list[tuple[str, str]]) -> None:
        answered.update(status=int(status.split()[0]), headers=dict(answer_headers))

    with connections_stay_open():
        text = b"".join(application(environ, start_response))
    return Answer(answered["status"], answered["headers"], text)


def signed_headers(
    key: tuple[str, str], method: str, path: str, headers: dict[str, str]
) -> dict[str, str]:
    """headers with x-amz-content-sha256 set: the signature covers that."""
    request = AWSRequest(method=method, url=f"{ENDPOINT}{path}", headers=dict(headers))
    auth = S3SigV4Auth(Credentials(*key), "s3", REGION)
    auth.payload = lambda _request: headers["X-Amz-Content-SHA256"]
    auth.add_auth(request)
    return dict(request.headers.items())


def chunked(
    key: tuple[str, str], path: str, chunks: list[bytes], kind: str, trailers: dict[str, str]
) -> tuple[bytes, dict[str, str]]:
    """A PUT in aws-chunked encoding: (body, headers)."""
    headers = {
        "X-Amz-Content-SHA256": kind,
        "X-Amz-Decoded-Content-Length": str(sum(map(len, chunks))),
        "Content-Encoding": "aws-chunked",
    }
    if trailers:
        headers["X-Amz-Trailer"] = ",".join(trailers)
    headers = signed_headers(key, "PUT", path, headers)
    signer = _Signer(key[1], headers)
    is_signed = not kind.startswith("STREAMING-UNSIGNED")
    body = b""
    for chunk in [*chunks, b""]:
        mark = f";chunk-signature={signer.chunk(chunk)}" if is_signed else ""
        body += f"{len(chunk):x}{mark}\r\n".encode() + chunk + (b"\r\n" if chunk else b"")
    for name, value in trailers.items():
        body += f"{name}:{value}\r\n".encode()
    if trailers and is_signed:
        body += f"x-amz-trailer-signature:{signer.trailer(trailers)}\r\n".encode()
    return body + b"\r\n", headers


class _Signer:
    def __init__(self, secret: str, headers: dict[str, str]) -> None:
        self.moment = headers["X-Amz-Date"]
        self.previous = headers["Authorization"].rpartition("Signature=")[2]
        self.scope = f"{self.moment[:8]}/{REGION}/s3/aws4_request"
        self.key = f"AWS4{secret}".encode()
        for part in self.scope.split("/"):
            self.key = hmac.new(self.key, part.encode(), hashlib.sha256).digest()

    def chunk(self, chunk: bytes) -> str:
        empty, digest = hashlib.sha256(b"").hexdigest(), hashlib.sha256(chunk).hexdigest()
        self.previous = self._sign("AWS4-HMAC-SHA256-PAYLOAD", f"{empty}\n{digest}")
        return self.previous

    def trailer(self, trailers: dict[str, str]) -> str:
        text = "".join(f"{name}:{value}\n" for name, value in trailers.items())
        return self._sign("AWS4-HMAC-SHA256-TRAILER", hashlib.sha256(text.encode()).hexdigest())

    def _sign(self, algorithm: str, digest: str) -> str:
        text = "\n".join((algorithm, self.moment, self.scope, self.previous, digest))
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()
