"""The document as a whole: version, ids, statements that another one already says."""

import json
from collections.abc import Iterator

from iam.drafts import Draft, DraftStatement
from iam.policy import PolicyKind
from iam.policy.parse import VERSIONS
from iam.policy.reader import Node, Number
from iam.policy_check.coverage import covers
from iam.policy_check.findings import Remark

MAX_COMPARED = 60  # statements: each is compared with each


def remarks(draft: Draft, kind: PolicyKind) -> Iterator[Remark]:
    yield from _version(draft, kind)
    for statement in draft.statements:
        yield from _sid(statement)
    yield from _redundant(draft)


def _version(draft: Draft, kind: PolicyKind) -> Iterator[Remark]:
    if kind is PolicyKind.IDENTITY:
        return  # there it is an error
    node = draft.members.get("Version")
    if node is None:
        yield Remark("MISSING_VERSION", draft.root.start, draft.root.start + 1)
    elif node.value == VERSIONS[1]:
        yield Remark("OLD_VERSION", node.start, node.end)


def _sid(statement: DraftStatement) -> Iterator[Remark]:
    node = statement.members.get("Sid")
    if node is not None and node.value == "":
        yield Remark("EMPTY_SID_VALUE", node.start, node.end)


def _redundant(draft: Draft) -> Iterator[Remark]:
    """Of two equal statements, the later is the superfluous one."""
    known = draft.statements[:MAX_COMPARED]
    superfluous: set[int] = set()
    for one in reversed(known):
        for other in known:
            if other is one or other.index in superfluous or not _says_all_of(other, one):
                continue
            superfluous.add(one.index)
            values = {"number": str(other.index + 1)}
            yield Remark("REDUNDANT_STATEMENT", one.node.start, one.node.end, values)
            break


def _says_all_of(other: DraftStatement, one: DraftStatement) -> bool:
    same = ("Effect", "Principal", "NotPrincipal", "Condition")
    if any(_plain(other.members.get(name)) != _plain(one.members.get(name)) for name in same):
        return False
    return all(_covers_element(other, one, name) for name in ("Action", "Resource"))


def _covers_element(other: DraftStatement, one: DraftStatement, name: str) -> bool:
    if other.is_negated(name) or one.is_negated(name):
        element = other.element(name)
        same = _plain(other.members.get(element)) == _plain(one.members.get(element))
        return same and element == one.element(name)
    wide = [word.text for word in other.words(name)]
    narrow = [word.text for word in one.words(name)]
    if not narrow and name not in one.members:
        return name not in other.members  # a trust policy
    fold = name == "Action"
    return bool(narrow) and all(any(covers(w, n, fold=fold) for w in wide) for n in narrow)


def _plain(node: Node | None) -> str:
    """The value as canonical JSON, a single string as a list of one."""
    return json.dumps(_value(node), sort_keys=True)


def _value(node: Node | None) -> object:
    if node is None:
        return None
    if isinstance(node.value, dict):
        return {key: _value(member) for key, member in node.value.items()}
    if isinstance(node.value, list):
        return [_value(member) for member in node.value]
    return [node.value.text] if isinstance(node.value, Number) else [node.value]
