"""Real PostgreSQL and Valkey for a test run, as a pytest plugin (`-p tests.services`).

They are started by a helper process of their own, `python -m tests.services`, which stops them
and deletes their folder as soon as its standard input ends: also when pytest is killed.
DATABASE_URL and REDIS_URL are honoured when given. Processes of pytest-xdist share the servers;
each has a Redis database of its own (pytest-django gives each its own PostgreSQL database).
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config,
) -> Generator[None, object, object]:
    """A wrapper, so that the environment is complete before pytest-django loads the settings."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not worker and not {"DATABASE_URL", "REDIS_URL", "LAB_DATA"} <= os.environ.keys():
        helper = _start_helper()
        early_config.add_cleanup(lambda: _stop_helper(helper))
    os.environ["LAB_PACE"] = "instant"
    os.environ["REDIS_URL"] = _own_database(os.environ["REDIS_URL"], worker)
    return (yield)


def _start_helper() -> "subprocess.Popen[str]":
    helper = subprocess.Popen(
        [sys.executable, "-m", "tests.services"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert helper.stdout is not None
    answer = helper.stdout.readline()
    if not answer:
        raise pytest.UsageError("PostgreSQL and Valkey for the tests did not start (see above).")
    for name, value in json.loads(answer).items():
        os.environ.setdefault(name, value)
    return helper


def _stop_helper(helper: "subprocess.Popen[str]") -> None:
    assert helper.stdin is not None
    helper.stdin.close()
    helper.wait()


def _own_database(url: str, worker: str) -> str:
    """REDIS_URL with database 1 for a run in one process, 2 and on for gw0 and on."""
    number = 2 + int(worker.removeprefix("gw")) if worker else 1
    return urlunsplit(urlsplit(url)._replace(path=f"/{number}"))


def _serve() -> None:
    """The helper: start, print the environment as one JSON line, wait for the end of input."""
    from console.lab.postgres import PostgresServer
    from console.lab.valkey import ValkeyServer

    folder = Path(tempfile.mkdtemp(prefix="groundschool-tests-"))
    folder.chmod(0o711)  # as root the servers have an own user, who has to pass here
    running: list[PostgresServer | ValkeyServer] = []
    try:
        answer = {"LAB_DATA": str(folder)}
        if "DATABASE_URL" not in os.environ:
            postgres = PostgresServer(folder, durable=False)
            running.append(postgres)
            postgres.start()
            answer["DATABASE_URL"] = postgres.url()
        if "REDIS_URL" not in os.environ:
            valkey = ValkeyServer(folder)
            running.append(valkey)
            valkey.start()
            answer["REDIS_URL"] = valkey.url()
        print(json.dumps(answer), flush=True)
        sys.stdin.read()
    finally:
        for server in running:
            server.stop(grace_seconds=1.0)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _serve()
