"""Subnets."""

from typing import Any

from django.db.models import Count, F, Func, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Power

from aws.context import Context
from aws.filters import Column
from aws.regions import BY_NAME
from ec2 import default_vpc, lookup, quotas
from ec2.door import Response, operation
from ec2.errors import (
    DefaultSubnetAlreadyExistsInAvailabilityZone,
    DefaultVpcDoesNotExist,
    DependencyViolation,
    InvalidParameterCombination,
    InvalidParameterValue,
    InvalidSubnetConflict,
    InvalidSubnetRange,
    MissingParameter,
    SubnetLimitExceeded,
)
from ec2.filtering import flag, number, only
from ec2.models import NetworkAcl, PrivateAddress, Subnet, Vpc
from ec2.network import cidr

FILTERS: dict[str, Column] = {
    "availability-zone": "availability_zone",
    "availabilityZone": "availability_zone",
    "availability-zone-id": "availability_zone_id",
    "availabilityZoneId": "availability_zone_id",
    "available-ip-address-count": number("available_addresses"),
    "cidr": "cidr_block",
    "cidr-block": "cidr_block",
    "cidrBlock": "cidr_block",
    "default-for-az": flag("is_default"),
    "defaultForAz": flag("is_default"),
    "enable-dns64": only("false"),
    "ipv6-native": only("false"),
    "map-public-ip-on-launch": flag("map_public_ip_on_launch"),
    "owner-id": "account_id",
    "private-dns-name-options-on-launch.hostname-type": "private_dns_options__HostnameType",
    "state": "state",
    "subnet-id": "resource_id",
    "vpc-id": "vpc__resource_id",
}
HOSTNAME_TYPES = ("ip-name", "resource-name")
DNS_OPTIONS = {
    "HostnameType": "ip-name",
    "EnableResourceNameDnsARecord": False,
    "EnableResourceNameDnsAAAARecord": False,
}


@operation("ec2:CreateSubnet")
def create_subnet(
    ctx: Context,
    /,
    *,
    vpc_id: str,
    cidr_block: str = "",
    availability_zone: str = "",
    availability_zone_id: str = "",
    tag_specifications: list[dict[str, Any]] | None = None,
    dry_run: bool = False,
    **_: Any,
) -> Response:
    """Answers {"Subnet": …}. Raises InvalidSubnet.Range and InvalidSubnet.Conflict.

    Simplified: IPv4 only; without a zone, it is the region's first.
    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html
    """
    tags = lookup.tags_of(tag_specifications, Subnet)
    lookup.authorize_new(ctx, "ec2:CreateSubnet", Subnet, tags)
    vpc = lookup.one(ctx, "ec2:CreateSubnet", Vpc, vpc_id, locked=True)
    zone = _zone(ctx, availability_zone, availability_zone_id)
    if not cidr_block:
        raise MissingParameter("Either 'cidrBlock' or 'ipv6CidrBlock' should be provided.")
    block = _block(cidr_block)
    if not cidr.contains(vpc.blocks, block):
        raise InvalidSubnetRange(cidr=cidr_block)
    others = list(vpc.subnets.all())
    if cidr.overlapping(block, (other.block for other in others)):
        raise InvalidSubnetConflict(cidr=cidr_block)
    if len(others) >= quotas.SUBNETS_PER_VPC:
        raise SubnetLimitExceeded
    return _made(ctx, vpc, str(block), zone, tags=tags)


@operation("ec2:CreateDefaultSubnet")
def create_default_subnet(
    ctx: Context,
    /,
    *,
    availability_zone: str = "",
    availability_zone_id: str = "",
    dry_run: bool = False,
    **_: Any,
) -> Response:
    """Makes a zone's default subnet anew, a /20 of the default VPC. Answers {"Subnet": …}.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateDefaultSubnet.html
    """
    lookup.authorize_new(ctx, "ec2:CreateDefaultSubnet", Subnet, {})
    if not (availability_zone or availability_zone_id):
        raise MissingParameter(parameter="availabilityZone")
    zone = _zone(ctx, availability_zone, availability_zone_id)
    default_vpc.hold_region(ctx)
    vpc = Vpc.objects.in_scope(ctx).filter(is_default=True).first()
    if vpc is None:
        raise DefaultVpcDoesNotExist
    others = list(vpc.subnets.all())
    if any(one.is_default and one.availability_zone == zone[0] for one in others):
        raise DefaultSubnetAlreadyExistsInAvailabilityZone(zone=zone[0])
    block = cidr.free_block(vpc.blocks[0], sorted(one.block for one in others), 20)
    if block is None:
        raise InvalidSubnetConflict(cidr=vpc.cidr_block)
    return _made(ctx, vpc, str(block), zone, is_default=True, map_public_ip_on_launch=True)


@operation("ec2:DescribeSubnets")
def describe_subnets(
    ctx: Context,
    /,
    *,
    subnet_ids: list[str] | None = None,
    filters: list[dict[str, Any]] | None = None,
    next_token: str = "",
    max_results: int = 0,
    dry_run: bool = False,
) -> Response:
    """Answers {"Subnets": […], "NextToken": …}.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html
    """
    page = lookup.describe(
        ctx,
        "ec2:DescribeSubnets",
        counted(Subnet.objects.select_related("vpc")),
        ids=subnet_ids,
        filters=filters,
        columns=FILTERS,
        max_results=max_results,
        next_token=next_token,
    )
    shown = [subnet_as_aws(one, one.available_addresses) for one in page.rows]  # type: ignore[attr-defined]
    return {"Subnets": shown, **page.next_token()}


@operation("ec2:DeleteSubnet")
def delete_subnet(ctx: Context, /, *, subnet_id: str, dry_run: bool = False) -> Response:
    """Deletes a subnet in which nothing is. Raises DependencyViolation.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSubnet.html
    """
    subnet = lookup.one(ctx, "ec2:DeleteSubnet", Subnet, subnet_id, locked=True)
    if users := subnet_dependants(subnet):
        raise DependencyViolation(
            f"The subnet '{subnet_id}' has dependencies and cannot be deleted.", users=users
        )
    subnet.nat_gateways.filter(state="deleted").delete()
    subnet.delete()
    return {}


@operation("ec2:ModifySubnetAttribute")
def modify_subnet_attribute(
    ctx: Context,
    /,
    *,
    subnet_id: str,
    map_public_ip_on_launch: dict[str, bool] | None = None,
    private_dns_hostname_type_on_launch: str = "",
    enable_resource_name_dns_a_record_on_launch: dict[str, bool] | None = None,
    **others: Any,
) -> Response:
    """Changes one attribute, as AWS insists. Raises InvalidParameterCombination.

    Simplified: attributes of IPv6 and of Outposts cannot be set.
    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySubnetAttribute.html
    """
    subnet = lookup.one(
        ctx,
        "ec2:ModifySubnetAttribute",
        Subnet,
        subnet_id,
        locked=True,
        rows=Subnet.objects.select_related("vpc"),
    )
    options: dict[str, Any] = {}
    if private_dns_hostname_type_on_launch:
        if private_dns_hostname_type_on_launch not in HOSTNAME_TYPES:
            raise InvalidParameterValue(
                value=private_dns_hostname_type_on_launch,
                parameter="privateDnsHostnameTypeOnLaunch",
                reason="Use ip-name or resource-name.",
            )
        options["HostnameType"] = private_dns_hostname_type_on_launch
    if enable_resource_name_dns_a_record_on_launch is not None:
        is_on = enable_resource_name_dns_a_record_on_launch["Value"]
        options["EnableResourceNameDnsARecord"] = is_on
    given = len(options) + len(others) + (map_public_ip_on_launch is not None)
    if given != 1:
        raise InvalidParameterCombination(
            "Fields for multiple attribute types specified" if given else "No attribute specified"
        )
    if others:
        raise InvalidParameterCombination("This lab has neither IPv6 addresses nor Outposts.")
    if map_public_ip_on_launch is not None:
        subnet.map_public_ip_on_launch = map_public_ip_on_launch["Value"]
    subnet.private_dns_options = {**subnet.private_dns_options, **options}
    subnet.save(update_fields=["map_public_ip_on_launch", "private_dns_options"])
    return {}


def counted(rows: QuerySet[Subnet]) -> QuerySet[Subnet]:
    """The rows with `available_addresses`, in one statement."""
    used = (
        PrivateAddress.objects.filter(subnet=OuterRef("pk"))
        .order_by()
        .values("subnet")
        .annotate(number=Count("pk"))
        .values("number")
    )
    prefix = Cast(
        Func(F("cidr_block"), Value("/"), Value(2), function="split_part"), IntegerField()
    )
    size = Cast(Power(2, Value(32) - prefix), IntegerField())
    taken = Coalesce(Subquery(used, output_field=IntegerField()), 0)
    return rows.annotate(available_addresses=size - cidr.RESERVED - taken)


def subnet_dependants(subnet: Subnet) -> list[str]:
    """Ids of what keeps a subnet from being deleted."""
    found: list[str] = []
    for rows in (
        subnet.network_interfaces.all(),
        subnet.nat_gateways.exclude(state="deleted"),
        subnet.endpoints.all(),
    ):
        found += rows.values_list("resource_id", flat=True)
    return found


def subnet_as_aws(subnet: Subnet, available: int) -> dict[str, Any]:
    """An item of DescribeSubnets. available: free addresses."""
    return {
        "SubnetId": subnet.resource_id,
        "SubnetArn": subnet.arn,
        "VpcId": subnet.vpc.resource_id,
        "OwnerId": subnet.account_id,
        "State": subnet.state,
        "CidrBlock": subnet.cidr_block,
        "Ipv6CidrBlockAssociationSet": [],
        "Ipv6Native": False,
        "AssignIpv6AddressOnCreation": False,
        "EnableDns64": False,
        "AvailableIpAddressCount": available,
        "AvailabilityZone": subnet.availability_zone,
        "AvailabilityZoneId": subnet.availability_zone_id,
        "DefaultForAz": subnet.is_default,
        "MapPublicIpOnLaunch": subnet.map_public_ip_on_launch,
        "MapCustomerOwnedIpOnLaunch": False,
        "PrivateDnsNameOptionsOnLaunch": DNS_OPTIONS | subnet.private_dns_options,
        "Tags": lookup.tag_set(subnet.tags),
    }


def _made(
    ctx: Context, vpc: Vpc, block: str, zone: tuple[str, str], **fields: Any
) -> dict[str, Any]:
    acl = NetworkAcl.objects.get(vpc=vpc, is_default=True)
    subnet = default_vpc.make_subnet(ctx, vpc=vpc, acl=acl, cidr_block=block, zone=zone, **fields)
    subnet.save()
    return {"Subnet": subnet_as_aws(subnet, cidr.available(subnet.block, 0))}


def _zone(ctx: Context, name: str, zone_id: str) -> tuple[str, str]:
    """(name, id). Raises InvalidParameterValue."""
    zones = BY_NAME[ctx.region].zones
    if name and zone_id:
        raise InvalidParameterCombination(
            "Specify either AvailabilityZone or AvailabilityZoneId, not both."
        )
    for zone in zones:
        if name in ("", zone[0]) and zone_id in ("", zone[1]):
            return zone
    raise InvalidParameterValue(
        value=name or zone_id,
        parameter="availabilityZone" if name else "availabilityZoneId",
        reason="Subnets can currently only be created in the following availability zones: "
        f"{', '.join(zone[0] if name else zone[1] for zone in zones)}.",
    )


def _block(text: str) -> Any:
    """A block that a subnet may have. Raises InvalidParameterValue, InvalidSubnet.Range."""
    try:
        block = cidr.parse(text)
    except ValueError:
        raise InvalidParameterValue(
            value=text, parameter="cidrBlock", reason="This is not a valid CIDR block."
        ) from None
    if not cidr.has_vpc_size(block):
        raise InvalidSubnetRange(cidr=text)
    return block
