"""The address a request comes from, and whether the lab's names lead back to it."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from django.conf import settings


def client_address(environ: Mapping[str, Any]) -> str:
    """environ: WSGI's, or Django's request.META.

    With LAB_BEHIND_PROXY the proxy has appended the peer that it saw to X-Forwarded-For; what
    stands before was written by the peer itself, and proves nothing.
    """
    peer = str(environ.get("REMOTE_ADDR", ""))
    if not settings.LAB_BEHIND_PROXY:
        return peer
    last = str(environ.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
    try:
        return str(ipaddress.ip_address(last))
    except ValueError:
        return peer


def browsers_find(domain: str) -> bool:
    """Whether host names below a domain lead a browser to the lab.

    Browsers and curl know *.localhost themselves. Other programs ask the resolver of their
    machine, of which settings.LAB_NAMES_RESOLVE tells.
    """
    return settings.LAB_NAMES_RESOLVE or domain == "localhost" or domain.endswith(".localhost")
