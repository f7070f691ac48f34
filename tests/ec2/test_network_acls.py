"""Network ACLs and DHCP option sets."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws.context import Context
from aws.errors import DryRunOperation, UnauthorizedOperation
from ec2 import quotas
from ec2.errors import (
    DependencyViolation,
    DhcpOptionsLimitExceeded,
    InvalidParameterValue,
    MissingParameter,
    NetworkAclEntryAlreadyExists,
    NetworkAclEntryLimitExceeded,
    NetworkAclLimitExceeded,
    not_found,
)
from ec2.models import DhcpOptions, NetworkAcl, Vpc
from ec2.operations import (
    associate_dhcp_options,
    create_dhcp_options,
    create_network_acl,
    create_network_acl_entry,
    create_subnet,
    create_vpc,
    delete_dhcp_options,
    delete_network_acl,
    delete_network_acl_entry,
    describe_network_acls,
    replace_network_acl_association,
    replace_network_acl_entry,
)
from iam.models import User
from tests.factories import ctx_for

HTTP: dict[str, Any] = {
    "rule_number": 100,
    "egress": False,
    "protocol": "tcp",
    "rule_action": "allow",
    "cidr_block": "0.0.0.0/0",
    "port_range": {"From": 80, "To": 80},
}


@pytest.fixture
def vpc_id(ctx: Context) -> str:
    return str(create_vpc(ctx, cidr_block="10.0.0.0/16")["Vpc"]["VpcId"])


@pytest.fixture
def acl_id(ctx: Context, vpc_id: str) -> str:
    return str(create_network_acl(ctx, vpc_id=vpc_id)["NetworkAcl"]["NetworkAclId"])


def test_boto3_makes_an_acl_that_denies_then_allows(ec2: Any, vpc_id: str) -> None:
    acl = ec2.create_network_acl(VpcId=vpc_id)["NetworkAcl"]
    assert {(one["RuleNumber"], one["RuleAction"]) for one in acl["Entries"]} == {(32767, "deny")}
    acl_id = acl["NetworkAclId"]
    ec2.create_network_acl_entry(
        NetworkAclId=acl_id,
        RuleNumber=100,
        Protocol="6",
        RuleAction="allow",
        Egress=False,
        CidrBlock="10.0.0.9/8",
        PortRange={"From": 22, "To": 22},
    )
    wanted = [{"Name": "entry.port-range.from", "Values": ["22"]}]
    (found,) = ec2.describe_network_acls(Filters=wanted)["NetworkAcls"]
    assert found["Entries"][0] == {
        "RuleNumber": 100,
        "Protocol": "6",
        "RuleAction": "allow",
        "Egress": False,
        "CidrBlock": "10.0.0.0/8",
        "PortRange": {"From": 22, "To": 22},
    }
    ec2.delete_network_acl_entry(NetworkAclId=acl_id, RuleNumber=100, Egress=False)
    ec2.delete_network_acl(NetworkAclId=acl_id)
    with pytest.raises(ClientError, match="InvalidNetworkAclID.NotFound"):
        ec2.describe_network_acls(NetworkAclIds=[acl_id])


def test_a_number_is_taken_once_in_a_direction(ctx: Context, acl_id: str) -> None:
    create_network_acl_entry(ctx, network_acl_id=acl_id, **HTTP)
    create_network_acl_entry(ctx, network_acl_id=acl_id, **(HTTP | {"egress": True}))
    with pytest.raises(NetworkAclEntryAlreadyExists, match="identified by 100 already exists"):
        create_network_acl_entry(ctx, network_acl_id=acl_id, **HTTP)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"rule_number": 32767}, InvalidParameterValue),
        ({"port_range": None}, MissingParameter),
        ({"cidr_block": "10.0.0.0/33"}, InvalidParameterValue),
        ({"port_range": {"From": 80, "To": 22}}, InvalidParameterValue),
        ({"protocol": "icmp"}, MissingParameter),
    ],
)
def test_entries_that_aws_refuses(
    ctx: Context, acl_id: str, change: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        create_network_acl_entry(ctx, network_acl_id=acl_id, **(HTTP | change))


def test_an_entry_is_replaced_where_there_is_one(ctx: Context, acl_id: str) -> None:
    with pytest.raises(not_found("NetworkAclEntry")):
        replace_network_acl_entry(ctx, network_acl_id=acl_id, **HTTP)
    create_network_acl_entry(ctx, network_acl_id=acl_id, **HTTP)
    replace_network_acl_entry(
        ctx, network_acl_id=acl_id, **(HTTP | {"protocol": "-1", "port_range": None})
    )
    (acl,) = describe_network_acls(ctx, network_acl_ids=[acl_id])["NetworkAcls"]
    assert acl["Entries"][0]["Protocol"] == "-1"
    assert "PortRange" not in acl["Entries"][0]


def test_the_closing_denial_stays(ctx: Context, acl_id: str) -> None:
    with pytest.raises(InvalidParameterValue):
        delete_network_acl_entry(ctx, network_acl_id=acl_id, rule_number=32767, egress=False)


def test_acls_and_entries_end_at_the_quota(
    ctx: Context, vpc_id: str, acl_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "NETWORK_ACLS_PER_VPC", 2)
    monkeypatch.setattr(quotas, "ENTRIES_PER_ACL", 1)
    with pytest.raises(NetworkAclLimitExceeded):
        create_network_acl(ctx, vpc_id=vpc_id)
    create_network_acl_entry(ctx, network_acl_id=acl_id, **HTTP)
    with pytest.raises(NetworkAclEntryLimitExceeded):
        create_network_acl_entry(ctx, network_acl_id=acl_id, **(HTTP | {"rule_number": 101}))


def test_a_subnet_changes_its_acl(ctx: Context, vpc_id: str, acl_id: str) -> None:
    subnet = create_subnet(ctx, vpc_id=vpc_id, cidr_block="10.0.1.0/24")["Subnet"]
    default = NetworkAcl.objects.get(vpc__resource_id=vpc_id, is_default=True).resource_id
    (before,) = describe_network_acls(ctx, network_acl_ids=[default])["NetworkAcls"]
    (association,) = before["Associations"]
    assert association["SubnetId"] == subnet["SubnetId"]
    old = association["NetworkAclAssociationId"]
    new = replace_network_acl_association(ctx, association_id=old, network_acl_id=acl_id)
    assert new["NewAssociationId"] != old
    with pytest.raises(DependencyViolation, match=f"The networkAcl '{acl_id}' has dependencies"):
        delete_network_acl(ctx, network_acl_id=acl_id)
    with pytest.raises(not_found("AssociationID")):
        replace_network_acl_association(ctx, association_id=old, network_acl_id=acl_id)


def test_the_default_acl_is_never_deleted(ctx: Context, vpc_id: str) -> None:
    default = NetworkAcl.objects.get(vpc__resource_id=vpc_id).resource_id
    with pytest.raises(InvalidParameterValue, match=f"cannot delete default network ACL {default}"):
        delete_network_acl(ctx, network_acl_id=default)


def test_who_only_reads_changes_no_acl(bob: User, acl_id: str) -> None:
    with pytest.raises(UnauthorizedOperation):
        create_network_acl_entry(ctx_for(bob), network_acl_id=acl_id, **HTTP)


def test_dry_run_makes_no_entry(ctx: Context, acl_id: str) -> None:
    with pytest.raises(DryRunOperation):
        create_network_acl_entry(ctx, network_acl_id=acl_id, dry_run=True, **HTTP)
    assert NetworkAcl.objects.get(resource_id=acl_id).entries.count() == 2


def test_another_accounts_acl_does_not_exist(
    acl_id: str, mallory: User, client_of: Callable[..., Any]
) -> None:
    with pytest.raises(ClientError, match="InvalidNetworkAclID.NotFound"):
        client_of(mallory).delete_network_acl(NetworkAclId=acl_id)


def test_boto3_gives_a_vpc_its_dhcp_options(ec2: Any, vpc_id: str) -> None:
    made = ec2.create_dhcp_options(
        DhcpConfigurations=[{"Key": "domain-name", "Values": ["class.example"]}]
    )["DhcpOptions"]
    assert made["DhcpConfigurations"] == [
        {"Key": "domain-name", "Values": [{"Value": "class.example"}]}
    ]
    options_id = made["DhcpOptionsId"]
    ec2.associate_dhcp_options(DhcpOptionsId=options_id, VpcId=vpc_id)
    wanted = [{"Name": "value", "Values": ["class.example"]}]
    (found,) = ec2.describe_dhcp_options(Filters=wanted)["DhcpOptions"]
    assert found["DhcpOptionsId"] == options_id
    with pytest.raises(ClientError, match="DependencyViolation"):
        ec2.delete_dhcp_options(DhcpOptionsId=options_id)
    ec2.associate_dhcp_options(DhcpOptionsId="default", VpcId=vpc_id)
    assert ec2.describe_vpcs(VpcIds=[vpc_id])["Vpcs"][0]["DhcpOptionsId"] == "default"
    ec2.delete_dhcp_options(DhcpOptionsId=options_id)


def test_unknown_dhcp_options_and_too_many_sets_are_refused(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidParameterValue, match="Unknown DHCP option"):
        create_dhcp_options(ctx, dhcp_configurations=[{"Key": "router", "Values": ["10.0.0.1"]}])
    monkeypatch.setattr(quotas, "DHCP_OPTION_SETS", 1)
    with pytest.raises(DhcpOptionsLimitExceeded):
        create_dhcp_options(ctx, dhcp_configurations=[{"Key": "domain-name", "Values": ["a"]}])


def test_dhcp_options_are_of_one_account_and_need_permission(
    ctx: Context, bob: User, mallory: User, vpc_id: str
) -> None:
    options = DhcpOptions.objects.get(account_id=ctx.account_id).resource_id
    with pytest.raises(not_found("DhcpOptionID")):
        delete_dhcp_options(ctx_for(mallory), dhcp_options_id=options)
    with pytest.raises(UnauthorizedOperation):
        associate_dhcp_options(ctx_for(bob), dhcp_options_id="default", vpc_id=vpc_id)
    assert Vpc.objects.get(resource_id=vpc_id).dhcp_options is not None
