"""What workers do for S3 by the clock."""

from typing import Any

from celery import shared_task

from s3 import garbage, jobs, lifecycle
from s3 import object_jobs as object_jobs  # noqa: PLC0414 - registers its steps

BEAT: dict[str, dict[str, Any]] = {
    "collect_garbage": {"task": "s3.tasks.collect_garbage", "schedule": 10.0},
    "run_lifecycle": {"task": "s3.tasks.run_lifecycle", "schedule": 60.0},
    "sweep_orphans": {"task": "s3.tasks.sweep_orphans", "schedule": 6 * 3600.0},
}


@shared_task
def collect_garbage() -> int:
    """Deletes the files of deleted objects; answers how many."""
    return garbage.collect()


@shared_task
def run_lifecycle() -> int:
    """Carries out lifecycle rules; answers how many rows changed."""
    return lifecycle.run()


@shared_task
def sweep_orphans() -> int:
    """Deletes what a crash left in the store; answers how many."""
    return garbage.sweep()


@shared_task
def work_on_job(pk: int) -> None:
    """Does a batch of a console's job, see `s3.jobs`."""
    jobs.work(pk)
