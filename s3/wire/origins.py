"""CORS on the wire: preflight requests, and headers on answers to browsers.

The console's pages send and read objects by presigned URLs, whether a bucket has rules or not: AWS
lets its own console do the same. A signature is needed for it, so that an object's own script,
which may stand on the console's host, gains nothing.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html
"""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from aws.wire.render import Headers, WireResponse
from aws.wire.request import WireRequest
from s3 import configurations, cors, points
from s3.errors import CORSForbidden, InvalidRequest, NoSuchBucket, NoSuchCORSConfiguration
from s3.wire.route import Route

_CONSOLE_RULE: cors.Rule = {
    "AllowedOrigins": [],
    "AllowedMethods": cors.METHODS,
    "AllowedHeaders": ["*"],
    "ExposeHeaders": [
        "ETag",
        "Content-Length",
        "Content-Range",
        "Content-Type",
        "x-amz-request-id",
        "x-amz-id-2",
        "x-amz-version-id",
    ],
    "MaxAgeSeconds": 3600,
}


def preflight(request: WireRequest, target: Route) -> WireResponse:
    """Needs no permission, as browsers send none. Raises CORSForbidden, NoSuchBucket."""
    origin = request.headers.get("origin", "")
    method = request.headers.get("access-control-request-method", "")
    if not origin or not method:
        raise InvalidRequest(
            reason="Insufficient information. Origin request header needed."
            if not origin
            else "Invalid Access-Control-Request-Method: null"
        )
    names = request.headers.get("access-control-request-headers", "")
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    rules = _console_rules(request, origin) or _rules(target.bucket)
    if not rules:
        raise CORSForbidden(reason="CORS is not enabled for this bucket.")
    rule = cors.matching_rule(rules, origin, method, wanted)
    if rule is None:
        raise CORSForbidden(
            reason="This CORS request is not allowed. This is usually because the evalution of "
            "Origin, request method / Access-Control-Request-Method or "
            "Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."
        )
    headers = cors.response_headers(rule, origin)
    if wanted:
        headers.append(("Access-Control-Allow-Headers", ", ".join(wanted).lower()))
    return WireResponse(200, headers)


def headers_for(request: WireRequest, bucket: str) -> Headers:
    """What an answer to a request from another origin carries; nothing where no rule fits."""
    origin = request.headers.get("origin", "")
    if not origin or not bucket:
        return []
    try:
        rules = _console_rules(request, origin) or _rules(bucket)
    except NoSuchBucket:
        return []
    rule = cors.matching_rule(rules, origin, request.method)
    return cors.response_headers(rule, origin) if rule else []


def _console_rules(request: WireRequest, origin: str) -> list[cors.Rule]:
    """Empty but for a presigned request from a page of the console."""
    is_presigned = any(name == "X-Amz-Signature" for name, _ in request.query_parameters)
    if not is_presigned or origin not in _console_origins():
        return []
    return [{**_CONSOLE_RULE, "AllowedOrigins": [origin]}]


def _console_origins() -> list[str]:
    """Where browsers reach the console: by its name, and by the address that it listens on."""
    parts = urlsplit(settings.LAB_CONSOLE_URL)
    own = f"http://{settings.LAB_HOST}:{settings.LAB_CONSOLE_PORT}"
    return [f"{parts.scheme}://{parts.netloc}", own]


def _rules(name: str) -> Any:
    bucket = points.bucket(name)
    if bucket is None:
        raise NoSuchBucket(BucketName=name)
    try:
        return configurations.get(bucket, "cors", NoSuchCORSConfiguration)["CORSRules"]
    except NoSuchCORSConfiguration:
        return []
