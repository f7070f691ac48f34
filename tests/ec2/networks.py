"""A small network for tests of the pure functions: one VPC, a public and a private subnet."""

from dataclasses import replace
from ipaddress import IPv4Address, ip_network
from typing import Any

from ec2.network.rules import AclEntry, GroupRule, Packet, RouteEntry
from ec2.network.topology import Interface, NatGateway, Subnet, Topology

EVERYWHERE = ip_network("0.0.0.0/0")
WORLD = IPv4Address("8.8.8.8")
WEB, WEB_PUBLIC = IPv4Address("10.0.1.10"), IPv4Address("52.78.1.1")
DATABASE = IPv4Address("10.0.2.10")


def group_rule(direction: str, protocol: str = "-1", port: int = -1, **more: Any) -> GroupRule:
    more.setdefault("cidr", EVERYWHERE if "peer_group" not in more else None)
    return GroupRule(
        rule_id=more.pop("rule_id", f"sgr-{direction}"),
        group_id=more.pop("group_id", "sg-web"),
        direction=direction,  # type: ignore[arg-type]
        protocol=protocol,
        from_port=port,
        to_port=more.pop("to_port", port),
        **more,
    )


def open_acl(acl_id: str = "acl-1") -> tuple[AclEntry, ...]:
    return tuple(
        entry
        for direction in ("ingress", "egress")
        for entry in (
            AclEntry(acl_id, 100, direction, "-1", EVERYWHERE, allows=True),
            AclEntry(acl_id, 32767, direction, "-1", EVERYWHERE, allows=False),
        )
    )


def network(**overrides: Any) -> Topology:
    """The web server is public and open on port 80; the database lets the web group in on 5432."""
    local = RouteEntry("rtb-public", (ip_network("10.0.0.0/16"),), "local")
    web = Interface(
        "eni-web", "subnet-public", "vpc-1", (WEB,), ("sg-web",), {WEB: WEB_PUBLIC}, "i-web"
    )
    database = Interface("eni-db", "subnet-private", "vpc-1", (DATABASE,), ("sg-db",), {}, "i-db")
    topology = Topology(
        interfaces={"eni-web": web, "eni-db": database},
        subnets={
            "subnet-public": Subnet("subnet-public", "vpc-1", "rtb-public", "acl-1"),
            "subnet-private": Subnet("subnet-private", "vpc-1", "rtb-private", "acl-2"),
        },
        route_tables={
            "rtb-public": (local, RouteEntry("rtb-public", (EVERYWHERE,), "igw-1")),
            "rtb-private": (
                replace(local, route_table_id="rtb-private"),
                RouteEntry("rtb-private", (EVERYWHERE,), "nat-1"),
            ),
        },
        acls={"acl-1": open_acl(), "acl-2": open_acl("acl-2")},
        groups={
            "sg-web": (group_rule("ingress", "tcp", 80), group_rule("egress")),
            "sg-db": (
                group_rule("ingress", "tcp", 5432, peer_group="sg-web", group_id="sg-db"),
                group_rule("egress", group_id="sg-db"),
            ),
        },
        internet_gateways={"igw-1": "vpc-1"},
        nat_gateways={
            "nat-1": NatGateway(
                "nat-1", "subnet-public", IPv4Address("10.0.1.200"), IPv4Address("52.78.9.9")
            )
        },
        vpc_blocks={"vpc-1": (ip_network("10.0.0.0/16"),)},
    )
    return replace(topology, **overrides)


def packet(source: Any, destination: Any, port: int, protocol: str = "tcp") -> Packet:
    return Packet(protocol, source, destination, port)
