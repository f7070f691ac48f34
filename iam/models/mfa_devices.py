"""Virtual MFA devices (TOTP, RFC 6238)."""

from django.db import models
from django.db.models import Q

from aws import clock, seal
from aws.models import AccountOwned, Tagged
from iam.models.users import User

SEED_SEAL = "mfa-seed"


class MFADevice(AccountOwned, Tagged):
    """is_root: assigned to the account's root. Neither user nor is_root: not assigned yet.

    seed: 20 random bytes or more, shown as base32. last_step: 30-second step of the last code
    taken, since RFC 6238 forbids a second use. drift_steps: how far the device's clock is off.
    """

    serial_number = models.CharField(max_length=256, unique=True)
    path = models.CharField(max_length=512, default="/")
    name = models.CharField(max_length=226)
    seed_sealed = models.BinaryField()
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="mfa_devices"
    )
    is_root = models.BooleanField(default=False)
    enabled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.real_now)
    last_step = models.BigIntegerField(default=0)
    drift_steps = models.SmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(user__isnull=False, is_root=True), name="mfa_device_one_holder"
            )
        ]

    def __str__(self) -> str:
        return self.serial_number

    def set_seed(self, seed: bytes) -> None:
        self.seed_sealed = seal.seal(seed, SEED_SEAL)

    @property
    def seed(self) -> bytes:
        return seal.unseal(self.seed_sealed, SEED_SEAL)
