"""Every page of the URLconf: as alice in two languages, a stranger, nobody, and mallory.

A new page is swept as soon as it has an address. Where its arguments are new, tests/pages.py needs
a sample of them; where it costs more queries than PAGES may, tests/page_queries.json its number.
"""

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aws.models import Event
from iam.models import User
from tests.pages import SAMPLES, Page, all_pages
from tests.pages import crowd as crowd  # noqa: PLC0414 - fixtures
from tests.pages import samples as samples

Console = Callable[..., Client]
Samples = dict[str, str]
MAX_QUERIES = 12
PINNED: dict[str, int] = json.loads((Path(__file__).parent / "page_queries.json").read_text())
PAGES = all_pages()
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
_TAB = re.compile(r'<a class="tab" href="(\?[^"]+)"')


def get(client: Client, address: str, language: str) -> Any:
    client.cookies["groundschool-language"] = language
    return client.get(address)


@every_page
def test_alice_sees_it_in_both_languages(
    page: Page, console: Console, alice: User, samples: Samples, crowd: None
) -> None:
    """Within its budget, whatever the number of rows; and looking changes nothing, so that what
    changes something must refuse GET: only events of reading may come of it."""
    client, address = console(alice), page.address(samples)
    english = get(client, address, "en")
    if english.status_code == 405:
        assert "GET" not in english["Allow"]
        return
    assert english.status_code in (200, 302), english
    assert not Event.objects.filter(read_only=False).exists()
    if english.status_code == 302 or not english["Content-Type"].startswith("text/html"):
        return
    for tab in {"", *map(unescape, _TAB.findall(english.content.decode()))}:
        with CaptureQueriesContext(connection) as queries:
            korean = get(client, f"{address}{tab}", "ko")
        assert korean.status_code == 200, tab
        assert '<html lang="ko"' in korean.content.decode()
        made = [" ".join(query["sql"].split())[:120] for query in queries]
        # A test runs in a transaction, so what begins one outside is a savepoint here.
        made = [sql for sql in made if not sql.startswith(("SAVEPOINT", "RELEASE"))]
        assert len(made) <= PINNED.get(page.name, MAX_QUERIES), [tab, *made]


def test_no_list_costs_more_than_others() -> None:
    assert [name for name in PINNED if name.endswith("-list")] == []


@every_page
def test_a_stranger_is_sent_to_sign_in(page: Page, client: Client, db: None) -> None:
    answer = client.get(page.address(SAMPLES))
    if page.is_public:
        assert answer.status_code in (200, 302, 405)
    else:
        assert answer.status_code == 302
        assert answer["Location"].startswith("/signin?next=")


@every_page
def test_a_principal_without_policies_is_answered(
    page: Page, console: Console, nobody: User, samples: Samples
) -> None:
    """With less of the page, or with AWS's denial; never with a mistake of ours."""
    assert get(console(nobody), page.address(samples), "en").status_code in (200, 302, 403, 405)


@every_page
def test_another_account_finds_nothing(
    page: Page, console: Console, mallory: User, samples: Samples
) -> None:
    answer = get(console(mallory), page.address(samples), "en")
    if page.is_in_an_account and "ReadOnlyAccess" not in page.address(samples):
        assert answer.status_code in (403, 404, 405)
    else:
        assert answer.status_code in (200, 302, 405)
    if not page.is_in_an_account and hasattr(answer, "content"):
        text = answer.content.decode()
        assert [name for name in ("developers", "app-role", samples["key"]) if name in text] == []
