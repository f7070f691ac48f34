"""Policies: customer managed with versions, inline, and what is attached to whom.

AWS managed policies are not rows: they are the same for everyone, see `iam/managed_policies.py`.
Attachments and boundaries therefore name a managed policy by its ARN.
"""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from aws import clock
from aws.models import AccountOwned, ScopedQuerySet, Tagged
from iam.models.entities import Entity
from iam.models.groups import Group
from iam.models.roles import Role
from iam.models.users import User

ONE_OWNER = (
    Q(user__isnull=False, group__isnull=True, role__isnull=True)
    | Q(user__isnull=True, group__isnull=False, role__isnull=True)
    | Q(user__isnull=True, group__isnull=True, role__isnull=False)
)


class PolicyQuerySet(ScopedQuerySet):
    def with_default_version(self) -> Self:
        """Each row with `default_version`: the number of its default version."""
        default = self.filter(versions__is_default=True)
        return default.annotate(default_version=F("versions__number"))


class Policy(Entity, Tagged):
    """A customer managed policy. last_version: number of the newest version ever made.

    default_version: only on rows of `PolicyQuerySet.with_default_version`.
    """

    default_version: int

    policy_name = models.CharField(max_length=128)
    policy_id = models.CharField(max_length=32, unique=True)
    policy_arn = models.CharField(max_length=2048, unique=True)
    description = models.CharField(max_length=1000, blank=True)
    last_version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(default=clock.real_now)

    objects: ClassVar[Any] = PolicyQuerySet.as_manager()

    RESOURCE = "policy"
    NAME = "policy_name"
    KIND = "Policy"
    NOT_FOUND = "Policy {name}"
    TAKEN = "A policy called {name} already exists. Duplicate names are not allowed."

    class Meta:
        constraints = [
            models.UniqueConstraint("account", Lower("policy_name"), name="policy_name_unique")
        ]

    @property
    def default_version_id(self) -> str:
        return f"v{self.default_version}"


class PolicyVersion(models.Model):
    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.TextField()
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.real_now)

    class Meta:
        constraints = [
            models.UniqueConstraint("policy", "number", name="policy_version_unique"),
            models.UniqueConstraint(
                fields=["policy"], condition=Q(is_default=True), name="policy_one_default"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.version_id}"

    @property
    def version_id(self) -> str:
        return f"v{self.number}"

    def as_aws(self) -> dict[str, Any]:
        """AWS's PolicyVersion without its document, which only GetPolicyVersion answers."""
        return {
            "VersionId": self.version_id,
            "IsDefaultVersion": self.is_default,
            "CreateDate": self.created_at,
        }


class PolicyOwner(AccountOwned):
    """A row that belongs to exactly one user, group or role."""

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="%(class)ss")
    group = models.ForeignKey(Group, null=True, on_delete=models.CASCADE, related_name="%(class)ss")
    role = models.ForeignKey(Role, null=True, on_delete=models.CASCADE, related_name="%(class)ss")

    class Meta:
        abstract = True

    @property
    def entity(self) -> User | Group | Role:
        owner = self.user or self.group or self.role
        assert owner is not None  # noqa: S101 - the check constraint says so
        return owner


class Attachment(PolicyOwner):
    """A managed policy attached to an identity."""

    policy_arn = models.CharField(max_length=2048)
    created_at = models.DateTimeField(default=clock.real_now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=ONE_OWNER, name="attachment_one_owner"),
            models.UniqueConstraint("user", "policy_arn", name="attachment_user_unique"),
            models.UniqueConstraint("group", "policy_arn", name="attachment_group_unique"),
            models.UniqueConstraint("role", "policy_arn", name="attachment_role_unique"),
        ]
        indexes = [models.Index(fields=["account", "policy_arn"], name="attachment_policy")]

    def __str__(self) -> str:
        return f"{self.policy_arn} on {self.entity}"

    def as_aws(self) -> dict[str, Any]:
        """AWS's AttachedPolicy."""
        return {"PolicyName": self.policy_arn.rsplit("/", 1)[-1], "PolicyArn": self.policy_arn}


class InlinePolicy(PolicyOwner):
    """A policy that is part of one identity."""

    policy_name = models.CharField(max_length=128)
    document = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=ONE_OWNER, name="inline_policy_one_owner"),
            models.UniqueConstraint("user", "policy_name", name="inline_policy_user_unique"),
            models.UniqueConstraint("group", "policy_name", name="inline_policy_group_unique"),
            models.UniqueConstraint("role", "policy_name", name="inline_policy_role_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.policy_name} in {self.entity}"
