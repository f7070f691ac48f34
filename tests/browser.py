"""Chromium for the tests marked `browser`: found, installed where allowed, or said to be missing.

`python -m tests.browser` (part of `make test`) installs Debian's package and Korean fonts as root
or with passwordless sudo, unless LAB_APT=0. Without a browser those tests are skipped by name.
"""

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from console.lab import apt

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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
