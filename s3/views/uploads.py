"""The upload page, and the signatures that its script asks for.

Files go straight from the browser to the API. What is signed here is not yet allowed: the API asks
about each request when it comes.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from console.content_policy import shows_objects
from console.requests import ConsoleRequest
from console.sections import section
from s3 import operations, reading
from s3.attributes import STORAGE_CLASSES as CLASS_NAMES
from s3.checksums import ALGORITHMS
from s3.forms.objects import ENCRYPTIONS, STORAGE_CLASSES, tagging_header
from s3.names import MAX_KEY_BYTES
from s3.presigning import Signer, bucket_url
from s3.views import frame
from s3.views.objects import public_reason
from s3.views.selection import folder_url

MAX_SIGNED = 100
MAX_BODY = 256 * 1024
# The script asks again for what takes longer.
UPLOAD_FOR = timedelta(hours=1)
# Above, a file goes in parts.
PART_BYTES = 8 * 1024 * 1024
_ENCRYPTIONS = {name for name, _label in ENCRYPTIONS if name}
_SYSTEM = {
    "content_type": "content-type",
    "cache_control": "cache-control",
    "content_disposition": "content-disposition",
    "content_encoding": "content-encoding",
    "content_language": "content-language",
    "website_redirect_location": "x-amz-website-redirect-location",
}


class BadRequest(ValueError):
    """The script's request has another shape than ours."""


# What reading JSON of any shape can end in; numbers and depth have no end.
_UNREADABLE = (
    BadRequest, KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError,
)  # fmt: skip


@shows_objects
def upload(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """The whole form. Without JavaScript, one file goes by an HTML form to the API."""
    frame.require_visible(request, bucket)
    prefix, ctx = request.GET.get("prefix", ""), request.ctx
    back = folder_url(bucket, prefix)
    signer = Signer(ctx, bucket, UPLOAD_FOR)
    context = {
        "bucket": bucket,
        "prefix": prefix,
        "back_url": back,
        "uri": f"s3://{bucket}/{prefix}",
        "versioning": section(lambda: operations.get_bucket_versioning(ctx, bucket=bucket)),
        "encryption": section(lambda: reading.encryption(ctx, bucket)),
        "lock": section(lambda: reading.lock(ctx, bucket)),
        "public_reason": public_reason(request, bucket),
        "classes": STORAGE_CLASSES,
        "encryptions": ENCRYPTIONS,
        "algorithms": list(ALGORITHMS),
        "system": _SYSTEM.items(),
        "part_bytes": PART_BYTES,
        "form_action": bucket_url(bucket),
        "form_fields": signer.form(prefix, request.build_absolute_uri(back)),
    }
    return render(request, "s3/upload.html", context)


@require_POST
def sign(request: ConsoleRequest, bucket: str) -> JsonResponse:
    """{"requests": [{"op", "key", …}], "settings": {…}} → {"signed": [{"url", "headers"}]}.

    op: "put", "create", "part" (with part and upload_id), "complete" and "abort" (with upload_id).
    """
    try:
        body = _body(request)
        wanted, settings = body["requests"], _settings(body.get("settings") or {})
        if not isinstance(wanted, list) or not 0 < len(wanted) <= MAX_SIGNED:
            raise BadRequest(f"1 to {MAX_SIGNED} requests")
        signer = Signer(request.ctx, bucket, UPLOAD_FOR)
        signed = [_signed(signer, one, settings) for one in wanted]
    except _UNREADABLE as error:
        message = _("The request could not be read.")
        return JsonResponse({"error": f"{message} {error}"[:300]}, status=400)
    return JsonResponse({"signed": signed})


def _body(request: ConsoleRequest) -> dict[str, Any]:
    if len(request.body) > MAX_BODY:
        raise BadRequest("too long")
    body = json.loads(request.body)
    if not isinstance(body, dict):
        raise BadRequest("no object")
    return body


def _signed(signer: Signer, one: Mapping[str, Any], settings: Mapping[str, str]) -> dict[str, Any]:
    op, key = one["op"], str(one["key"])
    if not 0 < len(key.encode()) <= MAX_KEY_BYTES:
        raise BadRequest("a key has 1 to 1,024 bytes")
    headers: dict[str, str] = {}
    if op in ("put", "create"):
        headers = {"content-type": _line(one.get("type") or "binary/octet-stream"), **settings}
        if op == "create" and (algorithm := headers.pop("x-amz-sdk-checksum-algorithm", "")):
            headers["x-amz-checksum-algorithm"] = algorithm
    method, query = _request_of(op, one)
    return {"method": method, "url": signer.url(method, key, query, headers), "headers": headers}


def _request_of(op: str, one: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    if op == "put":
        return "PUT", {}
    if op == "create":
        return "POST", {"uploads": ""}
    upload = {"uploadId": str(one["upload_id"])[:200]}
    if op == "part":
        return "PUT", {"partNumber": str(int(one["part"])), **upload}
    if op in ("complete", "abort"):
        return {"complete": "POST", "abort": "DELETE"}[op], upload
    raise BadRequest("op")


def _settings(wanted: Mapping[str, Any]) -> dict[str, str]:
    """The headers of every object of an upload."""
    headers: dict[str, str] = {}
    if (name := wanted.get("storage_class")) in CLASS_NAMES and name != "STANDARD":
        headers["x-amz-storage-class"] = name
    if (name := wanted.get("encryption")) in _ENCRYPTIONS:
        headers["x-amz-server-side-encryption"] = name
        key = str(wanted.get("kms_key") or "").strip()
        if key and name.startswith("aws:kms"):
            headers["x-amz-server-side-encryption-aws-kms-key-id"] = _line(key)
    if wanted.get("acl") == "public-read":
        headers["x-amz-acl"] = "public-read"
    if (name := wanted.get("checksum")) in ALGORITHMS and name != "CRC64NVME":
        headers["x-amz-sdk-checksum-algorithm"] = name
    if tags := _pairs(wanted.get("tags")):
        named = [{"Key": key, "Value": value} for key, value in tags.items()]
        headers["x-amz-tagging"] = tagging_header(named)
    for name, header in _SYSTEM.items():
        if value := str((wanted.get("system") or {}).get(name) or "").strip():
            headers[header] = _line(value)
    for name, value in _pairs(wanted.get("metadata")).items():
        headers[f"x-amz-meta-{_line(name).lower()}"] = _line(value)
    return headers


def _pairs(listed: Any) -> dict[str, str]:
    """[[key, value], …] of an editor."""
    pairs = {str(key).strip(): str(value).strip() for key, value in (listed or ())[:50]}
    return {key: value for key, value in pairs.items() if key}


def _line(text: str) -> str:
    """A header's value: a browser sends Latin-1, so that other letters go as RFC 2047 would."""
    clean = " ".join(str(text).split())[:2048]
    return clean if clean.isascii() else quote(clean, safe=" /;=,:@")
