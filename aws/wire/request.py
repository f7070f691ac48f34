"""A raw HTTP request, as the signature and the parsers need it: nothing decoded or reordered."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, quote

from aws.addresses import client_address
from aws.errors import AwsError, MalformedQueryString, RequestEntityTooLarge

# AWS bounds control-plane requests near this; a template or policy is far smaller.
MAX_BODY = 1 << 20
# A form of 1,000 instances with their tags has fewer.
MAX_PARAMETERS = 20_000


class InvalidContentLength(AwsError):
    code = "InvalidRequest"
    message = "The Content-Length header is not a number."


@dataclass
class WireRequest:
    """path: as sent, still percent-encoded. query: the raw query string. headers: lower case.

    body is read on first use, at most MAX_BODY bytes.
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    stream: Any
    source_ip: str = ""
    is_secure: bool = False
    _body: bytes | None = field(default=None, repr=False)

    @classmethod
    def from_environ(cls, environ: dict[str, Any]) -> "WireRequest":
        headers = {
            name[5:].replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            if environ.get(name):
                headers[name.replace("_", "-").lower()] = environ[name]
        return cls(
            method=environ["REQUEST_METHOD"],
            path=_raw_path(environ),
            query=environ.get("QUERY_STRING", ""),
            headers=headers,
            stream=environ["wsgi.input"],
            source_ip=client_address(environ),
            is_secure=environ.get("wsgi.url_scheme") == "https",
        )

    @property
    def body(self) -> bytes:
        """Raises RequestEntityTooLarge, InvalidContentLength."""
        if self._body is None:
            self._body = self._read()
        return self._body

    @property
    def content_type(self) -> str:
        """Without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @cached_property
    def query_parameters(self) -> list[tuple[str, str]]:
        """Raises MalformedQueryString."""
        return _pairs(self.query)

    @cached_property
    def form(self) -> dict[str, str]:
        """Parameters of the query protocols: of the address, and of a form body.

        Raises MalformedQueryString, and what `body` raises.
        """
        found = dict(self.query_parameters)
        if self.method == "POST" and self.content_type == "application/x-www-form-urlencoded":
            found.update(_pairs(self.body.decode("utf-8", "replace")))
        return found

    def _read(self) -> bytes:
        length = self.headers.get("content-length", "")
        if length and not (length.isascii() and length.isdecimal() and len(length) < 20):
            raise InvalidContentLength
        if length and int(length) > MAX_BODY:
            raise RequestEntityTooLarge(limit=MAX_BODY)
        wanted = int(length) if length else MAX_BODY + 1
        body = b"".join(_pieces(self.stream, wanted))
        if len(body) > MAX_BODY:
            raise RequestEntityTooLarge(limit=MAX_BODY)
        return body


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
    except ValueError:
        raise MalformedQueryString from None


def _pieces(stream: Any, wanted: int) -> Iterable[bytes]:
    """A socket may give less than asked at a time."""
    while wanted > 0:
        piece = stream.read(min(wanted, 65536))
        if not piece:
            return
        wanted -= len(piece)
        yield piece


def _raw_path(environ: dict[str, Any]) -> str:
    """PATH_INFO is decoded, and a signature covers the encoded path.

    Servers that keep it say so in RAW_URI or REQUEST_URI; else it is encoded again, which is
    right but for unusual encodings of the same character.
    """
    for name in ("RAW_URI", "REQUEST_URI"):
        if raw := environ.get(name):
            return str(raw).partition("?")[0] or "/"
    return quote(environ.get("PATH_INFO", "/").encode("latin-1"), safe="/-_.~") or "/"
