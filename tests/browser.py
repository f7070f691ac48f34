"""Chromium for the tests marked `browser`: found, installed where allowed, or said to be missing.

`python -m tests.browser` (part of `make test`) installs Debian's package and Korean fonts as root
or with passwordless sudo, unless LAB_APT=0. Without a browser those tests are skipped by name.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from console.lab import apt

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
FONT = "/usr/share/fonts/truetype/nanum/NanumGothic.ttf"
MISSING = "no Chromium on this machine (apt-get install chromium, or set CHROMIUM to its path)"
FONTS = apt.SystemPackage("fonts-nanum", FONT, "Korean letters in screenshots")
CHROMIUM = apt.SystemPackage("chromium", "chromium", "the browser tests drive it")


def chromium_path() -> str | None:
    """CHROMIUM, else the first known name in PATH."""
    candidates = [os.environ.get("CHROMIUM", ""), *NAMES, MAC]
    found = (shutil.which(candidate) for candidate in candidates if candidate)
    return next((path for path in found if path), None)


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Playwright's Browser. Tests open a context of their own in it."""
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread; the ORM would take the tests for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        # Chromium's own sandbox refuses root, as which containers and CI run.
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=options)
        yield chromium
        chromium.close()


@pytest.fixture
def tab(browser: "Browser", live_server: Any) -> Iterator[Callable[..., Any]]:
    """`tab(alice)` is a browser's tab signed in as alice; `tab(None)` a stranger's.

    language: the console's. options: of Playwright's `new_context`, such as java_script_enabled.
    What the browser complains of is in the tab's `problems`.
    """
    from django.conf import settings
    from django.test import Client

    from tests import factories  # models load after the settings

    contexts = []

    def open_tab(who: Any, *, language: str = "en", width: int = 1280, **options: Any) -> Any:
        screen: Any = {"width": width, "height": 844}
        context = browser.new_context(
            base_url=live_server.url, viewport=screen, accept_downloads=False, **options
        )
        contexts.append(context)
        cookies = {settings.LANGUAGE_COOKIE_NAME: language}
        if who is not None:
            client = Client()
            factories.console_session(client, who)
            name = settings.SESSION_COOKIE_NAME
            cookies[name] = client.cookies[name].value
        context.add_cookies(
            [
                {"name": name, "value": value, "url": live_server.url}
                for name, value in cookies.items()
            ]
        )
        page: Any = context.new_page()
        page.problems = []
        page.on("console", lambda said: _note(page.problems, said))
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        return page

    yield open_tab
    for context in contexts:
        context.close()


def _note(problems: list[str], said: "ConsoleMessage") -> None:
    # What a status is, tests see by themselves; the browser may tell of it a page later.
    if said.type == "error" and "responded with a status of 4" not in said.text:
        problems.append(said.text)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if chromium_path() is None:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=MISSING))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for all browser tests that had to be left out, with their names."""
    skipped = [
        report.nodeid
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and MISSING in report.longrepr[2]
    ]
    if skipped:
        terminalreporter.write_line(f"Skipped, {MISSING}: {', '.join(skipped)}", yellow=True)


def _install() -> None:
    allowed = os.environ.get("LAB_APT", "1").strip().lower() not in {"0", "false", "no", "off"}
    wanted = [] if chromium_path() else [CHROMIUM]
    if shutil.which("apt-get"):
        wanted.append(FONTS)
    apt.ensure(wanted, allowed=allowed, say=print)


if __name__ == "__main__":
    _install()
