"""The AWS API: one WSGI callable, before and without Django's middleware.

    granian --interface wsgi aws.wire.endpoint:application

A request goes through the handlers of `_answer`, top to bottom. A data plane (S3's objects) is
dispatched before any of them, see `DATA_PLANES`.
"""

import logging
import os
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import django
from django.apps import apps

if not apps.ready:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    django.setup()

# These need Django's settings.
from django.conf import settings  # noqa: E402
from django.core.signals import request_finished, request_started  # noqa: E402
from django.utils.module_loading import import_string  # noqa: E402

from aws import operation  # noqa: E402
from aws.context import Context  # noqa: E402
from aws.errors import AwsError, InternalFailure, OperationNotOffered  # noqa: E402
from aws.regions import BY_NAME, DEFAULT_REGION  # noqa: E402
from aws.services import SERVICES, Service  # noqa: E402
from aws.wire import errors, identify, parse, sigv4, throttle  # noqa: E402
from aws.wire.identify import Target  # noqa: E402
from aws.wire.render import RENDERERS, WireResponse  # noqa: E402
from aws.wire.request import WireRequest  # noqa: E402
from aws.wire.sigv4 import Signed  # noqa: E402

logger = logging.getLogger(__name__)

StartResponse = Callable[..., Any]
DataPlane = Callable[[WireRequest, dict[str, Any], StartResponse], Iterable[bytes]]
# Service prefix → what answers its requests instead of the handlers below.
DATA_PLANES: dict[str, DataPlane] = {
    prefix: import_string(path) for prefix, path in settings.AWS_DATA_PLANES.items()
}
HEALTH_PATH = "/_lab/health"


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """WSGI."""
    request = WireRequest.from_environ(environ)
    if request.path == HEALTH_PATH:
        return _send(start_response, WireResponse(body=b'{"status": "ok"}'), str(uuid.uuid4()))
    request_id = str(uuid.uuid4())
    service: Service | None = None
    try:
        service = identify.service_of(request)
        if service is not None and service.prefix in DATA_PLANES:
            return DATA_PLANES[service.prefix](request, environ, start_response)
        with _fresh_connections(environ):
            response = _answer(request, service, request_id)
    except AwsError as error:
        response = _error(request, service, error, request_id)
    except Exception:
        logger.exception("request %s failed", request_id)
        response = _error(request, service, InternalFailure(), request_id)
    return _send(start_response, response, request_id)


@contextmanager
def _fresh_connections(environ: dict[str, Any]) -> Iterator[None]:
    """Django's database layer drops connections that are too old or broken at these signals.

    They cost more than a data plane's whole dispatch, so those see to their connection themselves.
    """
    request_started.send(sender=application, environ=environ)
    try:
        yield
    finally:
        request_finished.send(sender=application)


def _answer(request: WireRequest, service: Service | None, request_id: str) -> WireResponse:
    """The handlers of a control-plane request, in order."""
    service = _require_service(request, service)
    signed = _authenticate(request, service)
    target = identify.target_of(request, service)
    _throttle(signed, service)
    found = _find(target)
    arguments = _parse(request, target)
    ctx = _context(request, signed, request_id)
    answer = found(ctx, **arguments)
    response: WireResponse = RENDERERS[target.protocol].answer(target.model, answer, request_id)
    return response


def _require_service(request: WireRequest, service: Service | None) -> Service:
    if service is None and (name := identify.signed_service(request)):
        raise errors.ServiceNotOffered(service=name[:50])
    if service is None:
        raise errors.InvalidRequest(reason="The request names no service that this lab offers.")
    return service


def _authenticate(request: WireRequest, service: Service) -> Signed:
    dialect = errors.dialect(service)
    signature = sigv4.read(request, dialect)
    if signature is None:
        raise errors.MISSING[dialect]()
    signed = sigv4.verify(request, signature, dialect)
    if note_use := signed.credentials.note_use:
        note_use(service.prefix, signature.region)
    return signed


def _throttle(signed: Signed, service: Service) -> None:
    principal = signed.credentials.principal
    if not throttle.may_call(principal.account_id, principal.user_id, service.prefix):
        raise errors.THROTTLED[errors.dialect(service)]()


def _find(target: Target) -> "operation.Operation[Any]":
    """The offered operation; else AWS's words for no such operation, or ours for not yet."""
    found = operation.find(target.service.prefix, target.operation)
    if found is None:
        name = target.model.name
        raise OperationNotOffered(operation=name, service=target.service.title)
    return found


def _parse(request: WireRequest, target: Target) -> dict[str, Any]:
    parser = parse.PARSERS[target.protocol]
    more = [target.labels] if target.protocol.startswith("rest-") else []
    parameters = parser.parse(request, target.model, *more)
    return parse.to_arguments(target.model, parameters)


def _context(request: WireRequest, signed: Signed, request_id: str) -> Context:
    credentials, region = signed.credentials, signed.signature.region
    return Context(
        account_id=credentials.principal.account_id,
        principal=credentials.principal,
        region=region if region in BY_NAME else DEFAULT_REGION,
        source="api",
        request_id=request_id,
        source_ip=request.source_ip,
        user_agent=request.headers.get("user-agent", ""),
        secure_transport=request.is_secure,
        clock_offset=timedelta(seconds=credentials.clock_offset_seconds),
    )


def _error(
    request: WireRequest, service: Service | None, error: AwsError, request_id: str
) -> WireResponse:
    speaking = service or SERVICES["s3"]
    renderer = RENDERERS[identify.protocol_of(request, speaking)]
    response: WireResponse = renderer.error(speaking.service_model, error, request_id)
    if service is None:
        # Of a service that we do not know, clients may read no XML; they all read this.
        response.headers.append(("x-amzn-ErrorType", error.code))
    return response


def _send(
    start_response: StartResponse, response: WireResponse, request_id: str
) -> Iterable[bytes]:
    status = f"{response.status} {HTTPStatus(response.status).phrase}"
    headers = [*response.headers, ("x-amzn-RequestId", request_id)]
    if isinstance(response.body, bytes):
        headers.append(("Content-Length", str(len(response.body))))
        start_response(status, headers)
        return [response.body]
    start_response(status, headers)
    return response.body
