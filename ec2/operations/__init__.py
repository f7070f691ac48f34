"""EC2's and VPC's operations, one file per noun. Other apps import them from here."""

from ec2.operations.instances import (
    describe_instances,
    reboot_instances,
    start_instances,
    stop_instances,
    terminate_instances,
)
from ec2.operations.run_instances import run_instances
from ec2.operations.security_group_rules import (
    authorize_security_group_egress,
    authorize_security_group_ingress,
    describe_security_group_rules,
    modify_security_group_rules,
    revoke_security_group_egress,
    revoke_security_group_ingress,
    update_security_group_rule_descriptions_egress,
    update_security_group_rule_descriptions_ingress,
)
from ec2.operations.security_groups import (
    create_security_group,
    delete_security_group,
    describe_security_group_references,
    describe_security_groups,
    describe_stale_security_groups,
)
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
    "authorize_security_group_egress",
    "authorize_security_group_ingress",
    "create_default_subnet",
    "create_default_vpc",
    "create_security_group",
    "create_subnet",
    "create_vpc",
    "delete_security_group",
    "delete_subnet",
    "delete_vpc",
    "describe_instances",
    "describe_security_group_references",
    "describe_security_group_rules",
    "describe_security_groups",
    "describe_stale_security_groups",
    "describe_subnets",
    "describe_vpc_attribute",
    "describe_vpcs",
    "disassociate_vpc_cidr_block",
    "modify_security_group_rules",
    "modify_subnet_attribute",
    "modify_vpc_attribute",
    "reboot_instances",
    "revoke_security_group_egress",
    "revoke_security_group_ingress",
    "run_instances",
    "start_instances",
    "stop_instances",
    "terminate_instances",
    "update_security_group_rule_descriptions_egress",
    "update_security_group_rule_descriptions_ingress",
]
