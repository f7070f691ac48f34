"""`manage.py lab` as its user meets it: starts, answers, heals, stops, recovers, refuses."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.live import ROOT, LiveLab

pytestmark = [pytest.mark.slow, pytest.mark.lab]


@pytest.fixture
def lab() -> Iterator[LiveLab]:
    lab = LiveLab()
    try:
        yield lab
    finally:
        lab.delete()


@pytest.fixture(scope="module")
def shared_lab() -> Iterator[LiveLab]:
    """For tests that leave it running."""
    lab = LiveLab()
    try:
        yield lab.start()
    finally:
        lab.delete()


def processes_of(lab: LiveLab) -> list[psutil.Process]:
    """Every process that lab.json names, and all below them."""
    leaders = [psutil.Process(pid) for pid in [lab.info["pid"], *lab.info["pids"].values()]]
    below = [child for leader in leaders for child in leader.children(recursive=True)]
    return list({process.pid: process for process in [*leaders, *below]}.values())


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    zombie = psutil.STATUS_ZOMBIE
    return [one for one in processes if one.is_running() and one.status() != zombie]


def teachers(lab: LiveLab) -> str:
    query = "print(User.objects.filter(username='teacher').count())"
    code = f"from django.contrib.auth.models import User; {query}"
    return lab.manage("shell", "-c", code).split()[-1]


def refusal(**settings: str) -> str:
    """What a lab that cannot start prints; it has to end with exit code 1 and one sentence."""
    lab = LiveLab(**settings)
    try:
        with pytest.raises(AssertionError):
            lab.start()
        assert lab.process
        assert lab.process.returncode == 1
        lines = [line for line in lab.output().splitlines() if not line.startswith("lab ")]
        assert len(lines) == 1, lab.output()
        return lines[0]
    finally:
        lab.delete()


def test_it_answers_and_stops_within_five_seconds(lab: LiveLab) -> None:
    lab.start()
    assert lab.status("/signin") == 200
    assert lab.info["console_url"] == f"http://localhost:{lab.info['console_port']}"
    assert lab.info["versions"]["postgresql"].startswith("18.")
    parts = {"postgres", "valkey", "web", "api", "public", "worker", "beat"}
    assert set(lab.info["pids"]) == parts
    output = lab.output()
    assert "First start: making the database" in output
    assert f"aws --endpoint-url {lab.info['api_url']}" in output
    assert f"http://localhost:{lab.info['public_port']}" in output
    assert "manage.py create_instructor" in output

    processes = processes_of(lab)
    begun_at = time.monotonic()
    assert lab.stop() == 0
    assert time.monotonic() - begun_at < 5
    assert alive(processes) == []
    assert not (lab.data / "lab.json").exists()


def test_nothing_listens_beyond_loopback(shared_lab: LiveLab) -> None:
    pids = {process.pid for process in processes_of(shared_lab)}
    listening = [
        connection.laddr.ip
        for connection in psutil.net_connections("inet")
        if connection.pid in pids and connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 4
    assert set(listening) == {"127.0.0.1"}


@pytest.mark.parametrize("name", ["web", "public", "worker", "valkey", "postgres"])
def test_a_killed_part_is_started_again(shared_lab: LiveLab, name: str) -> None:
    lab = shared_lab
    killed = lab.info["pids"][name]
    os.kill(killed, signal.SIGKILL)
    lab.wait_for(lambda: lab.info["pids"][name] != killed, seconds=20)
    lab.wait_for(lambda: lab.status("/signin") == 200, seconds=20)
    assert f"{name} stopped unexpectedly" in lab.output()
    assert "starting it again in 1 s" in lab.output()


def test_the_next_start_recovers_from_a_killed_lab(lab: LiveLab) -> None:
    """First the lab alone is killed, so that its children are orphans; then every process."""
    lab.start()
    create = "User.objects.create_superuser('teacher', password='x')"
    lab.manage("shell", "-c", f"from django.contrib.auth.models import User; {create}")
    left_behind = processes_of(lab)
    postgres = lab.info["pids"]["postgres"]
    assert lab.stop(signal.SIGKILL) == -signal.SIGKILL
    assert len(alive(left_behind)) > 5

    (lab.data / "lab.json").unlink()
    lab.start()
    assert lab.info["pids"]["postgres"] == postgres
    orphans = [process for process in left_behind if process.pid != postgres]
    ours = {process.pid for process in processes_of(lab)}
    assert [process for process in alive(orphans) if process.pid not in ours] == []
    assert teachers(lab) == "1"
    assert "nobody yet" not in lab.output().split("Ending")[1]

    everything = processes_of(lab)
    for process in everything:
        with suppress(psutil.NoSuchProcess):  # workers whose leader was killed before them
            process.kill()
    lab.stop()
    psutil.wait_procs(everything, timeout=5)
    (lab.data / "lab.json").unlink()
    lab.start()
    assert teachers(lab) == "1"
    assert lab.status("/signin") == 200


def test_a_second_lab_on_the_same_data_is_refused(shared_lab: LiveLab) -> None:
    lab = shared_lab
    environment = LiveLab(LAB_DATA=str(lab.data)).environment
    second = subprocess.run(
        [sys.executable, "manage.py", "lab"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert second.returncode == 1
    assert f"LAB_DATA: another lab (pid {lab.info['pid']}) already runs" in second.stderr
    assert lab.status("/signin") == 200


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refusal(LAB_API_PORT=str(port))
    assert f"LAB_API_PORT: port {port} on 127.0.0.1 is in use by" in said
    assert str(os.getpid()) in said


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    done = subprocess.run(
        [sys.executable, "manage.py", "lab"],
        cwd=ROOT,
        env=os.environ | {"LAB_DATA": str(file / "var")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"Groundschool cannot start. LAB_DATA: cannot write in {file / 'var'}: Not a directory."
    ]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("DATABASE_URL", "postgres://x:y@127.0.0.1:1/x"),
        ("DATABASE_URL", "mysql://127.0.0.1/x"),
        ("REDIS_URL", "redis://127.0.0.1:1/0"),
        ("LAB_CONSOLE_PORT", "http"),
        ("LAB_HOST", "192.0.2.1"),
    ],
)
def test_a_setting_that_cannot_work_is_named(setting: str, value: str) -> None:
    assert setting in refusal(**{setting: value})
