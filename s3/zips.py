"""A bucket as a zip file, made while it is sent: never more than a piece of it in memory.

Entries are stored as they are. What the caller may not read, or an archive holds, is told in a last
entry, ERRORS.
"""

import re
import stat
import zipfile
from collections.abc import Iterator
from typing import IO, Any, cast

from aws.context import Context
from aws.errors import AwsError
from s3 import operations

ERRORS = "_export-errors.txt"
PAGE = 1000
# A zip knows no earlier time.
_FIRST_YEAR = 1980


class _Sink:
    """What a zip is written to, and taken from in pieces. It cannot be rewound."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits here."""

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def pieces(ctx: Context, bucket: str, prefix: str) -> Iterator[bytes]:
    """The zip of the objects under a prefix, of at most a MiB each. Raises the first list's errors.

    Each object is read as the caller, when its turn comes.
    """
    page = operations.list_objects_v2(ctx, bucket=bucket, prefix=prefix, max_keys=PAGE)
    return filter(None, _pieces(ctx, bucket, prefix, page))


def _pieces(ctx: Context, bucket: str, prefix: str, page: dict[str, Any]) -> Iterator[bytes]:
    sink, failures = _Sink(), []
    with zipfile.ZipFile(cast(IO[bytes], sink), "w") as archive:
        while True:
            for one in page["Contents"]:
                try:
                    answer = operations.get_object(ctx, bucket=bucket, key=one["Key"])
                except AwsError as error:
                    failures.append(f"{one['Key']}\t{error.code}\t{error.message}\n")
                    continue
                for _ in _entry(archive, answer, name_of(one["Key"])):
                    yield sink.taken()
            if not page["IsTruncated"]:
                break
            token = page["NextContinuationToken"]
            page = operations.list_objects_v2(
                ctx, bucket=bucket, prefix=prefix, max_keys=PAGE, continuation_token=token
            )
        if failures:
            archive.writestr(ERRORS, "".join(failures))
    yield sink.taken()


def _entry(archive: zipfile.ZipFile, answer: dict[str, Any], name: str) -> Iterator[None]:
    """Writes an object, a piece at each step."""
    modified = answer["LastModified"]
    made = zipfile.ZipInfo(name, (max(_FIRST_YEAR, modified.year), *modified.timetuple()[1:6]))
    made.external_attr = (stat.S_IFREG | 0o644) << 16
    # Known before, so that sizes take 64 bits where they have to.
    made.file_size = answer["ContentLength"]
    with archive.open(made, "w") as entry:
        for piece in answer["Body"]:
            entry.write(piece)
            yield None
    yield None


def name_of(key: str) -> str:
    """A key as a path that stays where it is unpacked: no root, no way up, no drive."""
    parts = [
        "_" if part in (".", "..") else re.sub(r'[\x00-\x1f\\:*?"<>|]', "_", part)
        for part in key.split("/")
    ]
    return "/".join(parts).lstrip("/") or "_"
