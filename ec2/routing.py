"""Routes: destinations and targets as callers name them, and as AWS answers them.

AWS: https://docs.aws.amazon.com/vpc/latest/userguide/RouteTables.html
"""

from collections.abc import Mapping
from typing import Any

from aws.context import Context
from ec2 import lookup
from ec2.errors import InvalidParameterCombination, InvalidParameterValue, MissingParameter, value
from ec2.models import (
    EgressOnlyInternetGateway,
    Instance,
    InternetGateway,
    ManagedPrefixList,
    NatGateway,
    NetworkInterface,
    Route,
    RouteTable,
    Vpc,
    VpcEndpoint,
    VpcPeeringConnection,
)
from ec2.network import cidr

DESTINATIONS = (
    "destination_cidr_block",
    "destination_ipv6_cidr_block",
    "destination_prefix_list_id",
)
# Parameter → what it names. AWS's other targets are of networks that the lab lacks.
TARGETS: dict[str, Any] = {
    "gateway_id": InternetGateway,
    "nat_gateway_id": NatGateway,
    "network_interface_id": NetworkInterface,
    "instance_id": Instance,
    "vpc_peering_connection_id": VpcPeeringConnection,
    "egress_only_internet_gateway_id": EgressOnlyInternetGateway,
    "vpc_endpoint_id": VpcEndpoint,
}
_MEMBER_OF_PREFIX = {
    "nat": "NatGatewayId",
    "eni": "NetworkInterfaceId",
    "pcx": "VpcPeeringConnectionId",
    "eigw": "EgressOnlyInternetGatewayId",
}


def mark(target_id: str, *, is_blackhole: bool, vpc: Vpc | None = None) -> None:
    """Says of every route to a target that it has gone, or has come back. vpc: there alone."""
    routes = Route.objects.filter(target=target_id)
    if vpc is not None:
        routes = routes.filter(route_table__vpc=vpc)
    routes.update(is_blackhole=is_blackhole)


def destination(ctx: Context, given: Mapping[str, Any]) -> dict[str, str]:
    """The one destination of a call, as columns. Raises MissingParameter, InvalidParameterValue."""
    named = {name: given[name] for name in DESTINATIONS if given.get(name)}
    if len(named) != 1:
        if named:
            raise InvalidParameterCombination("Specify exactly one destination.")
        raise MissingParameter(parameter="destinationCidrBlock")
    ((name, text),) = named.items()
    if name == "destination_prefix_list_id":
        return {name: lookup.require(ctx, ManagedPrefixList, text).resource_id}
    try:
        block = cidr.parse_any(text)
    except ValueError:
        block = None
    if block is None or block.version != (4 if name == "destination_cidr_block" else 6):
        raise InvalidParameterValue(
            value=text, parameter="destinationCidrBlock", reason="This is not a valid CIDR block."
        )
    return {name: str(block)}


def target(ctx: Context, table: RouteTable, given: Mapping[str, Any]) -> str:
    """The id that the one target of a call stands for. Raises Invalid….NotFound and the like."""
    named = {name: given[name] for name in TARGETS if given.get(name)}
    if len(named) != 1:
        if named:
            raise InvalidParameterCombination("Specify exactly one target.")
        raise MissingParameter(
            "The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId, "
            "vpcPeeringConnectionId, egressOnlyInternetGatewayId, transitGatewayId, "
            "localGatewayId, instanceId or vpcEndpointId"
        )
    ((name, target_id),) = named.items()
    if target_id == "local" and name == "gateway_id":
        return "local"
    if name == "vpc_peering_connection_id":
        return _peering(table, target_id)
    model = TARGETS[name]
    if name == "gateway_id" and target_id.startswith("vpce-"):
        model = VpcEndpoint
    found = lookup.require(ctx, model, target_id)
    if found.vpc_id != table.vpc_id:
        raise value(
            f"route table {table.resource_id} and network gateway {target_id} belong to different "
            "networks"
        )
    if isinstance(found, Instance):
        return _interface_of(found)
    if isinstance(found, NatGateway) and found.state in ("deleting", "deleted", "failed"):
        raise lookup.missing(NatGateway, [target_id])
    return str(found.resource_id)


def _peering(table: RouteTable, peering_id: str) -> str:
    """A peering connection belongs to both of its VPCs, of two accounts maybe."""
    lookup.check_form(VpcPeeringConnection, [peering_id])
    found = VpcPeeringConnection.objects.filter(resource_id=peering_id, status="active").first()
    ends = (found.vpc_id, found.accepter_vpc_id) if found else ()
    if table.vpc_id not in ends and table.vpc.resource_id not in ends:
        raise lookup.missing(VpcPeeringConnection, [peering_id])
    return peering_id


def _interface_of(instance: Instance) -> str:
    ids = list(instance.network_interfaces.values_list("resource_id", flat=True)[:2])
    if len(ids) != 1:
        raise value(f"There are multiple interfaces attached to instance '{instance.resource_id}'.")
    return str(ids[0])


def route_as_aws(route: Route) -> dict[str, Any]:
    """AWS's Route."""
    prefix = route.target.partition("-")[0]
    destinations = {
        "DestinationCidrBlock": route.destination_cidr_block,
        "DestinationIpv6CidrBlock": route.destination_ipv6_cidr_block,
        "DestinationPrefixListId": route.destination_prefix_list_id,
    }
    return {
        **{name: text for name, text in destinations.items() if text},
        _MEMBER_OF_PREFIX.get(prefix, "GatewayId"): route.target,
        "Origin": route.origin,
        "State": "blackhole" if route.is_blackhole else "active",
    }
