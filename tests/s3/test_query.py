"""Queries read what their principal may read, and nothing else there is."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from aws.context import Context
from aws.errors import AwsError
from iam.models import User
from s3.errors import InvalidRequest
from s3.query import engine, sources
from s3.query.engine import QueryError
from tests.factories import ctx_for

CSV = b"city,people\nSeoul,9400000\nBusan,3300000\nDaegu,2400000\n"


@pytest.fixture
def cities(s3: Any, bucket: str) -> str:
    s3.put_object(Bucket=bucket, Key="data/cities.csv", Body=CSV)
    return bucket


def ask(ctx: Context, bucket: str, sql: str, *keys: str) -> engine.Result:
    return engine.run(ctx, bucket, sources.sources(keys or ["data/cities.csv"]), sql)


def test_csv_json_and_parquet_join(ctx: Context, s3: Any, cities: str, tmp_path: Path) -> None:
    lines = [{"city": "Seoul", "river": "Han"}, {"city": "Busan", "river": "Nakdong"}]
    s3.put_object(Bucket=cities, Key="rivers.jsonl", Body="\n".join(map(json.dumps, lines)))
    parquet = tmp_path / "x.parquet"
    duckdb.connect().sql("SELECT 'Seoul' AS city, 37.5 AS latitude").write_parquet(str(parquet))
    s3.put_object(Bucket=cities, Key="places.parquet", Body=parquet.read_bytes())
    found = ask(
        ctx,
        cities,
        "SELECT city, people, river, latitude FROM cities JOIN rivers USING (city) "
        "LEFT JOIN places USING (city) ORDER BY people DESC",
        "data/cities.csv",
        "rivers.jsonl",
        "places.parquet",
    )
    assert [name for name, _ in found.columns] == ["city", "people", "river", "latitude"]
    assert found.rows == [["Seoul", 9400000, "Han", "37.5"], ["Busan", 3300000, "Nakdong", None]]
    assert [table.name for table in found.tables] == ["cities", "rivers", "places"]


def test_without_sql_the_columns_are_told(ctx: Context, cities: str) -> None:
    (table,) = ask(ctx, cities, "").tables
    assert table.columns == [("city", "VARCHAR"), ("people", "BIGINT")]


def test_rows_beyond_the_limit_are_cut(ctx: Context, cities: str) -> None:
    found = ask(ctx, cities, "SELECT * FROM range(5000)")
    assert (len(found.rows), found.is_cut) == (engine.MAX_SHOWN, True)


def test_a_mistake_is_told_in_duckdbs_words(ctx: Context, cities: str) -> None:
    with pytest.raises(QueryError, match="Catalog Error: Table with name towns does not exist"):
        ask(ctx, cities, "SELECT * FROM towns")


def test_an_object_that_the_principal_may_not_read(nobody: User, cities: str) -> None:
    with pytest.raises(AwsError, match="AccessDenied"):
        ask(ctx_for(nobody), cities, "SELECT * FROM cities")


def test_another_accounts_bucket(mallory: User, cities: str) -> None:
    with pytest.raises(AwsError, match="AccessDenied"):
        ask(ctx_for(mallory), cities, "SELECT * FROM cities")


def test_too_much_is_refused_before_it_is_read(
    ctx: Context, cities: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "MAX_BYTES", 10)
    with pytest.raises(InvalidRequest):
        ask(ctx, cities, "SELECT 1")


@pytest.mark.parametrize("keys", [["a.png"], ["noending"], [f"{n}.csv" for n in range(21)]])
def test_what_is_no_table_is_refused(keys: list[str]) -> None:
    with pytest.raises(InvalidRequest):
        sources.sources(keys)


def test_tables_of_one_name_are_told_apart() -> None:
    found = sources.sources(["a/sales.csv", "b/sales.csv", "2026-sales.csv.gz", "c/'; DROP.json"])
    assert [one.table for one in found] == ["sales", "sales_2", "t_2026_sales", "drop"]
    assert all(one.file.partition(".")[0].isdigit() for one in found)


# Each is an attempt to leave the tables that were given.
ESCAPES = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('/proc/self/environ')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM read_text('/etc/hostname')",
    "SELECT * FROM read_blob('/etc/hostname')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM read_json('/etc/passwd')",
    "SELECT * FROM read_parquet('/etc/passwd')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM read_csv('http://127.0.0.1:4566/')",
    "SELECT * FROM 's3://class/secret.csv'",
    "SELECT * FROM sqlite_scan('/tmp/x', 'y')",
    "SELECT * FROM postgres_scan('host=127.0.0.1', 'public', 'x')",
    "SELECT getenv('DATABASE_URL')",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM which_secret('s3://x', 's3')",
    "COPY cities TO '/tmp/out.csv'",
    "COPY cities FROM '/etc/passwd'",
    "EXPORT DATABASE '/tmp/out'",
    "IMPORT DATABASE '/tmp/out'",
    "ATTACH '/tmp/x.db'",
    "ATTACH ':memory:' AS other",
    "INSTALL httpfs",
    "LOAD httpfs",
    "LOAD '/tmp/x.so'",
    "PRAGMA enable_profiling",
    "SET enable_external_access = true",
    "SET memory_limit = '10GB'",
    "SET GLOBAL threads = 64",
    "RESET lock_configuration",
    "CREATE TABLE x AS SELECT 1",
    "CREATE SECRET x (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "INSERT INTO cities VALUES ('x', 1)",
    "DROP TABLE cities",
    "DELETE FROM cities",
    "CALL pragma_version()",
    "SELECT 1; SELECT 2",
    "SELECT 1; COPY cities TO '/tmp/out.csv'",
    "EXPLAIN ANALYZE COPY cities TO '/tmp/out.csv'",
    "SELECT * FROM df",
    "SELECT * FROM os",
    "SELECT * FROM query('SELECT * FROM read_csv(''/etc/passwd'')')",
    "SELECT * FROM query_table('/etc/passwd')",
]


@pytest.mark.parametrize("sql", ESCAPES)
def test_there_is_no_way_out(ctx: Context, cities: str, sql: str) -> None:
    with pytest.raises(QueryError):
        ask(ctx, cities, sql)
    assert not Path("/tmp/out.csv").exists()  # noqa: S108 - what the attempts name


def test_settings_tell_nothing_of_the_machine(ctx: Context, cities: str) -> None:
    found = ask(ctx, cities, "SELECT value FROM duckdb_settings() WHERE value LIKE '%/%'")
    values = {str(row[0]) for row in found.rows}
    home = str(Path.home())
    assert not [value for value in values if home in value or "groundschool" in value]


@pytest.mark.slow
@pytest.mark.parametrize("sql", [
    "SELECT count(*) FROM range(10000000000) a, range(10000000000) b",
    "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t",
    "SELECT list(repeat('x', 1000000)) FROM range(100000)",
    "SELECT repeat('x', 2000000000)",
])  # fmt: skip
def test_a_query_without_end_is_ended(ctx: Context, cities: str, sql: str) -> None:
    with pytest.raises(QueryError):
        ask(ctx, cities, sql)
    # And the next one has its turn.
    assert ask(ctx, cities, "SELECT 1").rows == [[1]]


def test_one_query_a_principal(ctx: Context, cities: str) -> None:
    with engine._turn(ctx), pytest.raises(QueryError, match="Another query of yours"):
        ask(ctx, cities, "SELECT 1")
