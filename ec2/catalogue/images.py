"""The public images of the lab, the same in every region under an id of that region's own.

`runs` says what a guest of this lab really starts from an image; the others go through the same
life, simulated, as the console says beside them.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

# Whom AWS's console calls "Amazon", and the publishers that it calls verified.
AMAZON = "137112412989"
CANONICAL = "099720109477"
DEBIAN = "136693071363"
MICROSOFT = "801119661308"


@dataclass(frozen=True, slots=True)
class PublicImage:
    """tile: the Quick Start tile. user_name: whom SSH signs in. size: GiB of the root volume.

    runs: a Linux guest can really start from it; else the image is simulated only.
    """

    name: str
    title: str
    tile: str
    owner_id: str
    owner_alias: str
    architecture: str
    user_name: str
    root_device_name: str
    size: int
    created_at: datetime
    platform: str = ""
    platform_details: str = "Linux/UNIX"
    usage_operation: str = "RunInstances"
    boot_mode: str = "uefi-preferred"
    imds_support: str = ""
    is_free_tier: bool = True
    runs: bool = True

    def image_id(self, region: str) -> str:
        digest = hashlib.sha256(f"{region}/{self.name}".encode()).hexdigest()
        return f"ami-{digest[:17]}"

    def snapshot_id(self, region: str) -> str:
        digest = hashlib.sha256(f"{region}/{self.name}/snapshot".encode()).hexdigest()
        return f"snap-{digest[:17]}"


def _linux(
    name: str,
    title: str,
    tile: str,
    owner: tuple[str, str],
    architecture: str,
    user: str,
    device: str,
    created: tuple[int, int, int],
    imds: str = "",
) -> PublicImage:
    return PublicImage(
        name=name, title=title, tile=tile, owner_id=owner[0], owner_alias=owner[1],
        architecture=architecture, user_name=user, root_device_name=device, size=8,
        created_at=datetime(*created, tzinfo=UTC), imds_support=imds,
        boot_mode="uefi-preferred" if architecture == "x86_64" else "uefi",
    )  # fmt: skip


_AMAZON, _CANONICAL, _DEBIAN = (AMAZON, "amazon"), (CANONICAL, ""), (DEBIAN, "")
IMAGES = (
    _linux("al2023-ami-2023.9.20261110.0-kernel-6.12-x86_64", "Amazon Linux 2023 (lab image)",
           "amazon-linux", _AMAZON, "x86_64", "ec2-user", "/dev/xvda", (2026, 11, 10), "v2.0"),
    _linux("al2023-ami-2023.9.20261110.0-kernel-6.12-arm64", "Amazon Linux 2023 (lab image)",
           "amazon-linux", _AMAZON, "arm64", "ec2-user", "/dev/xvda", (2026, 11, 10), "v2.0"),
    _linux("ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20261105",
           "Ubuntu Server 24.04 LTS", "ubuntu", _CANONICAL, "x86_64", "ubuntu", "/dev/sda1",
           (2026, 11, 5)),
    _linux("ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-20261105",
           "Ubuntu Server 24.04 LTS", "ubuntu", _CANONICAL, "arm64", "ubuntu", "/dev/sda1",
           (2026, 11, 5)),
    _linux("ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-20261028",
           "Ubuntu Server 22.04 LTS", "ubuntu", _CANONICAL, "x86_64", "ubuntu", "/dev/sda1",
           (2026, 10, 28)),
    _linux("debian-13-amd64-20261101-2283", "Debian 13", "debian", _DEBIAN, "x86_64", "admin",
           "/dev/xvda", (2026, 11, 1)),
    _linux("debian-13-arm64-20261101-2283", "Debian 13", "debian", _DEBIAN, "arm64", "admin",
           "/dev/xvda", (2026, 11, 1)),
    _linux("debian-12-amd64-20261012-2263", "Debian 12", "debian", _DEBIAN, "x86_64", "admin",
           "/dev/xvda", (2026, 10, 12)),
    PublicImage(
        name="Windows_Server-2025-English-Full-Base-2026.11.11",
        title="Microsoft Windows Server 2025 Base", tile="windows", owner_id=MICROSOFT,
        owner_alias="amazon", architecture="x86_64", user_name="Administrator",
        root_device_name="/dev/sda1", size=30, created_at=datetime(2026, 11, 11, tzinfo=UTC),
        platform="windows", platform_details="Windows", usage_operation="RunInstances:0002",
        boot_mode="uefi", runs=False,
    ),
    PublicImage(
        name="Windows_Server-2022-English-Full-Base-2026.11.11",
        title="Microsoft Windows Server 2022 Base", tile="windows", owner_id=MICROSOFT,
        owner_alias="amazon", architecture="x86_64", user_name="Administrator",
        root_device_name="/dev/sda1", size=30, created_at=datetime(2026, 11, 11, tzinfo=UTC),
        platform="windows", platform_details="Windows", usage_operation="RunInstances:0002",
        boot_mode="legacy-bios", runs=False,
    ),
    PublicImage(
        name="amzn-ec2-macos-15.7-20261102-arm64", title="macOS Sequoia 15", tile="macos",
        owner_id=AMAZON, owner_alias="amazon", architecture="arm64_mac", user_name="ec2-user",
        root_device_name="/dev/sda1", size=100, created_at=datetime(2026, 11, 2, tzinfo=UTC),
        boot_mode="uefi", is_free_tier=False, runs=False,
    ),
)  # fmt: skip


@cache
def in_region(region: str) -> dict[str, PublicImage]:
    """Image id → image."""
    return {image.image_id(region): image for image in IMAGES}


@cache
def snapshots(region: str) -> dict[str, PublicImage]:
    """Snapshot id → the image whose root volume it holds."""
    return {image.snapshot_id(region): image for image in IMAGES}
