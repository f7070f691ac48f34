"""Starts the lab's parts, watches over them, and stops them in order."""

import http.client
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import redis
from django.conf import settings

from console.lab import apt, banner, database, parts, places, preflight, processes, state
from console.lab.errors import LabError
from console.lab.names import NameCheck
from console.lab.output import Output
from console.lab.parts import Part
from console.lab.postgres import PostgresServer
from console.lab.processes import Identity, Program
from console.lab.valkey import ValkeyServer

PORTS = {"web": "LAB_CONSOLE_PORT", "api": "LAB_API_PORT", "public": "LAB_PUBLIC_PORT"}
BACK_OFF_SECONDS = (1, 2, 5, 10, 30)
STEADY_SECONDS = 60  # a part that ran this long starts its back-off anew
TICK_SECONDS = 0.2
STARTING_TICK_SECONDS = 0.03
SETTLE_SECONDS = 5  # the next child starts then, also when this one does not answer
SLOW_START_SECONDS = 30
LOOK_AGAIN_SECONDS = 5
CHILD_GRACE_SECONDS = 2.5  # with the database's, under the 5 seconds of a clean stop
SERVER_GRACE_SECONDS = 1.5


@dataclass
class Watched:
    """A part and its recent past. due_at: monotonic time of the next start, None while it runs."""

    part: Part
    started_at: float
    failures: int = 0
    due_at: float | None = None


class Lab:
    """One run of the lab: `run()` returns after `ask_to_stop()`, with nothing left running."""

    def __init__(self, output: Output, given: dict[str, str]) -> None:
        """given: DATABASE_URL and REDIS_URL where the operator set them."""
        self._data: Path = settings.LAB_DATA
        self._output = output
        self._urls = dict(given)
        self._servers: list[Part] = []
        self._watched: list[Watched] = []
        self._waiting: list[Program] = []
        self._stopping = threading.Event()
        self._begun_at = time.monotonic()
        self._is_ready = self._said_slow = False
        self._next_look = 0.0
        self._versions: dict[str, str] = {}
        self._names = NameCheck(urlsplit(settings.LAB_PUBLIC_URL).hostname or "")

    def ask_to_stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        """Raises LabError with one sentence when the lab cannot start."""
        preflight.check_folder(self._data)
        with state.lock(self._data):
            try:
                self._prepare()
                while not self._stopping.wait(self._pause()):
                    self._tick()
                self._output.say("Stopping.")
            finally:
                self._stop()
        self._output.say("Stopped.")

    # --- Start ----------------------------------------------------------------------------------

    def _prepare(self) -> None:
        self._end_orphans()
        apt.ensure(apt.PACKAGES, allowed=settings.LAB_APT, say=self._output.say)
        ports = {setting: getattr(settings, setting) for setting in PORTS.values()}
        preflight.check_ports(settings.LAB_HOST, ports)
        self._start_servers()
        if self._stopping.is_set():
            return
        if database.has_pending_migrations(self._urls["DATABASE_URL"]):
            self._migrate()
        self._waiting = parts.children(self._environment(), self._output.line)
        self._output.say("Starting web, api, public, worker and beat.")

    def _end_orphans(self) -> None:
        """The children of a lab that was killed; its PostgreSQL is adopted instead."""
        places.sweep_system_folder()
        orphans = [child for child in state.read_children(self._data) if child.session()]
        if orphans:
            self._output.say(f"Ending {len(orphans)} processes of a lab that was killed.")
            processes.end(orphans, grace_seconds=CHILD_GRACE_SECONDS)
        self._forget()

    def _start_servers(self) -> None:
        if url := self._urls.get("DATABASE_URL"):
            preflight.check_database(url)
        else:
            postgres = PostgresServer(self._data)
            if postgres.is_new:
                self._output.say("First start: making the database (a few seconds).")
            self._start_server(postgres)
            self._urls["DATABASE_URL"] = postgres.url()
        if url := self._urls.get("REDIS_URL"):
            preflight.check_redis(url)
        else:
            valkey = ValkeyServer(self._data)
            self._start_server(valkey)
            self._urls["REDIS_URL"] = valkey.url()
        state.write(state.state_folder(self._data) / "services.json", self._urls)

    def _start_server(self, server: PostgresServer | ValkeyServer) -> None:
        self._servers.append(server)
        server.start()
        self._watched.append(Watched(server, time.monotonic()))
        self._record()

    def _migrate(self) -> None:
        self._output.say("Preparing the tables.")
        program = parts.migrate(self._environment(), self._log_migrations)
        program.start()
        while program.is_running():
            if self._stopping.wait(0.05):
                program.stop(grace_seconds=CHILD_GRACE_SECONDS)
                return
        if program.exit_code:
            raise LabError("DATABASE_URL: the tables could not be prepared; see the lines above.")

    def _start_next(self) -> None:
        """One child after the other: all at once, the sign-in page would wait for them all."""
        if self._watched and not self._is_settled(self._watched[-1]):
            return
        child = self._waiting.pop(0)
        child.start()
        self._watched.append(Watched(child, time.monotonic()))
        self._record()

    def _is_settled(self, watched: Watched) -> bool:
        port = PORTS.get(watched.part.name)
        waited = time.monotonic() - watched.started_at
        return port is None or waited > SETTLE_SECONDS or _status(getattr(settings, port)) > 0

    def _environment(self) -> dict[str, str]:
        resolves = settings.LAB_NAMES_RESOLVE or self._names.resolves()
        return {
            **parts.environment(self._urls["DATABASE_URL"], self._urls["REDIS_URL"]),
            "LAB_NAMES_RESOLVE": str(int(resolves)),
        }

    def _log_migrations(self, name: str, text: str) -> None:
        """Each applied migration; not Django's headings."""
        if not text.startswith(("Operations to perform", "Running migrations", "  Apply all")):
            self._output.line(name, text.strip())

    # --- Watch ----------------------------------------------------------------------------------

    def _pause(self) -> float:
        return TICK_SECONDS if self._is_ready else STARTING_TICK_SECONDS

    def _tick(self) -> None:
        for watched in self._watched:
            self._watch(watched)
        if self._waiting:
            self._start_next()
        elif not self._is_ready:
            self._announce()

    def _watch(self, watched: Watched) -> None:
        now = time.monotonic()
        if watched.due_at is None:
            if not watched.part.is_running():
                if now - watched.started_at > STEADY_SECONDS:
                    watched.failures = 0
                self._put_off(watched, "stopped unexpectedly")
        elif now >= watched.due_at:
            self._restart(watched)

    def _restart(self, watched: Watched) -> None:
        watched.part.stop(grace_seconds=1.0)  # workers that outlived their leader hold its port
        try:
            watched.part.start()
        except (LabError, OSError) as error:
            self._put_off(watched, f"did not start ({error})")
            return
        watched.started_at, watched.due_at = time.monotonic(), None
        self._record()
        self._output.say(f"{watched.part.name} was started again.")
        if self._is_ready:
            self._describe()

    def _put_off(self, watched: Watched, what: str) -> None:
        delay = BACK_OFF_SECONDS[min(watched.failures, len(BACK_OFF_SECONDS) - 1)]
        watched.failures += 1
        watched.due_at = time.monotonic() + delay
        code = getattr(watched.part, "exit_code", None)
        ending = f" (exit code {code})" if code is not None else ""
        self._output.say(f"{watched.part.name} {what}{ending}; starting it again in {delay} s.")

    def _announce(self) -> None:
        seconds = time.monotonic() - self._begun_at
        if seconds < self._next_look:
            return
        statuses = [_status(getattr(settings, port)) for port in PORTS.values()]
        if max(statuses) >= 500:
            self._next_look = seconds + LOOK_AGAIN_SECONDS  # each look at it is logged
        if not all(0 < status < 500 for status in statuses):
            if seconds > SLOW_START_SECONDS and not self._said_slow:
                self._said_slow = True
                self._output.say("Not every part answers yet; the reason is in the lines above.")
            return
        try:
            self._versions = self._server_versions()
            has_instructor = database.has_instructor(self._urls["DATABASE_URL"])
        except (psycopg.Error, redis.RedisError):
            return  # a server was killed at this very moment; after its restart
        self._is_ready = True
        self._describe()
        self._output.say(f"Ready after {seconds:.1f} s.")
        self._output.plain(banner.banner(has_instructor=has_instructor))

    def _server_versions(self) -> dict[str, str]:
        with redis.Redis.from_url(self._urls["REDIS_URL"]) as client:
            info: Any = client.info("server")
        return {
            "postgresql": database.version(self._urls["DATABASE_URL"]),
            "valkey": str(info.get("valkey_version") or info["redis_version"]),
        }

    def _describe(self) -> None:
        content = banner.description(servers=self._versions, processes=self._identities())
        state.write(self._data / "lab.json", content, mode=0o644)

    def _identities(self) -> dict[str, Identity]:
        running = [watched.part for watched in self._watched]
        return {part.name: part.identity for part in running if part.identity}

    def _record(self) -> None:
        """Everything but PostgreSQL, which survives a killed lab and is adopted."""
        children = {name: who for name, who in self._identities().items() if name != "postgres"}
        state.write_children(self._data, children)

    # --- Stop -----------------------------------------------------------------------------------

    def _stop(self) -> None:
        children = [item.part for item in self._watched if item.part not in self._servers]
        identities = [child.identity for child in children if child.identity]
        processes.end(identities, grace_seconds=CHILD_GRACE_SECONDS)
        for part in [*children, *reversed(self._servers)]:
            part.stop(grace_seconds=SERVER_GRACE_SECONDS)
        self._forget()

    def _forget(self) -> None:
        (self._data / "lab.json").unlink(missing_ok=True)
        folder = state.state_folder(self._data)
        for name in ("services.json", "children.json"):
            (folder / name).unlink(missing_ok=True)


def _status(port: int) -> int:
    """HTTP status of the sign-in page there, which is warm then; 0 when nobody answers."""
    connection = http.client.HTTPConnection(settings.LAB_HOST, port, timeout=2)
    try:
        connection.request("GET", "/signin", headers={"Host": settings.LAB_DOMAIN})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
