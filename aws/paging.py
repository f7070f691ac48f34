"""Paging: keyset pages with opaque tokens that only the lab can make.

A token carries the sort key of the last row and is sealed to one operation and account, so a
token from elsewhere, or a changed one, is refused; and a page never shifts when rows are added.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

from aws import seal
from aws.context import Context
from aws.errors import AwsError, InvalidNextToken

Row = TypeVar("Row", bound=Model)
PURPOSE = "paging-token"


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """rows: this page. token: for the next one, "" at the end."""

    rows: list[Row]
    token: str

    def marker(self) -> dict[str, Any]:
        """IAM's words: IsTruncated and Marker."""
        return {"IsTruncated": True, "Marker": self.token} if self.token else {"IsTruncated": False}

    def next_marker(self) -> dict[str, Any]:
        """KMS's: Truncated and NextMarker."""
        return {"Truncated": True, "NextMarker": self.token} if self.token else {"Truncated": False}

    def next_token(self) -> dict[str, str]:
        """Everyone else's: NextToken."""
        return {"NextToken": self.token} if self.token else {}


def paginate(
    ctx: Context,
    rows: QuerySet[Row],
    *,
    order_by: Sequence[str],
    size: int,
    token: str | None = None,
    purpose: str,
    error: type[AwsError] = InvalidNextToken,
) -> Page[Row]:
    """One page of a query.

    order_by: field names, ascending or all with "-", ending in a unique one. size: rows.
    purpose: the operation and its fixed parameters, such as "iam:ListUsers". error: raised for a
    token that is not ours.
    """
    if token:
        rows = rows.filter(_after(order_by, _read(ctx, token, purpose, len(order_by), error)))
    found = list(rows.order_by(*order_by)[: size + 1])
    if len(found) <= size:
        return Page(found, "")
    last = found[size - 1]
    key = [_value(last, name.lstrip("-")) for name in order_by]
    return Page(found[:size], seal.seal_text([ctx.account_id, key], f"{PURPOSE}:{purpose}"))


def paginate_list(
    ctx: Context,
    items: Sequence[Any],
    *,
    size: int,
    token: str | None = None,
    purpose: str,
    error: type[AwsError] = InvalidNextToken,
) -> tuple[list[Any], str]:
    """One page of a list that is already in memory and in a stable order: (items, next token)."""
    start = _read(ctx, token, purpose, 1, error)[0] if token else 0
    end = start + size
    if end >= len(items):
        return list(items[start:]), ""
    return list(items[start:end]), seal.seal_text([ctx.account_id, [end]], f"{PURPOSE}:{purpose}")


def _read(ctx: Context, token: str, purpose: str, length: int, error: type[AwsError]) -> list[Any]:
    try:
        account_id, key = seal.unseal_text(token, f"{PURPOSE}:{purpose}")
    except (seal.BrokenSeal, ValueError, TypeError):
        raise error from None
    if account_id != ctx.account_id or len(key) != length:
        raise error
    return list(key)


def _after(order_by: Sequence[str], key: Sequence[Any]) -> Q:
    """(a, b) > (x, y) as Q: a > x OR (a = x AND b > y)."""
    condition, equal = Q(), Q()
    for name, value in zip(order_by, key, strict=True):
        column = name.lstrip("-")
        comparison = "lt" if name.startswith("-") else "gt"
        condition |= equal & Q(**{f"{column}__{comparison}": value})
        equal &= Q(**{column: value})
    return condition


def _value(row: Model, path: str) -> Any:
    value: Any = row
    for part in path.split("__"):
        value = getattr(value, part)
    return value.isoformat() if hasattr(value, "isoformat") else value


def everything(
    operation: Callable[..., dict[str, Any]], ctx: Context, member: str, **arguments: Any
) -> list[Any]:
    """All items of a paged operation: `everything(list_users, ctx, "Users", path_prefix="/")`.

    For pages and reports that sort and filter the whole; AWS's quotas bound the lists.
    """
    items: list[Any] = []
    more: dict[str, Any] = {}
    while True:
        answer = operation(ctx, **arguments, **more)
        items += answer[member]
        if answer.get("IsTruncated"):
            more = {"marker": answer["Marker"]}
        elif answer.get("NextToken"):
            more = {"next_token": answer["NextToken"]}
        elif answer.get("Truncated"):
            more = {"marker": answer["NextMarker"]}
        else:
            return items
