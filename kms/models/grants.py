"""Grants: permissions on one key that are given and taken back without its policy."""

from typing import Any

from django.db import models

from aws.models import RegionOwned
from kms.models.keys import Key


class Grant(RegionOwned):
    """operations: ["Decrypt", …]. constraints: {"EncryptionContextSubset": {…}} or …Equals."""

    key = models.ForeignKey(Key, on_delete=models.CASCADE, related_name="grants")
    grant_id = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=256, blank=True)
    grantee_principal = models.CharField(max_length=256)
    retiring_principal = models.CharField(max_length=256, blank=True, db_index=True)
    issuing_account = models.CharField(max_length=64)
    operations = models.JSONField(default=list)
    constraints = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.grant_id

    def as_aws(self) -> dict[str, Any]:
        """An item of ListGrants."""
        shown: dict[str, Any] = {
            "KeyId": self.key.arn,
            "GrantId": self.grant_id,
            "Name": self.name,
            "CreationDate": self.created_at,
            "GranteePrincipal": self.grantee_principal,
            "IssuingAccount": self.issuing_account,
            "Operations": self.operations,
        }
        if self.retiring_principal:
            shown["RetiringPrincipal"] = self.retiring_principal
        if self.constraints:
            shown["Constraints"] = self.constraints
        return shown
