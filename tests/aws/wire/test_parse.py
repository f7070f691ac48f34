"""Requests of six protocols: what botocore serializes is what an operation gets."""

import io
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import botocore.serialize
import cbor2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aws.errors import AwsError
from aws.services import Service
from aws.wire import identify, parse
from aws.wire.request import WireRequest
from tests.aws.wire import shapes

SERVICES = {
    name: Service(name, name, name)
    for name in (
        *("iam", "sns", "ec2", "cloudtrail", "dynamodb", "cloudwatch"),
        *("lambda", "s3", "cloudfront"),
    )
}
PARSED = [
    ("query", "iam", "CreateUser"),
    ("query", "iam", "SimulateCustomPolicy"),
    ("query", "sns", "CreateTopic"),
    ("query", "cloudwatch", "PutMetricData"),
    ("ec2", "ec2", "RunInstances"),
    ("ec2", "ec2", "AuthorizeSecurityGroupIngress"),
    ("json", "cloudtrail", "LookupEvents"),
    ("json", "dynamodb", "PutItem"),
    ("smithy-rpc-v2-cbor", "cloudwatch", "PutMetricData"),
    ("smithy-rpc-v2-cbor", "cloudwatch", "GetMetricData"),
    ("rest-json", "lambda", "CreateFunction"),
    ("rest-json", "lambda", "ListFunctions"),
    ("rest-xml", "s3", "DeleteObjects"),
    ("rest-xml", "s3", "PutBucketCors"),
    ("rest-xml", "cloudfront", "CreateInvalidation"),
]


def wire(serialized: dict[str, Any]) -> WireRequest:
    """A serialized request as it would arrive."""
    body = serialized["body"]
    if isinstance(body, dict):
        body = urlencode(body)
        serialized["headers"]["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
    if isinstance(body, str):
        body = body.encode()
    path, _, query = serialized["url_path"].partition("?")
    more = serialized["query_string"]
    query = "&".join(filter(None, (query, more if isinstance(more, str) else _query(more))))
    headers = {name.lower(): str(text) for name, text in serialized["headers"].items()}
    return WireRequest(serialized["method"], path, query, headers, io.BytesIO(body or b""))


def _query(parameters: dict[str, Any]) -> str:
    return urlencode(parameters, doseq=True)


@pytest.mark.parametrize(("protocol", "name", "operation"), PARSED)
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_what_botocore_sends_is_what_arrives(
    protocol: str, name: str, operation: str, data: st.DataObject
) -> None:
    service = SERVICES[name]
    model = service.service_model.operation_model(operation)
    text = shapes.XML_TEXT if protocol == "rest-xml" else shapes.TEXT
    strategy = shapes.values(model.input_shape, text=text)
    assert strategy is not None
    parameters = data.draw(strategy)

    serializer = botocore.serialize.create_serializer(protocol, include_validation=False)
    request = wire(serializer.serialize_to_request(parameters, model))
    target = identify.target_of(request, service)
    assert (target.protocol, target.operation) == (protocol, operation)
    parser = parse.PARSERS[protocol]
    more = [target.labels] if protocol.startswith("rest-") else []
    assert parser.parse(request, model, *more) == parameters


def form(**parameters: str) -> dict[str, Any]:
    """A CreateUser request of these form fields, parsed."""
    return _query_parse("iam", "CreateUser", parameters)


def _query_parse(name: str, operation: str, parameters: dict[str, str]) -> dict[str, Any]:
    service = SERVICES[name]
    body = urlencode(parameters).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    request = WireRequest("POST", "/", "", headers, io.BytesIO(body))
    model = service.service_model.operation_model(operation)
    found: dict[str, Any] = parse.PARSERS["query"].parse(request, model)
    return found


class TestQuery:
    def test_unknown_members_are_left_out(self) -> None:
        assert form(UserName="a", Nonsense="b", Action="CreateUser") == {"UserName": "a"}

    def test_an_empty_list_is_a_list(self) -> None:
        assert form(Tags="") == {"Tags": []}

    def test_items_come_in_the_order_of_their_numbers(self) -> None:
        many = {f"Tags.member.{number}.Key": str(number) for number in (10, 9, 100, 1)}
        assert form(**many) == {"Tags": [{"Key": key} for key in ("1", "9", "10", "100")]}

    @pytest.mark.parametrize(
        "name",
        [
            "Tags.member.x.Key",
            f"Tags.member.{'9' * 5000}.Key",
            "Tags.member.-1.Key",
            "Tags.member.\u0661.Key",
            "Tags.member..Key",
            ".",
            "..",
            "",
        ],
    )
    def test_names_that_are_no_place_in_a_list(self, name: str) -> None:
        assert form(**{name: "a"}).get("Tags", []) == []

    def test_a_list_or_structure_that_came_as_text_is_left_to_validation(self) -> None:
        assert form(**{"Tags.member.1": "a"}) == {"Tags": ["a"]}
        assert form(Tags="a") == {"Tags": "a"}

    def test_a_map_whose_entries_are_texts(self) -> None:
        found = _query_parse("sns", "CreateTopic", {"Attributes.entry.1": "x", "Attributes": "y"})
        assert found == {"Attributes": {"": ""}}

    def test_a_name_given_twice_means_the_last(self) -> None:
        request = WireRequest(
            "POST",
            "/",
            "UserName=address",
            {"content-type": "application/x-www-form-urlencoded"},
            io.BytesIO(b"UserName=a&UserName=b"),
        )
        assert request.form["UserName"] == "b"

    def test_how_deep_a_name_may_be(self) -> None:
        with pytest.raises(AwsError, match="nested too deeply"):
            form(**{".".join("a" * 41): "b"})

    def test_how_many_parameters_there_may_be(self) -> None:
        with pytest.raises(AwsError) as error:
            form(**{f"a{number}": "" for number in range(20_001)})
        assert error.value.code == "MalformedQueryString"

    @pytest.mark.parametrize(
        "text", ["1_0", " 5", "5 ", "0x5", "\u0665", "9" * 5000, "5.0", "", "true", "nan"]
    )
    def test_a_number_that_is_none_stays_a_text(self, text: str) -> None:
        assert _query_parse("iam", "ListUsers", {"MaxItems": text}) == {"MaxItems": text}

    def test_bytes_that_are_no_utf_8(self) -> None:
        request = WireRequest(
            "POST",
            "/",
            "",
            {"content-type": "application/x-www-form-urlencoded"},
            io.BytesIO(b"UserName=%FF\xfe"),
        )
        assert request.form == {"UserName": "\ufffd\ufffd"}

    def test_a_body_that_is_no_form_is_not_read_as_one(self) -> None:
        headers = {"content-type": "multipart/form-data"}
        request = WireRequest("POST", "/", "", headers, io.BytesIO(b"Action=ListUsers"))
        assert request.form == {}
        assert request.stream.read() == b"Action=ListUsers"


class TestTimestamps:
    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("2026-11-23T01:02:03Z", datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)),
            ("2026-11-23T10:02:03+09:00", datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)),
            ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
            ("Mon, 23 Nov 2026 01:02:03 GMT", datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)),
            ("1795395723", datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)),
            ("0.5", datetime(1970, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)),
        ],
    )
    def test_the_forms(self, text: str, moment: datetime) -> None:
        found = _query_parse(
            "cloudwatch",
            "GetMetricStatistics",
            {"StartTime": text},
        )
        assert found == {"StartTime": moment}

    @pytest.mark.parametrize(
        "text",
        ["banana", "2026-13-01", "1e99", "9" * 20, "-", "0001-01-01T00:00:00+14:00", "", "nan"],
    )
    def test_what_is_none_stays_a_text(self, text: str) -> None:
        found = _query_parse("cloudwatch", "GetMetricStatistics", {"StartTime": text})
        assert found == {"StartTime": text}


class TestJson:
    MODEL = SERVICES["cloudtrail"].service_model.operation_model("LookupEvents")

    def parse(self, body: bytes) -> dict[str, Any]:
        request = WireRequest("POST", "/", "", {}, io.BytesIO(body))
        found: dict[str, Any] = parse.PARSERS["json"].parse(request, self.MODEL)
        return found

    def test_no_body_is_an_empty_one(self) -> None:
        assert self.parse(b"") == {}

    @pytest.mark.parametrize(
        "body",
        [
            b"{",
            b"[]",
            b"null",
            b'"a"',
            b"1",
            b'{"MaxResults": NaN}',
            b'{"MaxResults": -Infinity}',
            b'{"MaxResults": ' + b"9" * 5000 + b"}",
            b'{"NextToken": "\xff"}',
            '{"NextToken": "a"}'.encode("utf-16"),
            b"[" * 100_000,
            b'{"a":' * 100_000,
            b"{} {}",
            b"\xef\xbb\xbf{}",
        ],
    )
    def test_what_is_no_json_object(self, body: bytes) -> None:
        with pytest.raises(AwsError) as error:
            self.parse(body)
        assert (error.value.code, error.value.status) == ("SerializationException", 400)

    def test_wrong_types_are_left_to_validation(self) -> None:
        wrong = {"MaxResults": "5", "NextToken": 5, "LookupAttributes": {"a": "b"}}
        assert self.parse(json.dumps(wrong).encode()) == wrong

    def test_null_is_as_if_not_there(self) -> None:
        assert self.parse(b'{"MaxResults": null, "NextToken": "a"}') == {"NextToken": "a"}

    def test_a_shape_inside_itself_ends_somewhere(self) -> None:
        model = SERVICES["dynamodb"].service_model.operation_model("PutItem")
        deep = '{"Item": {"a": ' + '{"L": [' * 50 + "]}" * 50 + "}}"
        request = WireRequest("POST", "/", "", {}, io.BytesIO(deep.encode()))
        with pytest.raises(AwsError, match="nested too deeply"):
            parse.PARSERS["json"].parse(request, model)


class TestCbor:
    MODEL = SERVICES["cloudwatch"].service_model.operation_model("PutMetricData")

    def parse(self, body: bytes) -> dict[str, Any]:
        request = WireRequest("POST", "/", "", {}, io.BytesIO(body))
        found: dict[str, Any] = parse.PARSERS["smithy-rpc-v2-cbor"].parse(request, self.MODEL)
        return found

    def test_strings_and_maps_of_indefinite_length(self) -> None:
        assert self.parse(b"\xbf\x69Namespace\x7f\x61a\x61b\xff\xff") == {"Namespace": "ab"}

    @pytest.mark.parametrize(
        "body",
        [
            b"\xff",
            b"\x81",
            b"\x01",
            b"\x80",
            b"\x81" * 100_000 + b"\x01",
            b"\x9b\x00\x00\x00\x00\xff\xff\xff\xff",
            b"\x5b\x00\x00\x00\x10\x00\x00\x00\x00",
            b"\xa1\x61a\x61\xff",
        ],
    )
    def test_what_is_no_cbor_map(self, body: bytes) -> None:
        with pytest.raises(AwsError) as error:
            self.parse(body)
        assert (error.value.code, error.value.status) == ("SerializationException", 400)

    @pytest.mark.parametrize(
        "tagged",
        [
            b"\xd8\x1c\x81\xd8\x1d\x00",
            b"\xd8\x23\x65(a+)+",
            b"\xc2\x59\x10\x00" + b"\xff" * 4096,
            b"\xc4\x82\x1a\x7f\xff\xff\xff\x01",
            b"\xd9\xd9\xf7\x01",
            b"\xda\x00\x01\x86\xa0\x01",
        ],
        ids=["cycle", "pattern", "bignum", "decimal", "self-described", "unknown"],
    )
    def test_tags_beside_the_timestamp_are_refused(self, tagged: bytes) -> None:
        with pytest.raises(AwsError) as error:
            self.parse(b"\xa1\x69Namespace" + tagged)
        assert error.value.code == "SerializationException"

    def test_a_timestamp(self) -> None:
        body = cbor2.dumps({"MetricData": [{"Timestamp": cbor2.CBORTag(1, 0.5)}]})
        moment = datetime(1970, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)
        assert self.parse(body) == {"MetricData": [{"Timestamp": moment}]}


class TestXml:
    MODEL = SERVICES["s3"].service_model.operation_model("PutBucketTagging")

    def parse(self, body: bytes) -> dict[str, Any]:
        request = WireRequest("PUT", "/b", "tagging", {}, io.BytesIO(body))
        found: dict[str, Any] = parse.PARSERS["rest-xml"].parse(request, self.MODEL, {})
        return found

    def test_the_namespace_does_not_matter(self) -> None:
        for attribute in ("", ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'):
            body = f"<Tagging{attribute}><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>"
            assert self.parse(body.encode()) == {"Tagging": {"TagSet": [{"Key": "a"}]}}

    @pytest.mark.parametrize(
        "body",
        [
            b"<Tagging>",
            b"a",
            b"<Tagging>\xff</Tagging>",
            b"<Tagging>&a;</Tagging>",
            b'<!DOCTYPE a [<!ENTITY a "b">]><Tagging>&a;</Tagging>',
            b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><Tagging/>',
            b'<?xml version="1.0" encoding="nonsense"?><Tagging/>',
            b'<?xml version="1.0" encoding="rot13"?><Tagging/>',
            b'<?xml version="1.0" encoding="utf-32"?><Tagging/>',
            b"<a>" * 100_000,
            b"<Tagging>\x00</Tagging>",
        ],
    )
    def test_what_is_no_xml(self, body: bytes) -> None:
        with pytest.raises(AwsError) as error:
            self.parse(body)
        assert error.value.status == 400

    def test_entities_do_not_multiply(self) -> None:
        levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
        bomb = f'<!DOCTYPE a [<!ENTITY l0 "lol">{levels}]><Tagging>&l9;</Tagging>'
        with pytest.raises(AwsError):
            self.parse(bomb.encode())


class TestTarget:
    def test_a_service_is_spoken_to_in_its_own_protocols(self) -> None:
        headers = {"x-amz-target": "A.ListUsers", "smithy-protocol": "rpc-v2-cbor"}
        path = "/service/A/operation/ListUsers"
        request = WireRequest("POST", path, "Action=GetUser", headers, io.BytesIO(b"{}"))
        target = identify.target_of(request, SERVICES["iam"])
        assert (target.protocol, target.operation) == ("query", "GetUser")

    def test_a_key_that_looks_like_a_cbor_call_is_a_key(self) -> None:
        path = "/bucket/service/CloudTrail_20131101/operation/ListTrails"
        for headers in ({}, {"smithy-protocol": "rpc-v2-cbor"}):
            found = identify.service_of(WireRequest("GET", path, "", headers, io.BytesIO()))
            assert found is not None and found.prefix == "s3"

    def test_finding_the_service_in_a_long_header_is_quick(self) -> None:
        headers = {"authorization": "Credential=" * 10_000}
        found = identify.service_of(WireRequest("GET", "/", "", headers, io.BytesIO()))
        assert found is not None and found.prefix == "s3"
