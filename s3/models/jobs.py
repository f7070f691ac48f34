import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from aws import clock
from aws.lifecycle import Lasting, Life, Living
from aws.models import AccountOwned


class Job(AccountOwned, Living):
    """The console's work on many keys, done in batches by a worker as whoever began it.

    kind: one of `s3.jobs.STEPS`. bucket: where the job began. parameters: the kind's own. cursor:
    where the next batch goes on. caller: see `s3.jobs`. total: keys to do as far as known, 0 for
    unknown. done_bytes: of the keys done. failures: [{"Key", "Code", "Message"}], the first ones.
    """

    class State(models.TextChoices):
        ACTIVE = "Active", _("In progress")
        COMPLETE = "Complete", _("Complete")
        CANCELLED = "Cancelled", _("Cancelled")
        FAILED = "Failed", _("Failed")

    job_id = models.UUIDField(unique=True, default=uuid.uuid4)
    kind = models.CharField(max_length=20)
    bucket = models.CharField(max_length=63)
    parameters = models.JSONField(default=dict)
    cursor = models.JSONField(default=dict)
    caller = models.JSONField(default=dict)
    total = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    done_bytes = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    failures = models.JSONField(default=list)
    created_at = models.DateTimeField(default=clock.real_now)
    completed_at = models.DateTimeField(null=True, blank=True)

    LIFE = Life(
        transitions={State.ACTIVE: frozenset({State.COMPLETE, State.CANCELLED, State.FAILED})},
        transitional={State.ACTIVE: Lasting(classroom=0, realistic=0)},
        task="s3.tasks.work_on_job",
    )

    class Meta:
        verbose_name = _("S3 job")
        verbose_name_plural = _("S3 jobs")
        indexes = [models.Index(fields=["account", "-created_at"], name="s3_job_recent")]

    def __str__(self) -> str:
        return f"{self.kind} {self.job_id}"
