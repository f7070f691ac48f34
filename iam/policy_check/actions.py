"""Actions: names that AWS does not know, and those that another one covers."""

from collections.abc import Iterator

from iam import reference
from iam.drafts import DraftStatement, Word
from iam.policy_check.coverage import covers
from iam.policy_check.findings import Remark, did_you_mean, shortened

MAX_COMPARED = 400  # patterns and names; a policy at its limit has some 300


def remarks(statement: DraftStatement) -> Iterator[Remark]:
    for action in statement.actions:
        yield from _unknown(action)
    yield from _redundant(statement.actions)


def _unknown(action: Word) -> Iterator[Remark]:
    prefix, colon, name = action.text.partition(":")
    if not colon or not name or "*" in prefix or "?" in prefix:
        return  # the grammar says so
    if not reference.is_service(prefix):
        hint = did_you_mean(reference.similar_services(prefix))
        values = {"service": shortened(prefix), "hint": hint}
        yield Remark("INVALID_SERVICE_IN_ACTION", action.start, action.end, values)
    elif name != "*" and not reference.matching_actions(action.text):
        values = {"action": shortened(action.text), "hint": ""}
        if "*" in name or "?" in name:
            yield Remark("PATTERN_WITHOUT_ACTION", action.start, action.end, values)
            return
        values["hint"] = did_you_mean(reference.similar_actions(action.text))
        yield Remark("INVALID_ACTION", action.start, action.end, values)


def _redundant(actions: tuple[Word, ...]) -> Iterator[Remark]:
    known = actions[:MAX_COMPARED]
    wide = [word for word in known if "*" in word.text or "?" in word.text]
    first: dict[str, Word] = {}
    for word in known:
        by = first.setdefault(word.text.lower(), word)
        if by is word:
            by = next((one for one in wide if one is not word and _covers(one, word)), word)
        if by is not word:
            values = {"action": shortened(word.text), "by": shortened(by.text)}
            yield Remark("REDUNDANT_ACTION", word.start, word.end, values)


def _covers(wide: Word, narrow: Word) -> bool:
    same = wide.text.lower() == narrow.text.lower()
    return not same and covers(wide.text, narrow.text, fold=True)
