"""KMS keys and their key material."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from aws import seal
from aws.lifecycle import Life, Living
from aws.models import RegionOwned, Tagged
from kms import specs

MATERIAL_SEAL = "kms-key-material"


class Key(RegionOwned, Tagged, Living):
    """A KMS key. Its bytes are in KeyMaterial, the latest of which encrypts.

    state: "Enabled", "Disabled" or "PendingDeletion". deletion_date, next_rotation_date: account
    time. rotation_period: days. key_manager: "CUSTOMER", or "AWS" for a service's own key.
    """

    ENABLED, DISABLED, PENDING_DELETION = "Enabled", "Disabled", "PendingDeletion"
    LABELS = {
        ENABLED: _("Enabled"),
        DISABLED: _("Disabled"),
        PENDING_DELETION: _("Pending deletion"),
    }
    LIFE = Life(
        transitions={
            ENABLED: frozenset({DISABLED, PENDING_DELETION}),
            DISABLED: frozenset({ENABLED, PENDING_DELETION}),
            PENDING_DELETION: frozenset({DISABLED}),
        }
    )

    key_id = models.CharField(max_length=36, unique=True)
    description = models.CharField(max_length=8192, blank=True)
    key_usage = models.CharField(max_length=24)
    key_spec = models.CharField(max_length=24)
    key_manager = models.CharField(max_length=8, default="CUSTOMER")
    policy = models.TextField()
    created_at = models.DateTimeField()
    deletion_date = models.DateTimeField(null=True, blank=True)
    rotation_period = models.PositiveSmallIntegerField(null=True, blank=True)
    next_rotation_date = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("KMS key")
        verbose_name_plural = _("KMS keys")
        indexes = [
            models.Index(fields=["account", "region", "key_id"], name="kms_key_scope"),
            models.Index(fields=["deletion_date"], name="kms_key_deletion"),
            models.Index(fields=["next_rotation_date"], name="kms_key_rotation"),
        ]

    def __str__(self) -> str:
        return self.arn

    @property
    def arn(self) -> str:
        return f"arn:aws:kms:{self.region}:{self.account_id}:key/{self.key_id}"

    @property
    def is_symmetric(self) -> bool:
        return self.key_spec == specs.SYMMETRIC_DEFAULT

    @property
    def is_aws_managed(self) -> bool:
        return self.key_manager == "AWS"

    def as_aws(self) -> dict[str, Any]:
        """AWS's KeyMetadata."""
        shown: dict[str, Any] = {
            "AWSAccountId": self.account_id,
            "KeyId": self.key_id,
            "Arn": self.arn,
            "CreationDate": self.created_at,
            "Enabled": self.state == self.ENABLED,
            "Description": self.description,
            "KeyUsage": self.key_usage,
            "KeyState": self.state,
            "Origin": "AWS_KMS",
            "KeyManager": self.key_manager,
            "CustomerMasterKeySpec": self.key_spec,
            "KeySpec": self.key_spec,
            "MultiRegion": False,
        }
        if self.deletion_date is not None:
            shown["DeletionDate"] = self.deletion_date
        return shown | specs.algorithms_as_aws(self.key_spec, self.key_usage)


class KeyMaterial(models.Model):
    """The bytes of a key, sealed; a rotation adds one, and the old ones still decrypt.

    rotation_type: "AUTOMATIC", "ON_DEMAND", "" for the first.
    """

    key = models.ForeignKey(Key, on_delete=models.CASCADE, related_name="materials")
    number = models.PositiveIntegerField()
    sealed = models.BinaryField()
    created_at = models.DateTimeField()
    rotation_type = models.CharField(max_length=9, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "number"], name="kms_material_number")
        ]

    def __str__(self) -> str:
        return f"material {self.number} of {self.key_id}"

    def set_secret(self, secret: bytes) -> None:
        self.sealed = seal.seal(secret, MATERIAL_SEAL)

    @property
    def secret(self) -> bytes:
        return seal.unseal(self.sealed, MATERIAL_SEAL)
