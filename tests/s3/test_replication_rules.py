"""Replication rules: what may be put, and by whom."""

from collections.abc import Callable
from typing import Any

import pytest

from aws.models import Account
from iam.models import Role, User
from tests import factories
from tests.boto import boto
from tests.factories import allow
from tests.s3.checks import refused
from tests.s3.replicating import SOURCE, TARGET, make, put_rules, rule
from tests.s3.replicating import _no_sessions as _no_sessions  # noqa: PLC0414 - fixtures
from tests.s3.replicating import pair as pair  # noqa: PLC0414
from tests.s3.replicating import role as role  # noqa: PLC0414


def test_the_rules_are_told_and_deleted(s3: Any, pair: Any, role: Role) -> None:
    with refused("ReplicationConfigurationNotFoundError", 404):
        s3.get_bucket_replication(Bucket=SOURCE)
    put_rules(s3, role)
    found = s3.get_bucket_replication(Bucket=SOURCE)["ReplicationConfiguration"]
    assert (found["Role"], found["Rules"]) == (role.arn, [rule()])
    s3.delete_bucket_replication(Bucket=SOURCE)
    with refused("ReplicationConfigurationNotFoundError", 404):
        s3.get_bucket_replication(Bucket=SOURCE)


def test_both_buckets_keep_versions(s3: Any, bucket: str, role: Role) -> None:
    with refused("InvalidRequest", 400) as error:
        put_rules(s3, role)
    assert "Versioning must be 'Enabled' on the bucket" in str(error.value)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    where = {"LocationConstraint": "ap-northeast-2"}
    s3.create_bucket(Bucket=TARGET, CreateBucketConfiguration=where)
    with refused("InvalidRequest", 400) as error:
        put_rules(s3, role)
    assert "Destination bucket must have versioning enabled." in str(error.value)


def test_versioning_stays_on_while_rules_are_there(s3: Any, pair: Any, role: Role) -> None:
    put_rules(s3, role)
    with refused("InvalidBucketState", 409):
        s3.put_bucket_versioning(Bucket=SOURCE, VersioningConfiguration={"Status": "Suspended"})


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"to": "nowhere"}, "InvalidRequest"),
        ({"to": SOURCE}, "InvalidRequest"),
        ({"Priority": None}, "InvalidRequest"),
        ({"DeleteMarkerReplication": None}, "InvalidRequest"),
        ({"Filter": {"Tag": {"Key": "a", "Value": "b"}}}, "InvalidRequest"),
        ({"Filter": None}, "MalformedXML"),
        ({"where": {"AccessControlTranslation": {"Owner": "Destination"}}}, "InvalidArgument"),
        ({"where": {"EncryptionConfiguration": {"ReplicaKmsKeyID": "k"}}}, "InvalidRequest"),
        (
            {"SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}}},
            "InvalidRequest",
        ),
        (
            {"where": {"ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}}}},
            "InvalidRequest",
        ),
        (
            {"where": {"ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 5}}}},
            "InvalidArgument",
        ),
        ({"ID": "x" * 256}, "InvalidArgument"),
    ],
)
def test_rules_that_cannot_be(
    s3: Any, pair: Any, role: Role, more: dict[str, Any], code: str
) -> None:
    wanted = {name: value for name, value in rule(**more).items() if value is not None}
    with refused(code, 400):
        put_rules(s3, role, wanted)


def test_rules_that_cannot_stand_together(s3: Any, pair: Any, role: Role) -> None:
    with refused("InvalidRequest", 400):
        put_rules(s3, role, rule(), rule(ID="other"))
    with refused("InvalidArgument", 400):
        put_rules(s3, role, rule(), rule(Priority=2))


def test_the_role_has_to_trust_s3(s3: Any, pair: Any, account: Account) -> None:
    other = factories.role(account, "other")
    with refused("InvalidArgument", 400):
        put_rules(s3, other)


def test_the_role_has_to_be_passed(
    s3: Any, pair: Any, role: Role, account: Account, client_of: Callable[..., Any]
) -> None:
    carol = factories.user(account, "carol", policies=[allow("s3:*")])
    with refused("AccessDenied", 403) as error:
        put_rules(client_of(carol), role)
    assert "iam:PassRole" in str(error.value)


def test_a_role_of_another_account_is_refused(s3: Any, role: Role, mallory: User) -> None:
    """Else mallory's bucket would write into alice's as alice's role."""
    make(s3, TARGET)
    theirs = boto("s3", *factories.access_key(mallory))
    make(theirs, "lure")
    with refused("AccessDenied", 403):
        put_rules(theirs, role, bucket="lure")
    with refused("InvalidArgument", 400):
        wanted = {"Role": "nobody", "Rules": [rule()]}
        theirs.put_bucket_replication(Bucket="lure", ReplicationConfiguration=wanted)
