"""What every page's frame needs: `shell` in every template, by the context processor `context`.

Everything is lazy, so that a fragment that HTMX asks for costs nothing here.
"""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _

from aws.identity import Principal
from aws.regions import BY_NAME, REGIONS, Region
from console import flash, preferences
from console.navigation import Link, Navigation, Text, by_category, by_service

MAX_ROLES = 5


def context(request: HttpRequest) -> dict[str, Any]:
    """shell; and, for pages, the parts that they may want under short names."""
    shell = Shell(request)
    _note_visit(request, shell)
    return {
        "shell": shell,
        "navigation": shell.navigation,
        "region": shell.region,
        "is_global": shell.is_global,
        "settings": shell.settings,
        "language": shell.language,
    }


class Shell:
    """The frame of one request's page."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def navigation(self) -> Navigation | None:
        """The current service's; None on the shell's own pages."""
        match = self.request.resolver_match
        return by_service().get(match.namespace) if match else None

    @cached_property
    def active_link(self) -> Link | None:
        return self.navigation.active_link(self.request.path) if self.navigation else None

    @cached_property
    def services(self) -> list[tuple[Text, list[Navigation]]]:
        return by_category()

    @property
    def settings(self) -> dict[str, Any]:
        values: dict[str, Any] = getattr(self.request, "console_settings", {})
        return values

    @property
    def recents(self) -> list[Navigation]:
        return self._named("recents")

    @property
    def favorites(self) -> list[Navigation]:
        return self._named("favorites")

    @property
    def region(self) -> Region | None:
        return BY_NAME.get(getattr(self.request, "region", ""))

    @property
    def is_global(self) -> bool:
        return self.navigation is None or self.navigation.is_global

    @cached_property
    def regions(self) -> list[dict[str, Any]]:
        """Regions in groups, each with the address of this page there."""
        query = self.request.GET.copy()
        groups: dict[str, list[dict[str, str]]] = {}
        for region in REGIONS:
            query["region"] = region.name
            entry = {"name": region.name, "label": str(region.label)}
            entry["url"] = f"?{query.urlencode()}"
            groups.setdefault(str(region.group), []).append(entry)
        return [{"title": title, "regions": regions} for title, regions in groups.items()]

    @cached_property
    def flashes(self) -> list[dict[str, Any]]:
        """They are shown once, so only a page that draws the flashbar takes them."""
        return flash.pop_all(self.request)

    @property
    def language(self) -> str:
        return translation.get_language() or settings.LAB_LANGUAGE

    @property
    def languages(self) -> list[tuple[str, str]]:
        """(code, its own name)"""
        return [("ko", "한국어"), ("en", "English (US)")]

    @cached_property
    def account(self) -> dict[str, Any]:
        """The account menu; empty for a stranger."""
        return _account_menu(self.request) if getattr(self.request, "principal", None) else {}

    def _named(self, preference: str) -> list[Navigation]:
        known = by_service()
        return [known[name] for name in self.settings.get(preference, ()) if name in known]


def formatted_account(account_id: str) -> str:
    """1111-2222-3333"""
    return "-".join((account_id[:4], account_id[4:8], account_id[8:]))


def _account_menu(request: Any) -> dict[str, Any]:
    principal, account, role = request.principal, request.account, request.role
    shown = account.alias or formatted_account(account.account_id)
    kinds = {"root": _("Root user"), "user": _("IAM user"), "assumed-role": _("Role session")}
    return {
        "account_id": account.account_id,
        "formatted": formatted_account(account.account_id),
        "account_name": account.name,
        "alias": account.alias or "",
        "kind": kinds.get(principal.kind, _("Federated user")),
        "name": principal.name,
        "label": role.get("display_name") or f"{_shown_name(principal)} @ {shown}",
        "person": request.person.name if role else "",
        "is_root": request.person.kind == "root",
        "role": role,
        "roles": request.console_settings["roles"][:MAX_ROLES],
        "expires_in": _seconds_left(request),
    }


def _shown_name(principal: Principal) -> str:
    """root (kim) where an instructor opened the account, so that nobody forgets whose it is."""
    is_opened = principal.kind == "root" and principal.source_identity
    return f"root ({principal.source_identity})" if is_opened else principal.name


def _seconds_left(request: Any) -> int:
    """Until the session ends, for the page that is left open; 0 if it has no end."""
    end = request.principal.expires_at
    return max(1, int((end - request.ctx.now).total_seconds())) if end else 0


def _note_visit(request: Any, shell: Shell) -> None:
    """The services menu shows what was visited last."""
    service = shell.navigation
    if service is None or request.method != "GET" or request.htmx or request.principal is None:
        return
    wishes = request.console_settings
    if wishes["remember_recents"]:
        recents = preferences.visited(request.person, wishes["recents"], service.service)
        wishes["recents"] = recents
