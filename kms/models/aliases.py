"""Aliases: names of keys that can be pointed at another key."""

from typing import Any

from django.db import models

from aws.models import RegionOwned
from kms.models.keys import Key


class Alias(RegionOwned):
    """alias_name: with its "alias/"."""

    alias_name = models.CharField(max_length=256)
    key = models.ForeignKey(Key, on_delete=models.CASCADE, related_name="aliases")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "region", "alias_name"], name="kms_alias_unique"
            )
        ]

    def __str__(self) -> str:
        return self.arn

    @property
    def arn(self) -> str:
        return f"arn:aws:kms:{self.region}:{self.account_id}:{self.alias_name}"

    def as_aws(self) -> dict[str, Any]:
        return {
            "AliasName": self.alias_name,
            "AliasArn": self.arn,
            "TargetKeyId": self.key.key_id,
            "CreationDate": self.created_at,
            "LastUpdatedDate": self.updated_at,
        }
