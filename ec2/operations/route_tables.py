"""Route tables and what they are associated with. Their routes are in routes.py."""

from typing import Any

from django.db.models import Prefetch, Q

from aws import ids
from aws.context import Context
from aws.filters import Column
from ec2 import default_vpc, lookup, quotas, routing
from ec2.door import Response, operation
from ec2.errors import (
    DependencyViolation,
    InvalidParameterCombination,
    MissingParameter,
    ResourceAlreadyAssociated,
    RouteTableLimitExceeded,
    not_found,
    value,
)
from ec2.filtering import Condition, through
from ec2.models import (
    InternetGateway,
    Route,
    RouteTable,
    RouteTableAssociation,
    Subnet,
    Vpc,
)


def _association(column: str | Condition) -> Condition:
    return through(RouteTableAssociation, "route_table", column)


def _route(column: str | Condition) -> Condition:
    return through(Route, "route_table", column)


def _main(values: Any) -> Q:
    is_main = Q(subnet=None, gateway_id="")
    condition = Q(pk__in=[])
    for text in values:
        condition |= is_main if text == "true" else ~is_main
    return condition


FILTERS: dict[str, Column] = {
    "association.gateway-id": _association("gateway_id"),
    "association.main": _association(_main),
    "association.route-table-association-id": _association("association_id"),
    "association.route-table-id": _association("route_table__resource_id"),
    "association.subnet-id": _association("subnet__resource_id"),
    "owner-id": "account_id",
    "route-table-id": "resource_id",
    "route.destination-cidr-block": _route("destination_cidr_block"),
    "route.destination-ipv6-cidr-block": _route("destination_ipv6_cidr_block"),
    "route.destination-prefix-list-id": _route("destination_prefix_list_id"),
    "route.egress-only-internet-gateway-id": _route("target"),
    "route.gateway-id": _route("target"),
    "route.nat-gateway-id": _route("target"),
    "route.origin": _route("origin"),
    "route.state": _route(
        lambda values: Q(is_blackhole__in=[one == "blackhole" for one in values])
    ),
    "route.vpc-peering-connection-id": _route("target"),
    "vpc-id": "vpc__resource_id",
}


@operation("ec2:CreateRouteTable", client_token="client_token")  # noqa: S106 - an argument's name
def create_route_table(
    ctx: Context,
    /,
    *,
    vpc_id: str,
    client_token: str = "",
    tag_specifications: list[dict[str, Any]] | None = None,
    dry_run: bool = False,
) -> Response:
    """Answers {"RouteTable": …}, with the local routes.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRouteTable.html
    """
    tags = lookup.tags_of(tag_specifications, RouteTable)
    lookup.authorize_new(ctx, "ec2:CreateRouteTable", RouteTable, tags)
    vpc = lookup.one(ctx, "ec2:CreateRouteTable", Vpc, vpc_id, locked=True)
    if vpc.route_tables.count() >= quotas.ROUTE_TABLES_PER_VPC:
        raise RouteTableLimitExceeded
    table = RouteTable.objects.create(**default_vpc.owned(ctx, "rtb"), vpc=vpc, tags=tags)
    Route.objects.bulk_create(
        Route(
            route_table=table,
            destination_cidr_block=str(block),
            target="local",
            origin="CreateRouteTable",
        )
        for block in vpc.blocks
    )
    token = {"ClientToken": client_token} if client_token else {}
    return {"RouteTable": _as_aws(table), **token}


@operation("ec2:DescribeRouteTables")
def describe_route_tables(
    ctx: Context,
    /,
    *,
    route_table_ids: list[str] | None = None,
    filters: list[dict[str, Any]] | None = None,
    next_token: str = "",
    max_results: int = 0,
    dry_run: bool = False,
) -> Response:
    """Answers {"RouteTables": […], "NextToken": …}.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRouteTables.html
    """
    associations = RouteTableAssociation.objects.select_related("subnet").order_by("pk")
    page = lookup.describe(
        ctx,
        "ec2:DescribeRouteTables",
        RouteTable.objects.select_related("vpc").prefetch_related(
            Prefetch("routes", queryset=Route.objects.order_by("pk")),
            Prefetch("associations", queryset=associations),
        ),
        ids=route_table_ids,
        filters=filters,
        columns=FILTERS,
        max_results=max_results,
        next_token=next_token,
    )
    return {"RouteTables": [_as_aws(one) for one in page.rows], **page.next_token()}


@operation("ec2:DeleteRouteTable")
def delete_route_table(ctx: Context, /, *, route_table_id: str, dry_run: bool = False) -> Response:
    """Deletes a table that is associated with nothing. Raises DependencyViolation.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteRouteTable.html
    """
    table = _held(ctx, "ec2:DeleteRouteTable", route_table_id)
    if table.associations.exists():
        raise DependencyViolation(
            f"The routeTable '{route_table_id}' has dependencies and cannot be deleted."
        )
    table.delete()
    return {}


@operation("ec2:AssociateRouteTable")
def associate_route_table(
    ctx: Context,
    /,
    *,
    route_table_id: str,
    subnet_id: str = "",
    gateway_id: str = "",
    dry_run: bool = False,
    **_: Any,
) -> Response:
    """Answers {"AssociationId": …, "AssociationState": …}; again the same for the same pair.

    Raises Resource.AlreadyAssociated.
    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateRouteTable.html
    """
    action = "ec2:AssociateRouteTable"
    table = _held(ctx, action, route_table_id)
    if subnet_id and gateway_id:
        raise InvalidParameterCombination("Specify either subnetId or gatewayId, not both.")
    if not (subnet_id or gateway_id):
        raise MissingParameter("The request must contain the parameter subnetId or gatewayId")
    end: Subnet | InternetGateway
    if subnet_id:
        end = lookup.one(
            ctx, action, Subnet, subnet_id, rows=Subnet.objects.select_related("vpc"), locked=True
        )
        place: dict[str, Any] = {"subnet": end}
    else:
        end = lookup.one(ctx, action, InternetGateway, gateway_id, locked=True)
        place = {"gateway_id": gateway_id}
    if end.vpc_id != table.vpc_id:
        noun = "subnet" if subnet_id else "gateway"
        raise value(
            f"Route table {route_table_id} and {noun} {end.resource_id} belong to different "
            "networks"
        )
    found = RouteTableAssociation.objects.filter(**place).first()
    if found is not None and found.route_table_id != table.pk:
        raise ResourceAlreadyAssociated(
            f"the specified association for route table {route_table_id} conflicts with an "
            "existing association"
        )
    found = found or _associate(table, **place)
    return {"AssociationId": found.association_id, "AssociationState": {"State": "associated"}}


@operation("ec2:DisassociateRouteTable")
def disassociate_route_table(
    ctx: Context, /, *, association_id: str, dry_run: bool = False
) -> Response:
    """The subnet follows the main table again. Raises InvalidAssociationID.NotFound.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateRouteTable.html
    """
    association = _find_association(ctx, "ec2:DisassociateRouteTable", association_id)
    if association.is_main:
        raise value(f"cannot disassociate the main route table association {association_id}")
    association.delete()
    return {}


@operation("ec2:ReplaceRouteTableAssociation")
def replace_route_table_association(
    ctx: Context, /, *, association_id: str, route_table_id: str, dry_run: bool = False
) -> Response:
    """Puts another table in the place of one, of the VPC's main table as well.

    Answers {"NewAssociationId": …, "AssociationState": …}.
    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceRouteTableAssociation.html
    """
    action = "ec2:ReplaceRouteTableAssociation"
    association = _find_association(ctx, action, association_id)
    table = _held(ctx, action, route_table_id)
    if table.vpc_id != association.vpc_id:
        raise value(
            f"Route table {route_table_id} and association {association_id} belong to different "
            "networks"
        )
    association.association_id = ids.resource_id("rtbassoc")
    association.route_table = table
    association.save(update_fields=["association_id", "route_table"])
    return {
        "NewAssociationId": association.association_id,
        "AssociationState": {"State": "associated"},
    }


def _held(ctx: Context, action: str, table_id: str) -> RouteTable:
    rows = RouteTable.objects.select_related("vpc")
    found: RouteTable = lookup.one(ctx, action, RouteTable, table_id, rows=rows, locked=True)
    return found


def _associate(table: RouteTable, **place: Any) -> RouteTableAssociation:
    return RouteTableAssociation.objects.create(
        association_id=ids.resource_id("rtbassoc"), route_table=table, vpc=table.vpc, **place
    )


def _find_association(ctx: Context, action: str, association_id: str) -> RouteTableAssociation:
    """Asks about the table that it is of."""
    found = (
        RouteTableAssociation.objects.select_for_update(of=("self",))
        .select_related("route_table__vpc")
        .filter(
            association_id=association_id,
            vpc__account_id=ctx.account_id,
            vpc__region=ctx.region,
        )
        .first()
    )
    if found is None:
        ctx.authorize(
            action, lookup.arn_of(ctx, RouteTable, "*"), conditions={"ec2:Region": ctx.region}
        )
        raise not_found("AssociationID")(f"The association ID '{association_id}' does not exist")
    lookup.authorize(ctx, action, found.route_table)
    return found


def _as_aws(table: RouteTable) -> dict[str, Any]:
    return {
        "RouteTableId": table.resource_id,
        "VpcId": table.vpc.resource_id,
        "OwnerId": table.account_id,
        "Routes": [routing.route_as_aws(one) for one in table.routes.all()],
        "Associations": [_association_as_aws(table, one) for one in table.associations.all()],
        "PropagatingVgws": [],
        "Tags": lookup.tag_set(table.tags),
    }


def _association_as_aws(table: RouteTable, one: RouteTableAssociation) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "RouteTableAssociationId": one.association_id,
        "RouteTableId": table.resource_id,
        "Main": one.is_main,
        "AssociationState": {"State": "associated"},
    }
    if one.subnet:
        shown["SubnetId"] = one.subnet.resource_id
    if one.gateway_id:
        shown["GatewayId"] = one.gateway_id
    return shown
