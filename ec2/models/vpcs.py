from ipaddress import IPv4Network
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from aws.models import RegionOwned
from aws.tags import as_list
from ec2.models.resource import Resource, vpc_arn


class DhcpOptions(Resource):
    """configurations: {"domain-name-servers": ["AmazonProvidedDNS"], …}"""

    PREFIX, KIND, NOUN, ERROR = "dopt", "dhcp-options", "dhcpOption", "DhcpOptionID"

    configurations = models.JSONField(default=dict)
    is_default = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("DHCP option set")
        verbose_name_plural = _("DHCP option sets")


class Vpc(Resource):
    """cidr_associations: [{"AssociationId", "CidrBlock"}], the primary block first.

    dhcp_options: None for "default", which turns automatic options off.
    """

    PREFIX, KIND, NOUN, ERROR = "vpc", "vpc", "vpc", "VpcID"

    state = models.CharField(max_length=10, default="available")
    cidr_block = models.CharField(max_length=18)
    cidr_associations = models.JSONField(default=list)
    dhcp_options = models.ForeignKey(
        DhcpOptions, null=True, on_delete=models.PROTECT, related_name="vpcs"
    )
    instance_tenancy = models.CharField(max_length=10, default="default")
    is_default = models.BooleanField(default=False)
    enable_dns_support = models.BooleanField(default=True)
    enable_dns_hostnames = models.BooleanField(default=False)
    enable_network_address_usage_metrics = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("VPC")
        verbose_name_plural = _("VPCs")
        indexes = [models.Index(fields=["account", "region", "resource_id"], name="ec2_vpc_scope")]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "region"],
                condition=models.Q(is_default=True),
                name="ec2_one_default_vpc",
            )
        ]

    def as_aws(self) -> dict[str, Any]:
        """An item of DescribeVpcs."""
        return {
            "VpcId": self.resource_id,
            "OwnerId": self.account_id,
            "State": self.state,
            "CidrBlock": self.cidr_block,
            "CidrBlockAssociationSet": [
                {**one, "CidrBlockState": {"State": "associated"}} for one in self.cidr_associations
            ],
            "Ipv6CidrBlockAssociationSet": [],
            "DhcpOptionsId": self.dhcp_options.resource_id if self.dhcp_options else "default",
            "InstanceTenancy": self.instance_tenancy,
            "IsDefault": self.is_default,
            "Tags": as_list(self.tags),
        }

    @property
    def blocks(self) -> list[IPv4Network]:
        """Every IPv4 block, the primary one first."""
        return [IPv4Network(one["CidrBlock"]) for one in self.cidr_associations]


class Subnet(Resource):
    """acl_association_id: "aclassoc-…", of the network ACL that it has now."""

    PREFIX, KIND, NOUN, ERROR = "subnet", "subnet", "subnet", "SubnetID"

    vpc = models.ForeignKey(Vpc, on_delete=models.PROTECT, related_name="subnets")
    state = models.CharField(max_length=10, default="available")
    cidr_block = models.CharField(max_length=18)
    availability_zone = models.CharField(max_length=24)
    availability_zone_id = models.CharField(max_length=24)
    is_default = models.BooleanField(default=False)
    map_public_ip_on_launch = models.BooleanField(default=False)
    private_dns_options = models.JSONField(default=dict)
    network_acl = models.ForeignKey(
        "ec2.NetworkAcl", on_delete=models.PROTECT, related_name="subnets"
    )
    acl_association_id = models.CharField(max_length=32)

    class Meta:
        verbose_name = _("subnet")
        verbose_name_plural = _("subnets")
        indexes = [
            models.Index(fields=["account", "region", "resource_id"], name="ec2_subnet_scope")
        ]

    @property
    def block(self) -> IPv4Network:
        return IPv4Network(self.cidr_block)

    def conditions(self) -> dict[str, Any]:
        return {"ec2:Vpc": vpc_arn(self), "ec2:AvailabilityZone": self.availability_zone}


class RegionSettings(RegionOwned):
    """What an account has set for one region, and that its default VPC was made.

    settings: by AWS's names, such as {"EbsEncryptionByDefault": true}.
    """

    settings = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "region"], name="ec2_region_settings")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.region}"
