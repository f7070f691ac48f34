"""Prepared SQL for what every call asks: one round trip, no cursor between it and libpq.

psycopg's cursors cost a small call as much again as PostgreSQL does, and Django's bind in the
client besides. A Statement runs on Django's connection, takes part in its transactions and raises
its errors, and reads columns as psycopg does.
"""

import itertools
import threading
from datetime import datetime, timedelta
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import adapt
from psycopg.abc import Transformer
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult

_DONE = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)
_numbers = itertools.count()
_ready = threading.local()


class Statement:
    """text: with $1, $2 …; psycopg's %s means nothing here.

    Parameters are None, bool, int, float, str, bytes, datetime and timedelta; JSON goes as text.
    """

    def __init__(self, text: str) -> None:
        self._text = text.encode()
        self._name = f"groundschool_{next(_numbers)}".encode()

    def all(self, *parameters: Any) -> list[tuple[Any, ...]]:
        """The rows. Raises Django's database errors."""
        result, reader = self._run(parameters)
        rows: list[tuple[Any, ...]] = reader.load_rows(0, result.ntuples, tuple)
        return rows

    def one(self, *parameters: Any) -> tuple[Any, ...] | None:
        """The first row."""
        result, reader = self._run(parameters)
        row: tuple[Any, ...] | None = reader.load_row(0, tuple) if result.ntuples else None
        return row

    def _run(self, parameters: tuple[Any, ...]) -> "tuple[PGresult, Transformer]":
        try:
            django = connections[DEFAULT_DB_ALIAS]
            raw = _connection(django)
            values: list[Any] = [None if one is None else _encoded(one) for one in parameters]
            formats = [Format.BINARY if type(one) is bytes else Format.TEXT for one in parameters]
            reader = _readers(raw).get(self) or self._prepare(raw)
            result = raw.pgconn.exec_prepared(self._name, values, formats, Format.BINARY)
            _check(raw, result)
        except psycopg.Error:
            with connections[DEFAULT_DB_ALIAS].wrap_database_errors:
                raise
        if django.queries_logged:
            django.queries_log.append({"sql": self._text.decode(), "time": "0"})
        reader.set_pgresult(result, set_loaders=False)
        return result, reader

    def _prepare(self, raw: "psycopg.Connection[Any]") -> Transformer:
        _check(raw, raw.pgconn.prepare(self._name, self._text))
        columns = raw.pgconn.describe_prepared(self._name)
        _check(raw, columns)
        reader: Transformer = adapt.Transformer(raw)
        reader.set_pgresult(columns, format=Format.BINARY)
        _readers(raw)[self] = reader
        return reader


def _connection(django: Any) -> "psycopg.Connection[Any]":
    """psycopg's side of Django's connection, inside of its transaction where it has one."""
    django.close_if_health_check_failed()
    if django.connection is None:
        django.ensure_connection()
    raw: psycopg.Connection[Any] = django.connection
    if not raw.autocommit and raw.pgconn.transaction_status == TransactionStatus.IDLE:
        # psycopg begins a transaction at the first statement of its own.
        raw.execute("SELECT 1")
    return raw


def _readers(raw: "psycopg.Connection[Any]") -> dict[Statement, Transformer]:
    """What this thread's connection has prepared."""
    if getattr(_ready, "connection", None) is not raw:
        _ready.connection, _ready.readers = raw, {}
    readers: dict[Statement, Transformer] = _ready.readers
    return readers


def _check(raw: "psycopg.Connection[Any]", result: "PGresult") -> None:
    """Raises psycopg's errors."""
    if result.status in _DONE:
        return
    if raw.pgconn.status == ConnStatus.BAD:
        raise psycopg.OperationalError(raw.pgconn.get_error_message())
    raise psycopg.errors.error_from_result(result)


def _encoded(value: Any) -> bytes:
    if isinstance(value, str):
        if "\x00" in value:
            raise psycopg.DataError("PostgreSQL text cannot contain NUL (0x00) characters")
        return value.encode()
    if isinstance(value, bytes):
        return value
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, datetime):
        return value.isoformat().encode()
    if isinstance(value, timedelta):
        return f"{value.total_seconds()!r} seconds".encode()
    return str(value).encode()
