"""Work on many keys: a job is begun by a page, and done in batches until it ends.

The first batch runs at once, so that most jobs are over when their page opens; workers do the
rest. A batch and the cursor behind it are one transaction, so that a job which a crash interrupts
goes on where it stood. A job may do what its principal may at that moment, and no more:

    @jobs.step("empty")
    def _empty(ctx: Context, job: Job) -> Batch: ...

    job = jobs.start(ctx, "empty", bucket, {})
"""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction

from aws import clock, lifecycle
from aws.context import Context
from aws.errors import AwsError, SlowDown
from aws.identity import (
    ExpiredKey,
    SuspendedAccount,
    UnknownKey,
    issue_credentials,
    lookup_credentials,
)
from aws.wire.errors import S3ExpiredToken
from s3.models import Job

MAX_ACTIVE = 10
MAX_FAILURES = 100
# A job that has not ended by then is stuck on a key that fails for ever.
LIFETIME = timedelta(hours=12)
# Seconds that a batch takes at most, between two keys; and the first, while a page waits.
BATCH_SECONDS, FIRST_SECONDS = 2.0, 1.0
KEPT_FOR = timedelta(days=1)
Failure = dict[str, str]


@dataclass
class Batch:
    """What one batch did. cursor: where the next goes on, None at the job's end."""

    cursor: dict[str, Any] | None = None
    done: int = 0
    done_bytes: int = 0
    failures: list[Failure] = field(default_factory=list)

    def fail(self, key: str, error: AwsError, version_id: str = "") -> None:
        named = {"Key": key, "VersionId": version_id} if version_id else {"Key": key}
        self.failures.append({**named, "Code": error.code, "Message": error.message})


Step = Callable[[Context, Job], Batch]
STEPS: dict[str, Step] = {}


def step(kind: str) -> Callable[[Step], Step]:
    """Registers what does one batch of a kind: up to a thousand keys, or BATCH_SECONDS."""

    def register(function: Step) -> Step:
        STEPS[kind] = function
        return function

    return register


class Deadline:
    """Ends a batch: `while not deadline.is_over: …`"""

    def __init__(self, job: Job) -> None:
        is_first = not job.done and not job.failed
        self._end = time.monotonic() + (FIRST_SECONDS if is_first else BATCH_SECONDS)

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._end


def start(
    ctx: Context,
    kind: str,
    bucket: str,
    parameters: Mapping[str, Any],
    *,
    total: int = 0,
    job_id: str = "",
) -> Job:
    """Begins a job and does its first batch; what that refuses as a whole rises.

    job_id: chosen with the page that asks, so that a form sent twice begins one job.
    Raises SlowDown for an account with MAX_ACTIVE jobs under way.
    """
    if job_id and (known := find(ctx, job_id)):
        return known
    mine = Job.objects.in_scope(ctx)
    if mine.filter(state=Job.State.ACTIVE).count() >= MAX_ACTIVE:
        raise SlowDown
    mine.filter(completed_at__lt=clock.real_now() - KEPT_FOR).delete()
    job = Job(
        account_id=ctx.account_id,
        job_id=job_id or uuid.uuid4(),
        kind=kind,
        bucket=bucket,
        parameters=parameters,
        caller=_caller(ctx),
        total=total,
        state=Job.State.ACTIVE,
    )
    try:
        with transaction.atomic():
            job.save(force_insert=True)
            _note(job, STEPS[kind](ctx, job))
            if job.is_changing:
                lifecycle.begin(job)
    except IntegrityError:
        # Sent twice at the same moment; or somebody else's id.
        if known := find(ctx, str(job.job_id)):
            return known
        raise SlowDown from None
    return job


def find(ctx: Context, job_id: str) -> Job | None:
    """A job that this very principal began."""
    job: Job | None = Job.objects.in_scope(ctx).filter(job_id=job_id).first()
    return job if job is not None and job.caller["arn"] == ctx.principal.arn else None


def valid_id(text: str) -> str:
    """A job's id that a form sent, "" for none."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return ""


def cancel(ctx: Context, job: Job) -> None:
    """What is done stays done."""
    if job.is_changing:
        _end(job, Job.State.CANCELLED, by=ctx.principal.arn)


def work(pk: int) -> None:
    """Does a batch and asks for the next. A second message finds the row locked, and leaves."""
    with transaction.atomic():
        active = Job.objects.filter(pk=pk, state=Job.State.ACTIVE)
        job = active.select_for_update(skip_locked=True).first()
        if job is None:
            return
        if clock.real_now() - job.created_at > LIFETIME:
            _end(job, Job.State.FAILED)
            return
        try:
            batch = STEPS[job.kind](_context(job), job)
        except (AwsError, UnknownKey, ExpiredKey, SuspendedAccount) as error:
            _refuse(job, error)
            return
        _note(job, batch)
        if job.is_changing:
            lifecycle.begin(job)


def _note(job: Job, batch: Batch) -> None:
    job.done += batch.done
    job.done_bytes += batch.done_bytes
    job.failed += len(batch.failures)
    job.failures = [*job.failures, *batch.failures][:MAX_FAILURES]
    job.cursor = batch.cursor or {}
    job.save(update_fields=["done", "done_bytes", "failed", "failures", "cursor"])
    if batch.cursor is None:
        _end(job, Job.State.COMPLETE)


def _refuse(job: Job, error: Exception) -> None:
    """The job as a whole: its principal is gone, or may no longer list the bucket."""
    refusal = error if isinstance(error, AwsError) else S3ExpiredToken()
    failure = {"Key": "", "Code": refusal.code, "Message": refusal.message}
    job.failures = [failure, *job.failures][:MAX_FAILURES]
    job.save(update_fields=["failures"])
    _end(job, Job.State.FAILED)


def _end(job: Job, state: str, by: str = "worker") -> None:
    lifecycle.move(job, to=state, by=by, completed_at=clock.real_now())


def _caller(ctx: Context) -> dict[str, Any]:
    """The context as JSON: the principal is a token that only this lab can open."""
    issued = issue_credentials(ctx.principal, LIFETIME)
    return {
        "arn": ctx.principal.arn,
        "access_key_id": issued.access_key_id,
        "session_token": issued.session_token,
        "region": ctx.region,
        "source_ip": ctx.source_ip,
        "user_agent": ctx.user_agent,
        "secure_transport": ctx.secure_transport,
    }


def _context(job: Job) -> Context:
    """Who the principal is now. Raises UnknownKey, ExpiredKey, SuspendedAccount."""
    kept = job.caller
    found = lookup_credentials(kept["access_key_id"], kept["session_token"])
    return Context(
        account_id=found.principal.account_id,
        principal=found.principal,
        region=kept["region"],
        source="console",
        source_ip=kept["source_ip"],
        user_agent=kept["user_agent"],
        secure_transport=kept["secure_transport"],
        clock_offset=timedelta(seconds=found.clock_offset_seconds),
    )
