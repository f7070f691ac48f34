from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from aws.arn import Arn
from aws.lifecycle import Lasting, Life, Living
from ec2.models.resource import Resource
from ec2.models.vpcs import Subnet, Vpc

# AWS's numeric codes. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html
STATE_CODES = {
    "pending": 0,
    "running": 16,
    "shutting-down": 32,
    "terminated": 48,
    "stopping": 64,
    "stopped": 80,
}


class PlacementGroup(Resource):
    PREFIX, KIND, NOUN, ERROR = "pg", "placement-group", "Placement Group", "PlacementGroup"

    group_name = models.CharField(max_length=255)
    strategy = models.CharField(max_length=10)
    state = models.CharField(max_length=10, default="available")
    partition_count = models.IntegerField(null=True)
    spread_level = models.CharField(max_length=5, blank=True)

    class Meta:
        verbose_name = _("placement group")
        verbose_name_plural = _("placement groups")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "region", "group_name"], name="ec2_placement_group_name"
            )
        ]


class Instance(Living, Resource):
    """state: AWS's name. runtime: what it runs on, "simulated" until a guest can.

    subnet and vpc outlive the interfaces, as AWS shows them for a while after termination; they
    are None from then on. state_reason: {"Code", "Message"} of the last change. launch_time: of
    the last start. metadata_options, credit_specification, options: in AWS's shape. user_data:
    base64, as it was sent.
    """

    PREFIX, KIND, NOUN, ERROR = "i", "instance", "instance", "InstanceID"
    LIFE = Life(
        transitions={
            "pending": frozenset({"running", "shutting-down", "terminated"}),
            "running": frozenset({"stopping", "shutting-down"}),
            "stopping": frozenset({"stopped", "shutting-down"}),
            "stopped": frozenset({"pending", "shutting-down"}),
            "shutting-down": frozenset({"terminated"}),
        },
        transitional={
            "pending": Lasting(2, 20),
            "stopping": Lasting(2, 30),
            "shutting-down": Lasting(2, 30),
        },
        task="ec2.tasks.finish_instance",
    )

    reservation_id = models.CharField(max_length=32)
    ami_launch_index = models.IntegerField(default=0)
    client_token = models.CharField(max_length=128, blank=True)
    image_id = models.CharField(max_length=32)
    instance_type = models.CharField(max_length=32)
    architecture = models.CharField(max_length=16)
    platform = models.CharField(max_length=10, blank=True)
    platform_details = models.CharField(max_length=64, default="Linux/UNIX")
    key_name = models.CharField(max_length=255, blank=True)
    launch_time = models.DateTimeField()
    vpc = models.ForeignKey(Vpc, null=True, on_delete=models.PROTECT, related_name="instances")
    subnet = models.ForeignKey(
        Subnet, null=True, on_delete=models.PROTECT, related_name="instances"
    )
    availability_zone = models.CharField(max_length=24)
    placement_group = models.ForeignKey(
        PlacementGroup, null=True, on_delete=models.PROTECT, related_name="instances"
    )
    tenancy = models.CharField(max_length=10, default="default")
    instance_profile_arn = models.CharField(max_length=255, blank=True)
    instance_profile_id = models.CharField(max_length=32, blank=True)
    root_device_name = models.CharField(max_length=32, default="/dev/xvda")
    user_data = models.TextField(blank=True)
    shutdown_behavior = models.CharField(max_length=10, default="stop")
    disable_api_termination = models.BooleanField(default=False)
    disable_api_stop = models.BooleanField(default=False)
    ebs_optimized = models.BooleanField(default=False)
    source_dest_check = models.BooleanField(default=True)
    monitoring = models.BooleanField(default=False)
    hibernation = models.BooleanField(default=False)
    metadata_options = models.JSONField(default=dict)
    credit_specification = models.CharField(max_length=10, blank=True)
    options = models.JSONField(default=dict)
    state_reason = models.JSONField(default=dict)
    state_transition_reason = models.CharField(max_length=255, blank=True)
    terminated_at = models.DateTimeField(null=True)
    runtime = models.CharField(max_length=12, default="simulated")

    class Meta:
        verbose_name = _("instance")
        verbose_name_plural = _("instances")
        indexes = [
            models.Index(fields=["account", "region", "resource_id"], name="ec2_instance_scope"),
            models.Index(fields=["account", "region", "state"], name="ec2_instance_state"),
        ]

    @property
    def state_as_aws(self) -> dict[str, Any]:
        return {"Code": STATE_CODES[self.state], "Name": self.state}

    def conditions(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "ec2:InstanceType": self.instance_type,
            "ec2:AvailabilityZone": self.availability_zone,
            "ec2:Tenancy": self.tenancy,
            "ec2:RootDeviceType": "ebs",
        }
        if self.instance_profile_arn:
            found["ec2:InstanceProfile"] = self.instance_profile_arn
        if self.placement_group:
            group = f"placement-group/{self.placement_group.group_name}"
            found["ec2:PlacementGroup"] = str(Arn("ec2", self.region, self.account_id, group))
        return found


class LaunchTemplate(Resource):
    PREFIX, KIND = "lt", "launch-template"
    NOUN, ERROR = "launch template", "LaunchTemplateId"

    launch_template_name = models.CharField(max_length=128)
    created_by = models.CharField(max_length=2048)
    default_version = models.IntegerField(default=1)
    latest_version = models.IntegerField(default=1)

    class Meta:
        verbose_name = _("launch template")
        verbose_name_plural = _("launch templates")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "region", "launch_template_name"], name="ec2_template_name"
            )
        ]


class LaunchTemplateVersion(models.Model):
    """data: AWS's RequestLaunchTemplateData."""

    template = models.ForeignKey(LaunchTemplate, on_delete=models.CASCADE, related_name="versions")
    number = models.IntegerField()
    description = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=2048)
    data = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="ec2_template_version")
        ]

    def __str__(self) -> str:
        return f"{self.template_id} v{self.number}"


class KeyPair(Resource):
    """public_key: OpenSSH's one line. The private half was shown once and is kept nowhere."""

    PREFIX, KIND, NOUN, ERROR = "key", "key-pair", "key pair", "KeyPair"

    key_name = models.CharField(max_length=255)
    key_type = models.CharField(max_length=7)
    fingerprint = models.CharField(max_length=64)
    public_key = models.TextField()

    class Meta:
        verbose_name = _("key pair")
        verbose_name_plural = _("key pairs")
        constraints = [
            models.UniqueConstraint(fields=["account", "region", "key_name"], name="ec2_key_name")
        ]
