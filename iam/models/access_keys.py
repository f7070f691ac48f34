"""Long-term access keys of users and of root."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from aws import clock, seal
from aws.models import AccountOwned
from iam.models.users import User

SECRET_SEAL = "access-key"  # noqa: S105 - a purpose, not a secret


class AccessKey(AccountOwned):
    """user: None for the account's root. The secret rests sealed: signatures need it again."""

    class Status(models.TextChoices):
        ACTIVE = "Active", _("Active")
        INACTIVE = "Inactive", _("Inactive")

    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="access_keys"
    )
    access_key_id = models.CharField(max_length=128, unique=True)
    secret_sealed = models.BinaryField()
    status = models.CharField(max_length=8, choices=Status, default=Status.ACTIVE)
    created_at = models.DateTimeField(default=clock.real_now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_service = models.CharField(max_length=64, blank=True)
    last_used_region = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return self.access_key_id

    def set_secret(self, secret: str) -> None:
        self.secret_sealed = seal.seal(secret.encode(), SECRET_SEAL)

    @property
    def secret(self) -> str:
        return seal.unseal(self.secret_sealed, SECRET_SEAL).decode()
