"""Makes .venv and fills it, before anything else can run. Needs the standard library only.

    python3 tools/bootstrap.py [--dev]

Does nothing when nothing changed. Old Pythons must be able to read it, to say that they are old.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
NEWER_NAMES = ("python3.14", "python3.13", "python3.12", "python3.11")


def main() -> None:
    use_new_enough_python()
    dev = "--dev" in sys.argv[1:]
    if not venv_works():
        make_venv()
    install("requirements-dev.txt" if dev else "requirements.txt")
    compile_messages()


def use_new_enough_python() -> None:
    if sys.version_info >= OLDEST:
        return
    for name in NEWER_NAMES:
        program = shutil.which(name)
        if program:
            os.execv(program, [program, *sys.argv])  # noqa: S606
    sys.exit(
        f"Groundschool needs Python 3.11 or newer; {sys.executable} is "
        f"{sys.version_info[0]}.{sys.version_info[1]}. Install a newer one, or name it: "
        "make run PYTHON=/path/to/python3"
    )


def venv_works() -> bool:
    """Also false when the Python it was made with is gone."""
    try:
        return subprocess.run([PYTHON, "-c", "import pip"], capture_output=True).returncode == 0
    except OSError:
        return False


def make_venv() -> None:
    print("Making .venv.", flush=True)
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode and install_venv_package():
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(
            f"{sys.executable} cannot make a virtual environment: "
            f"{(done.stdout + done.stderr).strip()}"
        )


def install_venv_package() -> bool:
    """Debian and Ubuntu keep Python's venv in a package of its own."""
    apt = load_apt()
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    ensurepip = f"/usr/lib/{version}/ensurepip/__init__.py"
    package = apt.SystemPackage(f"{version}-venv", ensurepip, "Python's virtual environments")
    allowed = os.environ.get("LAB_APT", "1").strip().lower() not in {"0", "false", "no", "off"}
    return not apt.ensure([package], allowed=allowed, say=print)


def load_apt() -> ModuleType:
    """console/lab/apt.py alone: importing the package `console` needs Celery, not there yet."""
    spec = spec_from_file_location("lab_apt", ROOT / "console" / "lab" / "apt.py")
    assert spec and spec.loader  # noqa: S101 - a file of this checkout
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def install(name: str) -> None:
    """Runs pip only when the pins changed since it last succeeded."""
    content = b"".join((ROOT / file).read_bytes() for file in ("requirements.txt", name))
    digest = hashlib.sha256(content).hexdigest()
    stamp = VENV / f"{name}.sha256"
    if stamp.exists() and stamp.read_text() == digest:
        return
    print(f"Installing {name} (some minutes at the first time).", flush=True)
    options = ["--quiet", "--disable-pip-version-check", "--no-input"]
    command = [str(PYTHON), "-m", "pip", "install", *options, "-r", str(ROOT / name)]
    if subprocess.run(command).returncode:
        sys.exit(f"pip could not install {name}; see above. The next `make` tries again.")
    stamp.write_text(digest)


def compile_messages() -> None:
    """The .mo files are made here, not kept in git; gettext's msgfmt is not needed."""
    sources = (ROOT / "locale").glob("*/LC_MESSAGES/*.po")
    stale = [po for po in sources if is_stale(po)]
    if stale:
        subprocess.run([PYTHON, "-m", "tools.messages", "compile"], cwd=ROOT, check=True)


def is_stale(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime


if __name__ == "__main__":
    main()
