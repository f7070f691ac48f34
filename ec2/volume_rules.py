"""Volume types and their limits, for new, launched and modified volumes.

AWS: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html
"""

from dataclasses import dataclass

from ec2.errors import InvalidParameterCombination, InvalidParameterValue, MissingParameter


@dataclass(frozen=True, slots=True)
class VolumeType:
    """sizes in GiB; iops: what may be asked for, None where the type has its own.

    iops_per_gib: the most for a size. throughput: MiB/s that may be asked for.
    """

    name: str
    min_size: int
    max_size: int
    iops: tuple[int, int] | None = None
    iops_per_gib: int = 0
    throughput: tuple[int, int] | None = None
    can_multi_attach: bool = False
    can_boot: bool = True


TYPES = {
    one.name: one
    for one in (
        VolumeType("gp3", 1, 16384, (3000, 16000), 500, (125, 1000)),
        VolumeType("gp2", 1, 16384),
        VolumeType("io1", 4, 16384, (100, 64000), 50, can_multi_attach=True),
        VolumeType("io2", 4, 65536, (100, 256000), 1000, can_multi_attach=True),
        VolumeType("st1", 125, 16384, can_boot=False),
        VolumeType("sc1", 125, 16384, can_boot=False),
        VolumeType("standard", 1, 1024),
    )
}


@dataclass(frozen=True, slots=True)
class VolumeShape:
    """What a volume is: checked and complete."""

    volume_type: str
    size: int
    iops: int | None
    throughput: int | None


def shape(
    *,
    volume_type: str,
    size: int | None,
    iops: int | None = None,
    throughput: int | None = None,
    snapshot_size: int = 0,
) -> VolumeShape:
    """Checks and fills in the defaults. snapshot_size: GiB, 0 without one.

    Raises InvalidParameterValue, InvalidParameterCombination, MissingParameter.
    """
    kind = TYPES.get(volume_type)
    if kind is None:
        raise InvalidParameterValue(
            f"Value ({volume_type}) for parameter volumeType is invalid. Unknown volume type."
        )
    size = size if size is not None else snapshot_size or None
    if size is None:
        raise MissingParameter("The request must contain the parameter size/snapshot")
    if not kind.min_size <= size <= kind.max_size:
        raise InvalidParameterValue(
            f"Volume of {size}GiB is invalid; must be between {kind.min_size}GiB and "
            f"{kind.max_size}GiB for volume type {volume_type}."
        )
    return VolumeShape(volume_type, size, _iops(kind, size, iops), _throughput(kind, throughput))


def _iops(kind: VolumeType, size: int, iops: int | None) -> int | None:
    if kind.iops is None:
        if iops is not None:
            raise InvalidParameterCombination(
                f"The parameter iops is not supported for {kind.name} volumes."
            )
        return _own_iops(kind.name, size)
    low, high = kind.iops
    if iops is None:
        if kind.name == "gp3":
            return low
        raise MissingParameter("The request must contain the parameter iops")
    if not low <= iops <= high:
        raise InvalidParameterValue(
            f"Volume iops of {iops} is invalid; must be between {low} and {high}."
        )
    if iops > max(low, kind.iops_per_gib * size):
        raise InvalidParameterValue(
            f"Iops to volume size ratio of {iops / size:.6f} is too high; maximum is "
            f"{kind.iops_per_gib}"
        )
    return iops


def _own_iops(name: str, size: int) -> int | None:
    """gp2 earns 3 IOPS a GiB; the others are not measured in IOPS."""
    return min(max(100, 3 * size), 16000) if name == "gp2" else None


def _throughput(kind: VolumeType, throughput: int | None) -> int | None:
    if kind.throughput is None:
        if throughput is not None:
            raise InvalidParameterCombination(
                f"The parameter throughput is not supported for {kind.name} volumes."
            )
        return None
    low, high = kind.throughput
    if throughput is None:
        return low
    if not low <= throughput <= high:
        raise InvalidParameterValue(
            f"Throughput of {throughput} MiBps is invalid; must be between {low} and {high} MiBps."
        )
    return throughput
