"""Arguments out of a request, and an answer or error into HTTP.

Operations that carry bytes are read by a plan made once from botocore's model, which looks at the
headers that came rather than at all that might; others go the way of every rest-xml service.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from botocore import xform_name
from botocore.model import ListShape, OperationModel, Shape, StructureShape

from aws.errors import AwsError, MalformedXML, SerializationException
from aws.services import operation_model
from aws.wire import parse
from aws.wire.render import XML_HEADER, RestXmlRenderer, WireResponse
from aws.wire.request import WireRequest
from aws.wire.scalars import scalar
from aws.wire.writers import XmlWriter, xml_text
from s3 import checksums
from s3.contents import Contents
from s3.errors import BadDigest, InvalidDigest
from s3.host_ids import host_id_of as host_id_of  # noqa: PLC0414 - of a request's answer, too
from s3.wire.route import Route

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
# A list of 10,000 parts, or of 1,000 long keys, with all that XML adds.
MAX_XML = 4 << 20
# The names of documents, which the models leave out.
_ROOTS = {
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "DeleteObjects": "DeleteResult",
    "GetBucketAccelerateConfiguration": "AccelerateConfiguration",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketWebsite": "WebsiteConfiguration",
    "GetObjectAcl": "AccessControlPolicy",
    "GetObjectAttributes": "GetObjectAttributesResponse",
    "GetObjectTagging": "Tagging",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult",
    "ListObjectVersions": "ListVersionsResult",
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
    "ListParts": "ListPartsResult",
}


@dataclass(slots=True)
class _Plan:
    """Where each argument comes from: lower-case header or query name → (argument, shape).

    prefix, of_prefix: headers that begin so are one map ("x-amz-meta-", "metadata").
    has_stream: the body is bytes. has_xml: the body is a document. needs_xml: and has to come.
    """

    headers: dict[str, tuple[str, Shape]] = field(default_factory=dict)
    query: dict[str, tuple[str, Shape]] = field(default_factory=dict)
    prefix: str = ""
    of_prefix: str = ""
    has_key: bool = False
    has_bucket: bool = False
    has_stream: bool = False
    has_xml: bool = False
    needs_xml: bool = False


@cache
def plan(operation: str) -> _Plan:
    made = _Plan()
    shape = operation_model("s3", operation).input_shape
    if not isinstance(shape, StructureShape):
        return made
    payload = shape.serialization.get("payload")
    made.needs_xml = payload in shape.required_members
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        key, argument = str(member.serialization.get("name", name)), xform_name(name)
        if location == "header":
            made.headers[key.lower()] = argument, member
        elif location == "headers":
            made.prefix, made.of_prefix = key.lower(), argument
        elif location == "querystring":
            made.query[key] = argument, member
        elif location == "uri":
            made.has_key |= name == "Key"
            made.has_bucket |= name == "Bucket"
        elif name == payload and member.type_name == "blob":
            made.has_stream = True
        else:
            made.has_xml = True
    return made


def arguments(
    request: WireRequest, route: Route, query: Mapping[str, str], *, is_presigned: bool
) -> dict[str, Any]:
    """The arguments of an operation but for its body."""
    made = plan(route.operation)
    found: dict[str, Any] = {"bucket": route.bucket} if made.has_bucket else {}
    if made.has_key:
        found["key"] = route.key
    headers = request.headers
    if is_presigned:
        # A presigned address may carry headers in its query.
        more = {name.lower(): text for name, text in query.items()}
        headers = {**{name: more[name] for name in more if name.startswith("x-amz-")}, **headers}
    for name, text in headers.items():
        if name in made.headers:
            argument, shape = made.headers[name]
            found[argument] = _value(shape, text)
        elif made.prefix and name.startswith(made.prefix):
            found.setdefault(made.of_prefix, {})[name[len(made.prefix) :]] = text
    for name, text in query.items():
        if name in made.query:
            argument, shape = made.query[name]
            if text or shape.type_name not in ("integer", "timestamp"):
                found[argument] = _value(shape, text)
    return found


def document(request: WireRequest, route: Route, body: bytes) -> dict[str, Any]:
    """The arguments in a body of XML. Raises MalformedXML, BadDigest, InvalidDigest."""
    model = operation_model("s3", route.operation)
    check_digest(request.headers, body)
    shape = model.input_shape
    whole = replace(request, _body=body)
    try:
        parameters = parse.PARSERS["rest-xml"].parse(whole, model, {})
    except SerializationException:
        raise MalformedXML from None
    in_body = {
        name: value
        for name, value in parameters.items()
        if "location" not in shape.members[name].serialization
    }
    return parse.to_arguments(model, in_body)


def check_digest(headers: Mapping[str, str], body: bytes) -> None:
    """Content-MD5 and x-amz-checksum-… of a body of XML."""
    if (text := headers.get("content-md5")) is not None:
        wanted = checksums.decoded(text, 16)
        if wanted is None:
            raise InvalidDigest(**{"Content-MD5": text})
        if wanted != hashlib.md5(body, usedforsecurity=False).digest():
            raise BadDigest(algorithm="Content-MD5")
    for algorithm in checksums.ALGORITHMS:
        given = headers.get(checksums.header(algorithm))
        if given is not None:
            hasher = checksums.new(algorithm)
            hasher.update(body)
            if checksums.encoded(hasher.digest()) != given:
                raise BadDigest(algorithm=algorithm)


class S3Writer(XmlWriter):
    """Lists of keys write themselves."""

    def _list(self, name: str, shape: ListShape, value: Iterable[Any]) -> str:
        if isinstance(value, Contents):
            return value.as_xml()
        return super()._list(name, shape, value)


class S3Renderer(RestXmlRenderer):
    """The answers that S3's model does not describe wholly."""

    writer = S3Writer()

    def answer(
        self, model: OperationModel, value: Mapping[str, Any], request_id: str
    ) -> WireResponse:
        if model.name == "GetBucketLocation":
            region = escape(value.get("LocationConstraint", ""))
            text = f'{XML_HEADER}<LocationConstraint xmlns="{NAMESPACE}">{region}'
            body = f"{text}</LocationConstraint>".encode()
            return WireResponse(200, [("Content-Type", "application/xml")], body)
        if model.name in ("GetObject", "HeadObject"):
            return self._object(model, value)
        return super().answer(model, value, request_id)

    def _object(self, model: OperationModel, value: Mapping[str, Any]) -> WireResponse:
        """The headers that there are, rather than all forty that there might be."""
        response = WireResponse(206 if "ContentRange" in value else 200)
        members = model.output_shape.members
        for name, inner in value.items():
            if name == "Body":
                response.body = inner
            else:
                self._locate(response, name, members[name], inner)
        return response

    def _body(self, response: WireResponse, name: str, shape: Shape, value: Any) -> None:
        if not isinstance(shape, StructureShape):
            return
        root = _ROOTS.get(name, str(shape.serialization.get("name") or name))
        inner = self.writer.members(shape, value)
        response.headers.append(("Content-Type", "application/xml"))
        response.body = f'{XML_HEADER}<{root} xmlns="{NAMESPACE}">{inner}</{root}>'.encode()

    def failure(self, error: AwsError, request_id: str, host_id: str) -> WireResponse:
        more = "".join(
            f"<{name}>{xml_text(str(value))}</{name}>"
            for name, value in error.fields.items()
            if name[:1].isupper()
        )
        body = (
            f"{XML_HEADER}<Error><Code>{escape(error.code)}</Code>"
            f"<Message>{xml_text(error.message)}</Message>{more}"
            f"<RequestId>{request_id}</RequestId><HostId>{host_id}</HostId></Error>"
        )
        headers = [("Content-Type", "application/xml"), *error.fields.get("headers", ())]
        return WireResponse(error.status, headers, body.encode())


RENDERER = S3Renderer()


def _value(shape: Shape, text: str) -> Any:
    if isinstance(shape, ListShape):
        return [scalar(shape.member, part.strip()) for part in text.split(",")]
    return scalar(shape, text)
