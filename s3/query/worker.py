"""The process that runs one query. It knows nothing of the lab: no Django, no settings, no network.

`python -I worker.py FOLDER` reads {"tables": […], "sql": …, "max_rows": …} from its standard input
and writes {"columns", "rows", "schemas", "is_cut"} or {"error"} to its standard output. The files
in FOLDER become tables first; then the door is shut for good: DuckDB loses the file system, the
network and its settings. The process itself can write no file, and as root's child is nobody.
"""

import json
import os
import resource
import sys
from typing import Any

import duckdb

NOBODY = 65534
MEMORY = "256MB"
ADDRESS_SPACE = 2 << 30
CPU_SECONDS = 10
MAX_CELL = 1000
READERS = {
    "csv": "read_csv_auto(?)",
    "json": "read_json_auto(?, maximum_object_size=16777216)",
    "parquet": "read_parquet(?)",
}
# What changes nothing and reads only what has been loaded.
ALLOWED = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}


class Refused(Exception):
    """A statement that is no question."""


def main() -> None:
    job = json.load(sys.stdin)
    folder = sys.argv[1]
    _limit()
    try:
        answer = _answer(job, folder)
    except (duckdb.Error, Refused) as error:
        answer = {"error": str(error)}
    except MemoryError:
        answer = {"error": "Out of Memory Error: the query needs more memory than the lab gives."}
    json.dump(answer, sys.stdout)


def _limit() -> None:
    """Limits hold for everything that follows; a process of root becomes nobody."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def _answer(job: dict[str, Any], folder: str) -> dict[str, Any]:
    base = duckdb.connect(
        ":memory:",
        config={
            "threads": "1",
            "memory_limit": MEMORY,
            "temp_directory": "",
            "home_directory": "/nonexistent",
            "secret_directory": "/nonexistent",
            "extension_directory": "/nonexistent",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "python_enable_replacements": "false",
        },
    )
    for table in job["tables"]:
        reader, path = READERS[table["format"]], os.path.join(folder, table["file"])
        base.execute(f'CREATE TABLE "{table["name"]}" AS SELECT * FROM {reader}', [path])  # noqa: S608
    base.execute("SET enable_external_access = false")
    base.execute("SET lock_configuration = true")
    schemas = [
        {"name": table["name"], "columns": base.execute(f'DESCRIBE "{table["name"]}"').fetchall()}
        for table in job["tables"]
    ]
    for schema in schemas:
        schema["columns"] = [[row[0], row[1]] for row in schema["columns"]]
    answer: dict[str, Any] = {"schemas": schemas}
    if job["sql"].strip():
        answer |= _rows(base, job["sql"], job["max_rows"])
    return answer


def _rows(base: Any, sql: str, max_rows: int) -> dict[str, Any]:
    statements = duckdb.extract_statements(sql)
    if len(statements) != 1:
        raise Refused("Enter one statement.")
    if statements[0].type not in ALLOWED:
        raise Refused("Only SELECT, WITH, DESCRIBE, SHOW and EXPLAIN are possible here.")
    found = base.execute(statements[0])
    columns = [[one[0], str(one[1])] for one in found.description or []]
    rows = found.fetchmany(max_rows + 1)
    return {
        "columns": columns,
        "rows": [[_cell(value) for value in row] for row in rows[:max_rows]],
        "is_cut": len(rows) > max_rows,
    }


def _cell(value: Any) -> Any:
    """JSON's own values stay, everything else becomes text."""
    if value is None or isinstance(value, bool | int | float):
        return str(value) if isinstance(value, float) and value != value else value
    return str(value)[:MAX_CELL]


if __name__ == "__main__":
    main()
