"""What is done to chosen objects: a page that asks, a job, and the job's page with the result."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from console import flash
from console.requests import ConsoleRequest
from s3 import jobs, operations
from s3 import object_jobs as object_jobs  # noqa: PLC0414 - registers its steps
from s3.errors import AccessDenied
from s3.forms.actions import ACTIONS, ActionForm
from s3.forms.archives import RestoreArchivedForm
from s3.forms.objects import STORAGE_CLASSES
from s3.models import Job
from s3.views import selection
from s3.views.selection import folder_of, folder_url, query_of

# Kind of job → its page's title while it runs and after, and where its work was done.
TITLES: dict[str, tuple[str | Promise, str | Promise]] = {
    "delete": (_("Deleting objects"), _("Delete objects: status")),
    "undelete": (_("Undeleting objects"), _("Undelete objects: status")),
    "copy": (_("Copying objects"), _("Copy: status")),
    "move": (_("Moving objects"), _("Move: status")),
    "rename": (_("Renaming the object"), _("Rename object: status")),
    "restore-version": (_("Restoring the version"), _("Restore version: status")),
    "edit": (_("Editing objects"), _("Edit objects: status")),
    "tag": (_("Editing tags"), _("Edit tags: status")),
    "make-public": (_("Making objects public"), _("Make public: status")),
    "size": (_("Calculating the total size"), _("Total size")),
    "restore-archived": (_("Initiating restores"), _("Initiate restore: status")),
    "restore-moment": (_("Restoring the bucket"), _("Restore to a point in time: status")),
    "unzip": (_("Importing the zip"), _("Import a zip: status")),
    "replicate-existing": (_("Queueing objects"), _("Replicate existing objects: status")),
}
FORMS: dict[str, type[ActionForm]] = {**ACTIONS, RestoreArchivedForm.name: RestoreArchivedForm}
SHOWN = 100
FOLDERS = 100


def object_action(request: ConsoleRequest, bucket: str, action: str) -> HttpResponse:
    """The page that asks; posted with "do" it begins the job."""
    form_class, selected = FORMS.get(action), selection.read(request, bucket)
    if form_class is None:
        raise Http404
    if not selected.chosen:
        return selection.nothing_chosen(request, selected)
    is_sent = request.POST.get("do") == "yes"
    form = form_class(request.POST if is_sent else None, ctx=request.ctx, selected=selected)
    if form.refusal:
        flash.add(request, "error", form.refusal)
        return redirect(selected.back_url)
    job = _begin(request, form) if is_sent and form.is_valid() else None
    if job is not None:
        return redirect("s3:job", job.job_id)
    context = {
        "form": form,
        "bucket": bucket,
        "selected": selected,
        "shown": selected.chosen[:SHOWN],
        "more": max(0, len(selected.chosen) - SHOWN),
        "classes": STORAGE_CLASSES,
        "job_id": request.POST.get("job_id") if is_sent else uuid.uuid4(),
    }
    return render(request, "s3/object_action.html", context, status=422 if form.errors else 200)


def _begin(request: ConsoleRequest, form: ActionForm) -> Job | None:
    selected = form.selected
    with form.aws_errors():
        return jobs.start(
            request.ctx,
            form.kind,
            selected.bucket,
            {**selected.parameters, **form.parameters(), "back": selected.back_url},
            total=selected.total,
            job_id=jobs.valid_id(request.POST.get("job_id", "")),
        )
    return None


def job_detail(request: ConsoleRequest, job_id: uuid.UUID) -> HttpResponse:
    """Progress and result; asks again by itself while there is work left."""
    job = _job(request, job_id)
    running, ended = TITLES.get(job.kind, (job.kind, job.kind))
    context = {
        "job": job,
        "title": running if job.is_changing else ended,
        "back_url": job.parameters.get("back") or folder_url(job.bucket, ""),
        "percent": min(100, 100 * (job.done + job.failed) // job.total) if job.total else None,
        "destination": _destination(job),
    }
    template = "s3/job.html#progress" if request.htmx else "s3/job.html"
    return render(request, template, context)


@require_POST
def job_cancel(request: ConsoleRequest, job_id: uuid.UUID) -> HttpResponse:
    jobs.cancel(request.ctx, _job(request, job_id))
    return redirect("s3:job", job_id)


def _job(request: ConsoleRequest, job_id: uuid.UUID) -> Job:
    job = jobs.find(request.ctx, str(job_id))
    if job is not None:
        return job
    if Job.objects.in_scope(request.ctx).filter(job_id=job_id).exists():
        raise AccessDenied
    raise Http404


def _destination(job: Job) -> dict[str, str]:
    if job.kind not in ("copy", "move"):
        return {}
    bucket, prefix = job.parameters["to_bucket"], job.parameters["to_prefix"]
    return {"uri": f"s3://{bucket}/{prefix}", "url": folder_url(bucket, prefix)}


def browse(request: ConsoleRequest) -> HttpResponse:
    """Browse S3: buckets, then folders; choosing one puts its path into the field."""
    bucket, prefix = request.GET.get("bucket", ""), request.GET.get("prefix", "")
    context: dict[str, Any] = {"bucket": bucket, "prefix": prefix, "entries": _entries(request)}
    if bucket:
        above = {"bucket": bucket, "prefix": folder_of(prefix)} if prefix else {}
        context |= {"path": f"s3://{bucket}/{prefix}", "above": f"?{query_of(**above)[1:]}"}
    template = "s3/browse.html#modal" if request.htmx else "s3/browse.html"
    return render(request, template, context)


def _entries(request: ConsoleRequest) -> Sequence[dict[str, str]]:
    bucket, prefix = request.GET.get("bucket", ""), request.GET.get("prefix", "")
    here = reverse("s3:browse")
    if not bucket:
        found = operations.list_buckets(request.ctx)["Buckets"]
        names = [one["Name"] for one in found]
        return [
            {"name": name, "url": here + query_of(bucket=name), "path": f"s3://{name}/"}
            for name in names
        ]
    listed = operations.list_objects_v2(
        request.ctx, bucket=bucket, prefix=prefix, delimiter="/", max_keys=FOLDERS
    )
    return [
        {
            "name": one["Prefix"][len(prefix) :],
            "url": here + query_of(bucket=bucket, prefix=one["Prefix"]),
            "path": f"s3://{bucket}/{one['Prefix']}",
        }
        for one in listed["CommonPrefixes"]
    ]
