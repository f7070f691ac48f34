"""The question before something is deleted or opened up: a modal, or a page without JavaScript."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from console.requests import ConsoleRequest


def is_agreed(request: ConsoleRequest) -> bool:
    """Whether a question without a word to type was answered: `ask` sends "agreed" along."""
    return request.POST.get("agreed") == "yes"


def ask(
    request: ConsoleRequest,
    *,
    title: str,
    cancel_url: str,
    names: Sequence[str] = (),
    body: str = "",
    word: str = "",
    hidden: Sequence[tuple[str, str]] = (),
    submit_label: str = "",
    **details: Any,
) -> HttpResponse:
    """Posts to the same address again. word: what a person has to type, "" for just a button.

    hidden: further fields of that form. details: `details`, a template drawn below the body, and
    what it needs.
    """
    was_wrong = bool(word) and "confirm" in request.POST
    context = {
        "title": title,
        "body": body,
        "names": names,
        "word": word,
        "error": _("The text does not match.") if was_wrong else "",
        "hidden": [*hidden, *([] if word else [("agreed", "yes")])],
        "action": request.get_full_path(),
        "cancel_url": cancel_url,
        "submit_label": submit_label,
        **details,
    }
    template = "console/confirm.html#modal" if request.htmx else "console/confirm.html"
    return render(request, template, context, status=422 if was_wrong else 200)
