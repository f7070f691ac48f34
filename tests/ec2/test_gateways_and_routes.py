"""Internet gateways, route tables, routes, and what happens when a target goes."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws.context import Context
from aws.errors import DryRunOperation, UnauthorizedOperation
from ec2 import quotas
from ec2.errors import (
    DependencyViolation,
    GatewayNotAttached,
    InternetGatewayLimitExceeded,
    InvalidParameterValue,
    MissingParameter,
    ResourceAlreadyAssociated,
    RouteAlreadyExists,
    RouteLimitExceeded,
    RouteTableLimitExceeded,
    not_found,
)
from ec2.models import (
    InternetGateway,
    NetworkInterface,
    PrivateAddress,
    RouteTable,
    RouteTableAssociation,
    Subnet,
)
from ec2.operations import (
    associate_route_table,
    attach_internet_gateway,
    create_internet_gateway,
    create_route,
    create_route_table,
    create_subnet,
    create_vpc,
    delete_internet_gateway,
    delete_route,
    delete_route_table,
    describe_route_tables,
    detach_internet_gateway,
    disassociate_route_table,
    replace_route,
    replace_route_table_association,
)
from iam.models import User
from tests.factories import ctx_for

WORLD = "0.0.0.0/0"


@pytest.fixture
def vpc_id(ctx: Context) -> str:
    return str(create_vpc(ctx, cidr_block="10.0.0.0/16")["Vpc"]["VpcId"])


@pytest.fixture
def subnet_id(ctx: Context, vpc_id: str) -> str:
    made = create_subnet(ctx, vpc_id=vpc_id, cidr_block="10.0.1.0/24")
    return str(made["Subnet"]["SubnetId"])


@pytest.fixture
def gateway_id(ctx: Context, vpc_id: str) -> str:
    made = create_internet_gateway(ctx)["InternetGateway"]["InternetGatewayId"]
    attach_internet_gateway(ctx, internet_gateway_id=made, vpc_id=vpc_id)
    return str(made)


@pytest.fixture
def table_id(ctx: Context, vpc_id: str) -> str:
    return str(create_route_table(ctx, vpc_id=vpc_id)["RouteTable"]["RouteTableId"])


def _states(ctx: Context, table_id: str) -> dict[str, str]:
    (table,) = describe_route_tables(ctx, route_table_ids=[table_id])["RouteTables"]
    return {one["DestinationCidrBlock"]: one["State"] for one in table["Routes"]}


def test_boto3_leads_a_subnet_out_and_back(ec2: Any, vpc_id: str, subnet_id: str) -> None:
    gateway_id = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway_id, VpcId=vpc_id)
    table = ec2.create_route_table(VpcId=vpc_id)["RouteTable"]
    table_id = table["RouteTableId"]
    assert [one["GatewayId"] for one in table["Routes"]] == ["local"]
    ec2.create_route(RouteTableId=table_id, DestinationCidrBlock=WORLD, GatewayId=gateway_id)
    made = ec2.associate_route_table(RouteTableId=table_id, SubnetId=subnet_id)
    wanted = [
        {"Name": "association.subnet-id", "Values": [subnet_id]},
        {"Name": "route.gateway-id", "Values": ["igw-*"]},
    ]
    (found,) = ec2.describe_route_tables(Filters=wanted)["RouteTables"]
    assert found["Associations"][0]["RouteTableAssociationId"] == made["AssociationId"]
    ec2.disassociate_route_table(AssociationId=made["AssociationId"])
    ec2.delete_route(RouteTableId=table_id, DestinationCidrBlock=WORLD)
    ec2.delete_route_table(RouteTableId=table_id)
    ec2.detach_internet_gateway(InternetGatewayId=gateway_id, VpcId=vpc_id)
    ec2.delete_internet_gateway(InternetGatewayId=gateway_id)
    with pytest.raises(ClientError) as refused:
        ec2.describe_route_tables(RouteTableIds=[table_id])
    assert refused.value.response["Error"] == {
        "Code": "InvalidRouteTableID.NotFound",
        "Message": f"The routeTable ID '{table_id}' does not exist",
    }


def test_a_vpc_has_one_gateway_and_a_gateway_one_vpc(
    ctx: Context, vpc_id: str, gateway_id: str
) -> None:
    with pytest.raises(ResourceAlreadyAssociated, match=f"already attached to network {vpc_id}"):
        attach_internet_gateway(ctx, internet_gateway_id=gateway_id, vpc_id=vpc_id)
    other = create_internet_gateway(ctx)["InternetGateway"]["InternetGatewayId"]
    with pytest.raises(InvalidParameterValue, match="already has an internet gateway attached"):
        attach_internet_gateway(ctx, internet_gateway_id=other, vpc_id=vpc_id)
    with pytest.raises(GatewayNotAttached):
        detach_internet_gateway(ctx, internet_gateway_id=other, vpc_id=vpc_id)


def test_an_attached_gateway_is_not_deleted(ctx: Context, gateway_id: str) -> None:
    with pytest.raises(DependencyViolation, match=f"The internetGateway '{gateway_id}' has"):
        delete_internet_gateway(ctx, internet_gateway_id=gateway_id)


def test_a_gateway_stays_while_public_addresses_are_in_use(
    ctx: Context, vpc_id: str, subnet_id: str, gateway_id: str
) -> None:
    subnet = Subnet.objects.get(resource_id=subnet_id)
    interface = NetworkInterface.objects.create(
        account_id=ctx.account_id,
        region=ctx.region,
        resource_id="eni-0123456789abcdef0",
        vpc=subnet.vpc,
        subnet=subnet,
        private_ip_address="10.0.1.4",
    )
    PrivateAddress.objects.create(
        interface=interface, subnet=subnet, address="10.0.1.4", public_ip="127.77.0.9"
    )
    with pytest.raises(DependencyViolation, match=f"Network {vpc_id} has some mapped public"):
        detach_internet_gateway(ctx, internet_gateway_id=gateway_id, vpc_id=vpc_id)


def test_gateways_end_at_the_quota(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "INTERNET_GATEWAYS", 1)
    with pytest.raises(InternetGatewayLimitExceeded):
        create_internet_gateway(ctx)


def test_a_route_is_a_blackhole_while_its_gateway_is_detached(
    ctx: Context, vpc_id: str, gateway_id: str, table_id: str
) -> None:
    create_route(ctx, route_table_id=table_id, destination_cidr_block=WORLD, gateway_id=gateway_id)
    assert _states(ctx, table_id)[WORLD] == "active"
    detach_internet_gateway(ctx, internet_gateway_id=gateway_id, vpc_id=vpc_id)
    assert _states(ctx, table_id) == {"10.0.0.0/16": "active", WORLD: "blackhole"}
    attach_internet_gateway(ctx, internet_gateway_id=gateway_id, vpc_id=vpc_id)
    assert _states(ctx, table_id)[WORLD] == "active"


def test_a_destination_has_one_route(ctx: Context, gateway_id: str, table_id: str) -> None:
    route: dict[str, Any] = {"destination_cidr_block": WORLD, "gateway_id": gateway_id}
    create_route(ctx, route_table_id=table_id, **route)
    with pytest.raises(RouteAlreadyExists, match=f"The route identified by {WORLD}"):
        create_route(ctx, route_table_id=table_id, **route)
    replace_route(ctx, route_table_id=table_id, **route)
    with pytest.raises(InvalidParameterValue, match="Use CreateRoute instead"):
        replace_route(
            ctx, route_table_id=table_id, **(route | {"destination_cidr_block": "8.0.0.0/8"})
        )


def test_the_local_route_stays(ctx: Context, table_id: str) -> None:
    with pytest.raises(InvalidParameterValue, match="cannot remove local route 10.0.0.0/16"):
        delete_route(ctx, route_table_id=table_id, destination_cidr_block="10.0.0.0/16")
    with pytest.raises(not_found("Route"), match="no route with destination-cidr-block"):
        delete_route(ctx, route_table_id=table_id, destination_cidr_block=WORLD)


def test_a_route_needs_a_target_of_its_own_network(ctx: Context, table_id: str) -> None:
    with pytest.raises(MissingParameter, match="exactly one of gatewayId"):
        create_route(ctx, route_table_id=table_id, destination_cidr_block=WORLD)
    other = InternetGateway.objects.get(vpc__is_default=True).resource_id
    with pytest.raises(InvalidParameterValue, match="belong to different networks"):
        create_route(ctx, route_table_id=table_id, destination_cidr_block=WORLD, gateway_id=other)


def test_tables_and_routes_end_at_the_quota(
    ctx: Context,
    vpc_id: str,
    gateway_id: str,
    table_id: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(quotas, "ROUTES_PER_TABLE", 1)
    monkeypatch.setattr(quotas, "ROUTE_TABLES_PER_VPC", 2)
    with pytest.raises(RouteLimitExceeded):
        create_route(
            ctx, route_table_id=table_id, destination_cidr_block=WORLD, gateway_id=gateway_id
        )
    with pytest.raises(RouteTableLimitExceeded):
        create_route_table(ctx, vpc_id=vpc_id)


def test_who_only_reads_makes_no_route(bob: User, gateway_id: str, table_id: str) -> None:
    with pytest.raises(UnauthorizedOperation):
        create_route(
            ctx_for(bob),
            route_table_id=table_id,
            destination_cidr_block=WORLD,
            gateway_id=gateway_id,
        )


def test_dry_run_makes_no_table(ctx: Context, vpc_id: str) -> None:
    before = RouteTable.objects.count()
    with pytest.raises(DryRunOperation):
        create_route_table(ctx, vpc_id=vpc_id, dry_run=True)
    assert RouteTable.objects.count() == before


def test_another_accounts_table_and_association_do_not_exist(
    ctx: Context, subnet_id: str, table_id: str, mallory: User, client_of: Callable[..., Any]
) -> None:
    made = associate_route_table(ctx, route_table_id=table_id, subnet_id=subnet_id)
    client = client_of(mallory)
    with pytest.raises(ClientError, match="InvalidRouteTableID.NotFound"):
        client.delete_route_table(RouteTableId=table_id)
    with pytest.raises(ClientError, match="InvalidAssociationID.NotFound"):
        client.disassociate_route_table(AssociationId=made["AssociationId"])


def test_a_subnet_has_one_table_until_it_is_replaced(
    ctx: Context, vpc_id: str, subnet_id: str, table_id: str
) -> None:
    made = associate_route_table(ctx, route_table_id=table_id, subnet_id=subnet_id)
    again = associate_route_table(ctx, route_table_id=table_id, subnet_id=subnet_id)
    assert again["AssociationId"] == made["AssociationId"]
    other = create_route_table(ctx, vpc_id=vpc_id)["RouteTable"]["RouteTableId"]
    with pytest.raises(ResourceAlreadyAssociated, match="conflicts with an existing association"):
        associate_route_table(ctx, route_table_id=other, subnet_id=subnet_id)
    with pytest.raises(DependencyViolation, match=f"The routeTable '{table_id}' has"):
        delete_route_table(ctx, route_table_id=table_id)
    replaced = replace_route_table_association(
        ctx, association_id=made["AssociationId"], route_table_id=other
    )
    assert replaced["NewAssociationId"] != made["AssociationId"]
    delete_route_table(ctx, route_table_id=table_id)


def test_the_main_table_is_replaced_but_never_dropped(
    ctx: Context, vpc_id: str, table_id: str
) -> None:
    main = RouteTableAssociation.objects.get(vpc__resource_id=vpc_id)
    with pytest.raises(InvalidParameterValue, match="cannot disassociate the main route table"):
        disassociate_route_table(ctx, association_id=main.association_id)
    replace_route_table_association(
        ctx, association_id=main.association_id, route_table_id=table_id
    )
    wanted = [
        {"Name": "association.main", "Values": ["true"]},
        {"Name": "vpc-id", "Values": [vpc_id]},
    ]
    (found,) = describe_route_tables(ctx, filters=wanted)["RouteTables"]
    assert found["RouteTableId"] == table_id
