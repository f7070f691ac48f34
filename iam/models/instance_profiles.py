"""Instance profiles: how an EC2 instance carries a role."""

from django.db import models
from django.db.models.functions import Lower

from aws.models import Tagged
from iam.models.entities import Entity
from iam.models.roles import Role


class InstanceProfile(Entity, Tagged):
    instance_profile_name = models.CharField(max_length=128)
    instance_profile_id = models.CharField(max_length=32, unique=True)
    role = models.ForeignKey(
        Role, null=True, blank=True, on_delete=models.PROTECT, related_name="instance_profiles"
    )

    RESOURCE = "instance-profile"
    NAME = "instance_profile_name"
    KIND = "Instance Profile"
    NOT_FOUND = "Instance Profile {name}"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "account", Lower("instance_profile_name"), name="instance_profile_name_unique"
            )
        ]
