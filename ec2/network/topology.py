"""A network as plain values: what reachability is asked of. `ec2.topology` reads it from the rows.

Every id is AWS's own ("subnet-…"), so that an answer can be shown, linked and acted upon.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from ec2.network.cidr import Network
from ec2.network.rules import AclEntry, Address, GroupRule, RouteEntry


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface. addresses: private ones, the primary first. public: private → public.

    is_up: False while its instance is not running.
    """

    interface_id: str
    subnet_id: str
    vpc_id: str
    addresses: tuple[IPv4Address, ...]
    group_ids: tuple[str, ...]
    public: Mapping[IPv4Address, IPv4Address] = field(default_factory=dict)
    instance_id: str = ""
    is_up: bool = True
    checks_source: bool = True

    @property
    def address(self) -> IPv4Address:
        return self.addresses[0]

    @property
    def public_address(self) -> IPv4Address | None:
        return next(iter(self.public.values()), None)

    def private_of(self, public: Address) -> IPv4Address | None:
        """The private address behind a public one."""
        return next((own for own, seen in self.public.items() if seen == public), None)


@dataclass(frozen=True, slots=True)
class Subnet:
    subnet_id: str
    vpc_id: str
    route_table_id: str
    acl_id: str


@dataclass(frozen=True, slots=True)
class NatGateway:
    """public: None for a private one. is_up: available."""

    nat_id: str
    subnet_id: str
    address: IPv4Address
    public: IPv4Address | None
    is_up: bool = True


@dataclass(frozen=True, slots=True)
class Peering:
    """A peering connection between two VPCs."""

    peering_id: str
    vpc_ids: tuple[str, str]
    is_active: bool


@dataclass(frozen=True)
class Topology:
    """Everything of an account's region that decides about packets.

    internet_gateways: id → VPC ("" while detached). vpc_blocks: VPC → its blocks.
    """

    interfaces: Mapping[str, Interface] = field(default_factory=dict)
    subnets: Mapping[str, Subnet] = field(default_factory=dict)
    route_tables: Mapping[str, tuple[RouteEntry, ...]] = field(default_factory=dict)
    acls: Mapping[str, tuple[AclEntry, ...]] = field(default_factory=dict)
    groups: Mapping[str, tuple[GroupRule, ...]] = field(default_factory=dict)
    internet_gateways: Mapping[str, str] = field(default_factory=dict)
    nat_gateways: Mapping[str, NatGateway] = field(default_factory=dict)
    peerings: Mapping[str, Peering] = field(default_factory=dict)
    vpc_blocks: Mapping[str, tuple[Network, ...]] = field(default_factory=dict)

    def rules_of(self, interface: Interface) -> tuple[GroupRule, ...]:
        return tuple(rule for one in interface.group_ids for rule in self.groups.get(one, ()))

    def gateway_of(self, vpc_id: str) -> str:
        """The internet gateway attached to a VPC, "" for none."""
        return next((one for one, vpc in self.internet_gateways.items() if vpc == vpc_id), "")

    def interface_at(self, vpc_id: str, address: Address) -> Interface | None:
        """The interface that has a private address in a VPC."""
        for interface in self.interfaces.values():
            if interface.vpc_id == vpc_id and address in interface.addresses:
                return interface
        return None

    def interface_behind(self, public: Address) -> Interface | None:
        """The interface that has a public address."""
        for interface in self.interfaces.values():
            if interface.private_of(public) is not None:
                return interface
        return None
