"""What the console costs: `python -m tests.bench.console`, two tables and no assertion.

First the list pages with 50 rows, by themselves: CPU and wall time of the WSGI callable, and how
many statements reach PostgreSQL. Targets (DESIGN): at most 30 ms and 12 statements a page.

Then a class: 200 students, each signed in to an account of their own, click 40 times a second for
20 seconds in a whole lab on this machine, which also runs the browsers' side. Latency counts from
the moment of the click, so a queue shows. Target: 95 of 100 within 300 ms.
`python -m tests.bench.console pages` and `… class` print one of them.
"""

import io
import json
import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from statistics import quantiles
from threading import local
from typing import Any
from urllib.parse import urlencode

import psutil

from tests.bench.wire import servers

ROWS, CALLS, ROUNDS = 50, 10, 5
PAGES = (
    "/console/home",
    "/iam/users",
    "/iam/groups",
    "/iam/roles",
    "/iam/policies",
    "/cloudtrail/events",
)
STUDENTS, CLICKS_PER_SECOND, SECONDS = 200, 40, 20
BROWSERS = 64
CREATE = "POST /iam/groups/create"
# What a student clicks in a lab, as often as given.
CLICKS = {
    "/console/home": 3,
    "/iam/home": 2,
    "/iam/users": 5,
    "/iam/users/user-7": 4,
    "/iam/groups": 3,
    "/iam/roles": 3,
    "/iam/policies": 3,
    "/cloudtrail/events": 3,
    CREATE: 3,
}
CSRF = "a" * 32


def pages() -> None:
    with servers():
        from django.test import Client

        from tests import factories

        account = factories.account()
        alice = factories.user(account, "alice", policy_arns=[factories.ADMINISTRATOR])
        _fill(account, ROWS)
        client = Client()
        factories.console_session(client, alice)
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        print(f"{'page':<24}{'CPU ms':>8}{'wall ms':>9}{'statements':>12}{'KiB':>6}")
        for page in PAGES:
            cpu, wall, statements, size = _cost(page, cookies)
            print(f"{page:<24}{cpu:>8.1f}{wall:>9.1f}{statements:>12}{size / 1024:>6.0f}")


def _fill(account: Any, rows: int) -> None:
    """Users with a key and a group, roles, groups and policies of an account; then its events."""
    from iam import operations
    from tests import factories

    for number in range(rows):
        user = factories.user(account, f"user-{number}", policy_arns=[factories.READ_ONLY])
        factories.access_key(user)
        factories.group(account, f"group-{number}", users=[user])
        factories.role(account, f"role-{number}")
        factories.policy(account, f"policy-{number}")
    root = factories.ctx_for(account)
    for number in range(rows):
        operations.update_group(root, group_name=f"group-{number}", new_path="/team/")


def _cost(page: str, cookies: str) -> tuple[float, float, int, int]:
    """(CPU and wall milliseconds of the best round, statements, bytes)."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    size = _get(page, cookies)
    with CaptureQueriesContext(connection) as captured:
        _get(page, cookies)
    statements = [q for q in captured if q["sql"] not in ("BEGIN", "COMMIT")]
    rounds = []
    for _ in range(ROUNDS):
        spent, started = time.process_time(), time.perf_counter()
        for _ in range(CALLS):
            _get(page, cookies)
        rounds.append((time.process_time() - spent, time.perf_counter() - started))
    cpu, wall = min(rounds)
    return cpu * 1000 / CALLS, wall * 1000 / CALLS, len(statements), size


def _get(page: str, cookies: str) -> int:
    """Bytes of the page."""
    from console.wsgi import application

    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": page,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost:8000",
        "HTTP_COOKIE": cookies,
        "wsgi.input": io.BytesIO(),
        "wsgi.url_scheme": "http",
    }
    answered: list[str] = []

    def start_response(status: str, *_: Any) -> Any:
        answered.append(status)

    response = application(environ, start_response)
    size = sum(len(piece) for piece in response)
    response.close()
    if not answered[0].startswith("200"):
        raise RuntimeError(f"{page} answers {answered[0]}.")
    return size


def seed() -> None:
    """Runs beside a lab: prints a cookie for each student, as JSON."""
    import django
    from django.conf import settings

    django.setup()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    from django.test import Client

    from tests import factories

    keys = []
    for number in range(STUDENTS):
        account = factories.account(name=f"Student {number}")
        _fill(account, 10)
        client = Client()
        factories.console_session(client, account)
        keys.append(client.cookies["groundschool-session"].value)
    print(json.dumps(keys))


@dataclass(frozen=True)
class Click:
    """at: seconds since the start. student: which session."""

    at: float
    page: str
    student: int


def students() -> None:
    from tests.live import LiveLab

    lab = LiveLab()
    try:
        lab.start()
        command = [sys.executable, "-m", "tests.bench.console", "seed"]
        environment = {**lab.environment, "DJANGO_SETTINGS_MODULE": "console.settings"}
        seeded = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
        port, keys = int(lab.environment["LAB_CONSOLE_PORT"]), json.loads(seeded.stdout)
        _click(_plan(2), port, keys)
        before = _cpu(lab.process)
        _show(_click(_plan(SECONDS), port, keys))
        spent = sum(_cpu(lab.process).values()) - sum(before.values())
        print(f"CPU of the lab: {spent / SECONDS:.2f} cores")
    finally:
        lab.delete()


def _cpu(lab: Any) -> dict[int, float]:
    """Seconds so far of every process of a lab, by pid."""
    found = {}
    for process in psutil.Process(lab.pid).children(recursive=True):
        times = process.cpu_times()
        found[process.pid] = times.user + times.system
    return found


def _plan(seconds: int) -> list[Click]:
    """Clicks at random moments, as people make them."""
    chance = random.Random(7)
    wanted = list(CLICKS)
    return sorted(
        (
            Click(
                chance.uniform(0, seconds),
                chance.choices(wanted, list(CLICKS.values()))[0],
                chance.randrange(STUDENTS),
            )
            for _ in range(seconds * CLICKS_PER_SECOND)
        ),
        key=lambda click: click.at,
    )


def _click(plan: list[Click], port: int, keys: list[str]) -> dict[str, list[float]]:
    """Page → seconds of every click; "failed" → those that were not answered as they should."""
    browser, started = local(), time.perf_counter()
    took: dict[str, list[float]] = {"failed": []}

    def one(click: Click) -> None:
        time.sleep(max(0.0, started + click.at - time.perf_counter()))
        try:
            status = _request(browser, click, port, keys)
        except (OSError, HTTPException):
            browser.connection, status = None, 0
        name = click.page if status in (200, 302) else "failed"
        took.setdefault(name, []).append(time.perf_counter() - started - click.at)

    with ThreadPoolExecutor(BROWSERS) as pool:
        list(pool.map(one, plan))
    return took


def _request(browser: Any, click: Click, port: int, keys: list[str]) -> int:
    connection = getattr(browser, "connection", None)
    if connection is None:
        connection = browser.connection = HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {
        "Cookie": f"groundschool-session={keys[click.student]}; groundschool-csrf={CSRF}",
        "Accept-Encoding": "gzip",
    }
    if click.page == CREATE:
        form = urlencode({"group_name": f"made-{os.urandom(6).hex()}"})
        headers |= {"X-CSRFToken": CSRF, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", CREATE.split()[1], form, headers)
    else:
        connection.request("GET", click.page, headers=headers)
    response = connection.getresponse()
    response.read()
    return int(response.status)


def _show(took: dict[str, list[float]]) -> None:
    failed = len(took.pop("failed"))
    print(f"\n{'click':<26}{'count':>7}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'max ms':>9}")
    for page in sorted(took):
        _line(page, took[page])
    _line("all", [seconds for every in took.values() for seconds in every])
    print(f"failed: {failed}")


def _line(name: str, seconds: list[float]) -> None:
    cuts = quantiles(seconds, n=100) if len(seconds) > 1 else seconds * 99
    numbers = "".join(f"{cuts[cut - 1] * 1000:>9.0f}" for cut in (50, 95, 99))
    print(f"{name:<26}{len(seconds):>7}{numbers}{max(seconds) * 1000:>9.0f}")


def main() -> None:
    wanted = sys.argv[1:] or ["pages", "class"]
    for name in wanted:
        {"pages": pages, "class": students, "seed": seed}[name]()


if __name__ == "__main__":
    main()
