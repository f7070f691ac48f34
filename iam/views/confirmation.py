"""The question before users, groups, roles or policies are deleted."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse

from console.confirmation import ask, is_agreed
from console.requests import ConsoleRequest
from iam import removal

__all__ = ["ask", "ask_to_delete", "is_agreed"]


def ask_to_delete(
    request: ConsoleRequest, *, title: str, cancel_url: str, names: Sequence[str], **more: Any
) -> HttpResponse:
    """With the word that `removal.is_confirmed` expects."""
    word = removal.word_for(names)
    return ask(request, title=title, cancel_url=cancel_url, names=names, word=word, **more)
