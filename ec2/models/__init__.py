"""EC2's tables, one file per family of nouns."""

from ec2.models.acls import LAST_ENTRY, NetworkAcl, NetworkAclEntry
from ec2.models.gateways import (
    FlowLog,
    ManagedPrefixList,
    NatGateway,
    VpcEndpoint,
    VpcPeeringConnection,
)
from ec2.models.instances import (
    STATE_CODES,
    Instance,
    KeyPair,
    LaunchTemplate,
    LaunchTemplateVersion,
    PlacementGroup,
)
from ec2.models.interfaces import ElasticIp, NetworkInterface, PrivateAddress
from ec2.models.resource import Resource
from ec2.models.routes import (
    EgressOnlyInternetGateway,
    InternetGateway,
    Route,
    RouteTable,
    RouteTableAssociation,
)
from ec2.models.security_groups import SecurityGroup, SecurityGroupRule
from ec2.models.storage import Image, Snapshot, Volume, VolumeAttachment, VolumeModification
from ec2.models.vpcs import DhcpOptions, RegionSettings, Subnet, Vpc

__all__ = [
    "LAST_ENTRY",
    "STATE_CODES",
    "DhcpOptions",
    "EgressOnlyInternetGateway",
    "ElasticIp",
    "FlowLog",
    "Image",
    "Instance",
    "InternetGateway",
    "KeyPair",
    "LaunchTemplate",
    "LaunchTemplateVersion",
    "ManagedPrefixList",
    "NatGateway",
    "NetworkAcl",
    "NetworkAclEntry",
    "NetworkInterface",
    "PlacementGroup",
    "PrivateAddress",
    "RegionSettings",
    "Resource",
    "Route",
    "RouteTable",
    "RouteTableAssociation",
    "SecurityGroup",
    "SecurityGroupRule",
    "Snapshot",
    "Subnet",
    "Volume",
    "VolumeAttachment",
    "VolumeModification",
    "Vpc",
    "VpcEndpoint",
    "VpcPeeringConnection",
]
