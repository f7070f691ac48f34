"""The address a request comes from: the peer's, or what the lab's own proxy says of it."""

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
