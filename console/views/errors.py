"""Pages of what went wrong outside AWS's own errors."""

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from console.access import public

log = logging.getLogger(__name__)


@public
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


@public
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


@public
def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was not ours, or whose page was older than the sign-in."""
    log.warning("CSRF check failed at %s: %s", request.path, reason)
    return render(request, "403_csrf.html", status=403)


@public
def server_error(request: HttpRequest) -> HttpResponse:
    """No context: what failed may be the database, or the shell itself."""
    return render(None, "500.html", {"request_id": getattr(request, "request_id", "")}, status=500)
