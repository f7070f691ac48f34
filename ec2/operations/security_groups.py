"""Security groups. Their rules are in security_group_rules.py."""

import re
from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, Q

from aws.context import Context
from aws.filters import Column, match
from ec2 import default_vpc, group_rules, lookup, quotas
from ec2.door import Response, operation
from ec2.errors import (
    CannotDelete,
    DependencyViolation,
    InvalidGroupDuplicate,
    InvalidGroupReserved,
    InvalidParameterValue,
    MissingParameter,
    SecurityGroupLimitExceeded,
    VPCIdNotSpecified,
    not_found,
)
from ec2.filtering import Condition, number, through
from ec2.models import SecurityGroup, SecurityGroupRule, Vpc, VpcPeeringConnection
from ec2.network.rules import protocol_name

_ALLOWED = re.compile(r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}")


def _of_rules(prefix: str, *, is_egress: bool) -> dict[str, Column]:
    def rule(column: str | Condition) -> Condition:
        return through(SecurityGroupRule, "group", column, is_egress=is_egress)

    def named(values: Sequence[str]) -> Q:
        groups = SecurityGroup.objects.filter(match("group_name", values))
        return Q(referenced_group_id__in=groups.values("resource_id"))

    return {
        f"{prefix}.cidr": rule("cidr_ipv4"),
        f"{prefix}.from-port": rule(number("from_port")),
        f"{prefix}.group-id": rule("referenced_group_id"),
        f"{prefix}.group-name": rule(named),
        f"{prefix}.ipv6-cidr": rule("cidr_ipv6"),
        f"{prefix}.prefix-list-id": rule("prefix_list_id"),
        f"{prefix}.protocol": rule(
            lambda values: match("ip_protocol", [protocol_name(one) for one in values])
        ),
        f"{prefix}.to-port": rule(number("to_port")),
        f"{prefix}.user-id": rule("referenced_account_id"),
    }


FILTERS: dict[str, Column] = {
    "description": "description",
    "group-id": "resource_id",
    "group-name": "group_name",
    "owner-id": "account_id",
    "vpc-id": "vpc__resource_id",
    **_of_rules("ip-permission", is_egress=False),
    **_of_rules("egress.ip-permission", is_egress=True),
}


@operation("ec2:CreateSecurityGroup")
def create_security_group(
    ctx: Context,
    /,
    *,
    group_name: str,
    description: str,
    vpc_id: str = "",
    tag_specifications: list[dict[str, Any]] | None = None,
    dry_run: bool = False,
) -> Response:
    """Makes a group that lets everything out and nothing in; without a VPC, in the default one.

    Answers {"GroupId": …, "SecurityGroupArn": …, "Tags": […]}. Raises InvalidGroup.Duplicate,
    VPCIdNotSpecified.
    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
    """
    tags = lookup.tags_of(tag_specifications, SecurityGroup)
    lookup.authorize_new(ctx, "ec2:CreateSecurityGroup", SecurityGroup, tags)
    _require_texts(group_name, description)
    vpc = _vpc(ctx, vpc_id)
    default_vpc.hold_region(ctx)
    if vpc.security_groups.filter(group_name=group_name).exists():
        raise InvalidGroupDuplicate(name=group_name, vpc_id=vpc.resource_id)
    if SecurityGroup.objects.in_scope(ctx).count() >= quotas.SECURITY_GROUPS:
        raise SecurityGroupLimitExceeded(vpc_id=vpc.resource_id)
    group = SecurityGroup.objects.create(
        **default_vpc.owned(ctx, "sg"),
        vpc=vpc,
        group_name=group_name,
        description=description,
        tags=tags,
    )
    default_vpc.open_egress(ctx, group).save()
    return {
        "GroupId": group.resource_id,
        "SecurityGroupArn": group.arn,
        "Tags": lookup.tag_set(tags),
    }


@operation("ec2:DescribeSecurityGroups")
def describe_security_groups(
    ctx: Context,
    /,
    *,
    group_ids: list[str] | None = None,
    group_names: list[str] | None = None,
    filters: list[dict[str, Any]] | None = None,
    next_token: str = "",
    max_results: int = 0,
    dry_run: bool = False,
) -> Response:
    """Answers {"SecurityGroups": […], "NextToken": …}. group_names: of the default VPC.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html
    """
    rules = SecurityGroupRule.objects.order_by("pk")
    rows = SecurityGroup.objects.select_related("vpc").prefetch_related(
        Prefetch("rules", queryset=rules)
    )
    if group_names:
        rows = rows.filter(vpc__is_default=True, group_name__in=group_names)
    page = lookup.describe(
        ctx,
        "ec2:DescribeSecurityGroups",
        rows,
        ids=group_ids,
        filters=filters,
        columns=FILTERS,
        max_results=max_results,
        next_token=next_token,
    )
    if group_names and not filters:
        known = {one.group_name for one in page.rows}
        for name in group_names:
            if name not in known:
                raise not_found("Group")(f"The security group '{name}' does not exist")
    return {"SecurityGroups": [_as_aws(one) for one in page.rows], **page.next_token()}


@operation("ec2:DeleteSecurityGroup")
def delete_security_group(
    ctx: Context, /, *, group_id: str = "", group_name: str = "", dry_run: bool = False
) -> Response:
    """Deletes a group that nothing uses. Raises CannotDelete, DependencyViolation.

    Answers {"Return": True, "GroupId": …}.
    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html
    """
    group = named_group(ctx, "ec2:DeleteSecurityGroup", group_id, group_name)
    if group.is_default:
        raise CannotDelete(group_id=group.resource_id, group_name=group.group_name)
    if users := group_users(group):
        raise DependencyViolation(
            f"resource {group.resource_id} has a dependent object", users=users
        )
    group.delete()
    return {"Return": True, "GroupId": group.resource_id}


@operation("ec2:DescribeSecurityGroupReferences")
def describe_security_group_references(
    ctx: Context, /, *, group_id: list[str], dry_run: bool = False
) -> Response:
    """Answers {"SecurityGroupReferenceSet": […]}: the peered VPCs that name these groups.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroupReferences.html
    """
    ctx.authorize("ec2:DescribeSecurityGroupReferences", conditions={"ec2:Region": ctx.region})
    groups = lookup.several(ctx, SecurityGroup.objects.select_related("vpc"), group_id)
    found = []
    for group in groups:
        users = SecurityGroupRule.objects.filter(referenced_group_id=group.resource_id)
        others = users.exclude(group__vpc=group.vpc).values_list("group__vpc__resource_id")
        own = group.vpc.resource_id
        for (other,) in others.distinct():
            pairs = Q(vpc__resource_id=own, accepter_vpc_id=other) | Q(
                vpc__resource_id=other, accepter_vpc_id=own
            )
            for peering in VpcPeeringConnection.objects.filter(pairs, status="active"):
                found.append(
                    {
                        "GroupId": group.resource_id,
                        "ReferencingVpcId": other,
                        "VpcPeeringConnectionId": peering.resource_id,
                    }
                )
    return {"SecurityGroupReferenceSet": found}


@operation("ec2:DescribeStaleSecurityGroups")
def describe_stale_security_groups(
    ctx: Context,
    /,
    *,
    vpc_id: str,
    max_results: int = 0,
    next_token: str = "",
    dry_run: bool = False,
) -> Response:
    """Answers {"StaleSecurityGroupSet": […]}: rules that name a group that is out of reach.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeStaleSecurityGroups.html
    """
    ctx.authorize("ec2:DescribeStaleSecurityGroups", conditions={"ec2:Region": ctx.region})
    vpc = lookup.require(ctx, Vpc, vpc_id)
    known = SecurityGroup.objects.filter(vpc__resource_id__in=group_rules.reachable_vpcs(vpc))
    stale = (
        SecurityGroupRule.objects.filter(group__vpc=vpc)
        .exclude(referenced_group_id="")
        .exclude(referenced_group_id__in=known.values("resource_id"))
    )
    page = lookup.describe(
        ctx,
        "ec2:DescribeStaleSecurityGroups",
        SecurityGroup.objects.filter(pk__in=stale.values("group")).prefetch_related(
            Prefetch("rules", queryset=stale)
        ),
        ids=None,
        filters=None,
        columns={},
        max_results=max_results,
        next_token=next_token,
    )
    shown = [
        {
            "GroupId": group.resource_id,
            "GroupName": group.group_name,
            "Description": group.description,
            "VpcId": vpc_id,
            "StaleIpPermissions": _stale(group, is_egress=False),
            "StaleIpPermissionsEgress": _stale(group, is_egress=True),
        }
        for group in page.rows
    ]
    return {"StaleSecurityGroupSet": shown, **page.next_token()}


def named_group(ctx: Context, action: str, group_id: str, group_name: str = "") -> SecurityGroup:
    """The group by its id, or by its name in the default VPC, held until the call ends."""
    rows = SecurityGroup.objects.select_related("vpc")
    found: SecurityGroup | None
    if group_id:
        found = lookup.one(ctx, action, SecurityGroup, group_id, rows=rows, locked=True)
        return found
    if group_name:
        scoped: Any = rows.in_scope(ctx).select_for_update(of=("self",))
        found = scoped.filter(vpc__is_default=True, group_name=group_name).first()
        if found is not None:
            lookup.authorize(ctx, action, found)
            return found
    ctx.authorize(
        action, lookup.arn_of(ctx, SecurityGroup, "*"), conditions={"ec2:Region": ctx.region}
    )
    if not group_name:
        raise MissingParameter("The request must contain the parameter groupName or groupId")
    raise not_found("Group")(f"The security group '{group_name}' does not exist")


def group_users(group: SecurityGroup) -> list[str]:
    """Ids of what keeps a group from being deleted: interfaces, endpoints, groups that name it."""
    namers = SecurityGroup.objects.filter(
        vpc=group.vpc, rules__referenced_group_id=group.resource_id
    ).exclude(pk=group.pk)
    found: list[str] = []
    for rows in (group.network_interfaces.all(), group.endpoints.all(), namers.distinct()):
        found += rows.values_list("resource_id", flat=True)
    return found


def _as_aws(group: SecurityGroup) -> dict[str, Any]:
    rules = list(group.rules.all())
    return {
        "GroupId": group.resource_id,
        "SecurityGroupArn": group.arn,
        "GroupName": group.group_name,
        "Description": group.description,
        "OwnerId": group.account_id,
        "VpcId": group.vpc.resource_id,
        "IpPermissions": group_rules.permissions_as_aws(r for r in rules if not r.is_egress),
        "IpPermissionsEgress": group_rules.permissions_as_aws(r for r in rules if r.is_egress),
        "Tags": lookup.tag_set(group.tags),
    }


def _stale(group: SecurityGroup, *, is_egress: bool) -> list[dict[str, Any]]:
    rules = [rule for rule in group.rules.all() if rule.is_egress == is_egress]
    shown = group_rules.permissions_as_aws(rules)
    return [{k: v for k, v in one.items() if k != "Ipv6Ranges"} for one in shown]


def _vpc(ctx: Context, vpc_id: str) -> Vpc:
    """Raises VPCIdNotSpecified where there is no default VPC."""
    if vpc_id:
        return lookup.one(ctx, "ec2:CreateSecurityGroup", Vpc, vpc_id)
    vpc: Vpc | None = Vpc.objects.in_scope(ctx).filter(is_default=True).first()
    if vpc is None:
        raise VPCIdNotSpecified
    lookup.authorize(ctx, "ec2:CreateSecurityGroup", vpc, conditions={"ec2:Vpc": vpc.arn})
    return vpc


def _require_texts(name: str, description: str) -> None:
    """Raises InvalidParameterValue, InvalidGroup.Reserved."""
    if name.lower() == "default":
        raise InvalidGroupReserved(name=name)
    if name.startswith("sg-"):
        raise InvalidParameterValue(
            value=name,
            parameter="GroupName",
            reason="Group names may not be in the format sg-*.",
        )
    for parameter, text in (("GroupName", name), ("GroupDescription", description)):
        if not _ALLOWED.fullmatch(text):
            raise InvalidParameterValue(
                value=text,
                parameter=parameter,
                reason="It may have 255 of a-z, A-Z, 0-9, spaces, and ._-:/()#,@[]+=&;{}!$*",
            )
