"""Smallest valid arguments for any operation, from botocore's model: what the sweeps call with."""

from typing import Any

import botocore.model
from botocore import xform_name

from aws import clock
from aws.operation import Operation
from iam import trust
from tests.factories import allow

# Members whose shape alone does not make a meaningful value.
BY_MEMBER: dict[str, Any] = {
    "PolicyArn": "arn:aws:iam::111122223333:policy/sample",
    "PolicySourceArn": "arn:aws:iam::111122223333:user/nobody",
    "PermissionsBoundary": "arn:aws:iam::111122223333:policy/sample",
    "Arn": "arn:aws:iam::111122223333:user/nobody",
    "RoleArn": "arn:aws:iam::111122223333:role/sample",
    "PolicyDocument": allow("s3:GetObject"),
    "AssumeRolePolicyDocument": trust.for_service("ec2.amazonaws.com"),
    "PolicyInputList": [allow("s3:GetObject")],
    "ActionNames": ["s3:GetObject"],
    "SerialNumber": "arn:aws:iam::111122223333:mfa/sample",
    "AuthenticationCode1": "123456",
    "AuthenticationCode2": "654321",
    "AccessKeyId": "AKIAIOSFODNN7EXAMPLE",
    "AccountAlias": "sample-alias",
    "CopySource": "sample/sample",
    "Password": "Correct-horse-battery-9",
    "OldPassword": "Correct-horse-battery-9",
    "NewPassword": "Correct-horse-battery-10",
    "JobId": "98a765b4-3cde-2101-2345-example678f9",
    "VersionId": "v1",
    "ServiceNamespaces": ["s3"],
    "EncodedMessage": "message",
    "AWSServiceName": "autoscaling.amazonaws.com",
    "DeletionTaskId": "task/aws-service-role/x/y/z",
    "KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab",
    "TargetKeyId": "1234abcd-12ab-34cd-56ef-1234567890ab",
    "DestinationKeyId": "1234abcd-12ab-34cd-56ef-1234567890ab",
    "AliasName": "alias/sample",
    "AccountId": "111122223333",
    "ResourceArn": "arn:aws:s3:ap-northeast-2:111122223333:accesspoint/sample",
}


# EC2's ids by member: one of a wrong form would be refused before permission is asked.
EC2_IDS = {
    "VpcId": "vpc",
    "SubnetId": "subnet",
    "InstanceId": "i",
    "VolumeId": "vol",
    "SnapshotId": "snap",
    "SourceSnapshotId": "snap",
    "ImageId": "ami",
    "SourceImageId": "ami",
    "GroupId": "sg",
    "SecurityGroupRuleId": "sgr",
    "NetworkInterfaceId": "eni",
    "AttachmentId": "eni-attach",
    "AllocationId": "eipalloc",
    "RouteTableId": "rtb",
    "InternetGatewayId": "igw",
    "EgressOnlyInternetGatewayId": "eigw",
    "NatGatewayId": "nat",
    "NetworkAclId": "acl",
    "VpcPeeringConnectionId": "pcx",
    "VpcEndpointId": "vpce",
    "PrefixListId": "pl",
    "FlowLogId": "fl",
    "DhcpOptionsId": "dopt",
    "LaunchTemplateId": "lt",
    "KeyPairId": "key",
}


def arguments_for(operation: Operation[Any]) -> dict[str, Any]:
    """Every required argument, by its Python name."""
    shape = operation.model.input_shape
    if shape is None:
        return {}
    return {xform_name(name): value(name, shape.members[name]) for name in shape.required_members}


def value(name: str, shape: botocore.model.Shape) -> Any:
    if name in BY_MEMBER:
        return BY_MEMBER[name]
    if name in EC2_IDS and isinstance(shape, botocore.model.StringShape):
        return f"{EC2_IDS[name]}-0123456789abcdef0"
    if isinstance(shape, botocore.model.StructureShape):
        return {inner: value(inner, shape.members[inner]) for inner in shape.required_members}
    if isinstance(shape, botocore.model.ListShape):
        return [value(name.removesuffix("s"), shape.member)]
    if isinstance(shape, botocore.model.StringShape):
        enum = getattr(shape, "enum", None)
        return enum[0] if enum else "sample".ljust(shape.metadata.get("min", 1), "x")
    simple = {
        "integer": 1,
        "long": 1,
        "boolean": False,
        "timestamp": clock.real_now(),
        "blob": b"sample",
    }
    return simple.get(shape.type_name, "sample")
