"""Whether one pattern takes in all of another."""

from functools import lru_cache

from iam.policy.wildcards import Matcher, compile_glob, pieces_of


def covers(wide: str, narrow: str, *, fold: bool) -> bool:
    """True only where it is sure. fold: the case of letters does not matter."""
    if fold:
        wide, narrow = wide.lower(), narrow.lower()
    if wide == narrow or wide == "*":
        return True
    if "*" not in wide and "?" not in wide:
        return False
    if "${" in wide or ("?" in wide and "*" in narrow):
        return False  # a variable may be anything, and one character is not any run of them
    return _matcher(wide)(narrow)


@lru_cache(maxsize=1024)
def _matcher(pattern: str) -> Matcher:
    return compile_glob(pieces_of(pattern))
