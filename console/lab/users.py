"""The unprivileged user of the embedded servers when the lab runs as root.

PostgreSQL refuses to run as root, and initdb needs a user with an entry in the user database.
An ordinary user runs everything as himself: then there is no service user (None).
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

NAME = "groundschool"


class RunAs(TypedDict, total=False):
    """Keyword arguments of subprocess.Popen."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class ServiceUser:
    name: str
    uid: int
    gid: int


def service_user() -> ServiceUser | None:
    """The user to drop to; made by useradd at first use, else `nobody`. None unless root."""
    if os.geteuid() != 0:
        return None
    entry = _look_up(NAME) or _create() or pwd.getpwnam("nobody")
    return ServiceUser(entry.pw_name, entry.pw_uid, entry.pw_gid)


def run_as(user: ServiceUser | None) -> RunAs:
    return RunAs(user=user.uid, group=user.gid, extra_groups=[]) if user else RunAs()


def can_enter(folder: Path, user: ServiceUser | None) -> bool:
    """Whether the user may go into the folder, through every parent of it.

    Asked of the kernel by really trying, because modes alone do not tell about ACLs and mounts.
    """
    return user is None or _succeeds(["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)], user)


def can_run(program: Path, user: ServiceUser | None) -> bool:
    """Whether the user may execute the program (tried with --version)."""
    return _succeeds([str(program), "--version"], user)


def _succeeds(argv: list[str], user: ServiceUser | None) -> bool:
    try:
        done = subprocess.run(  # noqa: S603 - fixed programs
            argv,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            **run_as(user),
        )
    except OSError:
        return False
    return done.returncode == 0


def _look_up(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _create() -> pwd.struct_passwd | None:
    """Another lab may make the same user at this moment, so only the look-up counts."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    if program := shutil.which("useradd", path=path):
        options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        subprocess.run(  # noqa: S603
            [program, *options, "--shell", "/usr/sbin/nologin", NAME],
            capture_output=True,
            check=False,
        )
    return _look_up(NAME)
