"""Searching, sorting and paging a table's rows by the query string: ?q= &sort= &page= &size=."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

PAGE_SIZES = (10, 20, 50, 100)
DEFAULT_PAGE_SIZE = 50
# Sorts before every value, whatever its type.
_MISSING: tuple[int, Any] = (0, "")


@dataclass(frozen=True)
class Listing:
    """What a table template needs. path: of the list's page. sort: the column's name, with "-" for
    descending."""

    path: str
    page: Page[Any]
    query: str
    sort: str
    size: int
    total: int
    matched: int
    kept: Mapping[str, str]

    @property
    def rows(self) -> Sequence[Any]:
        return list(self.page.object_list)

    @property
    def is_filtered(self) -> bool:
        return self.matched != self.total or bool(self.query)

    @property
    def sizes(self) -> Sequence[int]:
        return PAGE_SIZES

    @property
    def pages(self) -> list[tuple[int | str, str]]:
        """(number, query string) pairs of the pager; the string is "" for a gap."""
        numbers = self.page.paginator.get_elided_page_range(self.page.number, on_ends=1)
        return [(one, self.url(page=one) if isinstance(one, int) else "") for one in numbers]

    @property
    def previous_url(self) -> str:
        return self.url(page=self.page.number - 1)

    @property
    def next_url(self) -> str:
        return self.url(page=self.page.number + 1)

    def url(self, **changes: Any) -> str:
        """The query string for another page or order, the rest kept: "?q=a&page=2"."""
        values = {**self.kept, "q": self.query, "sort": self.sort, "size": self.size, **changes}
        return "?" + urlencode({name: value for name, value in values.items() if value})


def listing(
    request: HttpRequest,
    rows: Sequence[Any],
    *,
    search: Callable[[Any], str],
    columns: Mapping[str, Callable[[Any], Any]],
    default_sort: str,
    keep: Sequence[str] = (),
) -> Listing:
    """One page of rows.

    search: the text of a row that ?q= looks in, whatever the case. columns: sort name → key of a
    row, None sorting first. keep: further parameters that links carry on, such as a filter.
    """
    query = request.GET.get("q", "").strip()
    matched = [row for row in rows if query.lower() in search(row).lower()] if query else rows
    sort = request.GET.get("sort", default_sort)
    if sort.lstrip("-") not in columns:
        sort = default_sort
    key = columns[sort.lstrip("-")]

    def sort_key(row: Any) -> tuple[int, Any]:
        value = key(row)
        if value is None:
            return _MISSING
        return (1, value.lower() if isinstance(value, str) else value)

    ordered = sorted(matched, key=sort_key, reverse=sort.startswith("-"))
    size = _size(request)
    return Listing(
        path=request.path,
        page=Paginator(ordered, size).get_page(request.GET.get("page")),
        query=query,
        sort=sort,
        size=size,
        total=len(rows),
        matched=len(matched),
        kept={name: request.GET.get(name, "") for name in keep},
    )


def _size(request: HttpRequest) -> int:
    size = request.GET.get("size", "")
    return int(size) if size.isdecimal() and int(size) in PAGE_SIZES else DEFAULT_PAGE_SIZE
