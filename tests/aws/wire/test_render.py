"""Answers and errors of six protocols: what an operation answers is what botocore reads."""

from datetime import UTC, datetime
from typing import Any

import botocore.parsers
import pytest
from botocore.awsrequest import HeadersDict
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from aws.errors import AccessDenied, AwsError, InternalFailure, OperationNotOffered
from aws.services import Service
from aws.wire.render import RENDERERS, WireResponse
from aws.wire.writers import UnknownMember
from tests.aws.wire import shapes
from tests.aws.wire.test_parse import SERVICES

REQUEST_ID = "0a0a0a0a-1b1b-2c2c-3d3d-4e4e4e4e4e4e"
RENDERED = [
    ("query", "iam", "GetUser"),
    ("query", "iam", "SimulateCustomPolicy"),
    ("query", "sns", "GetTopicAttributes"),
    ("query", "cloudwatch", "GetMetricStatistics"),
    ("ec2", "ec2", "DescribeSecurityGroups"),
    ("ec2", "ec2", "DescribeVolumes"),
    ("json", "cloudtrail", "LookupEvents"),
    ("json", "dynamodb", "GetItem"),
    ("smithy-rpc-v2-cbor", "cloudwatch", "GetMetricData"),
    ("smithy-rpc-v2-cbor", "cloudwatch", "DescribeAlarms"),
    ("rest-json", "lambda", "GetFunction"),
    ("rest-json", "lambda", "PublishVersion"),
    ("rest-xml", "s3", "ListObjectsV2"),
    ("rest-xml", "s3", "GetBucketAcl"),
    ("rest-xml", "s3", "HeadObject"),
    ("rest-xml", "cloudfront", "GetInvalidation"),
]
# The service that speaks it, for what needs no particular operation.
BY_PROTOCOL = {
    "query": "iam",
    "ec2": "ec2",
    "json": "cloudtrail",
    "smithy-rpc-v2-cbor": "cloudwatch",
    "rest-json": "lambda",
    "rest-xml": "s3",
}
by_protocol = pytest.mark.parametrize(("protocol", "name"), BY_PROTOCOL.items())


def read(protocol: str, response: WireResponse, shape: Any) -> dict[str, Any]:
    """As botocore's own parser has it, without ResponseMetadata."""
    headers = HeadersDict({**dict(response.headers), "x-amzn-RequestId": REQUEST_ID})
    parser = botocore.parsers.create_parser(protocol)
    raw = {"headers": headers, "body": response.body, "status_code": response.status}
    found: dict[str, Any] = parser.parse(raw, shape)
    metadata = found.pop("ResponseMetadata")
    assert metadata["RequestId"] == REQUEST_ID
    return found


@pytest.mark.parametrize(("protocol", "name", "operation"), RENDERED)
@examples(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_what_an_operation_answers_is_what_botocore_reads(
    protocol: str, name: str, operation: str, data: st.DataObject
) -> None:
    model = SERVICES[name].service_model.operation_model(operation)
    is_xml = protocol in ("query", "ec2", "rest-xml")
    text = shapes.XML_TEXT | st.just("a\rb\r\n") if is_xml else shapes.TEXT
    strategy = shapes.values(model.output_shape, text=text)
    assert strategy is not None
    answer = data.draw(strategy)

    response = RENDERERS[protocol].answer(model, answer, REQUEST_ID)
    found = read(protocol, response, model.output_shape)
    # botocore adds lists and maps of headers that did not come.
    assert {name: value for name, value in found.items() if value != {}} == answer


@by_protocol
def test_text_that_xml_cannot_hold_is_replaced(protocol: str, name: str) -> None:
    hostile = "a\x00b\x1b\ufffec\ud800<&\"'>]]>d"
    error = AwsError(hostile)
    shape = SERVICES[name].service_model.operation_model(_any(name)).output_shape
    response = RENDERERS[protocol].error(SERVICES[name].service_model, error, REQUEST_ID)
    message = read(protocol, response, shape)["Error"]["Message"]
    assert message.startswith("a") and message.endswith("<&\"'>]]>d")


@by_protocol
@pytest.mark.parametrize(
    "error",
    [
        AccessDenied(user="u", action="a", resource="r", reason="because 가 < 나"),
        InternalFailure(),
        OperationNotOffered(operation="CreateFleet", service="EC2"),
    ],
    ids=["sender", "receiver", "not offered"],
)
def test_errors(protocol: str, name: str, error: AwsError) -> None:
    service: Service = SERVICES[name]
    shape = service.service_model.operation_model(_any(name)).output_shape
    response = RENDERERS[protocol].error(service.service_model, error, REQUEST_ID)
    assert response.status == error.status
    found = read(protocol, response, shape)["Error"]
    assert (found["Code"], found["Message"]) == (error.code, error.message)
    if protocol == "query":
        assert found["Type"] == error.fault
    if protocol == "smithy-rpc-v2-cbor":
        assert found["QueryErrorCode"] == error.code


def test_s3_names_what_its_error_is_about() -> None:
    error = AwsError("No", BucketName="a<b", reason="not an element")
    response = RENDERERS["rest-xml"].error(SERVICES["s3"].service_model, error, REQUEST_ID)
    assert isinstance(response.body, bytes)
    assert b"<BucketName>a&lt;b</BucketName><RequestId>" in response.body
    assert b"reason" not in response.body


@by_protocol
def test_a_key_that_the_model_lacks(protocol: str, name: str, settings: Any) -> None:
    model = SERVICES[name].service_model.operation_model(_any(name))
    settings.DEBUG_WIRE = False
    RENDERERS[protocol].answer(model, {"Nonsense": 1}, REQUEST_ID)
    settings.DEBUG_WIRE = True
    with pytest.raises(UnknownMember, match="Nonsense"):
        RENDERERS[protocol].answer(model, {"Nonsense": 1}, REQUEST_ID)


@pytest.mark.parametrize(
    ("protocol", "name", "operation", "member"),
    [
        ("query", "iam", "ListUsers", "Users"),
        ("ec2", "ec2", "DescribeVolumes", "Volumes"),
        ("json", "cloudtrail", "LookupEvents", "Events"),
        ("smithy-rpc-v2-cbor", "cloudwatch", "DescribeAlarms", "MetricAlarms"),
        ("rest-json", "lambda", "ListFunctions", "Functions"),
    ],
)
def test_an_empty_list_is_a_list(protocol: str, name: str, operation: str, member: str) -> None:
    model = SERVICES[name].service_model.operation_model(operation)
    response = RENDERERS[protocol].answer(model, {member: []}, REQUEST_ID)
    assert read(protocol, response, model.output_shape) == {member: []}


@pytest.mark.parametrize(
    ("protocol", "name", "operation", "path", "written"),
    [
        ("query", "iam", "GetUser", ("User", "CreateDate"), b"2026-11-23T01:02:03.045Z"),
        ("json", "cloudtrail", "GetTrailStatus", ("StartLoggingTime",), b"1795395723.045"),
        ("rest-json", "lambda", "GetCodeSigningConfig", (), b""),
        ("rest-xml", "s3", "GetBucketLocation", (), b""),
    ],
)
def test_times_have_milliseconds(
    protocol: str, name: str, operation: str, path: tuple[str, ...], written: bytes
) -> None:
    moment: Any = datetime(2026, 11, 23, 1, 2, 3, 45_678, tzinfo=UTC)
    for member in reversed(path):
        moment = {member: moment}
    model = SERVICES[name].service_model.operation_model(operation)
    response = RENDERERS[protocol].answer(model, moment if path else {}, REQUEST_ID)
    assert isinstance(response.body, bytes)
    assert written in response.body


def test_a_header_cannot_end_its_line() -> None:
    model = SERVICES["s3"].service_model.operation_model("HeadObject")
    response = RENDERERS["rest-xml"].answer(
        model, {"ContentType": "a\r\nSet-Cookie: b", "Metadata": {"k": "c\r\nd"}}, REQUEST_ID
    )
    assert not [text for _, text in response.headers if "\r" in text or "\n" in text]


def _any(name: str) -> str:
    """An operation with an output."""
    return next(operation for protocol, service, operation in RENDERED if service == name)
