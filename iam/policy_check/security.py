"""Security warnings: what allows more than people usually mean."""

from collections.abc import Iterator

from iam import reference
from iam.drafts import DraftCondition, DraftStatement, Word
from iam.policy import PolicyKind
from iam.policy.conditions import FOR_ALL
from iam.policy_check.coverage import covers
from iam.policy_check.findings import Remark, shortened

PASS_ROLE = "iam:PassRole"  # noqa: S105 - an action


def remarks(statement: DraftStatement, kind: PolicyKind) -> Iterator[Remark]:
    if kind is not PolicyKind.IDENTITY:
        yield from _principals(statement)
    if not statement.is_allow:
        return
    yield from _negations(statement)
    yield from _stars(statement)
    for condition in statement.conditions:
        yield from _for_all_values(condition)


def _principals(statement: DraftStatement) -> Iterator[Remark]:
    element = statement.element("Principal")
    start = statement.node.keys.get(element)
    if start is None:
        return
    end = start + len(element) + 2
    if element == "NotPrincipal":
        code = "ALLOW_WITH_NOT_PRINCIPAL" if statement.is_allow else "DENY_WITH_NOT_PRINCIPAL"
        yield Remark(code, start, end)
        return
    everyone = [
        word for kind, word in statement.principals if word.text == "*" and kind != "Service"
    ]
    if everyone and statement.is_allow and not statement.conditions:
        yield Remark("PRINCIPAL_STAR_WITHOUT_CONDITION", everyone[0].start, everyone[0].end)


def _negations(statement: DraftStatement) -> Iterator[Remark]:
    for name in ("NotAction", "NotResource"):
        start = statement.node.keys.get(name)
        if start is not None:
            code = "ALLOW_WITH_NOT_ACTION" if name == "NotAction" else "ALLOW_WITH_NOT_RESOURCE"
            yield Remark(code, start, start + len(name) + 2)


def _stars(statement: DraftStatement) -> Iterator[Remark]:
    """Everything on everything, or any role to any service."""
    everywhere = _any_resource(statement)
    excluded = statement.is_negated("Resource")
    if statement.is_negated("Action") or not (everywhere or excluded):
        return
    for action in statement.actions:
        if action.text == "*" and everywhere and not statement.conditions:
            yield Remark("ALLOW_STAR_ACTION_AND_RESOURCE", action.start, action.end)
        elif covers(action.text, PASS_ROLE, fold=True) and not _names_service(statement):
            yield _pass_role(action, excluded=excluded)


def _any_resource(statement: DraftStatement) -> bool:
    if statement.is_negated("Resource"):
        return False
    return any(word.text in ("*", "arn:aws:iam::*:role/*") for word in statement.resources)


def _names_service(statement: DraftStatement) -> bool:
    keys = {condition.key.text.lower() for condition in statement.conditions}
    return bool(keys & {"iam:passedtoservice", "iam:associatedresourcearn"})


def _pass_role(action: Word, *, excluded: bool) -> Remark:
    if excluded:
        return Remark("PASS_ROLE_WITH_NOT_RESOURCE", action.start, action.end)
    if action.text.lower() == PASS_ROLE.lower():
        return Remark("PASS_ROLE_WITH_STAR_IN_RESOURCE", action.start, action.end)
    values = {"action": shortened(action.text)}
    code = "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE"
    return Remark(code, action.start, action.end, values)


def _for_all_values(condition: DraftCondition) -> Iterator[Remark]:
    if not condition.operator.text.startswith(FOR_ALL):
        return
    key = reference.condition_key(condition.key.text)
    if key is not None and not key.is_multivalued:
        values = {"key": shortened(condition.key.text)}
        place = condition.operator
        yield Remark("FORALLVALUES_WITH_SINGLE_VALUED_KEY", place.start, place.end, values)
