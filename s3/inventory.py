"""Inventory reports: the list of a bucket's objects, put into another bucket by the clock.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
"""

import csv
import gzip
import hashlib
import io
import json
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import IO, Any
from urllib.parse import quote

from django.db import transaction

from aws import clock
from aws.context import Context
from aws.errors import AwsError
from s3 import access, configurations, rows, services, store, versions
from s3.models import Bucket, ObjectVersion
from s3.rows import BucketRow

SERVICE = "s3.amazonaws.com"
NAME = "inventory"
# {id: {"At", "Manifest"} or {"At", "ErrorCode", "ErrorMessage"}}: the latest report of each.
DELIVERIES = "inventory-deliveries"
SUNDAY = 6
_BATCH = 2000


def _moment(value: datetime | None) -> str:
    return f"{value:%Y-%m-%dT%H:%M:%S}.000Z" if value else ""


def _is_sealed(version: ObjectVersion) -> str:
    attributes = version.attributes
    if attributes.get("SSECustomerAlgorithm"):
        return "SSE-C"
    is_kms = str(attributes.get("ServerSideEncryption", "")).startswith("aws:kms")
    return "SSE-KMS" if is_kms else "SSE-S3"


def _checksum_algorithm(version: ObjectVersion) -> str:
    names = [name.removeprefix("Checksum") for name in version.checksum if name != "ChecksumType"]
    return names[0] if names else ""


_OPTIONAL: dict[str, Callable[[ObjectVersion], Any]] = {
    "Size": lambda one: "" if one.is_delete_marker else one.size,
    "LastModifiedDate": lambda one: _moment(one.last_modified),
    "ETag": lambda one: one.etag,
    "StorageClass": lambda one: "" if one.is_delete_marker else one.storage_class,
    "IsMultipartUploaded": lambda one: str(one.part_count > 0).lower(),
    "ReplicationStatus": lambda one: one.attributes.get("ReplicationStatus", ""),
    "EncryptionStatus": lambda one: "" if one.is_delete_marker else _is_sealed(one),
    "ObjectLockRetainUntilDate": lambda one: _moment(one.retain_until),
    "ObjectLockMode": lambda one: one.lock_mode,
    "ObjectLockLegalHoldStatus": lambda one: "On" if one.legal_hold else "Off",
    "BucketKeyStatus": lambda one: "ENABLED" if one.attributes.get("BucketKeyEnabled") else "",
    "ChecksumAlgorithm": _checksum_algorithm,
    "ObjectOwner": lambda one: one.owner_id or one.account_id,
}


def run() -> int:
    """Writes the reports that are due in any bucket; answers how many."""
    named = Bucket.objects.filter(configurations__has_key=NAME)
    return sum(run_bucket(name) for name in named.values_list("name", flat=True))


@transaction.atomic
def run_bucket(name: str) -> int:
    """One worker at a time; objects come and go meanwhile."""
    locked = Bucket.objects.select_for_update(no_key=True, skip_locked=True)
    bucket = rows.find_bucket(name) if locked.filter(name=name).first() else None
    if bucket is None or bucket.is_suspended:
        return 0
    now = versions.now(bucket)
    kept = configurations.find(bucket, NAME) or {}
    done = configurations.find(bucket, DELIVERIES) or {}
    due = [one for one in kept.values() if one["IsEnabled"] and _is_due(one, done, now)]
    for one in due:
        _note(bucket, one["Id"], _report(bucket, one, now))
    return len(due)


def deliveries(ctx: Context, bucket: str) -> dict[str, dict[str, str]]:
    """{id: {"At", "Manifest"}}, or with "ErrorCode" and "ErrorMessage": the latest reports."""
    found = access.bucket(ctx, "s3:GetInventoryConfiguration", bucket)
    return configurations.find(found, DELIVERIES) or {}


def forget(bucket: BucketRow, config_id: str) -> None:
    """A configuration of the same id begins anew."""
    done = configurations.find(bucket, DELIVERIES) or {}
    if done.pop(config_id, None):
        configurations.put(bucket, DELIVERIES, done)


def _is_due(wanted: Mapping[str, Any], done: Mapping[str, Any], now: datetime) -> bool:
    """At first at once; then on a new day, or where a Sunday has begun since."""
    last = done.get(wanted["Id"])
    if last is None:
        return True
    was = datetime.fromisoformat(last["At"]).date()
    if wanted["Schedule"]["Frequency"] == "Daily":
        return was < now.date()
    sunday = now.date() - timedelta(days=(now.weekday() - SUNDAY) % 7)
    return was < sunday


def _note(bucket: BucketRow, config_id: str, outcome: dict[str, str]) -> None:
    done = configurations.find(bucket, DELIVERIES) or {}
    known = configurations.find(bucket, NAME) or {}
    kept = {name: one for name, one in done.items() if name in known}
    configurations.put(bucket, DELIVERIES, {**kept, config_id: outcome})


def _report(bucket: BucketRow, wanted: Mapping[str, Any], now: datetime) -> dict[str, str]:
    """Puts data, manifest, checksum and symlink; answers what DELIVERIES keeps."""
    target = wanted["Destination"]["S3BucketDestination"]
    name = target["Bucket"].rpartition(":")[2]
    prefix = f"{target['Prefix'].rstrip('/')}/" if target.get("Prefix") else ""
    place = f"{prefix}{bucket.name}/{wanted['Id']}"
    stamp = f"{now:%Y-%m-%dT%H-%MZ}"
    data_key = f"{place}/data/{uuid.uuid4()}.csv.gz"
    outcome = {"At": clock.isoformat(now)}
    try:
        with tempfile.TemporaryFile() as file, transaction.atomic():
            size, md5 = _write(file, bucket, wanted)
            services.put(SERVICE, bucket, name, data_key, file, "application/gzip")
            listed = [{"key": data_key, "size": size, "MD5checksum": md5}]
            manifest = _manifest(bucket, wanted, now, listed)
            key = f"{place}/{stamp}/manifest.json"
            services.put(SERVICE, bucket, name, key, manifest, "application/json")
            checksum = hashlib.md5(manifest, usedforsecurity=False).hexdigest().encode()
            checksum_key = f"{place}/{stamp}/manifest.checksum"
            services.put(SERVICE, bucket, name, checksum_key, checksum, "text/plain")
            link_key = f"{place}/hive/dt={now:%Y-%m-%d-%H-%M}/symlink.txt"
            link = f"s3://{name}/{data_key}\n".encode()
            services.put(SERVICE, bucket, name, link_key, link, "text/plain")
    except AwsError as error:
        return outcome | {"ErrorCode": error.code, "ErrorMessage": error.message}
    return outcome | {"Manifest": f"s3://{name}/{key}"}


def _manifest(
    bucket: BucketRow, wanted: Mapping[str, Any], now: datetime, files: list[dict[str, Any]]
) -> bytes:
    written = {
        "sourceBucket": bucket.name,
        "destinationBucket": wanted["Destination"]["S3BucketDestination"]["Bucket"],
        "version": "2016-11-30",
        "creationTimestamp": str(int(now.timestamp() * 1000)),
        "fileFormat": "CSV",
        "fileSchema": ", ".join(_schema(wanted)),
        "files": files,
    }
    return json.dumps(written, indent=2).encode()


def _schema(wanted: Mapping[str, Any]) -> list[str]:
    of_versions = ["VersionId", "IsLatest", "IsDeleteMarker"]
    every = wanted["IncludedObjectVersions"] == "All"
    return ["Bucket", "Key", *(of_versions if every else ()), *wanted.get("OptionalFields", ())]


def _write(file: IO[bytes], bucket: BucketRow, wanted: Mapping[str, Any]) -> tuple[int, str]:
    """The list, compressed, into a file that is then at its start: (bytes, MD5 in hex)."""
    fields = wanted.get("OptionalFields", ())
    every = wanted["IncludedObjectVersions"] == "All"
    with (
        gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", newline="") as text,
    ):
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for one in _listed(bucket, wanted, every=every):
            row: list[Any] = [bucket.name, quote(one.key, safe="/")]
            if every:
                version_id = "" if one.version_id == rows.NULL_VERSION else one.version_id
                row += [version_id, str(one.is_latest).lower(), str(one.is_delete_marker).lower()]
            writer.writerow([*row, *(_OPTIONAL.get(name, _unknown)(one) for name in fields)])
    size = file.tell()
    file.seek(0)
    md5 = hashlib.md5(usedforsecurity=False)
    while piece := file.read(store.PIECE):
        md5.update(piece)
    file.seek(0)
    return size, md5.hexdigest()


def _listed(
    bucket: BucketRow, wanted: Mapping[str, Any], *, every: bool
) -> Iterator[ObjectVersion]:
    found = ObjectVersion.objects.filter(bucket_id=bucket.pk).defer("content")
    if prefix := wanted.get("Filter", {}).get("Prefix"):
        found = found.filter(key__startswith=prefix)
    if not every:
        found = found.filter(is_latest=True, is_delete_marker=False)
    return found.order_by("key", "-pk").iterator(chunk_size=_BATCH)


def _unknown(_: ObjectVersion) -> str:
    return ""
