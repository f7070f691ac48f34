"""Deletes files that no row names: at once those that triggers noted, by age those of crashes."""

import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path

from django.db import connection

from aws import clock
from s3 import store
from s3.models import Garbage

BATCH = 500
# A reader that found the row has this long to open the file.
GARBAGE_AGE_SECONDS = 60.0
# An upload touches its temporary file at every write, and its row follows the rename at once.
ORPHAN_AGE_SECONDS = 24 * 3600
_LIVE = """
    SELECT file FROM s3_objectversion WHERE file = ANY(%(files)s)
    UNION ALL SELECT file FROM s3_part WHERE file = ANY(%(files)s)"""


def collect(*, older_than_seconds: float = GARBAGE_AGE_SECONDS) -> int:
    """Deletes the noted files; answers how many. A crash between the two deletes repeats one."""
    limit = clock.real_now() - timedelta(seconds=older_than_seconds)
    old = Garbage.objects.filter(since__lte=limit).order_by("pk")
    deleted = 0
    while noted := list(old[:BATCH]):
        for row in noted:
            store.delete(row.file)
        Garbage.objects.filter(pk__in=[row.pk for row in noted]).delete()
        deleted += len(noted)
    return deleted


def sweep(*, older_than_seconds: float = ORPHAN_AGE_SECONDS) -> int:
    """Deletes old files without a row; answers how many."""
    limit = time.time() - older_than_seconds
    deleted = 0
    for path in _older(store.root() / "tmp", limit):
        path.unlink(missing_ok=True)
        deleted += 1
    old = _older(store.root() / "objects", limit)
    while paths := list(islice(old, BATCH)):
        live = _live([path.name for path in paths])
        for path in paths:
            if path.name not in live:
                path.unlink(missing_ok=True)
                deleted += 1
    return deleted


def _older(folder: Path, limit: float) -> Iterator[Path]:
    for path in folder.rglob("*"):
        try:
            if path.is_file() and path.stat().st_mtime < limit:
                yield path
        except FileNotFoundError:
            continue


def _live(files: list[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(_LIVE, {"files": files})
        return {file for (file,) in cursor.fetchall()}
