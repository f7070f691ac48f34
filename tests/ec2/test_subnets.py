"""Subnets: blocks, zones, free addresses, what keeps them."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws.context import Context
from aws.errors import DryRunOperation, UnauthorizedOperation
from ec2 import quotas
from ec2.errors import (
    DefaultSubnetAlreadyExistsInAvailabilityZone,
    DependencyViolation,
    InvalidParameterCombination,
    InvalidParameterValue,
    InvalidSubnetConflict,
    InvalidSubnetRange,
    SubnetLimitExceeded,
)
from ec2.models import NetworkInterface, PrivateAddress, Subnet
from ec2.operations import (
    create_default_subnet,
    create_subnet,
    create_vpc,
    delete_subnet,
    describe_subnets,
    modify_subnet_attribute,
)
from iam.models import User
from tests.factories import ctx_for


@pytest.fixture
def vpc_id(ctx: Context) -> str:
    return str(create_vpc(ctx, cidr_block="10.0.0.0/16")["Vpc"]["VpcId"])


def _interface(subnet_id: str, *addresses: str) -> NetworkInterface:
    subnet = Subnet.objects.get(resource_id=subnet_id)
    interface = NetworkInterface.objects.create(
        account_id=subnet.account_id,
        region=subnet.region,
        resource_id="eni-0123456789abcdef0",
        vpc=subnet.vpc,
        subnet=subnet,
        private_ip_address=addresses[0],
    )
    for address in addresses:
        PrivateAddress.objects.create(interface=interface, subnet=subnet, address=address)
    return interface


def test_boto3_makes_finds_changes_and_deletes_a_subnet(ec2: Any, vpc_id: str) -> None:
    made = ec2.create_subnet(
        VpcId=vpc_id,
        CidrBlock="10.0.1.0/24",
        AvailabilityZone="ap-northeast-2c",
        TagSpecifications=[{"ResourceType": "subnet", "Tags": [{"Key": "Name", "Value": "web"}]}],
    )["Subnet"]
    assert (made["AvailabilityZone"], made["AvailableIpAddressCount"]) == ("ap-northeast-2c", 251)
    ec2.modify_subnet_attribute(SubnetId=made["SubnetId"], MapPublicIpOnLaunch={"Value": True})
    (found,) = ec2.describe_subnets(Filters=[{"Name": "tag:Name", "Values": ["web"]}])["Subnets"]
    assert found["MapPublicIpOnLaunch"]
    ec2.delete_subnet(SubnetId=made["SubnetId"])
    with pytest.raises(ClientError) as refused:
        ec2.describe_subnets(SubnetIds=[made["SubnetId"]])
    assert refused.value.response["Error"] == {
        "Code": "InvalidSubnetID.NotFound",
        "Message": f"The subnet ID '{made['SubnetId']}' does not exist",
    }


def test_free_addresses_are_counted_and_found(ctx: Context, vpc_id: str) -> None:
    subnet_id = create_subnet(ctx, vpc_id=vpc_id, cidr_block="10.0.1.0/24")["Subnet"]["SubnetId"]
    create_subnet(ctx, vpc_id=vpc_id, cidr_block="10.0.2.0/28")
    _interface(subnet_id, "10.0.1.4", "10.0.1.5")
    wanted = [{"Name": "vpc-id", "Values": [vpc_id]}]
    found = describe_subnets(ctx, filters=wanted)["Subnets"]
    assert sorted(one["AvailableIpAddressCount"] for one in found) == [11, 249]
    wanted.append({"Name": "available-ip-address-count", "Values": ["249"]})
    assert [one["SubnetId"] for one in describe_subnets(ctx, filters=wanted)["Subnets"]] == [
        subnet_id
    ]


@pytest.mark.parametrize("block", ["10.1.0.0/24", "10.0.0.0/29", "10.0.0.0/15"])
def test_a_block_outside_of_the_vpc_or_of_a_wrong_size_is_refused(
    ctx: Context, vpc_id: str, block: str
) -> None:
    with pytest.raises(InvalidSubnetRange, match=f"The CIDR '{block}' is invalid."):
        create_subnet(ctx, vpc_id=vpc_id, cidr_block=block)


def test_blocks_do_not_overlap(ctx: Context, vpc_id: str) -> None:
    create_subnet(ctx, vpc_id=vpc_id, cidr_block="10.0.0.0/20")
    with pytest.raises(InvalidSubnetConflict, match="The CIDR '10.0.1.0/24' conflicts"):
        create_subnet(ctx, vpc_id=vpc_id, cidr_block="10.0.1.0/24")


def test_a_zone_of_another_region_is_refused_with_those_there_are(
    ctx: Context, vpc_id: str
) -> None:
    with pytest.raises(InvalidParameterValue, match="ap-northeast-2a, ap-northeast-2b"):
        create_subnet(ctx, vpc_id=vpc_id, cidr_block="10.0.1.0/24", availability_zone="us-east-1a")


def test_subnets_of_a_vpc_end_at_the_quota(
    ctx: Context, vpc_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "SUBNETS_PER_VPC", 1)
    create_subnet(ctx, vpc_id=vpc_id, cidr_block="10.0.1.0/24")
    with pytest.raises(SubnetLimitExceeded):
        create_subnet(ctx, vpc_id=vpc_id, cidr_block="10.0.2.0/24")


def test_dry_run_makes_no_subnet(ctx: Context, vpc_id: str) -> None:
    with pytest.raises(DryRunOperation):
        create_subnet(ctx, vpc_id=vpc_id, cidr_block="10.0.1.0/24", dry_run=True)
    assert not Subnet.objects.filter(cidr_block="10.0.1.0/24").exists()


def test_who_only_reads_makes_no_subnet(bob: User, vpc_id: str) -> None:
    with pytest.raises(UnauthorizedOperation):
        create_subnet(ctx_for(bob), vpc_id=vpc_id, cidr_block="10.0.1.0/24")


def test_another_accounts_subnet_does_not_exist(
    ctx: Context, vpc_id: str, mallory: User, client_of: Callable[..., Any]
) -> None:
    subnet_id = create_subnet(ctx, vpc_id=vpc_id, cidr_block="10.0.1.0/24")["Subnet"]["SubnetId"]
    client = client_of(mallory)
    with pytest.raises(ClientError, match="InvalidSubnetID.NotFound"):
        client.delete_subnet(SubnetId=subnet_id)
    with pytest.raises(ClientError, match="InvalidVpcID.NotFound"):
        client.create_subnet(VpcId=vpc_id, CidrBlock="10.0.2.0/24")


def test_a_subnet_with_an_interface_stays(ctx: Context, vpc_id: str) -> None:
    subnet_id = create_subnet(ctx, vpc_id=vpc_id, cidr_block="10.0.1.0/24")["Subnet"]["SubnetId"]
    _interface(subnet_id, "10.0.1.4")
    with pytest.raises(DependencyViolation, match=f"The subnet '{subnet_id}' has dependencies"):
        delete_subnet(ctx, subnet_id=subnet_id)


def test_attributes_of_a_subnet_change_one_at_a_time(ctx: Context, vpc_id: str) -> None:
    subnet_id = create_subnet(ctx, vpc_id=vpc_id, cidr_block="10.0.1.0/24")["Subnet"]["SubnetId"]
    modify_subnet_attribute(
        ctx, subnet_id=subnet_id, private_dns_hostname_type_on_launch="resource-name"
    )
    (found,) = describe_subnets(ctx, subnet_ids=[subnet_id])["Subnets"]
    assert found["PrivateDnsNameOptionsOnLaunch"]["HostnameType"] == "resource-name"
    with pytest.raises(InvalidParameterCombination):
        modify_subnet_attribute(
            ctx,
            subnet_id=subnet_id,
            map_public_ip_on_launch={"Value": True},
            private_dns_hostname_type_on_launch="ip-name",
        )


def test_a_zones_default_subnet_comes_back_when_asked_for(ctx: Context) -> None:
    zone = "ap-northeast-2b"
    describe_subnets(ctx)
    with pytest.raises(DefaultSubnetAlreadyExistsInAvailabilityZone):
        create_default_subnet(ctx, availability_zone=zone)
    Subnet.objects.get(availability_zone=zone).delete()
    made = create_default_subnet(ctx, availability_zone=zone)["Subnet"]
    assert (made["CidrBlock"], made["DefaultForAz"]) == ("172.31.16.0/20", True)
