"""Business time. An account can be ahead of real time, so that a lab can fast-forward 30 days."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)


def now(offset: timedelta = timedelta()) -> datetime:
    """Aware UTC time for an account whose clock runs `offset` ahead."""
    return real_now() + offset


def real_now() -> datetime:
    """Aware UTC time of the machine: for signatures, sessions and sweeps, never for business."""
    return _frozen.get() or datetime.now(UTC)


@contextmanager
def freeze(moment: datetime) -> Iterator[None]:
    """Holds the clock still in the current thread: for tests."""
    token = _frozen.set(moment)
    try:
        yield
    finally:
        _frozen.reset(token)


def isoformat(moment: datetime) -> str:
    """2026-11-23T14:05:09Z, as AWS prints times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
