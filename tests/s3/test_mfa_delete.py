"""MFA delete: versions that go by the root user's hand and device alone."""

from collections.abc import Callable
from typing import Any

import pyotp
import pytest

from aws import clock
from aws.models import Account
from iam import mfa
from iam.models import MFADevice, User
from tests import factories
from tests.boto import boto
from tests.s3.checks import refused

ON = {"Status": "Enabled", "MFADelete": "Enabled"}


@pytest.fixture
def device(account: Account) -> MFADevice:
    return factories.mfa_device(account, name="root-phone")


@pytest.fixture
def root(account: Account) -> Any:
    return boto("s3", *factories.access_key(account))


@pytest.fixture
def code_of() -> Callable[[MFADevice], str]:
    """`code_of(device)`: x-amz-mfa with a code that was not used before."""

    def code(device: MFADevice) -> str:
        device.refresh_from_db()
        step = max(device.last_step + 1, int(clock.real_now().timestamp()) // mfa.STEP_SECONDS - 1)
        totp = pyotp.TOTP(mfa.base32(device.seed))
        return f"{device.serial_number} {totp.generate_otp(step)}"

    return code


@pytest.fixture
def guarded(s3: Any, root: Any, bucket: str, device: MFADevice, code_of: Any) -> str:
    root.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=ON, MFA=code_of(device))
    return bucket


def test_root_turns_it_on_and_off_with_a_code(
    root: Any, bucket: str, device: MFADevice, code_of: Any
) -> None:
    with refused("AccessDenied", 403) as error:
        root.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=ON)
    message = error.value.response["Error"]["Message"]
    assert message == "Mfa Authentication must be used for this request"
    root.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=ON, MFA=code_of(device))
    found = root.get_bucket_versioning(Bucket=bucket)
    assert (found["Status"], found["MFADelete"]) == ("Enabled", "Enabled")
    root.put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration=ON | {"MFADelete": "Disabled"}, MFA=code_of(device)
    )
    assert "MFADelete" not in root.get_bucket_versioning(Bucket=bucket)


def test_users_may_not_though_they_have_a_device(
    s3: Any, alice: User, bucket: str, device: MFADevice, code_of: Any
) -> None:
    for own in (device, factories.mfa_device(alice)):
        with refused("AccessDenied", 403) as error:
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=ON, MFA=code_of(own))
        message = error.value.response["Error"]["Message"]
        assert message == "This operation may only be performed by the bucket owner"


def test_a_version_goes_with_a_code_alone(
    s3: Any, root: Any, guarded: str, device: MFADevice, code_of: Any
) -> None:
    version = s3.put_object(Bucket=guarded, Key="a", Body=b"x")["VersionId"]
    # A delete marker takes nothing away.
    assert s3.delete_object(Bucket=guarded, Key="a")["DeleteMarker"]
    for client in (s3, root):
        with refused("AccessDenied", 403):
            client.delete_object(Bucket=guarded, Key="a", VersionId=version)
    with refused("AccessDenied", 403):
        root.delete_object(
            Bucket=guarded, Key="a", VersionId=version, MFA=f"{device.serial_number} 000000"
        )
    root.delete_object(Bucket=guarded, Key="a", VersionId=version, MFA=code_of(device))
    with refused("NoSuchVersion", 404):
        s3.get_object(Bucket=guarded, Key="a", VersionId=version)


def test_a_code_counts_once(
    s3: Any, root: Any, guarded: str, device: MFADevice, code_of: Any
) -> None:
    versions = [s3.put_object(Bucket=guarded, Key=key)["VersionId"] for key in "ab"]
    code = code_of(device)
    root.delete_object(Bucket=guarded, Key="a", VersionId=versions[0], MFA=code)
    with refused("AccessDenied", 403):
        root.delete_object(Bucket=guarded, Key="b", VersionId=versions[1], MFA=code)


def test_one_version_without_a_code_fails_all(
    s3: Any, root: Any, guarded: str, device: MFADevice, code_of: Any
) -> None:
    version = s3.put_object(Bucket=guarded, Key="a")["VersionId"]
    items = [{"Key": "b"}, {"Key": "a", "VersionId": version}]
    with refused("AccessDenied", 403):
        root.delete_objects(Bucket=guarded, Delete={"Objects": items})
    assert "DeleteMarkers" not in s3.list_object_versions(Bucket=guarded)
    answer = root.delete_objects(Bucket=guarded, Delete={"Objects": items}, MFA=code_of(device))
    assert len(answer["Deleted"]) == 2


def test_versioning_is_not_suspended_without_a_code(
    s3: Any, root: Any, guarded: str, device: MFADevice, code_of: Any
) -> None:
    suspended = {"Status": "Suspended"}
    with refused("AccessDenied", 403):
        s3.put_bucket_versioning(Bucket=guarded, VersioningConfiguration=suspended)
    root.put_bucket_versioning(
        Bucket=guarded, VersioningConfiguration=suspended, MFA=code_of(device)
    )
    found = s3.get_bucket_versioning(Bucket=guarded)
    assert (found["Status"], found["MFADelete"]) == ("Suspended", "Enabled")


def test_it_goes_with_no_lifecycle_rules(
    s3: Any, root: Any, guarded: str, device: MFADevice, code_of: Any
) -> None:
    rule = {"ID": "old", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}
    rules = {"Rules": [rule]}
    with refused("InvalidBucketState", 409):
        s3.put_bucket_lifecycle_configuration(Bucket=guarded, LifecycleConfiguration=rules)
    off = ON | {"MFADelete": "Disabled"}
    root.put_bucket_versioning(Bucket=guarded, VersioningConfiguration=off, MFA=code_of(device))
    s3.put_bucket_lifecycle_configuration(Bucket=guarded, LifecycleConfiguration=rules)
    with refused("InvalidBucketState", 409):
        root.put_bucket_versioning(Bucket=guarded, VersioningConfiguration=ON, MFA=code_of(device))
