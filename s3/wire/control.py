"""S3 Control over HTTP: account settings and access points. Signed as S3, and never anonymous.

The account is that of x-amz-account-id; clients also write it before the host name, which says
nothing more.
"""

import logging
import secrets
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from aws.errors import AwsError, MalformedXML, OperationNotOffered, SerializationException
from aws.identity import lookup_credentials
from aws.operation import find
from aws.services import SERVICES
from aws.wire import errors, identify, parse
from aws.wire.render import RENDERERS, WireResponse
from aws.wire.request import WireRequest
from aws.wire.sigv4 import Signed
from s3.wire import codec, payload
from s3.wire.serve import InternalError, authenticate, new_context, send, throttled

logger = logging.getLogger(__name__)
SERVICE = SERVICES["s3control"]


def serve(request: WireRequest, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The data plane's callable, see `aws.wire.endpoint`."""
    request_id = secrets.token_hex(8).upper()
    try:
        response = _answer(request, request_id)
    except AwsError as error:
        response = _failure(error, request_id)
    except Exception:
        logger.exception("S3 Control request %s failed", request_id)
        response = _failure(InternalError(), request_id)
    return send(request, response, request_id, codec.host_id_of(request_id), start_response)


def _answer(request: WireRequest, request_id: str) -> WireResponse:
    signed = authenticate(request, dict(request.query_parameters), lookup_credentials)
    if signed is None:
        raise errors.S3AccessDenied
    ctx = new_context(request, signed, request_id)
    throttled(ctx)
    target = identify.target_of(request, SERVICE)
    found = find(SERVICE.prefix, target.operation)
    if found is None:
        raise OperationNotOffered(operation=target.operation, service=SERVICE.title)
    answer = found(ctx, **_arguments(request, signed, target))
    response: WireResponse = RENDERERS["rest-xml"].answer(target.model, answer, request_id)
    return response


def _arguments(request: WireRequest, signed: Signed, target: identify.Target) -> dict[str, Any]:
    """Raises MalformedXML, BadDigest, XAmzContentSHA256Mismatch."""
    body = payload.whole(request, signed, limit=codec.MAX_XML)
    codec.check_digest(request.headers, body)
    try:
        parameters = parse.PARSERS["rest-xml"].parse(
            replace(request, _body=body), target.model, target.labels
        )
    except SerializationException:
        raise MalformedXML from None
    return parse.to_arguments(target.model, parameters)


def _failure(error: AwsError, request_id: str) -> WireResponse:
    response: WireResponse = RENDERERS["rest-xml"].error(SERVICE.service_model, error, request_id)
    response.headers += error.fields.get("headers", ())
    return response
