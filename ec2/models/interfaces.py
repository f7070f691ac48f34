from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from ec2.models.instances import Instance
from ec2.models.resource import Resource, vpc_arn
from ec2.models.security_groups import SecurityGroup
from ec2.models.vpcs import Subnet, Vpc


class NetworkInterface(Resource):
    """status: "available", "attaching", "in-use", "detaching". attachment_id: "" while free.

    instance: whose it is. lends_public_ip: AWS lends its primary address a public one whenever the
    instance runs. requester_id: what made it, "amazon-elb" and the like.
    """

    PREFIX, KIND, NOUN, ERROR = "eni", "network-interface", "networkInterface", "NetworkInterfaceID"

    vpc = models.ForeignKey(Vpc, on_delete=models.PROTECT, related_name="network_interfaces")
    subnet = models.ForeignKey(Subnet, on_delete=models.PROTECT, related_name="network_interfaces")
    status = models.CharField(max_length=10, default="available")
    description = models.CharField(max_length=255, blank=True)
    interface_type = models.CharField(max_length=32, default="interface")
    mac_address = models.CharField(max_length=17)
    private_ip_address = models.CharField(max_length=15)
    source_dest_check = models.BooleanField(default=True)
    lends_public_ip = models.BooleanField(default=False)
    requester_managed = models.BooleanField(default=False)
    requester_id = models.CharField(max_length=64, blank=True)
    groups = models.ManyToManyField(SecurityGroup, related_name="network_interfaces")
    attachment_id = models.CharField(max_length=32, blank=True)
    instance = models.ForeignKey(
        Instance, null=True, on_delete=models.PROTECT, related_name="network_interfaces"
    )
    device_index = models.IntegerField(null=True)
    attach_time = models.DateTimeField(null=True)
    delete_on_termination = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("network interface")
        verbose_name_plural = _("network interfaces")
        constraints = [
            models.UniqueConstraint(
                fields=["instance", "device_index"],
                condition=models.Q(instance__isnull=False),
                name="ec2_interface_device",
            )
        ]
        indexes = [models.Index(fields=["account", "region", "resource_id"], name="ec2_eni_scope")]

    def conditions(self) -> dict[str, Any]:
        return {"ec2:Vpc": vpc_arn(self), "ec2:AvailabilityZone": self.subnet.availability_zone}


class PrivateAddress(models.Model):
    """A private IPv4 address of an interface, and the public one that AWS lent it.

    public_ip: given at launch and taken back at stop; an Elastic IP address is in `ElasticIp`.
    """

    interface = models.ForeignKey(
        NetworkInterface, on_delete=models.CASCADE, related_name="private_addresses"
    )
    subnet = models.ForeignKey(Subnet, on_delete=models.PROTECT, related_name="+")
    address = models.CharField(max_length=15)
    is_primary = models.BooleanField(default=False)
    public_ip = models.CharField(max_length=15, null=True, unique=True)  # noqa: DJ001 - NULL is unique

    class Meta:
        ordering = ["-is_primary", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["subnet", "address"], name="ec2_private_address")
        ]

    def __str__(self) -> str:
        return str(self.address)


class ElasticIp(Resource):
    """An Elastic IP address. association_id: "eipassoc-…", "" while it is associated with none.

    private_address: the one that it stands for.
    """

    PREFIX, KIND, NOUN, ERROR = "eipalloc", "elastic-ip", "allocation", "AllocationID"

    public_ip = models.CharField(max_length=15, unique=True)
    association_id = models.CharField(max_length=32, blank=True)
    private_address = models.OneToOneField(
        PrivateAddress, null=True, on_delete=models.PROTECT, related_name="elastic_ip"
    )
    ptr_record = models.CharField(max_length=255, blank=True)

    class Meta:
        verbose_name = _("Elastic IP address")
        verbose_name_plural = _("Elastic IP addresses")
