"""Columns for `aws.filters` beyond a field path: over other tables, booleans, numbers."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Model, Q

from aws.filters import match

Condition = Callable[[Sequence[str]], Q]
NOTHING = Q(pk__in=[])


def through(model: type[Model], owner: str, column: str | Condition, **where: Any) -> Condition:
    """Rows of which a row of `model` matches; owner: its foreign key. Finds none twice."""

    def condition(values: Sequence[str]) -> Q:
        wanted = column(values) if callable(column) else match(column, values)
        rows = model._default_manager.filter(wanted, **where)
        return Q(pk__in=rows.values(owner))

    return condition


def flag(column: str) -> Condition:
    """ "true" and "false"."""
    return lambda values: Q(**{f"{column}__in": [value == "true" for value in values]})


def number(column: str) -> Condition:
    """Whole numbers; anything else finds nothing."""
    return lambda values: Q(
        **{f"{column}__in": [int(v) for v in values if v.lstrip("-").isdecimal() and len(v) < 10]}
    )


def only(value: str) -> Condition:
    """Everything or nothing: for what is the same in every row."""
    return lambda values: Q() if value in values else NOTHING
