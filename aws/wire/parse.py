"""Requests of six protocols into AWS's members, by botocore's input shapes.

    QueryParser            Action=…&Tags.member.1.Key=…           IAM, STS, RDS
      Ec2Parser            …&InstanceId.1=…                       EC2
    JsonParser             X-Amz-Target, one JSON document        CloudTrail
    CborParser             the same as CBOR, by path              CloudWatch
    RestParser             members in path, query and headers     (shared by the next two)
      RestJsonParser       and a JSON body                        Lambda
      RestXmlParser        and an XML body                        S3

Unknown members are left out, as AWS does. Values of the wrong type keep what was sent, so that
`aws.validation` names them.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import cbor2
import defusedxml.ElementTree
from botocore import xform_name
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from aws.errors import MalformedInput, SerializationException
from aws.wire.request import WireRequest
from aws.wire.scalars import from_base64, scalar, timestamp

MAX_DEPTH = 40
# The place of an item in a list, from 1.
_PLACE = re.compile(r"[0-9]{1,6}")
Parameters = dict[str, Any]


def to_arguments(model: OperationModel, parameters: Parameters) -> dict[str, Any]:
    """{"UserName": …} → {"user_name": …}, as operations take them."""
    return {xform_name(name): value for name, value in parameters.items()}


class QueryParser:
    """Names with dots: Tags.member.1.Key. Lists may be flattened; maps have entry.N.key."""

    def parse(self, request: WireRequest, model: OperationModel) -> Parameters:
        if model.input_shape is None:
            return {}
        tree: dict[str, Any] = {}
        for name, value in request.form.items():
            if name not in ("Action", "Version"):
                _plant(tree, name, value)
        found = self._structure(model.input_shape, tree)
        return found if isinstance(found, dict) else {}

    def _value(self, shape: Shape, node: Any) -> Any:
        if isinstance(shape, StructureShape):
            return self._structure(shape, node)
        if isinstance(shape, ListShape):
            return self._list(shape, node)
        if isinstance(shape, MapShape):
            return self._map(shape, node)
        text = node.get("", "") if isinstance(node, dict) else node
        return scalar(shape, text)

    def _structure(self, shape: StructureShape, node: Any) -> Any:
        if not isinstance(node, dict):
            return node
        found = {}
        for name, member in shape.members.items():
            key = self._member_key(name, member)
            if key in node:
                found[name] = self._value(member, node[key])
        return found

    def _member_key(self, name: str, member: Shape) -> str:
        if isinstance(member, ListShape) and member.serialization.get("flattened"):
            inner = member.member.serialization.get("name")
            if inner:
                return str(inner)
        return str(member.serialization.get("name", name))

    def _list(self, shape: ListShape, node: Any) -> Any:
        if not isinstance(node, dict):
            return [] if node == "" else node
        if not shape.serialization.get("flattened"):
            node = node.get(shape.member.serialization.get("name", "member"), {})
        return self._items(shape, node)

    def _items(self, shape: ListShape, node: Any) -> Any:
        if not isinstance(node, dict):
            return [] if node == "" else node
        return [self._value(shape.member, node[key]) for key in _places(node)]

    def _map(self, shape: MapShape, node: Any) -> Any:
        if not isinstance(node, dict):
            return {} if node == "" else node
        if not shape.serialization.get("flattened"):
            node = node.get("entry", {})
        key_name = shape.key.serialization.get("name", "key")
        value_name = shape.value.serialization.get("name", "value")
        found = {}
        for place in _places(node):
            entry = node[place] if isinstance(node[place], dict) else {}
            key = self._value(shape.key, entry.get(key_name, ""))
            found[key] = self._value(shape.value, entry.get(value_name, ""))
        return found


def _places(node: Any) -> list[str]:
    """The keys of a list's or map's items, in their order."""
    found = (key for key in node if _PLACE.fullmatch(key)) if isinstance(node, dict) else ()
    return sorted(found, key=int)


def _plant(tree: dict[str, Any], name: str, value: str) -> None:
    """Tags.member.1.Key=x → {"Tags": {"member": {"1": {"Key": "x"}}}}."""
    parts = name.split(".")
    if len(parts) > MAX_DEPTH:
        raise MalformedInput(f"The parameter {name[:100]} is nested too deeply.")
    for part in parts[:-1]:
        inner = tree.setdefault(part, {})
        if not isinstance(inner, dict):
            inner = tree[part] = {"": inner}
        tree = inner
    leaf = tree.get(parts[-1])
    if isinstance(leaf, dict):
        leaf[""] = value
    else:
        tree[parts[-1]] = value


class Ec2Parser(QueryParser):
    """Every list is flattened, and names are capitalized unless the model has a queryName."""

    def _member_key(self, name: str, member: Shape) -> str:
        query_name = member.serialization.get("queryName")
        if query_name:
            return str(query_name)
        written = str(member.serialization.get("name", name))
        return written[:1].upper() + written[1:]

    def _list(self, shape: ListShape, node: Any) -> Any:
        return self._items(shape, node)


class JsonParser:
    """One JSON document whose names are the members'."""

    def parse(self, request: WireRequest, model: OperationModel) -> Parameters:
        if model.input_shape is None:
            return {}
        document = self.document(request.body)
        if not isinstance(document, Mapping):
            raise SerializationException("The request body must be an object.")
        found: Parameters = self._value(model.input_shape, document, 0)
        return found

    def document(self, body: bytes) -> Any:
        """Raises SerializationException, also for what JSON's own grammar lacks."""
        try:
            return json.loads(body.decode() or "{}", parse_constant=_refuse)
        except (ValueError, RecursionError):
            raise SerializationException("The request body is not valid JSON.") from None

    def _value(self, shape: Shape, node: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise SerializationException("The request is nested too deeply.")
        if isinstance(shape, StructureShape) and isinstance(node, Mapping):
            return {
                name: self._value(member, node[key], depth + 1)
                for name, member in shape.members.items()
                if node.get(key := member.serialization.get("name", name)) is not None
            }
        if isinstance(shape, ListShape) and isinstance(node, list):
            return [self._value(shape.member, item, depth + 1) for item in node]
        if isinstance(shape, MapShape) and isinstance(node, Mapping):
            return {key: self._value(shape.value, item, depth + 1) for key, item in node.items()}
        if shape.type_name == "timestamp":
            return timestamp(node)
        if shape.type_name == "blob" and isinstance(node, str):
            return from_base64(node)
        return node


def _refuse(*_: Any) -> Any:
    raise ValueError


# What cbor2 knows beside the timestamp, the protocol's only tag: cycles, patterns, huge numbers.
_NO_TAGS = dict.fromkeys(
    (0, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004, 43000)
    + (55799,),
    _refuse,
)


class CborParser(JsonParser):
    """smithy-rpc-v2-cbor: the JSON parser over a CBOR document.

    https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
    """

    def document(self, body: bytes) -> Any:
        if not body:
            return {}
        try:
            return cbor2.loads(
                body,
                semantic_decoders=_NO_TAGS,
                tag_hook=_refuse,
                max_depth=2 * MAX_DEPTH,
                strict_hashable_types=True,
            )
        except (cbor2.CBORError, ValueError, RecursionError):
            raise SerializationException("The request body is not valid CBOR.") from None


class RestParser:
    """Members by location: uri (given by the router), querystring, header, headers, body."""

    def parse(
        self, request: WireRequest, model: OperationModel, labels: Mapping[str, str] | None = None
    ) -> Parameters:
        shape = model.input_shape
        if not isinstance(shape, StructureShape):
            return {}
        query: dict[str, list[str]] = {}
        for name, value in request.query_parameters:
            query.setdefault(name, []).append(value)
        found: Parameters = {}
        for name, member in shape.members.items():
            value = self._located(member, name, request, labels or {}, query)
            if value is not None:
                found[name] = value
        found.update(self._payload(request, shape))
        return found

    def _located(
        self,
        member: Shape,
        name: str,
        request: WireRequest,
        labels: Mapping[str, str],
        query: Mapping[str, list[str]],
    ) -> Any:
        location = member.serialization.get("location")
        key = member.serialization.get("name", name)
        if location == "uri":
            return scalar(member, labels[key]) if key in labels else None
        if location == "header":
            text = request.headers.get(key.lower())
            return None if text is None else self._from_header(member, text)
        if location == "headers":
            found = {
                header[len(key) :]: text
                for header, text in request.headers.items()
                if header.startswith(key.lower())
            }
            return found or None
        if location == "querystring":
            return self._from_query(member, key, query)
        return None

    def _from_header(self, member: Shape, text: str) -> Any:
        if isinstance(member, ListShape):
            return [scalar(member.member, part.strip()) for part in text.split(",")]
        if member.serialization.get("jsonvalue"):
            return JsonParser().document(from_base64(text))
        return scalar(member, text)

    def _from_query(self, member: Shape, key: str, query: Mapping[str, list[str]]) -> Any:
        if isinstance(member, MapShape):
            return {name: values[0] for name, values in query.items()} or None
        if key not in query:
            return None
        if isinstance(member, ListShape):
            return [scalar(member.member, value) for value in query[key]]
        return scalar(member, query[key][0])

    def _payload(self, request: WireRequest, shape: StructureShape) -> Parameters:
        payload = shape.serialization.get("payload")
        if payload:
            member = shape.members[payload]
            if member.type_name in ("blob", "string"):
                body: Any = (
                    request.stream if member.serialization.get("streaming") else request.body
                )
                if member.type_name == "string" and isinstance(body, bytes):
                    body = body.decode("utf-8", "replace")
                return {payload: body}
            return {payload: self._body(member, request.body)} if request.body else {}
        in_body = {
            name: member
            for name, member in shape.members.items()
            if "location" not in member.serialization
        }
        if not in_body or not request.body:
            return {}
        found = self._body(shape, request.body)
        if not isinstance(found, Mapping):
            raise SerializationException("The request body must be an object.")
        return {name: value for name, value in found.items() if name in in_body}

    def _body(self, shape: Shape, body: bytes) -> Any:
        raise NotImplementedError


class RestJsonParser(RestParser):
    def _body(self, shape: Shape, body: bytes) -> Any:
        reader = JsonParser()
        return reader._value(shape, reader.document(body), 0)


class RestXmlParser(RestParser):
    """defusedxml refuses entities and DTDs."""

    def _body(self, shape: Shape, body: bytes) -> Any:
        try:
            root = defusedxml.ElementTree.fromstring(body, forbid_dtd=True)
        except (ParseError, ValueError, LookupError):
            # LookupError: of an encoding that Python does not know.
            raise SerializationException(
                "The XML you provided was not well-formed or did not validate against our "
                "published schema"
            ) from None
        return self._value(shape, root, 0)

    def _value(self, shape: Shape, node: Element, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise SerializationException("The request is nested too deeply.")
        if isinstance(shape, StructureShape):
            return self._structure(shape, node, depth)
        if isinstance(shape, ListShape):
            return [self._value(shape.member, item, depth + 1) for item in node]
        if isinstance(shape, MapShape):
            return self._map(shape, list(node), depth)
        return scalar(shape, node.text or "")

    def _structure(self, shape: StructureShape, node: Element, depth: int) -> Parameters:
        children: dict[str, list[Element]] = {}
        for child in node:
            children.setdefault(_local(child.tag), []).append(child)
        attributes = {_local(name): value for name, value in node.attrib.items()}
        found: Parameters = {}
        for name, member in shape.members.items():
            key = str(member.serialization.get("name", name))
            if member.serialization.get("xmlAttribute"):
                if (local := key.rpartition(":")[2]) in attributes:
                    found[name] = scalar(member, attributes[local])
            elif member.serialization.get("flattened"):
                inner = (
                    member.member.serialization.get("name")
                    if isinstance(member, ListShape)
                    else None
                )
                nodes = children.get(str(inner or key), [])
                if nodes and isinstance(member, ListShape):
                    found[name] = [self._value(member.member, item, depth + 1) for item in nodes]
                elif nodes and isinstance(member, MapShape):
                    found[name] = self._map(member, nodes, depth)
            elif key in children:
                found[name] = self._value(member, children[key][0], depth + 1)
        return found

    def _map(self, shape: MapShape, entries: list[Element], depth: int) -> Parameters:
        key_name = shape.key.serialization.get("name", "key")
        value_name = shape.value.serialization.get("name", "value")
        found: Parameters = {}
        for entry in entries:
            parts = {_local(child.tag): child for child in entry}
            if key_name in parts and value_name in parts:
                key = self._value(shape.key, parts[key_name], depth + 1)
                found[key] = self._value(shape.value, parts[value_name], depth + 1)
        return found


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


PARSERS: dict[str, Any] = {
    "query": QueryParser(),
    "ec2": Ec2Parser(),
    "json": JsonParser(),
    "smithy-rpc-v2-cbor": CborParser(),
    "rest-json": RestJsonParser(),
    "rest-xml": RestXmlParser(),
}
