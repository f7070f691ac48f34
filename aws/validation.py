"""Arguments against AWS's own model: the errors that AWS answers before an operation begins.

A check is compiled once per operation from botocore's input shape. Query and JSON services count
every problem in one sentence; EC2, RDS and their kin name the first parameter.
"""

import sys
import weakref
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import regex
from botocore.model import (
    ListShape,
    MapShape,
    OperationModel,
    ServiceModel,
    Shape,
    StringShape,
    StructureShape,
)

from aws.errors import (
    AwsError,
    InvalidArgument,
    InvalidParameterValue,
    MalformedXML,
    MissingParameter,
    ValidationError,
    ValidationException,
)


class Problem(NamedTuple):
    """path: "userName" or "tags.1.member.key". constraint: AWS's words after "Member must "."""

    path: str
    shown: str
    constraint: str
    is_missing: bool = False


Check = Callable[[str, Any], Iterator[Problem]]
# These answer MissingParameter and InvalidParameterValue for the first problem.
NAMING_SERVICES = {"ec2", "rds"}
JSON_PROTOCOLS = {"json", "rest-json", "smithy-rpc-v2-cbor"}
MAX_SHOWN = 200
NUL = "\x00"
PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "timestamp": (datetime,),
    "string": (str,),
}
RANGES = {"integer": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}
_checks: "weakref.WeakKeyDictionary[OperationModel, Check]" = weakref.WeakKeyDictionary()


def validate(model: OperationModel, parameters: Mapping[str, Any]) -> None:
    """Raises AWS's error for parameters ({"UserName": …}) that the model refuses.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
    """
    check = _checks.get(model)
    if check is None:
        shape = model.input_shape
        check = _checks[model] = _nothing if shape is None else _Compiler().check(shape)
    problems = list(check("", parameters))
    if problems:
        raise _error(model.service_model, problems)


def _error(service: ServiceModel, problems: list[Problem]) -> AwsError:
    first = problems[0]
    if service.service_name in ("s3", "s3control"):
        # What is nested comes from an XML body; S3 names no member of it.
        return MalformedXML() if "." in first.path else InvalidArgument(_sentence(first))
    if service.service_name in NAMING_SERVICES:
        name = first.path[:1].upper() + first.path[1:]
        if first.is_missing:
            return MissingParameter(parameter=name)
        return InvalidParameterValue(
            value=first.shown, parameter=name, reason=f"Member must {first.constraint}"
        )
    kind = (
        ValidationException if service.metadata["protocol"] in JSON_PROTOCOLS else ValidationError
    )
    noun = "error" if len(problems) == 1 else "errors"
    sentences = "; ".join(_sentence(problem) for problem in problems)
    return kind(f"{len(problems)} validation {noun} detected: {sentences}")


def _sentence(problem: Problem) -> str:
    return (
        f"Value {problem.shown} at '{problem.path}' failed to satisfy constraint: "
        f"Member must {problem.constraint}"
    )


class _Compiler:
    """Checks of one operation's shapes. Shapes may contain themselves, so they are memoized."""

    def __init__(self) -> None:
        self._known: dict[str, Check] = {}

    def check(self, shape: Shape) -> Check:
        if shape.name not in self._known:
            # A shape inside itself finds this, which looks the finished check up when called.
            self._known[shape.name] = lambda path, value: self._known[shape.name](path, value)
            self._known[shape.name] = self._compile(shape)
        return self._known[shape.name]

    def _compile(self, shape: Shape) -> Check:
        if isinstance(shape, StructureShape):
            return self._structure(shape)
        if isinstance(shape, ListShape):
            return self._list(shape)
        if isinstance(shape, MapShape):
            return self._map(shape)
        if isinstance(shape, StringShape):
            return _string(shape)
        return _blob if shape.type_name == "blob" else _scalar(shape)

    def _structure(self, shape: StructureShape) -> Check:
        members = {name: self.check(inner) for name, inner in shape.members.items()}
        required = list(shape.required_members)

        def check(path: str, value: Any) -> Iterator[Problem]:
            if not isinstance(value, Mapping):
                yield _wrong_type(path, value, "structure")
                return
            for name in required:
                if value.get(name) is None:
                    yield Problem(_join(path, name), "null", "not be null", is_missing=True)
            for name, inner in value.items():
                if name in members and inner is not None:
                    yield from members[name](_join(path, name), inner)

        return check

    def _list(self, shape: ListShape) -> Check:
        member = self.check(shape.member)
        size = _length_check(shape, "have length")

        def check(path: str, value: Any) -> Iterator[Problem]:
            if not isinstance(value, list | tuple):
                yield _wrong_type(path, value, "list")
                return
            yield from size(path, value)
            for number, inner in enumerate(value, start=1):
                yield from member(f"{path}.{number}.member", inner)

        return check

    def _map(self, shape: MapShape) -> Check:
        key_check, value_check = self.check(shape.key), self.check(shape.value)
        size = _length_check(shape, "have length")

        def check(path: str, value: Any) -> Iterator[Problem]:
            if not isinstance(value, Mapping):
                yield _wrong_type(path, value, "map")
                return
            yield from size(path, value)
            for key, inner in value.items():
                yield from key_check(path, key)
                yield from value_check(f"{path}.{key}.member", inner)

        return check


# S3 takes "Prefix" for "prefix", and the canned list log-delivery-write, and has its own error for
# Regions; its operations look.
_OPEN_ENUMS = ("FilterRuleName", "BucketCannedACL", "BucketLocationConstraint")
# S3 Control tags buckets too, whose ARNs the model's pattern leaves out.
_OPEN_PATTERNS = ("S3ResourceArn",)


def _string(shape: StringShape) -> Check:
    size = _length_check(shape, "have length")
    enum = [] if shape.name in _OPEN_ENUMS else list(shape.enum)
    pattern = "" if shape.name in _OPEN_PATTERNS else shape.metadata.get("pattern", "")
    compiled = java_pattern(pattern) if pattern else None
    is_secret = bool(shape.metadata.get("sensitive"))

    def check(path: str, value: Any) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield _wrong_type(path, value, "string")
            return
        yield from (
            problem._replace(shown=_show(value, is_secret)) for problem in size(path, value)
        )
        if not is_storable(value):
            # Neither PostgreSQL's text nor XML can hold it, whatever the model's pattern says.
            yield Problem(path, _show(value, is_secret), "not contain null characters")
        if enum and value not in enum:
            wanted = f"satisfy enum value set: [{', '.join(enum)}]"
            yield Problem(path, _show(value, is_secret), wanted)
        if compiled is not None and not compiled.fullmatch(value):
            wanted = f"satisfy regular expression pattern: {pattern}"
            yield Problem(path, _show(value, is_secret), wanted)

    return check


def _scalar(shape: Shape) -> Check:
    types = PYTHON_TYPES.get(shape.type_name)
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    is_number = shape.type_name in ("integer", "long", "float", "double")
    lowest, highest = RANGES.get(shape.type_name, (-sys.float_info.max, sys.float_info.max))

    def check(path: str, value: Any) -> Iterator[Problem]:
        if (types is not None and not isinstance(value, types)) or (
            # The comparison is false of what is not a number, too.
            is_number and (isinstance(value, bool) or not lowest <= value <= highest)
        ):
            yield _wrong_type(path, value, shape.type_name)
        elif is_number and low is not None and value < low:
            wanted = f"have value greater than or equal to {low}"
            yield Problem(path, _show(value), wanted)
        elif is_number and high is not None and value > high:
            yield Problem(path, _show(value), f"have value less than or equal to {high}")

    return check


def _blob(path: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, bytes | bytearray | memoryview) and not hasattr(value, "read"):
        yield _wrong_type(path, value, "blob")


def _length_check(shape: Shape, verb: str) -> Check:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is None and high is None:
        return _nothing

    def check(path: str, value: Any) -> Iterator[Problem]:
        if low is not None and len(value) < low:
            yield Problem(path, _show(value), f"{verb} greater than or equal to {low}")
        if high is not None and len(value) > high:
            yield Problem(path, _show(value), f"{verb} less than or equal to {high}")

    return check


def _nothing(path: str, value: Any) -> Iterator[Problem]:
    yield from ()


@cache
def java_pattern(pattern: str) -> "regex.Pattern[str]":
    r"""A pattern of AWS's models, written for Java.

    `regex` reads Java's \p{…} classes and scoped flags, which `re` does not; left are surrogate
    pairs, and a hyphen after a class inside brackets, which Java takes for itself.
    """
    translated = pattern.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")
    translated = regex.sub(r"(\\w|\\p\{\w+\})-(?=[_.])", r"\1\-", translated)
    return regex.compile(translated)


def _wrong_type(path: str, value: Any, wanted: str) -> Problem:
    return Problem(path, _show(value), f"be a valid {wanted}")


def is_storable(text: str) -> bool:
    """Whether it is Unicode, and without NUL: half a surrogate pair is neither."""
    try:
        return b"\x00" not in text.encode()
    except UnicodeEncodeError:
        return False


def _show(value: Any, is_secret: bool = False) -> str:
    if is_secret:
        return "'***'"
    text = str(value if not isinstance(value, tuple) else list(value))
    shown = text[:MAX_SHOWN].replace(NUL, "?")
    return f"'{shown.encode(errors='replace').decode()}'"


def _join(path: str, name: str) -> str:
    """userName; tags.1.member.key: AWS prints members in camel case."""
    return f"{path}.{_camel(name)}" if path else _camel(name)


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]
