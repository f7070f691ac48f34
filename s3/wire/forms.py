"""POST object: an upload by an HTML form, with a policy that its author signed.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from aws.context import Context
from aws.errors import OptInRequired
from aws.identity import (
    Credentials,
    ExpiredKey,
    SuspendedAccount,
    UnknownKey,
    lookup_credentials,
)
from aws.services import operation_model
from aws.wire import errors, sigv4
from aws.wire.parse import PARSERS
from aws.wire.render import XML_HEADER, WireResponse
from aws.wire.request import WireRequest
from aws.wire.scalars import scalar
from aws.wire.writers import xml_text
from s3 import access
from s3.errors import MissingContentLength, argument
from s3.operations import put_object
from s3.wire import codec, post_policy
from s3.wire.multipart_form import Form
from s3.wire.post_policy import SizeRange
from s3.wire.route import Route

# (credentials, region) → the context of the caller; None for an anonymous one.
ContextOf = Callable[[Credentials | None, str], Context]


class _LimitedFile:
    """The form's file, refused as soon as it is too large."""

    def __init__(self, form: Form, size: SizeRange | None) -> None:
        self._form, self._size = form, size

    def read(self, size: int, /) -> bytes:
        piece = self._form.read(size)
        if self._size is not None and (not piece or self._form.size > self._size.high):
            self._size.check(self._form.size)
        return piece


def answer(request: WireRequest, target: Route, context_of: ContextOf) -> WireResponse:
    """Reads the form, checks its policy and stores the file."""
    form = Form(request.stream, request.headers.get("content-type", ""), _length(request))
    fields = {**form.fields, "bucket": target.bucket}
    if "key" not in fields:
        raise argument(
            "key",
            "",
            "Bucket POST must contain a field named 'key'.  If it is specified, please "
            "check the order of the fields.",
        )
    ctx, size = _authenticate(fields, context_of)
    key = fields["key"].replace("${filename}", form.filename)
    arguments = _arguments(fields, form)
    access.note_payer(ctx, arguments)
    stored = put_object.answer_data(
        ctx, {**arguments, "bucket": target.bucket, "key": key, "body": _LimitedFile(form, size)}
    )
    return _respond(request, fields, target.bucket, key, stored)


def _length(request: WireRequest) -> int:
    text = request.headers.get("content-length", "")
    if not text.isdecimal():
        raise MissingContentLength
    return int(text)


def _authenticate(
    fields: Mapping[str, str], context_of: ContextOf
) -> tuple[Context, SizeRange | None]:
    policy, signature = fields.get("policy", ""), fields.get("x-amz-signature", "")
    if not policy:
        return context_of(None, ""), None
    parts = fields.get("x-amz-credential", "").rsplit("/", 4)
    if fields.get("x-amz-algorithm") != sigv4.ALGORITHM or len(parts) != 5 or not signature:
        raise argument(
            "x-amz-credential",
            fields.get("x-amz-credential", ""),
            "Bucket POST must contain a valid x-amz-algorithm, x-amz-credential and "
            "x-amz-signature.",
        )
    access_key_id, day, region, service, _ = parts
    credentials = _find(access_key_id, fields.get("x-amz-security-token", ""))
    key = sigv4.signing_key(credentials.secret_access_key, day, region, service)
    expected = hmac.new(key, policy.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise errors.S3SignatureDoesNotMatch
    size = post_policy.check(policy, fields)
    return context_of(credentials, region), size


def _find(access_key_id: str, token: str) -> Credentials:
    try:
        return lookup_credentials(access_key_id, token)
    except UnknownKey:
        raise errors.InvalidAccessKeyId from None
    except ExpiredKey:
        raise errors.S3ExpiredToken from None
    except SuspendedAccount as suspended:
        raise OptInRequired(account_id=suspended.args[0]) from None


def _arguments(fields: Mapping[str, str], form: Form) -> dict[str, Any]:
    """The form's fields as PutObject's headers."""
    plan = codec.plan("PutObject")
    found: dict[str, Any] = {}
    for name, text in fields.items():
        header = "x-amz-acl" if name == "acl" else name
        if header in plan.headers and header not in ("content-length", "x-amz-tagging"):
            argument_name, shape = plan.headers[header]
            found[argument_name] = scalar(shape, text)
        elif name.startswith(plan.prefix):
            found.setdefault("metadata", {})[name[len(plan.prefix) :]] = text
    if form.content_type:
        found.setdefault("content_type", form.content_type)
    if tagging := fields.get("tagging"):
        found["tagging"] = _tagging(tagging)
    return found


def _tagging(text: str) -> str:
    """A form carries tags as a document, a header as a query string."""
    request = WireRequest("PUT", "/", "", {}, None, _body=text.encode())
    model = operation_model("s3", "PutObjectTagging")
    tags = PARSERS["rest-xml"].parse(request, model, {}).get("Tagging", {}).get("TagSet", ())
    return urlencode([(tag["Key"], tag["Value"]) for tag in tags])


def _respond(
    request: WireRequest,
    fields: Mapping[str, str],
    bucket: str,
    key: str,
    stored: Mapping[str, Any],
) -> WireResponse:
    etag = stored["ETag"]
    location = f"http://{request.headers.get('host', '')}/{quote(f'{bucket}/{key}')}"
    headers = [("ETag", etag), ("Location", location)]
    if version_id := stored.get("VersionId"):
        headers.append(("x-amz-version-id", version_id))
    redirect = urlsplit(fields.get("success_action_redirect") or fields.get("redirect", ""))
    if redirect.scheme in ("http", "https") and redirect.netloc:
        more = urlencode({"bucket": bucket, "key": key, "etag": etag})
        query = f"{redirect.query}&{more}" if redirect.query else more
        address = urlunsplit(redirect._replace(query=query))
        return WireResponse(303, [("ETag", etag), ("Location", address)])
    status = {"200": 200, "201": 201}.get(fields.get("success_action_status", ""), 204)
    if status != 201:
        return WireResponse(status, headers)
    body = (
        f"{XML_HEADER}<PostResponse><Location>{xml_text(location)}</Location>"
        f"<Bucket>{xml_text(bucket)}</Bucket><Key>{xml_text(key)}</Key><ETag>{xml_text(etag)}</ETag>"
        "</PostResponse>"
    )
    return WireResponse(201, [*headers, ("Content-Type", "application/xml")], body.encode())
