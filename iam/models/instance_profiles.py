"""Instance profiles: how an EC2 instance carries a role."""

from typing import Any

from django.db import models
from django.db.models.functions import Lower

from aws.models import Tagged
from aws.tags import as_list
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
    TAKEN = "Instance Profile {name} already exists."

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "account", Lower("instance_profile_name"), name="instance_profile_name_unique"
            )
        ]

    def as_aws(self, *, with_tags: bool = False) -> dict[str, Any]:
        """AWS's InstanceProfile. Lists leave the tags out, as AWS's do."""
        shown: dict[str, Any] = {
            "Path": self.path,
            "InstanceProfileName": self.instance_profile_name,
            "InstanceProfileId": self.instance_profile_id,
            "Arn": self.arn,
            "CreateDate": self.created_at,
            "Roles": [self.role.as_aws()] if self.role else [],
        }
        if with_tags and self.tags:
            shown["Tags"] = as_list(self.tags)
        return shown
