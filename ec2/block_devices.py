"""The volumes of a launch: the image's, changed and added to by the request.

AWS: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-device-mapping-concepts.html
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aws.context import Context
from ec2.amis import Ami
from ec2.catalogue import images
from ec2.errors import InvalidBlockDeviceMapping, InvalidParameterValue
from ec2.lookup import check_form, missing
from ec2.models import Snapshot
from ec2.volume_rules import VolumeShape, shape

_DEVICE = re.compile(
    r"/dev/(?:sd[a-z][1-9]?[0-9]?|xvd[a-z]{1,2}[1-9]?[0-9]?)|xvd[a-z]{1,2}|sd[a-z]"
)
MAX_DEVICES = 40


@dataclass(frozen=True, slots=True)
class Device:
    """A volume to be made and attached."""

    device: str
    shape: VolumeShape
    snapshot_id: str
    encrypted: bool
    kms_key_id: str
    delete_on_termination: bool


def resolve(
    ctx: Context, ami: Ami, requested: Sequence[Mapping[str, Any]], *, encrypts: bool
) -> list[Device]:
    """The root volume first. encrypts: the region's default.

    Raises InvalidBlockDeviceMapping, InvalidParameterValue, InvalidSnapshot.NotFound.
    """
    merged: dict[str, dict[str, Any]] = {
        one["DeviceName"]: dict(one.get("Ebs", {})) for one in ami.block_device_mappings
    }
    for one in requested:
        name = one.get("DeviceName", "")
        if not _DEVICE.fullmatch(name):
            raise InvalidParameterValue(
                f"Value ({name}) for parameter deviceName is invalid. Invalid device name."
            )
        if "NoDevice" in one:
            _drop(merged, name, ami)
        elif "VirtualName" not in one:
            base = merged.get(name, {"DeleteOnTermination": True})
            merged[name] = {**base, **one.get("Ebs", {})}
    if len(merged) > MAX_DEVICES:
        raise InvalidBlockDeviceMapping("Too many block devices.")
    order = sorted(merged, key=lambda name: (name != ami.root_device_name, name))
    return [_device(ctx, name, merged[name], encrypts) for name in order]


def snapshot_size(ctx: Context, snapshot_id: str) -> tuple[int, bool]:
    """(GiB, whether it is encrypted) of a snapshot that the account may use.

    Raises InvalidSnapshot.Malformed, InvalidSnapshot.NotFound, InvalidParameterValue.
    """
    check_form(Snapshot, [snapshot_id])
    public = images.snapshots(ctx.region).get(snapshot_id)
    if public is not None:
        return public.size, False
    row = Snapshot.objects.filter(region=ctx.region, resource_id=snapshot_id).first()
    is_mine = row is not None and (
        row.account_id == ctx.account_id or {"all", ctx.account_id} & set(row.share)
    )
    if row is None or not is_mine:
        raise missing(Snapshot, [snapshot_id])
    if row.state != "completed":
        raise InvalidParameterValue(f"Snapshot is in invalid state - {row.state}")
    return row.volume_size, row.encrypted


def _drop(merged: dict[str, dict[str, Any]], name: str, ami: Ami) -> None:
    if name == ami.root_device_name:
        raise InvalidBlockDeviceMapping("The root device cannot be removed.")
    merged.pop(name, None)


def _device(ctx: Context, name: str, ebs: Mapping[str, Any], encrypts: bool) -> Device:
    snapshot_id = ebs.get("SnapshotId", "")
    held, is_sealed = snapshot_size(ctx, snapshot_id) if snapshot_id else (0, False)
    size = ebs.get("VolumeSize")
    if size is not None and size < held:
        raise InvalidBlockDeviceMapping(
            f"Volume of size {size}GB is smaller than snapshot '{snapshot_id}', expect size >= "
            f"{held}GB"
        )
    made = shape(
        volume_type=ebs.get("VolumeType", "gp2"),
        size=size,
        iops=ebs.get("Iops"),
        throughput=ebs.get("Throughput"),
        snapshot_size=held,
    )
    return Device(
        device=name,
        shape=made,
        snapshot_id=snapshot_id,
        encrypted=bool(ebs.get("Encrypted", False)) or is_sealed or encrypts,
        kms_key_id=ebs.get("KmsKeyId", ""),
        delete_on_termination=bool(ebs.get("DeleteOnTermination", True)),
    )
