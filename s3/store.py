"""The files of large objects, under LAB_DATA/s3.

A file is written under tmp/, synced, and renamed to a fresh random name; the row that names it is
committed last. So what a row names is always whole and on the disk, and a file that no row names
is left over from a crash: `s3.garbage` deletes it. Files are never written twice.
"""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Self

from django.conf import settings

PIECE = 1 << 20


def root() -> Path:
    return Path(settings.LAB_DATA) / "s3"


def path(name: str) -> Path:
    return root() / "objects" / name[:2] / name[2:4] / name


def new_name() -> str:
    return secrets.token_hex(16)


class NewFile:
    """`with NewFile() as file: file.write(…); file.keep()`; without keep() nothing is left."""

    def __init__(self) -> None:
        self.name = new_name()
        self._temporary = root() / "tmp" / self.name
        self._stream: BinaryIO | None = None

    def __enter__(self) -> Self:
        try:
            self._stream = self._open()
        except FileNotFoundError:
            _make_folder(self._temporary.parent)
            self._stream = self._open()
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()
            self._temporary.unlink(missing_ok=True)

    def write(self, piece: bytes) -> None:
        assert self._stream is not None  # noqa: S101 - inside `with`
        self._stream.write(piece)

    def keep(self) -> str:
        """On the disk under its final name, which it answers."""
        assert self._stream is not None  # noqa: S101 - inside `with`
        os.fsync(self._stream.fileno())
        self._stream.close()
        _rename(self._temporary, path(self.name))
        self._stream = None
        return self.name

    def _open(self) -> BinaryIO:
        number = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        return os.fdopen(number, "wb", buffering=0)


def read(name: str, start: int, length: int) -> Iterator[bytes]:
    """Pieces of at most 1 MiB. The file is open when this returns, so that a delete is no harm."""
    stream = path(name).open("rb", buffering=0)
    return _pieces(stream, start, length)


def _pieces(stream: BinaryIO, start: int, length: int) -> Iterator[bytes]:
    with stream:
        stream.seek(start)
        while length > 0:
            piece = stream.read(min(length, PIECE))
            if not piece:
                raise OSError("an object's file is shorter than its row says")
            length -= len(piece)
            yield piece


def link(name: str) -> str:
    """A second name for the same bytes: a copy in no time. Answers the new name."""
    copy = new_name()
    target = path(copy)
    _make_folder(target.parent)
    os.link(path(name), target)
    # A file's age keeps the sweep away until its row is there.
    os.utime(target)
    _sync_folder(target.parent)
    return copy


def delete(name: str) -> None:
    path(name).unlink(missing_ok=True)


def _rename(source: Path, target: Path) -> None:
    try:
        source.rename(target)
    except FileNotFoundError:
        _make_folder(target.parent)
        source.rename(target)
    _sync_folder(target.parent)


def _make_folder(folder: Path) -> None:
    """With its parents, all of them on the disk."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
