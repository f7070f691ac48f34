"""Flashbar messages: kept in the session until the next page shows them."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest

from console import show_code

KEY = "flashes"
MAX_KEPT = 20
Links = Sequence[tuple[str, str]]


def add(
    request: HttpRequest,
    kind: str,
    header: str,
    body: str = "",
    *,
    code: str = "",
    request_id: str = "",
    links: Links = (),
) -> None:
    """kind: success, error, warning, info or in-progress. links: (label, address) pairs.

    code and request_id: AWS's, of an error. Nothing in here is HTML. A success also leads to the
    code of the calls that this request has made.
    """
    has_calls = kind == "success" and getattr(request, "ctx", None) is not None
    message = {
        "kind": kind,
        "header": str(header),
        "body": str(body),
        "code": code,
        "request_id": request_id,
        "links": [(str(label), address) for label, address in links],
        "show_code": show_code.link(request) if has_calls else None,  # type: ignore[arg-type]
    }
    request.session[KEY] = [*request.session.get(KEY, []), message][-MAX_KEPT:]


def pop_all(request: HttpRequest) -> list[dict[str, Any]]:
    """The messages to show now, newest first. They are shown once."""
    if not request.session.get(KEY):
        return []
    messages: list[dict[str, Any]] = request.session.pop(KEY)
    return messages[::-1]
