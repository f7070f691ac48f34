"""IAM user groups."""

from typing import Any

from django.db import models
from django.db.models.functions import Lower

from iam.models.entities import Entity
from iam.models.users import User


class Group(Entity):
    group_name = models.CharField(max_length=128)
    group_id = models.CharField(max_length=32, unique=True)
    users = models.ManyToManyField(User, related_name="groups")

    RESOURCE = "group"
    NAME = "group_name"
    KIND = "Group"
    NOT_FOUND = "The group with name {name}"

    class Meta:
        constraints = [
            models.UniqueConstraint("account", Lower("group_name"), name="group_name_unique")
        ]

    def as_aws(self) -> dict[str, Any]:
        return {
            "Path": self.path,
            "GroupName": self.group_name,
            "GroupId": self.group_id,
            "Arn": self.arn,
            "CreateDate": self.created_at,
        }
