"""What one place decides about one packet: a security group, a network ACL, a route table.

Security groups are stateful and only allow: any matching rule is enough, and answers to what was
let through pass unasked. Network ACLs are stateless and ordered: the first match decides, the last
rule denies. Routes: the longest prefix wins.
AWS: https://docs.aws.amazon.com/vpc/latest/userguide/infrastructure-security.html
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Literal

from ec2.network.cidr import Network

Address = IPv4Address | IPv6Address
Direction = Literal["ingress", "egress"]
ANY_PROTOCOL = "-1"
# AWS takes any protocol number and answers these four by name.
PROTOCOL_NAMES = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
WITH_PORTS = ("tcp", "udp")
WITH_TYPES = ("icmp", "icmpv6")
# What a client's side of a connection uses on Linux, Windows and NAT gateways taken together.
EPHEMERAL_PORTS = (1024, 65535)
EPHEMERAL_PORT = 49_152


@dataclass(frozen=True, slots=True)
class Packet:
    """protocol: "tcp", "udp", "icmp", "icmpv6" or a number. For ICMP, port is the type and
    source_port the code.
    """

    protocol: str
    source: Address
    destination: Address
    port: int = 0
    source_port: int = EPHEMERAL_PORT

    def reply(self) -> "Packet":
        if self.protocol in WITH_TYPES:
            return Packet(self.protocol, self.destination, self.source, 0, 0)
        return Packet(self.protocol, self.destination, self.source, self.source_port, self.port)

    def with_source(self, source: Address) -> "Packet":
        """As a NAT gateway sends it on."""
        return Packet(self.protocol, source, self.destination, self.port, self.source_port)

    def with_destination(self, destination: Address) -> "Packet":
        """As an internet gateway hands it in."""
        return Packet(self.protocol, self.source, destination, self.port, self.source_port)


@dataclass(frozen=True, slots=True)
class GroupRule:
    """A security group's rule. ports: for ICMP (type, code); -1 is any.

    Its peer is one of: cidr, peer_group (an id), or prefix_list with its entries.
    """

    rule_id: str
    group_id: str
    direction: Direction
    protocol: str
    from_port: int = -1
    to_port: int = -1
    cidr: Network | None = None
    peer_group: str = ""
    prefix_list: str = ""
    entries: tuple[Network, ...] = ()

    def matches(self, packet: Packet, peer_groups: Iterable[str]) -> bool:
        """peer_groups: the groups of the interface at the other end, if there is one."""
        peer = packet.source if self.direction == "ingress" else packet.destination
        if not _covers(self.protocol, self.from_port, self.to_port, packet):
            return False
        if self.cidr is not None:
            return peer in self.cidr
        if self.prefix_list:
            return any(peer in entry for entry in self.entries)
        return self.peer_group in peer_groups


@dataclass(frozen=True, slots=True)
class AclEntry:
    """An entry of a network ACL. number: 1 to 32766, and 32767 of the closing denial."""

    acl_id: str
    number: int
    direction: Direction
    protocol: str
    cidr: Network
    allows: bool
    from_port: int = -1
    to_port: int = -1

    def matches(self, packet: Packet) -> bool:
        peer = packet.source if self.direction == "ingress" else packet.destination
        return peer in self.cidr and _covers(self.protocol, self.from_port, self.to_port, packet)


@dataclass(frozen=True, slots=True)
class RouteEntry:
    """A route. target: "local", "igw-…", "nat-…", "eni-…", "pcx-…", "vpce-…".

    destinations: one block, or the entries of a prefix list.
    """

    route_table_id: str
    destinations: tuple[Network, ...]
    target: str
    is_blackhole: bool = False

    def length(self, address: Address) -> int:
        """The longest prefix by which the route covers an address, -1 for none."""
        found = (block.prefixlen for block in self.destinations if address in block)
        return max(found, default=-1)


def decide_groups(
    rules: Iterable[GroupRule],
    direction: Direction,
    packet: Packet,
    peer_groups: Iterable[str] = (),
) -> GroupRule | None:
    """The rule that lets a packet through; None: nothing does."""
    groups = frozenset(peer_groups)
    for rule in rules:
        if rule.direction == direction and rule.matches(packet, groups):
            return rule
    return None


def decide_acl(
    entries: Sequence[AclEntry], direction: Direction, packet: Packet
) -> AclEntry | None:
    """The entry that decides, by number; None where not even the closing one is there."""
    of_direction = [entry for entry in entries if entry.direction == direction]
    for entry in sorted(of_direction, key=lambda entry: entry.number):
        if entry.matches(packet):
            return entry
    return None


def find_route(routes: Iterable[RouteEntry], destination: Address) -> RouteEntry | None:
    """The route with the longest matching prefix; a local one wins a tie."""
    best: RouteEntry | None = None
    best_key = (-1, False)
    for route in routes:
        key = (route.length(destination), route.target == "local")
        if key[0] >= 0 and key > best_key:
            best, best_key = route, key
    return best


def protocol_name(protocol: str) -> str:
    """ "6" and "TCP" → "tcp"; "all" → "-1"; other numbers stay."""
    text = protocol.strip().lower()
    return ANY_PROTOCOL if text == "all" else PROTOCOL_NAMES.get(text, text)


def _covers(protocol: str, from_port: int, to_port: int, packet: Packet) -> bool:
    if protocol == ANY_PROTOCOL:
        return True
    if protocol != packet.protocol:
        return False
    if protocol in WITH_PORTS:
        return from_port == -1 or from_port <= packet.port <= to_port
    if protocol in WITH_TYPES:
        return from_port in (-1, packet.port) and to_port in (-1, packet.source_port)
    return True
