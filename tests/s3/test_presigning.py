"""Presigned URLs of the console's principal: what they may do, and when they end."""

from datetime import timedelta
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import pytest

from aws import clock
from aws.context import Context
from aws.models import Account
from iam.credentials import session_principal
from iam.models import Attachment, InlinePolicy, User
from s3.presigning import MAX_LIFETIME, Signer, bucket_url
from tests import factories
from tests.s3.raw import send

ODD = "folder/a b+c%20#?&='\"<script>/한글 파일.txt"
CONSOLE = "http://localhost:8000"


@pytest.fixture
def ctx(alice: User) -> Context:
    return factories.ctx_for(alice, source="console")


@pytest.fixture
def stored(s3: Any, bucket: str) -> str:
    s3.put_object(Bucket=bucket, Key=ODD, Body=b"words")
    return bucket


def test_a_key_of_any_characters_is_read_by_its_url(ctx: Context, stored: str) -> None:
    answer = send("GET", Signer(ctx, stored).url("GET", ODD))
    assert (answer.status, answer.body) == (200, b"words")


def test_headers_of_the_answer_can_be_chosen(ctx: Context, stored: str) -> None:
    wish = 'attachment; filename="x.txt"'
    url = Signer(ctx, stored).url("GET", ODD, {"response-content-disposition": wish})
    assert send("GET", url).headers["Content-Disposition"] == wish


def test_a_signed_header_has_to_come(ctx: Context, bucket: str) -> None:
    url = Signer(ctx, bucket).url("PUT", "new", headers={"x-amz-storage-class": "STANDARD_IA"})
    assert send("PUT", url, b"words").status == 403
    assert send("PUT", url, b"words", {"x-amz-storage-class": "STANDARD_IA"}).status == 200


def test_an_upload_is_stored(ctx: Context, bucket: str, s3: Any) -> None:
    assert send("PUT", Signer(ctx, bucket).url("PUT", ODD), b"sent").status == 200
    assert s3.get_object(Bucket=bucket, Key=ODD)["Body"].read() == b"sent"


def test_it_dies_with_the_permission(ctx: Context, alice: User, stored: str) -> None:
    url = Signer(ctx, stored).url("GET", ODD)
    Attachment.objects.filter(user=alice).delete()
    assert send("GET", url).status == 403


def test_it_dies_with_the_user(ctx: Context, alice: User, stored: str) -> None:
    url = Signer(ctx, stored).url("GET", ODD)
    for model in (Attachment, InlinePolicy):
        model.objects.filter(user=alice).delete()
    User.objects.filter(pk=alice.pk).delete()
    answer = send("GET", url)
    assert (answer.status, b"InvalidAccessKeyId" in answer.body) == (403, True)


def test_it_dies_with_the_account_s_sessions(ctx: Context, account: Account, stored: str) -> None:
    url = Signer(ctx, stored).url("GET", ODD)
    Account.objects.filter(pk=account.pk).update(
        sessions_valid_from=clock.real_now() + timedelta(seconds=1)
    )
    assert send("GET", url).status == 403


def test_it_expires(ctx: Context, stored: str) -> None:
    url = Signer(ctx, stored, timedelta(minutes=1)).url("GET", ODD)
    later = clock.real_now() + timedelta(seconds=61)
    with mock.patch.object(clock, "real_now", return_value=later):
        answer = send("GET", url)
    assert (answer.status, b"expired" in answer.body) == (403, True)


def test_nothing_is_signed_for_longer_than_twelve_hours(ctx: Context, stored: str) -> None:
    query = parse_qs(urlsplit(Signer(ctx, stored, timedelta(days=7)).url("GET", ODD)).query)
    assert query["X-Amz-Expires"] == [str(int(MAX_LIFETIME.total_seconds()))]


def test_root_and_a_role_session_sign_as_themselves(account: Account, stored: str) -> None:
    reader = factories.role(account, "reader", policy_arns=[factories.READ_ONLY])
    for who in (account, reader):
        signer = Signer(factories.ctx_for(who, source="console"), stored)
        assert send("GET", signer.url("GET", ODD)).status == 200
    assert send("PUT", signer.url("PUT", "new"), b"").status == 403


def test_a_role_s_signature_ends_with_its_session(account: Account, stored: str) -> None:
    reader = factories.role(account, "reader", policy_arns=[factories.READ_ONLY])
    ends = account.now + timedelta(minutes=1)
    session = factories.session(
        reader, kind="assumed-role", session_name="session", expires_at=ends
    )
    ctx = factories.ctx_for(session_principal(session)[0], source="console")
    url = Signer(ctx, stored, MAX_LIFETIME).url("GET", ODD)
    assert send("GET", url).status == 200
    with mock.patch.object(clock, "real_now", return_value=ends + timedelta(seconds=1)):
        assert b"ExpiredToken" in send("GET", url).body


def test_session_policies_hold_for_it(account: Account, stored: str) -> None:
    reader = factories.role(account, "reader", policy_arns=[factories.ADMINISTRATOR])
    session = factories.session(
        reader,
        kind="assumed-role",
        session_name="session",
        session_policies=(factories.allow("s3:ListBucket"),),
    )
    ctx = factories.ctx_for(session_principal(session)[0], source="console")
    assert send("GET", Signer(ctx, stored).url("GET", ODD)).status == 403


def test_another_account_signs_for_nothing(mallory: User, stored: str) -> None:
    signer = Signer(factories.ctx_for(mallory, source="console"), stored)
    assert send("GET", signer.url("GET", ODD)).status == 403


class TestForm:
    """The upload that needs no script."""

    def send(self, bucket: str, fields: dict[str, str], name: str = "a.txt") -> Any:
        lines = [
            f'--x\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
            for field, value in fields.items()
        ]
        lines.append(
            f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: text/plain\r\n\r\nwords\r\n--x--\r\n"
        )
        body = "".join(lines).encode()
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        return send("POST", bucket_url(bucket), body, kind)

    def test_it_stores_the_file_and_goes_back(self, ctx: Context, bucket: str, s3: Any) -> None:
        fields = Signer(ctx, bucket).form("docs/", f"{CONSOLE}/s3/buckets/{bucket}")
        answer = self.send(bucket, fields)
        assert answer.status == 303
        assert answer.headers["Location"].startswith(f"{CONSOLE}/s3/buckets/{bucket}?")
        assert s3.get_object(Bucket=bucket, Key="docs/a.txt")["ContentType"] == "text/plain"

    def test_another_prefix_is_refused(self, ctx: Context, bucket: str) -> None:
        fields = Signer(ctx, bucket).form("docs/", f"{CONSOLE}/")
        assert self.send(bucket, fields | {"key": "other/a.txt"}).status == 403


class TestOrigins:
    """The console's pages reach the API whatever CORS rules a bucket has; nobody else does."""

    ASKS = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-amz-acl"}

    def test_the_console_may_send_a_presigned_put(self, ctx: Context, bucket: str) -> None:
        url = Signer(ctx, bucket).url("PUT", "new")
        asked = send("OPTIONS", url, headers={"Origin": CONSOLE, **self.ASKS})
        assert asked.status == 200
        assert asked.headers["Access-Control-Allow-Origin"] == CONSOLE
        sent = send("PUT", url, b"words", {"Origin": CONSOLE})
        assert "ETag" in sent.headers["Access-Control-Expose-Headers"]

    @pytest.mark.parametrize("origin", ["null", "http://localhost:4566", f"{CONSOLE}0"])
    def test_other_origins_may_not(self, origin: str, ctx: Context, bucket: str) -> None:
        url = Signer(ctx, bucket).url("PUT", "new")
        assert send("OPTIONS", url, headers={"Origin": origin, **self.ASKS}).status == 403
        sent = send("PUT", url, b"words", {"Origin": origin})
        assert "Access-Control-Allow-Origin" not in sent.headers

    def test_nor_may_the_console_without_a_signature(self, bucket: str) -> None:
        asked = send("OPTIONS", f"/{bucket}/new", headers={"Origin": CONSOLE, **self.ASKS})
        assert asked.status == 403
