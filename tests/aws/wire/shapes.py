"""Hypothesis strategies for values of botocore's shapes, as boto3 takes and gives them."""

from datetime import UTC, datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from hypothesis import strategies as st

MAX_DEPTH = 4
# What a header or an address can carry as it is.
PLAIN = st.text(st.characters(min_codepoint=48, max_codepoint=122), min_size=1, max_size=12)
# botocore writes a carriage return as it is, and XML reads it as a new line.
XML_TEXT = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc"],
        include_characters="\t\n",
        exclude_characters="\ufffe\uffff",
    ),
    max_size=12,
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "integer": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(allow_nan=False, allow_infinity=False),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
    "blob": st.binary(max_size=12),
    "timestamp": st.integers(0, 4_000_000_000).map(lambda s: datetime.fromtimestamp(s, UTC)),
}


def values(
    shape: Shape, *, text: st.SearchStrategy[str] = TEXT, depth: int = 0
) -> st.SearchStrategy[Any] | None:
    """Values that no protocol drops: nothing in them is empty. None where a shape has none."""
    if isinstance(shape, StructureShape):
        return _structure(shape, text, depth)
    if isinstance(shape, ListShape):
        item = values(shape.member, text=text, depth=depth + 1)
        return None if item is None else st.lists(item, min_size=1, max_size=3)
    if isinstance(shape, MapShape):
        item = values(shape.value, text=text, depth=depth + 1)
        return None if item is None else st.dictionaries(PLAIN, item, min_size=1, max_size=3)
    if shape.serialization.get("location") == "statusCode":
        return st.integers(200, 299)
    if shape.type_name == "string":
        return st.sampled_from(shape.enum) if shape.enum else text
    return SCALARS[shape.type_name]


def _structure(
    shape: StructureShape, text: st.SearchStrategy[str], depth: int
) -> st.SearchStrategy[Any] | None:
    if depth > MAX_DEPTH:
        return None
    members = {}
    for name, member in shape.members.items():
        is_located = member.serialization.get("location") in ("header", "headers", "uri")
        inner = values(member, text=PLAIN if is_located else text, depth=depth + 1)
        if inner is not None and not member.serialization.get("streaming"):
            members[name] = inner
    if not members:
        return None
    required = {name: members[name] for name in shape.required_members if name in members}
    optional = {name: members[name] for name in members if name not in required}
    found = st.fixed_dictionaries(required, optional=optional)
    return found.filter(bool)
