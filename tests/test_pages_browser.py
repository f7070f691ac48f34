"""Every page in Chromium: on a phone's width, without overflow, script errors or CSP violations."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from iam.models import User
from tests.pages import all_pages
from tests.pages import samples as samples  # noqa: PLC0414 - a fixture

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MANY = 50
# 404: a sample that alice's own pages do not know. 405: for POST alone.
NOT_SHOWN = {404, 405}


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_fits_and_runs(
    tab: Callable[..., Any], alice: User, samples: dict[str, str], width: int
) -> None:
    page, found, opened = tab(alice, language="ko", width=width), [], 0
    for one in all_pages():
        address = one.address(samples)
        if not _is_shown(page, address):
            continue
        page.problems.clear()
        page.goto(address)
        opened += 1
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(f"{one.name}: wider than the screen")
        found += [f"{one.name}: {problem}" for problem in page.problems]
    assert found == [], "\n".join(found)
    assert opened > MANY


def _is_shown(page: "Tab", address: str) -> bool:
    """Asked without the tab, which stumbles over an answer that it cannot show."""
    answer = page.request.get(address, max_redirects=0)
    if 300 <= answer.status < 400:
        # Where it leads is a page of its own in this list, or on another server.
        return False
    is_page = answer.headers.get("content-type", "").startswith("text/html")
    return is_page and answer.status not in NOT_SHOWN
