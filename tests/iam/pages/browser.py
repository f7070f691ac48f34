"""What the tests of pages share."""

from html import unescape

from django.http import HttpResponse

HTMX = {"HX-Request": "true"}


def text(answer: HttpResponse) -> str:
    """The page as a person's browser reads it."""
    return unescape(answer.content.decode())
