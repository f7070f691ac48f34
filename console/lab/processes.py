"""Processes by identity, and ending them. Portable: psutil and sessions, nothing of Linux alone."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, Popen
from typing import IO

import psutil

from console.lab.users import ServiceUser, run_as

# psutil derives start times from the boot time, which may move by a second when clocks are set.
START_TOLERANCE_SECONDS = 2.0
Log = Callable[[str, str], None]


@dataclass(frozen=True)
class Identity:
    """A pid alone names another process sooner or later; with its start time it never does."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> "Identity":
        return cls(pid, psutil.Process(pid).create_time())

    def is_alive(self) -> bool:
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < START_TOLERANCE_SECONDS
            return bool(same and process.status() != psutil.STATUS_ZOMBIE)
        except psutil.Error:
            return False

    def session(self) -> list[int]:
        """Pids of the session this process leads, also when the leader itself is gone.

        While a session lives, its number is no new process's pid. So a process with this pid and
        another start time proves that the session ended.
        """
        try:
            started = psutil.Process(self.pid).create_time()
            if abs(started - self.started) >= START_TOLERANCE_SECONDS:
                return []
        except psutil.Error:
            pass
        return [pid for pid in psutil.pids() if _session_of(pid) == self.pid and _is_running(pid)]


def end(identities: Iterable[Identity], *, grace_seconds: float) -> None:
    """Asks every session of the identities to stop (SIGTERM), then kills what still runs."""
    identities = list(identities)
    send(identities, signal.SIGTERM)
    deadline = time.monotonic() + grace_seconds
    while any(identity.session() for identity in identities):
        if time.monotonic() > deadline:
            send(identities, signal.SIGKILL)
        time.sleep(0.05)


def send(identities: Iterable[Identity], number: signal.Signals) -> None:
    """Signals every process of the sessions; the leader alone where it is asked to stop.

    Leaders stop their own workers in order; only a leader that is gone or a kill reaches them all.
    """
    for identity in identities:
        pids = identity.session()
        if number != signal.SIGKILL and identity.is_alive():
            pids = [identity.pid]
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue


def wait_until(condition: Callable[[], bool], seconds: float, every: float = 0.02) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


class Program:
    """One child process in a session of its own, so that Ctrl-C reaches the lab alone."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path = Path("/"),
        user: ServiceUser | None = None,
        given: str = "",
        log: Log | None = None,
    ) -> None:
        """given: text for the standard input. log: called with (name, line) for all output."""
        self.name = name
        self.identity: Identity | None = None
        self._argv = [str(word) for word in argv]
        self._environment = environment
        self._folder = folder
        self._user = user
        self._given = given
        self._log = log
        self._popen: Popen[str] | None = None

    def start(self) -> None:
        self._popen = popen = Popen(  # noqa: S603 - the lab's own programs
            self._argv,
            env=self._environment,
            cwd=self._folder,
            stdin=PIPE if self._given else DEVNULL,
            stdout=PIPE if self._log else DEVNULL,
            stderr=STDOUT if self._log else DEVNULL,
            start_new_session=True,
            text=True,
            errors="replace",
            **run_as(self._user),
        )
        self.identity = Identity.of(popen.pid)
        if popen.stdin:
            popen.stdin.write(self._given)
            popen.stdin.close()
        if popen.stdout and self._log:
            threading.Thread(
                target=_relay, args=(self.name, popen.stdout, self._log), daemon=True
            ).start()

    def is_running(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    @property
    def exit_code(self) -> int | None:
        return self._popen.poll() if self._popen else None

    def stop(self, *, grace_seconds: float) -> None:
        """Also ends workers that a dead leader left behind."""
        if self.identity:
            end([self.identity], grace_seconds=grace_seconds)
        if self._popen:
            self._popen.wait()


def _relay(name: str, stream: IO[str], log: Log) -> None:
    with stream:
        for line in stream:
            log(name, line.rstrip())


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def _is_running(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
