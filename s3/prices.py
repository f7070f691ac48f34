"""List prices of S3, for hints beside what a class stores: never a bill.

US dollars without tax, the first tier of each, as AWS documented them on PRICED_ON.
AWS: https://aws.amazon.com/s3/pricing/
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PRICED_ON = date(2025, 12, 1)
SOURCE = "https://aws.amazon.com/s3/pricing/"
GIB = 1024**3
HOME_REGION = "ap-northeast-2"


@dataclass(frozen=True, slots=True)
class StorageClass:
    """minimum_days, minimum_kib: what an object is charged for at least."""

    name: str
    label: Promise | str
    use: Promise
    minimum_days: int = 0
    minimum_kib: int = 0


STORAGE_CLASSES = (
    StorageClass("STANDARD", _("Standard"), _("Read often")),
    StorageClass("INTELLIGENT_TIERING", _("Intelligent-Tiering"), _("Read at changing rates")),
    StorageClass("STANDARD_IA", _("Standard-IA"), _("Read once a month, at once"), 30, 128),
    StorageClass("ONEZONE_IA", _("One Zone-IA"), _("Can be made again; one zone"), 30, 128),
    StorageClass("GLACIER_IR", _("Glacier Instant Retrieval"), _("Read once a quarter"), 90, 128),
    StorageClass("GLACIER", _("Glacier Flexible Retrieval"), _("Archive: minutes to hours"), 90),
    StorageClass("DEEP_ARCHIVE", _("Glacier Deep Archive"), _("Archive: within 12 hours"), 180),
    StorageClass("REDUCED_REDUNDANCY", _("Reduced redundancy"), _("Not recommended")),
)
BY_NAME = {one.name: one for one in STORAGE_CLASSES}
# Region → storage class → dollars for a GB and month.
PER_GB_MONTH: Mapping[str, Mapping[str, Decimal]] = {
    "ap-northeast-2": {
        "STANDARD": Decimal("0.025"),
        "INTELLIGENT_TIERING": Decimal("0.025"),
        "STANDARD_IA": Decimal("0.0138"),
        "ONEZONE_IA": Decimal("0.011"),
        "GLACIER_IR": Decimal("0.005"),
        "GLACIER": Decimal("0.0045"),
        "DEEP_ARCHIVE": Decimal("0.002"),
    },
    "us-east-1": {
        "STANDARD": Decimal("0.023"),
        "INTELLIGENT_TIERING": Decimal("0.023"),
        "STANDARD_IA": Decimal("0.0125"),
        "ONEZONE_IA": Decimal("0.01"),
        "GLACIER_IR": Decimal("0.004"),
        "GLACIER": Decimal("0.0036"),
        "DEEP_ARCHIVE": Decimal("0.00099"),
        "REDUCED_REDUNDANCY": Decimal("0.024"),
    },
}


def region_of(region: str) -> str:
    """The region whose prices stand for another's."""
    return region if region in PER_GB_MONTH else HOME_REGION


def monthly(storage_class: str, size: int, region: str) -> Decimal | None:
    """Dollars for a month of bytes, None without a price; requests and transfer cost extra."""
    price = PER_GB_MONTH[region_of(region)].get(storage_class)
    return None if price is None else price * size / GIB


def shown(dollars: Decimal) -> str:
    """$12.34; less than a cent is said so."""
    return "< $0.01" if 0 < dollars < Decimal("0.01") else f"${dollars:,.2f}"
