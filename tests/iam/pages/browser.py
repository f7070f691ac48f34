"""What the tests of pages share."""

from html import unescape
from typing import Any

HTMX = {"HX-Request": "true"}


def text(answer: Any) -> str:
    """The page as a person's browser reads it."""
    return unescape(answer.content.decode())
