"""VPCs: the default one, made ones, their blocks and attributes."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws.context import Context
from aws.errors import DryRunOperation, UnauthorizedOperation
from ec2 import quotas
from ec2.errors import (
    DefaultVpcAlreadyExists,
    DependencyViolation,
    InvalidVpcRange,
    OperationNotPermitted,
    VpcLimitExceeded,
)
from ec2.models import InternetGateway, NetworkAclEntry, Route, SecurityGroupRule, Subnet, Vpc
from ec2.operations import (
    associate_vpc_cidr_block,
    create_default_vpc,
    create_vpc,
    delete_vpc,
    describe_vpcs,
    disassociate_vpc_cidr_block,
)
from iam.models import User
from tests import factories
from tests.factories import allow, ctx_for


def test_a_new_account_has_a_default_vpc_in_each_region(alice: User, client_of: Any) -> None:
    for region, zones in (("ap-northeast-2", 4), ("us-east-1", 6)):
        (vpc,) = client_of(alice, region=region).describe_vpcs()["Vpcs"]
        assert vpc["IsDefault"]
        assert vpc["CidrBlock"] == "172.31.0.0/16"
        subnets = Subnet.objects.filter(vpc__resource_id=vpc["VpcId"])
        assert subnets.filter(map_public_ip_on_launch=True).count() == zones


def test_the_default_vpc_leads_out_and_lets_its_group_talk(ctx: Context) -> None:
    describe_vpcs(ctx)
    gateway = InternetGateway.objects.get()
    assert {route.destination: route.target for route in Route.objects.all()} == {
        "172.31.0.0/16": "local",
        "0.0.0.0/0": gateway.resource_id,
    }
    ingress = SecurityGroupRule.objects.get(is_egress=False)
    assert ingress.referenced_group_id == ingress.group.resource_id
    numbers = NetworkAclEntry.objects.filter(egress=False).values_list("rule_number", "rule_action")
    assert list(numbers) == [(100, "allow"), (32767, "deny")]


def test_two_calls_make_one_default_vpc(ctx: Context, alice: User) -> None:
    describe_vpcs(ctx)
    describe_vpcs(ctx_for(alice))
    assert Vpc.objects.count() == 1


def test_boto3_makes_finds_and_deletes_a_vpc(ec2: Any) -> None:
    made = ec2.create_vpc(
        CidrBlock="10.0.5.0/16",
        TagSpecifications=[
            {"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "class"}]},
        ],
    )["Vpc"]
    assert made["CidrBlock"] == "10.0.0.0/16"
    assert made["State"] == "pending"
    ec2.get_waiter("vpc_available").wait(VpcIds=[made["VpcId"]])
    (found,) = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["cl*"]}])["Vpcs"]
    assert found["VpcId"] == made["VpcId"]
    ec2.delete_vpc(VpcId=made["VpcId"])
    with pytest.raises(ClientError) as refused:
        ec2.describe_vpcs(VpcIds=[made["VpcId"]])
    assert refused.value.response["Error"] == {
        "Code": "InvalidVpcID.NotFound",
        "Message": f"The vpc ID '{made['VpcId']}' does not exist",
    }


@pytest.mark.parametrize("block", ["10.0.0.0/8", "10.0.0.0/29"])
def test_blocks_of_another_size_are_refused(ctx: Context, block: str) -> None:
    with pytest.raises(InvalidVpcRange, match=f"The CIDR '{block}' is invalid."):
        create_vpc(ctx, cidr_block=block)


def test_a_class_of_vpcs_ends_at_the_quota(ctx: Context) -> None:
    for number in range(quotas.VPCS - 1):
        create_vpc(ctx, cidr_block=f"10.{number}.0.0/16")
    with pytest.raises(VpcLimitExceeded):
        create_vpc(ctx, cidr_block="10.9.0.0/16")


def test_dry_run_makes_nothing(ctx: Context) -> None:
    with pytest.raises(DryRunOperation):
        create_vpc(ctx, cidr_block="10.0.0.0/16", dry_run=True)
    assert not Vpc.objects.filter(cidr_block="10.0.0.0/16").exists()


def test_who_only_reads_makes_no_vpc(bob: User) -> None:
    with pytest.raises(UnauthorizedOperation):
        create_vpc(ctx_for(bob), cidr_block="10.0.0.0/16")


def test_tags_at_creation_need_their_own_permission(nobody: User) -> None:
    factories.grant(nobody, policies=[allow("ec2:CreateVpc")])
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}]
    with pytest.raises(UnauthorizedOperation, match="ec2:CreateTags"):
        create_vpc(ctx_for(nobody), cidr_block="10.0.0.0/16", tag_specifications=tags)


def test_another_accounts_vpc_does_not_exist(
    ctx: Context, mallory: User, client_of: Callable[..., Any]
) -> None:
    vpc_id = create_vpc(ctx, cidr_block="10.0.0.0/16")["Vpc"]["VpcId"]
    with pytest.raises(ClientError, match="InvalidVpcID.NotFound"):
        client_of(mallory).delete_vpc(VpcId=vpc_id)
    assert Vpc.objects.filter(resource_id=vpc_id).exists()


def test_a_vpc_with_subnets_stays(ctx: Context) -> None:
    (vpc,) = describe_vpcs(ctx)["Vpcs"]
    with pytest.raises(DependencyViolation, match=vpc["VpcId"]):
        delete_vpc(ctx, vpc_id=vpc["VpcId"])


def test_the_default_vpc_comes_back_when_asked_for(ctx: Context) -> None:
    describe_vpcs(ctx)
    with pytest.raises(DefaultVpcAlreadyExists):
        create_default_vpc(ctx)
    Subnet.objects.all().delete()
    InternetGateway.objects.all().delete()
    (vpc,) = describe_vpcs(ctx)["Vpcs"]
    delete_vpc(ctx, vpc_id=vpc["VpcId"])
    assert describe_vpcs(ctx)["Vpcs"] == []
    assert create_default_vpc(ctx)["Vpc"]["IsDefault"]


def test_a_second_block_comes_and_goes(ctx: Context) -> None:
    vpc_id = create_vpc(ctx, cidr_block="10.0.0.0/16")["Vpc"]["VpcId"]
    with pytest.raises(InvalidVpcRange):
        associate_vpc_cidr_block(ctx, vpc_id=vpc_id, cidr_block="10.0.3.0/24")
    added = associate_vpc_cidr_block(ctx, vpc_id=vpc_id, cidr_block="10.1.0.0/16")
    vpc = Vpc.objects.get(resource_id=vpc_id)
    assert [str(block) for block in vpc.blocks] == ["10.0.0.0/16", "10.1.0.0/16"]
    association_id = added["CidrBlockAssociation"]["AssociationId"]
    disassociate_vpc_cidr_block(ctx, association_id=association_id)
    assert len(Vpc.objects.get(resource_id=vpc_id).blocks) == 1
    primary = vpc.cidr_associations[0]["AssociationId"]
    with pytest.raises(OperationNotPermitted):
        disassociate_vpc_cidr_block(ctx, association_id=primary)


def test_attributes_change_one_at_a_time(ec2: Any) -> None:
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc_id, EnableDnsHostnames={"Value": True})
    answer = ec2.describe_vpc_attribute(VpcId=vpc_id, Attribute="enableDnsHostnames")
    assert answer["EnableDnsHostnames"] == {"Value": True}
    with pytest.raises(ClientError, match="InvalidParameterCombination"):
        ec2.modify_vpc_attribute(
            VpcId=vpc_id, EnableDnsHostnames={"Value": True}, EnableDnsSupport={"Value": True}
        )


def test_pages_of_vpcs_follow_each_other(ec2: Any) -> None:
    for number in range(4):
        ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")
    pages = list(ec2.get_paginator("describe_vpcs").paginate(PaginationConfig={"PageSize": 5}))
    assert [len(page["Vpcs"]) for page in pages] == [5]
