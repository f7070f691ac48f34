from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from ec2.models.resource import Resource, vpc_arn
from ec2.models.vpcs import Vpc


class SecurityGroup(Resource):
    PREFIX, KIND, NOUN, ERROR = "sg", "security-group", "security group", "Group"
    ID_WORD = ""

    vpc = models.ForeignKey(Vpc, on_delete=models.PROTECT, related_name="security_groups")
    group_name = models.CharField(max_length=255)
    description = models.CharField(max_length=255)

    class Meta:
        verbose_name = _("security group")
        verbose_name_plural = _("security groups")
        constraints = [models.UniqueConstraint(fields=["vpc", "group_name"], name="ec2_group_name")]
        indexes = [models.Index(fields=["account", "region", "resource_id"], name="ec2_sg_scope")]

    @property
    def is_default(self) -> bool:
        return self.group_name == "default"

    def conditions(self) -> dict[str, Any]:
        return {"ec2:Vpc": vpc_arn(self)}


class SecurityGroupRule(Resource):
    """ip_protocol: "tcp", "udp", "icmp", "icmpv6", "-1" or a number. ports: -1 for any.

    One peer is set. referenced_group_id may be of a peered VPC, of another account even, or gone
    (a stale rule): so it is no foreign key.
    """

    PREFIX, KIND = "sgr", "security-group-rule"
    NOUN, ERROR = "security group rule", "SecurityGroupRuleId"

    group = models.ForeignKey(SecurityGroup, on_delete=models.CASCADE, related_name="rules")
    is_egress = models.BooleanField()
    ip_protocol = models.CharField(max_length=8)
    from_port = models.IntegerField(default=-1)
    to_port = models.IntegerField(default=-1)
    cidr_ipv4 = models.CharField(max_length=18, blank=True)
    cidr_ipv6 = models.CharField(max_length=49, blank=True)
    prefix_list_id = models.CharField(max_length=32, blank=True)
    referenced_group_id = models.CharField(max_length=32, blank=True)
    referenced_account_id = models.CharField(max_length=12, blank=True)
    description = models.CharField(max_length=255, blank=True)

    class Meta:
        verbose_name = _("security group rule")
        verbose_name_plural = _("security group rules")
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "group",
                    "is_egress",
                    "ip_protocol",
                    "from_port",
                    "to_port",
                    "cidr_ipv4",
                    "cidr_ipv6",
                    "prefix_list_id",
                    "referenced_group_id",
                ],
                name="ec2_group_rule",
            )
        ]
        indexes = [models.Index(fields=["referenced_group_id"], name="ec2_rule_referenced")]
