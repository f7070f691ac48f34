"""Tables that every service shares: accounts, events, state changes, client tokens."""

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from aws import clock

if TYPE_CHECKING:
    from aws.context import Context

ALIAS_PATTERN = r"^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$"


class Account(models.Model):
    """An AWS account: a wall. The root user's email and password are the account's own.

    clock_offset: how far the account's business time is ahead of the machine's.
    sessions_valid_from: console sessions and session tokens issued earlier are void.
    """

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", _("Active")
        SUSPENDED = "SUSPENDED", _("Suspended")

    account_id = models.CharField(
        primary_key=True, max_length=12, validators=[RegexValidator(r"^\d{12}$")]
    )
    name = models.CharField(max_length=50)
    email = models.EmailField(max_length=254)
    password = models.CharField(max_length=256)
    password_last_used = models.DateTimeField(null=True, blank=True)
    password_last_changed = models.DateTimeField(null=True, blank=True)
    alias = models.CharField(  # noqa: DJ001 - NULLs may repeat, empty strings may not
        max_length=63, null=True, blank=True, unique=True
    )
    status = models.CharField(max_length=12, choices=Status, default=Status.ACTIVE)
    contact = models.JSONField(default=dict, blank=True)
    clock_offset = models.DurationField(default=timedelta)
    sessions_valid_from = models.DateTimeField(default=clock.real_now)
    created_at = models.DateTimeField(default=clock.real_now)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [models.UniqueConstraint(Lower("email"), name="account_email_unique")]

    def __str__(self) -> str:
        return f"{self.name} ({self.account_id})"

    @property
    def is_suspended(self) -> bool:
        return self.status == self.Status.SUSPENDED

    @property
    def now(self) -> datetime:
        return clock.now(self.clock_offset)


class ScopedQuerySet(models.QuerySet[Any]):
    """Rows are reached only in the scope of a context, so that no call crosses a wall."""

    def in_scope(self, ctx: "Context") -> Self:
        scoped = self.filter(account_id=ctx.account_id)
        if any(field.name == "region" for field in self.model._meta.concrete_fields):
            scoped = scoped.filter(region=ctx.region)
        return scoped


class AccountOwned(models.Model):
    """A row inside one account (global services)."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True


class RegionOwned(AccountOwned):
    """A row inside one account and region."""

    region = models.CharField(max_length=20)

    class Meta:
        abstract = True


class Tagged(models.Model):
    """Tags as {key: value}. `aws.tags` checks them."""

    tags = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True


class Event(models.Model):
    """One call of an operation: allowed, denied or failed. The account's event history.

    No foreign key to the account: events are written on the hot path, and a reset removes them by
    account id. Times are the account's. `explanation` is the evaluator's trace of a denial.
    `additional_event_data` is of sign-in events only.
    """

    event_id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    account_id = models.CharField(max_length=12)
    region = models.CharField(max_length=20)
    event_time = models.DateTimeField()
    event_source = models.CharField(max_length=64)
    event_name = models.CharField(max_length=128)
    read_only = models.BooleanField()
    source = models.CharField(max_length=10)
    user_name = models.CharField(max_length=128)
    access_key_id = models.CharField(max_length=32, blank=True)
    user_identity = models.JSONField(default=dict)
    source_ip = models.CharField(max_length=64, blank=True)
    user_agent = models.CharField(max_length=256, blank=True)
    request_id = models.CharField(max_length=36)
    request_parameters = models.JSONField(null=True)
    response_elements = models.JSONField(null=True)
    additional_event_data = models.JSONField(null=True)
    error_code = models.CharField(max_length=128, blank=True)
    error_message = models.TextField(blank=True)
    resources = models.JSONField(default=list)
    explanation = models.JSONField(null=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-event_time", "-event_id"]
        indexes = [
            models.Index(fields=["account_id", "-event_time", "-event_id"], name="event_time"),
            models.Index(fields=["account_id", "event_name", "-event_time"], name="event_name"),
            models.Index(fields=["account_id", "user_name", "-event_time"], name="event_user"),
            models.Index(fields=["account_id", "access_key_id", "-event_time"], name="event_key"),
            GinIndex(fields=["resources"], name="event_resources", opclasses=["jsonb_path_ops"]),
        ]

    def __str__(self) -> str:
        return f"{self.event_source}:{self.event_name} {self.event_id}"


class StateChange(models.Model):
    """One step in the life of a thing. Written by `aws.lifecycle.move` only."""

    account_id = models.CharField(max_length=12)
    model = models.CharField(max_length=64)
    object_pk = models.CharField(max_length=64)
    old = models.CharField(max_length=40)
    new = models.CharField(max_length=40)
    reason = models.TextField(blank=True)
    by = models.CharField(max_length=256, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["model", "object_pk", "-at"], name="statechange_object")]

    def __str__(self) -> str:
        return f"{self.model} {self.object_pk}: {self.old} → {self.new}"


class IdentityVersion(models.Model):
    """A number that changes with an account's identities. Written by triggers alone."""

    account_id = models.CharField(primary_key=True, max_length=12)
    version = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.account_id} {self.version}"


class ClientToken(models.Model):
    """An idempotent call that succeeded, so that its repetition answers the same."""

    account_id = models.CharField(max_length=12)
    region = models.CharField(max_length=20)
    operation = models.CharField(max_length=128)
    token = models.CharField(max_length=128)
    parameters_digest = models.CharField(max_length=64)
    response = models.JSONField()
    created_at = models.DateTimeField(default=clock.real_now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "region", "operation", "token"], name="client_token_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.token}"
