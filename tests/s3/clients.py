"""Programs that speak S3, pointed at a running lab: the AWS CLI, and clients of other makers."""

import hashlib
import json
import os
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.live import ROOT, LiveLab

REGION = "ap-northeast-2"
REQUIREMENTS = ROOT / "requirements-clients.txt"
# Inside the lab's own environment, so that `make clean` takes it along.
FOLDER = ROOT / ".venv" / "clients"


@dataclass(frozen=True)
class Shell:
    """Runs programs with one access key in their environment. home: where they keep their files."""

    lab: LiveLab
    key: tuple[str, str]
    home: Path

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.lab.environment['LAB_API_PORT']}"

    def run(self, program: Path, *arguments: str) -> str:
        """What it prints; it has to end well."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "AWS_ACCESS_KEY_ID": self.key[0],
            "AWS_SECRET_ACCESS_KEY": self.key[1],
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint,
        }
        done = subprocess.run(
            [program, *arguments], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def aws(self, *arguments: str) -> str:
        return self.run(Path(sys.executable).with_name("aws"), *arguments)

    def answer(self, *arguments: str) -> Any:
        """Of an AWS CLI command, as JSON."""
        return json.loads(self.aws(*arguments, "--output", "json") or "null")


def environment_of_clients() -> Path:
    """The bin folder of requirements-clients.txt's environment, made when it is not there.

    Without PyPI the test is skipped.
    """
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    done = FOLDER / "installed"
    if not done.exists() or done.read_text() != wanted:
        venv.create(FOLDER, clear=True, with_pip=True)
        options = ("install", "-q", "--disable-pip-version-check", "-r", str(REQUIREMENTS))
        installed = subprocess.run(
            [str(FOLDER / "bin" / "pip"), *options], capture_output=True, text=True, timeout=300
        )
        if installed.returncode:
            pytest.skip(f"no other clients: {installed.stderr.strip().splitlines()[-1]}")
        done.write_text(wanted)
    return FOLDER / "bin"
