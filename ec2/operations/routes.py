"""Routes of route tables."""

from typing import Any

from aws.context import Context
from ec2 import lookup, quotas, routing
from ec2.door import Response, operation
from ec2.errors import RouteAlreadyExists, RouteLimitExceeded, not_found, value
from ec2.models import Route, RouteTable
from ec2.network import cidr


@operation("ec2:CreateRoute")
def create_route(
    ctx: Context, /, *, route_table_id: str, dry_run: bool = False, **given: Any
) -> Response:
    """given: one destination and one target. Answers {"Return": True}.

    Raises RouteAlreadyExists. Simplified: no transit, local, carrier or core network gateways.
    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html
    """
    table = _held(ctx, "ec2:CreateRoute", route_table_id)
    destination = routing.destination(ctx, given)
    target = routing.target(ctx, table, given)
    (text,) = destination.values()
    if table.routes.filter(**destination).exists():
        raise RouteAlreadyExists(destination=text)
    if "destination_cidr_block" in destination:
        _require_place(table, text)
    if table.routes.count() >= quotas.ROUTES_PER_TABLE:
        raise RouteLimitExceeded
    Route.objects.create(route_table=table, target=target, **destination)
    return {"Return": True}


@operation("ec2:ReplaceRoute")
def replace_route(
    ctx: Context,
    /,
    *,
    route_table_id: str,
    local_target: bool = False,
    dry_run: bool = False,
    **given: Any,
) -> Response:
    """Leads a destination elsewhere. local_target: back to the VPC itself.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceRoute.html
    """
    table = _held(ctx, "ec2:ReplaceRoute", route_table_id)
    destination = routing.destination(ctx, given)
    target = "local" if local_target else routing.target(ctx, table, given)
    route = table.routes.filter(**destination).first()
    if route is None:
        (text,) = destination.values()
        raise value(
            f"There is no route defined for '{text}' in the route table. Use CreateRoute instead."
        )
    if target == "local" and route.origin != "CreateRouteTable":
        raise value(f"The route {route.destination} cannot lead to the target local.")
    route.target, route.is_blackhole = target, False
    route.save(update_fields=["target", "is_blackhole"])
    return {}


@operation("ec2:DeleteRoute")
def delete_route(
    ctx: Context, /, *, route_table_id: str, dry_run: bool = False, **given: Any
) -> Response:
    """given: one destination. Raises InvalidRoute.NotFound.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteRoute.html
    """
    table = _held(ctx, "ec2:DeleteRoute", route_table_id)
    ((name, text),) = routing.destination(ctx, given).items()
    route = table.routes.filter(**{name: text}).first()
    if route is None:
        raise not_found("Route")(
            f"no route with {name.replace('_', '-')} {text} in route table {route_table_id}"
        )
    if route.origin == "CreateRouteTable":
        raise value(f"cannot remove local route {text} in route table {route_table_id}")
    route.delete()
    return {}


def _held(ctx: Context, action: str, table_id: str) -> RouteTable:
    rows = RouteTable.objects.select_related("vpc")
    found: RouteTable = lookup.one(ctx, action, RouteTable, table_id, rows=rows, locked=True)
    return found


def _require_place(table: RouteTable, text: str) -> None:
    """Within the VPC, a route may cover just what a subnet does."""
    block = cidr.parse(text)
    if not cidr.contains(table.vpc.blocks, block):
        return
    if all(subnet.block != block for subnet in table.vpc.subnets.all()):
        raise value("Route destination doesn't match any subnet CIDR blocks.")
