"""IAM roles."""

from django.db import models
from django.db.models.functions import Lower

from aws.models import Tagged
from iam.models.entities import Entity


class Role(Entity, Tagged):
    """max_session_duration: seconds. permissions_boundary: ARN of a managed policy, or ""."""

    role_name = models.CharField(max_length=64)
    role_id = models.CharField(max_length=32, unique=True)
    description = models.CharField(max_length=1000, blank=True)
    assume_role_policy_document = models.TextField()
    max_session_duration = models.PositiveIntegerField(default=3600)
    permissions_boundary = models.CharField(max_length=2048, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_region = models.CharField(max_length=20, blank=True)

    RESOURCE = "role"
    NAME = "role_name"
    KIND = "Role"
    NOT_FOUND = "The role with name {name}"

    class Meta:
        constraints = [
            models.UniqueConstraint("account", Lower("role_name"), name="role_name_unique")
        ]

    @property
    def is_service_linked(self) -> bool:
        return self.path.startswith("/aws-service-role/")
