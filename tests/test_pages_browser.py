"""Every page in Chromium: on a phone's width, without overflow, script errors or CSP violations."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client

from iam.models import User
from tests.factories import console_session
from tests.pages import Page, all_pages
from tests.pages import samples as samples  # noqa: PLC0414 - a fixture

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage
    from playwright.sync_api import Page as Tab

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("width", [1280, 390]),
]
PHONE_HEIGHT = 844
MANY = 20
# 0: a download. 404: a sample that alice's own pages do not know. 405: for POST alone.
NOT_SHOWN = {0, 404, 405}


@pytest.fixture
def problems() -> list[str]:
    return []


@pytest.fixture
def tab(
    browser: "Browser", live_server: Any, alice: User, width: int, problems: list[str]
) -> Iterator["Tab"]:
    """A page signed in as alice, in Korean. Whatever the browser complains of is in `problems`."""
    client = Client()
    console_session(client, alice)
    context = browser.new_context(viewport={"width": width, "height": PHONE_HEIGHT})
    context.add_cookies(
        [
            {"name": name, "value": value, "url": live_server.url}
            for name, value in (
                (settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value),
                (settings.LANGUAGE_COOKIE_NAME, "ko"),
            )
        ]
    )
    tab = context.new_page()
    tab.on("console", lambda said: _note(problems, said))
    tab.on("pageerror", lambda error: problems.append(str(error)))
    yield tab
    context.close()


def _note(problems: list[str], said: "ConsoleMessage") -> None:
    # What a status is, the test sees by itself; the browser may tell of it a page later.
    if said.type == "error" and "responded with a status of 4" not in said.text:
        problems.append(said.text)


def test_every_page_fits_and_runs(
    tab: "Tab", live_server: Any, samples: dict[str, str], problems: list[str]
) -> None:
    found, opened = [], 0
    for page in all_pages():
        answer = _open(tab, live_server.url, page, samples)
        if answer in NOT_SHOWN:
            problems.clear()
            continue
        opened += 1
        too_wide = tab.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        found += [f"{page.name}: {problem}" for problem in problems]
        found += [f"{page.name}: wider than the screen"] * bool(too_wide)
        problems.clear()
    assert found == [], "\n".join(found)
    assert opened > MANY


def _open(tab: "Tab", url: str, page: Page, samples: dict[str, str]) -> int:
    from playwright.sync_api import Error

    try:
        answer = tab.goto(url + page.address(samples))
    except Error:
        return 0
    return answer.status if answer else 0
