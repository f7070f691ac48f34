"""Emptying and deleting a bucket."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from aws.context import Context
from aws.errors import AwsError, Denied
from console import flash
from console.requests import ConsoleRequest
from s3 import emptying, jobs, operations
from s3.errors import BucketNotEmpty
from s3.models import Job
from s3.views import frame

# What a person types. AWS's console asks for these words, and for a bucket's name.
PERMANENTLY = "permanently delete"


def bucket_empty(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """Asks, begins the job, and shows how far it is: ?job="""
    frame.require_visible(request, bucket)
    if request.method == "POST":
        return _begin(request, bucket)
    if job := _job(request, bucket):
        template = "s3/bucket_emptied.html#progress" if request.htmx else "s3/bucket_emptied.html"
        return render(request, template, {"bucket": bucket, "job": job})
    return _ask(request, "s3/bucket_empty.html", bucket, PERMANENTLY)


def _begin(request: ConsoleRequest, bucket: str) -> HttpResponse:
    if request.POST.get("confirm") != PERMANENTLY:
        return _ask(request, "s3/bucket_empty.html", bucket, PERMANENTLY)
    total = emptying.total(request.ctx, bucket)
    job = jobs.start(request.ctx, emptying.EMPTY, bucket, {}, total=total)
    if job.state == Job.State.COMPLETE and not job.failed:
        header = _('Successfully emptied bucket "%(name)s"') % {"name": bucket}
        flash.add(request, "success", header)
    address = reverse("s3:bucket-empty", args=[bucket])
    return redirect(f"{address}?job={job.job_id}")


def _job(request: ConsoleRequest, bucket: str) -> Job | None:
    try:
        job = jobs.find(request.ctx, str(UUID(request.GET.get("job", ""))))
    except ValueError:
        return None
    is_right = job is not None and job.bucket == bucket and job.kind == emptying.EMPTY
    return job if is_right else None


def bucket_delete(request: ConsoleRequest, bucket: str) -> HttpResponse:
    frame.require_visible(request, bucket)
    if request.method != "POST" or request.POST.get("confirm") != bucket:
        return _ask(request, "s3/bucket_delete.html", bucket, bucket)
    try:
        operations.delete_bucket(request.ctx, bucket=bucket)
    except AwsError as error:
        if error.code != BucketNotEmpty.code:
            raise
        return _ask(request, "s3/bucket_delete.html", bucket, bucket, error=error)
    header = _('Successfully deleted bucket "%(name)s"') % {"name": bucket}
    flash.add(request, "success", header)
    return redirect("s3:bucket-list")


def _ask(
    request: ConsoleRequest, template: str, bucket: str, word: str, **more: Any
) -> HttpResponse:
    was_wrong = request.POST.get("confirm", word) != word
    context = {
        "bucket": bucket,
        "word": word,
        "word_error": _("The text does not match.") if was_wrong else "",
        "is_empty": _is_empty(request.ctx, bucket),
        "access_points": _access_points(request.ctx, bucket),
        **more,
    }
    status = more["error"].status if "error" in more else 422 if was_wrong else 200
    return render(request, template, context, status=status)


def _is_empty(ctx: Context, bucket: str) -> bool | None:
    """None: the principal may not know."""
    try:
        listed = operations.list_object_versions(ctx, bucket=bucket, max_keys=1)
    except Denied:
        return None
    return not listed["Versions"] and not listed["DeleteMarkers"]


def _access_points(ctx: Context, bucket: str) -> list[str]:
    """Their names; none where they may not be listed."""
    try:
        answer = operations.list_access_points(ctx, account_id=ctx.account_id, bucket=bucket)
    except Denied:
        return []
    return [one["Name"] for one in answer.get("AccessPointList", ())]
