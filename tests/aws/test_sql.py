"""Statements take part in Django's connection: its transactions, its errors, its log of queries."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from aws.models import Account
from aws.sql import Statement
from tests import factories

ECHO = Statement(
    "SELECT $1::text, $2::bigint, $3::boolean, $4::bytea, $5::timestamptz, $6::interval, $7::text"
)
RENAME = Statement("UPDATE aws_account SET name = $2 WHERE account_id = $1 RETURNING name")
ADD = Statement("INSERT INTO aws_account SELECT * FROM aws_account WHERE account_id = $1")
NAMES = Statement("SELECT name FROM aws_account WHERE account_id = $1")
MOMENT = datetime(2026, 11, 24, 12, 30, 0, 123456, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "row",
    [
        ("한 'x' %s $1 \\", -(1 << 40), True, b"\x00\xff", MOMENT, timedelta(days=40, hours=3), ""),
        ("", 0, False, b"", MOMENT, -timedelta(seconds=1.5), None),
    ],
)
def test_values_come_back_as_they_went(row: tuple[Any, ...]) -> None:
    assert ECHO.one(*row) == row
    assert ECHO.all(*row) == [row]


@pytest.mark.django_db
def test_no_row_is_none() -> None:
    assert NAMES.one("000000000000") is None
    assert NAMES.all("000000000000") == []


@pytest.mark.django_db
def test_a_null_character_is_refused_rather_than_cut_off() -> None:
    with pytest.raises(DataError):
        NAMES.one("111122223333\x00more")


@pytest.mark.django_db
def test_errors_are_djangos_and_the_statement_lives_on() -> None:
    account = factories.account()
    for _ in range(2):
        with pytest.raises(IntegrityError), transaction.atomic():
            ADD.all(account.account_id)
    assert NAMES.one(account.account_id) == (account.name,)


@pytest.mark.django_db(transaction=True)
def test_it_goes_with_its_transaction() -> None:
    account = factories.account()
    with pytest.raises(RuntimeError), transaction.atomic():
        assert RENAME.one(account.account_id, "New") == ("New",)
        raise RuntimeError
    assert NAMES.one(account.account_id) == (account.name,)
    assert RENAME.one(account.account_id, "New") == ("New",)
    assert Account.objects.get(pk=account.pk).name == "New"


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_broke_is_an_operational_error() -> None:
    NAMES.one("000000000000")
    with connection.cursor() as cursor, pytest.raises(OperationalError):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(OperationalError):
        NAMES.one("000000000000")
    # What every request begins with.
    connection.close_if_unusable_or_obsolete()
    assert NAMES.one("000000000000") is None


@pytest.mark.django_db(transaction=True)
def test_it_asks_where_django_would_whether_the_connection_lives() -> None:
    with connection.cursor() as cursor, pytest.raises(OperationalError):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    database: Any = connection
    database.health_check_enabled, database.health_check_done = True, False
    assert NAMES.one("000000000000") is None


@pytest.mark.django_db
def test_it_is_among_the_queries_that_pages_count() -> None:
    with CaptureQueriesContext(connection) as queries:
        NAMES.one("000000000000")
    assert [query["sql"] for query in queries] == [
        "SELECT name FROM aws_account WHERE account_id = $1"
    ]
