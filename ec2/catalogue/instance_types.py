"""Instance types: `find("t3.micro")`, `ALL`. Read from `instance_types.csv` beside this file.

vCPU, memory and network: AWS's instance type pages. Prices: on-demand, Linux and Windows, in USD an
hour. Source and date of both are in its first lines.
AWS: https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

# Families that earn and spend CPU credits, and how many vCPUs' worth they have at rest.
BURSTABLE = ("t2", "t3", "t3a", "t4g")


@dataclass(frozen=True, slots=True)
class InstanceType:
    """memory: MiB. prices: region → USD an hour for Linux; windows likewise, {} for none.

    storage: GB of instance storage, 0 for none. max_interfaces, addresses_per_interface: AWS's
    limits per type.
    """

    name: str
    vcpus: int
    cores: int
    memory: int
    architectures: tuple[str, ...]
    network: str
    processor: str
    clock_ghz: str
    storage: int
    gpus: int
    gpu: str
    max_interfaces: int
    addresses_per_interface: int
    is_current: bool
    is_free_tier: bool
    hypervisor: str
    prices: Mapping[str, Decimal]
    windows_prices: Mapping[str, Decimal]

    @property
    def family(self) -> str:
        return self.name.partition(".")[0]

    @property
    def is_burstable(self) -> bool:
        return self.family in BURSTABLE

    @property
    def is_bare_metal(self) -> bool:
        return self.hypervisor == ""

    def price(self, region: str, *, windows: bool = False) -> Decimal | None:
        """USD an hour, None where the table has no price for the region."""
        return (self.windows_prices if windows else self.prices).get(region)


@cache
def table() -> Mapping[str, InstanceType]:
    with (Path(__file__).parent / "instance_types.csv").open(newline="") as file:
        rows = (line for line in file if not line.startswith("#"))
        return {row["name"]: _read(row) for row in csv.DictReader(rows)}


def find(name: str) -> InstanceType | None:
    return table().get(name)


def _read(row: Mapping[str, str]) -> InstanceType:
    return InstanceType(
        name=row["name"],
        vcpus=int(row["vcpus"]),
        cores=int(row["cores"]),
        memory=int(float(row["memory_gib"]) * 1024),
        architectures=tuple(row["architectures"].split()),
        network=row["network"],
        processor=row["processor"],
        clock_ghz=row["clock_ghz"],
        storage=int(row["storage_gb"] or 0),
        gpus=int(row["gpus"] or 0),
        gpu=row["gpu"],
        max_interfaces=int(row["max_interfaces"]),
        addresses_per_interface=int(row["addresses_per_interface"]),
        is_current=row["is_current"] == "yes",
        is_free_tier=row["is_free_tier"] == "yes",
        hypervisor=row["hypervisor"],
        prices=_prices(row, "linux"),
        windows_prices=_prices(row, "windows"),
    )


def _prices(row: Mapping[str, str], system: str) -> dict[str, Decimal]:
    columns = {region: row[f"{system}_{region}"] for region in ("us-east-1", "ap-northeast-2")}
    return {region: Decimal(price) for region, price in columns.items() if price}
