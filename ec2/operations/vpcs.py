"""VPCs and their blocks."""

from typing import Any

from django.db.models import Q

from aws import ids
from aws.context import Context
from aws.filters import Column
from ec2 import default_vpc, lookup, quotas
from ec2.door import Response, operation
from ec2.errors import (
    DefaultVpcAlreadyExists,
    DependencyViolation,
    InvalidParameterCombination,
    InvalidParameterValue,
    InvalidVpcRange,
    OperationNotPermitted,
    VpcLimitExceeded,
    not_found,
)
from ec2.models import (
    NetworkAcl,
    RouteTable,
    RouteTableAssociation,
    SecurityGroup,
    Vpc,
    VpcPeeringConnection,
)
from ec2.network import cidr

FILTERS: dict[str, Column] = {
    "cidr": "cidr_block",
    "cidr-block": "cidr_block",
    "cidrBlock": "cidr_block",
    "cidr-block-association.cidr-block": lambda values: _associated("CidrBlock", values),
    "cidr-block-association.association-id": lambda values: _associated("AssociationId", values),
    "cidr-block-association.state": lambda values: Q() if "associated" in values else Q(pk__in=[]),
    "dhcp-options-id": "dhcp_options__resource_id",
    "is-default": lambda values: Q(is_default__in=[value == "true" for value in values]),
    "isDefault": lambda values: Q(is_default__in=[value == "true" for value in values]),
    "owner-id": "account_id",
    "state": "state",
    "vpc-id": "resource_id",
}
# Attribute of Describe… and Modify…VpcAttribute → column.
ATTRIBUTES = {
    "enableDnsSupport": ("EnableDnsSupport", "enable_dns_support"),
    "enableDnsHostnames": ("EnableDnsHostnames", "enable_dns_hostnames"),
    "enableNetworkAddressUsageMetrics": (
        "EnableNetworkAddressUsageMetrics",
        "enable_network_address_usage_metrics",
    ),
}


@operation("ec2:CreateVpc")
def create_vpc(
    ctx: Context,
    /,
    *,
    cidr_block: str = "",
    instance_tenancy: str = "default",
    tag_specifications: list[dict[str, Any]] | None = None,
    amazon_provided_ipv6_cidr_block: bool = False,
    dry_run: bool = False,
    **_: Any,
) -> Response:
    """Answers {"Vpc": …}, with a main route table, a network ACL and a default group inside.

    Simplified: IPv4 only.
    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html
    """
    tags = lookup.tags_of(tag_specifications, Vpc)
    lookup.authorize_new(ctx, "ec2:CreateVpc", Vpc, tags)
    if amazon_provided_ipv6_cidr_block:
        raise InvalidParameterCombination("This lab has no IPv6 addresses to assign.")
    block = _block(cidr_block)
    # One at a time per account and region: the region's row is what the quota is counted under.
    default_vpc.hold_region(ctx)
    if Vpc.objects.in_scope(ctx).count() >= quotas.VPCS:
        raise VpcLimitExceeded
    vpc = default_vpc.make_vpc(ctx, str(block), instance_tenancy=instance_tenancy, tags=tags)
    return {"Vpc": vpc.as_aws() | {"State": "pending"}}


@operation("ec2:CreateDefaultVpc")
def create_default_vpc(ctx: Context, /, *, dry_run: bool = False) -> Response:
    """Makes the default VPC anew, where it was deleted. Answers {"Vpc": …}.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateDefaultVpc.html
    """
    lookup.authorize_new(ctx, "ec2:CreateDefaultVpc", Vpc, {})
    default_vpc.hold_region(ctx)
    if Vpc.objects.in_scope(ctx).filter(is_default=True).exists():
        raise DefaultVpcAlreadyExists
    if Vpc.objects.in_scope(ctx).count() >= quotas.VPCS:
        raise VpcLimitExceeded
    return {"Vpc": default_vpc.make_default_vpc(ctx).as_aws()}


@operation("ec2:DescribeVpcs")
def describe_vpcs(
    ctx: Context,
    /,
    *,
    vpc_ids: list[str] | None = None,
    filters: list[dict[str, Any]] | None = None,
    next_token: str = "",
    max_results: int = 0,
    dry_run: bool = False,
) -> Response:
    """Answers {"Vpcs": […], "NextToken": …}.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcs.html
    """
    page = lookup.describe(
        ctx,
        "ec2:DescribeVpcs",
        Vpc.objects.select_related("dhcp_options"),
        ids=vpc_ids,
        filters=filters,
        columns=FILTERS,
        max_results=max_results,
        next_token=next_token,
    )
    return {"Vpcs": [vpc.as_aws() for vpc in page.rows], **page.next_token()}


@operation("ec2:DeleteVpc")
def delete_vpc(ctx: Context, /, *, vpc_id: str, dry_run: bool = False) -> Response:
    """Deletes a VPC of which only what came with it is left. Raises DependencyViolation.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html
    """
    vpc = lookup.one(ctx, "ec2:DeleteVpc", Vpc, vpc_id, locked=True)
    if dependants(vpc):
        raise DependencyViolation(
            f"The vpc '{vpc.resource_id}' has dependencies and cannot be deleted."
        )
    VpcPeeringConnection.objects.filter(accepter_vpc_id=vpc.resource_id).exclude(
        status="deleted"
    ).update(status="deleted", deleted_at=ctx.now)
    RouteTableAssociation.objects.filter(vpc=vpc).delete()
    for model in (RouteTable, NetworkAcl, SecurityGroup):
        model.objects.filter(vpc=vpc).delete()
    vpc.delete()
    return {}


@operation("ec2:DescribeVpcAttribute")
def describe_vpc_attribute(
    ctx: Context, /, *, vpc_id: str, attribute: str, dry_run: bool = False
) -> Response:
    """Answers {"VpcId": …, "EnableDnsSupport": {"Value": …}} or another attribute's.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcAttribute.html
    """
    vpc = lookup.one(ctx, "ec2:DescribeVpcAttribute", Vpc, vpc_id)
    if attribute not in ATTRIBUTES:
        raise InvalidParameterValue(value=attribute, parameter="attribute", reason="Unknown.")
    member, column = ATTRIBUTES[attribute]
    return {"VpcId": vpc.resource_id, member: {"Value": getattr(vpc, column)}}


@operation("ec2:ModifyVpcAttribute")
def modify_vpc_attribute(
    ctx: Context,
    /,
    *,
    vpc_id: str,
    enable_dns_support: dict[str, bool] | None = None,
    enable_dns_hostnames: dict[str, bool] | None = None,
    enable_network_address_usage_metrics: dict[str, bool] | None = None,
) -> Response:
    """Changes one attribute, as AWS insists. Raises InvalidParameterCombination.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcAttribute.html
    """
    vpc = lookup.one(ctx, "ec2:ModifyVpcAttribute", Vpc, vpc_id, locked=True)
    given = {
        "enable_dns_support": enable_dns_support,
        "enable_dns_hostnames": enable_dns_hostnames,
        "enable_network_address_usage_metrics": enable_network_address_usage_metrics,
    }
    wanted = {name: value["Value"] for name, value in given.items() if value is not None}
    if len(wanted) != 1:
        raise InvalidParameterCombination(
            "Fields for multiple attribute types specified" if wanted else "No attribute specified"
        )
    for name, is_on in wanted.items():
        setattr(vpc, name, is_on)
    vpc.save(update_fields=list(wanted))
    return {}


@operation("ec2:AssociateVpcCidrBlock")
def associate_vpc_cidr_block(
    ctx: Context,
    /,
    *,
    vpc_id: str,
    cidr_block: str = "",
    amazon_provided_ipv6_cidr_block: bool = False,
    **_: Any,
) -> Response:
    """Adds a block. Answers {"VpcId": …, "CidrBlockAssociation": …}.

    Simplified: IPv4 only; AWS's list of blocks that do not go together is not checked.
    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateVpcCidrBlock.html
    """
    vpc = lookup.one(ctx, "ec2:AssociateVpcCidrBlock", Vpc, vpc_id, locked=True)
    if amazon_provided_ipv6_cidr_block:
        raise InvalidParameterCombination("This lab has no IPv6 addresses to assign.")
    block = _block(cidr_block)
    if cidr.overlapping(block, vpc.blocks):
        raise InvalidVpcRange(f"The CIDR '{block}' conflicts with another CIDR of the VPC.")
    if len(vpc.cidr_associations) >= quotas.CIDR_BLOCKS_PER_VPC:
        raise VpcLimitExceeded("The maximum number of CIDR blocks per VPC has been reached.")
    added = {"AssociationId": ids.resource_id("vpc-cidr-assoc"), "CidrBlock": str(block)}
    vpc.cidr_associations = [*vpc.cidr_associations, added]
    vpc.save(update_fields=["cidr_associations"])
    for table in vpc.route_tables.all():
        table.routes.create(
            destination_cidr_block=str(block), target="local", origin="CreateRouteTable"
        )
    state = {"State": "associating"}
    return {"VpcId": vpc.resource_id, "CidrBlockAssociation": {**added, "CidrBlockState": state}}


@operation("ec2:DisassociateVpcCidrBlock")
def disassociate_vpc_cidr_block(ctx: Context, /, *, association_id: str) -> Response:
    """Takes a block away in which no subnet lies. Answers {"VpcId": …, "CidrBlockAssociation": …}.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateVpcCidrBlock.html
    """
    rows = Vpc.objects.in_scope(ctx).select_for_update(of=("self",))
    vpc: Vpc | None = rows.filter(
        cidr_associations__contains=[{"AssociationId": association_id}]
    ).first()
    if vpc is None:
        ctx.authorize("ec2:DisassociateVpcCidrBlock", lookup.arn_of(ctx, Vpc, "*"))
        raise not_found("VpcCidrBlockAssociationID")(
            f"The vpc CIDR block association ID '{association_id}' does not exist"
        )
    lookup.authorize(ctx, "ec2:DisassociateVpcCidrBlock", vpc)
    gone = next(one for one in vpc.cidr_associations if one["AssociationId"] == association_id)
    block = cidr.parse(gone["CidrBlock"])
    if gone["CidrBlock"] == vpc.cidr_block:
        raise OperationNotPermitted(
            f"The vpc CIDR block with association ID {association_id} may not be disassociated. "
            "It is the primary IPv4 CIDR block of the VPC"
        )
    if cidr.overlapping(block, (subnet.block for subnet in vpc.subnets.all())):
        raise DependencyViolation(
            f"The vpc CIDR block '{block}' has dependencies and cannot be disassociated."
        )
    vpc.cidr_associations = [one for one in vpc.cidr_associations if one is not gone]
    vpc.save(update_fields=["cidr_associations"])
    for table in vpc.route_tables.all():
        table.routes.filter(destination_cidr_block=str(block), target="local").delete()
    state = {"State": "disassociating"}
    return {"VpcId": vpc.resource_id, "CidrBlockAssociation": {**gone, "CidrBlockState": state}}


def dependants(vpc: Vpc) -> list[str]:
    """Ids of what keeps a VPC from being deleted, for the sentence and for the delete page."""
    found = [gateway.resource_id for gateway in _gateway(vpc)]
    main = RouteTableAssociation.objects.filter(vpc=vpc, subnet=None, gateway_id="")
    for rows in (
        vpc.subnets.all(),
        vpc.network_interfaces.all(),
        vpc.endpoints.all(),
        vpc.egress_only_gateways.all(),
        vpc.nat_gateways.exclude(state="deleted"),
        vpc.security_groups.exclude(group_name="default"),
        vpc.network_acls.exclude(is_default=True),
        vpc.route_tables.exclude(pk__in=main.values("route_table")),
        vpc.peerings.filter(status__in=["active", "pending-acceptance"]),
    ):
        found += rows.values_list("resource_id", flat=True)
    return found


def _gateway(vpc: Vpc) -> list[Any]:
    return [vpc.internet_gateway] if hasattr(vpc, "internet_gateway") else []


def _block(text: str) -> Any:
    """A block that a VPC may have. Raises InvalidParameterValue, InvalidVpc.Range."""
    if not text:
        raise InvalidParameterCombination(
            "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided."
        )
    try:
        block = cidr.parse(text)
    except ValueError:
        raise InvalidParameterValue(
            f"Value ({text}) for parameter cidrBlock is invalid. This is not a valid CIDR block."
        ) from None
    if not cidr.has_vpc_size(block):
        raise InvalidVpcRange(cidr=text)
    return block


def _associated(member: str, values: Any) -> Q:
    condition = Q(pk__in=[])
    for value in values:
        condition |= Q(cidr_associations__contains=[{member: value}])
    return condition
