"""Reports that a worker writes: the credential report and "last accessed" details."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from aws.context import Context
from aws.lifecycle import begin, move
from aws.operation import Response, operation
from aws.paging import paginate_list
from iam import access_details, lookup
from iam.errors import NoSuchEntity, ReportExpired, ReportInProgress, ReportNotPresent
from iam.models import AccessDetailsJob, CredentialReport

REPORT_LASTS = timedelta(hours=4)
JOBS_LAST = timedelta(days=1)
JOBS_KEPT = 50
STARTED = "No report exists. Starting a new report generation task"


@operation("iam:GenerateCredentialReport")
def generate_credential_report(ctx: Context, /) -> Response:
    """Begins to write the report; a worker finishes it. One of the last four hours is kept.

    Answers {"State": "STARTED", "INPROGRESS" or "COMPLETE", "Description"}.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateCredentialReport.html
    """
    ctx.authorize("iam:GenerateCredentialReport")
    report, is_new = CredentialReport.objects.get_or_create(
        account_id=ctx.account_id, defaults={"state": "STARTED"}
    )
    if is_new:
        begin(report)
        return {"State": "STARTED", "Description": STARTED}
    if report.is_changing:
        return {"State": "INPROGRESS"}
    if _is_fresh(ctx, report):
        return {"State": "COMPLETE"}
    is_first = move(report, to="STARTED", by=ctx.principal.arn)
    return {"State": "STARTED", "Description": STARTED} if is_first else {"State": "INPROGRESS"}


@operation("iam:GetCredentialReport")
def get_credential_report(ctx: Context, /) -> Response:
    """Answers {"Content": CSV as bytes, "ReportFormat": "text/csv", "GeneratedTime"}.

    Raises ReportNotPresent, ReportInProgress, ReportExpired (older than four hours).
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetCredentialReport.html
    """
    ctx.authorize("iam:GetCredentialReport")
    report = CredentialReport.objects.in_scope(ctx).first()
    if report is None:
        raise ReportNotPresent
    if report.is_changing:
        raise ReportInProgress
    if not _is_fresh(ctx, report):
        raise ReportExpired
    return {
        "Content": report.content.encode(),
        "ReportFormat": "text/csv",
        "GeneratedTime": report.generated_at,
    }


@operation("iam:GenerateServiceLastAccessedDetails")
def generate_service_last_accessed_details(
    ctx: Context, /, *, arn: str, granularity: str = "SERVICE_LEVEL"
) -> Response:
    """Begins a report about a user, group, role or managed policy; a worker finishes it.

    granularity: SERVICE_LEVEL or ACTION_LEVEL. Answers {"JobId"}; the report is kept for a day.
    Raises NoSuchEntity, InvalidInput. Simplified: any principal with permission may read it, in
    AWS only the one who asked; it reaches back 90 days, in AWS 400.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html
    """
    ctx.authorize("iam:GenerateServiceLastAccessedDetails", arn)
    if access_details.find(ctx, arn) is None:
        raise NoSuchEntity(f"{arn} cannot be found.")
    _forget_old_jobs(ctx)
    job = AccessDetailsJob.objects.create(
        account_id=ctx.account_id,
        job_id=uuid.uuid4(),
        arn=arn,
        granularity=granularity,
        state="IN_PROGRESS",
        created_at=ctx.now,
    )
    begin(job)
    return {"JobId": str(job.job_id)}


@operation("iam:GetServiceLastAccessedDetails")
def get_service_last_accessed_details(
    ctx: Context, /, *, job_id: str, marker: str = "", max_items: int = 100
) -> Response:
    """Answers {"JobStatus", …, "ServicesLastAccessed": […]}: every service that is granted.

    With ACTION_LEVEL, a service of the lab lists its operations under TrackedActionsLastAccessed.
    Raises NoSuchEntity.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html
    """
    ctx.authorize("iam:GetServiceLastAccessedDetails")
    job = _job(ctx, job_id)
    page, token = _page(ctx, job.result, marker, max_items, f"services:{job_id}")
    return {
        **_job_as_aws(job),
        "JobType": job.granularity,
        "ServicesLastAccessed": [_service_as_aws(entry) for entry in page],
        **token,
    }


@operation("iam:GetServiceLastAccessedDetailsWithEntities")
def get_service_last_accessed_details_with_entities(
    ctx: Context, /, *, job_id: str, service_namespace: str, marker: str = "", max_items: int = 100
) -> Response:
    """Answers {"EntityDetailsList": […], …}: the users and roles that used one service.

    service_namespace: "s3". The latest use comes first. Raises NoSuchEntity.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetailsWithEntities.html
    """
    ctx.authorize("iam:GetServiceLastAccessedDetailsWithEntities")
    job = _job(ctx, job_id)
    entities = [
        {**entity, "LastAuthenticated": datetime.fromisoformat(entity["LastAuthenticated"])}
        for entry in job.result
        if entry["ServiceNamespace"] == service_namespace
        for entity in entry["Entities"]
    ]
    purpose = f"entities:{job_id}:{service_namespace}"
    page, token = _page(ctx, entities, marker, max_items, purpose)
    return {**_job_as_aws(job), "EntityDetailsList": page, **token}


def _is_fresh(ctx: Context, report: CredentialReport) -> bool:
    return report.generated_at is not None and ctx.now - report.generated_at < REPORT_LASTS


def _forget_old_jobs(ctx: Context) -> None:
    """A page of the console asks for a report at each visit: they must not pile up."""
    jobs = AccessDetailsJob.objects.in_scope(ctx)
    jobs.filter(created_at__lt=ctx.now - JOBS_LAST).delete()
    kept = jobs.order_by("-created_at").values_list("pk", flat=True)[: JOBS_KEPT - 1]
    jobs.exclude(pk__in=list(kept)).delete()


def _job(ctx: Context, job_id: str) -> AccessDetailsJob:
    try:
        wanted = uuid.UUID(job_id)
    except ValueError:
        wanted = None
    job: AccessDetailsJob | None = (
        AccessDetailsJob.objects.in_scope(ctx).filter(job_id=wanted).first()
    )
    if job is None:
        raise NoSuchEntity(f"Job {job_id} cannot be found.")
    return job


def _job_as_aws(job: AccessDetailsJob) -> dict[str, Any]:
    shown: dict[str, Any] = {"JobStatus": job.state, "JobCreationDate": job.created_at}
    if job.completed_at:
        shown["JobCompletionDate"] = job.completed_at
    if job.state == "FAILED":
        shown["Error"] = {"Code": "NO_SUCH_ENTITY", "Message": f"{job.arn} cannot be found."}
    return shown


def _service_as_aws(entry: dict[str, Any]) -> dict[str, Any]:
    shown = {key: value for key, value in entry.items() if key != "Entities"}
    if "LastAuthenticated" in shown:
        shown["LastAuthenticated"] = datetime.fromisoformat(shown["LastAuthenticated"])
    for action in shown.get("TrackedActionsLastAccessed", []):
        if "LastAccessedTime" in action:
            action["LastAccessedTime"] = datetime.fromisoformat(action["LastAccessedTime"])
    return shown


def _page(
    ctx: Context, items: list[Any], marker: str, max_items: int, purpose: str
) -> tuple[list[Any], dict[str, Any]]:
    page, token = paginate_list(
        ctx, items, size=max_items, token=marker, purpose=purpose, error=lookup.InvalidMarker
    )
    return page, {"IsTruncated": bool(token), **({"Marker": token} if token else {})}
