"""The lab's child processes. Each is also a command of its own, for systemd or several hosts.

Started by root they stay root: the guests' sandboxes, their addresses and the database engines of
students, each with a user of its own, need it. Only the embedded servers drop to their own user.
"""

import os
import sys
from collections.abc import Mapping
from typing import Protocol

from django.conf import settings

from console.lab.processes import Identity, Log, Program

GRANIAN_THREADS = 8  # a slow client holds one each; more cost nothing measurable
PUBLIC_THREADS = 24  # somebody who watches a film is a slow client
WORKER_THREADS = 4


class Part(Protocol):
    """What the supervisor watches: a child process, or an embedded server."""

    @property
    def name(self) -> str: ...
    @property
    def identity(self) -> Identity | None: ...
    def start(self) -> None: ...
    def is_running(self) -> bool: ...
    def stop(self, *, grace_seconds: float) -> None: ...


def environment(database_url: str, redis_url: str) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "LAB_DATA": str(settings.LAB_DATA),
        "DJANGO_SETTINGS_MODULE": "console.settings",
        "PYTHONUNBUFFERED": "1",
    }


def children(environment: Mapping[str, str], log: Log) -> list[Program]:
    web, api, public = (
        settings.LAB_CONSOLE_PORT,
        settings.LAB_API_PORT,
        settings.LAB_PUBLIC_PORT,
    )
    schedule = settings.CELERY_BEAT_SCHEDULE_FILENAME
    commands = {
        "web": _granian("console.wsgi:application", web, settings.LAB_WEB_WORKERS),
        "api": _granian("aws.wire.endpoint:application", api, settings.LAB_API_WORKERS),
        # One process: websites are small, and films wait for their viewers.
        "public": _granian("console.public:application", public, 1, threads=PUBLIC_THREADS),
        # Threads: one process instead of five, and what tasks do is waiting for others.
        "worker": _celery("worker", "--pool=threads", f"--concurrency={WORKER_THREADS}")
        + ["--without-gossip", "--without-mingle"],
        "beat": _celery("beat", f"--schedule={schedule}"),
    }
    return [program(name, command, environment, log) for name, command in commands.items()]


def migrate(environment: Mapping[str, str], log: Log) -> Program:
    return program("migrate", ["manage.py", "migrate", "--noinput", "-v1"], environment, log)


def program(name: str, command: list[str], environment: Mapping[str, str], log: Log) -> Program:
    """command: arguments of this Python."""
    return Program(
        name,
        [sys.executable, *command],
        environment=environment,
        folder=settings.BASE_DIR,
        log=log,
    )


def _granian(
    application: str, port: int, workers: int, *, threads: int = GRANIAN_THREADS
) -> list[str]:
    return [
        "-m",
        "granian",
        "--interface=wsgi",
        f"--host={settings.LAB_HOST}",
        f"--port={port}",
        f"--workers={workers}",
        f"--blocking-threads={threads}",
        "--http=1",
        "--no-ws",
        "--respawn-failed-workers",
        "--respawn-interval=1",
        "--workers-kill-timeout=2",
        # Its one warning at start is about more threads than cores, which is what we want.
        "--log-level=error",
        application,
    ]


def _celery(command: str, *options: str) -> list[str]:
    return ["-m", "celery", "-A", "console", "--quiet", command, "--loglevel=WARNING", *options]
