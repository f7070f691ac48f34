from django.db import models
from django.utils.translation import gettext_lazy as _

from ec2.models.resource import Resource
from ec2.models.vpcs import Subnet, Vpc


class InternetGateway(Resource):
    """vpc: None while detached."""

    PREFIX, KIND, NOUN, ERROR = "igw", "internet-gateway", "internetGateway", "InternetGatewayID"

    vpc = models.OneToOneField(
        Vpc, null=True, on_delete=models.PROTECT, related_name="internet_gateway"
    )

    class Meta:
        verbose_name = _("internet gateway")
        verbose_name_plural = _("internet gateways")


class EgressOnlyInternetGateway(Resource):
    PREFIX, KIND = "eigw", "egress-only-internet-gateway"
    NOUN, ERROR = "egressOnlyInternetGateway", "GatewayID"

    vpc = models.ForeignKey(Vpc, on_delete=models.PROTECT, related_name="egress_only_gateways")


class RouteTable(Resource):
    PREFIX, KIND, NOUN, ERROR = "rtb", "route-table", "routeTable", "RouteTableID"

    vpc = models.ForeignKey(Vpc, on_delete=models.PROTECT, related_name="route_tables")

    class Meta:
        verbose_name = _("route table")
        verbose_name_plural = _("route tables")
        indexes = [models.Index(fields=["account", "region", "resource_id"], name="ec2_rtb_scope")]


class Route(models.Model):
    """One of the destinations is set. target: "local" or the id of what it leads to.

    is_blackhole: its target has gone. origin: AWS's word for who made it.
    """

    route_table = models.ForeignKey(RouteTable, on_delete=models.CASCADE, related_name="routes")
    destination_cidr_block = models.CharField(max_length=18, blank=True)
    destination_ipv6_cidr_block = models.CharField(max_length=49, blank=True)
    destination_prefix_list_id = models.CharField(max_length=32, blank=True)
    target = models.CharField(max_length=32)
    is_blackhole = models.BooleanField(default=False)
    origin = models.CharField(max_length=32, default="CreateRoute")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "route_table",
                    "destination_cidr_block",
                    "destination_ipv6_cidr_block",
                    "destination_prefix_list_id",
                ],
                name="ec2_route_destination",
            )
        ]
        indexes = [models.Index(fields=["target"], name="ec2_route_target")]

    def __str__(self) -> str:
        return f"{self.destination} → {self.target}"

    @property
    def destination(self) -> str:
        return (
            self.destination_cidr_block
            or self.destination_ipv6_cidr_block
            or self.destination_prefix_list_id
        )


class RouteTableAssociation(models.Model):
    """association_id: "rtbassoc-…". subnet and gateway: neither for the VPC's main table."""

    association_id = models.CharField(max_length=32, unique=True)
    route_table = models.ForeignKey(
        RouteTable, on_delete=models.PROTECT, related_name="associations"
    )
    vpc = models.ForeignKey(Vpc, on_delete=models.CASCADE, related_name="+")
    subnet = models.OneToOneField(
        Subnet, null=True, on_delete=models.CASCADE, related_name="route_table_association"
    )
    gateway_id = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vpc"],
                condition=models.Q(subnet=None, gateway_id=""),
                name="ec2_one_main_route_table",
            )
        ]

    def __str__(self) -> str:
        return self.association_id

    @property
    def is_main(self) -> bool:
        return self.subnet_id is None and not self.gateway_id
