"""S3 over HTTP: one function for every request that names S3 or no service at all.

It stands in settings.AWS_DATA_PLANES. The way of a request: route → who → what → answer.
"""

import logging
import secrets
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.db import OperationalError, connection

from aws import clock, remembered
from aws.context import Context
from aws.errors import AwsError, InternalFailure, OperationNotOffered
from aws.identity import ANONYMOUS, Credentials
from aws.operation import find
from aws.regions import BY_NAME, DEFAULT_REGION
from aws.services import operation_model
from aws.wire import errors, sigv4, throttle
from aws.wire.render import Headers, WireResponse
from aws.wire.request import WireRequest
from aws.wire.sigv4 import Lookup, Signed
from s3 import access, observers, points
from s3.errors import InvalidRequest, MissingRequestBodyError
from s3.wire import codec, export, forms, origins, payload, route
from s3.wire.route import Route

logger = logging.getLogger(__name__)

# On a host that buckets share, with each other or with the console, a page from a bucket runs its
# scripts in an origin of its own: no cookies, no storage, nobody else's pages.
SANDBOX = "sandbox allow-scripts allow-forms allow-popups allow-downloads"


class InternalError(InternalFailure):
    """S3's spelling."""

    message = "We encountered an internal error. Please try again."


def serve(request: WireRequest, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The data plane's callable, see `aws.wire.endpoint`."""
    request_id = secrets.token_hex(8).upper()
    host_id = codec.host_id_of(request_id)
    bucket = key = operation = error_code = ""
    seen: dict[str, Any] = {}
    started = time.perf_counter()
    try:
        query = dict(request.query_parameters)
        target = route.resolve(request, query)
        bucket, key, operation = target.bucket, target.key, target.operation
        response = _answer(request, target, query, request_id, seen)
    except AwsError as error:
        error_code = error.code
        response = codec.RENDERER.failure(error, request_id, host_id)
    except Exception:
        logger.exception("S3 request %s failed", request_id)
        error_code = InternalError.code
        response = codec.RENDERER.failure(InternalError(), request_id, host_id)
    observers.note(seen, operation, key, request, response, error_code=error_code, started=started)
    if request.method != "OPTIONS":
        response.headers += origins.headers_for(request, bucket)
    if route.is_shared_host(request.headers.get("host", "")):
        response.headers.append(("Content-Security-Policy", SANDBOX))
    if connection.errors_occurred:
        connection.close_if_unusable_or_obsolete()
    return send(request, response, request_id, host_id, start_response)


def _answer(
    request: WireRequest,
    target: Route,
    query: dict[str, str],
    request_id: str,
    seen: dict[str, Any],
) -> WireResponse:
    """seen: see `access.SEEN`; also learns the context, as "ctx".

    A caller who was remembered in vain is looked up, and the request begins anew: so it does where
    the connection to the database broke meanwhile.
    """
    if target.operation == route.PREFLIGHT:
        return origins.preflight(request, target)
    if target.operation == route.POST_OBJECT:
        return forms.answer(request, target, _form_context(request, request_id, seen))
    try:
        return _attempt(request, target, query, request_id, seen)
    except (remembered.Changed, OperationalError):
        if not remembered.forget():
            raise
        connection.close_if_unusable_or_obsolete()
    return _attempt(request, target, query, request_id, seen)


def _attempt(
    request: WireRequest,
    target: Route,
    query: dict[str, str],
    request_id: str,
    seen: dict[str, Any],
) -> WireResponse:
    try:
        return _ask(request, target, query, request_id, seen)
    finally:
        # Nothing leaves, not even a refusal, that rests on what was remembered alone.
        remembered.confirm()


def _ask(
    request: WireRequest,
    target: Route,
    query: dict[str, str],
    request_id: str,
    seen: dict[str, Any],
) -> WireResponse:
    signed = authenticate(request, query)
    ctx = seen["ctx"] = new_context(request, signed, request_id)
    ctx.cache[access.SEEN] = seen
    if target.is_by_host and (point := points.of_host(target.bucket, ctx.region)):
        target = replace(target, bucket=point)
    if target.operation == route.EXPORT:
        remembered.confirm()
        throttled(ctx)
        return export.answer(ctx, target.bucket, query)
    found = find("s3", target.operation)
    if found is None:
        raise OperationNotOffered(operation=target.operation, service="S3")
    if not found.is_data or codec.plan(target.operation).has_xml:
        # Before a body is read or an event begun: neither could begin anew.
        remembered.confirm()
    if not found.is_data:
        throttled(ctx)
    is_presigned = signed is not None and signed.signature.is_presigned
    arguments = codec.arguments(request, target, query, is_presigned=is_presigned)
    access.note_payer(ctx, arguments)
    _read_body(request, target, signed, arguments)
    answer = found.answer_data(ctx, arguments) if found.is_data else found(ctx, **arguments)
    model = operation_model("s3", target.operation)
    response = codec.RENDERER.answer(model, answer, request_id)
    response.status = ctx.cache.get(access.STATUS, response.status)
    if (bucket := seen.get("bucket")) is not None and access.is_charged(ctx, bucket):
        response.headers.append(("x-amz-request-charged", "requester"))
    return response


def authenticate(
    request: WireRequest, query: dict[str, str], lookup: Lookup = remembered.lookup
) -> Signed | None:
    """None for an anonymous request. Raises the errors of signatures.

    A key's owner is a request's first look into the database, before its body is touched: so a
    connection that broke meanwhile is found here, or by who confirms what was remembered, which
    saves Django's question before every request. Anonymous requests look later, and ask.
    """
    database: Any = connection
    database.health_check_done = True
    try:
        signed = _verified(request, query, lookup)
    except OperationalError:
        connection.close()
        signed = _verified(request, query, lookup)
    database.health_check_done = signed is not None
    return signed


def _verified(request: WireRequest, query: dict[str, str], lookup: Lookup) -> Signed | None:
    if request.headers.get("authorization", "").startswith("AWS ") or "AWSAccessKeyId" in query:
        raise InvalidRequest(
            reason="The authorization mechanism you have provided is not supported. Please use "
            "AWS4-HMAC-SHA256."
        )
    signature = sigv4.read(request, errors.S3)
    if signature is None:
        return None
    if not signature.payload_hash:
        raise InvalidRequest(
            reason="Missing required header for this request: x-amz-content-sha256"
        )
    signed = sigv4.verify(request, signature, errors.S3, lookup)
    if note_use := signed.credentials.note_use:
        note_use("s3", signature.region)
    return signed


def new_context(request: WireRequest, signed: Signed | None, request_id: str) -> Context:
    if signed is None:
        return _context_of(request, request_id, None, "", {})
    signature = signed.signature
    age = clock.real_now() - signature.moment
    conditions = {
        "s3:authType": "REST-QUERY-STRING" if signature.is_presigned else "REST-HEADER",
        "s3:signatureversion": sigv4.ALGORITHM,
        "s3:signatureAge": str(max(0, int(age.total_seconds() * 1000))),
        "s3:x-amz-content-sha256": signature.payload_hash,
    }
    return _context_of(request, request_id, signed.credentials, signature.region, conditions)


def _context_of(
    request: WireRequest,
    request_id: str,
    credentials: Credentials | None,
    region: str,
    conditions: dict[str, str],
) -> Context:
    """credentials: None for an anonymous request."""
    if request.is_secure:
        conditions["s3:TlsVersion"] = "1.2"
    if referer := request.headers.get("referer"):
        conditions["aws:referer"] = referer
    principal = credentials.principal if credentials else ANONYMOUS
    offset = credentials.clock_offset_seconds if credentials else 0.0
    ctx = Context(
        account_id=principal.account_id,
        principal=principal,
        region=region if region in BY_NAME else DEFAULT_REGION,
        source="api",
        request_id=request_id,
        source_ip=request.source_ip,
        user_agent=request.headers.get("user-agent", ""),
        secure_transport=request.is_secure,
        clock_offset=timedelta(seconds=offset),
    )
    ctx.cache[access.CONDITIONS] = conditions
    if credentials:
        ctx.cache[remembered.KEPT] = credentials.kept
    return ctx


def _form_context(request: WireRequest, request_id: str, seen: dict[str, Any]) -> forms.ContextOf:
    def context_of(credentials: Credentials | None, region: str) -> Context:
        conditions = {"s3:authType": "POST"}
        ctx = _context_of(request, request_id, credentials, region, conditions)
        seen["ctx"] = ctx
        ctx.cache[access.SEEN] = seen
        return ctx

    return context_of


def throttled(ctx: Context) -> None:
    if not throttle.may_call(ctx.principal.account_id, ctx.principal.user_id, "s3"):
        raise errors.THROTTLED[errors.S3]()


def _read_body(
    request: WireRequest, target: Route, signed: Signed | None, arguments: dict[str, Any]
) -> None:
    plan = codec.plan(target.operation)
    if plan.has_stream:
        arguments["body"] = payload.body_of(request, signed)
        _drop_transfer_coding(arguments)
    elif plan.has_xml:
        body = payload.whole(request, signed, limit=codec.MAX_XML)
        if body:
            arguments |= codec.document(request, target, body)
        elif plan.needs_xml:
            raise MissingRequestBodyError


def _drop_transfer_coding(arguments: dict[str, Any]) -> None:
    """aws-chunked is how the body travelled, not what it is."""
    if text := arguments.get("content_encoding"):
        kept = [part.strip() for part in text.split(",") if part.strip().lower() != "aws-chunked"]
        arguments["content_encoding"] = ",".join(kept)


def send(
    request: WireRequest,
    response: WireResponse,
    request_id: str,
    host_id: str,
    start_response: Any,
) -> Iterable[bytes]:
    headers: Headers = [("x-amz-id-2", host_id), ("x-amz-request-id", request_id)]
    headers += [(name, _latin(value)) for name, value in response.headers]
    body = response.body
    has_no_body = request.method == "HEAD" or response.status in (204, 304)
    has_length = any(name == "Content-Length" for name, _ in headers)
    if isinstance(body, bytes) and not has_no_body and not has_length:
        headers.append(("Content-Length", str(len(body))))
    if _is_without_continue(request, response):
        headers.append(("Connection", "close"))
    start_response(f"{response.status} {HTTPStatus(response.status).phrase}", headers)
    if has_no_body:
        return []
    return [body] if isinstance(body, bytes) else body


def _is_without_continue(request: WireRequest, response: WireResponse) -> bool:
    """Whether a client that waits for "100 Continue" may get its answer at once.

    botocore takes the next answer on such a connection for a part of this one, and waits for
    ever; AWS sends 100 always, our server only when a body is read.
    """
    is_empty = request.headers.get("content-length", "0") == "0"
    return "expect" in request.headers and (is_empty or response.status >= 400)


def _latin(value: str) -> str:
    """WSGI's headers are bytes written as Latin-1; nothing in them ends a line."""
    text = value.replace("\r", "").replace("\n", "")
    return text if text.isascii() else text.encode().decode("latin-1")
