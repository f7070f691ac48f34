"""The credential report: its life, and what it says of root and users."""

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from botocore.exceptions import ClientError
from celery import current_app
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aws import clock, lifecycle
from aws.context import Context
from aws.errors import AccessDenied
from aws.models import Account
from iam import credential_report, tasks
from iam.errors import ReportExpired, ReportInProgress, ReportNotPresent
from iam.models import CredentialReport, PasswordPolicy, User
from iam.operations import generate_credential_report, get_credential_report
from tests import factories
from tests.boto import boto
from tests.factories import PASSWORD, ctx_for

Worker = Callable[[], AbstractContextManager[Any]]
MOMENT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def rows(account: Account) -> dict[str, dict[str, str]]:
    text = credential_report.write(account)
    return {row["user"]: row for row in csv.DictReader(io.StringIO(text))}


# --- Its life -------------------------------------------------------------------------------------
def test_boto3_asks_waits_and_reads(alice: User, worker: Worker) -> None:
    iam = boto("iam", *factories.access_key(alice))
    with pytest.raises(ClientError) as missing:
        iam.get_credential_report()
    assert missing.value.response["ResponseMetadata"]["HTTPStatusCode"] == 410
    with worker():
        assert iam.generate_credential_report()["State"] == "STARTED"
        with pytest.raises(ClientError, match="ReportInProgress"):
            iam.get_credential_report()
        assert iam.generate_credential_report()["State"] == "INPROGRESS"
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    report = iam.get_credential_report()
    assert report["ReportFormat"] == "text/csv"
    assert report["Content"].decode().splitlines()[2].startswith("alice,")


def test_it_is_written_anew_after_four_hours_of_the_accounts_time(
    account: Account, worker: Worker
) -> None:
    with worker():
        generate_credential_report(ctx_for(account))
    factories.user(account, "carol")
    almost = ctx_for(account, clock_offset=timedelta(hours=3, minutes=59))
    assert generate_credential_report(almost)["State"] == "COMPLETE"
    assert b"carol" not in get_credential_report(almost)["Content"]

    account.clock_offset = timedelta(hours=4)
    account.save()
    ctx = ctx_for(account)
    with pytest.raises(ReportExpired):
        get_credential_report(ctx)
    with worker():
        assert generate_credential_report(ctx)["State"] == "STARTED"
    report = get_credential_report(ctx)
    assert b"carol" in report["Content"]
    assert abs(report["GeneratedTime"] - account.now) < timedelta(minutes=1)


def test_a_lost_message_heals(ctx: Context, worker: Worker) -> None:
    with mock.patch.object(current_app, "send_task"):
        generate_credential_report(ctx)
    with pytest.raises(ReportInProgress):
        get_credential_report(ctx)
    later = clock.real_now() + lifecycle.GRACE + timedelta(minutes=1)
    with clock.freeze(later), worker():
        assert lifecycle.sweep() == 1
    assert get_credential_report(ctx)


def test_a_doubled_message_changes_nothing(ctx: Context, worker: Worker, account: Account) -> None:
    with worker():
        generate_credential_report(ctx)
    before = get_credential_report(ctx)
    factories.user(account, "carol")
    tasks.write_credential_report(CredentialReport.objects.get().pk)
    tasks.write_credential_report(0)
    assert get_credential_report(ctx) == before


def test_each_account_has_its_own(ctx: Context, mallory: User, worker: Worker) -> None:
    with worker():
        generate_credential_report(ctx)
    with pytest.raises(ReportNotPresent):
        get_credential_report(ctx_for(mallory))


def test_without_permission_it_is_denied(nobody: User) -> None:
    for call in (generate_credential_report, get_credential_report):
        with pytest.raises(AccessDenied):
            call(ctx_for(nobody))


# --- What it says ---------------------------------------------------------------------------------
def test_the_columns_are_awss(account: Account) -> None:
    header = credential_report.write(account).splitlines()[0]
    assert header == (
        "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
        "password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,"
        "access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"
        "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
        "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
        "cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
    )


def test_root_comes_first_then_users_whatever_their_case(account: Account) -> None:
    for name in ("bert", "Anna", "carl"):
        factories.user(account, name)
    assert list(rows(account)) == ["<root_account>", "Anna", "bert", "carl"]


def test_a_user_with_nothing(account: Account) -> None:
    factories.user(account, "carol", created_at=MOMENT)
    row = rows(account)["carol"]
    assert row["arn"] == "arn:aws:iam::111122223333:user/carol"
    assert row["user_creation_time"] == "2026-11-24T12:00:00Z"
    assert {row[name] for name in row if name.endswith(("_active", "_enabled"))} == {"false"}
    rest = [name for name in row if not name.endswith(("_active", "_enabled"))][3:]
    assert {row[name] for name in rest} == {"N/A"}


def test_a_user_with_everything(account: Account) -> None:
    PasswordPolicy.objects.create(account=account, max_password_age=90)
    carol = factories.user(account, "carol", password=PASSWORD)
    carol.login_profile.last_changed = MOMENT
    carol.login_profile.save()
    factories.mfa_device(carol)
    factories.access_key(carol, created_at=MOMENT + timedelta(days=1), status="Inactive")
    factories.access_key(
        carol,
        created_at=MOMENT,
        last_used_at=MOMENT + timedelta(days=2),
        last_used_service="ec2",
        last_used_region="ap-northeast-2",
    )
    row = rows(account)["carol"]
    assert row["password_enabled"] == "true"
    assert row["password_last_used"] == "no_information"
    assert row["password_last_changed"] == "2026-11-24T12:00:00Z"
    assert row["password_next_rotation"] == "2027-02-22T12:00:00Z"
    assert row["mfa_active"] == "true"
    assert (row["access_key_1_active"], row["access_key_2_active"]) == ("true", "false")
    assert row["access_key_1_last_rotated"] == "2026-11-24T12:00:00Z"
    assert row["access_key_1_last_used_date"] == "2026-11-26T12:00:00Z"
    assert row["access_key_1_last_used_service"] == "ec2"
    assert row["access_key_1_last_used_region"] == "ap-northeast-2"
    assert row["access_key_2_last_rotated"] == "2026-11-25T12:00:00Z"
    assert row["access_key_2_last_used_service"] == "N/A"


def test_root(account: Account) -> None:
    factories.mfa_device(account)
    factories.access_key(account)
    row = rows(account)["<root_account>"]
    assert row["arn"] == "arn:aws:iam::111122223333:root"
    assert (row["password_enabled"], row["password_last_used"]) == ("true", "no_information")
    assert row["password_last_changed"] == row["password_next_rotation"] == "not_supported"
    assert (row["mfa_active"], row["access_key_1_active"]) == ("true", "true")


def test_it_asks_as_much_for_many_users_as_for_one(account: Account) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            credential_report.write(account)
        return len(captured)

    factories.access_key(factories.user(account, "carol", password=PASSWORD))
    one = queries()
    for number in range(5):
        factories.access_key(factories.user(account, f"user-{number}", password=PASSWORD))
    assert queries() == one
