"""Show code is right: the AWS CLI's own parser and boto3 read the same parameters back."""

import json
import shlex
from typing import Any

import boto3
import pytest
from awscli.clidriver import (  # type: ignore[import-untyped]
    CLIOperationCaller,
    create_clidriver,
)
from botocore.validate import ParamValidator

from aws import clock
from aws.events import HIDDEN, readable
from aws.models import Event
from aws.operation import offered, together
from aws.services import SERVICES, operation_model
from console import show_code
from console.show_code.terraform_resources import RESOURCES
from iam.models import User
from iam.operations import create_user, list_users, tag_user, update_user
from tests.factories import allow, ctx_for
from tests.samples import arguments_for

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": 'It\'s "mine"',
                "Effect": "Allow",
                "Action": "s3:*",
                "Resource": "arn:aws:s3:::a/${aws:username}/*",
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": True}},
            }
        ],
    }
)
CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("iam", "CreateUser", {"UserName": "alice", "Tags": [{"Key": "team", "Value": "blue"}]}),
    ("iam", "CreateUser", {"UserName": "a=b", "Tags": [{"Key": "Na me", "Value": 'it\'s, ="x"'}]}),
    ("iam", "CreateUser", {"UserName": "a", "Tags": [{"Key": "empty", "Value": ""}]}),
    ("iam", "CreateRole", {"RoleName": "r", "AssumeRolePolicyDocument": POLICY}),
    (
        "iam",
        "CreateRole",
        {
            "RoleName": "r",
            "AssumeRolePolicyDocument": POLICY,
            "Description": "-starts with a dash",
            "MaxSessionDuration": 7200,
        },
    ),
    (
        "iam",
        "CreateRole",
        {"RoleName": "r", "AssumeRolePolicyDocument": "{}", "Description": "https://example.com"},
    ),
    ("iam", "CreatePolicy", {"PolicyName": "p", "PolicyDocument": POLICY, "Path": "/team/"}),
    (
        "iam",
        "CreatePolicyVersion",
        {
            "PolicyArn": "arn:aws:iam::111122223333:policy/p",
            "PolicyDocument": POLICY,
            "SetAsDefault": True,
        },
    ),
    (
        "iam",
        "UpdateAccountPasswordPolicy",
        {"MinimumPasswordLength": 12, "RequireSymbols": True, "RequireNumbers": False},
    ),
    ("iam", "UntagUser", {"UserName": "alice", "TagKeys": ["team", "-dash", "{brace", "a b"]}),
    ("iam", "UntagUser", {"UserName": "alice", "TagKeys": ["team", "stage"]}),
    ("iam", "SimulateCustomPolicy", {"PolicyInputList": [POLICY], "ActionNames": ["s3:GetObject"]}),
    (
        "sts",
        "AssumeRole",
        {
            "RoleArn": "arn:aws:iam::111122223333:role/r",
            "RoleSessionName": "session",
            "PolicyArns": [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}],
        },
    ),
    (
        "cloudtrail",
        "LookupEvents",
        {"LookupAttributes": [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}]},
    ),
]
cases = pytest.mark.parametrize(
    ("service", "name", "parameters"), CASES, ids=[f"{case[1]}-{n}" for n, case in enumerate(CASES)]
)


def event_of(service: str, name: str, parameters: dict[str, Any]) -> Event:
    """The row that the kernel writes for such a call."""
    shape = operation_model(service, name).input_shape
    return Event(
        event_source=SERVICES[service].event_source,
        event_name=name,
        region="ap-northeast-2",
        request_parameters=readable(shape, parameters),
        event_time=clock.real_now(),
    )


def code_of(service: str, name: str, parameters: dict[str, Any]) -> show_code.Code:
    code = show_code.code_of(event_of(service, name, parameters))
    assert code is not None
    return code


def parsed_by_the_cli(command: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str, Any]:
    """(service, operation, parameters) after all of the CLI's parsing; nothing is sent."""
    calls: list[tuple[str, str, Any]] = []

    def note(_self: object, service: str, name: str, parameters: Any, _globals: object) -> int:
        calls.append((service, name, parameters))
        return 0

    monkeypatch.setattr(CLIOperationCaller, "invoke", note)
    words = shlex.split(command.replace("\\\n", " "))
    assert words[0] == "aws"
    assert create_clidriver().main(words[1:]) == 0, command
    return calls[0]


def run_by_boto3(snippet: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Any]:
    """(operation, parameters) of the request that boto3 has validated and written."""
    sent: list[tuple[str, Any]] = []
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "PASSWORD"):
        monkeypatch.setenv(name, "example")
    session = boto3.Session()

    def note(params: Any, model: Any, **_: object) -> None:
        sent.append((model.name, params))

    def answer(**_: object) -> tuple[Any, dict[str, Any]]:
        return type("Answer", (), {"status_code": 200})(), {}

    session.events.register("before-parameter-build.*", note)
    session.events.register_first("before-call.*", answer)
    monkeypatch.setattr(boto3, "client", session.client)
    exec(snippet, {})  # noqa: S102 - the code under test, of our own making
    return sent[0]


@cases
def test_the_cli_reads_the_same_parameters(
    service: str, name: str, parameters: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = code_of(service, name, parameters).cli
    assert parsed_by_the_cli(command, monkeypatch) == (service, name, parameters)


@cases
def test_boto3_sends_the_same_parameters(
    service: str, name: str, parameters: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent_name, sent = run_by_boto3(code_of(service, name, parameters).boto3, monkeypatch)
    assert sent_name == name
    assert _parsed(sent) == _parsed(parameters)


def _parsed(value: Any) -> Any:
    """Policy documents compared as JSON: the snippet lays them out anew."""
    if isinstance(value, dict):
        return {key: _parsed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_parsed(inner) for inner in value]
    return json.loads(value) if isinstance(value, str) and value.startswith('{"') else value


@pytest.mark.parametrize("operation", offered(), ids=lambda op: op.action)
def test_every_operation_has_code_that_the_cli_accepts(
    operation: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = arguments_for(operation)
    parameters = {operation.members[name]: value for name, value in arguments.items()}
    code = code_of(operation.service.prefix, operation.name, parameters)
    _, name, read = parsed_by_the_cli(code.cli, monkeypatch)
    assert name == operation.name
    compile(code.boto3, "snippet", "exec")
    if operation.model.input_shape is None:
        assert read == {}
    else:
        report = ParamValidator().validate(read, operation.model.input_shape)
        assert not report.has_errors(), report.generate_report()


def test_secrets_become_placeholders(monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = {"UserName": "alice", "Password": "hunter2-Hunter2", "PasswordResetRequired": True}
    code = code_of("iam", "CreateLoginProfile", parameters)
    for text in (code.cli, code.boto3, code.terraform):
        assert "hunter2" not in text
        assert HIDDEN not in text
    assert '--password "$PASSWORD"' in code.cli
    assert run_by_boto3(code.boto3, monkeypatch)[1]["Password"] == "example"


def test_the_endpoint_of_the_lab_is_named(settings: Any) -> None:
    settings.LAB_API_URL = "http://lab.example:4566"
    code = code_of("sts", "GetCallerIdentity", {})
    assert code.cli.endswith("--endpoint-url http://lab.example:4566")
    assert "--region ap-northeast-2" in code.cli
    assert 'endpoint_url="http://lab.example:4566"' in code.boto3


def test_terraform_writes_documents_and_maps() -> None:
    parameters = {"UserName": "alice.b", "Tags": [{"Key": "Na me", "Value": "${x}"}]}
    assert code_of("iam", "CreateUser", parameters).terraform == (
        'resource "aws_iam_user" "alice_b" {\n'
        '  name = "alice.b"\n'
        '  tags = {\n    "Na me" = "$${x}"\n  }\n'
        "}"
    )
    policy = code_of("iam", "CreatePolicy", {"PolicyName": "p", "PolicyDocument": allow("s3:*")})
    assert 'policy = jsonencode({\n    Version = "2012-10-17"' in policy.terraform
    member = code_of("iam", "AddUserToGroup", {"UserName": "a", "GroupName": "g"}).terraform
    assert 'resource "aws_iam_user_group_membership" "a_g"' in member
    assert 'groups = ["g"]' in member


def test_terraform_is_silent_where_it_has_no_resource() -> None:
    assert code_of("iam", "DeleteUser", {"UserName": "alice"}).terraform == ""
    # One's own key: the resource needs a user's name.
    assert code_of("iam", "CreateAccessKey", {}).terraform == ""


@pytest.mark.parametrize("action", RESOURCES)
def test_terraform_names_members_that_aws_has(action: str) -> None:
    service, name = action.split(":")
    shape = operation_model(service, name).input_shape
    assert shape is not None
    entry = RESOURCES[action]
    assert {*entry.arguments.values(), *entry.label} <= shape.members.keys()


def test_an_event_that_is_no_call_has_no_code() -> None:
    event = Event(event_source="signin.amazonaws.com", event_name="ConsoleLogin")
    assert show_code.code_of(event) is None
    large = event_of("iam", "CreateUser", {"UserName": "a"})
    large.request_parameters = {"omitted": True, "reason": "too large"}
    assert show_code.code_of(large) is None


class TestTheCallsOfARequest:
    def test_changes_are_remembered_and_reads_are_not(self, alice: User) -> None:
        ctx = ctx_for(alice, source="console")
        list_users(ctx)
        assert ctx.calls == []
        create_user(ctx, user_name="carol")
        tag_user(ctx, user_name="carol", tags=[{"Key": "a", "Value": "b"}])
        names = [Event.objects.get(event_id=one).event_name for one in ctx.calls]
        assert names == ["CreateUser", "TagUser"]

    def test_what_was_rolled_back_is_forgotten(self, alice: User) -> None:
        ctx = ctx_for(alice)
        create_user(ctx, user_name="carol")
        kept = list(ctx.calls)
        with pytest.raises(Exception, match="dave"), together(ctx):
            create_user(ctx, user_name="erin")
            update_user(ctx, user_name="dave", new_user_name="d")
        assert ctx.calls == kept
