"""The query page: objects are ticked, rows and a chart answer, mistakes keep what was typed."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from iam.models import User

CSV = b"city,people\nSeoul,9400000\n<b>Busan</b>,3300000\n"
KEY = "data/2026 <cities>&.csv"
TABLE = "t_2026_cities"
Console = Callable[[User], Client]


@pytest.fixture
def page(s3: Any, bucket: str) -> str:
    s3.put_object(Bucket=bucket, Key=KEY, Body=CSV)
    s3.put_object(Bucket=bucket, Key="photo.png", Body=b"x")
    return f"/s3/buckets/{bucket}/query"


def ask(client: Client, page: str, sql: str, **more: str) -> Any:
    return client.post(page, {"key": quote(KEY, safe=""), "sql": sql, **more})


def test_an_object_comes_ticked_with_a_beginning(page: str, console: Console, alice: User) -> None:
    shown = console(alice).get(page, {"key": KEY})
    assert f"SELECT * FROM {TABLE}" in shown.text
    assert shown.text.count('name="key"') == 1
    assert " checked" in shown.text
    assert "photo.png" not in shown.text


def test_rows_are_shown_escaped_and_drawn(page: str, console: Console, alice: User) -> None:
    shown = ask(console(alice), page, f"SELECT city, people FROM {TABLE}")
    assert shown.status_code == 200
    assert "&lt;b&gt;Busan&lt;/b&gt;" in shown.text
    assert "<b>Busan" not in shown.text
    assert shown.text.count('<rect class="bar"') == 2


def test_rows_come_as_csv(page: str, console: Console, alice: User) -> None:
    answer = ask(console(alice), page, f"SELECT city FROM {TABLE}", csv="1")
    assert answer["Content-Disposition"] == 'attachment; filename="query.csv"'
    assert answer.content.decode().splitlines() == ["city", "Seoul", "<b>Busan</b>"]


def test_without_sql_the_tables_are_told(page: str, console: Console, alice: User) -> None:
    shown = ask(console(alice), page, "")
    assert f"<code>{TABLE}</code>" in shown.text
    assert "BIGINT" in shown.text


def test_a_mistake_keeps_what_was_typed(page: str, console: Console, alice: User) -> None:
    shown = ask(console(alice), page, "SELECT nothing FROM nowhere")
    assert shown.status_code == 422
    assert "Catalog Error" in shown.text
    assert "SELECT nothing FROM nowhere" in shown.text
    assert " checked" in shown.text


def test_nothing_ticked(page: str, console: Console, alice: User) -> None:
    shown = console(alice).post(page, {"sql": "SELECT 1"})
    assert shown.status_code == 422
    assert "Choose at least one object." in shown.text


def test_a_query_is_remembered(page: str, console: Console, alice: User) -> None:
    client = console(alice)
    ask(client, page, f"SELECT city FROM {TABLE}")
    assert 'class="query-past"' in client.get(page).text


def test_the_lists_menu_leads_here(page: str, console: Console, alice: User) -> None:
    answer = console(alice).post(page, {"object": f"/{quote(KEY, safe='')}", "prefix": "data/"})
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{page}?prefix=data%2F&key=data%2F2026")


def test_who_may_not_read_the_object(
    page: str, s3: Any, bucket: str, console: Console, bob: User
) -> None:
    denied = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*",'
        f'"Action":"s3:GetObject","Resource":"arn:aws:s3:::{bucket}/*"}}]}}'
    )
    s3.put_bucket_policy(Bucket=bucket, Policy=denied)
    shown = ask(console(bob), page, "SELECT 1")
    assert shown.status_code == 422
    assert "not authorized" in shown.text or "Access Denied" in shown.text


def test_another_accounts_bucket(page: str, console: Console, mallory: User) -> None:
    shown = ask(console(mallory), page, f"SELECT * FROM {TABLE}")
    assert shown.status_code in (403, 404)
    assert "Seoul" not in shown.text
