"""VPCs with what AWS puts into each: a main route table, a network ACL and a default group.

An account's first call to EC2 in a region finds the default VPC there: it is made with that call,
since an account has seventeen regions and a student uses one or two.
AWS: https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html
"""

from typing import Any

from aws import ids
from aws.context import Context
from aws.regions import BY_NAME
from ec2.models import (
    LAST_ENTRY,
    DhcpOptions,
    InternetGateway,
    NetworkAcl,
    NetworkAclEntry,
    RegionSettings,
    Route,
    RouteTable,
    RouteTableAssociation,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
    Vpc,
)

BLOCK = "172.31.0.0/16"
EVERYWHERE = "0.0.0.0/0"
PREPARED = "ec2.region"


def prepare(ctx: Context) -> RegionSettings:
    """The region's settings, with its default VPC where this is the first call there."""
    key = f"{PREPARED}:{ctx.region}"
    known: RegionSettings | None = ctx.cache.get(key)
    if known is None:
        known = RegionSettings.objects.in_scope(ctx).first() or _first_call(ctx)
        ctx.cache[key] = known
    return known


def hold_region(ctx: Context) -> None:
    """Makes calls that count a region's resources against a quota wait for each other."""
    settings = prepare(ctx)
    RegionSettings.objects.select_for_update().get(pk=settings.pk)


def _first_call(ctx: Context) -> RegionSettings:
    """Two first calls at once: the second waits for the first at the unique index."""
    settings, is_new = RegionSettings.objects.get_or_create(
        account_id=ctx.account_id, region=ctx.region
    )
    if is_new:
        make_default_vpc(ctx)
    return settings


def make_default_vpc(ctx: Context) -> Vpc:
    """172.31.0.0/16 with a public /20 in every zone."""
    vpc = make_vpc(ctx, BLOCK, is_default=True, enable_dns_hostnames=True)
    gateway = InternetGateway.objects.create(**owned(ctx, "igw"), vpc=vpc)
    table = RouteTable.objects.get(vpc=vpc)
    Route.objects.create(
        route_table=table, destination_cidr_block=EVERYWHERE, target=gateway.resource_id
    )
    acl = NetworkAcl.objects.get(vpc=vpc)
    blocks = vpc.blocks[0].subnets(new_prefix=20)
    Subnet.objects.bulk_create(
        make_subnet(
            ctx,
            vpc=vpc,
            acl=acl,
            cidr_block=str(block),
            zone=zone,
            is_default=True,
            map_public_ip_on_launch=True,
        )
        for zone, block in zip(BY_NAME[ctx.region].zones, blocks, strict=False)
    )
    return vpc


def make_vpc(ctx: Context, cidr_block: str, **fields: Any) -> Vpc:
    """fields: other columns of Vpc."""
    options, _ = DhcpOptions.objects.get_or_create(
        account_id=ctx.account_id,
        region=ctx.region,
        is_default=True,
        defaults={
            "resource_id": ids.resource_id("dopt"),
            "created_at": ctx.now,
            "configurations": {
                "domain-name": [private_domain(ctx.region)],
                "domain-name-servers": ["AmazonProvidedDNS"],
            },
        },
    )
    vpc = Vpc.objects.create(
        **owned(ctx, "vpc"),
        cidr_block=cidr_block,
        cidr_associations=[
            {"AssociationId": ids.resource_id("vpc-cidr-assoc"), "CidrBlock": cidr_block}
        ],
        dhcp_options=options,
        **fields,
    )
    table = RouteTable.objects.create(**owned(ctx, "rtb"), vpc=vpc)
    RouteTableAssociation.objects.create(
        association_id=ids.resource_id("rtbassoc"), route_table=table, vpc=vpc
    )
    Route.objects.create(
        route_table=table,
        destination_cidr_block=cidr_block,
        target="local",
        origin="CreateRouteTable",
    )
    _make_acl(ctx, vpc)
    _make_group(ctx, vpc)
    return vpc


def make_subnet(
    ctx: Context,
    *,
    vpc: Vpc,
    acl: NetworkAcl,
    cidr_block: str,
    zone: tuple[str, str],
    **fields: Any,
) -> Subnet:
    """An unsaved subnet. zone: (name, id)."""
    return Subnet(
        **owned(ctx, "subnet"),
        vpc=vpc,
        network_acl=acl,
        acl_association_id=ids.resource_id("aclassoc"),
        cidr_block=cidr_block,
        availability_zone=zone[0],
        availability_zone_id=zone[1],
        **fields,
    )


def owned(ctx: Context, prefix: str) -> dict[str, Any]:
    """The columns that every new resource begins with."""
    return {
        "account_id": ctx.account_id,
        "region": ctx.region,
        "resource_id": ids.resource_id(prefix),
        "created_at": ctx.now,
    }


def private_domain(region: str) -> str:
    """AWS's domain of private names; that of us-east-1 is older than the others."""
    return "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"


def _make_acl(ctx: Context, vpc: Vpc) -> None:
    acl = NetworkAcl.objects.create(**owned(ctx, "acl"), vpc=vpc, is_default=True)
    NetworkAclEntry.objects.bulk_create(
        [
            *closing_entries(acl),
            *(
                NetworkAclEntry(
                    network_acl=acl,
                    rule_number=100,
                    egress=egress,
                    protocol="-1",
                    rule_action="allow",
                    cidr_block=EVERYWHERE,
                )
                for egress in (False, True)
            ),
        ]
    )


def closing_entries(acl: NetworkAcl) -> list[NetworkAclEntry]:
    """The two unsaved entries with which every network ACL ends."""
    return [
        NetworkAclEntry(
            network_acl=acl,
            rule_number=LAST_ENTRY,
            egress=egress,
            protocol="-1",
            rule_action="deny",
            cidr_block=EVERYWHERE,
        )
        for egress in (False, True)
    ]


def _make_group(ctx: Context, vpc: Vpc) -> None:
    group = SecurityGroup.objects.create(
        **owned(ctx, "sg"),
        vpc=vpc,
        group_name="default",
        description="default VPC security group",
    )
    SecurityGroupRule.objects.bulk_create(
        [
            SecurityGroupRule(
                **owned(ctx, "sgr"),
                group=group,
                is_egress=False,
                ip_protocol="-1",
                referenced_group_id=group.resource_id,
                referenced_account_id=ctx.account_id,
            ),
            open_egress(ctx, group),
        ]
    )


def open_egress(ctx: Context, group: SecurityGroup) -> SecurityGroupRule:
    """The unsaved rule with which every new group lets everything out."""
    return SecurityGroupRule(
        **owned(ctx, "sgr"), group=group, is_egress=True, ip_protocol="-1", cidr_ipv4=EVERYWHERE
    )
