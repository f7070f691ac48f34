"""A page of a bucket's list, as the console shows it: folders first, or every version."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aws.context import Context
from s3 import operations
from s3.errors import argument

# As many as AWS's console loads at once.
SIZE = 300
_MISSING: tuple[int, Any] = (0, "")


@dataclass(frozen=True, slots=True)
class Row:
    """kind: "folder", "marker" (a delete marker) or the key's extension, "" for none. name: what
    the key has beyond the folder's prefix. version_id: "" where versions are not shown."""

    key: str
    name: str
    kind: str
    last_modified: datetime | None = None
    size: int | None = None
    storage_class: str = ""
    version_id: str = ""
    is_latest: bool = True

    @property
    def is_folder(self) -> bool:
        return self.kind == "folder"

    @property
    def is_marker(self) -> bool:
        return self.kind == "marker"


@dataclass(frozen=True, slots=True)
class ObjectPage:
    """next_token: "" at the end."""

    rows: list[Row]
    next_token: str


COLUMNS: Mapping[str, Callable[[Row], Any]] = {
    "type": lambda row: row.kind,
    "modified": lambda row: row.last_modified,
    "size": lambda row: row.size,
    "class": lambda row: row.storage_class,
}


def read(
    ctx: Context, bucket: str, folder: str, search: str, token: str, *, with_versions: bool
) -> ObjectPage:
    """One page of keys that begin with folder + search. Raises AccessDenied, NoSuchBucket."""
    look = _versions if with_versions else _objects
    return look(ctx, bucket, folder, search, token)


def ordered(rows: list[Row], sort: str) -> list[Row]:
    """sort: a column, with "-" for descending; folders stay first. By name as the API lists."""
    column = COLUMNS.get(sort.removeprefix("-"))
    is_reverse = sort.startswith("-")

    def by(row: Row) -> tuple[int, Any]:
        value = column(row) if column else None
        return _MISSING if value is None else (1, value)

    if column is not None:
        rows = sorted(rows, key=by, reverse=is_reverse)
    elif is_reverse:
        rows = rows[::-1]
    return sorted(rows, key=lambda row: not row.is_folder)


def _objects(ctx: Context, bucket: str, folder: str, search: str, token: str) -> ObjectPage:
    more: dict[str, Any] = {"continuation_token": token} if token else {}
    answer = operations.list_objects_v2(
        ctx, bucket=bucket, prefix=folder + search, delimiter="/", max_keys=SIZE, **more
    )
    rows = [_folder(one["Prefix"], folder) for one in answer["CommonPrefixes"]]
    # The folder itself is an object where the console made it.
    rows += [_object(one, folder) for one in answer["Contents"] if one["Key"] != folder]
    return ObjectPage(rows, answer.get("NextContinuationToken", ""))


def _versions(ctx: Context, bucket: str, folder: str, search: str, token: str) -> ObjectPage:
    key, version_id = _open(token) if token else ("", "")
    more = {"key_marker": key} if key else {}
    more |= {"version_id_marker": version_id} if version_id else {}
    answer = operations.list_object_versions(
        ctx, bucket=bucket, prefix=folder + search, delimiter="/", max_keys=SIZE, **more
    )
    rows = [_folder(one["Prefix"], folder) for one in answer["CommonPrefixes"]]
    versions = [_version(one, folder) for one in answer["Versions"]]
    versions += [_version(one, folder, is_marker=True) for one in answer["DeleteMarkers"]]
    # Both lists are in order; together, each key's newest version is first again.
    versions.sort(key=lambda row: row.last_modified or datetime.min, reverse=True)
    versions.sort(key=lambda row: (row.key, not row.is_latest))
    next_token = ""
    if answer["IsTruncated"]:
        next_token = _token(answer["NextKeyMarker"], answer.get("NextVersionIdMarker") or "")
    return ObjectPage(rows + versions, next_token)


def _folder(prefix: str, folder: str) -> Row:
    return Row(key=prefix, name=prefix[len(folder) :], kind="folder")


def _object(item: Mapping[str, Any], folder: str) -> Row:
    return Row(
        key=item["Key"],
        name=item["Key"][len(folder) :],
        kind=extension(item["Key"]),
        last_modified=item["LastModified"],
        size=item["Size"],
        storage_class=item["StorageClass"],
    )


def _version(item: Mapping[str, Any], folder: str, *, is_marker: bool = False) -> Row:
    return Row(
        key=item["Key"],
        name=item["Key"][len(folder) :] or item["Key"],
        kind="marker" if is_marker else extension(item["Key"]),
        last_modified=item["LastModified"],
        size=item.get("Size"),
        storage_class=item.get("StorageClass", ""),
        version_id=item["VersionId"],
        is_latest=item["IsLatest"],
    )


def extension(key: str) -> str:
    """ "txt" of "a/b.txt", "" where there is none."""
    name = key.rpartition("/")[2]
    stem, _dot, last = name.rpartition(".")
    return last.lower() if stem and len(last) <= 12 else ""


def _token(key: str, version_id: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([key, version_id]).encode()).decode()


def _open(token: str) -> tuple[str, str]:
    try:
        key, version_id = json.loads(base64.urlsafe_b64decode(token.encode()))
        return str(key), str(version_id)
    except (ValueError, TypeError, RecursionError):
        raise argument(
            "continuation-token", token, "The continuation token provided is incorrect"
        ) from None
