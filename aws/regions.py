"""Regions and availability zones of the `aws` partition that a lab offers."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DEFAULT_REGION = "ap-northeast-2"
# Where AWS files the events and the signatures of services without a region.
GLOBAL_REGION = "us-east-1"


@dataclass(frozen=True)
class Region:
    """name: "ap-northeast-2". group: heading of the region selector. zone_prefix: "apne2"."""

    name: str
    label: str | Promise
    group: str | Promise
    zone_prefix: str
    zone_letters: str

    @property
    def zones(self) -> list[tuple[str, str]]:
        """(zone name, zone id) pairs: ("ap-northeast-2a", "apne2-az1")."""
        return [
            (f"{self.name}{letter}", f"{self.zone_prefix}-az{number}")
            for number, letter in enumerate(self.zone_letters, start=1)
        ]


REGIONS = (
    Region("us-east-1", _("US East (N. Virginia)"), _("United States"), "use1", "abcdef"),
    Region("us-east-2", _("US East (Ohio)"), _("United States"), "use2", "abc"),
    Region("us-west-1", _("US West (N. California)"), _("United States"), "usw1", "ab"),
    Region("us-west-2", _("US West (Oregon)"), _("United States"), "usw2", "abcd"),
    Region("ap-south-1", _("Asia Pacific (Mumbai)"), _("Asia Pacific"), "aps1", "abc"),
    Region("ap-northeast-3", _("Asia Pacific (Osaka)"), _("Asia Pacific"), "apne3", "abc"),
    Region("ap-northeast-2", _("Asia Pacific (Seoul)"), _("Asia Pacific"), "apne2", "abcd"),
    Region("ap-southeast-1", _("Asia Pacific (Singapore)"), _("Asia Pacific"), "apse1", "abc"),
    Region("ap-southeast-2", _("Asia Pacific (Sydney)"), _("Asia Pacific"), "apse2", "abc"),
    Region("ap-northeast-1", _("Asia Pacific (Tokyo)"), _("Asia Pacific"), "apne1", "acd"),
    Region("ca-central-1", _("Canada (Central)"), _("Canada"), "cac1", "abd"),
    Region("eu-central-1", _("Europe (Frankfurt)"), _("Europe"), "euc1", "abc"),
    Region("eu-west-1", _("Europe (Ireland)"), _("Europe"), "euw1", "abc"),
    Region("eu-west-2", _("Europe (London)"), _("Europe"), "euw2", "abc"),
    Region("eu-west-3", _("Europe (Paris)"), _("Europe"), "euw3", "abc"),
    Region("eu-north-1", _("Europe (Stockholm)"), _("Europe"), "eun1", "abc"),
    Region("sa-east-1", _("South America (Sao Paulo)"), _("South America"), "sae1", "abc"),
)
BY_NAME = {region.name: region for region in REGIONS}
