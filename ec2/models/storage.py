from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from aws.lifecycle import Lasting, Life, Living
from aws.models import AccountOwned
from ec2.models.instances import Instance
from ec2.models.resource import Resource


class Volume(Living, Resource):
    """state: "in-use" while attached. iops, throughput: None where the type has none of its own.

    modification: the last one in AWS's shape, {} for none; modified by the same task.
    """

    PREFIX, KIND, NOUN, ERROR = "vol", "volume", "volume", "Volume"
    LIFE = Life(
        transitions={
            "creating": frozenset({"available", "error", "deleting"}),
            "available": frozenset({"in-use", "deleting"}),
            "in-use": frozenset({"available", "deleting"}),
            "error": frozenset({"deleting"}),
            "deleting": frozenset({"deleted"}),
        },
        transitional={"creating": Lasting(1, 5), "deleting": Lasting(1, 5)},
        task="ec2.tasks.finish_volume",
    )

    size = models.IntegerField()
    volume_type = models.CharField(max_length=8)
    iops = models.IntegerField(null=True)
    throughput = models.IntegerField(null=True)
    snapshot_id = models.CharField(max_length=32, blank=True)
    availability_zone = models.CharField(max_length=24)
    encrypted = models.BooleanField(default=False)
    kms_key_id = models.CharField(max_length=255, blank=True)
    multi_attach_enabled = models.BooleanField(default=False)
    auto_enable_io = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("volume")
        verbose_name_plural = _("volumes")
        indexes = [
            models.Index(fields=["account", "region", "resource_id"], name="ec2_volume_scope"),
            models.Index(fields=["snapshot_id"], name="ec2_volume_snapshot"),
        ]

    def conditions(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "ec2:AvailabilityZone": self.availability_zone,
            "ec2:Encrypted": "true" if self.encrypted else "false",
            "ec2:VolumeSize": str(self.size),
            "ec2:VolumeType": self.volume_type,
        }
        if self.iops:
            found["ec2:VolumeIops"] = str(self.iops)
        return found


class VolumeAttachment(models.Model):
    """status: "attaching", "attached", "detaching", "busy"; a detached one is gone."""

    volume = models.ForeignKey(Volume, on_delete=models.CASCADE, related_name="attachments")
    instance = models.ForeignKey(
        Instance, on_delete=models.PROTECT, related_name="volume_attachments"
    )
    device = models.CharField(max_length=32)
    status = models.CharField(max_length=10, default="attached")
    attach_time = models.DateTimeField()
    delete_on_termination = models.BooleanField(default=False)

    class Meta:
        ordering = ["device"]
        constraints = [
            models.UniqueConstraint(fields=["volume", "instance"], name="ec2_volume_attachment"),
            models.UniqueConstraint(fields=["instance", "device"], name="ec2_attachment_device"),
        ]

    def __str__(self) -> str:
        return f"{self.device} {self.status}"


class VolumeModification(Living, AccountOwned):
    """state: AWS's ModificationState. original, target: {"Size", "Iops", "Throughput", …}."""

    LIFE = Life(
        transitions={
            "modifying": frozenset({"optimizing", "failed"}),
            "optimizing": frozenset({"completed", "failed"}),
        },
        transitional={"modifying": Lasting(1, 10), "optimizing": Lasting(4, 600)},
        task="ec2.tasks.finish_modification",
    )

    volume = models.ForeignKey(Volume, on_delete=models.CASCADE, related_name="modifications")
    original = models.JSONField()
    target = models.JSONField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.volume_id} {self.state}"


class Snapshot(Living, Resource):
    """volume_size: GiB. full_size: bytes. share: account ids, and "all" for public ones.

    parent_id: the volume's snapshot before this one, of which it keeps what is the same.
    """

    PREFIX, KIND, NOUN, ERROR = "snap", "snapshot", "snapshot", "Snapshot"
    LIFE = Life(
        transitions={"pending": frozenset({"completed", "error"})},
        transitional={"pending": Lasting(3, 60)},
        task="ec2.tasks.finish_snapshot",
    )

    volume_id = models.CharField(max_length=32)
    volume_size = models.IntegerField()
    description = models.CharField(max_length=255, blank=True)
    encrypted = models.BooleanField(default=False)
    kms_key_id = models.CharField(max_length=255, blank=True)
    start_time = models.DateTimeField()
    completion_time = models.DateTimeField(null=True)
    storage_tier = models.CharField(max_length=10, default="standard")
    full_size = models.BigIntegerField(default=0)
    changed_size = models.BigIntegerField(default=0)
    parent_id = models.CharField(max_length=32, blank=True)
    share = models.JSONField(default=list)

    class Meta:
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        indexes = [
            models.Index(fields=["account", "region", "resource_id"], name="ec2_snapshot_scope"),
            models.Index(fields=["volume_id"], name="ec2_snapshot_volume"),
        ]

    def conditions(self) -> dict[str, Any]:
        return {
            "ec2:VolumeSize": str(self.volume_size),
            "ec2:Owner": self.account_id,
            "ec2:Encrypted": "true" if self.encrypted else "false",
        }


class Image(Living, Resource):
    """An AMI of an account. AWS's public ones are in `ec2.catalogue.images`.

    block_device_mappings: in AWS's shape. share: account ids, and "all" for public ones.
    """

    PREFIX, KIND, NOUN, ERROR = "ami", "image", "image", "AMIID"
    LIFE = Life(
        transitions={
            "pending": frozenset({"available", "failed"}),
            "available": frozenset({"disabled"}),
            "disabled": frozenset({"available"}),
        },
        transitional={"pending": Lasting(3, 120)},
        task="ec2.tasks.finish_image",
    )

    image_name = models.CharField(max_length=128)
    description = models.CharField(max_length=255, blank=True)
    architecture = models.CharField(max_length=16)
    platform = models.CharField(max_length=10, blank=True)
    platform_details = models.CharField(max_length=64, default="Linux/UNIX")
    root_device_name = models.CharField(max_length=32)
    block_device_mappings = models.JSONField(default=list)
    boot_mode = models.CharField(max_length=16, blank=True)
    imds_support = models.CharField(max_length=8, blank=True)
    source_instance_id = models.CharField(max_length=32, blank=True)
    source_image_id = models.CharField(max_length=32, blank=True)
    source_image_region = models.CharField(max_length=20, blank=True)
    deprecation_time = models.DateTimeField(null=True)
    deregistration_protection = models.BooleanField(default=False)
    last_launched_time = models.DateTimeField(null=True)
    share = models.JSONField(default=list)

    class Meta:
        verbose_name = _("image")
        verbose_name_plural = _("images")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "region", "image_name"], name="ec2_image_name"
            )
        ]

    def conditions(self) -> dict[str, Any]:
        return {
            "ec2:ImageType": "machine",
            "ec2:Owner": self.account_id,
            "ec2:Public": "true" if "all" in self.share else "false",
            "ec2:RootDeviceType": "ebs",
        }
