"""The network interfaces of a launch: which subnet, which groups, which addresses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aws.context import Context
from ec2 import lookup, quotas
from ec2.errors import (
    InvalidNetworkInterfaceInUse,
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingParameter,
    not_found,
)
from ec2.models import NetworkInterface, SecurityGroup, Subnet, Vpc


@dataclass(slots=True)
class InterfacePlan:
    """existing: one that is attached instead of made. addresses: private ones asked for, the
    primary first. secondary_count: how many more to choose. has_public: lent a public address.
    """

    subnet: Subnet
    groups: list[SecurityGroup]
    device_index: int = 0
    description: str = ""
    existing: NetworkInterface | None = None
    addresses: Sequence[str] = ()
    secondary_count: int = 0
    has_public: bool = False
    delete_on_termination: bool = True

    def authorize(self, ctx: Context, action: str, tags: Mapping[str, str]) -> None:
        """Asks about the subnet, the groups, and the interface itself."""
        lookup.authorize(ctx, action, self.subnet)
        for group in self.groups:
            lookup.authorize(ctx, action, group)
        if self.existing is not None:
            lookup.authorize(ctx, action, self.existing)
            return
        conditions = {
            **self.subnet.conditions(),
            "ec2:Subnet": self.subnet.arn,
            "ec2:AssociatePublicIpAddress": "true" if self.has_public else "false",
        }
        lookup.authorize_new(ctx, action, NetworkInterface, tags, conditions)


def plan_interfaces(ctx: Context, request: Mapping[str, Any], zone: str) -> list[InterfacePlan]:
    """One for each that the request names, or one in the subnet that it names or implies.

    zone: the availability zone asked for, "" for any.
    """
    given: Sequence[Mapping[str, Any]] = request.get("NetworkInterfaces") or ()
    if not given:
        return [_single(ctx, request, zone)]
    if request.get("SubnetId") or request.get("SecurityGroupIds") or request.get("SecurityGroups"):
        raise InvalidParameterCombination(
            "Network interfaces and an instance-level subnet ID or security groups may not be "
            "specified on the same request"
        )
    plans = [_one(ctx, one, zone) for one in given]
    plans.sort(key=lambda one: one.device_index)
    indexes = [one.device_index for one in plans]
    if indexes[0] != 0 or len(set(indexes)) != len(indexes):
        raise InvalidParameterValue("Each network interface requires a unique device index.")
    if len({one.subnet.availability_zone for one in plans}) > 1:
        raise InvalidParameterCombination("All network interfaces must be in one zone.")
    if len(plans) > 1 and any(one.has_public for one in plans):
        raise InvalidParameterCombination(
            "The associatePublicIPAddress parameter cannot be specified when launching with "
            "multiple network interfaces."
        )
    return plans


def find_groups(
    ctx: Context, vpc: Vpc, group_ids: Sequence[str], names: Sequence[str]
) -> list[SecurityGroup]:
    """The VPC's own groups, by id or name; its default group for none.

    Raises InvalidGroup.NotFound, InvalidParameterValue.
    """
    rows = SecurityGroup.objects.select_related("vpc")
    if not group_ids and not names:
        return list(rows.filter(vpc=vpc, group_name="default"))
    found = lookup.several(ctx, rows, group_ids) if group_ids else []
    by_name = {row.group_name: row for row in rows.filter(vpc=vpc, group_name__in=names)}
    for name in names:
        if name not in by_name:
            raise not_found("Group")(
                f"The security group '{name}' does not exist in VPC '{vpc.resource_id}'"
            )
        found.append(by_name[name])
    for group in found:
        if group.vpc_id != vpc.pk:
            raise InvalidParameterValue(
                f"Security group {group.resource_id} and subnet belong to different networks."
            )
    if len(found) > quotas.GROUPS_PER_INTERFACE:
        raise InvalidParameterValue(
            f"You may specify at most {quotas.GROUPS_PER_INTERFACE} security groups per interface."
        )
    return list(dict.fromkeys(found))


def _single(ctx: Context, request: Mapping[str, Any], zone: str) -> InterfacePlan:
    subnet = _subnet(ctx, request.get("SubnetId") or "", zone)
    address = request.get("PrivateIpAddress")
    return InterfacePlan(
        subnet=subnet,
        groups=find_groups(
            ctx,
            subnet.vpc,
            request.get("SecurityGroupIds") or (),
            request.get("SecurityGroups") or (),
        ),
        addresses=[address] if address else [],
        has_public=subnet.map_public_ip_on_launch,
    )


def _one(ctx: Context, given: Mapping[str, Any], zone: str) -> InterfacePlan:
    if given.get("NetworkInterfaceId"):
        return _existing(ctx, given)
    subnet = _subnet(ctx, given.get("SubnetId") or "", zone)
    wanted = given.get("AssociatePublicIpAddress")
    listed = given.get("PrivateIpAddresses") or ()
    ordered = sorted(listed, key=lambda one: not one.get("Primary"))
    addresses = [one["PrivateIpAddress"] for one in ordered]
    if primary := given.get("PrivateIpAddress"):
        addresses = [primary, *(one for one in addresses if one != primary)]
    return InterfacePlan(
        subnet=subnet,
        groups=find_groups(ctx, subnet.vpc, given.get("Groups") or (), ()),
        device_index=given.get("DeviceIndex", 0),
        description=given.get("Description") or "",
        addresses=addresses,
        secondary_count=given.get("SecondaryPrivateIpAddressCount") or 0,
        has_public=subnet.map_public_ip_on_launch if wanted is None else bool(wanted),
        delete_on_termination=given.get("DeleteOnTermination", True),
    )


def _existing(ctx: Context, given: Mapping[str, Any]) -> InterfacePlan:
    rows = NetworkInterface.objects.select_related("subnet__vpc", "vpc")
    found = lookup.require(ctx, NetworkInterface, given["NetworkInterfaceId"], rows=rows)
    if found.instance_id is not None or found.status != "available":
        raise InvalidNetworkInterfaceInUse(interface_id=found.resource_id)
    return InterfacePlan(
        subnet=found.subnet,
        groups=[],
        device_index=given.get("DeviceIndex", 0),
        existing=found,
        delete_on_termination=given.get("DeleteOnTermination", False),
    )


def _subnet(ctx: Context, subnet_id: str, zone: str) -> Subnet:
    rows = Subnet.objects.select_related("vpc")
    if subnet_id:
        found = lookup.require(ctx, Subnet, subnet_id, rows=rows)
        if zone and found.availability_zone != zone:
            raise InvalidParameterCombination(
                f"The specified subnet is not in the availability zone {zone}."
            )
        return found
    defaults = rows.in_scope(ctx).filter(is_default=True).order_by("availability_zone")
    if zone:
        defaults = defaults.filter(availability_zone=zone)
    first: Subnet | None = defaults.first()
    if first is None:
        raise MissingParameter(
            "No subnets found for the default VPC. Please specify a subnet."
            if not zone
            else f"No default subnet for availability zone: '{zone}'."
        )
    return first
