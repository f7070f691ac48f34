"""Texts and numbers of a request as values of their shapes."""

import base64
import binascii
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.model import Shape

from aws.errors import SerializationException

_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{0,20})?([eE][+-]?[0-9]{1,3})?")


def timestamp(value: Any) -> Any:
    """ISO 8601, RFC 1123 or seconds since 1970, as an aware UTC datetime; else the value itself."""
    try:
        moment = value if isinstance(value, datetime) else _moment(value)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        return value


def _moment(value: Any) -> datetime:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC)
    if not isinstance(value, str):
        raise TypeError
    text = value.strip()
    if _NUMBER.fullmatch(text):
        return datetime.fromtimestamp(float(text), UTC)
    if text[:4].isdecimal():
        return datetime.fromisoformat(text)
    return parsedate_to_datetime(text)


def scalar(shape: Shape, text: str) -> Any:
    """A text as its shape's type; what does not read as that type stays a text."""
    kind = shape.type_name
    if kind in ("integer", "long"):
        return int(text) if _INTEGER.fullmatch(text) else text
    if kind in ("float", "double"):
        return float(text) if _NUMBER.fullmatch(text) else text
    if kind == "boolean":
        return {"true": True, "false": False, "1": True, "0": False}.get(text.lower(), text)
    if kind == "timestamp":
        return timestamp(text)
    if kind == "blob":
        return from_base64(text)
    return text


def from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise SerializationException("A blob is not valid base64.") from None
