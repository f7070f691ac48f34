from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from ec2.models.resource import Resource, vpc_arn
from ec2.models.vpcs import Vpc

# The entry that denies what no other entry has decided.
LAST_ENTRY = 32767


class NetworkAcl(Resource):
    PREFIX, KIND, NOUN, ERROR = "acl", "network-acl", "networkAcl", "NetworkAclID"

    vpc = models.ForeignKey(Vpc, on_delete=models.PROTECT, related_name="network_acls")
    is_default = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("network ACL")
        verbose_name_plural = _("network ACLs")
        indexes = [models.Index(fields=["account", "region", "resource_id"], name="ec2_acl_scope")]

    def conditions(self) -> dict[str, Any]:
        return {"ec2:Vpc": vpc_arn(self)}


class NetworkAclEntry(models.Model):
    """protocol: a number as text, "-1" for all, as AWS answers it. ports: of TCP and UDP.

    icmp_type, icmp_code: of ICMP. One of the two blocks is set.
    """

    network_acl = models.ForeignKey(NetworkAcl, on_delete=models.CASCADE, related_name="entries")
    rule_number = models.IntegerField()
    egress = models.BooleanField()
    protocol = models.CharField(max_length=3)
    rule_action = models.CharField(max_length=5)
    cidr_block = models.CharField(max_length=18, blank=True)
    ipv6_cidr_block = models.CharField(max_length=49, blank=True)
    from_port = models.IntegerField(null=True)
    to_port = models.IntegerField(null=True)
    icmp_type = models.IntegerField(null=True)
    icmp_code = models.IntegerField(null=True)

    class Meta:
        ordering = ["egress", "rule_number"]
        constraints = [
            models.UniqueConstraint(
                fields=["network_acl", "egress", "rule_number"], name="ec2_acl_entry_number"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule_number} {self.rule_action}"
