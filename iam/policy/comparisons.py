"""What condition operators compare: text, numbers, times, truth values, bytes and networks.

Each builder takes one policy value and answers a test of one value from the request. A value that
is not of the operator's type equals nothing, on either side.
"""

import base64
import binascii
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TypeAlias

from iam.policy.wildcards import Matcher, Piece

Parser: TypeAlias = Callable[[str], Decimal | None]

_DATE = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:T(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?P<fraction>\.\d+)?)?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?)?)?)?"
)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE_FIELDS = ("year", "month", "day", "hour", "minute", "second")
_DATE_DEFAULTS = ("1970", "1", "1", "0", "0", "0")


def _text(pieces: Sequence[Piece]) -> str:
    return "".join(map(str, pieces))


def never(_value: str) -> bool:
    """The test of a policy value that cannot equal anything."""
    return False


def text_equal(pieces: Sequence[Piece]) -> Matcher:
    expected = _text(pieces)
    return lambda value: value == expected


def text_equal_any_case(pieces: Sequence[Piece]) -> Matcher:
    expected = _text(pieces).lower()
    return lambda value: value.lower() == expected


def truth_equal(pieces: Sequence[Piece]) -> Matcher:
    expected = _text(pieces).lower()
    if expected not in ("true", "false"):
        return never
    return lambda value: value.lower() == expected


def number(text: str) -> Decimal | None:
    """An integer or decimal; anything else (also NaN and infinity) is None."""
    return Decimal(text) if _NUMBER.fullmatch(text.strip()) else None


def moment(text: str) -> Decimal | None:
    """Seconds since 1970 of a W3C date or of an epoch number. Four digits are a year.

    A time without a zone is UTC. https://www.w3.org/TR/NOTE-datetime
    """
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return number(text)
    part = match.groupdict()
    zone = timezone(_offset(part["zone"] or "Z"))
    year, month, day, hour, minute, second = (
        int(part[name] or default)
        for name, default in zip(_DATE_FIELDS, _DATE_DEFAULTS, strict=True)
    )
    try:
        at = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
    whole = (at - _EPOCH) // timedelta(seconds=1)
    return Decimal(whole) + Decimal("0" + (part["fraction"] or ".0"))


def _offset(zone: str) -> timedelta:
    if zone == "Z":
        return timedelta(0)
    digits = zone[1:].replace(":", "")
    minutes = min(int(digits[:2]) * 60 + int(digits[2:]), 24 * 60 - 1)
    return timedelta(minutes=-minutes if zone[0] == "-" else minutes)


ORDERINGS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}


def ordered(parse: Parser, ordering: str) -> Callable[[Sequence[Piece]], Matcher]:
    """The builder of a Numeric… or Date… operator."""
    compare = ORDERINGS[ordering]

    def build(pieces: Sequence[Piece]) -> Matcher:
        expected = parse(_text(pieces))
        if expected is None:
            return never

        def test(value: str) -> bool:
            seen = parse(value)
            return seen is not None and compare(seen, expected)

        return test

    return build


def _decode(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def bytes_equal(pieces: Sequence[Piece]) -> Matcher:
    """Both sides are base64 text; the bytes are compared."""
    expected = _decode(_text(pieces))
    return lambda value: expected is not None and _decode(value) == expected


@lru_cache(maxsize=1024)
def _address(text: str) -> tuple[int, int] | None:
    """Version and number of an address; a v4 address mapped into v6 counts as v4."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    found = mapped or address
    return found.version, int(found)


def is_network(text: str) -> bool:
    """An address, or a network in CIDR notation, v4 or v6."""
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def in_network(pieces: Sequence[Piece]) -> Matcher:
    """CIDR notation, v4 or v6; a bare address stands for itself alone."""
    try:
        network = ip_network(_text(pieces), strict=False)
    except ValueError:
        return never
    version, first, mask = network.version, int(network.network_address), int(network.netmask)

    def test(value: str) -> bool:
        address = _address(value)
        return address is not None and address[0] == version and address[1] & mask == first

    return test
