"""Filters=[{"Name": …, "Values": […]}]: AND between filters, OR between values, * and ? wild.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import Q

from aws.errors import AwsError

MAX_FILTERS = 50
MAX_VALUES = 200
Column = str | Callable[[Sequence[str]], Q]


class InvalidFilter(AwsError):
    code = "InvalidParameterValue"
    message = "The filter '{name}' is invalid"


class FilterLimitExceeded(AwsError):
    message = "The maximum number of filters or filter values has been reached."


def filters_to_q(filters: Sequence[Mapping[str, Any]] | None, columns: Mapping[str, Column]) -> Q:
    """One Q for all filters.

    columns: filter name → field path ("state", "tags__Name"), or a function of the values.
    "tag:<key>" and "tag-key" look into the JSON field `tags`. Raises InvalidFilter.
    """
    if len(filters or ()) > MAX_FILTERS:
        raise FilterLimitExceeded
    condition = Q()
    for entry in filters or ():
        condition &= _one(str(entry.get("Name", "")), entry.get("Values") or [], columns)
    return condition


def _one(name: str, values: Sequence[str], columns: Mapping[str, Column]) -> Q:
    if len(values) > MAX_VALUES:
        raise FilterLimitExceeded
    if name.startswith("tag:"):
        return _tag(name.removeprefix("tag:"), values)
    if name == "tag-key":
        return Q(tags__has_any_keys=list(values))
    column = columns.get(name)
    if column is None:
        raise InvalidFilter(name=name)
    return column(values) if callable(column) else match(column, values)


def match(column: str, values: Sequence[str]) -> Q:
    """Rows whose column equals, or matches the wildcards of, any of the values."""
    exact = [_unescaped(value) for value in values if not _is_wild(value)]
    condition = Q(**{f"{column}__in": exact})
    for value in values:
        if _is_wild(value):
            condition |= Q(**{f"{column}__regex": wildcard_regex(value)})
    return condition


def wildcard_regex(value: str) -> str:
    r"""AWS wildcards as an anchored regular expression: * any run, ? one character, \ escapes."""
    parts = re.findall(r"\\.|.", value, flags=re.DOTALL)
    return "^" + "".join(_piece(part) for part in parts) + "$"


def _piece(part: str) -> str:
    if part in "*?":
        return ".*" if part == "*" else "."
    return re.escape(part[1:] if part.startswith("\\") and len(part) == 2 else part)


def _is_wild(value: str) -> bool:
    return bool(re.search(r"(?<!\\)(?:\\\\)*[*?]", value))


def _unescaped(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value, flags=re.DOTALL)


def _tag(key: str, values: Sequence[str]) -> Q:
    """The key may hold any character, so it goes in as data, never as a field path."""
    condition = Q(pk__in=[])
    for value in values:
        if _is_wild(value):
            condition |= Q(tags__has_key=key) & _tag_regex(key, value)
        else:
            condition |= Q(tags__contains={key: _unescaped(value)})
    return condition


def _tag_regex(key: str, value: str) -> Q:
    from django.db.models import TextField, Value
    from django.db.models.fields.json import KeyTextTransform
    from django.db.models.lookups import Regex

    text: Any = KeyTextTransform(key, "tags")
    return Q(Regex(text, Value(wildcard_regex(value), output_field=TextField())))
