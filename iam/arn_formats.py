"""Whether an ARN pattern of a policy can mean a resource of some type.

Both sides are patterns: "arn:aws:s3:::photos/*" against "arn:${Partition}:s3:::${BucketName}". They
fit if some ARN matches both.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from iam import reference
from iam.policy.wildcards import ARN_SEGMENTS, compile_glob, pieces_of
from iam.reference import CACHED_SERVICES

MAX_ARN = 400  # characters; what is longer is taken to fit
RUN, ONE = "*", "?"
_VARIABLE = re.compile(r"\$\{[^}]*\}")


def segments_of(arn: str) -> list[str]:
    """The six parts of an ARN pattern, policy variables as "*"; fewer if it is shortened."""
    return _VARIABLE.sub(RUN, arn).split(":", ARN_SEGMENTS - 1)


@lru_cache(maxsize=2048)
def matching_types(arn: str) -> tuple[str, ...]:
    """The resource types, of the ARN's own service, that an ARN pattern can mean."""
    segments = segments_of(arn)
    if len(segments) < ARN_SEGMENTS:
        return ()
    formats = _formats(segments[2].lower())
    if len(arn) > MAX_ARN:
        return tuple(formats)
    return tuple(
        name
        for name, known in formats.items()
        if known.has_head(segments[:-1]) and known.overlaps(segments[-1])
    )


@lru_cache(maxsize=CACHED_SERVICES)
def _formats(prefix: str) -> Mapping[str, "Format"]:
    """The formats of a service's types, by name.

    A format's last field has no "/" where another type's ARN goes on with one: a bucket's name ends
    where its objects begin.
    """
    service = reference.service(prefix)
    arns = {name: one.arn for name, one in service.resources.items()} if service else {}
    return {
        name: Format(arn, is_open=not any(other.startswith(f"{arn}/") for other in arns.values()))
        for name, arn in arns.items()
    }


class Format:
    """A type's ARN. The resource part is followed in all ways at once: a set of places in it is an
    int's bits. is_open: its last field may have a "/".
    """

    def __init__(self, arn: str, *, is_open: bool = True) -> None:
        *self._head, resource = arn.split(":", ARN_SEGMENTS - 1)
        tokens = _VARIABLE.sub(RUN, resource)
        self._end = 1 << len(tokens)
        self._runs = _places(tokens, RUN)
        self._slashed_runs = self._runs if is_open else self._runs & ~(self._end >> 1)
        self._literals = {token: _places(tokens, token) for token in set(tokens) - {RUN}}

    def has_head(self, written: Sequence[str]) -> bool:
        """Whether partition, service, region and account fit. A field of a format is not empty."""
        return all(
            bool(mine) if "${" in known else mine == known or bool(mine) and _glob(mine, known)
            for mine, known in zip(written, self._head, strict=True)
        )

    def overlaps(self, written: str) -> bool:
        """Whether some text matches this resource part and the pattern of a policy."""
        places = self._skip_runs(1)
        for char in written:
            if char == RUN:
                places = (self._end << 1) - (places & -places)
            else:
                places = self._step(places, char)
            if not places:
                return False
        return bool(places & self._end)

    def _step(self, places: int, char: str) -> int:
        """The places after one more character."""
        if char != ONE:
            runs = self._slashed_runs if char == "/" else self._runs
            places &= self._literals.get(char, 0) | runs
        within = places & self._runs
        return self._skip_runs(within | (places & ~self._runs & ~self._end) << 1)

    def _skip_runs(self, places: int) -> int:
        """A run may be empty."""
        while (more := places | (places & self._runs) << 1) != places:
            places = more
        return places


def _places(tokens: str, wanted: str) -> int:
    return sum(1 << place for place, token in enumerate(tokens) if token == wanted)


def _glob(pattern: str, text: str) -> bool:
    return compile_glob(pieces_of(pattern))(text)
