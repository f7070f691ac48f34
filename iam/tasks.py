"""What a worker finishes for IAM: its reports."""

from celery import shared_task

from aws import lifecycle
from aws.context import Context
from iam import access_details, credential_report
from iam.models import AccessDetailsJob, CredentialReport

WORKER = "worker"


@shared_task
def write_credential_report(pk: int) -> None:
    """Ends STARTED. A second message finds the report complete and leaves it alone."""
    started = CredentialReport.objects.filter(pk=pk, state="STARTED")
    report = started.select_related("account").first()
    if report is None:
        return
    lifecycle.move(
        report,
        to="COMPLETE",
        by=WORKER,
        content=credential_report.write(report.account),
        generated_at=report.account.now,
    )


@shared_task
def write_access_details(pk: int) -> None:
    """Ends IN_PROGRESS: FAILED when what the report is about has gone meanwhile."""
    running = AccessDetailsJob.objects.filter(pk=pk, state="IN_PROGRESS")
    job = running.select_related("account").first()
    if job is None:
        return
    subject = access_details.find(Context.system(job.account), job.arn)
    if subject is None:
        lifecycle.move(job, to="FAILED", by=WORKER, completed_at=job.account.now)
        return
    result = access_details.report(job.account_id, subject, job.granularity)
    lifecycle.move(job, to="COMPLETED", by=WORKER, result=result, completed_at=job.account.now)
