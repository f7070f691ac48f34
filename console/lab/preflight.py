"""What can be known before anything starts. Each finding is one sentence naming the setting."""

import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis

from console.lab import ports
from console.lab.errors import LabError

CONNECT_SECONDS = 5


def check_folder(lab_data: Path) -> None:
    try:
        lab_data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=lab_data):
            pass
    except OSError as error:
        raise LabError(f"LAB_DATA: cannot write in {lab_data}: {error.strerror}.") from None


def check_ports(host: str, numbers: dict[str, int]) -> None:
    """numbers: {setting: port}, which must differ and be free on the host."""
    taken: dict[int, str] = {}
    for setting, port in numbers.items():
        if port in taken:
            raise LabError(f"{setting}: port {port} is also {taken[port]}; they must differ.")
        taken[port] = setting
        error = ports.bind_error(host, port)
        if error is None:
            continue
        if ports.is_in_use(error):
            program = ports.holder(port)
            by = f" by {program}" if program else ""
            raise LabError(
                f"{setting}: port {port} on {host} is in use{by}; stop that program "
                f"or set {setting} to another port."
            )
        if isinstance(error, PermissionError):
            raise LabError(f"{setting}: this user may not listen on port {port}.")
        raise LabError(f"LAB_HOST: cannot listen on {host}: {error.strerror}.")


def check_database(url: str) -> None:
    try:
        with psycopg.connect(url, connect_timeout=CONNECT_SECONDS) as connection:
            connection.execute("SELECT 1")
    except (psycopg.Error, UnicodeError) as error:
        reason = str(error).strip().splitlines()[-1]
        raise LabError(f"DATABASE_URL: the database refuses: {reason}") from None


def check_redis(url: str) -> None:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=CONNECT_SECONDS) as client:
            client.ping()
    except (redis.RedisError, ValueError, OSError) as error:
        raise LabError(f"REDIS_URL: {_place(url)} refuses: {error}") from None


def _place(url: str) -> str:
    """The URL without its password."""
    try:
        parts = urlsplit(url)
        return f"{parts.hostname}:{parts.port or 6379}"
    except ValueError:
        return "the server"
