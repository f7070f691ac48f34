"""Internet gateways, and those that lead only out."""

from typing import Any

from django.db.models import Q

from aws.context import Context
from aws.filters import Column
from ec2 import default_vpc, lookup, quotas, routing
from ec2.door import Response, operation
from ec2.errors import (
    DependencyViolation,
    EgressOnlyInternetGatewayLimitExceeded,
    GatewayNotAttached,
    InternetGatewayLimitExceeded,
    ResourceAlreadyAssociated,
    value,
)
from ec2.filtering import NOTHING
from ec2.models import EgressOnlyInternetGateway, InternetGateway, PrivateAddress, Vpc

FILTERS: dict[str, Column] = {
    "attachment.state": lambda values: Q(vpc__isnull=False) if "available" in values else NOTHING,
    "attachment.vpc-id": "vpc__resource_id",
    "internet-gateway-id": "resource_id",
    "owner-id": "account_id",
}


@operation("ec2:CreateInternetGateway")
def create_internet_gateway(
    ctx: Context,
    /,
    *,
    tag_specifications: list[dict[str, Any]] | None = None,
    dry_run: bool = False,
) -> Response:
    """Answers {"InternetGateway": …}, attached to nothing yet.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateInternetGateway.html
    """
    tags = lookup.tags_of(tag_specifications, InternetGateway)
    lookup.authorize_new(ctx, "ec2:CreateInternetGateway", InternetGateway, tags)
    default_vpc.hold_region(ctx)
    if InternetGateway.objects.in_scope(ctx).count() >= quotas.INTERNET_GATEWAYS:
        raise InternetGatewayLimitExceeded
    made = InternetGateway.objects.create(**default_vpc.owned(ctx, "igw"), tags=tags)
    return {"InternetGateway": _as_aws(made)}


@operation("ec2:DescribeInternetGateways")
def describe_internet_gateways(
    ctx: Context,
    /,
    *,
    internet_gateway_ids: list[str] | None = None,
    filters: list[dict[str, Any]] | None = None,
    next_token: str = "",
    max_results: int = 0,
    dry_run: bool = False,
) -> Response:
    """Answers {"InternetGateways": […], "NextToken": …}.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInternetGateways.html
    """
    page = lookup.describe(
        ctx,
        "ec2:DescribeInternetGateways",
        InternetGateway.objects.select_related("vpc"),
        ids=internet_gateway_ids,
        filters=filters,
        columns=FILTERS,
        max_results=max_results,
        next_token=next_token,
    )
    return {"InternetGateways": [_as_aws(one) for one in page.rows], **page.next_token()}


@operation("ec2:AttachInternetGateway")
def attach_internet_gateway(
    ctx: Context, /, *, internet_gateway_id: str, vpc_id: str, dry_run: bool = False
) -> Response:
    """Raises Resource.AlreadyAssociated. Routes that led to it before lead to it again.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachInternetGateway.html
    """
    gateway = _held(ctx, "ec2:AttachInternetGateway", internet_gateway_id)
    vpc = lookup.one(ctx, "ec2:AttachInternetGateway", Vpc, vpc_id, locked=True)
    if gateway.vpc is not None:
        raise ResourceAlreadyAssociated(
            resource_id=internet_gateway_id, vpc_id=gateway.vpc.resource_id
        )
    if InternetGateway.objects.filter(vpc=vpc).exists():
        raise value(f"Network {vpc_id} already has an internet gateway attached")
    gateway.vpc = vpc
    gateway.save(update_fields=["vpc"])
    routing.mark(internet_gateway_id, is_blackhole=False, vpc=vpc)
    return {}


@operation("ec2:DetachInternetGateway")
def detach_internet_gateway(
    ctx: Context, /, *, internet_gateway_id: str, vpc_id: str, dry_run: bool = False
) -> Response:
    """Raises Gateway.NotAttached, and DependencyViolation while public addresses are in use.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html
    """
    gateway = _held(ctx, "ec2:DetachInternetGateway", internet_gateway_id)
    vpc = lookup.one(ctx, "ec2:DetachInternetGateway", Vpc, vpc_id)
    if gateway.vpc_id != vpc.pk:
        raise GatewayNotAttached(resource_id=internet_gateway_id, vpc_id=vpc_id)
    mapped = Q(public_ip__isnull=False) | Q(elastic_ip__isnull=False)
    if PrivateAddress.objects.filter(mapped, subnet__vpc=vpc).exists():
        raise DependencyViolation(
            f"Network {vpc_id} has some mapped public address(es). Please unmap those public "
            "address(es) before detaching the gateway."
        )
    gateway.vpc = None
    gateway.save(update_fields=["vpc"])
    routing.mark(internet_gateway_id, is_blackhole=True)
    return {}


@operation("ec2:DeleteInternetGateway")
def delete_internet_gateway(
    ctx: Context, /, *, internet_gateway_id: str, dry_run: bool = False
) -> Response:
    """Deletes one that is detached. Raises DependencyViolation.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteInternetGateway.html
    """
    gateway = _held(ctx, "ec2:DeleteInternetGateway", internet_gateway_id)
    if gateway.vpc is not None:
        raise DependencyViolation(
            f"The internetGateway '{internet_gateway_id}' has dependencies and cannot be deleted.",
            users=[gateway.vpc.resource_id],
        )
    gateway.delete()
    routing.mark(internet_gateway_id, is_blackhole=True)
    return {}


@operation("ec2:CreateEgressOnlyInternetGateway", client_token="client_token")  # noqa: S106 - an argument's name
def create_egress_only_internet_gateway(
    ctx: Context,
    /,
    *,
    vpc_id: str,
    client_token: str = "",
    tag_specifications: list[dict[str, Any]] | None = None,
    dry_run: bool = False,
) -> Response:
    """Answers {"EgressOnlyInternetGateway": …}.

    Simplified: it carries nothing, for the lab has no IPv6 addresses.
    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateEgressOnlyInternetGateway.html
    """
    action = "ec2:CreateEgressOnlyInternetGateway"
    tags = lookup.tags_of(tag_specifications, EgressOnlyInternetGateway)
    lookup.authorize_new(ctx, action, EgressOnlyInternetGateway, tags)
    vpc = lookup.one(ctx, action, Vpc, vpc_id)
    default_vpc.hold_region(ctx)
    if EgressOnlyInternetGateway.objects.in_scope(ctx).count() >= quotas.EGRESS_ONLY_GATEWAYS:
        raise EgressOnlyInternetGatewayLimitExceeded
    made = EgressOnlyInternetGateway.objects.create(
        **default_vpc.owned(ctx, "eigw"), vpc=vpc, tags=tags
    )
    token = {"ClientToken": client_token} if client_token else {}
    return {"EgressOnlyInternetGateway": _egress_only_as_aws(made), **token}


@operation("ec2:DescribeEgressOnlyInternetGateways")
def describe_egress_only_internet_gateways(
    ctx: Context,
    /,
    *,
    egress_only_internet_gateway_ids: list[str] | None = None,
    filters: list[dict[str, Any]] | None = None,
    next_token: str = "",
    max_results: int = 0,
    dry_run: bool = False,
) -> Response:
    """Answers {"EgressOnlyInternetGateways": […], "NextToken": …}.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeEgressOnlyInternetGateways.html
    """
    page = lookup.describe(
        ctx,
        "ec2:DescribeEgressOnlyInternetGateways",
        EgressOnlyInternetGateway.objects.select_related("vpc"),
        ids=egress_only_internet_gateway_ids,
        filters=filters,
        columns={},
        max_results=max_results,
        next_token=next_token,
    )
    shown = [_egress_only_as_aws(one) for one in page.rows]
    return {"EgressOnlyInternetGateways": shown, **page.next_token()}


@operation("ec2:DeleteEgressOnlyInternetGateway")
def delete_egress_only_internet_gateway(
    ctx: Context, /, *, egress_only_internet_gateway_id: str, dry_run: bool = False
) -> Response:
    """Answers {"ReturnCode": True}. Routes to it become blackholes.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteEgressOnlyInternetGateway.html
    """
    gateway = lookup.one(
        ctx,
        "ec2:DeleteEgressOnlyInternetGateway",
        EgressOnlyInternetGateway,
        egress_only_internet_gateway_id,
        locked=True,
    )
    gateway.delete()
    routing.mark(egress_only_internet_gateway_id, is_blackhole=True)
    return {"ReturnCode": True}


def _held(ctx: Context, action: str, gateway_id: str) -> InternetGateway:
    rows = InternetGateway.objects.select_related("vpc")
    found: InternetGateway = lookup.one(
        ctx, action, InternetGateway, gateway_id, rows=rows, locked=True
    )
    return found


def _as_aws(gateway: InternetGateway) -> dict[str, Any]:
    attached = [{"VpcId": gateway.vpc.resource_id, "State": "available"}] if gateway.vpc else []
    return {
        "InternetGatewayId": gateway.resource_id,
        "OwnerId": gateway.account_id,
        "Attachments": attached,
        "Tags": lookup.tag_set(gateway.tags),
    }


def _egress_only_as_aws(gateway: EgressOnlyInternetGateway) -> dict[str, Any]:
    return {
        "EgressOnlyInternetGatewayId": gateway.resource_id,
        "Attachments": [{"VpcId": gateway.vpc.resource_id, "State": "attached"}],
        "Tags": lookup.tag_set(gateway.tags),
    }
