"""IAM roles."""

from typing import Any

from django.db import models
from django.db.models.functions import Lower

from aws.models import Tagged
from aws.tags import as_list
from iam.models.entities import Entity, boundary_as_aws, document_as_aws

SERVICE_LINKED_PATH = "/aws-service-role/"


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
        return self.path.startswith(SERVICE_LINKED_PATH)

    def as_aws(self, *, with_details: bool = False) -> dict[str, Any]:
        """AWS's Role. Lists leave tags, boundary and last use out, as AWS's do."""
        shown: dict[str, Any] = {
            "Path": self.path,
            "RoleName": self.role_name,
            "RoleId": self.role_id,
            "Arn": self.arn,
            "CreateDate": self.created_at,
            "AssumeRolePolicyDocument": document_as_aws(self.assume_role_policy_document),
            "MaxSessionDuration": self.max_session_duration,
        }
        if self.description:
            shown["Description"] = self.description
        return shown | self._details() if with_details else shown

    def _details(self) -> dict[str, Any]:
        """RoleLastUsed is empty for a role that nobody has used yet."""
        shown: dict[str, Any] = {"RoleLastUsed": {}}
        if self.last_used_at:
            used = {"LastUsedDate": self.last_used_at, "Region": self.last_used_region}
            shown["RoleLastUsed"] = used
        if self.permissions_boundary:
            shown["PermissionsBoundary"] = boundary_as_aws(self.permissions_boundary)
        if self.tags:
            shown["Tags"] = as_list(self.tags)
        return shown
