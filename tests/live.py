"""A whole lab, `manage.py lab`, as a subprocess with its own LAB_DATA and free ports.

The fixture `live_lab` is one lab for all tests of a process that ask for it; mark those `lab`.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from console.lab.ports import free_port

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 90
# Of the test run itself: a lab starts embedded servers of its own.
NOT_INHERITED = (
    "DATABASE_URL",
    "REDIS_URL",
    "PYTEST_XDIST_WORKER",
    # Of the tests that drive a browser.
    "DJANGO_ALLOW_ASYNC_UNSAFE",
)


class LiveLab:
    def __init__(self, **settings: str) -> None:
        """settings: more environment. LAB_DATA is a folder only this user may enter."""
        self.data = Path(settings.pop("LAB_DATA", "") or tempfile.mkdtemp(prefix="live-lab-"))
        inherited = {key: os.environ[key] for key in os.environ if key not in NOT_INHERITED}
        self.environment = {
            **inherited,
            "LAB_DATA": str(self.data),
            "LAB_CONSOLE_PORT": str(free_port()),
            "LAB_API_PORT": str(free_port()),
            "LAB_PUBLIC_PORT": str(free_port()),
            **settings,
        }
        self.log = self.data.with_name(f"{self.data.name}.log")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "LiveLab":
        """Returns when lab.json is there."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "lab"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.wait_for(lambda: (self.data / "lab.json").exists())
        return self

    @property
    def info(self) -> dict[str, Any]:
        """lab.json."""
        content: dict[str, Any] = json.loads((self.data / "lab.json").read_text())
        return content

    def output(self) -> str:
        return re.sub(r"\x1b\[\d+m", "", self.log.read_text(errors="replace"))

    def manage(self, *arguments: str) -> str:
        """Runs a management command against this lab; returns what it prints."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def status(self, path: str = "/signin") -> int:
        """HTTP status of a console page, 0 when nobody answers."""
        url = f"http://127.0.0.1:{self.environment['LAB_CONSOLE_PORT']}{path}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return int(error.code)
        except OSError:
            return 0

    def wait_for(self, condition: Callable[[], bool], seconds: float = START_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            ended = self.process is not None and self.process.poll() is not None
            if ended or time.monotonic() > deadline:
                what = f"ended with {self.process.poll()}" if ended and self.process else "is slow"
                raise AssertionError(f"the lab {what}:\n{self.output()}")
            time.sleep(0.05)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=30)

    def delete(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.stop()
        for link in self.data.glob("*"):
            if link.is_symlink():
                shutil.rmtree(link.resolve(), ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        self.log.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def live_lab() -> Iterator[LiveLab]:
    lab = LiveLab()
    try:
        yield lab.start()
    finally:
        lab.delete()
