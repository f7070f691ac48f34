"""What workers do for S3 by the clock."""

from typing import Any

from celery import shared_task

from s3 import access_logs, garbage, inventory, jobs, lifecycle, metrics, replication, restores
from s3 import emptying as emptying  # noqa: PLC0414 - registers its step
from s3 import existing as existing  # noqa: PLC0414 - registers its step
from s3 import object_jobs as object_jobs  # noqa: PLC0414 - registers its steps
from s3 import recovery as recovery  # noqa: PLC0414 - registers its step
from s3 import unzipping as unzipping  # noqa: PLC0414 - registers its step

BEAT: dict[str, dict[str, Any]] = {
    "collect_garbage": {"task": "s3.tasks.collect_garbage", "schedule": 10.0},
    "end_restores": {"task": "s3.tasks.end_restores", "schedule": 10.0},
    "run_lifecycle": {"task": "s3.tasks.run_lifecycle", "schedule": 60.0},
    "deliver_access_logs": {"task": "s3.tasks.deliver_access_logs", "schedule": 60.0},
    "run_inventory": {"task": "s3.tasks.run_inventory", "schedule": 60.0},
    "measure_storage": {"task": "s3.tasks.measure_storage", "schedule": 3600.0},
    "sweep_orphans": {"task": "s3.tasks.sweep_orphans", "schedule": 6 * 3600.0},
}


@shared_task
def collect_garbage() -> int:
    """Deletes the files of deleted objects; answers how many."""
    return garbage.collect()


@shared_task
def end_restores() -> int:
    """Tells of restores that are complete or have expired; answers how many."""
    return restores.run()


@shared_task
def run_lifecycle() -> int:
    """Carries out lifecycle rules; answers how many rows changed."""
    return lifecycle.run()


@shared_task
def sweep_orphans() -> int:
    """Deletes what a crash left in the store; answers how many."""
    return garbage.sweep()


@shared_task
def replicate(pk: int) -> None:
    """Pays what a version owes another bucket, see `s3.replication`."""
    replication.work(pk)


@shared_task
def work_on_job(pk: int) -> None:
    """Does a batch of a console's job, see `s3.jobs`."""
    jobs.work(pk)


@shared_task
def deliver_access_logs() -> int:
    """Puts server access logs into their target buckets; answers how many lines."""
    return access_logs.deliver()


@shared_task
def measure_storage() -> int:
    """Writes down what buckets hold today, and forgets old metrics; answers how many rows."""
    metrics.forget_old()
    return metrics.measure()


@shared_task
def run_inventory() -> int:
    """Writes the inventory reports that are due; answers how many."""
    return inventory.run()
