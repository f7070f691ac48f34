"""Every operation of the registry, as a stranger to permission and as another account."""

import inspect
from typing import Any

import pytest

from aws.errors import AwsError, Denied
from aws.models import Event
from aws.operation import Operation, offered
from iam.models import User
from tests.factories import ctx_for
from tests.samples import arguments_for

OPERATIONS = offered()
# AWS: "no permissions are required" to call these.
PUBLIC = {
    "sts:GetCallerIdentity",
    "sts:GetSessionToken",
}
by_action = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda op: op.action)


@by_action
def test_it_denies_a_principal_without_policies(operation: Operation[Any], nobody: User) -> None:
    if operation.action in PUBLIC:
        assert operation.is_public
        return
    with pytest.raises(Denied) as denied:
        operation(ctx_for(nobody), **arguments_for(operation))
    if operation.is_data:
        assert not Event.objects.exists()
        return
    event = Event.objects.get(event_name=operation.name)
    assert event.error_code == denied.value.code
    assert event.explanation is not None


@by_action
def test_a_denial_says_nothing_about_what_exists(
    operation: Operation[Any], nobody: User, alice: User
) -> None:
    """The same words whether the named user exists or not."""
    arguments = arguments_for(operation)
    if "user_name" not in arguments or operation.is_public:
        return
    messages = set()
    for name in ("alice", "zalice"):
        with pytest.raises(Denied) as denied:
            operation(ctx_for(nobody), **(arguments | {"user_name": name}))
        messages.add(denied.value.message.replace(name, "NAME"))
    assert len(messages) == 1


@by_action
def test_another_account_sees_nothing(
    operation: Operation[Any], alice: User, mallory: User
) -> None:
    """An administrator elsewhere, with alice's names and ARNs: AWS's refusal, or an answer
    without a word about alice's account."""
    arguments = arguments_for(operation)
    for name in ("user_name", "group_name", "role_name"):
        if name in arguments:
            arguments[name] = "alice"
    try:
        answer = operation(ctx_for(mallory), **arguments)
    except AwsError as error:
        assert (
            "because" not in error.message
            or alice.account_id not in error.message.split("because")[-1]
        )
        return
    assert alice.account_id not in str(answer).replace(str(arguments), "")


@by_action
def test_it_takes_every_member_of_awss_request(operation: Operation[Any]) -> None:
    """What it does not use as well: AWS adds members, and an unknown argument would be a 500."""
    parameters = inspect.signature(operation.function).parameters.values()
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        assert operation.members.keys() <= {parameter.name for parameter in parameters}


def test_the_registry_is_full() -> None:
    assert {"CreateUser", "ListUsers"} <= {op.name for op in OPERATIONS}


@by_action
def test_its_docstring_teaches(operation: Operation[Any]) -> None:
    assert operation.__doc__, operation.action
    assert "docs.aws.amazon.com" in operation.__doc__, f"{operation.action} names no source"
