"""The whole way of a request: what cannot be understood, or is not offered."""

import json
from typing import Any
from unittest import mock
from urllib.parse import urlencode

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from aws.models import Event
from aws.operation import find, offered
from aws.wire.request import MAX_BODY
from iam.models import User
from tests import factories
from tests.aws.wire.raw import call, code_of, send, target
from tests.boto import boto

VERSION = "Version=2010-05-08"
Key = tuple[str, str]


@pytest.fixture
def key(alice: User) -> Key:
    return factories.access_key(alice)


class TestWhatIsAsked:
    def test_an_operation_that_aws_does_not_have(self, key: Key) -> None:
        answer = call(key, "iam", f"Action=MakeCoffee&{VERSION}")
        assert (answer.status, code_of(answer)) == (400, "InvalidAction")
        assert b"Could not find operation MakeCoffee for version 2010-05-08" in answer.body
        assert code_of(target(key, "MakeCoffee", "{}")) == "UnknownOperationException"

    def test_no_operation(self, key: Key) -> None:
        assert code_of(call(key, "iam", VERSION)) == "MissingAction"
        assert code_of(call(key, "cloudtrail", "{}")) == "UnknownOperationException"

    @pytest.mark.parametrize(
        ("service", "operation", "arguments"),
        [
            ("iam", "list_server_certificates", {}),
            ("cloudtrail", "get_dashboard", {"DashboardId": "sample"}),
            ("ec2", "describe_spot_price_history", {}),
            ("rds", "describe_integrations", {}),
            ("s3", "get_object_torrent", {"Bucket": "samples", "Key": "a"}),
        ],
    )
    def test_an_operation_of_aws_that_the_lab_lacks(
        self, key: Key, service: str, operation: str, arguments: dict[str, Any]
    ) -> None:
        client = boto(service, *key)
        name = client.meta.method_to_api_mapping[operation]
        assert find(service, name) is None, f"{name} is offered now: choose another"
        with pytest.raises(ClientError) as error:
            getattr(client, operation)(**arguments)
        response = error.value.response
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 501
        assert response["Error"]["Code"] == "NotImplemented"
        assert "but this lab does not offer it" in response["Error"]["Message"]

    def test_a_service_that_the_lab_lacks(self, key: Key) -> None:
        answer = call(key, "sqs", "Action=ListQueues&Version=2012-11-05")
        assert (answer.status, code_of(answer)) == (501, "NotImplemented")
        assert answer.headers["x-amzn-ErrorType"] == "NotImplemented"

    def test_every_answer_has_a_request_id(self, key: Key) -> None:
        answer = call(key, "iam", f"Action=ListUsers&{VERSION}")
        request_id = answer.headers["x-amzn-RequestId"]
        assert f"<RequestId>{request_id}</RequestId>".encode() in answer.body
        assert Event.objects.get(event_name="ListUsers").request_id == request_id
        failed = call(key, "iam", f"Action=GetUser&UserName=nobody&{VERSION}")
        assert failed.headers["x-amzn-RequestId"].encode() in failed.body

    def test_an_address_may_carry_the_parameters(self, key: Key) -> None:
        answer = call(key, "iam", method="GET", path=f"/?Action=ListUsers&{VERSION}")
        assert answer.status == 200

    def test_health_needs_no_database(self) -> None:
        with mock.patch("aws.wire.endpoint.identify.service_of", side_effect=AssertionError):
            assert send("GET", "/_lab/health").body == b'{"status": "ok"}'


class TestWhatCannotBeUnderstood:
    @pytest.mark.parametrize(
        "body",
        [b"", b"{", b"[]", b"\xff", b"[" * 50_000, b'{"MaxResults": NaN}', b"<a/>"],
    )
    def test_json(self, key: Key, body: bytes) -> None:
        answer = target(key, "LookupEvents", body)
        if body:
            assert (answer.status, code_of(answer)) == (400, "SerializationException")
        else:
            assert answer.status == 200

    @pytest.mark.parametrize(
        ("document", "code"),
        [
            ({"MaxResults": "many"}, "ValidationException"),
            ({"MaxResults": True}, "ValidationException"),
            ({"MaxResults": 1e99}, "ValidationException"),
            ({"MaxResults": 2**70}, "ValidationException"),
            ({"StartTime": "banana"}, "ValidationException"),
            ({"StartTime": {"a": 1}}, "ValidationException"),
            ({"StartTime": 1e99}, "ValidationException"),
            ({"NextToken": 5}, "ValidationException"),
            ({"NextToken": "\ud800"}, "ValidationException"),
            ({"NextToken": "a\x00b"}, "ValidationException"),
            ({"LookupAttributes": "a"}, "ValidationException"),
            ({"LookupAttributes": [[]]}, "ValidationException"),
            ({"LookupAttributes": [{"AttributeKey": {}}]}, "ValidationException"),
        ],
    )
    def test_json_of_the_wrong_types(self, key: Key, document: dict[str, Any], code: str) -> None:
        answer = target(key, "LookupEvents", json.dumps(document))
        assert (answer.status, code_of(answer)) == (400, code)
        assert Event.objects.get(event_name="LookupEvents").error_code == code

    @pytest.mark.parametrize(
        "body",
        [
            "Tags.member.1=a",
            "Tags=a",
            "MaxItems=many",
            "UserName.a.b=c",
            "PathPrefix=%00",
            "PathPrefix=%ED%A0%80",
            "Marker=%FF",
            f"Tags.member.{'9' * 5000}.Key=a",
        ],
    )
    def test_forms(self, key: Key, body: str) -> None:
        for action in ("ListUsers", "CreateUser"):
            answer = call(key, "iam", f"Action={action}&{VERSION}&{body}")
            assert answer.status < 500

    def test_a_body_that_is_too_large(self, key: Key) -> None:
        body = f"Action=ListUsers&{VERSION}&PathPrefix=/".encode().ljust(MAX_BODY + 1, b"a")
        answer = call(key, "iam", body)
        assert (answer.status, code_of(answer)) == (413, "RequestEntityTooLarge")
        assert send("POST", "/", b"", {"Content-Length": str(MAX_BODY + 1)}).status >= 400

    @pytest.mark.parametrize("length", ["-1", "1e3", "1_0", "\u0661", "9" * 30])
    def test_a_length_that_is_none(self, db: None, length: str) -> None:
        headers = {"Content-Length": length, "Content-Type": "application/x-www-form-urlencoded"}
        answer = send("POST", "/", b"Action=ListUsers", headers)
        assert (answer.status, code_of(answer)) == (400, "InvalidRequest")

    @pytest.mark.parametrize(
        "body",
        [
            b'<!DOCTYPE a [<!ENTITY a "b">]><Tagging><TagSet>&a;</TagSet></Tagging>',
            b"<Tagging>",
            b"<Tagging>\xff</Tagging>",
        ],
    )
    def test_xml(self, key: Key, body: bytes) -> None:
        s3 = boto("s3", *key)
        s3.create_bucket(
            Bucket="samples", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"}
        )

        def spoil(request: Any, **_: Any) -> None:
            request.data = body
            del request.headers["x-amz-checksum-crc32"], request.headers["Content-MD5"]

        s3.meta.events.register_first("before-sign.s3.PutBucketTagging", spoil)
        with pytest.raises(ClientError) as error:
            s3.put_bucket_tagging(Bucket="samples", Tagging={"TagSet": []})
        assert error.value.response["Error"]["Code"] == "MalformedXML"

    def test_a_crash_says_nothing_of_itself(self, key: Key) -> None:
        operation = find("iam", "ListUsers")
        with mock.patch.object(operation, "function", side_effect=RuntimeError("secret")):
            answer = call(key, "iam", f"Action=ListUsers&{VERSION}")
        assert (answer.status, code_of(answer)) == (500, "InternalFailure")
        assert b"secret" not in answer.body
        assert Event.objects.get(event_name="ListUsers").error_code == "InternalFailure"


HOSTILE = st.text(max_size=40) | st.sampled_from(
    [
        "\x00",
        "\ufffe",
        "../..",
        "*",
        "a" * 3000,
        "arn:aws:iam::aws:policy/x",
        "${a}",
        "-1",
    ]
)
QUERY = [op for op in offered() if op.service.protocol == "query"]
JSON = [op for op in offered() if op.service.protocol == "json"]


@examples(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_form_breaks_an_operation(key: Key, data: st.DataObject) -> None:
    operation = data.draw(st.sampled_from(QUERY))
    members = list(operation.members.values()) or ["x"]
    name = st.sampled_from(members).flatmap(
        lambda member: st.sampled_from(["", ".member.1", ".member.1.Key", ".1", ".entry.1"]).map(
            lambda tail: member + tail
        )
    )
    fields = data.draw(st.dictionaries(name, HOSTILE, max_size=6))
    version = operation.service.service_model.metadata["apiVersion"]
    body = urlencode({**fields, "Action": operation.name, "Version": version}, errors="replace")
    answer = call(key, operation.service.prefix, body)
    assert answer.status < 500, (operation, fields, answer.body)


@examples(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_json_breaks_an_operation(key: Key, data: st.DataObject) -> None:
    operation = data.draw(st.sampled_from(JSON))
    leaf = HOSTILE | st.integers() | st.floats() | st.booleans() | st.none()
    value = st.recursive(
        leaf,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(HOSTILE, inner, max_size=3),
    )
    members = list(operation.members.values()) or ["x"]
    document = data.draw(st.dictionaries(st.sampled_from(members), value, max_size=4))
    answer = target(key, operation.name, json.dumps(document))
    assert answer.status < 500, (operation, document, answer.body)
