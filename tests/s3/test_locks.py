"""Object Lock: default retention, governance, compliance, legal hold."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aws.models import Account
from s3.models import Bucket
from tests import factories
from tests.factories import allow
from tests.s3.checks import refused

LATER = (datetime.now(UTC) + timedelta(days=30)).replace(microsecond=0)
MUCH_LATER = LATER + timedelta(days=30)


@pytest.fixture
def locked(s3: Any) -> str:
    s3.create_bucket(
        Bucket="locked",
        ObjectLockEnabledForBucket=True,
        CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"},
    )
    return "locked"


def put(s3: Any, **more: Any) -> str:
    return str(s3.put_object(Bucket="locked", Key="a", Body=b"1", **more)["VersionId"])


def test_a_bucket_with_lock_has_versions_for_ever(s3: Any, locked: str) -> None:
    assert s3.get_bucket_versioning(Bucket=locked)["Status"] == "Enabled"
    with refused("InvalidBucketState", 409):
        s3.put_bucket_versioning(Bucket=locked, VersioningConfiguration={"Status": "Suspended"})
    answer = s3.get_object_lock_configuration(Bucket=locked)["ObjectLockConfiguration"]
    assert answer == {"ObjectLockEnabled": "Enabled"}


def test_without_lock_nothing_is_locked(s3: Any, bucket: str) -> None:
    with refused("ObjectLockConfigurationNotFoundError", 404):
        s3.get_object_lock_configuration(Bucket=bucket)
    with refused("InvalidRequest", 400):
        s3.put_object(Bucket=bucket, Key="a", Body=b"", ObjectLockLegalHoldStatus="ON")
    with refused("InvalidBucketState", 409):
        s3.put_object_lock_configuration(
            Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
        )


def test_the_default_holds_new_versions(s3: Any, locked: str) -> None:
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 3}}
    s3.put_object_lock_configuration(
        Bucket=locked, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    put(s3)
    head = s3.head_object(Bucket=locked, Key="a")
    assert head["ObjectLockMode"] == "GOVERNANCE"
    days = head["ObjectLockRetainUntilDate"] - datetime.now(UTC)
    assert timedelta(days=2, hours=23) < days < timedelta(days=3, seconds=5)
    rule["DefaultRetention"]["Years"] = 1
    with refused("MalformedXML", 400):
        s3.put_object_lock_configuration(
            Bucket=locked, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
        )


def test_governance_is_bypassed_by_who_may(
    s3: Any, locked: str, account: Account, client_of: Callable[..., Any]
) -> None:
    version = put(s3, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=LATER)
    named = {"Bucket": locked, "Key": "a", "VersionId": version}
    with refused("AccessDenied", 403):
        s3.delete_object(**named)
    deleter = factories.user(account, "deleter", policies=[allow("s3:DeleteObjectVersion")])
    with refused("AccessDenied", 403):
        client_of(deleter).delete_object(**named, BypassGovernanceRetention=True)
    s3.delete_object(**named, BypassGovernanceRetention=True)


def test_compliance_holds_everybody_until_its_time(s3: Any, locked: str, account: Account) -> None:
    version = put(s3, ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=LATER)
    named = {"Bucket": locked, "Key": "a", "VersionId": version}
    with refused("AccessDenied", 403):
        s3.delete_object(**named, BypassGovernanceRetention=True)
    marker = s3.delete_object(Bucket=locked, Key="a")
    s3.delete_object(Bucket=locked, Key="a", VersionId=marker["VersionId"])
    account.clock_offset = timedelta(days=31)
    account.save()
    s3.delete_object(**named)


def test_retention_grows_and_does_not_shrink(s3: Any, locked: str) -> None:
    put(s3, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=LATER)
    named = {"Bucket": locked, "Key": "a"}

    def retain(until: datetime, mode: str = "GOVERNANCE", **more: Any) -> None:
        s3.put_object_retention(**named, Retention={"Mode": mode, "RetainUntilDate": until}, **more)

    retain(MUCH_LATER)
    assert s3.get_object_retention(**named)["Retention"]["RetainUntilDate"] == MUCH_LATER
    with refused("AccessDenied", 403):
        retain(LATER)
    retain(LATER, BypassGovernanceRetention=True)
    retain(LATER, mode="COMPLIANCE")
    with refused("AccessDenied", 403):
        retain(MUCH_LATER, BypassGovernanceRetention=True)
    with refused("InvalidArgument", 400):
        retain(datetime(2020, 1, 1, tzinfo=UTC), mode="COMPLIANCE")


def test_a_legal_hold(s3: Any, locked: str) -> None:
    version = put(s3)
    named = {"Bucket": locked, "Key": "a"}
    with refused("NoSuchObjectLockConfiguration", 404):
        s3.get_object_retention(**named)
    assert s3.get_object_legal_hold(**named)["LegalHold"] == {"Status": "OFF"}
    s3.put_object_legal_hold(**named, LegalHold={"Status": "ON"})
    assert s3.head_object(**named)["ObjectLockLegalHoldStatus"] == "ON"
    with refused("AccessDenied", 403):
        s3.delete_object(**named, VersionId=version, BypassGovernanceRetention=True)
    s3.put_object_legal_hold(**named, LegalHold={"Status": "OFF"})
    s3.delete_object(**named, VersionId=version)


def test_lock_turns_on_later(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object_lock_configuration(
        Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
    )
    assert Bucket.objects.get(name=bucket).object_lock
