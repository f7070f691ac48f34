"""Which context keys a policy asks about: GetContextKeysFor*Policy and the simulators.

AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForCustomPolicy.html
"""

from collections.abc import Iterable

from iam.policy.compile import CompiledPolicy, CompiledStatement, compile_policy
from iam.policy.document import Policy
from iam.policy.evaluate import Layer, Layers
from iam.policy.request import Frame, Request


def context_keys(policy: Policy | CompiledPolicy) -> set[str]:
    """Condition keys and policy variables as first written; case makes no second key."""
    compiled = compile_policy(policy) if isinstance(policy, Policy) else policy
    first_written: dict[str, str] = {}
    for statement in compiled.statements:
        for key, _ in _keys(statement):
            first_written.setdefault(key.lower(), key)
    return set(first_written.values())


def missing_context_keys(request: Request, layers: Layers) -> set[str]:
    """The keys which the statements about this request need and its context lacks.

    A statement is about the request if its principal, action and resource match, or if its
    resource cannot be known because it holds a variable without a value.
    """
    frame = Frame(request)
    missing: dict[str, str] = {}
    for statement in _statements(layers):
        if not _is_about(statement, frame):
            continue
        for key, is_required in _keys(statement):
            if is_required and key.lower() not in frame.context:
                missing.setdefault(key.lower(), key)
    return set(missing.values())


def _statements(layers: Layers) -> Iterable[CompiledStatement]:
    for layer in Layer:
        for attached in layers.of(layer) or ():
            yield from attached.policy.statements


def _is_about(statement: CompiledStatement, frame: Frame) -> bool:
    if not statement.action(frame.action):
        return False
    if statement.principal is not None and not statement.principal.grant(frame.principal):
        return False
    resource = statement.resource
    if resource is None or resource(frame):
        return True
    return any(variable.read(frame.context) is None for variable in resource.variables)


def _keys(statement: CompiledStatement) -> Iterable[tuple[str, bool]]:
    """Each key with whether it is required: a variable with a default is not."""
    for condition in statement.conditions:
        yield condition.element.key, True
        for variable in condition.variables:
            yield variable.key, variable.default is None
    for variable in statement.resource.variables if statement.resource else ():
        yield variable.key, variable.default is None
