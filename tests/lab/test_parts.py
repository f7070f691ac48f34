"""The lab's pieces on their own: identity of processes, back-off, apt, the clock's entries."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import psutil
import pytest

from console.celery import app, beat_schedule
from console.lab import apt, ports, state
from console.lab.errors import LabError
from console.lab.names import NameCheck
from console.lab.output import Output
from console.lab.processes import Identity, Program, end, wait_until
from console.lab.supervisor import Lab, Watched


class TestIdentity:
    def test_a_pid_with_another_start_time_is_another_process(self) -> None:
        me = Identity.of(os.getpid())
        assert me.is_alive()
        stranger = Identity(me.pid, me.started - 100)
        assert not stranger.is_alive()
        assert stranger.session() == []

    def test_end_reaches_the_workers_of_a_dead_leader(self) -> None:
        script = "import subprocess, sys; subprocess.Popen(['sleep', '60']); sys.stdin.read()"
        program = Program("leader", [sys.executable, "-c", script], given=" ")
        program.start()
        assert wait_until(lambda: not program.is_running(), 10)
        identity = program.identity
        assert identity
        (worker,) = identity.session()
        end([identity], grace_seconds=2)
        assert identity.session() == []
        assert not Identity(worker, identity.started).is_alive()

    def test_a_program_that_ignores_sigterm_is_killed(self) -> None:
        script = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1); time.sleep(60)"
        lines: list[str] = []
        program = Program(
            "deaf", [sys.executable, "-uc", script], log=lambda _, line: lines.append(line)
        )
        program.start()
        assert wait_until(lambda: lines == ["1"], 10)
        begun_at = time.monotonic()
        program.stop(grace_seconds=0.2)
        assert time.monotonic() - begun_at < 2
        assert not program.is_running()


class TestBackOff:
    class Broken:
        name = "broken"
        identity = None

        def start(self) -> None:
            raise LabError("no")

        def is_running(self) -> bool:
            return False

        def stop(self, *, grace_seconds: float) -> None:
            pass

    def test_it_waits_longer_each_time_and_says_so(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        stream = StringIO()
        lab = Lab(Output(stream), {})
        now = [1000.0]
        monkeypatch.setattr("console.lab.supervisor.time.monotonic", lambda: now[0])
        watched = Watched(self.Broken(), started_at=1000.0)
        for _ in range(6):
            lab._watch(watched)
            now[0] = watched.due_at or now[0]
        said = [line.rpartition(" again in ")[2] for line in stream.getvalue().splitlines()]
        assert said == ["1 s.", "2 s.", "5 s.", "10 s.", "30 s.", "30 s."]


class TestState:
    def test_a_lock_is_free_again_when_its_holder_is_gone(self, tmp_path: Path) -> None:
        held = state.lock(tmp_path)
        with pytest.raises(LabError, match=f"pid {os.getpid()}"):
            state.lock(tmp_path)
        held.close()
        state.lock(tmp_path).close()

    def test_a_damaged_file_reads_as_empty(self, tmp_path: Path) -> None:
        (tmp_path / "x.json").write_text('{"half": ')
        assert state.read(tmp_path / "x.json") == {}


class TestApt:
    MISSING = apt.SystemPackage("no-such-package", "no-such-program", "this test")

    def test_what_is_there_is_left_alone(self) -> None:
        shell = apt.SystemPackage("dash", "sh", "a test")
        assert apt.ensure([shell], allowed=True, say=pytest.fail) == []

    def test_it_asks_nobody_when_forbidden(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("console.lab.apt.subprocess.run", pytest.fail)
        said: list[str] = []
        assert apt.ensure([self.MISSING], allowed=False, say=said.append) == [self.MISSING]
        assert said == ["Not installed: no-such-package, this test (LAB_APT=0)."]

    def test_it_says_which_and_why_before_it_installs(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        events: list[str] = []

        def run(command: list[str], **_: object) -> "subprocess.CompletedProcess[bytes]":
            events.append(" ".join(command))
            return subprocess.CompletedProcess(command, 0)

        monkeypatch.setattr(apt, "_privileged_prefix", lambda: [])
        monkeypatch.setattr("console.lab.apt.subprocess.run", run)
        apt.ensure([self.MISSING], allowed=True, say=events.append)
        assert events[0].startswith("Installing no-such-package by apt: this test.")
        assert events[1].startswith("apt-get install") and events[1].endswith("no-such-package")
        assert events[2].endswith("(apt could not install it).")


class TestOutput:
    def test_a_pipe_gets_no_colour(self) -> None:
        stream = StringIO()
        Output(stream).line("web", "hello")
        assert stream.getvalue() == "web     | hello\n"

    def test_colour_is_forced_by_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.delenv("NO_COLOR", raising=False)
        stream = StringIO()
        Output(stream).line("web", "hello")
        assert stream.getvalue() == "\x1b[36mweb     |\x1b[0m hello\n"


def test_every_scheduled_task_exists() -> None:
    app.loader.import_default_modules()
    schedule = beat_schedule()
    assert schedule.items() <= app.conf.beat_schedule.items()
    assert "aws.sweep" in schedule
    assert {entry["task"] for entry in schedule.values()} <= set(app.tasks)


def test_the_holder_of_a_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert ports.bind_error("127.0.0.1", port) is not None
        assert ports.holder(port) == f"{psutil.Process().name()}, pid {os.getpid()}"
    assert ports.bind_error("127.0.0.1", port) is None


class TestNameCheck:
    def test_names_that_lead_to_the_domains_own_address_resolve(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        known = {"school.example": "192.0.2.7"}

        def resolver(wildcard: str) -> Callable[..., list[Any]]:
            def look_up(name: str, _: None) -> list[Any]:
                address = known.get(name, wildcard)
                if not address:
                    raise socket.gaierror
                return [(0, 0, 0, "", (address, 0))]

            return look_up

        # A wildcard of the domain; none; a provider that answers every name with its own page.
        for wildcard, resolves in (("192.0.2.7", True), ("", False), ("198.51.100.1", False)):
            monkeypatch.setattr("console.lab.names.socket.getaddrinfo", resolver(wildcard))
            assert NameCheck("school.example").resolves() is resolves
