"""The request as views see it, after the middleware."""

from typing import Any

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from aws.context import Context
from aws.identity import Principal
from aws.models import Account


class ConsoleRequest(HttpRequest):
    """principal, account and ctx are None only on pages that strangers may open.

    region: of the console. console_settings: language, mode, density, favorites, recents, …; see
    `console.models.Preferences.DEFAULTS`.
    """

    htmx: HtmxDetails
    principal: Principal
    account: Account
    ctx: Context
    region: str
    console_settings: dict[str, Any]
    request_id: str
