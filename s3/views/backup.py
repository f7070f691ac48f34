"""Backup and restore of a bucket: how well it is kept, and what brings it back."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from aws.context import Context
from aws.operation import together
from console.content_policy import shows_objects
from console.requests import ConsoleRequest
from console.sections import section
from s3 import jobs, operations, reading, recovery, unzipping
from s3.errors import InvalidBucketState
from s3.forms.backup import ExportForm, MomentForm, UnzipForm
from s3.forms.objects import CLASS_LABELS
from s3.presigning import Signer
from s3.views import frame
from s3.wire.route import EXPORT_PARAMETER

SHOWN = 50
LISTED = 300


@shows_objects
def overview(request: ConsoleRequest, bucket: str) -> HttpResponse:
    frame.require_visible(request, bucket)
    ctx = request.ctx
    with together(ctx):
        context = {
            "bucket": bucket,
            "versioning": section(lambda: operations.get_bucket_versioning(ctx, bucket=bucket)),
            "replication": section(lambda: reading.replication(ctx, bucket)),
            "noncurrent": section(lambda: _noncurrent(ctx, bucket)),
            "lock": section(lambda: reading.lock(ctx, bucket)),
            "form": ExportForm(),
        }
    return render(request, "s3/backup.html", context)


def _noncurrent(ctx: Context, bucket: str) -> list[str]:
    """The names of the rules that end older versions."""
    return [
        rule["ID"]
        for rule in reading.lifecycle(ctx, bucket)
        if rule["Status"] == "Enabled" and "NoncurrentVersionExpiration" in rule
    ]


def moment(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """?at=… shows what would change; posted, it begins the job."""
    frame.require_visible(request, bucket)
    values = request.POST if request.method == "POST" else request.GET
    form = MomentForm(values if "at" in values else None, ctx=request.ctx, bucket=bucket)
    preview: dict[str, Any] = {}
    if form.is_bound and form.is_valid():
        with form.aws_errors():
            if request.method == "POST":
                return redirect("s3:job", _begin(request, bucket, form).job_id)
            preview = _preview(request.ctx, bucket, form)
    context = {"form": form, "bucket": bucket, "preview": preview, "job_id": uuid.uuid4()}
    status = 422 if form.errors else 200
    return render(request, "s3/backup_moment.html", context, status=status)


def _begin(request: ConsoleRequest, bucket: str, form: MomentForm) -> Any:
    wanted, target = form.moment, form.cleaned_data["to_bucket"]
    counted = recovery.counts(request.ctx, bucket, wanted)
    parameters = recovery.parameters_of(
        wanted,
        to_bucket=target,
        to_prefix=form.cleaned_data["to_prefix"],
        back=reverse("s3:backup", args=[bucket]),
    )
    return jobs.start(
        request.ctx,
        recovery.RESTORE,
        bucket,
        parameters,
        total=counted.existed if target else counted.total,
        job_id=jobs.valid_id(request.POST.get("job_id", "")),
    )


def _preview(ctx: Context, bucket: str, form: MomentForm) -> dict[str, Any]:
    """Raises InvalidBucketState where the bucket keeps no versions and is to become what it was."""
    is_elsewhere = bool(form.cleaned_data["to_bucket"])
    found = recovery.require(ctx, bucket, form.cleaned_data["prefix"])
    if not is_elsewhere and not found.is_versioned:
        raise InvalidBucketState
    wanted = form.moment
    counted = recovery.counts(ctx, bucket, wanted)
    rows = [] if is_elsewhere else recovery.differences(ctx, bucket, wanted, size=SHOWN)
    return {
        "counts": counted,
        "brought": counted.by_change.get(recovery.BRING_BACK, 0),
        "replaced": counted.by_change.get(recovery.REPLACE, 0),
        "removed": counted.by_change.get(recovery.REMOVE, 0),
        "rows": rows,
        "more": counted.total - len(rows),
        "is_elsewhere": is_elsewhere,
        "classes": CLASS_LABELS,
        "is_needed": bool(counted.existed if is_elsewhere else counted.total),
    }


@shows_objects
def export(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """Sends the browser to the zip on the API's own origin."""
    frame.require_visible(request, bucket)
    query = {EXPORT_PARAMETER: "zip", "prefix": request.GET.get("prefix", "")}
    return redirect(Signer(request.ctx, bucket).url("GET", "", query))


def unzip(request: ConsoleRequest, bucket: str) -> HttpResponse:
    frame.require_visible(request, bucket)
    is_sent = request.method == "POST"
    first = {"key": request.GET.get("key", "")}
    form = UnzipForm(request.POST if is_sent else None, initial=first)
    if is_sent and form.is_valid():
        with form.aws_errors():
            return redirect("s3:job", _begin_unzip(request, bucket, form).job_id)
    context = {
        "form": form,
        "bucket": bucket,
        "job_id": uuid.uuid4(),
        "zips": section(lambda: _zips(request.ctx, bucket)),
        "max_entries": unzipping.MAX_ENTRIES,
        "max_bytes": unzipping.MAX_BYTES,
    }
    return render(request, "s3/backup_import.html", context, status=422 if form.errors else 200)


def _zips(ctx: Context, bucket: str) -> list[str]:
    """Of the first objects of the bucket, those that look like zips."""
    listed = operations.list_objects_v2(ctx, bucket=bucket, max_keys=LISTED)["Contents"]
    return [one["Key"] for one in listed if one["Key"].lower().endswith(".zip")]


def _begin_unzip(request: ConsoleRequest, bucket: str, form: UnzipForm) -> Any:
    key = form.cleaned_data["key"]
    version = unzipping.version_of(request.ctx, bucket, key)
    files, _size = unzipping.check(request.ctx, bucket, key, version)
    parameters = {
        "key": key,
        "version": version,
        "to_prefix": form.cleaned_data["to_prefix"],
        "back": reverse("s3:backup", args=[bucket]),
    }
    return jobs.start(
        request.ctx,
        unzipping.UNZIP,
        bucket,
        parameters,
        total=files,
        job_id=jobs.valid_id(request.POST.get("job_id", "")),
    )
