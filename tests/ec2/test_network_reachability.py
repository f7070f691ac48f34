"""Each place on the way decides as AWS says, and names what decided."""

from dataclasses import replace
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ec2.network.reachability import Path, reach
from ec2.network.rules import AclEntry, Packet, RouteEntry, decide_acl, decide_groups, find_route
from ec2.network.topology import Peering, Topology
from tests.ec2.networks import (
    DATABASE,
    EVERYWHERE,
    WEB,
    WEB_PUBLIC,
    WORLD,
    group_rule,
    network,
    open_acl,
    packet,
)


def from_world(topology: Topology, port: int = 80) -> Path:
    return reach(topology, packet(WORLD, WEB_PUBLIC, port))


def blocked(path: Path) -> tuple[str, str, bool]:
    """(kind, reason, on the way back)"""
    assert path.blocked_at is not None
    return path.blocked_at.kind, path.blocked_at.reason, path.blocked_at.on_reply


def test_the_internet_reaches_an_open_port() -> None:
    path = from_world(network())
    assert path.is_reachable
    assert [hop.kind for hop in path.hops] == [
        "internet", "internet-gateway", "network-acl", "security-group", "instance",
        "route-table", "network-acl",
    ]  # fmt: skip
    assert path.destination is not None
    assert path.destination.instance_id == "i-web"


def test_a_closed_port_is_the_groups_doing() -> None:
    path = from_world(network(), port=22)
    assert blocked(path) == ("security-group", "no-rule-allows", False)
    assert path.hops[-1].resource_id == "sg-web"


def test_without_a_gateway_nothing_comes_in() -> None:
    path = from_world(network(internet_gateways={"igw-1": ""}))
    assert blocked(path) == ("internet-gateway", "no-internet-gateway", False)


def test_an_address_nobody_has() -> None:
    path = reach(network(), packet(WORLD, WORLD, 80))
    assert blocked(path) == ("internet-gateway", "no-public-address", False)


def test_a_private_address_is_unknown_outside() -> None:
    path = reach(network(), packet(WORLD, WEB, 80))
    assert blocked(path) == ("internet-gateway", "private-address", False)


def test_without_a_route_back_the_answer_is_lost() -> None:
    topology = network()
    tables = {**topology.route_tables, "rtb-public": topology.route_tables["rtb-public"][:1]}
    assert blocked(from_world(replace(topology, route_tables=tables))) == (
        "route-table", "no-route", True,
    )  # fmt: skip


def test_an_acl_that_forgets_ephemeral_ports_loses_the_answer() -> None:
    entries = tuple(
        replace(entry, protocol="tcp", from_port=80, to_port=80) if entry.allows else entry
        for entry in open_acl()
    )
    path = from_world(network(acls={"acl-1": entries, "acl-2": open_acl("acl-2")}))
    assert blocked(path) == ("network-acl", "acl-denies", True)


def test_a_stopped_instance_answers_nobody() -> None:
    topology = network()
    web = replace(topology.interfaces["eni-web"], is_up=False)
    path = from_world(replace(topology, interfaces={"eni-web": web}))
    assert blocked(path) == ("instance", "interface-down", False)


def test_a_group_lets_another_group_in() -> None:
    topology = network()
    source = topology.interfaces["eni-web"]
    assert reach(topology, packet(WEB, DATABASE, 5432), source).is_reachable
    assert blocked(reach(topology, packet(WEB, DATABASE, 22), source)) == (
        "security-group", "no-rule-allows", False,
    )  # fmt: skip


def test_neighbours_in_a_subnet_are_not_asked_by_the_acl() -> None:
    topology = network()
    neighbour = replace(
        topology.interfaces["eni-db"], subnet_id="subnet-public", interface_id="eni-near"
    )
    interfaces = {**topology.interfaces, "eni-db": neighbour}
    changed = replace(topology, interfaces=interfaces, acls={"acl-1": (), "acl-2": ()})
    path = reach(changed, packet(WEB, DATABASE, 5432), topology.interfaces["eni-web"])
    assert path.is_reachable
    assert "network-acl" not in [hop.kind for hop in path.hops]


def test_a_private_instance_goes_out_by_nat() -> None:
    topology = network()
    path = reach(topology, packet(DATABASE, WORLD, 443), topology.interfaces["eni-db"])
    assert path.is_reachable
    assert ("nat-gateway", "nat-1") in [(hop.kind, hop.resource_id) for hop in path.hops]
    assert str(next(h.packet.source for h in path.hops if h.kind == "internet")) == "52.78.9.9"


def test_a_nat_gateway_that_is_gone_blocks() -> None:
    topology = network(nat_gateways={})
    path = reach(topology, packet(DATABASE, WORLD, 443), topology.interfaces["eni-db"])
    assert blocked(path) == ("nat-gateway", "nat-unavailable", False)


def test_without_a_public_address_an_internet_gateway_is_no_way_out() -> None:
    topology = network()
    web = replace(topology.interfaces["eni-web"], public={})
    path = reach(topology, packet(WEB, WORLD, 443), web)
    assert blocked(path) == ("internet-gateway", "no-public-address", False)


def test_a_blackhole_says_so() -> None:
    topology = network()
    route = RouteEntry("rtb-private", (EVERYWHERE,), "nat-9", is_blackhole=True)
    tables = {**topology.route_tables, "rtb-private": (route,)}
    path = reach(
        replace(topology, route_tables=tables),
        packet(DATABASE, WORLD, 443),
        topology.interfaces["eni-db"],
    )
    assert blocked(path) == ("route-table", "blackhole", False)


@pytest.mark.parametrize(("active", "reachable"), [(True, True), (False, False)])
def test_peered_networks_talk_when_the_peering_is_active(active: bool, reachable: bool) -> None:
    topology = network()
    far = replace(topology.interfaces["eni-db"], vpc_id="vpc-2", subnet_id="subnet-far")
    subnet = replace(topology.subnets["subnet-private"], vpc_id="vpc-2", route_table_id="rtb-far")
    there = RouteEntry("rtb-public", (ip_network("10.0.2.0/24"),), "pcx-1")
    back = RouteEntry("rtb-far", (ip_network("10.0.1.0/24"),), "pcx-1")
    changed = replace(
        topology,
        interfaces={**topology.interfaces, "eni-db": far},
        subnets={**topology.subnets, "subnet-far": subnet},
        route_tables={"rtb-public": (there,), "rtb-far": (back,)},
        peerings={"pcx-1": Peering("pcx-1", ("vpc-1", "vpc-2"), active)},
    )
    path = reach(changed, packet(WEB, DATABASE, 5432), topology.interfaces["eni-web"])
    assert path.is_reachable is reachable


ADDRESSES = st.ip_addresses(v=4)
PACKETS = st.builds(
    Packet, st.sampled_from(["tcp", "udp"]), ADDRESSES, ADDRESSES, st.integers(1, 65535)
)
NETWORKS = st.builds(lambda address, prefix: ip_network((int(address), prefix), strict=False),
                     ADDRESSES, st.integers(0, 32))  # fmt: skip


@given(PACKETS, st.lists(st.tuples(st.integers(1, 32766), NETWORKS, st.booleans()), max_size=8))
def test_the_lowest_matching_entry_decides_whatever_the_order(
    one: Packet, entries: list[tuple[int, object, bool]]
) -> None:
    numbered = {number: (block, allows) for number, block, allows in entries}
    rows = [
        AclEntry("acl-1", number, "ingress", "-1", block, allows)  # type: ignore[arg-type]
        for number, (block, allows) in numbered.items()
    ]
    decided = decide_acl(rows, "ingress", one)
    assert decide_acl(list(reversed(rows)), "ingress", one) == decided
    matching = [row.number for row in rows if one.source in row.cidr]
    assert (decided.number if decided else None) == min(matching, default=None)


@given(PACKETS, st.lists(NETWORKS, max_size=8))
def test_more_rules_never_let_less_through(one: Packet, blocks: list[object]) -> None:
    rules = [group_rule("ingress", cidr=block) for block in blocks]
    allowed = [decide_groups(rules[:count], "ingress", one) is not None for count in range(9)]
    assert allowed == sorted(allowed)


@given(ADDRESSES, st.lists(NETWORKS, min_size=1, max_size=8))
def test_the_longest_prefix_wins(address: object, blocks: list[object]) -> None:
    routes = [RouteEntry("rtb-1", (block,), f"eni-{n}") for n, block in enumerate(blocks)]  # type: ignore[arg-type]
    found = find_route(routes, address)  # type: ignore[arg-type]
    lengths = [block.prefixlen for block in blocks if address in block]  # type: ignore[attr-defined,operator]
    assert (found.destinations[0].prefixlen if found else None) == max(lengths, default=None)
