"""Values of an answer by their shapes: XML as text, JSON and CBOR ready for their encoders.

The dict of an operation has AWS's member names; the shape says how each is written. A key that the
model lacks is left out (and refused where settings.DEBUG_WIRE is set, as in the tests).
"""

import base64
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from botocore.model import ListShape, MapShape, Shape, StructureShape
from django.conf import settings

NESTED = {"structure", "list", "map"}
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
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")


def check_keys(shape: StructureShape, value: Mapping[str, Any]) -> None:
    if getattr(settings, "DEBUG_WIRE", False):
        unknown = value.keys() - shape.members.keys()
        if unknown:
            raise UnknownMember(f"{shape.name} has no {', '.join(sorted(unknown))}")


def xml_text(text: str) -> str:
    """Escaped; what XML cannot hold is replaced."""
    if text.isprintable():
        return escape(text)
    return escape(text.translate(_NOT_XML), {"\r": "&#xD;"})


class XmlWriter:
    """Elements of the query, ec2 and rest-xml protocols."""

    # EC2's model says the lists are flattened only for requests.
    ec2 = False
    default_timestamp = "iso8601"

    def members(self, shape: StructureShape, value: Mapping[str, Any]) -> str:
        check_keys(shape, value)
        return "".join(
            self.element(key, member, value[name])
            for name, key, member in _elements(shape)
            if value.get(name) is not None
        )

    def element(self, name: str, shape: Shape, value: Any) -> str:
        if shape.type_name not in NESTED:
            return f"<{name}>{self.text(shape, value)}</{name}>"
        if isinstance(shape, ListShape):
            return self._list(name, shape, value)
        if isinstance(shape, MapShape):
            return self._map(name, shape, value)
        return f"<{name}{self._attributes(shape, value)}>{self.members(shape, value)}</{name}>"

    def text(self, shape: Shape, value: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if shape.type_name == "timestamp":
            form = shape.serialization.get("timestampFormat", self.default_timestamp)
            return str(timestamp(value, form))
        if isinstance(value, bytes | bytearray | memoryview):
            return base64.b64encode(value).decode()
        return xml_text(str(value))

    def _attributes(self, shape: StructureShape, value: Mapping[str, Any]) -> str:
        namespace, members = _attributes(shape)
        return namespace + "".join(
            f" {key}={quoteattr(str(value[name]).translate(_NOT_XML))}"
            for name, key in members
            if value.get(name) is not None
        )

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


@cache
def _elements(shape: StructureShape) -> list[tuple[str, str, Shape]]:
    """(member, element, shape) of what is written inside an element."""
    return [
        (name, str(member.serialization.get("name", name)), member)
        for name, member in shape.members.items()
        if not member.serialization.get("xmlAttribute") and "location" not in member.serialization
    ]


@cache
def _attributes(shape: StructureShape) -> tuple[str, list[tuple[str, str]]]:
    """The namespace that an element declares, and (member, attribute) of its attributes."""
    namespace = shape.serialization.get("xmlNamespace")
    declared = ""
    if isinstance(namespace, Mapping) and namespace.get("prefix"):
        declared = f" xmlns:{namespace['prefix']}={quoteattr(namespace['uri'])}"
    members = [
        (name, str(member.serialization["name"]))
        for name, member in shape.members.items()
        if member.serialization.get("xmlAttribute")
    ]
    return declared, members


class Ec2Writer(XmlWriter):
    ec2 = True


class JsonWriter:
    """Values of the JSON and CBOR protocols, ready for their encoders."""

    is_binary = False

    def value(self, shape: Shape, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(shape, StructureShape):
            check_keys(shape, value)
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
