"""Network ACLs, their entries, and which subnets have them."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, Q

from aws import ids
from aws.context import Context
from aws.filters import Column, match
from ec2 import default_vpc, lookup, quotas
from ec2.door import Response, operation
from ec2.errors import (
    DependencyViolation,
    MissingParameter,
    NetworkAclEntryAlreadyExists,
    NetworkAclEntryLimitExceeded,
    NetworkAclLimitExceeded,
    not_found,
    value,
)
from ec2.filtering import Condition, flag, number, through
from ec2.models import LAST_ENTRY, NetworkAcl, NetworkAclEntry, Subnet, Vpc
from ec2.network import cidr
from ec2.network.rules import ANY_PROTOCOL, PROTOCOL_NAMES, protocol_name

NUMBERS = {name: number for number, name in PROTOCOL_NAMES.items()}
TCP_AND_UDP, ICMP = ("6", "17"), ("1", "58")


def _entry(column: str | Condition) -> Condition:
    return through(NetworkAclEntry, "network_acl", column)


def _subnet(column: str) -> Condition:
    return through(Subnet, "network_acl", column)


def _protocol_filter(values: Sequence[str]) -> Q:
    return match("protocol", [NUMBERS.get(one, one) for one in map(protocol_name, values)])


FILTERS: dict[str, Column] = {
    "association.association-id": _subnet("acl_association_id"),
    "association.network-acl-id": _subnet("network_acl__resource_id"),
    "association.subnet-id": _subnet("resource_id"),
    "default": flag("is_default"),
    "entry.cidr": _entry("cidr_block"),
    "entry.egress": _entry(flag("egress")),
    "entry.icmp.code": _entry(number("icmp_code")),
    "entry.icmp.type": _entry(number("icmp_type")),
    "entry.ipv6-cidr": _entry("ipv6_cidr_block"),
    "entry.port-range.from": _entry(number("from_port")),
    "entry.port-range.to": _entry(number("to_port")),
    "entry.protocol": _entry(_protocol_filter),
    "entry.rule-action": _entry("rule_action"),
    "entry.rule-number": _entry(number("rule_number")),
    "network-acl-id": "resource_id",
    "owner-id": "account_id",
    "vpc-id": "vpc__resource_id",
}


@operation("ec2:CreateNetworkAcl", client_token="client_token")  # noqa: S106 - an argument's name
def create_network_acl(
    ctx: Context,
    /,
    *,
    vpc_id: str,
    client_token: str = "",
    tag_specifications: list[dict[str, Any]] | None = None,
    dry_run: bool = False,
) -> Response:
    """Answers {"NetworkAcl": …}, which denies everything.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAcl.html
    """
    tags = lookup.tags_of(tag_specifications, NetworkAcl)
    lookup.authorize_new(ctx, "ec2:CreateNetworkAcl", NetworkAcl, tags)
    vpc = lookup.one(ctx, "ec2:CreateNetworkAcl", Vpc, vpc_id, locked=True)
    if vpc.network_acls.count() >= quotas.NETWORK_ACLS_PER_VPC:
        raise NetworkAclLimitExceeded
    acl = NetworkAcl.objects.create(**default_vpc.owned(ctx, "acl"), vpc=vpc, tags=tags)
    NetworkAclEntry.objects.bulk_create(default_vpc.closing_entries(acl))
    token = {"ClientToken": client_token} if client_token else {}
    return {"NetworkAcl": _as_aws(acl), **token}


@operation("ec2:DescribeNetworkAcls")
def describe_network_acls(
    ctx: Context,
    /,
    *,
    network_acl_ids: list[str] | None = None,
    filters: list[dict[str, Any]] | None = None,
    next_token: str = "",
    max_results: int = 0,
    dry_run: bool = False,
) -> Response:
    """Answers {"NetworkAcls": […], "NextToken": …}.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkAcls.html
    """
    page = lookup.describe(
        ctx,
        "ec2:DescribeNetworkAcls",
        NetworkAcl.objects.select_related("vpc").prefetch_related(
            "entries", Prefetch("subnets", queryset=Subnet.objects.order_by("pk"))
        ),
        ids=network_acl_ids,
        filters=filters,
        columns=FILTERS,
        max_results=max_results,
        next_token=next_token,
    )
    return {"NetworkAcls": [_as_aws(one) for one in page.rows], **page.next_token()}


@operation("ec2:DeleteNetworkAcl")
def delete_network_acl(ctx: Context, /, *, network_acl_id: str, dry_run: bool = False) -> Response:
    """Deletes one that no subnet has. Raises DependencyViolation.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNetworkAcl.html
    """
    acl = _held(ctx, "ec2:DeleteNetworkAcl", network_acl_id)
    if acl.is_default:
        raise value(f"cannot delete default network ACL {network_acl_id}")
    if acl.subnets.exists():
        raise DependencyViolation(
            f"The networkAcl '{network_acl_id}' has dependencies and cannot be deleted."
        )
    acl.delete()
    return {}


@operation("ec2:CreateNetworkAclEntry")
def create_network_acl_entry(
    ctx: Context,
    /,
    *,
    network_acl_id: str,
    rule_number: int,
    egress: bool,
    protocol: str,
    rule_action: str,
    dry_run: bool = False,
    **given: Any,
) -> Response:
    """given: a block, and the ports or the ICMP type. Raises NetworkAclEntryAlreadyExists.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html
    """
    acl = _held(ctx, "ec2:CreateNetworkAclEntry", network_acl_id)
    columns = _columns(rule_number, protocol, given)
    entries = acl.entries.filter(egress=egress)
    if entries.filter(rule_number=rule_number).exists():
        raise NetworkAclEntryAlreadyExists(number=rule_number)
    if entries.exclude(rule_number=LAST_ENTRY).count() >= quotas.ENTRIES_PER_ACL:
        raise NetworkAclEntryLimitExceeded
    NetworkAclEntry.objects.create(
        network_acl=acl,
        rule_number=rule_number,
        egress=egress,
        rule_action=rule_action,
        **columns,
    )
    return {}


@operation("ec2:ReplaceNetworkAclEntry")
def replace_network_acl_entry(
    ctx: Context,
    /,
    *,
    network_acl_id: str,
    rule_number: int,
    egress: bool,
    protocol: str,
    rule_action: str,
    dry_run: bool = False,
    **given: Any,
) -> Response:
    """Puts another entry in the place of one. Raises InvalidNetworkAclEntry.NotFound.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceNetworkAclEntry.html
    """
    acl = _held(ctx, "ec2:ReplaceNetworkAclEntry", network_acl_id)
    columns = _columns(rule_number, protocol, given)
    _require_entry(acl, rule_number, egress=egress)
    acl.entries.filter(egress=egress, rule_number=rule_number).update(
        rule_action=rule_action, **columns
    )
    return {}


@operation("ec2:DeleteNetworkAclEntry")
def delete_network_acl_entry(
    ctx: Context,
    /,
    *,
    network_acl_id: str,
    rule_number: int,
    egress: bool,
    dry_run: bool = False,
) -> Response:
    """Raises InvalidNetworkAclEntry.NotFound. The closing denial stays.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNetworkAclEntry.html
    """
    acl = _held(ctx, "ec2:DeleteNetworkAclEntry", network_acl_id)
    _require_number(rule_number)
    _require_entry(acl, rule_number, egress=egress)
    acl.entries.filter(egress=egress, rule_number=rule_number).delete()
    return {}


@operation("ec2:ReplaceNetworkAclAssociation")
def replace_network_acl_association(
    ctx: Context, /, *, association_id: str, network_acl_id: str, dry_run: bool = False
) -> Response:
    """Gives a subnet another ACL. Answers {"NewAssociationId": …}.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceNetworkAclAssociation.html
    """
    acl = _held(ctx, "ec2:ReplaceNetworkAclAssociation", network_acl_id)
    rows = Subnet.objects.in_scope(ctx).select_for_update(of=("self",)).select_related("vpc")
    subnet: Subnet | None = rows.filter(acl_association_id=association_id).first()
    if subnet is None:
        raise not_found("AssociationID")(f"The association ID '{association_id}' does not exist")
    lookup.authorize(ctx, "ec2:ReplaceNetworkAclAssociation", subnet)
    if subnet.vpc_id != acl.vpc_id:
        raise value(
            f"Network ACL {network_acl_id} and subnet {subnet.resource_id} belong to different "
            "networks"
        )
    subnet.network_acl = acl
    subnet.acl_association_id = ids.resource_id("aclassoc")
    subnet.save(update_fields=["network_acl", "acl_association_id"])
    return {"NewAssociationId": subnet.acl_association_id}


def _held(ctx: Context, action: str, acl_id: str) -> NetworkAcl:
    rows = NetworkAcl.objects.select_related("vpc")
    found: NetworkAcl = lookup.one(ctx, action, NetworkAcl, acl_id, rows=rows, locked=True)
    return found


def _require_number(rule_number: int) -> None:
    if not 1 <= rule_number < LAST_ENTRY:
        raise value(
            f"Value ({rule_number}) for parameter ruleNumber is invalid. "
            "The rule number must be between 1 and 32766."
        )


def _require_entry(acl: NetworkAcl, rule_number: int, *, egress: bool) -> None:
    if not acl.entries.filter(egress=egress, rule_number=rule_number).exists():
        raise not_found("NetworkAclEntry")(
            f"The network acl entry identified by {rule_number} does not exist."
        )


def _columns(rule_number: int, protocol: str, given: dict[str, Any]) -> dict[str, Any]:
    """What an entry says, as columns. Raises InvalidParameterValue, MissingParameter."""
    _require_number(rule_number)
    name = protocol_name(protocol)
    code = NUMBERS.get(name, name)
    if code != ANY_PROTOCOL and not (code.isdecimal() and int(code) <= 255):
        raise value(f"Invalid value '{protocol}' for IP protocol. Unknown protocol.")
    columns: dict[str, Any] = {
        "protocol": code,
        "cidr_block": "",
        "ipv6_cidr_block": "",
        "from_port": None,
        "to_port": None,
        "icmp_type": None,
        "icmp_code": None,
    } | _block(given)
    if code in TCP_AND_UDP:
        ports = given.get("port_range") or {}
        if "From" not in ports or "To" not in ports:
            raise MissingParameter(parameter="portRange")
        if not 0 <= ports["From"] <= ports["To"] <= 65535:
            raise value(f"Invalid TCP/UDP port range ({ports['From']}:{ports['To']})")
        columns |= {"from_port": ports["From"], "to_port": ports["To"]}
    elif code in ICMP:
        icmp = given.get("icmp_type_code")
        if not icmp:
            raise MissingParameter(parameter="icmpTypeCode")
        of_type, of_code = icmp.get("Type", -1), icmp.get("Code", -1)
        if not (-1 <= of_type <= 255 and -1 <= of_code <= 255):
            raise value(f"ICMP type or code ({of_type}, {of_code}) out of range")
        columns |= {"icmp_type": of_type, "icmp_code": of_code}
    return columns


def _block(given: dict[str, Any]) -> dict[str, str]:
    for name, version in (("cidr_block", 4), ("ipv6_cidr_block", 6)):
        text = given.get(name)
        if not text:
            continue
        try:
            block = cidr.parse_any(text)
        except ValueError:
            block = None
        if block is None or block.version != version:
            raise value(f"CIDR block {text} is malformed")
        return {name: str(block)}
    raise MissingParameter(parameter="cidrBlock")


def _as_aws(acl: NetworkAcl) -> dict[str, Any]:
    return {
        "NetworkAclId": acl.resource_id,
        "VpcId": acl.vpc.resource_id,
        "OwnerId": acl.account_id,
        "IsDefault": acl.is_default,
        "Entries": [_entry_as_aws(one) for one in acl.entries.all()],
        "Associations": [
            {
                "NetworkAclAssociationId": subnet.acl_association_id,
                "NetworkAclId": acl.resource_id,
                "SubnetId": subnet.resource_id,
            }
            for subnet in acl.subnets.all()
        ],
        "Tags": lookup.tag_set(acl.tags),
    }


def _entry_as_aws(entry: NetworkAclEntry) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "RuleNumber": entry.rule_number,
        "Protocol": entry.protocol,
        "RuleAction": entry.rule_action,
        "Egress": entry.egress,
    }
    if entry.cidr_block:
        shown["CidrBlock"] = entry.cidr_block
    if entry.ipv6_cidr_block:
        shown["Ipv6CidrBlock"] = entry.ipv6_cidr_block
    if entry.from_port is not None:
        shown["PortRange"] = {"From": entry.from_port, "To": entry.to_port}
    if entry.icmp_type is not None:
        shown["IcmpTypeCode"] = {"Type": entry.icmp_type, "Code": entry.icmp_code}
    return shown
