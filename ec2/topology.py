"""From rows to a network of plain values: everything of an account's region in twelve statements.

Simplified: of a peered VPC of another account or region, nothing but its connection is known.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address
from typing import Any, TypeVar

from django.db.models import Q

from aws.context import Context
from ec2.models import (
    InternetGateway,
    ManagedPrefixList,
    NetworkAclEntry,
    NetworkInterface,
    PrivateAddress,
    Route,
    RouteTableAssociation,
    SecurityGroupRule,
    Vpc,
    VpcPeeringConnection,
)
from ec2.models import NatGateway as NatGatewayRow
from ec2.models import Subnet as SubnetRow
from ec2.network import cidr
from ec2.network.cidr import Network
from ec2.network.rules import AclEntry, GroupRule, RouteEntry, protocol_name
from ec2.network.topology import Interface, NatGateway, Peering, Subnet, Topology

Key = TypeVar("Key")
Item = TypeVar("Item")
Lists = Mapping[str, tuple[Network, ...]]


def read(ctx: Context) -> Topology:
    """The caller has asked for permission already."""
    lists = _prefix_lists(ctx)
    return Topology(
        interfaces=_interfaces(ctx),
        subnets=_subnets(ctx),
        route_tables=_route_tables(ctx, lists),
        acls=_acls(ctx),
        groups=_groups(ctx, lists),
        internet_gateways=_internet_gateways(ctx),
        nat_gateways=_nat_gateways(ctx),
        peerings=_peerings(ctx),
        vpc_blocks={one.resource_id: tuple(one.blocks) for one in Vpc.objects.in_scope(ctx)},
    )


def _of(ctx: Context, owner: str) -> dict[str, Any]:
    """Conditions for rows that belong to a resource of the account's region."""
    return {f"{owner}__account_id": ctx.account_id, f"{owner}__region": ctx.region}


def _together(pairs: Iterable[tuple[Key, Item]]) -> dict[Key, tuple[Item, ...]]:
    found: dict[Key, list[Item]] = defaultdict(list)
    for key, item in pairs:
        found[key].append(item)
    return {key: tuple(items) for key, items in found.items()}


def _prefix_lists(ctx: Context) -> Lists:
    return {
        one.resource_id: tuple(cidr.parse_any(entry["Cidr"]) for entry in one.entries)
        for one in ManagedPrefixList.objects.in_scope(ctx)
    }


def _interfaces(ctx: Context) -> dict[str, Interface]:
    """Every interface has an address, so the addresses bring the interfaces along."""
    members = NetworkInterface.groups.through.objects.filter(**_of(ctx, "networkinterface"))
    groups = _together(members.values_list("networkinterface_id", "securitygroup__resource_id"))
    rows = PrivateAddress.objects.filter(**_of(ctx, "interface")).select_related(
        "elastic_ip", "interface__subnet", "interface__vpc", "interface__instance"
    )
    found = {}
    for owner, addresses in _together((one.interface_id, one) for one in rows).items():
        row = addresses[0].interface
        found[row.resource_id] = Interface(
            interface_id=row.resource_id,
            subnet_id=row.subnet.resource_id,
            vpc_id=row.vpc.resource_id,
            addresses=tuple(IPv4Address(one.address) for one in addresses),
            group_ids=groups.get(owner, ()),
            public={
                IPv4Address(one.address): IPv4Address(public)
                for one in addresses
                if (public := _public(one))
            },
            instance_id=row.instance.resource_id if row.instance else "",
            is_up=row.instance is None or row.instance.state == "running",
            checks_source=row.source_dest_check,
        )
    return found


def _public(address: PrivateAddress) -> str | None:
    elastic = getattr(address, "elastic_ip", None)
    public: str | None = elastic.public_ip if elastic else address.public_ip
    return public


def _subnets(ctx: Context) -> dict[str, Subnet]:
    """A subnet without a table of its own follows its VPC's main one."""
    main: dict[int, str] = {}
    own: dict[int, str] = {}
    rows = RouteTableAssociation.objects.filter(**_of(ctx, "vpc")).select_related("route_table")
    for one in rows:
        if one.subnet_id:
            own[one.subnet_id] = one.route_table.resource_id
        elif one.is_main:
            main[one.vpc_id] = one.route_table.resource_id
    subnets = SubnetRow.objects.in_scope(ctx).select_related("vpc", "network_acl")
    return {
        one.resource_id: Subnet(
            subnet_id=one.resource_id,
            vpc_id=one.vpc.resource_id,
            route_table_id=own.get(one.pk) or main.get(one.vpc_id, ""),
            acl_id=one.network_acl.resource_id,
        )
        for one in subnets
    }


def _route_tables(ctx: Context, lists: Lists) -> dict[str, tuple[RouteEntry, ...]]:
    rows = Route.objects.filter(**_of(ctx, "route_table")).select_related("route_table")
    return _together(
        (
            one.route_table.resource_id,
            RouteEntry(
                route_table_id=one.route_table.resource_id,
                destinations=lists.get(one.destination, ())
                if one.destination_prefix_list_id
                else (cidr.parse_any(one.destination),),
                target=one.target,
                is_blackhole=one.is_blackhole,
            ),
        )
        for one in rows
    )


def _acls(ctx: Context) -> dict[str, tuple[AclEntry, ...]]:
    rows = NetworkAclEntry.objects.filter(**_of(ctx, "network_acl")).select_related("network_acl")
    return _together((one.network_acl.resource_id, _acl_entry(one)) for one in rows)


def _acl_entry(row: NetworkAclEntry) -> AclEntry:
    first = row.icmp_type if row.from_port is None else row.from_port
    last = row.icmp_code if row.to_port is None else row.to_port
    return AclEntry(
        acl_id=row.network_acl.resource_id,
        number=row.rule_number,
        direction="egress" if row.egress else "ingress",
        protocol=protocol_name(row.protocol),
        cidr=cidr.parse_any(row.cidr_block or row.ipv6_cidr_block),
        allows=row.rule_action == "allow",
        from_port=-1 if first is None else first,
        to_port=-1 if last is None else last,
    )


def _groups(ctx: Context, lists: Lists) -> dict[str, tuple[GroupRule, ...]]:
    rows = SecurityGroupRule.objects.in_scope(ctx).select_related("group").order_by("pk")
    return _together((one.group.resource_id, _group_rule(one, lists)) for one in rows)


def _group_rule(row: SecurityGroupRule, lists: Lists) -> GroupRule:
    block = row.cidr_ipv4 or row.cidr_ipv6
    return GroupRule(
        rule_id=row.resource_id,
        group_id=row.group.resource_id,
        direction="egress" if row.is_egress else "ingress",
        protocol=row.ip_protocol,
        from_port=row.from_port,
        to_port=row.to_port,
        cidr=cidr.parse_any(block) if block else None,
        peer_group=row.referenced_group_id,
        prefix_list=row.prefix_list_id,
        entries=lists.get(row.prefix_list_id, ()),
    )


def _internet_gateways(ctx: Context) -> dict[str, str]:
    rows = InternetGateway.objects.in_scope(ctx).select_related("vpc")
    return {one.resource_id: one.vpc.resource_id if one.vpc else "" for one in rows}


def _nat_gateways(ctx: Context) -> dict[str, NatGateway]:
    rows = NatGatewayRow.objects.in_scope(ctx).exclude(private_ip="").select_related("subnet")
    return {
        one.resource_id: NatGateway(
            nat_id=one.resource_id,
            subnet_id=one.subnet.resource_id,
            address=IPv4Address(one.private_ip),
            public=IPv4Address(one.public_ip) if one.public_ip else None,
            is_up=one.state == "available",
        )
        for one in rows
    }


def _peerings(ctx: Context) -> dict[str, Peering]:
    requested = Q(account_id=ctx.account_id, region=ctx.region)
    accepted = Q(accepter_account_id=ctx.account_id, accepter_region=ctx.region)
    rows = VpcPeeringConnection.objects.filter(requested | accepted).select_related("vpc")
    return {
        one.resource_id: Peering(
            peering_id=one.resource_id,
            vpc_ids=(one.vpc.resource_id if one.vpc else "", one.accepter_vpc_id),
            is_active=one.status == "active",
        )
        for one in rows
    }
