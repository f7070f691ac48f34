"""Housekeeping that Celery beat starts."""

from typing import Any

from celery import shared_task

from aws import client_tokens, events, lifecycle

BEAT: dict[str, dict[str, Any]] = {
    "sweep": {"task": "aws.tasks.sweep", "schedule": 15.0},
    "forget_old": {"task": "aws.tasks.forget_old", "schedule": 3600.0},
}


@shared_task
def sweep() -> int:
    """Re-queues work that is overdue: a lost message heals within a quarter of a minute."""
    return lifecycle.sweep()


@shared_task
def forget_old() -> dict[str, int]:
    """Ends the event history's 90 days and the client tokens' day."""
    return {"events": events.forget_old(), "client_tokens": client_tokens.forget_old()}
