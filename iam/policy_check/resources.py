"""Resources: ARNs of no known form, and actions and resources that do not fit each other."""

import re
from collections.abc import Iterator

from iam import reference
from iam.arn_formats import matching_types, segments_of
from iam.drafts import DraftStatement, Word
from iam.policy.wildcards import ARN_SEGMENTS
from iam.policy_check.coverage import covers
from iam.policy_check.findings import Remark, shortened
from iam.reference import Action

MAX_COMPARED = 200  # ARNs, and actions
MAX_TYPES = 4  # that a sentence lists
_ACCOUNT = re.compile(r"\d{12}|aws|")


def remarks(statement: DraftStatement) -> Iterator[Remark]:
    resources = statement.resources[:MAX_COMPARED]
    for resource in resources:
        yield from _form(resource)
    yield from _redundant(resources)
    if resources and not (statement.is_negated("Resource") or statement.is_negated("Action")):
        yield from _fit(statement.actions[:MAX_COMPARED], resources)


def _form(resource: Word) -> Iterator[Remark]:
    if not _is_complete(resource.text):
        return  # "*", a shortened ARN, or the grammar's business
    _, _, prefix, _, account, _ = segments_of(resource.text)
    values = {"arn": shortened(resource.text), "hint": ""}
    if not reference.is_service(prefix):
        if "*" not in prefix:
            yield Remark("INVALID_ARN_SERVICE", resource.start, resource.end, values)
        return
    if not set(account) & set("*?") and not _ACCOUNT.fullmatch(account):
        yield Remark("INVALID_ARN_ACCOUNT", resource.start, resource.end, values)
    elif not matching_types(resource.text):
        service = reference.service(prefix)
        formats = [one.arn for one in service.resources.values()] if service else []
        values["hint"] = _formats(formats)
        yield Remark("INVALID_ARN_RESOURCE", resource.start, resource.end, values)


def _is_complete(arn: str) -> bool:
    return arn.startswith("arn:") and len(segments_of(arn)) == ARN_SEGMENTS


def _formats(formats: list[str]) -> str:
    """ " (arn:aws:s3:::${BucketName}, …)", to be read behind the ARN."""
    shown = [one.replace("${Partition}", "aws") for one in formats[:MAX_TYPES]]
    more = ["…"] if len(formats) > MAX_TYPES else []
    return f" ({', '.join([*shown, *more])})" if shown else ""


def _redundant(resources: tuple[Word, ...]) -> Iterator[Remark]:
    wide = [word for word in resources if "*" in word.text or "?" in word.text]
    first: dict[str, Word] = {}
    for word in resources:
        by = first.setdefault(word.text, word)
        if by is word:
            by = next((one for one in wide if _covers(one, word)), word)
        if by is not word:
            values = {"arn": shortened(word.text), "by": shortened(by.text)}
            yield Remark("REDUNDANT_RESOURCE", word.start, word.end, values)


def _covers(wide: Word, narrow: Word) -> bool:
    return wide.text != narrow.text and covers(wide.text, narrow.text, fold=False)


def _fit(actions: tuple[Word, ...], resources: tuple[Word, ...]) -> Iterator[Remark]:
    """What the actions need against what the resources can be, where both are known."""
    if any(not _is_complete(one.text) or segments_of(one.text)[2] == "*" for one in resources):
        return  # "*" and its like fit everything
    by_resource = {word: types_of(word.text) for word in resources}
    there = {one for types in by_resource.values() for one in types}
    used: set[tuple[str, str]] = set()
    all_known = True
    for word in actions:
        found = reference.matching_actions(word.text)
        if not found:
            all_known = False
            continue
        used |= {(one.service, use.name) for one in found for use in one.resources}
        if len(found) == 1:
            yield from _missing(word, found[0], there)
        elif not any(is_granted(one, there) for one in found):
            yield from _missing(
                word, next((one for one in found if one.resources), found[0]), there
            )
    for word, types in by_resource.items() if all_known else ():
        if types and not used.intersection(types):
            values = {"arn": shortened(word.text)}
            yield Remark("RESOURCE_WITHOUT_ACTION", word.start, word.end, values)


def types_of(arn: str) -> set[tuple[str, str]]:
    """(service, type) pairs. An ARN's service may be another than its actions' prefix."""
    return {(segments_of(arn)[2].lower(), name) for name in matching_types(arn)}


def _missing(word: Word, action: Action, there: set[tuple[str, str]]) -> Iterator[Remark]:
    values = {"action": shortened(word.text), "types": ""}
    if not action.resources:
        yield Remark("ACTION_WITHOUT_RESOURCE_TYPES", word.start, word.end, values)
        return
    if not is_granted(action, there):
        wanted = [use.name for use in action.resources]
        required = [use.name for use in action.resources if use.is_required]
        lacking = [name for name in required if (action.service, name) not in there] or wanted
        service = reference.service(action.service)
        formats = [service.resources[name].arn for name in lacking] if service else []
        values["types"] = ", ".join(lacking[:MAX_TYPES]) + _formats(formats)
        yield Remark("MISSING_RESOURCE_TYPE", word.start, word.end, values)


def is_granted(action: Action, there: set[tuple[str, str]]) -> bool:
    """Whether every required type is there, or one of them where none is required."""
    named = {(action.service, use.name) for use in action.resources}
    required = {(action.service, use.name) for use in action.resources if use.is_required}
    return required <= there and bool(named & there)
