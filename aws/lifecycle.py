"""The life of things: state tables, `move`, and the sweep that heals lost messages.

A model with a life inherits `Living` and declares `LIFE`. Only `move` writes its state. A
transitional state is one that a worker owes an end: it has a duration, and `due_at` says when the
worker's task should be asked again if nothing happened.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from celery import current_app
from django.apps import apps
from django.conf import settings
from django.db import models, transaction

from aws import clock
from aws.models import StateChange

# How long a sweep waits beyond a state's own duration before it asks again.
GRACE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long a transitional state is visible, in seconds, by LAB_PACE; instant is 0."""

    classroom: float
    realistic: float

    @property
    def seconds(self) -> float:
        paces = {"instant": 0.0, "classroom": self.classroom, "realistic": self.realistic}
        return paces[settings.LAB_PACE]


@dataclass(frozen=True)
class Life:
    """transitions: state → states it may become. transitional: state → how long it lasts.

    task: name of the Celery task that takes a row's primary key and ends its transitional state.
    """

    transitions: Mapping[str, frozenset[str]]
    transitional: Mapping[str, Lasting] = field(default_factory=dict)
    task: str = ""

    def allows(self, old: str, new: str) -> bool:
        return new in self.transitions.get(old, frozenset())


class Living(models.Model):
    """A row with a life. state: as AWS spells it. due_at: machine time, set while changing."""

    state = models.CharField(max_length=40)
    due_at = models.DateTimeField(null=True, blank=True, db_index=True)

    LIFE: ClassVar[Life]

    class Meta:
        abstract = True

    @property
    def is_changing(self) -> bool:
        return self.state in self.LIFE.transitional


class IllegalTransition(ValueError):
    """A programming error: operations check the state and answer AWS's code before they move."""


def begin(row: Living) -> None:
    """Queues the work owed to a row just created in a transitional state."""
    row.due_at = _due_at(row.LIFE, row.state)
    row.save(update_fields=["due_at"])
    _queue(row)


def move(row: Living, *, to: str, reason: str = "", by: str = "", **changes: Any) -> bool:
    """Changes a row's state, if it still has the state that `row` was read with.

    changes: other columns written by the same UPDATE. Answers False, and changes nothing, when
    somebody else was faster. Raises IllegalTransition for a pair that LIFE does not list.
    """
    old, life = row.state, row.LIFE
    if not life.allows(old, to):
        raise IllegalTransition(f"{row._meta.label} cannot go from {old!r} to {to!r}")
    changes |= {"state": to, "due_at": _due_at(life, to)}
    with transaction.atomic():
        same_state = type(row)._default_manager.filter(pk=row.pk, state=old)
        if not same_state.update(**changes):
            return False
        StateChange.objects.create(
            account_id=getattr(row, "account_id", ""),
            model=row._meta.label_lower,
            object_pk=str(row.pk),
            old=old,
            new=to,
            reason=reason,
            by=by,
            at=clock.real_now(),
        )
        for name, value in changes.items():
            setattr(row, name, value)
        if to in life.transitional:
            _queue(row)
    return True


def sweep() -> int:
    """Asks again for every overdue row of every living model; answers how many.

    Tasks are idempotent, so asking twice does no harm. Reading never changes a state.
    """
    overdue, now = 0, clock.real_now()
    for model in living_models():
        for row in model._default_manager.filter(due_at__lt=now - GRACE)[:1000]:
            # Not asked again before another grace period has passed.
            row.due_at = now
            row.save(update_fields=["due_at"])
            _queue(row, countdown=0)
            overdue += 1
    return overdue


def living_models() -> Iterator[type[Living]]:
    for model in apps.get_models():
        if issubclass(model, Living):
            yield model


def _due_at(life: Life, state: str) -> Any:
    lasting = life.transitional.get(state)
    return None if lasting is None else clock.real_now() + timedelta(seconds=lasting.seconds)


def _queue(row: Living, countdown: float | None = None) -> None:
    """On commit, so that no worker looks for a row that is not there yet."""
    seconds = row.LIFE.transitional[row.state].seconds if countdown is None else countdown
    task, pk = row.LIFE.task, row.pk
    transaction.on_commit(lambda: current_app.send_task(task, args=[pk], countdown=seconds))
