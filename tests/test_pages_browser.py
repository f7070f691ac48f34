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
MANY = 20
# Files, not pages; and a context whose download has not ended may wait for it for ever.
DOWNLOADS = {"cloudtrail:event-download", "iam:credential-report-csv"}
# 0: a download. 404: a sample that alice's own pages do not know. 405: for POST alone.
NOT_SHOWN = {0, 404, 405}


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_fits_and_runs(
    tab: Callable[..., Any], alice: User, samples: dict[str, str], width: int
) -> None:
    page, found, opened = tab(alice, language="ko", width=width), [], 0
    for one in all_pages():
        if one.name in DOWNLOADS:
            continue
        page.problems.clear()
        if _open(page, one.address(samples)) in NOT_SHOWN:
            continue
        opened += 1
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(f"{one.name}: wider than the screen")
        found += [f"{one.name}: {problem}" for problem in page.problems]
    assert found == [], "\n".join(found)
    assert opened > MANY


def _open(page: "Tab", address: str) -> int:
    from playwright.sync_api import Error

    try:
        answer = page.goto(address)
    except Error:
        return 0
    return answer.status if answer else 0
