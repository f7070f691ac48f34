"""Pages that show a secret once."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from console.requests import ConsoleRequest


@never_cache
def show_once(
    request: ConsoleRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Answers the POST itself: the secret is in no session, URL or cache, and a reload asks for
    another POST. With HTMX the whole page is replaced, and its address stays out of the history.
    """
    response = render(request, template, context, status=status)
    if request.htmx:
        response["HX-Retarget"] = "body"
        response["HX-Reswap"] = "outerHTML"
        response["HX-Push-Url"] = "false"
    return response
