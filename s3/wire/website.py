"""Websites over HTTP, on the lab's public port: one function that stands in settings.PUBLIC_DOORS.

Everybody who comes here is anonymous, whatever a request carries: a page is read by the same
operation, policies and lists as any anonymous GetObject.
AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteHosting.html
"""

import logging
import secrets
import time
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit
from xml.sax.saxutils import escape

from django.db import connection

from aws.context import Context
from aws.errors import AwsError, Denied
from aws.identity import ANONYMOUS
from aws.regions import DEFAULT_REGION
from aws.services import operation_model
from aws.wire.render import Headers, WireResponse
from aws.wire.request import WireRequest
from s3 import access, configurations, observers, rows, websites
from s3.errors import (
    AllAccessDisabled,
    IncorrectEndpoint,
    InvalidURI,
    MethodNotAllowed,
    NoSuchBucket,
    NoSuchWebsiteConfiguration,
    NotModified,
)
from s3.operations import get_object, head_object
from s3.rows import BucketRow
from s3.websites import Site, Target
from s3.wire import codec, origins
from s3.wire import serve as api
from s3.wire.route import PREFLIGHT, Route

logger = logging.getLogger(__name__)

# Of GetObject's headers, those that a website heeds.
_HEEDED = ("range", "if_match", "if_none_match", "if_modified_since", "if_unmodified_since")


def serve(
    request: WireRequest, environ: dict[str, Any], start_response: Any
) -> Iterable[bytes] | None:
    """None for a request that names no website."""
    site = websites.site_of(request.headers.get("host", ""), request.path)
    if site is None:
        return None
    request_id = secrets.token_hex(8).upper()
    host_id = codec.host_id_of(request_id)
    seen: dict[str, Any] = {}
    error_code = ""
    started = time.perf_counter()
    try:
        # Rows are read past Django's cursors, which would look themselves.
        connection.close_if_health_check_failed()
        response = _Visit(request, site, request_id, seen).answer()
        response.headers += origins.headers_for(request, site.bucket)
    except AwsError as error:
        error_code = error.code
        response = _error_page(error, request_id, host_id)
    except Exception:
        error_code = api.InternalError.code
        logger.exception("website request %s failed", request_id)
        response = _error_page(api.InternalError(), request_id, host_id)
    key = site.path.removeprefix("/")
    observers.note(
        seen, observers.WEBSITE, key, request, response, error_code=error_code, started=started
    )
    if site.base:
        # All sites share this host: each page gets an origin of its own.
        response.headers.append(("Content-Security-Policy", api.SANDBOX))
    return api.send(request, response, request_id, host_id, start_response)


class _Visit:
    """One request to a website. key: what it asks for, "" for the site's root."""

    def __init__(
        self, request: WireRequest, site: Site, request_id: str, seen: dict[str, Any]
    ) -> None:
        self._request, self._site = request, site
        self._key = _key_of(site.path)
        self._ctx = seen["ctx"] = _context(request, request_id)
        self._ctx.cache[access.SEEN] = seen
        self._request_id = request_id
        self._scheme = "https" if request.is_secure else "http"
        self._host = request.headers.get("host", "")

    def answer(self) -> WireResponse:
        """Raises the errors that the page of errors tells of."""
        method = self._request.method
        if method == "OPTIONS":
            return origins.preflight(self._request, Route(PREFLIGHT, self._site.bucket, self._key))
        if method not in ("GET", "HEAD"):
            raise MethodNotAllowed(Method=method, ResourceType="OBJECT")
        bucket = _bucket(self._site)
        website = configurations.get(bucket, "website", NoSuchWebsiteConfiguration)
        if to := website.get("RedirectAllRequestsTo"):
            return _redirect(websites.redirect_all(to, self._key, self._scheme))
        if not self._site.path:
            return _redirect(Target(302, f"{self._site.base}/"))
        rules = website.get("RoutingRules", ())
        if rule := websites.rule_for(rules, self._key):
            return self._by_rule(rule)
        try:
            return self._page(bucket, website["IndexDocument"]["Suffix"])
        except NotModified as error:
            return WireResponse(304, list(error.fields["headers"]))
        except AwsError as error:
            if rule := websites.rule_for(rules, self._key, error.status):
                return self._by_rule(rule)
            document = website.get("ErrorDocument", {}).get("Key", "")
            if document and 400 <= error.status < 500:
                return self._error_document(document, error)
            raise

    def _page(self, bucket: BucketRow, suffix: str) -> WireResponse:
        is_folder = not self._key or self._key.endswith("/")
        try:
            response = self._read(self._key + suffix if is_folder else self._key, self._heeded())
        except AwsError:
            if not is_folder and self._has_index(bucket, suffix):
                return _redirect(Target(302, f"{self._site.base}/{websites.encoded(self._key)}/"))
            raise
        headers = dict(response.headers)
        if location := headers.get("x-amz-website-redirect-location"):
            _close(response)
            is_path = location.startswith("/")
            return _redirect(Target(301, self._site.base + location if is_path else location))
        return response

    def _has_index(self, bucket: BucketRow, suffix: str) -> bool:
        """Whether the key that is not there is a folder with an index document for everybody."""
        page = rows.version(bucket, self._key)
        if page is not None and not page.is_delete_marker:
            return False
        key = f"{self._key}/{suffix}"
        index = rows.version(bucket, key)
        if index is None or index.is_delete_marker:
            return False
        try:
            access.require(self._ctx, "s3:GetObject", bucket, bucket.name, key=key, of=index)
        except Denied:
            return False
        return True

    def _read(self, key: str, heeded: Mapping[str, Any]) -> WireResponse:
        operation = head_object if self._request.method == "HEAD" else get_object
        arguments = {**heeded, "bucket": self._site.bucket, "key": key}
        answer = operation.answer_data(self._ctx, arguments)
        model = operation_model("s3", operation.name)
        return codec.RENDERER.answer(model, answer, self._request_id)

    def _heeded(self) -> dict[str, Any]:
        route = Route("GetObject", self._site.bucket, self._key)
        found = codec.arguments(self._request, route, {}, is_presigned=False)
        return {name: value for name, value in found.items() if name in _HEEDED}

    def _by_rule(self, rule: Mapping[str, Any]) -> WireResponse:
        return _redirect(websites.target_of(rule, self._key, self._site, self._scheme, self._host))

    def _error_document(self, key: str, error: AwsError) -> WireResponse:
        """The bucket's own page, with the status of the error. Raises the error, and with it why
        the page could not be read."""
        try:
            response = self._read(key, {})
        except AwsError as second:
            error.fields["document_error"] = second
            raise error from None
        response.status = error.status
        response.headers += _error_headers(error)
        return response


def _bucket(site: Site) -> BucketRow:
    """Raises NoSuchBucket, IncorrectEndpoint, AllAccessDisabled."""
    found = rows.find_bucket(site.bucket)
    if found is None:
        raise NoSuchBucket(BucketName=site.bucket)
    if found.bucket_region != site.region:
        address = websites.by_name(found.name, found.bucket_region)
        raise IncorrectEndpoint(Endpoint=urlsplit(address).netloc)
    if found.is_suspended:
        raise AllAccessDisabled
    return found


def _key_of(path: str) -> str:
    """Raises InvalidURI."""
    try:
        key = unquote_to_bytes(path.removeprefix("/")).decode()
    except UnicodeDecodeError:
        raise InvalidURI(URI=path) from None
    if "\x00" in key:
        raise InvalidURI(URI=path)
    return key


def _context(request: WireRequest, request_id: str) -> Context:
    conditions = {"s3:TlsVersion": "1.2"} if request.is_secure else {}
    if referer := request.headers.get("referer"):
        conditions["aws:referer"] = referer
    ctx = Context(
        account_id=ANONYMOUS.account_id,
        principal=ANONYMOUS,
        region=DEFAULT_REGION,
        source="api",
        request_id=request_id,
        source_ip=request.source_ip,
        user_agent=request.headers.get("user-agent", ""),
        secure_transport=request.is_secure,
    )
    ctx.cache[access.CONDITIONS] = conditions
    return ctx


def _redirect(target: Target) -> WireResponse:
    return WireResponse(target.status, [("Location", target.location)])


def _close(response: WireResponse) -> None:
    """A body that nobody will read holds its file open."""
    if close := getattr(response.body, "close", None):
        close()


def _error_page(error: AwsError, request_id: str, host_id: str) -> WireResponse:
    """AWS's page of errors."""
    title = f"{error.status} {HTTPStatus(error.status).phrase}"
    ids = {"RequestId": request_id, "HostId": host_id}
    second = error.fields.get("document_error")
    more = (
        "<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n"
        f"{_listed(second, {})}"
        if second
        else ""
    )
    body = (
        f"<html>\n<head><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n"
        f"{_listed(error, ids)}{more}<hr/>\n</body>\n</html>\n"
    )
    headers = [("Content-Type", "text/html; charset=utf-8"), *_error_headers(error)]
    headers += error.fields.get("headers", ())
    if isinstance(error, MethodNotAllowed) and error.fields.get("ResourceType") == "OBJECT":
        headers.append(("Allow", "HEAD, GET"))
    return WireResponse(error.status, headers, body.encode())


def _error_headers(error: AwsError) -> Headers:
    return [("x-amz-error-code", error.code), ("x-amz-error-message", error.message)]


def _listed(error: AwsError, more: Mapping[str, str]) -> str:
    fields = {name: value for name, value in error.fields.items() if name[:1].isupper()}
    items = {"Code": error.code, "Message": error.message, **fields, **more}
    lines = (f"<li>{name}: {escape(str(value))}</li>\n" for name, value in items.items())
    return f"<ul>\n{''.join(lines)}</ul>\n"
