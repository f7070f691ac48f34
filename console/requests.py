"""The request as views see it, after the middleware."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from aws.addresses import client_address
from aws.context import Context
from aws.identity import Principal
from aws.models import Account


class ConsoleRequest(HttpRequest):
    """principal, account and ctx are None only on pages that strangers may open.

    person: who signed in; not the principal while a role is taken. region: of the console.
    console_settings: the person's language, mode, density, favorites, recents, …; see
    `console.models.Preferences.DEFAULTS`.
    """

    htmx: HtmxDetails
    principal: Principal
    person: Principal
    account: Account
    ctx: Context
    region: str
    console_settings: dict[str, Any]
    request_id: str


def context_of(
    request: HttpRequest, caller: Principal, *, region: str, offset: timedelta
) -> Context:
    """What operations get of a browser's request. offset: of the caller's account's clock."""
    return Context(
        account_id=caller.account_id,
        principal=caller,
        region=region,
        source="console",
        request_id=request.request_id,  # type: ignore[attr-defined]
        source_ip=client_address(request.META),
        user_agent=request.headers.get("User-Agent", ""),
        secure_transport=request.is_secure(),
        clock_offset=offset,
    )
