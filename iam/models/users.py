"""IAM users."""

from typing import Any

from django.db import models
from django.db.models.functions import Lower

from aws.models import Tagged
from aws.tags import as_list
from iam.models.entities import Entity, boundary_as_aws


class User(Entity, Tagged):
    """permissions_boundary: ARN of a managed policy, or ""."""

    user_name = models.CharField(max_length=64)
    user_id = models.CharField(max_length=32, unique=True)
    permissions_boundary = models.CharField(max_length=2048, blank=True)

    RESOURCE = "user"
    NAME = "user_name"
    KIND = "User"
    NOT_FOUND = "The user with name {name}"

    class Meta:
        constraints = [
            models.UniqueConstraint("account", Lower("user_name"), name="user_name_unique")
        ]

    def as_aws(self, *, with_tags: bool = False) -> dict[str, Any]:
        """AWS's User. Lists leave tags and boundary out, as AWS's do."""
        shown: dict[str, Any] = {
            "Path": self.path,
            "UserName": self.user_name,
            "UserId": self.user_id,
            "Arn": self.arn,
            "CreateDate": self.created_at,
        }
        profile = getattr(self, "login_profile", None)
        if profile is not None and profile.last_used:
            shown["PasswordLastUsed"] = profile.last_used
        if with_tags and self.permissions_boundary:
            shown["PermissionsBoundary"] = boundary_as_aws(self.permissions_boundary)
        if with_tags and self.tags:
            shown["Tags"] = as_list(self.tags)
        return shown
