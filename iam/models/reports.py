"""Reports that a worker writes: the credential report and "last accessed" details."""

from django.db import models

from aws import clock
from aws.lifecycle import Lasting, Life, Living
from aws.models import AccountOwned


class CredentialReport(AccountOwned, Living):
    """States as GenerateCredentialReport names them. content: CSV."""

    content = models.TextField(blank=True)
    generated_at = models.DateTimeField(null=True, blank=True)

    LIFE = Life(
        transitions={"STARTED": frozenset({"COMPLETE"}), "COMPLETE": frozenset({"STARTED"})},
        transitional={"STARTED": Lasting(classroom=1, realistic=5)},
        task="iam.tasks.write_credential_report",
    )

    class Meta:
        constraints = [models.UniqueConstraint("account", name="credential_report_one")]

    def __str__(self) -> str:
        return f"credential report of {self.account_id}"


class AccessDetailsJob(AccountOwned, Living):
    """One GenerateServiceLastAccessedDetails. arn: of the user, group, role or policy."""

    job_id = models.UUIDField(unique=True)
    arn = models.CharField(max_length=2048)
    granularity = models.CharField(max_length=20, default="SERVICE_LEVEL")
    result = models.JSONField(default=list)
    created_at = models.DateTimeField(default=clock.real_now)
    completed_at = models.DateTimeField(null=True, blank=True)

    LIFE = Life(
        transitions={"IN_PROGRESS": frozenset({"COMPLETED", "FAILED"})},
        transitional={"IN_PROGRESS": Lasting(classroom=1, realistic=5)},
        task="iam.tasks.write_access_details",
    )

    def __str__(self) -> str:
        return f"access details {self.job_id}"
