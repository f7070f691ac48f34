"""Where the embedded servers keep what they must reach themselves.

As root they run under an own uid, which may not enter every folder: root's home is closed to it,
and so is a LAB_DATA made with mode 0700. The permissions of such folders are never widened.
The server's files go to a system folder then, and LAB_DATA keeps a symbolic link to them.
"""

import importlib.util
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from console.lab.errors import LabError
from console.lab.users import ServiceUser, can_enter, can_run

SYSTEM_FOLDER = Path("/var/lib/groundschool")


def home(lab_data: Path, name: str, user: ServiceUser | None) -> Path:
    """The folder `LAB_DATA/<name>`, private to the user, elsewhere when he could not enter it."""
    link = lab_data / name
    if link.exists():
        folder = link.resolve()
        if can_enter(folder, user):
            return folder
        raise LabError(
            f"LAB_DATA: {folder} may not be entered by {user.name if user else 'you'}; "
            "start the lab as the user who made it, or set LAB_DATA to another folder."
        )
    if can_enter(lab_data, user):
        return _make_private(link, user)
    folder = _make_private(_system_folder() / f"{name}-{secrets.token_hex(4)}", user)
    (folder / "lab-data").write_text(f"{lab_data}\n")
    link.unlink(missing_ok=True)
    link.symlink_to(folder)
    return folder


def package_folder(package: str) -> Path:
    """Where a wheel was unpacked, without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise LabError(f"The package {package} is missing: run `make run`, which installs it.")
    return Path(spec.submodule_search_locations[0])


def reachable_copy(
    program: Path, parts: list[Path], target: Path, user: ServiceUser | None
) -> Path:
    """The program itself where the user may run it, else its copy below `target`.

    parts: what to copy, all below one folder, whose layout the copy keeps (the programs find
    their libraries by relative paths).
    """
    if can_run(program, user):
        return program
    base = Path(os.path.commonpath([part.parent for part in parts]))
    copy = target / program.relative_to(base)
    if not can_run(copy, user):
        unfinished = target.with_name(f"{target.name}.{secrets.token_hex(4)}")
        for part in parts:
            _copy(part, unfinished / part.relative_to(base))
        shutil.rmtree(target, ignore_errors=True)
        unfinished.rename(target)
    if not can_run(copy, user):
        raise LabError(f"{program.name} does not run on this machine (tried {copy} --version).")
    return copy


def sweep_system_folder() -> None:
    """Deletes what labs in the temporary folder left behind when their LAB_DATA was deleted.

    Only of those: a LAB_DATA elsewhere may be on a disk that is just not mounted.
    """
    temporary = Path(tempfile.gettempdir())
    for note in SYSTEM_FOLDER.glob("*/lab-data"):
        lab_data = Path(note.read_text().strip())
        if lab_data.is_relative_to(temporary) and not lab_data.exists():
            shutil.rmtree(note.parent, ignore_errors=True)


def _system_folder() -> Path:
    try:
        SYSTEM_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as error:
        raise LabError(
            f"LAB_DATA: the database's own user cannot enter it, and {SYSTEM_FOLDER} cannot be "
            f"made ({error.strerror}); set LAB_DATA to a folder that every user may enter."
        ) from None
    return SYSTEM_FOLDER


def _make_private(folder: Path, user: ServiceUser | None) -> Path:
    folder.mkdir(mode=0o700)
    if user:
        os.chown(folder, user.uid, user.gid)
    return folder.resolve()


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)
