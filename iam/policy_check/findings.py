"""One thing that the checks have to say about a policy text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.translation import gettext as _

from iam.policy import Position
from iam.policy.reader import Source
from iam.policy_check.messages import MESSAGES

MAX_SHOWN = 100


class FindingType(StrEnum):
    """In the order of the editor's tabs, spelled as IAM Access Analyzer's findingType."""

    SECURITY = "SECURITY_WARNING"
    ERROR = "ERROR"
    WARNING = "WARNING"
    SUGGESTION = "SUGGESTION"


@dataclass(frozen=True, slots=True)
class Remark:
    """What a check yields: a code of MESSAGES, the offsets it is about, words for its sentence."""

    code: str
    start: int
    end: int
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """A remark with its place: lines and columns are counted from 1, offsets from 0."""

    code: str
    start: Position
    end: Position
    offset: int
    values: Mapping[str, str]

    @property
    def type(self) -> FindingType:
        return FindingType(MESSAGES[self.code].type)

    @property
    def title(self) -> str:
        """In the active language."""
        return str(MESSAGES[self.code].title)

    @property
    def details(self) -> str:
        """In the active language."""
        return str(MESSAGES[self.code].details) % self.values


def located(remark: Remark, source: Source) -> Finding:
    start, end = source.position(remark.start), source.position(remark.end)
    return Finding(remark.code, start, end, remark.start, remark.values)


def did_you_mean(names: Sequence[str]) -> str:
    """The end of a sentence about an unknown name: "" or " Did you mean: …?"."""
    return " " + _("Did you mean: %(names)s?") % {"names": ", ".join(names)} if names else ""


def shortened(text: str) -> str:
    """What a sentence shows of a word from the document."""
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"
