"""Conditions: unknown keys, operators and values of another type, variables that are none."""

import re
from collections.abc import Iterator

from iam import reference
from iam.drafts import DraftCondition, DraftStatement, Word
from iam.policy import comparisons
from iam.policy.conditions import NULL, OperatorName, parse_operator
from iam.policy_check.findings import Remark, did_you_mean, shortened
from iam.reference import ConditionKey

_TYPES = {"String": "String", "Arn": "ARN", "Numeric": "Numeric", "Date": "Date", "Bool": "Bool"}
_TYPES |= {"Binary": "Binary", "IpAddress": "IPAddress", "NotIpAddress": "IPAddress"}
_FAMILY = re.compile(r"NotIpAddress|IpAddress|String|Arn|Numeric|Date|Bool|Binary")
# Types whose values are also text in the same form, or which AWS writes in two forms.
_ALSO = {("String", "ARN"), ("ARN", "String"), ("Numeric", "Date"), ("String", "Binary")}
_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_OPEN_VARIABLE = re.compile(r"\$\{[^{}]*$")
_CHARACTERS = {"*", "?", "$"}  # ${*} is a star that is no wildcard


def remarks(statement: DraftStatement, version: str) -> Iterator[Remark]:
    block = statement.members.get("Condition")
    if block is not None and block.value == {}:
        yield Remark("EMPTY_OBJECT_CONDITION", block.start, block.end)
    for condition in statement.conditions:
        name = parse_operator(condition.operator.text)
        key = _find_key(statement, condition.key.text)
        yield from _key(statement, condition, key)
        yield from _values(condition)
        if name is not None and name.base != NULL:
            yield from _operator(condition, name, key)
    yield from _same_key(statement.conditions)
    yield from _variables(statement, version)


def _find_key(statement: DraftStatement, name: str) -> ConditionKey | None:
    """Some services know keys of another prefix: sts knows "accounts.google.com:aud"."""
    found = reference.condition_key(name)
    for prefix in sorted({word.text.partition(":")[0] for word in statement.actions}):
        service = reference.service(prefix)
        if found is None and service is not None:
            found = service.condition_keys.find(name)
    return found


def _key(
    statement: DraftStatement, condition: DraftCondition, key: ConditionKey | None
) -> Iterator[Remark]:
    word = condition.key
    prefix, colon, _ = word.text.partition(":")
    if not colon:
        return  # the grammar says so
    if key is not None:
        if not _is_supported(statement, word.text):
            values = {"key": shortened(word.text)}
            yield Remark("UNSUPPORTED_CONDITION_KEY", word.start, word.end, values)
        return
    is_global = prefix.lower() == "aws"
    service = reference.service(prefix)
    known = reference.global_keys() if is_global else service.condition_keys if service else None
    hint = did_you_mean(known.similar(word.text)) if known else ""
    code = "INVALID_GLOBAL_CONDITION_KEY" if is_global else "INVALID_SERVICE_CONDITION_KEY"
    yield Remark(code, word.start, word.end, {"key": shortened(word.text), "hint": hint})


def _is_supported(statement: DraftStatement, key: str) -> bool:
    """Whether any action of the statement has the key; True where that cannot be told."""
    if reference.global_keys().find(key) or statement.is_negated("Action"):
        return True
    if any(word.text == "*" for word in statement.actions):
        return True
    prefixes = {word.text.partition(":")[0].lower() for word in statement.actions}
    if not all(map(reference.is_service, prefixes)):
        return True
    return any(
        reference.supports(action, key)
        for word in statement.actions
        for action in reference.matching_actions(word.text)
    )


def _values(condition: DraftCondition) -> Iterator[Remark]:
    if condition.node.value == []:
        values = {"key": shortened(condition.key.text)}
        yield Remark("EMPTY_ARRAY_CONDITION", condition.node.start, condition.node.end, values)
    seen: set[str] = set()
    for word in condition.values:
        if word.text in seen:
            values = {"value": shortened(word.text)}
            yield Remark("REDUNDANT_CONDITION_VALUE", word.start, word.end, values)
        seen.add(word.text)


def _operator(
    condition: DraftCondition, name: OperatorName, key: ConditionKey | None
) -> Iterator[Remark]:
    place, written = condition.operator, {"operator": condition.operator.text}
    if key is not None:
        values = {**written, "key": shortened(condition.key.text), "type": key.base_type}
        if key.is_multivalued and not name.quantifier:
            yield Remark("MISSING_QUALIFIER", place.start, place.end, values)
        wanted = _TYPES[_family(name.base)]
        if wanted != key.base_type and (wanted, key.base_type) not in _ALSO:
            yield Remark("TYPE_MISMATCH", place.start, place.end, values)
    for word in condition.values:
        if "${" in word.text:
            continue
        values = {**written, "value": shortened(word.text)}
        if not _is_comparable(name.base, word.text):
            yield Remark("TYPE_MISMATCH_VALUE", word.start, word.end, values)
        elif _has_idle_wildcard(name.base, word.text):
            yield Remark("WILDCARD_WITHOUT_LIKE_OPERATOR", word.start, word.end, values)


def _family(base: str) -> str:
    match = _FAMILY.match(base)
    return match.group() if match else "String"


def _is_comparable(base: str, value: str) -> bool:
    family = _family(base)
    if family == "Numeric":
        return comparisons.number(value) is not None
    if family == "Date":
        return comparisons.moment(value) is not None
    if family == "Bool":
        return value.lower() in ("true", "false")
    if family == "Arn":
        return value == "*" or value.count(":") >= 5
    if family.endswith("IpAddress"):
        return comparisons.is_network(value)
    return True


def _has_idle_wildcard(base: str, value: str) -> bool:
    is_exact = base.startswith("String") and "Like" not in base
    return is_exact and ("*" in value or "?" in value)


def _same_key(conditions: tuple[DraftCondition, ...]) -> Iterator[Remark]:
    seen: dict[tuple[str, str], str] = {}
    for condition in conditions:
        word = condition.key
        where = (condition.operator.text, word.text.lower())
        if seen.setdefault(where, word.text) != word.text:
            values = {"key": shortened(word.text)}
            yield Remark("DUPLICATE_KEYS_WITH_DIFFERENT_CASE", word.start, word.end, values)


def _variables(statement: DraftStatement, version: str) -> Iterator[Remark]:
    compared = [word for condition in statement.conditions for word in condition.values]
    for word in [*statement.resources, *compared]:
        if opened := _OPEN_VARIABLE.search(word.text):
            values = {"variable": shortened(opened.group())}
            yield Remark("MISSING_BRACE_IN_VARIABLE", word.start, word.end, values)
        for written in _VARIABLE.findall(word.text):
            yield from _variable(word, written, version)


def _variable(word: Word, written: str, version: str) -> Iterator[Remark]:
    shown = shortened("${" + written + "}")
    if version != "2012-10-17":
        values = {"variable": shown}
        yield Remark("VARIABLE_UNSUPPORTED_IN_VERSION", word.start, word.end, values)
        return
    name = written.partition(",")[0].strip()
    if name in _CHARACTERS or reference.condition_key(name):
        return
    hint = did_you_mean(reference.global_keys().similar(name))
    values = {"variable": shown, "hint": hint}
    yield Remark("UNKNOWN_POLICY_VARIABLE", word.start, word.end, values)
