"""What looks at every answered request: metrics, access logs, data events.

It comes after the answer is made, and whatever fails here fails for nobody.
"""

import logging
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.db import DatabaseError

from aws.context import Context
from aws.errors import AwsError
from aws.operation import Operation, Response
from aws.wire.render import WireResponse
from aws.wire.request import WireRequest
from s3 import access, access_logs, data_events, metrics
from s3.rows import BucketRow

logger = logging.getLogger(__name__)

# The operation of a request to a website.
WEBSITE = "Website"
# What the console's calls come from, as AWS's logs name it.
CONSOLE = "S3Console/0.4"


def call_data(ctx: Context, operation: Operation[Any], arguments: dict[str, Any]) -> Response:
    """The console's calls on objects, which AWS's console makes over HTTP: noted as if so."""
    access.note_payer(ctx, arguments)
    if ctx.source != "console":
        return operation.answer_data(ctx, arguments)
    seen: dict[str, Any] = {"ctx": ctx}
    ctx.cache[access.SEEN] = seen
    key = str(arguments.get("key", ""))
    path = quote(f"/{arguments.get('bucket', '')}{f'/{key}' if key else ''}")
    headers = {"user-agent": CONSOLE}
    request = WireRequest(
        operation.model.http["method"], path, "", headers, None, source_ip=ctx.source_ip
    )
    response, error_code = WireResponse(), ""
    started = time.perf_counter()
    try:
        return operation.answer_data(ctx, arguments)
    except AwsError as error:
        response.status, error_code = error.status, error.code
        raise
    finally:
        ctx.cache.pop(access.SEEN, None)
        note(seen, operation.name, key, request, response, error_code=error_code, started=started)


def note(
    seen: Mapping[str, Any],
    operation: str,
    key: str,
    request: WireRequest,
    response: WireResponse,
    *,
    error_code: str,
    started: float,
) -> None:
    """seen: see `access.SEEN`; without a bucket there is nobody to tell. started: perf_counter.

    Simplified: the time until the last byte of a large body is not waited for.
    """
    bucket: BucketRow | None = seen.get("bucket")
    ctx: Context | None = seen.get("ctx")
    if bucket is None or ctx is None:
        return
    try:
        _note(ctx, bucket, operation, key, request, response, error_code, started)
    except DatabaseError:
        logger.exception("a request of %s was not noted", bucket.name)


def _note(
    ctx: Context,
    bucket: BucketRow,
    operation: str,
    key: str,
    request: WireRequest,
    response: WireResponse,
    error_code: str,
    started: float,
) -> None:
    elapsed_ms = (time.perf_counter() - started) * 1000
    sent = _sent(request, response)
    received = request.headers.get("content-length", "0")
    metrics.count(
        bucket,
        operation,
        request.method,
        key,
        response.status,
        sent=sent,
        received=int(received) if received.isdecimal() else 0,
        first_ms=elapsed_ms,
        total_ms=elapsed_ms,
    )
    watch = bucket.watch
    if "logging" in watch:
        headers = {name.lower(): value for name, value in response.headers}
        access_logs.note(
            ctx,
            bucket,
            operation,
            key,
            request,
            response.status,
            error_code,
            headers=headers,
            sent=sent,
            total_ms=elapsed_ms,
        )
    if "data-events" in watch and (key or operation == "DeleteObjects"):
        name = "GetObject" if operation == WEBSITE else operation
        data_events.note(ctx, bucket, name, key, response.status, error_code)


def _sent(request: WireRequest, response: WireResponse) -> int:
    if request.method == "HEAD":
        return 0
    if isinstance(response.body, bytes):
        return len(response.body)
    length = next((value for name, value in response.headers if name == "Content-Length"), "0")
    return int(length)
