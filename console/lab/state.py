"""What the lab remembers in LAB_DATA: private state, the lock, and the public lab.json.

LAB_DATA/lab-state/ (mode 0700)
  lock            held while a lab runs on this LAB_DATA
  children.json   pid and start time of every child, so that the next start can end orphans
  postgres.json   port and password of the embedded PostgreSQL
  services.json   DATABASE_URL and REDIS_URL of the embedded servers while they run; the settings
                  of every other command read it
LAB_DATA/lab.json   addresses, versions, pids; written when the lab is ready, removed when it stops
"""

import fcntl
import json
import os
import secrets
from pathlib import Path
from typing import IO, Any

from console.lab.errors import LabError
from console.lab.processes import Identity


def state_folder(lab_data: Path) -> Path:
    folder = lab_data / "lab-state"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LabError(f"LAB_DATA: cannot write in {lab_data}: {error.strerror}.") from None
    return folder


def read(path: Path) -> dict[str, Any]:
    """The JSON object in a file, {} when there is none or it is damaged."""
    try:
        value = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def write(path: Path, value: dict[str, Any], *, mode: int = 0o600) -> None:
    """Replaces the file in one step and on disk, so that a crash leaves the old or the new one."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        json.dump(value, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def lock(lab_data: Path) -> IO[str]:
    """The lab's right to this LAB_DATA, held until the returned file is closed or the lab dies."""
    path = state_folder(lab_data) / "lock"
    try:
        file = path.open("a+")
        path.chmod(0o600)
    except OSError as error:
        raise LabError(f"LAB_DATA: cannot write in {lab_data}: {error.strerror}.") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        pid = file.read().strip() or "unknown"
        file.close()
        raise LabError(
            f"LAB_DATA: another lab (pid {pid}) already runs on {lab_data}; "
            "stop it, or set LAB_DATA to another folder."
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def write_children(lab_data: Path, children: dict[str, Identity]) -> None:
    records = {name: [child.pid, child.started] for name, child in children.items()}
    write(state_folder(lab_data) / "children.json", records)


def read_children(lab_data: Path) -> list[Identity]:
    records = read(state_folder(lab_data) / "children.json")
    return [Identity(pid, started) for pid, started in records.values()]
