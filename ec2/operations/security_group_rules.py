"""Rules of security groups: authorized, revoked, changed, described."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws.context import Context
from aws.filters import Column
from ec2 import default_vpc, group_rules, lookup, quotas
from ec2.door import Response, operation
from ec2.errors import (
    InvalidPermissionDuplicate,
    InvalidPermissionNotFound,
    MissingParameter,
    RulesPerSecurityGroupLimitExceeded,
    value,
)
from ec2.models import ManagedPrefixList, SecurityGroup, SecurityGroupRule
from ec2.operations.security_groups import named_group

FILTERS: dict[str, Column] = {
    "group-id": "group__resource_id",
    "security-group-rule-id": "resource_id",
}
Permissions = list[dict[str, Any]]


@operation("ec2:AuthorizeSecurityGroupIngress")
def authorize_security_group_ingress(
    ctx: Context,
    /,
    *,
    group_id: str = "",
    group_name: str = "",
    ip_permissions: Permissions | None = None,
    tag_specifications: list[dict[str, Any]] | None = None,
    dry_run: bool = False,
    **flat: Any,
) -> Response:
    """Lets packets in. Answers {"Return": True, "SecurityGroupRules": […]}.

    flat: the one rule by the older parameters (ip_protocol, from_port, to_port, cidr_ip,
    source_security_group_name). Raises InvalidPermission.Duplicate.
    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html
    """
    action = "ec2:AuthorizeSecurityGroupIngress"
    group = named_group(ctx, action, group_id, group_name)
    permissions = ip_permissions or _flat(flat)
    return _authorize(ctx, action, group, permissions, tag_specifications, is_egress=False)


@operation("ec2:AuthorizeSecurityGroupEgress")
def authorize_security_group_egress(
    ctx: Context,
    /,
    *,
    group_id: str,
    ip_permissions: Permissions | None = None,
    tag_specifications: list[dict[str, Any]] | None = None,
    dry_run: bool = False,
    **flat: Any,
) -> Response:
    """Lets packets out. Answers {"Return": True, "SecurityGroupRules": […]}.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupEgress.html
    """
    action = "ec2:AuthorizeSecurityGroupEgress"
    group = named_group(ctx, action, group_id)
    permissions = ip_permissions or _flat(flat)
    return _authorize(ctx, action, group, permissions, tag_specifications, is_egress=True)


@operation("ec2:RevokeSecurityGroupIngress")
def revoke_security_group_ingress(
    ctx: Context,
    /,
    *,
    group_id: str = "",
    group_name: str = "",
    ip_permissions: Permissions | None = None,
    security_group_rule_ids: list[str] | None = None,
    dry_run: bool = False,
    **flat: Any,
) -> Response:
    """Takes rules away, by their ids or values. Raises InvalidPermission.NotFound.

    Answers {"Return": True, "RevokedSecurityGroupRules": […], "UnknownIpPermissions": […]}; what
    is not there is an error but in the default VPC.
    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html
    """
    group = named_group(ctx, "ec2:RevokeSecurityGroupIngress", group_id, group_name)
    if security_group_rule_ids:
        return _revoke(_by_id(ctx, group, security_group_rule_ids, is_egress=False), [])
    return _revoke_same(ctx, group, ip_permissions or _flat(flat), is_egress=False)


@operation("ec2:RevokeSecurityGroupEgress")
def revoke_security_group_egress(
    ctx: Context,
    /,
    *,
    group_id: str,
    ip_permissions: Permissions | None = None,
    security_group_rule_ids: list[str] | None = None,
    dry_run: bool = False,
    **flat: Any,
) -> Response:
    """Takes rules away, by their ids or values, as RevokeSecurityGroupIngress.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupEgress.html
    """
    group = named_group(ctx, "ec2:RevokeSecurityGroupEgress", group_id)
    if security_group_rule_ids:
        return _revoke(_by_id(ctx, group, security_group_rule_ids, is_egress=True), [])
    return _revoke_same(ctx, group, ip_permissions or _flat(flat), is_egress=True)


@operation("ec2:ModifySecurityGroupRules")
def modify_security_group_rules(
    ctx: Context,
    /,
    *,
    group_id: str,
    security_group_rules: list[dict[str, Any]],
    dry_run: bool = False,
) -> Response:
    """Changes what rules say; the kind of their source stays. Answers {"Return": True}.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySecurityGroupRules.html
    """
    group = named_group(ctx, "ec2:ModifySecurityGroupRules", group_id)
    for update in security_group_rules:
        (rule,) = _by_id(ctx, group, [update["SecurityGroupRuleId"]])
        wanted = group_rules.read_request(ctx, group, update.get("SecurityGroupRule", {}))
        same = group.rules.filter(is_egress=rule.is_egress).exclude(pk=rule.pk)
        if any(group_rules.identity_of(one) == group_rules.identity(wanted) for one in same):
            raise InvalidPermissionDuplicate(rule=group_rules.sentence(wanted))
        for name in group_rules.PEERS:
            if bool(getattr(rule, name)) != bool(wanted.get(name)):
                raise value("You may not change the source or destination type of a rule.")
        for name, content in wanted.items():
            setattr(rule, name, content)
        rule.save(update_fields=list(wanted))
    return {"Return": True}


@operation("ec2:UpdateSecurityGroupRuleDescriptionsIngress")
def update_security_group_rule_descriptions_ingress(
    ctx: Context,
    /,
    *,
    group_id: str = "",
    group_name: str = "",
    ip_permissions: Permissions | None = None,
    security_group_rule_descriptions: list[dict[str, str]] | None = None,
    dry_run: bool = False,
) -> Response:
    """Answers {"Return": True}. Raises InvalidPermission.NotFound.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UpdateSecurityGroupRuleDescriptionsIngress.html
    """
    action = "ec2:UpdateSecurityGroupRuleDescriptionsIngress"
    group = named_group(ctx, action, group_id, group_name)
    _describe(ctx, group, ip_permissions, security_group_rule_descriptions, is_egress=False)
    return {"Return": True}


@operation("ec2:UpdateSecurityGroupRuleDescriptionsEgress")
def update_security_group_rule_descriptions_egress(
    ctx: Context,
    /,
    *,
    group_id: str = "",
    group_name: str = "",
    ip_permissions: Permissions | None = None,
    security_group_rule_descriptions: list[dict[str, str]] | None = None,
    dry_run: bool = False,
) -> Response:
    """Answers {"Return": True}. Raises InvalidPermission.NotFound.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UpdateSecurityGroupRuleDescriptionsEgress.html
    """
    action = "ec2:UpdateSecurityGroupRuleDescriptionsEgress"
    group = named_group(ctx, action, group_id, group_name)
    _describe(ctx, group, ip_permissions, security_group_rule_descriptions, is_egress=True)
    return {"Return": True}


@operation("ec2:DescribeSecurityGroupRules")
def describe_security_group_rules(
    ctx: Context,
    /,
    *,
    security_group_rule_ids: list[str] | None = None,
    filters: list[dict[str, Any]] | None = None,
    next_token: str = "",
    max_results: int = 0,
    dry_run: bool = False,
) -> Response:
    """Answers {"SecurityGroupRules": […], "NextToken": …}.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroupRules.html
    """
    page = lookup.describe(
        ctx,
        "ec2:DescribeSecurityGroupRules",
        SecurityGroupRule.objects.select_related("group"),
        ids=security_group_rule_ids,
        filters=filters,
        columns=FILTERS,
        max_results=max_results,
        next_token=next_token,
    )
    shown = [group_rules.rule_as_aws(one) for one in page.rows]
    return {"SecurityGroupRules": shown, **page.next_token()}


def _authorize(
    ctx: Context,
    action: str,
    group: SecurityGroup,
    permissions: Permissions,
    tag_specifications: Any,
    *,
    is_egress: bool,
) -> Response:
    tags = lookup.tags_of(tag_specifications, SecurityGroupRule)
    if tags:
        lookup.authorize_new(ctx, action, SecurityGroupRule, tags)
    wanted = group_rules.read(ctx, group, permissions)
    present = list(group.rules.filter(is_egress=is_egress))
    known = {group_rules.identity_of(one) for one in present}
    for columns in wanted:
        if group_rules.identity(columns) in known:
            raise InvalidPermissionDuplicate(rule=group_rules.sentence(columns))
    _require_room([*(group_rules.as_columns(one) for one in present), *wanted])
    made = SecurityGroupRule.objects.bulk_create(
        SecurityGroupRule(
            **default_vpc.owned(ctx, "sgr"), group=group, is_egress=is_egress, tags=tags, **columns
        )
        for columns in wanted
    )
    return {"Return": True, "SecurityGroupRules": [group_rules.rule_as_aws(one) for one in made]}


def _require_room(rules: Sequence[Mapping[str, Any]]) -> None:
    """IPv4 and IPv6 are counted apart, groups under both; a prefix list by its size."""
    lists = {one["prefix_list_id"] for one in rules if one.get("prefix_list_id")}
    sizes = ManagedPrefixList.objects.filter(resource_id__in=lists)
    size_of = dict(sizes.values_list("resource_id", "max_entries"))
    for other_family in ("cidr_ipv6", "cidr_ipv4"):
        counted = (one for one in rules if not one.get(other_family))
        if sum(size_of.get(one.get("prefix_list_id"), 1) for one in counted) > (
            quotas.RULES_PER_GROUP
        ):
            raise RulesPerSecurityGroupLimitExceeded


def _revoke_same(
    ctx: Context, group: SecurityGroup, permissions: Permissions, *, is_egress: bool
) -> Response:
    found, unknown = _same(ctx, group, permissions, is_egress=is_egress)
    if unknown and not group.vpc.is_default:
        raise InvalidPermissionNotFound
    return _revoke(found, unknown)


def _revoke(rules: Sequence[SecurityGroupRule], unknown: Sequence[Mapping[str, Any]]) -> Response:
    SecurityGroupRule.objects.filter(pk__in=[one.pk for one in rules]).delete()
    shown = []
    for rule in rules:
        one = group_rules.rule_as_aws(rule)
        for name in ("SecurityGroupRuleArn", "GroupOwnerId", "Tags", "ReferencedGroupInfo"):
            one.pop(name, None)
        if rule.referenced_group_id:
            one["ReferencedGroupId"] = rule.referenced_group_id
        shown.append(one)
    return {
        "Return": True,
        "RevokedSecurityGroupRules": shown,
        "UnknownIpPermissions": group_rules.permissions_as_aws(
            SecurityGroupRule(**columns) for columns in unknown
        ),
    }


def _same(
    ctx: Context, group: SecurityGroup, permissions: Permissions, *, is_egress: bool
) -> tuple[list[SecurityGroupRule], list[dict[str, Any]]]:
    """The group's rules that say this, and what no rule says."""
    rules = group.rules.filter(is_egress=is_egress).select_related("group")
    known = {group_rules.identity_of(one): one for one in rules}
    wanted = group_rules.read(ctx, group, permissions, known)
    keys = [group_rules.identity(one) for one in wanted]
    found = [known[key] for key in keys if key in known]
    return found, [one for one, key in zip(wanted, keys, strict=True) if key not in known]


def _by_id(
    ctx: Context, group: SecurityGroup, rule_ids: Sequence[str], *, is_egress: bool | None = None
) -> list[SecurityGroupRule]:
    """Raises InvalidSecurityGroupRuleId.NotFound for one of another group, too."""
    rows = SecurityGroupRule.objects.filter(group=group).select_related("group")
    if is_egress is not None:
        rows = rows.filter(is_egress=is_egress)
    return lookup.several(ctx, rows, rule_ids)


def _describe(
    ctx: Context,
    group: SecurityGroup,
    permissions: Permissions | None,
    descriptions: Sequence[Mapping[str, str]] | None,
    *,
    is_egress: bool,
) -> None:
    if descriptions:
        texts = {one["SecurityGroupRuleId"]: one.get("Description", "") for one in descriptions}
        rules = _by_id(ctx, group, list(texts), is_egress=is_egress)
        for rule in rules:
            rule.description = group_rules.description(texts[rule.resource_id])
    elif permissions:
        rules, unknown = _same(ctx, group, permissions, is_egress=is_egress)
        if unknown:
            raise InvalidPermissionNotFound
        known = {group_rules.identity_of(one): one for one in rules}
        for columns in group_rules.read(ctx, group, permissions, known):
            known[group_rules.identity(columns)].description = columns["description"]
    else:
        raise MissingParameter(parameter="ipPermissions")
    SecurityGroupRule.objects.bulk_update(rules, ["description"])


def _flat(given: Mapping[str, Any]) -> Permissions:
    """The one permission that the older parameters stand for. Raises MissingParameter."""
    source = given.get("source_security_group_name")
    if source:
        pair: dict[str, Any] = {"GroupName": source}
        if owner := given.get("source_security_group_owner_id"):
            pair["UserId"] = owner
        peer: dict[str, Any] = {"UserIdGroupPairs": [pair]}
    elif "cidr_ip" in given:
        peer = {"IpRanges": [{"CidrIp": given["cidr_ip"]}]}
    else:
        raise MissingParameter(parameter="ipPermissions")
    if source and "ip_protocol" not in given:
        whole = {"FromPort": 0, "ToPort": 65535}
        return [
            {"IpProtocol": "tcp", **whole, **peer},
            {"IpProtocol": "udp", **whole, **peer},
            {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, **peer},
        ]
    names = {"IpProtocol": "ip_protocol", "FromPort": "from_port", "ToPort": "to_port"}
    shown = {member: given[name] for member, name in names.items() if name in given}
    return [{**shown, **peer}]
