"""Console passwords: login profiles, what was used before, and the account's password policy."""

from django.db import models

from aws import clock
from aws.models import AccountOwned
from iam.models.users import User


class LoginProfile(AccountOwned):
    """password: a Django hash. last_changed and last_used are the account's time."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="login_profile")
    password = models.CharField(max_length=256)
    password_reset_required = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.real_now)
    last_changed = models.DateTimeField(default=clock.real_now)
    last_used = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"password of {self.user}"


class UsedPassword(AccountOwned):
    """A password that a user has or had, for the reuse rule; it outlives the login profile.

    password: a Django hash with the user's own salt (see `iam.passwords`).
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="used_passwords")
    password = models.CharField(max_length=256)
    created_at = models.DateTimeField(default=clock.real_now)

    def __str__(self) -> str:
        return f"password of {self.user} since {self.created_at}"


class PasswordPolicy(AccountOwned):
    """The account's custom policy; without a row, AWS's default policy rules.

    max_password_age: days, None for never. password_reuse_prevention: how many, None for off.
    """

    minimum_password_length = models.PositiveSmallIntegerField(default=6)
    require_symbols = models.BooleanField(default=False)
    require_numbers = models.BooleanField(default=False)
    require_uppercase_characters = models.BooleanField(default=False)
    require_lowercase_characters = models.BooleanField(default=False)
    allow_users_to_change_password = models.BooleanField(default=False)
    max_password_age = models.PositiveSmallIntegerField(null=True, blank=True)
    password_reuse_prevention = models.PositiveSmallIntegerField(null=True, blank=True)
    hard_expiry = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint("account", name="password_policy_one")]

    def __str__(self) -> str:
        return f"password policy of {self.account_id}"
