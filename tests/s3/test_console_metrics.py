"""The Metrics tab of a bucket's page."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from aws.models import Account
from iam.models import User
from tests import factories
from tests.factories import allow

Console = Callable[..., Client]
TAB = "/s3/buckets/class-notes?tab=metrics"
EDIT = "/s3/buckets/class-notes/edit-metrics"


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


@pytest.fixture
def page(console: Console, alice: User, account: Account) -> Client:
    factories.bucket(account, "class-notes")
    client = console(alice)
    client.cookies["groundschool-language"] = "en"
    return client


def test_every_range_is_drawn(page: Client) -> None:
    for name in ("1h", "3h", "12h", "1d", "3d", "1w", "nonsense"):
        shown = text(page.get(f"{TAB}&range={name}"))
        assert "Total bucket size" in shown
        assert "FirstByteLatency" in shown


def test_a_filter_is_made_and_deleted(page: Client) -> None:
    assert page.post(EDIT, {"config_id": "notes", "prefix": "letters/"}).status_code == 302
    assert "letters/" in text(page.get(f"{TAB}&filter=notes"))
    page.post("/s3/buckets/class-notes/delete-metrics", {"id": "notes", "confirm": "delete"})
    assert "letters/" not in text(page.get(TAB))


def test_a_bad_name_keeps_what_was_typed(page: Client) -> None:
    answer = page.post(EDIT, {"config_id": "not valid", "prefix": "kept/"})
    assert answer.status_code == 422
    assert 'value="kept/"' in text(answer)


def test_who_may_not_read_metrics_is_told_why(
    console: Console, account: Account, nobody: User
) -> None:
    factories.bucket(account, "class-notes")
    factories.grant(nobody, policies=[allow("s3:ListBucket")])
    shown = text(console(nobody).get(TAB))
    assert "cloudwatch:GetMetricData" in shown


def test_another_account_does_not_see_it(console: Console, page: Client, mallory: User) -> None:
    assert "Total bucket size" not in text(console(mallory).get(TAB))
