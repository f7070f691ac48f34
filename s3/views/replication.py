"""Replication rules: their part of the Management tab, and the job for what was there before."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render

from aws.context import Context
from console.requests import ConsoleRequest
from s3 import existing, jobs, reading, replicas
from s3.forms.replication import fields_of
from s3.models import Replication
from s3.views import frame

SHOWN = 5


def rules(ctx: Context, bucket: str) -> dict[str, Any]:
    """{"Role", "rows", "pending", "failed", "failures"}, {} without rules. Raises AccessDenied."""
    known = reading.replication(ctx, bucket)
    if not known:
        return {}
    owed = Replication.objects.in_scope(ctx).filter(bucket__name=bucket)
    failed = owed.filter(state=Replication.State.FAILED)
    return {
        "Role": known["Role"],
        "rows": [fields_of(rule) for rule in known["Rules"]],
        "pending": owed.filter(state=Replication.State.PENDING).count(),
        "failed": failed.count(),
        "failures": failed.order_by("-pk")[:SHOWN],
    }


def replicate_existing(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """Asks; posted it begins the job. Without rules there is one to make first."""
    frame.require_visible(request, bucket)
    found = rules(request.ctx, bucket)
    if not found:
        return redirect("s3:setting-edit", bucket, replicas.NAME)
    if request.method == "POST":
        back = {"back": frame.tab_url(bucket, "management")}
        job_id = jobs.valid_id(request.POST.get("job_id", ""))
        job = jobs.start(request.ctx, existing.REPLICATE, bucket, back, job_id=job_id)
        return redirect("s3:job", job.job_id)
    context = {"bucket": bucket, "rules": found["rows"], "job_id": uuid.uuid4()}
    return render(request, "s3/replicate_existing.html", context)
