"""Parts of a page that the principal may not read: the rest is shown, and the part says why."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from aws.errors import Denied
from console.middleware import denied_link

T = TypeVar("T")


@dataclass(frozen=True)
class Readable(Generic[T]):
    """value: what was read. error: the denial instead; why: where it is explained."""

    value: T | None = None
    error: Denied | None = None

    @property
    def why(self) -> str:
        return denied_link(self.error) if self.error else ""


def section(read: Callable[[], T]) -> Readable[T]:
    """For templates: `{% if keys.error %}{% include "components/denied.html" %}{% else %}…`."""
    try:
        return Readable(read())
    except Denied as error:
        return Readable(error=error)
