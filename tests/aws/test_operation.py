"""The one door: permission, transaction, dry run, idempotency, event."""

from typing import Any
from unittest import mock

import pytest

from aws import operation as kernel
from aws.context import Context
from aws.errors import AccessDenied, AwsError, IdempotentParameterMismatch
from aws.models import Event
from aws.operation import PermissionNotAsked, find, operation
from iam.models import User
from iam.operations import create_user, get_user, list_users
from tests.factories import ctx_for


@pytest.fixture
def registry() -> Any:
    """A registry that a test may add to."""
    with mock.patch.dict(kernel._registry):
        yield


def test_it_answers_in_aws_words_and_records_the_call(ctx: Context) -> None:
    answer = create_user(ctx, user_name="carol", path="/staff/")

    assert answer["User"]["Arn"] == "arn:aws:iam::111122223333:user/staff/carol"
    event: Any = Event.objects.get()
    assert (event.event_name, event.user_name, event.error_code) == ("CreateUser", "alice", "")
    assert event.request_parameters == {"userName": "carol", "path": "/staff/"}
    assert event.response_elements["user"]["userName"] == "carol"
    assert event.resources[0]["type"] == "AWS::IAM::User"
    assert event.read_only is False


def test_a_denied_call_changes_nothing_and_is_recorded_with_its_explanation(bob: User) -> None:
    ctx = ctx_for(bob)

    with pytest.raises(AccessDenied) as denied:
        create_user(ctx, user_name="carol")

    assert denied.value.message == (
        "User: arn:aws:iam::111122223333:user/bob is not authorized to perform: iam:CreateUser "
        "on resource: arn:aws:iam::111122223333:user/carol because no identity-based policy "
        "allows the iam:CreateUser action"
    )
    assert not User.objects.filter(user_name="carol").exists()
    event = Event.objects.get()
    assert event.error_code == "AccessDenied"
    assert event.explanation
    assert denied.value.fields["event_id"] == event.event_id


def test_reads_are_recorded_without_their_answers(ctx: Context) -> None:
    list_users(ctx)

    event = Event.objects.get()
    assert event.read_only is True
    assert event.response_elements is None


def test_it_refuses_to_answer_when_nobody_asked_for_permission(
    ctx: Context, registry: None
) -> None:
    @operation("iam:GetSSHPublicKey")
    def forgetful(ctx: Context, /, *, user_name: str, **rest: str) -> dict[str, Any]:
        return {}

    with pytest.raises(PermissionNotAsked):
        forgetful(ctx, user_name="alice", ssh_public_key_id="A" * 20, encoding="SSH")
    assert Event.objects.get().error_code == "InternalFailure"


def test_a_nested_call_does_not_lend_its_permission(ctx: Context, registry: None) -> None:
    @operation("iam:GetSSHPublicKey")
    def outer(ctx: Context, /, *, user_name: str, **rest: str) -> dict[str, Any]:
        get_user(ctx, user_name=user_name)
        return {}

    with pytest.raises(PermissionNotAsked):
        outer(ctx, user_name="alice", ssh_public_key_id="A" * 20, encoding="SSH")
    assert sorted(Event.objects.values_list("event_name", flat=True)) == [
        "GetSSHPublicKey",
        "GetUser",
    ]


def test_a_failure_after_a_change_undoes_the_change(ctx: Context, registry: None) -> None:
    @operation("iam:GetSSHPublicKey")
    def clumsy(ctx: Context, /, **rest: str) -> dict[str, Any]:
        create_user(ctx, user_name="carol")
        raise AwsError("on purpose")

    with pytest.raises(AwsError):
        clumsy(ctx, user_name="alice", ssh_public_key_id="A" * 20, encoding="SSH")
    assert not User.objects.filter(user_name="carol").exists()


def test_an_unknown_parameter_is_a_programming_error(ctx: Context) -> None:
    with pytest.raises(TypeError, match="no parameter 'colour'"):
        create_user(ctx, user_name="carol", colour="blue")  # type: ignore[call-arg]


def test_an_operation_is_registered_once() -> None:
    assert find("iam", "CreateUser") is create_user
    assert find("iam", "NoSuchThing") is None
    with pytest.raises(ValueError, match="registered twice"):
        operation("iam:CreateUser")(create_user.function)


class TestClientTokens:
    @pytest.fixture
    def create(self, registry: None) -> Any:
        @operation("cloudtrail:CreateChannel", client_token="source")
        def create_channel(ctx: Context, /, *, name: str, source: str, **rest: Any) -> Any:
            ctx.authorize("cloudtrail:CreateChannel")
            User.objects.create(account_id=ctx.account_id, user_name=name, user_id=name)
            return {"Name": name}

        def call(ctx: Context, name: str) -> Any:
            destinations = [{"Type": "AWS_SERVICE", "Location": "here"}]
            return create_channel(ctx, name=name, source="token-1", destinations=destinations)

        return call

    def test_a_repetition_answers_the_same_and_does_it_once(
        self, ctx: Context, create: Any
    ) -> None:
        assert create(ctx, "channel") == create(ctx, "channel") == {"Name": "channel"}
        assert User.objects.filter(user_name="channel").count() == 1

    def test_other_parameters_are_a_mismatch(self, ctx: Context, create: Any) -> None:
        create(ctx, "channel")
        with pytest.raises(IdempotentParameterMismatch):
            create(ctx, "another")

    def test_another_account_has_its_own_tokens(
        self, ctx: Context, mallory: User, create: Any
    ) -> None:
        create(ctx, "channel")
        with pytest.raises(Exception, match="unique"):
            # It really runs again: our toy's user_id is unique across accounts.
            create(ctx_for(mallory), "channel")
