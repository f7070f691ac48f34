"""What users, groups, roles and instance profiles share: a path, a name and an ARN."""

from typing import ClassVar
from urllib.parse import quote

from django.db import models

from aws import clock
from aws.arn import iam_arn
from aws.models import AccountOwned


class Entity(AccountOwned):
    """An entity with a friendly name inside a path.

    RESOURCE: the ARN's resource type ("user"). NAME: the field with the friendly name. KIND,
    NOT_FOUND and TAKEN: how AWS's errors speak of it.
    """

    path = models.CharField(max_length=512, default="/")
    created_at = models.DateTimeField(default=clock.real_now)

    RESOURCE: ClassVar[str]
    NAME: ClassVar[str]
    KIND: ClassVar[str]
    NOT_FOUND: ClassVar[str]
    TAKEN: ClassVar[str] = "{kind} with name {name} already exists."

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.arn

    @property
    def name(self) -> str:
        return str(getattr(self, self.NAME))

    @property
    def arn(self) -> str:
        return iam_arn(self.account_id, f"{self.RESOURCE}{self.path}{self.name}")


def boundary_as_aws(policy_arn: str) -> dict[str, str]:
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": policy_arn}


def document_as_aws(document: str) -> str:
    """A policy document in an answer: URL-encoded JSON (RFC 3986), which SDKs decode again."""
    return quote(document, safe="")
