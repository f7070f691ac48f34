"""A version's bytes as they are, under another row: no byte is copied where none has to be."""

from collections.abc import Mapping
from typing import Any

from aws.context import Context
from s3 import content, data_keys, encryption, receiving, store
from s3.models import Part
from s3.operations.copies import PieceReader
from s3.rows import BucketRow, ObjectRow, Parameters


def replica_bytes(
    ctx: Context, source: BucketRow, target: BucketRow, found: ObjectRow, rule: Mapping[str, Any]
) -> tuple[Parameters, list[Part]]:
    """The columns of a replica's bytes, and its parts, not saved.

    What is sealed under a KMS key is opened and sealed again under the rule's; what a customer's
    key seals stays as it is. Raises AccessDenied and KMS's errors.
    """
    about = {"size": found.size, "etag": found.etag}
    if found.encryption.get("data_key"):
        return {**about, **_sealed_again(ctx, source, target, found, rule)}, []
    file = store.link(found.file) if found.file else None
    same = {"content": found.content, "file": file, "encryption": found.encryption}
    return {**about, **same, "part_count": found.part_count}, _parts(found)


def _parts(found: ObjectRow) -> list[Part]:
    if not found.part_count:
        return []
    parts = list(Part.objects.filter(version_id=found.pk).order_by("number"))
    for part in parts:
        part.pk, part.upload_id, part.file = None, None, store.link(part.file)
    return parts


def _sealed_again(
    ctx: Context, source: BucketRow, target: BucketRow, found: ObjectRow, rule: Mapping[str, Any]
) -> Parameters:
    key = data_keys.open_key(ctx, source, found.encryption)
    wanted = {
        "server_side_encryption": found.attributes["ServerSideEncryption"],
        "ssekms_key_id": rule["Destination"]["EncryptionConfiguration"]["ReplicaKmsKeyID"],
        "bucket_key_enabled": found.attributes.get("BucketKeyEnabled"),
    }
    sealing = encryption.begin(ctx, target, found.key, wanted)
    body = PieceReader(iter(content.read(found, 0, found.size, key)))
    received = receiving.receive(body, {}, key=sealing.key)
    return {
        "attributes": encryption.members(sealing.attributes),
        "content": received.content,
        "file": received.file,
        "encryption": received.encryption | sealing.columns,
    }
