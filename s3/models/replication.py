from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from aws.lifecycle import Lasting, Life, Living
from aws.models import ScopedQuerySet
from s3.models.watching import BucketOwned


class Replication(Living, BucketOwned):
    """What a version owes a destination of its bucket's replication rules; gone once it is done.

    version_pk: of the version or delete marker. destination: a bucket's name. failure:
    {"Code", "Message"} of one that failed, which stays to be told of.
    """

    class State(models.TextChoices):
        PENDING = "PENDING", _("Pending")
        FAILED = "FAILED", _("Failed")

    class Action(models.TextChoices):
        OBJECT = "object", _("Object")
        MARKER = "marker", _("Delete marker")
        CHANGE = "change", _("Tags, access control list and lock")

    version_pk = models.BigIntegerField()
    key = models.TextField(db_collation="C")
    action = models.CharField(max_length=6, choices=Action)
    destination = models.CharField(max_length=63)
    rule_id = models.CharField(max_length=255)
    failure = models.JSONField(default=dict)

    # Typed anew: the plugin takes the manager of a base of a base for the base's.
    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    LIFE = Life(
        transitions={State.PENDING: frozenset({State.FAILED})},
        transitional={State.PENDING: Lasting(classroom=1, realistic=30)},
        task="s3.tasks.replicate",
    )

    class Meta:
        verbose_name = _("replication")
        verbose_name_plural = _("replications")
        indexes = [
            models.Index(fields=["version_pk"], name="s3_replication_version"),
            models.Index(fields=["bucket", "key", "id"], name="s3_replication_order"),
        ]

    def __str__(self) -> str:
        return f"{self.key} → {self.destination}"
