"""What looks at every answered request: metrics, access logs, data events.

It comes after the answer is made, and whatever fails here fails for nobody.
"""

import logging
import time
from collections.abc import Mapping
from typing import Any

from django.db import DatabaseError

from aws.context import Context
from aws.wire.render import WireResponse
from aws.wire.request import WireRequest
from s3 import access_logs, data_events, metrics
from s3.rows import BucketRow

logger = logging.getLogger(__name__)


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
    if "data-events" in watch and key:
        data_events.note(ctx, bucket, operation, key, response.status, error_code)


def _sent(request: WireRequest, response: WireResponse) -> int:
    if request.method == "HEAD":
        return 0
    if isinstance(response.body, bytes):
        return len(response.body)
    length = next((value for name, value in response.headers if name == "Content-Length"), "0")
    return int(length)
