"""Answers and errors in six protocols, from plain dicts, by botocore's output shapes.

The dict of an operation has AWS's member names; the shape says how each is written. A key that the
model lacks is left out (and refused where settings.DEBUG_WIRE is set, as in the tests).
"""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import cbor2
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape
from django.conf import settings

from aws.errors import AwsError

Headers = list[tuple[str, str]]
XML_HEADER = '<?xml version="1.0" encoding="UTF-8"?>\n'
# Characters that XML 1.0 cannot hold, even escaped.
_NOT_XML = dict.fromkeys(
    [
        *(code for code in range(32) if code not in (9, 10, 13)),
        0xFFFE,
        0xFFFF,
        *range(0xD800, 0xE000),
    ],
    "\ufffd",
)


@dataclass
class WireResponse:
    status: int = 200
    headers: Headers = field(default_factory=list)
    body: bytes | Iterable[bytes] = b""


class UnknownMember(ValueError):
    """A programming error: an operation answered a key that AWS's model lacks."""


def timestamp(value: Any, form: str) -> Any:
    """form: iso8601, rfc822 or unixTimestamp."""
    if not isinstance(value, datetime):
        return value
    moment = value.astimezone(UTC)
    if form == "unixTimestamp":
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000).timestamp()
    if form == "rfc822":
        return format_datetime(moment.replace(microsecond=0), usegmt=True)
    if moment.microsecond:
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _check_keys(shape: StructureShape, value: Mapping[str, Any]) -> None:
    if getattr(settings, "DEBUG_WIRE", False):
        unknown = value.keys() - shape.members.keys()
        if unknown:
            raise UnknownMember(f"{shape.name} has no {', '.join(sorted(unknown))}")


class XmlWriter:
    """Elements of the query, ec2 and rest-xml protocols."""

    # EC2's model says the lists are flattened only for requests.
    ec2 = False
    default_timestamp = "iso8601"

    def members(self, shape: StructureShape, value: Mapping[str, Any]) -> str:
        _check_keys(shape, value)
        return "".join(
            self.element(str(member.serialization.get("name", name)), member, value[name])
            for name, member in shape.members.items()
            if value.get(name) is not None
            and not member.serialization.get("xmlAttribute")
            and "location" not in member.serialization
        )

    def element(self, name: str, shape: Shape, value: Any) -> str:
        if isinstance(shape, ListShape):
            return self._list(name, shape, value)
        if isinstance(shape, MapShape):
            return self._map(name, shape, value)
        if isinstance(shape, StructureShape):
            return f"<{name}{self._attributes(shape, value)}>{self.members(shape, value)}</{name}>"
        return f"<{name}>{self.text(shape, value)}</{name}>"

    def text(self, shape: Shape, value: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if shape.type_name == "timestamp":
            form = shape.serialization.get("timestampFormat", self.default_timestamp)
            return str(timestamp(value, form))
        if isinstance(value, bytes | bytearray | memoryview):
            return base64.b64encode(value).decode()
        return escape(str(value).translate(_NOT_XML), {"\r": "&#xD;"})

    def _attributes(self, shape: StructureShape, value: Mapping[str, Any]) -> str:
        found = ""
        namespace = shape.serialization.get("xmlNamespace")
        if isinstance(namespace, Mapping) and namespace.get("prefix"):
            found += f" xmlns:{namespace['prefix']}={quoteattr(namespace['uri'])}"
        for name, member in shape.members.items():
            if member.serialization.get("xmlAttribute") and value.get(name) is not None:
                found += f" {member.serialization['name']}={quoteattr(str(value[name]))}"
        return found

    def _list(self, name: str, shape: ListShape, value: Iterable[Any]) -> str:
        inner = shape.member.serialization.get("name")
        if shape.serialization.get("flattened") and not self.ec2:
            item = str(inner or name)
            return "".join(self.element(item, shape.member, part) for part in value)
        item = str(inner or ("item" if self.ec2 else "member"))
        parts = "".join(self.element(item, shape.member, part) for part in value)
        return f"<{name}>{parts}</{name}>"

    def _map(self, name: str, shape: MapShape, value: Mapping[str, Any]) -> str:
        key_name = str(shape.key.serialization.get("name", "key"))
        value_name = str(shape.value.serialization.get("name", "value"))
        is_flat = bool(shape.serialization.get("flattened"))
        item = name if is_flat else "entry"
        parts = "".join(
            f"<{item}>{self.element(key_name, shape.key, key)}"
            f"{self.element(value_name, shape.value, part)}</{item}>"
            for key, part in value.items()
        )
        return parts if is_flat else f"<{name}>{parts}</{name}>"


class QueryRenderer:
    """<XResponse><XResult>…</XResult><ResponseMetadata>."""

    writer = XmlWriter()

    def answer(
        self, model: OperationModel, value: Mapping[str, Any], request_id: str
    ) -> WireResponse:
        namespace = model.metadata.get("xmlNamespace", "")
        inner = ""
        if isinstance(model.output_shape, StructureShape):
            wrapper = model.output_shape.serialization.get("resultWrapper", f"{model.name}Result")
            inner = f"<{wrapper}>{self.writer.members(model.output_shape, value)}</{wrapper}>"
        body = (
            f"<{model.name}Response xmlns={quoteattr(namespace)}>{inner}"
            f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
            f"</{model.name}Response>"
        )
        return _xml(200, body)

    def error(self, service: ServiceModel, error: AwsError, request_id: str) -> WireResponse:
        namespace = service.metadata.get("xmlNamespace", "")
        body = (
            f"<ErrorResponse xmlns={quoteattr(namespace)}><Error><Type>{error.fault}</Type>"
            f"<Code>{escape(error.code)}</Code><Message>{_text(error.message)}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        return _xml(error.status, body)


class Ec2Writer(XmlWriter):
    ec2 = True


class Ec2Renderer:
    """<XResponse><requestId>… with the members beside it."""

    writer = Ec2Writer()

    def answer(
        self, model: OperationModel, value: Mapping[str, Any], request_id: str
    ) -> WireResponse:
        namespace = f"http://ec2.amazonaws.com/doc/{model.metadata['apiVersion']}/"
        inner = ""
        if isinstance(model.output_shape, StructureShape):
            inner = self.writer.members(model.output_shape, value)
        body = (
            f"<{model.name}Response xmlns={quoteattr(namespace)}>"
            f"<requestId>{request_id}</requestId>{inner}</{model.name}Response>"
        )
        return _xml(200, body)

    def error(self, service: ServiceModel, error: AwsError, request_id: str) -> WireResponse:
        body = (
            f"<Response><Errors><Error><Code>{escape(error.code)}</Code>"
            f"<Message>{_text(error.message)}</Message></Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        )
        return _xml(error.status, body)


class JsonWriter:
    """Values of the JSON and CBOR protocols, ready for their encoders."""

    is_binary = False

    def value(self, shape: Shape, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(shape, StructureShape):
            _check_keys(shape, value)
            return {
                str(member.serialization.get("name", name)): self.value(member, value[name])
                for name, member in shape.members.items()
                if value.get(name) is not None and "location" not in member.serialization
            }
        if isinstance(shape, ListShape):
            return [self.value(shape.member, part) for part in value]
        if isinstance(shape, MapShape):
            return {key: self.value(shape.value, part) for key, part in value.items()}
        if shape.type_name == "timestamp" and not self.is_binary:
            return timestamp(value, shape.serialization.get("timestampFormat", "unixTimestamp"))
        if isinstance(value, bytes | bytearray | memoryview) and not self.is_binary:
            return base64.b64encode(value).decode()
        return value


class CborWriter(JsonWriter):
    is_binary = True


class JsonRenderer:
    writer = JsonWriter()

    def answer(
        self, model: OperationModel, value: Mapping[str, Any], request_id: str
    ) -> WireResponse:
        document = self.writer.value(model.output_shape, value) if model.output_shape else {}
        version = model.metadata.get("jsonVersion", "1.1")
        return self._response(200, document, f"application/x-amz-json-{version}")

    def error(self, service: ServiceModel, error: AwsError, request_id: str) -> WireResponse:
        version = service.metadata.get("jsonVersion", "1.1")
        document = {"__type": error.code, "message": _unicode(error.message)}
        response = self._response(error.status, document, f"application/x-amz-json-{version}")
        response.headers.append(("x-amzn-ErrorType", error.code))
        return response

    def _response(self, status: int, document: Any, content_type: str) -> WireResponse:
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        return WireResponse(status, [("Content-Type", content_type)], body)


class CborRenderer(JsonRenderer):
    writer = CborWriter()

    def _response(self, status: int, document: Any, content_type: str) -> WireResponse:
        headers = [("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")]
        return WireResponse(status, headers, cbor2.dumps(document, datetime_as_timestamp=True))

    def error(self, service: ServiceModel, error: AwsError, request_id: str) -> WireResponse:
        response = super().error(service, error, request_id)
        fault = error.fault
        response.headers.append(("x-amzn-query-error", f"{error.code};{fault}"))
        return response


class RestRenderer:
    """Members by location: status code, headers, payload or body."""

    def answer(
        self, model: OperationModel, value: Mapping[str, Any], request_id: str
    ) -> WireResponse:
        status = int(model.http.get("responseCode", 200))
        response = WireResponse(status)
        shape = model.output_shape
        if not isinstance(shape, StructureShape):
            return response
        _check_keys(shape, value)
        for name, member in shape.members.items():
            if value.get(name) is not None:
                self._locate(response, name, member, value[name])
        payload = shape.serialization.get("payload")
        if payload:
            self._payload(response, payload, shape.members[payload], value.get(payload))
        elif any("location" not in member.serialization for member in shape.members.values()):
            self._body(response, model.name, shape, value)
        return response

    def _locate(self, response: WireResponse, name: str, member: Shape, value: Any) -> None:
        location = member.serialization.get("location")
        key = str(member.serialization.get("name", name))
        if location == "statusCode":
            response.status = int(value)
        elif location == "header":
            response.headers.append((key, self._header(member, value)))
        elif location == "headers":
            response.headers += [
                (_line(f"{key}{inner}"), _line(str(text))) for inner, text in value.items()
            ]

    def _header(self, member: Shape, value: Any) -> str:
        if isinstance(member, ListShape):
            return ",".join(self._header(member.member, part) for part in value)
        if isinstance(value, bool):
            return "true" if value else "false"
        if member.type_name == "timestamp":
            return str(timestamp(value, member.serialization.get("timestampFormat", "rfc822")))
        return _line(str(value))

    def _payload(self, response: WireResponse, name: str, member: Shape, value: Any) -> None:
        if value is None:
            return
        if member.type_name == "string":
            response.body = str(value).encode()
        elif member.type_name == "blob":
            response.body = value
        else:
            self._body(response, str(member.serialization.get("name", name)), member, value)

    def _body(self, response: WireResponse, name: str, shape: Shape, value: Any) -> None:
        raise NotImplementedError


class RestXmlRenderer(RestRenderer):
    writer = XmlWriter()

    def _body(self, response: WireResponse, name: str, shape: Shape, value: Any) -> None:
        if not isinstance(shape, StructureShape):
            return
        # S3's models name the root of most answers; its own namespace is on every root.
        root = str(
            shape.serialization.get("name") or shape.serialization.get("resultWrapper") or name
        )
        namespace = shape.serialization.get("xmlNamespace") or {}
        uri = namespace.get("uri", "") if isinstance(namespace, Mapping) else str(namespace)
        attribute = f" xmlns={quoteattr(uri)}" if uri else ""
        inner = self.writer.members(shape, value)
        response.headers.append(("Content-Type", "application/xml"))
        response.body = f"{XML_HEADER}<{root}{attribute}>{inner}</{root}>".encode()

    def error(self, service: ServiceModel, error: AwsError, request_id: str) -> WireResponse:
        more = "".join(
            f"<{name}>{_text(str(value))}</{name}>"
            for name, value in error.fields.items()
            if name[:1].isupper()
        )
        if service.service_name == "s3":
            body = (
                f"<Error><Code>{escape(error.code)}</Code><Message>{_text(error.message)}</Message>"
                f"{more}<RequestId>{request_id}</RequestId><HostId>{request_id}</HostId></Error>"
            )
        else:
            body = (
                f"<ErrorResponse><Error><Type>{error.fault}</Type><Code>{escape(error.code)}</Code>"
                f"<Message>{_text(error.message)}</Message>{more}</Error>"
                f"<RequestId>{request_id}</RequestId></ErrorResponse>"
            )
        return WireResponse(
            error.status, [("Content-Type", "application/xml")], (XML_HEADER + body).encode()
        )


class RestJsonRenderer(RestRenderer):
    writer = JsonWriter()

    def _body(self, response: WireResponse, name: str, shape: Shape, value: Any) -> None:
        response.headers.append(("Content-Type", "application/json"))
        response.body = json.dumps(self.writer.value(shape, value), ensure_ascii=False).encode()

    def error(self, service: ServiceModel, error: AwsError, request_id: str) -> WireResponse:
        headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", error.code)]
        body = json.dumps({"message": _unicode(error.message)}, ensure_ascii=False).encode()
        return WireResponse(error.status, headers, body)


RENDERERS: dict[str, Any] = {
    "query": QueryRenderer(),
    "ec2": Ec2Renderer(),
    "json": JsonRenderer(),
    "smithy-rpc-v2-cbor": CborRenderer(),
    "rest-xml": RestXmlRenderer(),
    "rest-json": RestJsonRenderer(),
}


def _line(text: str) -> str:
    """A header's value cannot begin another header."""
    return text.replace("\r", "").replace("\n", "")


def _unicode(text: str) -> str:
    """Without halves of surrogate pairs, which a request in JSON can name."""
    return text.encode(errors="replace").decode()


def _text(value: str) -> str:
    return escape(value.translate(_NOT_XML))


def _xml(status: int, body: str) -> WireResponse:
    return WireResponse(
        status, [("Content-Type", "text/xml;charset=utf-8")], (XML_HEADER + body).encode()
    )
