"""Security groups and their rules."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws.context import Context
from aws.errors import DryRunOperation, UnauthorizedOperation
from ec2 import quotas
from ec2.errors import (
    CannotDelete,
    DependencyViolation,
    InvalidGroupDuplicate,
    InvalidParameterValue,
    InvalidPermissionDuplicate,
    InvalidPermissionNotFound,
    RulesPerSecurityGroupLimitExceeded,
    SecurityGroupLimitExceeded,
    VPCIdNotSpecified,
    not_found,
)
from ec2.models import SecurityGroup, SecurityGroupRule, Vpc, VpcPeeringConnection
from ec2.operations import (
    authorize_security_group_egress,
    authorize_security_group_ingress,
    create_security_group,
    create_vpc,
    delete_security_group,
    describe_security_group_references,
    describe_security_group_rules,
    describe_security_groups,
    describe_stale_security_groups,
    modify_security_group_rules,
    revoke_security_group_ingress,
    update_security_group_rule_descriptions_ingress,
)
from iam.models import User
from tests.factories import ctx_for


def tcp(port: int, cidr: str = "0.0.0.0/0", **more: Any) -> dict[str, Any]:
    ranges = [{"CidrIp": cidr, **more}]
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": ranges}


def from_group(group_id: str) -> dict[str, Any]:
    return {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group_id}]}


@pytest.fixture
def vpc_id(ctx: Context) -> str:
    return str(create_vpc(ctx, cidr_block="10.0.0.0/16")["Vpc"]["VpcId"])


@pytest.fixture
def group_id(ctx: Context, vpc_id: str) -> str:
    return _group(ctx, "web", vpc_id)


def _group(ctx: Context, name: str, vpc_id: str) -> str:
    made = create_security_group(ctx, group_name=name, description="a group", vpc_id=vpc_id)
    return str(made["GroupId"])


def _peer(ctx: Context, one: str, other: str, status: str = "active") -> VpcPeeringConnection:
    return VpcPeeringConnection.objects.create(
        account_id=ctx.account_id,
        region=ctx.region,
        resource_id="pcx-0123456789abcdef0",
        vpc=Vpc.objects.get(resource_id=one),
        accepter_account_id=ctx.account_id,
        accepter_region=ctx.region,
        accepter_vpc_id=other,
        status=status,
    )


def test_boto3_opens_finds_closes_and_deletes_a_group(ec2: Any) -> None:
    made = ec2.create_security_group(
        GroupName="web",
        Description="a group",
        TagSpecifications=[
            {"ResourceType": "security-group", "Tags": [{"Key": "Name", "Value": "web"}]}
        ],
    )
    assert made["Tags"] == [{"Key": "Name", "Value": "web"}]
    opened = ec2.authorize_security_group_ingress(
        GroupId=made["GroupId"], IpPermissions=[tcp(22), tcp(80, Description="web")]
    )
    assert [one["FromPort"] for one in opened["SecurityGroupRules"]] == [22, 80]
    wanted = [{"Name": "ip-permission.from-port", "Values": ["80"]}]
    (found,) = ec2.describe_security_groups(Filters=wanted)["SecurityGroups"]
    assert found["GroupName"] == "web"
    assert found["IpPermissionsEgress"][0]["IpRanges"] == [{"CidrIp": "0.0.0.0/0"}]
    assert [one["IpRanges"] for one in found["IpPermissions"]] == [
        [{"CidrIp": "0.0.0.0/0"}],
        [{"CidrIp": "0.0.0.0/0", "Description": "web"}],
    ]
    rule_id = opened["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    closed = ec2.revoke_security_group_ingress(
        GroupId=made["GroupId"], SecurityGroupRuleIds=[rule_id]
    )
    assert closed["RevokedSecurityGroupRules"][0]["SecurityGroupRuleId"] == rule_id
    ec2.delete_security_group(GroupId=made["GroupId"])
    with pytest.raises(ClientError) as refused:
        ec2.describe_security_groups(GroupIds=[made["GroupId"]])
    assert refused.value.response["Error"] == {
        "Code": "InvalidGroup.NotFound",
        "Message": f"The security group '{made['GroupId']}' does not exist",
    }


def test_without_a_default_vpc_a_group_needs_one_named(ctx: Context, vpc_id: str) -> None:
    Vpc.objects.update(is_default=False)
    with pytest.raises(VPCIdNotSpecified):
        create_security_group(ctx, group_name="web", description="a group")


@pytest.mark.parametrize("name", ["sg-web", "가나다", "a" * 256])
def test_names_that_aws_refuses(ctx: Context, name: str) -> None:
    with pytest.raises(InvalidParameterValue, match="GroupName"):
        create_security_group(ctx, group_name=name, description="a group")


def test_a_name_is_taken_once_in_a_vpc(ctx: Context, vpc_id: str, group_id: str) -> None:
    with pytest.raises(InvalidGroupDuplicate, match=f"'web' already exists for VPC '{vpc_id}'"):
        _group(ctx, "web", vpc_id)


def test_groups_end_at_the_quota(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "SECURITY_GROUPS", 1)
    with pytest.raises(SecurityGroupLimitExceeded):
        create_security_group(ctx, group_name="web", description="a group")


def test_dry_run_opens_nothing(ctx: Context, group_id: str) -> None:
    with pytest.raises(DryRunOperation):
        authorize_security_group_ingress(
            ctx, group_id=group_id, ip_permissions=[tcp(22)], dry_run=True
        )
    assert not SecurityGroupRule.objects.filter(from_port=22).exists()


def test_who_only_reads_opens_nothing(bob: User, group_id: str) -> None:
    with pytest.raises(UnauthorizedOperation):
        authorize_security_group_ingress(ctx_for(bob), group_id=group_id, ip_permissions=[tcp(22)])


def test_another_accounts_group_does_not_exist(
    mallory: User, group_id: str, client_of: Callable[..., Any]
) -> None:
    client = client_of(mallory)
    with pytest.raises(ClientError, match="InvalidGroup.NotFound"):
        client.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[tcp(22)])
    own = client.create_security_group(GroupName="own", Description="own")["GroupId"]
    with pytest.raises(ClientError, match=f"The security group '{group_id}' does not exist"):
        client.authorize_security_group_ingress(GroupId=own, IpPermissions=[from_group(group_id)])


def test_the_same_rule_is_refused_in_awss_words(ctx: Context, group_id: str) -> None:
    authorize_security_group_ingress(ctx, group_id=group_id, ip_permissions=[tcp(22)])
    with pytest.raises(InvalidPermissionDuplicate) as refused:
        authorize_security_group_ingress(ctx, group_id=group_id, ip_permissions=[tcp(22)])
    assert refused.value.message == (
        'the specified rule "peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW" '
        "already exists"
    )
    with pytest.raises(InvalidParameterValue, match="must not appear multiple times"):
        authorize_security_group_egress(ctx, group_id=group_id, ip_permissions=[tcp(5), tcp(5)])


@pytest.mark.parametrize(
    "permission",
    [
        tcp(70000),
        tcp(22, "10.0.0.0/33"),
        tcp(22, "::/0"),
        {"IpProtocol": "tcp", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
        {**tcp(80), "ToPort": 22},
        {**tcp(80), "IpProtocol": "xyz"},
    ],
)
def test_rules_that_aws_refuses(ctx: Context, group_id: str, permission: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameterValue):
        authorize_security_group_ingress(ctx, group_id=group_id, ip_permissions=[permission])


def test_the_older_parameters_make_a_rule_of_the_default_vpc(ec2: Any) -> None:
    ec2.create_security_group(GroupName="web", Description="a group")
    ec2.authorize_security_group_ingress(
        GroupName="web", IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="10.0.0.7/24"
    )
    (found,) = ec2.describe_security_groups(GroupNames=["web"])["SecurityGroups"]
    assert found["IpPermissions"][0]["IpRanges"] == [{"CidrIp": "10.0.0.0/24"}]


def test_rules_end_at_the_limit_by_family(
    ctx: Context, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "RULES_PER_GROUP", 1)
    ipv6 = {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
    authorize_security_group_ingress(ctx, group_id=group_id, ip_permissions=[tcp(22), ipv6])
    with pytest.raises(RulesPerSecurityGroupLimitExceeded):
        authorize_security_group_ingress(ctx, group_id=group_id, ip_permissions=[tcp(80)])


def test_a_rule_that_is_not_there_is_revoked_in_the_default_vpc_alone(
    ctx: Context, group_id: str
) -> None:
    with pytest.raises(InvalidPermissionNotFound):
        revoke_security_group_ingress(ctx, group_id=group_id, ip_permissions=[tcp(22)])
    default = create_security_group(ctx, group_name="web", description="a group")["GroupId"]
    answer = revoke_security_group_ingress(ctx, group_id=default, ip_permissions=[tcp(22)])
    assert [one["FromPort"] for one in answer["UnknownIpPermissions"]] == [22]


def test_the_default_group_is_never_deleted(ctx: Context, vpc_id: str) -> None:
    default = SecurityGroup.objects.get(vpc__resource_id=vpc_id)
    with pytest.raises(CannotDelete, match='name: "default" cannot be deleted by a user'):
        delete_security_group(ctx, group_id=default.resource_id)


def test_a_group_that_another_names_stays(ctx: Context, vpc_id: str, group_id: str) -> None:
    other = _group(ctx, "db", vpc_id)
    authorize_security_group_ingress(ctx, group_id=other, ip_permissions=[from_group(group_id)])
    with pytest.raises(DependencyViolation) as refused:
        delete_security_group(ctx, group_id=group_id)
    assert refused.value.message == f"resource {group_id} has a dependent object"
    assert refused.value.fields["users"] == [other]
    delete_security_group(ctx, group_id=other)
    delete_security_group(ctx, group_id=group_id)


def test_a_group_of_an_unpeered_vpc_is_out_of_reach(ctx: Context, group_id: str) -> None:
    other = create_security_group(ctx, group_name="web", description="a group")["GroupId"]
    with pytest.raises(not_found("Group"), match="belong to different networks"):
        authorize_security_group_ingress(ctx, group_id=group_id, ip_permissions=[from_group(other)])


def test_a_peered_group_is_named_and_goes_stale(ctx: Context, vpc_id: str, group_id: str) -> None:
    other = create_security_group(ctx, group_name="web", description="a group")["GroupId"]
    other_vpc = SecurityGroup.objects.get(resource_id=other).vpc.resource_id
    peering = _peer(ctx, vpc_id, other_vpc)
    authorize_security_group_ingress(ctx, group_id=group_id, ip_permissions=[from_group(other)])
    assert describe_security_group_references(ctx, group_id=[other]) == {
        "SecurityGroupReferenceSet": [
            {
                "GroupId": other,
                "ReferencingVpcId": vpc_id,
                "VpcPeeringConnectionId": peering.resource_id,
            }
        ]
    }
    assert describe_stale_security_groups(ctx, vpc_id=vpc_id)["StaleSecurityGroupSet"] == []
    delete_security_group(ctx, group_id=other)
    (stale,) = describe_stale_security_groups(ctx, vpc_id=vpc_id)["StaleSecurityGroupSet"]
    assert stale["StaleIpPermissions"][0]["UserIdGroupPairs"][0]["GroupId"] == other
    revoke_security_group_ingress(ctx, group_id=group_id, ip_permissions=[from_group(other)])
    assert describe_stale_security_groups(ctx, vpc_id=vpc_id)["StaleSecurityGroupSet"] == []


def test_a_rule_changes_but_not_the_kind_of_its_source(ctx: Context, group_id: str) -> None:
    (rule,) = authorize_security_group_ingress(ctx, group_id=group_id, ip_permissions=[tcp(22)])[
        "SecurityGroupRules"
    ]

    def change(**source: str) -> None:
        request = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, **source}
        update = {"SecurityGroupRuleId": rule["SecurityGroupRuleId"], "SecurityGroupRule": request}
        modify_security_group_rules(ctx, group_id=group_id, security_group_rules=[update])

    change(CidrIpv4="10.0.0.0/8")
    wanted = [rule["SecurityGroupRuleId"]]
    (found,) = describe_security_group_rules(ctx, security_group_rule_ids=wanted)[
        "SecurityGroupRules"
    ]
    assert (found["FromPort"], found["CidrIpv4"]) == (443, "10.0.0.0/8")
    with pytest.raises(InvalidParameterValue, match="type of a rule"):
        change(CidrIpv6="::/0")


def test_descriptions_are_changed_by_value_and_by_id(ctx: Context, group_id: str) -> None:
    (rule,) = authorize_security_group_ingress(ctx, group_id=group_id, ip_permissions=[tcp(22)])[
        "SecurityGroupRules"
    ]
    update_security_group_rule_descriptions_ingress(
        ctx, group_id=group_id, ip_permissions=[tcp(22, Description="shell")]
    )
    row = SecurityGroupRule.objects.get(resource_id=rule["SecurityGroupRuleId"])
    assert row.description == "shell"
    by_id = [{"SecurityGroupRuleId": row.resource_id, "Description": "ssh"}]
    update_security_group_rule_descriptions_ingress(
        ctx, group_id=group_id, security_group_rule_descriptions=by_id
    )
    row.refresh_from_db()
    assert row.description == "ssh"
    with pytest.raises(InvalidPermissionNotFound):
        update_security_group_rule_descriptions_ingress(
            ctx, group_id=group_id, ip_permissions=[tcp(23, Description="telnet")]
        )


def test_groups_are_described_in_a_fixed_number_of_statements(
    ctx: Context, vpc_id: str, django_assert_max_num_queries: Any
) -> None:
    for number in range(3):
        _group(ctx, f"group {number}", vpc_id)
    with django_assert_max_num_queries(12):
        wanted = [{"Name": "vpc-id", "Values": [vpc_id]}]
        assert len(describe_security_groups(ctx, filters=wanted)["SecurityGroups"]) == 4
