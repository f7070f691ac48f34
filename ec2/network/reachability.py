"""May this packet pass? The way of one packet and of its answer, place by place.

`reach` walks from a source to a destination over routes, network ACLs and security groups and
answers each place that decided, with the rule that decided. It stops at the first that blocks. The
answer's way is walked as well: network ACLs know no connections, and without a route back nothing
is heard.
AWS: https://docs.aws.amazon.com/vpc/latest/reachability/what-is-reachability-analyzer.html
"""

from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Literal, NoReturn

from ec2.network.rules import (
    AclEntry,
    Direction,
    GroupRule,
    Packet,
    RouteEntry,
    decide_acl,
    decide_groups,
    find_route,
)
from ec2.network.topology import Interface, Topology

Reason = Literal[
    "",
    "no-route",
    "blackhole",
    "no-internet-gateway",
    "no-public-address",
    "gateway-detached",
    "acl-denies",
    "no-rule-allows",
    "interface-down",
    "no-such-address",
    "nat-unavailable",
    "peering-inactive",
    "unsupported-target",
    "private-address",
]
Kind = Literal[
    "internet",
    "instance",
    "interface",
    "security-group",
    "network-acl",
    "route-table",
    "internet-gateway",
    "nat-gateway",
    "peering",
    "local",
]


@dataclass(frozen=True, slots=True)
class Hop:
    """One place on the way. resource_id: AWS's id, "" for the internet.

    rule: what decided there, if something did. on_reply: on the way back.
    """

    kind: Kind
    resource_id: str
    packet: Packet
    reason: Reason = ""
    rule: GroupRule | AclEntry | RouteEntry | None = None
    direction: Direction | None = None
    on_reply: bool = False
    interface_id: str = ""

    @property
    def blocks(self) -> bool:
        return self.reason != ""


@dataclass(slots=True)
class Path:
    """hops: in the packet's order. destination: where it arrived."""

    hops: list[Hop] = field(default_factory=list)
    destination: Interface | None = None

    @property
    def is_reachable(self) -> bool:
        return bool(self.hops) and not self.hops[-1].blocks

    @property
    def blocked_at(self) -> Hop | None:
        return self.hops[-1] if self.hops and self.hops[-1].blocks else None


class _Blocked(Exception):
    """The walk has ended; the last hop says why."""


def reach(topology: Topology, packet: Packet, source: Interface | None = None) -> Path:
    """The path of a packet, from an interface or, without one, from the internet.

    packet.destination: as the sender writes it: a private address, or a public one.
    """
    walk = _Walk(topology)
    try:
        if source is None:
            walk.from_internet(packet)
        else:
            walk.from_interface(source, packet)
    except _Blocked:
        pass
    return walk.path


class _Walk:
    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.path = Path()
        self.on_reply = False

    # --- Ways ---------------------------------------------------------------------------------
    def from_internet(self, packet: Packet) -> None:
        self._pass("internet", "", packet)
        target = self.topology.interface_behind(packet.destination)
        if target is None:
            reason: Reason = (
                "no-public-address" if packet.destination.is_global else ("private-address")
            )
            self._block("internet-gateway", "", packet, reason)
        gateway = self._gateway(target, packet)
        self._pass("internet-gateway", gateway, packet)
        private = target.private_of(packet.destination)
        assert private is not None  # noqa: S101 - interface_behind found it by this address
        inner = packet.with_destination(private)
        self._enter(target, inner, peer=None, crosses=True)
        self._reply_to_internet(target, inner.reply())

    def from_interface(self, source: Interface, packet: Packet) -> None:
        self._pass(*_name(source), packet, interface_id=source.interface_id)
        if not source.is_up:
            self._block(*_name(source), packet, "interface-down")
        near = self.topology.interface_at(source.vpc_id, packet.destination)
        if near is not None and near.subnet_id == source.subnet_id:
            self._leave(source, packet, near)
            self._enter(near, packet, peer=source, crosses=False)
            return
        self._leave(source, packet, near)
        route = self._route(source.subnet_id, packet)
        self._acl(source.subnet_id, "egress", packet)
        self._follow(route, source, packet)

    def _follow(self, route: RouteEntry, source: Interface, packet: Packet) -> None:
        kind = route.target.partition("-")[0]
        if route.target == "local":
            self._to_local(source, packet)
        elif kind == "igw":
            self._to_internet_gateway(route.target, source, packet)
        elif kind == "nat":
            self._to_nat(route.target, source, packet)
        elif kind == "pcx":
            self._to_peer(route.target, source, packet)
        elif kind == "eni":
            self._to_appliance(route.target, source, packet)
        else:
            self._block("route-table", route.route_table_id, packet, "unsupported-target", route)

    def _to_local(self, source: Interface, packet: Packet) -> None:
        target = self.topology.interface_at(source.vpc_id, packet.destination)
        if target is None:
            self._block("local", source.vpc_id, packet, "no-such-address")
        self._enter(target, packet, peer=source, crosses=True)
        self._reply_between(target, source, packet.reply())

    def _to_internet_gateway(self, gateway: str, source: Interface, packet: Packet) -> None:
        if self.topology.internet_gateways.get(gateway) != source.vpc_id:
            self._block("internet-gateway", gateway, packet, "gateway-detached")
        public = source.public.get(IPv4Address(int(packet.source)))
        if public is None:
            self._block("internet-gateway", gateway, packet, "no-public-address")
        self._pass("internet-gateway", gateway, packet)
        outside = packet.with_source(public)
        self._pass("internet", "", outside)
        inside = self.topology.interface_behind(packet.destination)
        if inside is not None:
            # Back in by another interface's public address.
            private = inside.private_of(packet.destination)
            assert private is not None  # noqa: S101 - found by this address
            self._pass("internet-gateway", self._gateway(inside, packet), outside)
            self._enter(inside, outside.with_destination(private), peer=None, crosses=True)
            return
        self.on_reply = True
        self._acl(source.subnet_id, "ingress", packet.reply())

    def _to_nat(self, nat_id: str, source: Interface, packet: Packet) -> None:
        nat = self.topology.nat_gateways.get(nat_id)
        if nat is None or not nat.is_up:
            self._block("nat-gateway", nat_id, packet, "nat-unavailable")
        self._acl(nat.subnet_id, "ingress", packet)
        self._pass("nat-gateway", nat_id, packet)
        sent = packet.with_source(nat.address)
        route = self._route(nat.subnet_id, sent)
        self._acl(nat.subnet_id, "egress", sent)
        if not route.target.startswith("igw-"):
            self._block("route-table", route.route_table_id, sent, "no-internet-gateway", route)
        vpc_id = self.topology.subnets[nat.subnet_id].vpc_id
        if self.topology.internet_gateways.get(route.target) != vpc_id:
            self._block("internet-gateway", route.target, sent, "gateway-detached")
        if nat.public is None:
            self._block("internet-gateway", route.target, sent, "no-public-address")
        self._pass("internet-gateway", route.target, sent)
        self._pass("internet", "", sent.with_source(nat.public))
        self.on_reply = True
        self._acl(nat.subnet_id, "ingress", sent.reply())
        self._acl(nat.subnet_id, "egress", packet.reply())
        self._acl(source.subnet_id, "ingress", packet.reply())

    def _to_peer(self, peering_id: str, source: Interface, packet: Packet) -> None:
        peering = self.topology.peerings.get(peering_id)
        if peering is None or not peering.is_active or source.vpc_id not in peering.vpc_ids:
            self._block("peering", peering_id, packet, "peering-inactive")
        self._pass("peering", peering_id, packet)
        first, second = peering.vpc_ids
        other = second if source.vpc_id == first else first
        target = self.topology.interface_at(other, packet.destination)
        if target is None:
            self._block("peering", peering_id, packet, "no-such-address")
        self._enter(target, packet, peer=source, crosses=True)
        self._reply_between(target, source, packet.reply())

    def _to_appliance(self, interface_id: str, source: Interface, packet: Packet) -> None:
        """A route to an interface: only one that forwards (no source check) takes the packet."""
        appliance = self.topology.interfaces.get(interface_id)
        if appliance is None or not appliance.is_up:
            self._block("interface", interface_id, packet, "interface-down")
        if appliance.checks_source and packet.destination not in appliance.addresses:
            self._block("interface", interface_id, packet, "unsupported-target")
        self._enter(appliance, packet, peer=source, crosses=True)

    # --- Ways back ------------------------------------------------------------------------------
    def _reply_to_internet(self, target: Interface, reply: Packet) -> None:
        self.on_reply = True
        route = self._route(target.subnet_id, reply)
        self._acl(target.subnet_id, "egress", reply)
        if not route.target.startswith("igw-"):
            self._block("route-table", route.route_table_id, reply, "no-internet-gateway", route)

    def _reply_between(self, target: Interface, source: Interface, reply: Packet) -> None:
        self.on_reply = True
        if target.subnet_id == source.subnet_id:
            return
        self._route(target.subnet_id, reply)
        self._acl(target.subnet_id, "egress", reply)
        self._acl(source.subnet_id, "ingress", reply)

    # --- Places -----------------------------------------------------------------------------------
    def _leave(self, source: Interface, packet: Packet, peer: Interface | None) -> None:
        self._groups(source, "egress", packet, peer)

    def _enter(
        self, target: Interface, packet: Packet, *, peer: Interface | None, crosses: bool
    ) -> None:
        """crosses: from another subnet, so that the network ACL is asked."""
        if crosses:
            self._acl(target.subnet_id, "ingress", packet)
        self._groups(target, "ingress", packet, peer)
        if not target.is_up:
            self._block(*_name(target), packet, "interface-down")
        self._pass(*_name(target), packet, interface_id=target.interface_id)
        self.path.destination = target

    def _groups(
        self, own: Interface, direction: Direction, packet: Packet, peer: Interface | None
    ) -> None:
        rule = decide_groups(
            self.topology.rules_of(own), direction, packet, peer.group_ids if peer else ()
        )
        group_id = rule.group_id if rule else next(iter(own.group_ids), "")
        self._add(
            Hop(
                "security-group",
                group_id,
                packet,
                "" if rule else "no-rule-allows",
                rule,
                direction,
                self.on_reply,
                own.interface_id,
            )
        )

    def _acl(self, subnet_id: str, direction: Direction, packet: Packet) -> None:
        acl_id = self.topology.subnets[subnet_id].acl_id
        entry = decide_acl(self.topology.acls.get(acl_id, ()), direction, packet)
        allows = entry is not None and entry.allows
        self._add(
            Hop(
                "network-acl",
                acl_id,
                packet,
                "" if allows else "acl-denies",
                entry,
                direction,
                self.on_reply,
            )
        )

    def _route(self, subnet_id: str, packet: Packet) -> RouteEntry:
        table_id = self.topology.subnets[subnet_id].route_table_id
        route = find_route(self.topology.route_tables.get(table_id, ()), packet.destination)
        if route is None:
            self._block("route-table", table_id, packet, "no-route")
        if route.is_blackhole:
            self._block("route-table", table_id, packet, "blackhole", route)
        self._add(Hop("route-table", table_id, packet, "", route, None, self.on_reply))
        return route

    def _gateway(self, target: Interface, packet: Packet) -> str:
        gateway = self.topology.gateway_of(target.vpc_id)
        if not gateway:
            self._block("internet-gateway", "", packet, "no-internet-gateway")
        return gateway

    # --- Hops -------------------------------------------------------------------------------------
    def _pass(
        self, kind: Kind, resource_id: str, packet: Packet, *, interface_id: str = ""
    ) -> None:
        self._add(Hop(kind, resource_id, packet, on_reply=self.on_reply, interface_id=interface_id))

    def _block(
        self,
        kind: Kind,
        resource_id: str,
        packet: Packet,
        reason: Reason,
        rule: GroupRule | AclEntry | RouteEntry | None = None,
    ) -> NoReturn:
        self._add(Hop(kind, resource_id, packet, reason, rule, None, self.on_reply))
        raise AssertionError("a blocking hop ends the walk")

    def _add(self, hop: Hop) -> None:
        self.path.hops.append(hop)
        if hop.blocks:
            raise _Blocked


def _name(interface: Interface) -> tuple[Kind, str]:
    if interface.instance_id:
        return "instance", interface.instance_id
    return "interface", interface.interface_id
