"""Signature Version 4, by AWS's published examples and by botocore's own signer."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws import accounts, clock
from aws.errors import AwsError
from aws.models import Account
from aws.wire import sigv4
from aws.wire.request import WireRequest
from iam.models import AccessKey, User
from tests import factories
from tests.aws.wire import examples
from tests.aws.wire.raw import call, code_of, presigned, send
from tests.boto import boto

SKEW = timedelta(minutes=15)
CALLER = "Action=GetCallerIdentity&Version=2011-06-15"
S3_EXAMPLES = ["GET_OBJECT", "PUT_OBJECT", "GET_LIFECYCLE", "LIST_OBJECTS", "PRESIGNED", "CHUNKED"]


def check(request: WireRequest, dialect: str, moment: datetime) -> sigv4.Signed:
    with clock.freeze(moment):
        signature = sigv4.read(request, dialect)
        assert signature is not None
        return sigv4.verify(request, signature, dialect)


def refusal(request: WireRequest, dialect: str = "s3", *, at: Any = None) -> AwsError:
    moment = at or (examples.S3_MOMENT if dialect == "s3" else examples.IAM_MOMENT)
    with pytest.raises(AwsError) as error:
        check(request, dialect, moment)
    return error.value


class TestPublishedExamples:
    @pytest.fixture(autouse=True)
    def _keys(self, settings: Any) -> None:
        settings.AWS_CREDENTIALS = "tests.aws.wire.examples.lookup"

    @pytest.mark.parametrize("name", [*S3_EXAMPLES, "WITH_TRAILER"])
    def test_s3(self, name: str) -> None:
        signed = check(getattr(examples, name), "s3", examples.S3_MOMENT)
        assert signed.credentials.access_key_id == examples.S3_KEY
        assert signed.signature.region == "us-east-1"

    def test_iam(self) -> None:
        signed = check(examples.LIST_USERS, "query", examples.IAM_MOMENT)
        assert signed.signature.scope == "20150830/us-east-1/iam/aws4_request"

    @pytest.mark.parametrize(
        "change",
        [
            {"method": "HEAD"},
            {"path": "/test.txT"},
            {"query": "max-keys=3"},
            {"headers": {**examples.GET_OBJECT.headers, "range": "bytes=0-8"}},
            {"headers": {**examples.GET_OBJECT.headers, "host": "other.s3.amazonaws.com"}},
            {"headers": {**examples.GET_OBJECT.headers, "x-amz-content-sha256": "0" * 64}},
            {"headers": {**examples.GET_OBJECT.headers, "x-amz-date": "20130524T000001Z"}},
        ],
        ids=str,
    )
    def test_nothing_that_is_signed_can_be_changed(self, change: dict[str, Any]) -> None:
        error = refusal(replace(examples.GET_OBJECT, **change))
        assert (error.code, error.status) == ("SignatureDoesNotMatch", 403)

    def test_s3_shows_what_it_would_have_signed(self) -> None:
        error = refusal(replace(examples.GET_OBJECT, path="/other.txt"))
        assert error.fields["AWSAccessKeyId"] == examples.S3_KEY
        assert error.fields["CanonicalRequest"].startswith("GET\n/other.txt\n\nhost:examplebucket")
        assert error.fields["StringToSign"].startswith("AWS4-HMAC-SHA256\n20130524T000000Z\n")

    @pytest.mark.parametrize(
        ("path", "other"),
        [("/a%20b", "/a b"), ("/%7Ea", "/~a"), ("/%EA%B0%80", "/가"), ("/a%2bb", "/a%2Bb")],
    )
    def test_s3_does_not_mind_how_a_client_encodes_a_path(self, path: str, other: str) -> None:
        signature = sigv4.read(examples.GET_OBJECT, "s3")
        assert signature is not None
        one, two = (
            sigv4.canonical_request(replace(examples.GET_OBJECT, path=text), signature)
            for text in (path, other)
        )
        assert one == two

    @pytest.mark.parametrize(
        ("path", "normal"),
        [("//", "/"), ("/a/../b/", "/b/"), ("/./a//b", "/a/b"), ("/a%20b", "/a%2520b"), ("", "/")],
    )
    def test_other_services_normalize_a_path_and_encode_it_again(
        self, path: str, normal: str
    ) -> None:
        signature = sigv4.read(examples.LIST_USERS, "query")
        assert signature is not None
        request = replace(examples.LIST_USERS, path=path)
        assert sigv4.canonical_request(request, signature).split("\n")[1] == normal

    def test_a_header_of_other_bytes_than_ascii_is_signed_as_its_bytes(self) -> None:
        signature = sigv4.read(examples.GET_OBJECT, "s3")
        assert signature is not None
        as_wsgi = "  가  나 ".encode().decode("latin-1")
        headers = {**examples.GET_OBJECT.headers, "range": as_wsgi}
        canonical = sigv4.canonical_request(
            replace(examples.GET_OBJECT, headers=headers), signature
        )
        assert "range:가 나\n" in canonical


class TestMalformed:
    @pytest.fixture(autouse=True)
    def _keys(self, settings: Any) -> None:
        settings.AWS_CREDENTIALS = "tests.aws.wire.examples.lookup"

    @staticmethod
    def _header(old: str, new: str, request: WireRequest = examples.GET_OBJECT) -> WireRequest:
        header = request.headers["authorization"]
        assert old in header
        return replace(
            request, headers={**request.headers, "authorization": header.replace(old, new)}
        )

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"),
            ("Credential=", "Credentials="),
            ("SignedHeaders=", "Headers="),
            (",Signature=", ",Signed="),
            ("Signature=f0", "Signature=f0,Signature=f0"),
            ("/aws4_request", "/aws4"),
            ("/aws4_request", ""),
            ("20130524/", "20130525/"),
            ("/s3/", "/iam/"),
            ("host;range", "range;host"),
            ("host;range", "host;host;range"),
            ("host;", ""),
        ],
    )
    def test_an_authorization_header(self, old: str, new: str) -> None:
        error = refusal(self._header(old, new))
        assert (error.code, error.status) == ("AuthorizationHeaderMalformed", 400)

    @pytest.mark.parametrize("date", ["", "20130524", "2013-13-24T00:00:00Z", "now"])
    def test_a_date(self, date: str) -> None:
        headers = {**examples.GET_OBJECT.headers, "x-amz-date": date}
        error = refusal(replace(examples.GET_OBJECT, headers=headers))
        assert error.code == "AuthorizationHeaderMalformed"

    @pytest.mark.parametrize("year", ["0001", "9999"])
    def test_the_ends_of_the_calendar(self, year: str) -> None:
        query = examples.PRESIGNED.query.replace("X-Amz-Date=2013", f"X-Amz-Date={year}")
        error = refusal(replace(examples.PRESIGNED, query=query))
        assert error.code == "AccessDenied"

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("Expires=86400", "Expires=604801"),
            ("Expires=86400", "Expires=0"),
            ("Expires=86400", "Expires=-1"),
            ("Expires=86400", "Expires=1e3"),
            ("Expires=86400", "Expires=99999999999999999999"),
            ("&X-Amz-Expires=86400", ""),
            ("&X-Amz-Date=20130524T000000Z", ""),
            ("&X-Amz-SignedHeaders=host", ""),
            ("AWS4-HMAC-SHA256", "AWS4-HMAC"),
        ],
    )
    def test_a_presigned_address(self, old: str, new: str) -> None:
        assert old in examples.PRESIGNED.query
        query = examples.PRESIGNED.query.replace(old, new)
        error = refusal(replace(examples.PRESIGNED, query=query))
        assert error.code == "AuthorizationQueryParametersError"

    @pytest.mark.parametrize("request_name", ["GET_OBJECT", "PRESIGNED"])
    def test_version_4a_is_refused_by_name(self, request_name: str) -> None:
        request = getattr(examples, request_name)
        asymmetric = "AWS4-ECDSA-P256-SHA256"
        headers = {
            name: value.replace(sigv4.ALGORITHM, asymmetric)
            for name, value in request.headers.items()
        }
        query = request.query.replace(sigv4.ALGORITHM, asymmetric)
        error = refusal(replace(request, headers=headers, query=query))
        assert "Signature Version 4A is not supported" in error.message
        assert error.status == 400

    def test_other_services_name_what_is_missing(self) -> None:
        error = refusal(self._header("Signature=", "Sign=", examples.LIST_USERS), "query")
        assert error.code == "IncompleteSignature"
        assert error.message == "Authorization header requires 'Signature' parameter."
        error = refusal(self._header("Signature=", "Sign=", examples.LIST_USERS), "json")
        assert error.code == "IncompleteSignatureException"

    def test_two_mechanisms_at_once(self) -> None:
        both = replace(examples.PRESIGNED, headers=examples.GET_OBJECT.headers)
        with pytest.raises(AwsError, match="Only one auth mechanism") as error:
            sigv4.read(both, "s3")
        assert error.value.code == "InvalidArgument"

    @pytest.mark.parametrize("key", ["AKI\x00A", "AKIA é", "A" * 129, "", "../x"])
    def test_a_key_that_cannot_be_one_is_not_looked_up(self, key: str) -> None:
        error = refusal(self._header(examples.S3_KEY, key))
        assert (error.code, error.status) == ("InvalidAccessKeyId", 403)

    def test_a_signature_that_is_no_ascii(self) -> None:
        assert refusal(self._header("=f0e8", "=é0e8")).code == "SignatureDoesNotMatch"

    @pytest.mark.parametrize("name", ["x-amz-acl", "x-amz-security-token", "x-amz-meta-a"])
    def test_whoever_holds_an_address_cannot_add_a_header(self, name: str) -> None:
        headers = {**examples.PRESIGNED.headers, name: "public-read"}
        error = refusal(replace(examples.PRESIGNED, headers=headers))
        assert (error.code, error.status) == ("AccessDenied", 403)
        assert error.fields["HeadersNotSigned"] == name

    def test_other_services_too_insist_on_signed_headers(self) -> None:
        headers = {**examples.LIST_USERS.headers, "x-amz-target": "A.B"}
        error = refusal(replace(examples.LIST_USERS, headers=headers), "query")
        assert error.message == "'x-amz-target' must be a 'SignedHeader'."

    def test_headers_of_proxies_need_not_be_signed(self) -> None:
        headers = {
            **examples.GET_OBJECT.headers,
            "x-amzn-trace-id": "1",
            "user-agent": "curl",
            "accept": "*/*",
        }
        check(replace(examples.GET_OBJECT, headers=headers), "s3", examples.S3_MOMENT)


class TestTime:
    @pytest.fixture(autouse=True)
    def _keys(self, settings: Any) -> None:
        settings.AWS_CREDENTIALS = "tests.aws.wire.examples.lookup"

    @pytest.mark.parametrize("offset", [SKEW, -SKEW])
    def test_a_quarter_of_an_hour_is_forgiven(self, offset: timedelta) -> None:
        check(examples.GET_OBJECT, "s3", examples.S3_MOMENT + offset)
        check(examples.LIST_USERS, "query", examples.IAM_MOMENT + offset)

    @pytest.mark.parametrize("seconds", [901, -901])
    def test_more_is_not(self, seconds: int) -> None:
        offset = timedelta(seconds=seconds)
        error = refusal(examples.GET_OBJECT, at=examples.S3_MOMENT + offset)
        assert (error.code, error.status) == ("RequestTimeTooSkewed", 403)
        assert error.fields["MaxAllowedSkewMilliseconds"] == 900_000
        moment = examples.IAM_MOMENT + offset
        assert refusal(examples.LIST_USERS, "query", at=moment).code == "SignatureDoesNotMatch"

    def test_iam_says_which_clock_is_wrong(self) -> None:
        late = refusal(examples.LIST_USERS, "query", at=examples.IAM_MOMENT + 2 * SKEW)
        assert late.message == (
            "Signature expired: 20150830T123600Z is now earlier than 20150830T125100Z "
            "(20150830T130600Z - 15 min.)"
        )
        early = refusal(examples.LIST_USERS, "query", at=examples.IAM_MOMENT - 2 * SKEW)
        assert early.message == (
            "Signature not yet current: 20150830T123600Z is still later than 20150830T122100Z "
            "(20150830T120600Z + 15 min.)"
        )

    def test_ec2_says_only_that_it_expired(self) -> None:
        header = examples.LIST_USERS.headers["authorization"].replace("/iam/", "/ec2/")
        request = replace(
            examples.LIST_USERS, headers={**examples.LIST_USERS.headers, "authorization": header}
        )
        error = refusal(request, "ec2", at=examples.IAM_MOMENT + 2 * SKEW)
        assert error.code == "RequestExpired"

    def test_a_presigned_address_lives_as_long_as_it_says(self) -> None:
        end = examples.S3_MOMENT + timedelta(days=1)
        check(examples.PRESIGNED, "s3", end)
        error = refusal(examples.PRESIGNED, at=end + timedelta(seconds=1))
        assert (error.code, error.message) == ("AccessDenied", "Request has expired")
        assert error.fields["X-Amz-Expires"] == 86_400
        assert error.fields["Expires"] == "2013-05-25T00:00:00Z"
        early = refusal(examples.PRESIGNED, at=examples.S3_MOMENT - 2 * SKEW)
        assert early.message == "Request is not yet valid"


class TestPayload:
    """Of the services beside S3, whose body is hashed whatever a header says."""

    @pytest.fixture
    def key(self, alice: User) -> tuple[str, str]:
        return factories.access_key(alice)

    def test_a_body_that_was_changed(self, key: tuple[str, str], monkeypatch: Any) -> None:
        changed = CALLER.replace("GetCallerIdentity", "GetSessionToken")
        monkeypatch.setattr(
            "tests.aws.wire.raw.send", lambda m, p, body, h: send(m, p, changed.encode(), h)
        )
        answer = call(key, "sts", CALLER)
        assert (answer.status, code_of(answer)) == (403, "SignatureDoesNotMatch")

    @pytest.mark.parametrize("hash_", ["UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"])
    def test_it_cannot_be_left_unsigned(self, key: tuple[str, str], hash_: str) -> None:
        answer = call(key, "sts", CALLER, x_amz_content_sha256=hash_)
        assert code_of(answer) == "SignatureDoesNotMatch"

    def test_a_presigned_call(self, key: tuple[str, str]) -> None:
        answer = send("GET", presigned(key, "sts", CALLER))
        assert answer.status == 200
        assert b"<Arn>arn:aws:iam::111122223333:user/alice</Arn>" in answer.body

    def test_whoever_holds_a_presigned_call_cannot_give_it_a_body(
        self, key: tuple[str, str]
    ) -> None:
        address = presigned(key, "sts", CALLER, method="POST")
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        other = b"Action=GetSessionToken&Version=2011-06-15"
        answer = send("POST", address, other, form)
        assert (answer.status, code_of(answer)) == (403, "SignatureDoesNotMatch")
        assert send("POST", address, b"", form).status == 200

    def test_an_address_does_for_one_method(self, key: tuple[str, str]) -> None:
        address = presigned(key, "sts", CALLER)
        assert code_of(send("POST", address)) == "SignatureDoesNotMatch"


class TestCredentials:
    def test_a_session_token_is_needed_and_must_be_the_keys_own(self, alice: User) -> None:
        one, two = factories.session(alice), factories.session(alice)
        key = (one.access_key_id, one.secret_access_key)
        assert call(key, "sts", CALLER, token=one.token()).status == 200
        for token in (None, two.token(), one.token()[:-4] + "AAA=", "é".encode().decode("latin-1")):
            answer = call(key, "sts", CALLER, token=token)
            assert (answer.status, code_of(answer)) == (403, "InvalidClientTokenId")

    @pytest.mark.parametrize(
        ("service", "operation", "code"),
        [
            ("sts", "get_caller_identity", "ExpiredToken"),
            ("cloudtrail", "list_trails", "ExpiredTokenException"),
            ("ec2", "describe_regions", "RequestExpired"),
            ("s3", "list_buckets", "ExpiredToken"),
        ],
    )
    def test_a_session_ends(self, alice: User, service: str, operation: str, code: str) -> None:
        gone = factories.session(alice, expires_at=clock.real_now() - timedelta(seconds=1))
        client = boto(
            service, gone.access_key_id, gone.secret_access_key, session_token=gone.token()
        )
        with pytest.raises(ClientError) as error:
            getattr(client, operation)()
        assert error.value.response["Error"]["Code"] == code

    @pytest.mark.parametrize(
        ("service", "operation", "code", "status"),
        [
            ("sts", "get_caller_identity", "SignatureDoesNotMatch", 403),
            ("cloudtrail", "list_trails", "InvalidSignatureException", 400),
            ("ec2", "describe_regions", "AuthFailure", 401),
            ("s3", "list_buckets", "SignatureDoesNotMatch", 403),
        ],
    )
    def test_a_wrong_secret(
        self, alice: User, service: str, operation: str, code: str, status: int
    ) -> None:
        key, _ = factories.access_key(alice)
        with pytest.raises(ClientError) as error:
            getattr(boto(service, key, "wrong"), operation)()
        assert error.value.response["Error"]["Code"] == code
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == status

    def test_a_wrong_signature_is_not_a_use_of_the_key(self, alice: User) -> None:
        key, secret = factories.access_key(alice)
        call((key, "wrong"), "sts", CALLER)
        assert AccessKey.objects.get(access_key_id=key).last_used_at is None
        call((key, secret), "sts", CALLER)
        used = AccessKey.objects.get(access_key_id=key)
        assert (used.last_used_service, used.last_used_region) == ("sts", "us-east-1")

    def test_an_inactive_key_is_unknown(self, alice: User) -> None:
        key = factories.access_key(alice, status=AccessKey.Status.INACTIVE)
        assert code_of(call(key, "sts", CALLER)) == "InvalidClientTokenId"

    def test_the_keys_of_a_suspended_account(self, account: Account, alice: User) -> None:
        key, session = factories.access_key(alice), factories.session(alice)
        accounts.suspend_account(account, suspended=True)
        temporary = (session.access_key_id, session.secret_access_key)
        for pair, token in ((key, None), (temporary, session.token())):
            answer = call(pair, "sts", CALLER, token=token)
            assert (answer.status, code_of(answer)) == (403, "OptInRequired")

    @pytest.mark.parametrize(
        ("body", "headers", "code", "status"),
        [
            (CALLER, {}, "MissingAuthenticationToken", 403),
            ("{}", {"X-Amz-Target": "CloudTrail_20131101.ListTrails"}, None, 400),
            ("Action=DescribeRegions&Version=2016-11-15", {}, "AuthFailure", 401),
        ],
    )
    def test_no_signature_at_all(
        self, db: None, body: str, headers: dict[str, str], code: str | None, status: int
    ) -> None:
        form = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        answer = send("POST", "/", body.encode(), form)
        wanted = code or "MissingAuthenticationTokenException"
        assert (answer.status, code_of(answer)) == (status, wanted)
