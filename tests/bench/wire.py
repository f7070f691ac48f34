"""What a signed API call costs: `python -m tests.bench.wire`, a table and no assertion.

Target (DESIGN): at most 1.5 ms of server CPU for a warm, signed GetCallerIdentity. Counted is the
CPU of the process that answers, not that of PostgreSQL, Valkey or the client. "in process" calls
the WSGI callable; "granian" is the server of the lab, one worker, over one kept connection.
`python -m tests.bench.wire CALL` prints a profile of that call instead.
"""

import cProfile
import io
import os
import pstats
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

import psutil
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.services import ROOT, _start_helper, _stop_helper

CALLS, ROUNDS = 200, 5
USERS, POLICIES = 50, 10
STS, IAM = "2011-06-15", "2010-05-08"
# name → (service, members): who am I; a list page; a denial, whose trace goes into the history.
CASES = {
    "GetCallerIdentity": ("sts", {"Action": "GetCallerIdentity", "Version": STS}),
    "ListUsers": ("iam", {"Action": "ListUsers", "Version": IAM}),
    "GetUser": ("iam", {"Action": "GetUser", "Version": IAM, "UserName": "student-7"}),
    "DeleteUser, denied": ("iam", {"Action": "DeleteUser", "Version": IAM, "UserName": "bob"}),
}
Send = Callable[[bytes, dict[str, str]], int]


@contextmanager
def servers() -> Iterator[None]:
    """Embedded PostgreSQL and Valkey, a migrated database, and no throttle."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "console.settings"
    os.environ["LAB_REQUESTS_PER_SECOND"] = "1000000"
    helper = _start_helper()
    try:
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        yield
    finally:
        _stop_helper(helper)


def caller() -> Credentials:
    """The access key of a user with ten policies, in an account with fifty users."""
    from tests import factories

    account = factories.account()
    user = factories.user(
        account,
        "student-7",
        policy_arns=[factories.READ_ONLY],
        policies=[factories.allow(f"service{number}:*") for number in range(POLICIES - 1)],
    )
    for number in range(USERS - 1):
        factories.user(account, f"other-{number}")
    return Credentials(*factories.access_key(user))


def signed(key: Credentials, host: str, case: str) -> tuple[bytes, dict[str, str]]:
    service, members = CASES[case]
    body = urlencode(members).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    request = AWSRequest("POST", f"http://{host}/", headers, body)
    SigV4Auth(key, service, "ap-northeast-2").add_auth(request)
    return body, {"Host": host, **dict(request.headers.items())}


def in_process(body: bytes, headers: dict[str, str]) -> int:
    from aws.wire.endpoint import application

    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "QUERY_STRING": "",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
        "CONTENT_TYPE": headers["Content-Type"],
        "CONTENT_LENGTH": str(len(body)),
    }
    for name, value in headers.items():
        if name != "Content-Type":
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    answered: list[str] = []
    b"".join(application(environ, lambda status, _: answered.append(status)))
    return int(answered[0][:3])


@contextmanager
def granian() -> Iterator[tuple[str, Send, Callable[[], float]]]:
    """(host, send, CPU seconds so far) of the lab's API server."""
    from console.lab.parts import _granian
    from console.lab.ports import free_port

    port = free_port()
    command = [sys.executable, *_granian("aws.wire.endpoint:application", port, 1)]
    server = subprocess.Popen(command, cwd=ROOT)
    try:
        connection = _connect(port)
        worker = max(psutil.Process(server.pid).children(), key=_cpu_of)

        def send(body: bytes, headers: dict[str, str]) -> int:
            connection.request("POST", "/", body, headers)
            response = connection.getresponse()
            response.read()
            return response.status

        yield f"127.0.0.1:{port}", send, lambda: _cpu_of(worker)
    finally:
        server.terminate()
        server.wait()


def _connect(port: int) -> HTTPConnection:
    for _ in range(300):
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.connect()
        except OSError:
            time.sleep(0.1)
            continue
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection
    raise RuntimeError("granian does not answer")


def _cpu_of(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def measure(
    send: Send, cpu: Callable[[], float], body: bytes, headers: dict[str, str]
) -> tuple[float, float]:
    """(CPU, wall) milliseconds a call, of the best round: others use this machine too."""
    for _ in range(CALLS):
        status = send(body, headers)
    if status not in (200, 403):
        raise RuntimeError(f"A call answers {status}.")
    rounds = []
    for _ in range(ROUNDS):
        spent, started = cpu(), time.perf_counter()
        for _ in range(CALLS):
            send(body, headers)
        rounds.append((cpu() - spent, time.perf_counter() - started))
    best_cpu, wall = min(rounds)
    return best_cpu * 1000 / CALLS, wall * 1000 / CALLS


def table(key: Credentials) -> None:
    print(f"{'call':<22}{'server':<12}{'CPU ms':>8}{'wall ms':>9}{'calls/s of CPU':>16}")
    with granian() as (host, send, cpu):
        for case in CASES:
            show(case, "granian", *measure(send, cpu, *signed(key, host, case)))
    for case in CASES:
        request = signed(key, "localhost:4566", case)
        show(case, "in process", *measure(in_process, time.process_time, *request))


def show(case: str, server: str, cpu: float, wall: float) -> None:
    print(f"{case:<22}{server:<12}{cpu:>8.2f}{wall:>9.2f}{1000 / cpu:>16,.0f}", flush=True)


def profile(key: Credentials, case: str) -> None:
    request = signed(key, "localhost:4566", case)
    for _ in range(CALLS):
        in_process(*request)
    with cProfile.Profile() as profiler:
        for _ in range(CALLS * ROUNDS):
            in_process(*request)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(40)


def main() -> None:
    with servers():
        key = caller()
        if sys.argv[1:]:
            profile(key, sys.argv[1])
        else:
            table(key)


if __name__ == "__main__":
    main()
