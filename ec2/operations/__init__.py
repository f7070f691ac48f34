"""EC2's and VPC's operations, one file per noun. Other apps import them from here."""

from ec2.operations.instances import (
    describe_instances,
    reboot_instances,
    start_instances,
    stop_instances,
    terminate_instances,
)
from ec2.operations.run_instances import run_instances
from ec2.operations.subnets import (
    create_default_subnet,
    create_subnet,
    delete_subnet,
    describe_subnets,
    modify_subnet_attribute,
)
from ec2.operations.vpcs import (
    associate_vpc_cidr_block,
    create_default_vpc,
    create_vpc,
    delete_vpc,
    describe_vpc_attribute,
    describe_vpcs,
    disassociate_vpc_cidr_block,
    modify_vpc_attribute,
)

__all__ = [
    "associate_vpc_cidr_block",
    "create_default_subnet",
    "create_default_vpc",
    "create_subnet",
    "create_vpc",
    "delete_subnet",
    "delete_vpc",
    "describe_instances",
    "describe_subnets",
    "describe_vpc_attribute",
    "describe_vpcs",
    "disassociate_vpc_cidr_block",
    "modify_subnet_attribute",
    "modify_vpc_attribute",
    "reboot_instances",
    "run_instances",
    "start_instances",
    "stop_instances",
    "terminate_instances",
]
