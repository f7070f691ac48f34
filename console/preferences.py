"""Reading and writing a console user's preferences: cached, since every page needs them."""

from typing import Any

from django.core.cache import cache
from django.db import transaction

from aws.identity import Principal
from console.models import Preferences

CACHED_SECONDS = 600
MAX_RECENTS = 8


def key_of(principal: Principal) -> str:
    return "root" if principal.kind == "root" else f"{principal.kind}/{principal.user_pk}"


def read(principal: Principal | None) -> dict[str, Any]:
    """All preferences, defaults filled in. A stranger has the defaults."""
    if principal is None:
        return dict(Preferences.DEFAULTS)
    cached = cache.get(_cache_key(principal))
    if cached is None:
        row = Preferences.objects.filter(
            account_id=principal.account_id, principal=key_of(principal)
        ).first()
        cached = row.values if row else {}
        cache.set(_cache_key(principal), cached, CACHED_SECONDS)
    return {**Preferences.DEFAULTS, **cached}


def write(principal: Principal, **changes: Any) -> dict[str, Any]:
    """Changes some preferences; answers all of them."""
    who: dict[str, Any] = {"account_id": principal.account_id, "principal": key_of(principal)}
    with transaction.atomic():
        row, _ = Preferences.objects.select_for_update().get_or_create(**who)
        row.values = {**row.values, **changes}
        row.save(update_fields=["values"])
    cache.set(_cache_key(principal), row.values, CACHED_SECONDS)
    return {**Preferences.DEFAULTS, **row.values}


def visited(principal: Principal, recents: list[str], service: str) -> list[str]:
    """Notes a service as the one visited last."""
    if recents[:1] == [service]:
        return recents
    newest = [service, *(name for name in recents if name != service)][:MAX_RECENTS]
    write(principal, recents=newest)
    return newest


def _cache_key(principal: Principal) -> str:
    return f"preferences:{principal.account_id}:{key_of(principal)}"
