from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from aws.lifecycle import Lasting, Life, Living
from ec2.models.interfaces import NetworkInterface
from ec2.models.resource import Resource, vpc_arn
from ec2.models.routes import RouteTable
from ec2.models.security_groups import SecurityGroup
from ec2.models.vpcs import Subnet, Vpc


class NatGateway(Living, Resource):
    """interface: None once deleted. failure_code: why it is "failed"."""

    PREFIX, KIND, NOUN, ERROR = "nat", "natgateway", "NatGateway", "NatGateway"
    LIFE = Life(
        transitions={
            "pending": frozenset({"available", "failed", "deleting"}),
            "available": frozenset({"deleting"}),
            "failed": frozenset({"deleting"}),
            "deleting": frozenset({"deleted"}),
        },
        transitional={"pending": Lasting(2, 90), "deleting": Lasting(2, 120)},
        task="ec2.tasks.finish_nat_gateway",
    )

    vpc = models.ForeignKey(Vpc, on_delete=models.PROTECT, related_name="nat_gateways")
    subnet = models.ForeignKey(Subnet, on_delete=models.PROTECT, related_name="nat_gateways")
    connectivity_type = models.CharField(max_length=8, default="public")
    interface = models.OneToOneField(
        NetworkInterface, null=True, on_delete=models.SET_NULL, related_name="nat_gateway"
    )
    private_ip = models.CharField(max_length=15, blank=True)
    public_ip = models.CharField(max_length=15, blank=True)
    allocation_id = models.CharField(max_length=32, blank=True)
    failure_code = models.CharField(max_length=64, blank=True)
    failure_message = models.TextField(blank=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("NAT gateway")
        verbose_name_plural = _("NAT gateways")

    def conditions(self) -> dict[str, Any]:
        return {"ec2:Vpc": vpc_arn(self)}


class VpcPeeringConnection(Resource):
    """account and region: the requester's. accepter_*: the other VPC, of any account of the lab.

    status: AWS's code: "pending-acceptance", "active", "rejected", "expired", "deleted".
    """

    PREFIX, KIND = "pcx", "vpc-peering-connection"
    NOUN, ERROR = "vpcPeeringConnection", "VpcPeeringConnectionID"

    vpc = models.ForeignKey(Vpc, null=True, on_delete=models.SET_NULL, related_name="peerings")
    requester = models.JSONField(default=dict)
    accepter_account_id = models.CharField(max_length=12, db_index=True)
    accepter_region = models.CharField(max_length=20)
    accepter_vpc_id = models.CharField(max_length=32, db_index=True)
    accepter = models.JSONField(default=dict)
    status = models.CharField(max_length=24)
    status_message = models.CharField(max_length=255, blank=True)
    expires_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    accepter_tags = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("peering connection")
        verbose_name_plural = _("peering connections")


class VpcEndpoint(Resource):
    """endpoint_type: "Gateway" or "Interface". policy: "" for full access."""

    PREFIX, KIND, NOUN, ERROR = "vpce", "vpc-endpoint", "Vpc Endpoint", "VpcEndpointId"

    vpc = models.ForeignKey(Vpc, on_delete=models.PROTECT, related_name="endpoints")
    endpoint_type = models.CharField(max_length=20)
    service_name = models.CharField(max_length=128)
    state = models.CharField(max_length=20, default="available")
    policy = models.TextField(blank=True)
    private_dns_enabled = models.BooleanField(default=False)
    route_tables = models.ManyToManyField(RouteTable, related_name="endpoints")
    subnets = models.ManyToManyField(Subnet, related_name="endpoints")
    groups = models.ManyToManyField(SecurityGroup, related_name="endpoints")

    class Meta:
        verbose_name = _("endpoint")
        verbose_name_plural = _("endpoints")


class ManagedPrefixList(Resource):
    """versions: [[{"Cidr", "Description"}], …], the last one is the current one."""

    PREFIX, KIND, NOUN, ERROR = "pl", "prefix-list", "prefix list", "PrefixListID"

    prefix_list_name = models.CharField(max_length=255)
    address_family = models.CharField(max_length=4, default="IPv4")
    state = models.CharField(max_length=24, default="create-complete")
    max_entries = models.IntegerField()
    versions = models.JSONField(default=list)

    class Meta:
        verbose_name = _("prefix list")
        verbose_name_plural = _("prefix lists")

    @property
    def entries(self) -> list[dict[str, str]]:
        return list(self.versions[-1]) if self.versions else []


class FlowLog(Resource):
    """Configuration alone: what watched_id's traffic would be written to."""

    PREFIX, KIND, NOUN, ERROR = "fl", "vpc-flow-log", "flow log", "FlowLogId"

    watched_id = models.CharField(max_length=32, db_index=True)
    traffic_type = models.CharField(max_length=6)
    configuration = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("flow log")
        verbose_name_plural = _("flow logs")
