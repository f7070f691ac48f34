"""The Content-Security-Policy of pages: nothing from elsewhere, no inline script or style.

Pages that show or send objects add the API's origin, where objects come from; never the other way
round: what is in an object stays there.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse

from console.requests import ConsoleRequest

P = ParamSpec("P")
_OWN = "'self'"
# QR codes come as data: images.
_SOURCES = {
    "default-src": _OWN,
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": _OWN,
    "frame-ancestors": "'none'",
}
_OF_OBJECTS = ("connect-src", "img-src", "media-src", "frame-src", "form-action")


def policy(*, with_api: bool = False) -> str:
    """with_api: the page shows objects, or sends files to the API."""
    sources = dict(_SOURCES)
    if with_api:
        api = origin_of(settings.LAB_API_URL)
        sources |= {name: f"{sources.get(name, _OWN)} {api}" for name in _OF_OBJECTS}
    return "; ".join(f"{name} {value}" for name, value in sources.items())


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


View = Callable[Concatenate[ConsoleRequest, P], HttpResponse]


def shows_objects(view: View[P]) -> View[P]:
    """Marks a view whose page reaches the API's origin."""

    @wraps(view)
    def with_api(request: ConsoleRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers.setdefault("Content-Security-Policy", policy(with_api=True))
        return response

    return with_api
