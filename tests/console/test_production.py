"""Settings of a class server."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live import ROOT

# A key of the tests' own, and what the tests that drive a browser set.
LEFT_OUT = ("DJANGO_SECRET_KEY", "DJANGO_ALLOW_ASYNC_UNSAFE")


@pytest.mark.slow
def test_djangos_deployment_check_is_clean(tmp_path: Path) -> None:
    """With the key that the lab makes; a program of its own, as settings are read once."""
    environment = {key: os.environ[key] for key in os.environ if key not in LEFT_OUT}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=environment | {"LAB_PRODUCTION": "1", "LAB_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
