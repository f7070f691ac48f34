"""The lab's public port (LAB_PUBLIC_PORT): what students publish, as one WSGI callable.

    granian --interface wsgi console.public:application

A request goes to the first of settings.PUBLIC_DOORS that knows its host name or path; a door
answers None to what is not its own. Nothing here knows the console's sessions.
"""

import os
from collections.abc import Callable, Iterable
from html import escape
from typing import Any

import django
from django.apps import apps

if not apps.ready:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    django.setup()

# These need Django's settings.
from django.conf import settings  # noqa: E402
from django.core.signals import request_finished, request_started  # noqa: E402
from django.utils import translation  # noqa: E402
from django.utils.module_loading import import_string  # noqa: E402
from django.utils.translation import gettext as _  # noqa: E402

from aws.wire.request import WireRequest  # noqa: E402

StartResponse = Callable[..., Any]
Door = Callable[[WireRequest, dict[str, Any], StartResponse], Iterable[bytes] | None]
DOORS: list[Door] = [import_string(path) for path in settings.PUBLIC_DOORS]


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """WSGI."""
    request = WireRequest.from_environ(environ)
    # Django's database layer drops connections that are too old or broken at these.
    request_started.send(sender=application, environ=environ)
    try:
        for door in DOORS:
            answer = door(request, environ, start_response)
            if answer is not None:
                return answer
    finally:
        request_finished.send(sender=application)
    return _nothing_here(start_response)


def _nothing_here(start_response: StartResponse) -> Iterable[bytes]:
    with translation.override(settings.LAB_LANGUAGE):
        title = _("Nothing is published at this address")
        sentences = [
            _("Websites of buckets are at addresses such as the one below."),
            _(
                "At an address under /s3-website/, links that begin with a slash lead out of the "
                "site: write them without it, or open the site by its own host name."
            ),
        ]
    example = f"{settings.LAB_PUBLIC_URL}/s3-website/ap-northeast-2/my-bucket/"
    paragraphs = "".join(f"<p>{escape(text)}</p>" for text in sentences)
    body = (
        f'<!doctype html><html lang="{settings.LAB_LANGUAGE}"><meta charset="utf-8">'
        f"<title>{escape(title)}</title><h1>{escape(title)}</h1>{paragraphs}"
        f"<p><code>{escape(example)}</code></p></html>"
    ).encode()
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Content-Security-Policy", "default-src 'none'; sandbox"),
    ]
    start_response("404 Not Found", headers)
    return [body]
