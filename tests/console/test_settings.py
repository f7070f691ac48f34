"""Unified Settings: shown, kept per person, checked."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from aws.models import Account
from console import preferences
from iam.models import User
from tests import factories
from tests.factories import principal_of

Console = Callable[..., Client]
URL = "/settings/preferences"


def wish(who: User | Account, name: str) -> Any:
    cache.clear()
    return preferences.read(principal_of(who))[name]


@pytest.mark.parametrize(
    ("name", "posted", "kept"),
    [
        ("mode", "dark", "dark"),
        ("density", "compact", "compact"),
        ("language", "en", "en"),
        ("default_region", "eu-west-1", "eu-west-1"),
        ("favorites_display", "icons", "icons"),
        ("remember_recents", "off", False),
        ("nav_open", "off", False),
    ],
)
def test_a_choice_is_kept_and_shown(
    console: Console, alice: User, name: str, posted: str, kept: object
) -> None:
    client = console(alice)
    assert client.post(URL, {name: posted, "next": "/settings"})["Location"] == "/settings"
    assert wish(alice, name) == kept
    assert client.get("/settings").status_code == 200


@pytest.mark.parametrize(
    "posted", [{"mode": "pink"}, {"default_region": "mars-1"}, {"language": "tlh"}]
)
def test_nonsense_is_refused(console: Console, alice: User, posted: dict[str, str]) -> None:
    (name,) = posted
    before = wish(alice, name)
    assert console(alice).post(URL, posted).status_code == 422
    assert wish(alice, name) == before


def test_a_post_changes_only_what_it_carries(console: Console, alice: User) -> None:
    client = console(alice)
    client.post(URL, {"mode": "dark", "density": "compact"})
    client.post(URL, {"mode": "light"})
    assert (wish(alice, "mode"), wish(alice, "density")) == ("light", "compact")


def test_what_is_no_setting_is_not_stored(console: Console, alice: User) -> None:
    console(alice).post(URL, {"mode": "dark", "favorites": "x", "roles": "y", "evil": "z"})
    values = preferences.read(principal_of(alice))
    assert values["favorites"] == []
    assert values["roles"] == []
    assert "evil" not in values


def test_the_default_region_is_where_the_console_opens(console: Console, alice: User) -> None:
    client = console(alice)
    client.get("/cloudtrail/events?region=us-east-1")
    client.post(URL, {"default_region": "eu-west-1"})
    assert wish(alice, "region") == "eu-west-1"


def test_turning_recents_off_clears_them(console: Console, alice: User) -> None:
    client = console(alice)
    client.get("/cloudtrail/events")
    client.post(URL, {"remember_recents": "off"})
    assert wish(alice, "recents") == []


def test_saving_the_page_says_so(console: Console, alice: User) -> None:
    client = console(alice)
    client.post(URL, {"saved": "yes", "mode": "dark"})
    assert "flash-success" in client.get("/settings").content.decode()


def test_the_looks_are_on_the_page(console: Console, alice: User) -> None:
    client = console(alice)
    client.post(URL, {"mode": "dark", "density": "compact"})
    page = client.get("/settings").content.decode()
    assert 'data-mode="dark"' in page
    assert 'data-density="compact"' in page


def test_root_and_users_have_their_own(console: Console, alice: User, account: Account) -> None:
    console(alice).post(URL, {"mode": "dark"})
    assert wish(account, "mode") == "auto"


def test_browser_default_forgets_the_language(console: Console, alice: User) -> None:
    client = console(alice)
    client.post(URL, {"language": "en"})
    client.post(URL, {"language": ""})
    page = client.get("/settings", headers={"accept-language": "ko"})
    assert page["Content-Language"] == "ko"


def test_they_stay_ones_own_in_a_role(console: Console, alice: User, account: Account) -> None:
    factories.role(account, "auditor", policy_arns=[factories.READ_ONLY])
    client = console(alice)
    client.post("/switch-role", {"account": account.account_id, "role_name": "auditor"})
    client.post(URL, {"mode": "dark"})
    client.post("/settings/favorites", {"service": "iam"})
    client.post("/console/home/widgets", {"action": "remove", "name": "events"})
    assert (wish(alice, "mode"), wish(alice, "favorites")) == ("dark", ["iam"])
    assert len(wish(alice, "widgets")) == 5
    assert 'data-mode="dark"' in client.get("/settings").content.decode()
