"""What EC2's workers do: end what operations began. Tasks take primary keys and may run twice."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.db import transaction

from aws import clock
from aws.lifecycle import move
from aws.models import Account
from ec2 import instance_life, runtime
from ec2.models import Instance, Volume

# AWS shows a terminated instance for about an hour.
REMEMBERED = timedelta(hours=1)
BEAT: dict[str, dict[str, Any]] = {
    "forget_terminated": {"task": "ec2.tasks.forget_terminated", "schedule": 60.0},
}


@shared_task
def finish_instance(pk: int) -> None:
    """Ends "pending", "stopping" or "shutting-down"; in any other state there is nothing to do."""
    instance = Instance.objects.filter(pk=pk).first()
    if instance is not None and (finish := _FINISH.get(instance.state)):
        finish(instance)


@shared_task
def finish_volume(pk: int) -> None:
    """A "creating" volume is there, a "deleting" one is gone."""
    volume = Volume.objects.filter(pk=pk).first()
    if volume is None:
        return
    if volume.state == "creating":
        move(volume, to="available")
    elif volume.state == "deleting":
        volume.delete()


@shared_task
def forget_terminated() -> int:
    """Takes instances from the list an hour after their end, by their accounts' clocks."""
    gone = 0
    for account in Account.objects.filter(
        pk__in=Instance.objects.filter(state="terminated").values("account")
    ):
        before = account.now - REMEMBERED
        old = Instance.objects.filter(account=account, state="terminated", terminated_at__lt=before)
        gone += old.delete()[0]
    return gone


def _start(instance: Instance) -> None:
    runtime.of(instance).start(instance)
    move(instance, to="running")


def _stop(instance: Instance) -> None:
    runtime.of(instance).stop(instance)
    with transaction.atomic():
        if move(instance, to="stopped"):
            instance_life.take_public_addresses(instance)


def _terminate(instance: Instance) -> None:
    runtime.of(instance).terminate(instance)
    with transaction.atomic():
        instance_life.let_go(instance)
        now = clock.now(instance.account.clock_offset)
        move(instance, to="terminated", terminated_at=now, subnet=None, vpc=None)


_FINISH: dict[str, Callable[[Instance], None]] = {
    "pending": _start,
    "stopping": _stop,
    "shutting-down": _terminate,
}
