"""Answers and errors in six protocols, from plain dicts, by botocore's output shapes."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import cbor2
from botocore.model import ListShape, OperationModel, ServiceModel, Shape, StructureShape

from aws.errors import AwsError
from aws.wire.writers import (
    CborWriter,
    Ec2Writer,
    JsonWriter,
    XmlWriter,
    check_keys,
    timestamp,
    xml_text,
)

Headers = list[tuple[str, str]]
XML_HEADER = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass
class WireResponse:
    status: int = 200
    headers: Headers = field(default_factory=list)
    body: bytes | Iterable[bytes] = b""


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
            f"<Code>{escape(error.code)}</Code><Message>{xml_text(error.message)}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        return _xml(error.status, body)


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
            f"<Message>{xml_text(error.message)}</Message></Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        )
        return _xml(error.status, body)


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
        check_keys(shape, value)
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
            f"<{name}>{xml_text(str(value))}</{name}>"
            for name, value in error.fields.items()
            if name[:1].isupper()
        )
        if service.service_name == "s3":
            body = (
                f"<Error><Code>{escape(error.code)}</Code><Message>{xml_text(error.message)}</Message>"
                f"{more}<RequestId>{request_id}</RequestId><HostId>{request_id}</HostId></Error>"
            )
        else:
            body = (
                f"<ErrorResponse><Error><Type>{error.fault}</Type><Code>{escape(error.code)}</Code>"
                f"<Message>{xml_text(error.message)}</Message>{more}</Error>"
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


def _unicode(text: str) -> str:
    """Without halves of surrogate pairs, which a request in JSON can name."""
    return text.encode(errors="replace").decode()


def _line(text: str) -> str:
    """A header's value cannot begin another header."""
    return text.replace("\r", "").replace("\n", "")


def _xml(status: int, body: str) -> WireResponse:
    return WireResponse(
        status, [("Content-Type", "text/xml;charset=utf-8")], (XML_HEADER + body).encode()
    )
