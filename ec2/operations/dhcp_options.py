"""DHCP option sets."""

from typing import Any

from django.db.models import Q

from aws.context import Context
from aws.filters import Column
from ec2 import default_vpc, lookup, quotas
from ec2.door import Response, operation
from ec2.errors import DependencyViolation, DhcpOptionsLimitExceeded, InvalidParameterValue, value
from ec2.models import DhcpOptions, Vpc

# Option → the most values that it takes.
KEYS = {
    "domain-name": 1,
    "domain-name-servers": 4,
    "ntp-servers": 4,
    "netbios-name-servers": 4,
    "netbios-node-type": 1,
    "ipv6-address-preferred-lease-time": 1,
}


def _by_value(values: Any) -> Q:
    condition = Q(pk__in=[])
    for key in KEYS:
        for text in values:
            condition |= Q(configurations__contains={key: [text]})
    return condition


FILTERS: dict[str, Column] = {
    "dhcp-options-id": "resource_id",
    "key": lambda values: Q(configurations__has_any_keys=list(values)),
    "owner-id": "account_id",
    "value": _by_value,
}


@operation("ec2:CreateDhcpOptions")
def create_dhcp_options(
    ctx: Context,
    /,
    *,
    dhcp_configurations: list[dict[str, Any]],
    tag_specifications: list[dict[str, Any]] | None = None,
    dry_run: bool = False,
) -> Response:
    """dhcp_configurations: [{"Key", "Values"}]. Answers {"DhcpOptions": …}.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateDhcpOptions.html
    """
    tags = lookup.tags_of(tag_specifications, DhcpOptions)
    lookup.authorize_new(ctx, "ec2:CreateDhcpOptions", DhcpOptions, tags)
    configurations = _configurations(dhcp_configurations)
    default_vpc.hold_region(ctx)
    if DhcpOptions.objects.in_scope(ctx).count() >= quotas.DHCP_OPTION_SETS:
        raise DhcpOptionsLimitExceeded
    made = DhcpOptions.objects.create(
        **default_vpc.owned(ctx, "dopt"), configurations=configurations, tags=tags
    )
    return {"DhcpOptions": _as_aws(made)}


@operation("ec2:DescribeDhcpOptions")
def describe_dhcp_options(
    ctx: Context,
    /,
    *,
    dhcp_options_ids: list[str] | None = None,
    filters: list[dict[str, Any]] | None = None,
    next_token: str = "",
    max_results: int = 0,
    dry_run: bool = False,
) -> Response:
    """Answers {"DhcpOptions": […], "NextToken": …}.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeDhcpOptions.html
    """
    page = lookup.describe(
        ctx,
        "ec2:DescribeDhcpOptions",
        DhcpOptions.objects.all(),
        ids=dhcp_options_ids,
        filters=filters,
        columns=FILTERS,
        max_results=max_results,
        next_token=next_token,
    )
    return {"DhcpOptions": [_as_aws(one) for one in page.rows], **page.next_token()}


@operation("ec2:DeleteDhcpOptions")
def delete_dhcp_options(
    ctx: Context, /, *, dhcp_options_id: str, dry_run: bool = False
) -> Response:
    """Deletes a set that no VPC uses. Raises DependencyViolation.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteDhcpOptions.html
    """
    options = lookup.one(ctx, "ec2:DeleteDhcpOptions", DhcpOptions, dhcp_options_id, locked=True)
    if options.vpcs.exists():
        raise DependencyViolation(
            f"The dhcpOptions '{dhcp_options_id}' has dependencies and cannot be deleted."
        )
    options.delete()
    return {}


@operation("ec2:AssociateDhcpOptions")
def associate_dhcp_options(
    ctx: Context, /, *, dhcp_options_id: str, vpc_id: str, dry_run: bool = False
) -> Response:
    """dhcp_options_id: "default" for none.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateDhcpOptions.html
    """
    action = "ec2:AssociateDhcpOptions"
    vpc = lookup.one(ctx, action, Vpc, vpc_id, locked=True)
    vpc.dhcp_options = (
        None
        if dhcp_options_id == "default"
        else lookup.one(ctx, action, DhcpOptions, dhcp_options_id, locked=True)
    )
    vpc.save(update_fields=["dhcp_options"])
    return {}


def _configurations(given: list[dict[str, Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in given:
        key, values = one.get("Key", ""), list(one.get("Values") or ())
        if key not in KEYS:
            raise InvalidParameterValue(value=key, parameter="name", reason="Unknown DHCP option")
        if not 1 <= len(values) <= KEYS[key]:
            raise value(f"Invalid number of values for DHCP option {key}.")
        if key == "netbios-node-type" and values[0] not in ("1", "2", "4", "8"):
            raise InvalidParameterValue(
                value=values[0], parameter="value", reason="Use 1, 2, 4 or 8."
            )
        found[key] = values
    return found


def _as_aws(options: DhcpOptions) -> dict[str, Any]:
    return {
        "DhcpOptionsId": options.resource_id,
        "OwnerId": options.account_id,
        "DhcpConfigurations": [
            {"Key": key, "Values": [{"Value": text} for text in options.configurations[key]]}
            for key in sorted(options.configurations)
        ],
        "Tags": lookup.tag_set(options.tags),
    }
