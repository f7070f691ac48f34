"""A zip object unpacked into its bucket: the job that does it, and what it takes for a trap.

A file in a zip is read and put piece by piece, as the principal who asked. Refused are encrypted
zips, names that lead out of the folder, links, and zips that would grow beyond all measure.
"""

import io
import mimetypes
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any, cast

from aws.context import Context
from aws.errors import AwsError
from s3 import operations
from s3.errors import InvalidRequest
from s3.jobs import Batch, Deadline, step
from s3.models import Job
from s3.names import MAX_KEY_BYTES

UNZIP = "unzip"
MAX_ENTRIES = 20_000
MAX_BYTES = 5 * 1024**3
# A zip's table of contents is held in memory.
MAX_TABLE_BYTES = 16 * 1024**2
# Text shrinks to a twentieth; what shrinks to less, and is not small anyway, is a bomb.
MAX_RATIO = 200
SMALL_BYTES = 64 * 1024**2
_BUFFER = 1 << 20
_ENCRYPTED, _UTF8 = 0x1, 0x800
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeError)


class _Object(io.RawIOBase):
    """An object, one version of it, as a file that can be read from anywhere."""

    def __init__(self, ctx: Context, bucket: str, key: str, version: dict[str, str]) -> None:
        self._ctx, self._named = ctx, {"bucket": bucket, "key": key, **version}
        head = operations.head_object(ctx, **self._named)
        self.size, self._etag = head["ContentLength"], head["ETag"]
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        length = min(len(buffer), self.size - self._at, _BUFFER)
        if length <= 0:
            return 0
        wanted = f"bytes={self._at}-{self._at + length - 1}"
        answer = operations.get_object(self._ctx, **self._named, range=wanted, if_match=self._etag)
        piece = b"".join(answer["Body"])
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


class _Buffered(io.BufferedReader):
    """Refuses a table of contents that is larger than memory should hold."""

    def __init__(self, source: _Object) -> None:
        super().__init__(source, _BUFFER)
        self._size = source.size

    def read(self, size: int | None = -1, /) -> bytes:
        left = max(0, self._size - self.tell())
        if min(left, left if size is None or size < 0 else size) > MAX_TABLE_BYTES:
            raise zipfile.BadZipFile("The zip's table of contents is too large.")
        return super().read(size)


def version_of(ctx: Context, bucket: str, key: str) -> dict[str, str]:
    """What names the version that is the latest now; {} in a bucket without versions."""
    head = operations.head_object(ctx, bucket=bucket, key=key)
    return {"version_id": head["VersionId"]} if "VersionId" in head else {}


def check(ctx: Context, bucket: str, key: str, version: dict[str, str]) -> tuple[int, int]:
    """(files, bytes) that a zip holds, before anything is unpacked. Raises InvalidRequest."""
    files = [one for one in _opened(ctx, bucket, key, version).infolist() if not one.is_dir()]
    return len(files), sum(one.file_size for one in files)


@step(UNZIP)
def _unzip(ctx: Context, job: Job) -> Batch:
    """key, version: of the zip. to_prefix: before every name. Raises InvalidRequest.

    The zip stays the one that was asked about, whatever is put meanwhile.
    """
    wishes = job.parameters
    archive = _opened(ctx, job.bucket, wishes["key"], wishes["version"])
    batch, deadline = Batch(), Deadline(job)
    entries = archive.infolist()
    for at in range(job.cursor.get("at", 0), len(entries)):
        entry = entries[at]
        if not entry.is_dir():
            _one(ctx, job, archive, entry, batch)
        if deadline.is_over and at + 1 < len(entries):
            batch.cursor = {"at": at + 1}
            break
    return batch


def _one(
    ctx: Context, job: Job, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, batch: Batch
) -> None:
    name = name_of(entry)
    try:
        key = job.parameters["to_prefix"] + _safe(entry, name)
        kind = mimetypes.guess_type(name)[0] or "binary/octet-stream"
        with archive.open(entry) as body:
            operations.put_object(
                ctx, bucket=job.bucket, key=key, body=_Body(body), content_type=kind
            )
    except AwsError as error:
        batch.fail(name, error)
    except _BROKEN as error:
        batch.fail(name, InvalidRequest(reason=f"The file is damaged: {error}"))
    else:
        batch.done += 1
        batch.done_bytes += entry.file_size


class _Body:
    """A file of a zip as a body to receive; zipfile ends it at the size that its table tells."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        return self._stream.read(size)


def _opened(ctx: Context, bucket: str, key: str, version: dict[str, str]) -> zipfile.ZipFile:
    """A zip that may be unpacked. Raises InvalidRequest, and the errors of a read."""
    source = _Object(ctx, bucket, key, version)
    try:
        archive = zipfile.ZipFile(cast(IO[bytes], _Buffered(source)))
    except _BROKEN as error:
        raise InvalidRequest(reason=f"The object is not a zip: {error}") from None
    for reason in _refusals(archive, source.size):
        raise InvalidRequest(reason=reason)
    return archive


def _refusals(archive: zipfile.ZipFile, packed: int) -> Iterator[str]:
    entries = archive.infolist()
    total = sum(one.file_size for one in entries)
    if len(entries) > MAX_ENTRIES:
        yield f"The zip has {len(entries)} entries; at most {MAX_ENTRIES} are unpacked."
    if any(one.flag_bits & _ENCRYPTED for one in entries):
        yield "The zip is encrypted. Pack it again without a password."
    if any(one.compress_type not in _METHODS for one in entries):
        yield "The zip is compressed by a method other than Deflate."
    if total > MAX_BYTES:
        yield f"The zip would unpack to {total} bytes; at most {MAX_BYTES} are allowed."
    if total > SMALL_BYTES and total > MAX_RATIO * packed:
        yield "The zip would grow to more than 200 times its size."


def name_of(entry: zipfile.ZipInfo) -> str:
    """The name as it was meant: many Korean zips have it in CP949 and do not say so."""
    if entry.flag_bits & _UTF8:
        return entry.filename
    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _safe(entry: zipfile.ZipInfo, name: str) -> str:
    """The name, where it stays in its folder. Raises InvalidRequest."""
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise InvalidRequest(reason="Links are not unpacked.")
    path = name.replace("\\", "/")
    parts = path.split("/")
    if path.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", path):
        raise InvalidRequest(reason="The name leads out of the folder.")
    if any(ord(one) < 32 for one in path) or len(path.encode()) > MAX_KEY_BYTES:
        raise InvalidRequest(reason="The name cannot be an object's key.")
    return "/".join(part for part in parts if part not in ("", "."))
