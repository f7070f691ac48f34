"""Guesses are counted, so that a password or a six-digit code cannot be tried a million times."""

from contextlib import suppress
from dataclasses import dataclass

from django.core.cache import cache


@dataclass(frozen=True)
class Attempts:
    """At most `limit` tries in `seconds`, counted apart for each `who`; a success forgets them.

    The count begins with the first try. Without Redis every try passes, as in `aws.wire.throttle`.
    """

    purpose: str
    limit: int
    seconds: int

    def take(self, who: str) -> bool:
        """Counts a try before it is made, so that tries at the same moment count too."""
        key = self._key(who)
        cache.add(key, 0, self.seconds)
        try:
            count = cache.incr(key)
        except ValueError:  # the count ended between the two calls
            return True
        return count is None or count <= self.limit

    def are_used_up(self, who: str) -> bool:
        return (cache.get(self._key(who)) or 0) >= self.limit

    def give_back(self, who: str) -> None:
        """A try that turned out right, where it must not forget the wrong ones of others."""
        with suppress(ValueError):  # the count ended meanwhile
            cache.decr(self._key(who))

    def forget(self, who: str) -> None:
        cache.delete(self._key(who))

    def _key(self, who: str) -> str:
        return f"attempts:{self.purpose}:{who}"
