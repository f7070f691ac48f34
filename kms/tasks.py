"""What workers do for KMS by the accounts' clocks."""

from typing import Any

from celery import shared_task

from kms import ageing

BEAT: dict[str, dict[str, Any]] = {
    "age_keys": {"task": "kms.tasks.age_keys", "schedule": 60.0},
}


@shared_task
def age_keys() -> int:
    """Deletes keys whose waiting period is over, and rotates those that are due."""
    return ageing.delete_due() + ageing.rotate_due()
