"""The policy of a form upload: what its author let the form's user choose.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aws import clock
from s3.errors import AccessDenied, EntityTooLarge, EntityTooSmall, InvalidRequest

# Fields that no condition has to name.
_FREE = {"policy", "file", "x-amz-signature"}


class InvalidPolicyDocument(InvalidRequest):
    message = "Invalid Policy: {reason}"


@dataclass(frozen=True, slots=True)
class SizeRange:
    """Bytes that the file may have."""

    low: int
    high: int

    def check(self, size: int) -> None:
        """Raises EntityTooSmall, EntityTooLarge."""
        if size < self.low:
            raise EntityTooSmall(ProposedSize=size, MinSizeAllowed=self.low)
        if size > self.high:
            raise EntityTooLarge(ProposedSize=size, MaxSizeAllowed=self.high)


def check(text: str, fields: Mapping[str, str]) -> SizeRange | None:
    """text: base64 as it was signed. fields: the form's, with "bucket".

    Raises AccessDenied, InvalidPolicyDocument.
    """
    document = _read(text)
    _check_time(document.get("expiration"))
    conditions = document.get("conditions")
    if not isinstance(conditions, list):
        raise InvalidPolicyDocument(reason="Policy missing conditions")
    named, size = set(_FREE), None
    for condition in conditions:
        for operator, name, value in _parsed(condition):
            if operator == "content-length-range":
                size = SizeRange(int(name), int(value))
                continue
            named.add(name)
            if not _holds(operator, fields.get(name, ""), value):
                shown = json.dumps(condition)
                raise AccessDenied(f"Invalid according to Policy: Policy Condition failed: {shown}")
    extra = sorted(
        name for name in fields.keys() - named - {"bucket"} if not name.startswith("x-ignore-")
    )
    if extra:
        raise AccessDenied(f"Invalid according to Policy: Extra input fields: {', '.join(extra)}")
    return size


def _read(text: str) -> dict[str, Any]:
    try:
        document = json.loads(base64.b64decode(text))
    except (ValueError, binascii.Error):
        raise InvalidPolicyDocument(reason="Invalid JSON.") from None
    if not isinstance(document, dict):
        raise InvalidPolicyDocument(reason="Invalid JSON.")
    return document


def _check_time(text: Any) -> None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise InvalidPolicyDocument(reason="Invalid 'expiration' value") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    # Like signatures, in the machine's time.
    if moment < clock.real_now():
        raise AccessDenied("Invalid according to Policy: Policy expired.")


def _parsed(condition: Any) -> list[tuple[str, str, str]]:
    """(operator, field, value); for the range of sizes (operator, lowest, highest)."""
    if isinstance(condition, dict) and condition:
        return [("eq", str(name).lower(), str(value)) for name, value in condition.items()]
    if isinstance(condition, list) and len(condition) == 3:
        operator, name, value = (str(one) for one in condition)
        if operator == "content-length-range" and name.isdecimal() and value.isdecimal():
            return [(operator, name, value)]
        if operator in ("eq", "starts-with") and name.startswith("$"):
            return [(operator, name[1:].lower(), value)]
    raise InvalidPolicyDocument(reason=f"Invalid Condition: {json.dumps(condition)[:200]}")


def _holds(operator: str, given: str, value: str) -> bool:
    return given == value if operator == "eq" else given.startswith(value)
