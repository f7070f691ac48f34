"""Rules of security groups: IpPermissions → rows, rows → AWS's two shapes.

AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from django.db.models import Q

from aws.context import Context
from ec2 import lookup
from ec2.errors import MissingParameter, not_found, value
from ec2.models import (
    ManagedPrefixList,
    SecurityGroup,
    SecurityGroupRule,
    Vpc,
    VpcPeeringConnection,
)
from ec2.network import cidr
from ec2.network.rules import ANY_PROTOCOL, WITH_PORTS, WITH_TYPES, protocol_name

PEERS = ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_group_id")
# What makes a rule the same as another.
IDENTITY = ("ip_protocol", "from_port", "to_port", *PEERS)
MAX_DESCRIPTION = 255
Columns = dict[str, Any]


def read(
    ctx: Context,
    group: SecurityGroup,
    permissions: Sequence[Mapping[str, Any]],
    known: Iterable[tuple[Any, ...]] = (),
) -> list[Columns]:
    """IpPermissions → columns of rules, one each. Raises InvalidParameterValue, …NotFound.

    known: identities of rules whose peers are not looked for: they may have gone since.
    """
    found: list[Columns] = []
    known_peers = {peer for one in known for peer in one[-2:] if peer}
    for permission in permissions:
        common = _protocol(permission)
        peers = list(_peers(ctx, group, permission, known_peers))
        if not peers:
            raise MissingParameter("The request must contain a source or destination of the rule.")
        found += [{**common, **peer} for peer in peers]
    if len({identity(one) for one in found}) < len(found):
        raise value("The same permission must not appear multiple times")
    return found


def read_request(ctx: Context, group: SecurityGroup, request: Mapping[str, Any]) -> Columns:
    """A SecurityGroupRuleRequest → columns of the rule."""
    described = {"Description": request.get("Description", "")}
    permission = {name: request.get(name) for name in ("IpProtocol", "FromPort", "ToPort")}
    if "CidrIpv4" in request:
        permission["IpRanges"] = [{"CidrIp": request["CidrIpv4"], **described}]
    if "CidrIpv6" in request:
        permission["Ipv6Ranges"] = [{"CidrIpv6": request["CidrIpv6"], **described}]
    if "PrefixListId" in request:
        permission["PrefixListIds"] = [{"PrefixListId": request["PrefixListId"], **described}]
    if "ReferencedGroupId" in request:
        permission["UserIdGroupPairs"] = [{"GroupId": request["ReferencedGroupId"], **described}]
    rules = read(ctx, group, [permission])
    if len(rules) != 1:
        raise value("A rule has exactly one source or destination.")
    return dict(rules[0])


def identity(columns: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(columns.get(name, "") for name in IDENTITY)


def identity_of(rule: SecurityGroupRule) -> tuple[Any, ...]:
    return tuple(getattr(rule, name) for name in IDENTITY)


def sentence(columns: Mapping[str, Any]) -> str:
    """As InvalidPermission.Duplicate quotes a rule."""
    peer = next(str(columns[name]) for name in PEERS if columns.get(name))
    protocol = columns["ip_protocol"]
    if protocol == ANY_PROTOCOL:
        return f"peer: {peer}, ALL, ALLOW"
    first, last = columns["from_port"], columns["to_port"]
    if protocol in WITH_TYPES:
        return f"peer: {peer}, {protocol.upper()}, type: {first}, code: {last}, ALLOW"
    return f"peer: {peer}, {protocol.upper()}, from port: {first}, to port: {last}, ALLOW"


def as_columns(rule: SecurityGroupRule) -> Columns:
    return {name: getattr(rule, name) for name in (*IDENTITY, "description")}


def permissions_as_aws(rules: Iterable[SecurityGroupRule]) -> list[dict[str, Any]]:
    """Rules of one direction as IpPermissions: those with one protocol and ports together."""

    def key(rule: SecurityGroupRule) -> tuple[Any, ...]:
        return rule.ip_protocol, rule.from_port, rule.to_port

    return [
        permission_as_aws(protocol, first, last, members)
        for (protocol, first, last), members in groupby(sorted(rules, key=key), key=key)
    ]


def permission_as_aws(protocol: str, first: int, last: int, rules: Iterable[Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "IpProtocol": protocol,
        "IpRanges": [],
        "Ipv6Ranges": [],
        "PrefixListIds": [],
        "UserIdGroupPairs": [],
    }
    if protocol in (*WITH_PORTS, *WITH_TYPES):
        shown |= {"FromPort": first, "ToPort": last}
    for rule in rules:
        more = {"Description": rule.description} if rule.description else {}
        if rule.cidr_ipv4:
            shown["IpRanges"].append({"CidrIp": rule.cidr_ipv4, **more})
        elif rule.cidr_ipv6:
            shown["Ipv6Ranges"].append({"CidrIpv6": rule.cidr_ipv6, **more})
        elif rule.prefix_list_id:
            shown["PrefixListIds"].append({"PrefixListId": rule.prefix_list_id, **more})
        else:
            user = rule.referenced_account_id
            pair = {"GroupId": rule.referenced_group_id, "UserId": user}
            shown["UserIdGroupPairs"].append({**pair, **more})
    return shown


def rule_as_aws(rule: SecurityGroupRule) -> dict[str, Any]:
    """AWS's SecurityGroupRule. The row comes with its group."""
    shown: dict[str, Any] = {
        "SecurityGroupRuleId": rule.resource_id,
        "SecurityGroupRuleArn": rule.arn,
        "GroupId": rule.group.resource_id,
        "GroupOwnerId": rule.account_id,
        "IsEgress": rule.is_egress,
        "IpProtocol": rule.ip_protocol,
        "FromPort": rule.from_port,
        "ToPort": rule.to_port,
        "Tags": lookup.tag_set(rule.tags),
    }
    if rule.referenced_group_id:
        shown["ReferencedGroupInfo"] = {
            "GroupId": rule.referenced_group_id,
            "UserId": rule.referenced_account_id,
        }
    optional = {
        "CidrIpv4": rule.cidr_ipv4,
        "CidrIpv6": rule.cidr_ipv6,
        "PrefixListId": rule.prefix_list_id,
        "Description": rule.description,
    }
    return shown | {name: text for name, text in optional.items() if text}


def reachable_vpcs(vpc: Vpc) -> list[str]:
    """Ids of the VPC and of those with which it is actively peered."""
    rows = VpcPeeringConnection.objects.filter(
        Q(vpc=vpc) | Q(accepter_vpc_id=vpc.resource_id), status="active"
    )
    pairs = rows.values_list("vpc__resource_id", "accepter_vpc_id")
    return [vpc.resource_id, *(one for pair in pairs for one in pair if one)]


def _protocol(permission: Mapping[str, Any]) -> Columns:
    """Raises InvalidParameterValue for an unknown protocol and for ports that cannot be."""
    asked = permission.get("IpProtocol")
    if not asked:
        raise MissingParameter(parameter="ipProtocol")
    protocol = protocol_name(str(asked))
    known = (ANY_PROTOCOL, *WITH_PORTS, *WITH_TYPES)
    if protocol not in known and not (protocol.isdecimal() and int(protocol) <= 255):
        raise value(f"Invalid value '{asked}' for IP protocol. Unknown protocol.")
    first, last = permission.get("FromPort"), permission.get("ToPort")
    if protocol in WITH_PORTS:
        first, last = _ports(first, last)
    elif protocol in WITH_TYPES:
        first, last = -1 if first is None else first, -1 if last is None else last
        if not (-1 <= first <= 255 and -1 <= last <= 255):
            raise value(f"ICMP type or code ({first}, {last}) out of range")
    else:
        first = last = -1
    return {"ip_protocol": protocol, "from_port": first, "to_port": last}


def _ports(first: int | None, last: int | None) -> tuple[int, int]:
    if first is None or last is None:
        raise value(
            "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."
        )
    for port in (first, last):
        if not 0 <= port <= 65535:
            raise value(f"TCP/UDP port ({port}) out of range")
    if first > last:
        raise value(f"Invalid TCP/UDP port range ({first}:{last})")
    return first, last


def _peers(
    ctx: Context, group: SecurityGroup, permission: Mapping[str, Any], known: Collection[str]
) -> Iterable[Columns]:
    for one in permission.get("IpRanges") or ():
        yield {"cidr_ipv4": _cidr(one.get("CidrIp", ""), 4), **_described(one)}
    for one in permission.get("Ipv6Ranges") or ():
        yield {"cidr_ipv6": _cidr(one.get("CidrIpv6", ""), 6), **_described(one)}
    for one in permission.get("PrefixListIds") or ():
        list_id = one.get("PrefixListId", "")
        if list_id not in known:
            lookup.require(ctx, ManagedPrefixList, list_id)
        yield {"prefix_list_id": list_id, **_described(one)}
    for one in permission.get("UserIdGroupPairs") or ():
        if one.get("GroupId") in known:
            yield {"referenced_group_id": one["GroupId"], **_described(one)}
        else:
            yield {**_group(ctx, group, one), **_described(one)}


def _described(one: Mapping[str, Any]) -> Columns:
    return {"description": description(one.get("Description", ""))}


def description(text: str) -> str:
    """Raises InvalidParameterValue."""
    if len(text) > MAX_DESCRIPTION:
        raise value("Invalid rule description. Valid descriptions are at most 255 characters long.")
    return text


def _cidr(text: str, version: int) -> str:
    try:
        block = cidr.parse_any(text)
    except ValueError:
        raise value(f"CIDR block {text} is malformed") from None
    if block.version != version:
        raise value(f"CIDR block {text} is malformed")
    return str(block)


def _group(ctx: Context, group: SecurityGroup, pair: Mapping[str, Any]) -> Columns:
    """A group of this VPC or of one that is peered with it, of another account even."""
    vpcs = reachable_vpcs(group.vpc)
    rows = SecurityGroup.objects.filter(vpc__resource_id__in=vpcs)
    asked = pair.get("GroupId") or pair.get("GroupName") or ""
    if pair.get("GroupId"):
        lookup.check_form(SecurityGroup, [asked])
        found = rows.filter(resource_id=asked).first()
    else:
        found = rows.filter(vpc=group.vpc, group_name=asked).first()
    if found is None or pair.get("UserId", found.account_id) != found.account_id:
        own: Any = SecurityGroup.objects
        if own.in_scope(ctx).filter(resource_id=asked).exclude(vpc__resource_id__in=vpcs).exists():
            raise not_found("Group")(
                "You have specified two resources that belong to different networks."
            )
        raise not_found("Group")(f"The security group '{asked}' does not exist")
    return {
        "referenced_group_id": found.resource_id,
        "referenced_account_id": found.account_id,
    }
