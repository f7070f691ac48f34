"""System packages from Debian's apt: only as root or with passwordless sudo, announced before.

LAB_APT=0 forbids it. The lab starts without them; what is missing then is said in one line each.
A part of the lab that needs a package adds it to PACKAGES.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SystemPackage:
    """provides: a program looked up in PATH, or the absolute path of a file."""

    name: str
    provides: str
    why: str

    def is_present(self) -> bool:
        if self.provides.startswith("/"):
            return Path(self.provides).exists()
        return shutil.which(self.provides) is not None


# Nothing yet: databases, cache and web server come from wheels.
PACKAGES: tuple[SystemPackage, ...] = ()


def ensure(
    packages: Iterable[SystemPackage], *, allowed: bool, say: Callable[[str], None]
) -> list[SystemPackage]:
    """Installs what is missing where that is allowed and possible; returns what still is."""
    missing = [package for package in packages if not package.is_present()]
    if not missing:
        return []
    prefix = _privileged_prefix() if allowed else None
    if prefix is None:
        reason = "no root, no passwordless sudo or no apt" if allowed else "LAB_APT=0"
        for package in missing:
            say(f"Not installed: {package.name}, {package.why} ({reason}).")
        return missing
    for package in missing:
        say(f"Installing {package.name} by apt: {package.why}. LAB_APT=0 forbids this.")
    _install(prefix, [package.name for package in missing])
    still_missing = [package for package in missing if not package.is_present()]
    for package in still_missing:
        say(f"Not installed: {package.name}, {package.why} (apt could not install it).")
    return still_missing


def _install(prefix: list[str], names: list[str]) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = [*prefix, "apt-get", "install", "-y", "-q", "--no-install-recommends", *names]
    done = subprocess.run(install, env=environment, capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        # The list of packages may be old or absent, as in a fresh container.
        update = [*prefix, "apt-get", "update", "-q"]
        subprocess.run(update, env=environment, capture_output=True, check=False)  # noqa: S603
        subprocess.run(install, env=environment, capture_output=True, check=False)  # noqa: S603


def _privileged_prefix() -> list[str] | None:
    """[] as root, sudo's words where it asks no password, None where neither works."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    if sudo := shutil.which("sudo"):
        asked = subprocess.run([sudo, "-n", "true"], capture_output=True, check=False)  # noqa: S603
        if asked.returncode == 0:
            return [sudo, "-n", "DEBIAN_FRONTEND=noninteractive"]
    return None
