"""The network read from the rows: a packet passes or not as the rules of the operations say."""

from ipaddress import IPv4Address
from typing import Any

import pytest

from aws.context import Context
from ec2 import topology
from ec2.models import NetworkInterface, PrivateAddress, SecurityGroup, Subnet
from ec2.network.reachability import Path, reach
from ec2.network.rules import Packet
from ec2.operations import (
    authorize_security_group_ingress,
    create_network_acl_entry,
    describe_network_acls,
    describe_vpcs,
    detach_internet_gateway,
)
from iam.models import User
from tests.factories import ctx_for

WORLD, PUBLIC, WEB, DATABASE = (
    IPv4Address(text) for text in ("8.8.8.8", "52.78.1.1", "172.31.0.10", "172.31.16.10")
)


@pytest.fixture(autouse=True)
def servers(ctx: Context) -> SecurityGroup:
    """A public web server in one zone and a database in the next, both of the default group."""
    describe_vpcs(ctx)
    group = SecurityGroup.objects.get()
    subnets = Subnet.objects.order_by("availability_zone")
    for number, (address, public) in enumerate(((WEB, PUBLIC), (DATABASE, None))):
        subnet = subnets[number]
        interface = NetworkInterface.objects.create(
            account_id=ctx.account_id,
            region=ctx.region,
            resource_id=f"eni-0123456789abcdef{number}",
            vpc=subnet.vpc,
            subnet=subnet,
            private_ip_address=str(address),
        )
        interface.groups.add(group)
        PrivateAddress.objects.create(
            interface=interface,
            subnet=subnet,
            address=str(address),
            is_primary=True,
            public_ip=str(public) if public else None,
        )
    return group


def _visit(ctx: Context, port: int = 80) -> Path:
    return reach(topology.read(ctx), Packet("tcp", WORLD, PUBLIC, port))


def _open(ctx: Context, group: SecurityGroup, port: int) -> None:
    world = [{"CidrIp": "0.0.0.0/0"}]
    rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": world}
    authorize_security_group_ingress(ctx, group_id=group.resource_id, ip_permissions=[rule])


def test_it_is_read_in_twelve_statements(ctx: Context, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(12):
        found = topology.read(ctx)
    assert len(found.interfaces) == 2
    assert len(found.subnets) == 4


def test_a_group_lets_in_just_the_ports_it_names(ctx: Context, servers: SecurityGroup) -> None:
    blocked = _visit(ctx).blocked_at
    assert blocked is not None
    assert (blocked.resource_id, blocked.reason) == (servers.resource_id, "no-rule-allows")
    _open(ctx, servers, 80)
    assert _visit(ctx).is_reachable
    assert not _visit(ctx, port=22).is_reachable


def test_members_of_a_group_talk_across_subnets(ctx: Context) -> None:
    found = topology.read(ctx)
    web = found.interfaces["eni-0123456789abcdef0"]
    path = reach(found, Packet("tcp", WEB, DATABASE, 5432), web)
    assert path.is_reachable
    assert path.destination == found.interfaces["eni-0123456789abcdef1"]


def test_an_acl_entry_denies_before_the_one_that_allows(
    ctx: Context, servers: SecurityGroup
) -> None:
    _open(ctx, servers, 80)
    (acl,) = describe_network_acls(ctx)["NetworkAcls"]
    create_network_acl_entry(
        ctx,
        network_acl_id=acl["NetworkAclId"],
        rule_number=50,
        egress=False,
        protocol="6",
        rule_action="deny",
        cidr_block="8.8.8.0/24",
        port_range={"From": 80, "To": 80},
    )
    blocked = _visit(ctx).blocked_at
    assert blocked is not None
    assert (blocked.resource_id, blocked.reason) == (acl["NetworkAclId"], "acl-denies")


def test_a_lost_gateway_leaves_a_blackhole(ctx: Context, servers: SecurityGroup) -> None:
    PrivateAddress.objects.update(public_ip=None)
    gateway = next(iter(topology.read(ctx).internet_gateways))
    vpc_id = servers.vpc.resource_id
    detach_internet_gateway(ctx, internet_gateway_id=gateway, vpc_id=vpc_id)
    found = topology.read(ctx)
    path = reach(found, Packet("tcp", WEB, WORLD, 443), found.interfaces["eni-0123456789abcdef0"])
    assert path.blocked_at is not None
    assert path.blocked_at.reason == "blackhole"


def test_another_accounts_network_is_not_in_it(mallory: User) -> None:
    assert topology.read(ctx_for(mallory)).interfaces == {}
