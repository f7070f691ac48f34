"""Tags of any resource."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws.context import Context
from aws.errors import UnauthorizedOperation
from ec2.errors import InvalidParameterValue
from ec2.lookup import TagLimitExceeded
from ec2.models import SecurityGroup, Vpc
from ec2.operations import create_tags, delete_tags, describe_tags, describe_vpcs
from ec2.operations.tags import InvalidID
from iam.models import User
from tests import factories
from tests.factories import allow, ctx_for


@pytest.fixture
def vpc_id(ctx: Context) -> str:
    return str(describe_vpcs(ctx)["Vpcs"][0]["VpcId"])


def test_boto3_tags_several_kinds_at_once(ec2: Any, vpc_id: str) -> None:
    group_id = SecurityGroup.objects.get().resource_id
    tags = [{"Key": "class", "Value": "3-2"}, {"Key": "Name", "Value": "mine"}]
    ec2.create_tags(Resources=[vpc_id, group_id], Tags=tags)
    wanted = [{"Name": "key", "Values": ["cl*"]}]
    found = ec2.describe_tags(Filters=wanted)["Tags"]
    assert found == [
        {"Key": "class", "ResourceId": group_id, "ResourceType": "security-group", "Value": "3-2"},
        {"Key": "class", "ResourceId": vpc_id, "ResourceType": "vpc", "Value": "3-2"},
    ]
    by_type = [{"Name": "resource-type", "Values": ["vpc"]}, {"Name": "tag:Name", "Values": ["m*"]}]
    assert [one["Key"] for one in ec2.describe_tags(Filters=by_type)["Tags"]] == ["Name"]
    pages = ec2.get_paginator("describe_tags").paginate(PaginationConfig={"PageSize": 3})
    assert [len(page["Tags"]) for page in pages] == [3, 1]


def test_a_tag_with_a_value_goes_only_where_it_has_it(ctx: Context, vpc_id: str) -> None:
    create_tags(ctx, resources=[vpc_id], tags=[{"Key": "a", "Value": "1"}, {"Key": "b"}])
    delete_tags(ctx, resources=[vpc_id], tags=[{"Key": "a", "Value": "2"}])
    assert Vpc.objects.get().tags == {"a": "1", "b": ""}
    delete_tags(ctx, resources=[vpc_id], tags=[{"Key": "a"}])
    assert Vpc.objects.get().tags == {"b": ""}
    delete_tags(ctx, resources=[vpc_id])
    assert Vpc.objects.get().tags == {}


def test_a_resource_has_fifty_tags_and_none_of_awss(ctx: Context, vpc_id: str) -> None:
    create_tags(ctx, resources=[vpc_id], tags=[{"Key": str(n)} for n in range(50)])
    with pytest.raises(TagLimitExceeded):
        create_tags(ctx, resources=[vpc_id], tags=[{"Key": "one more"}])
    with pytest.raises(InvalidParameterValue, match="aws: prefixed"):
        create_tags(ctx, resources=[vpc_id], tags=[{"Key": "aws:x"}])


def test_an_id_of_no_kind_is_refused(ctx: Context) -> None:
    with pytest.raises(InvalidID, match="The ID 'xyz-1' is not valid"):
        create_tags(ctx, resources=["xyz-1"], tags=[{"Key": "a"}])


def test_nothing_is_tagged_where_one_may_not_be(ctx: Context, nobody: User, vpc_id: str) -> None:
    factories.grant(nobody, policies=[allow("ec2:CreateTags", Vpc.objects.get().arn)])
    group_id = SecurityGroup.objects.get().resource_id
    with pytest.raises(UnauthorizedOperation):
        create_tags(ctx_for(nobody), resources=[vpc_id, group_id], tags=[{"Key": "a"}])
    assert Vpc.objects.get().tags == {}


def test_another_accounts_tags_do_not_exist(
    ctx: Context, vpc_id: str, mallory: User, client_of: Callable[..., Any]
) -> None:
    create_tags(ctx, resources=[vpc_id], tags=[{"Key": "a"}])
    with pytest.raises(ClientError, match="InvalidVpcID.NotFound"):
        client_of(mallory).create_tags(Resources=[vpc_id], Tags=[{"Key": "a", "Value": "b"}])
    assert describe_tags(ctx_for(mallory))["Tags"] == []
