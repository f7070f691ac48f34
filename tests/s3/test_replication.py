"""Replication: what goes where as whom, and what does not."""

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest

from aws import clock, lifecycle
from aws.models import Account
from iam.models import Role, User
from kms.operations import create_key
from s3 import lifecycle as s3_lifecycle
from s3 import replication
from s3.models import Notification, ObjectVersion, Replication
from tests import factories
from tests.boto import boto
from tests.factories import allow
from tests.s3.checks import refused
from tests.s3.replicating import SOURCE, TARGET, Worker, deny, grant, make, put_rules, rule, status
from tests.s3.replicating import _no_sessions as _no_sessions  # noqa: PLC0414 - fixtures
from tests.s3.replicating import pair as pair  # noqa: PLC0414
from tests.s3.replicating import role as role  # noqa: PLC0414


# --- Objects ----------------------------------------------------------------------------------
def test_an_object_becomes_a_replica(s3: Any, pair: Any, role: Role, worker: Worker) -> None:
    put_rules(s3, role)
    with worker():
        put = s3.put_object(
            Bucket=SOURCE, Key="a", Body=b"1" * 50_000, Metadata={"who": "me"}, Tagging="t=1",
            ContentType="text/plain", StorageClass="STANDARD_IA",
        )  # fmt: skip
        assert status(s3) == "PENDING"
    assert status(s3) == "COMPLETED"
    found = s3.get_object(Bucket=TARGET, Key="a", VersionId=put["VersionId"])
    assert found["Body"].read() == b"1" * 50_000
    assert (found["ReplicationStatus"], found["ETag"]) == ("REPLICA", put["ETag"])
    assert (found["Metadata"], found["ContentType"]) == ({"who": "me"}, "text/plain")
    assert (found["StorageClass"], found["TagCount"]) == ("STANDARD_IA", 1)
    assert found["LastModified"] == s3.head_object(Bucket=SOURCE, Key="a")["LastModified"]
    assert not Replication.objects.exists()


def test_what_was_there_before_and_what_does_not_match_stays(
    s3: Any, pair: Any, role: Role, worker: Worker
) -> None:
    s3.put_object(Bucket=SOURCE, Key="logs/old", Body=b"1")
    put_rules(
        s3, role, rule(Filter={"Prefix": "logs/"}), rule(ID="x", Priority=2, Status="Disabled")
    )
    with worker():
        s3.put_object(Bucket=SOURCE, Key="other", Body=b"1")
        s3.put_object(Bucket=SOURCE, Key="logs/new", Body=b"1")
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=TARGET)["Contents"]]
    assert keys == ["logs/new"]
    assert status(s3, "other") == status(s3, "logs/old") == ""


def test_rules_by_tags_and_a_class_of_their_own(
    s3: Any, pair: Any, role: Role, worker: Worker
) -> None:
    by_tag = rule(
        Filter={"And": {"Prefix": "", "Tags": [{"Key": "keep", "Value": "yes"}]}},
        DeleteMarkerReplication={"Status": "Disabled"},
        where={"StorageClass": "ONEZONE_IA"},
    )
    put_rules(s3, role, by_tag)
    with worker():
        s3.put_object(Bucket=SOURCE, Key="a", Body=b"1", Tagging="keep=yes")
        s3.put_object(Bucket=SOURCE, Key="b", Body=b"1", Tagging="keep=no")
    (one,) = s3.list_objects_v2(Bucket=TARGET)["Contents"]
    assert (one["Key"], one["StorageClass"]) == ("a", "ONEZONE_IA")


def test_two_destinations_are_one_status(s3: Any, pair: Any, role: Role, worker: Worker) -> None:
    make(s3, "third")
    put_rules(s3, role, rule(), rule(ID="second", Priority=2, to="third"))
    with worker():
        s3.put_object(Bucket=SOURCE, Key="a", Body=b"1")
    assert status(s3) == "COMPLETED"
    assert status(s3, bucket=TARGET) == status(s3, bucket="third") == "REPLICA"


def test_multipart_objects_keep_their_parts(s3: Any, pair: Any, role: Role, worker: Worker) -> None:
    put_rules(s3, role)
    begun = s3.create_multipart_upload(Bucket=SOURCE, Key="a")["UploadId"]
    named = {"Bucket": SOURCE, "Key": "a", "UploadId": begun}
    etags = [
        s3.upload_part(**named, PartNumber=number, Body=bytes(size))["ETag"]
        for number, size in ((1, 5 << 20), (2, 7))
    ]
    parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, start=1)]
    with worker():
        made = s3.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    s3.delete_object(Bucket=SOURCE, Key="a", VersionId=made["VersionId"])
    found = s3.get_object(Bucket=TARGET, Key="a", PartNumber=2)
    assert (found["Body"].read(), found["ETag"], found["PartsCount"]) == (bytes(7), made["ETag"], 2)


def test_a_replica_is_not_replicated_again(s3: Any, pair: Any, role: Role, worker: Worker) -> None:
    """In both directions: nothing goes round."""
    put_rules(s3, role)
    put_rules(s3, role, rule(to=SOURCE), bucket=TARGET)
    with worker():
        s3.put_object(Bucket=SOURCE, Key="a", Body=b"1")
        s3.put_object(Bucket=TARGET, Key="b", Body=b"1")
    assert ObjectVersion.objects.count() == 4
    assert (status(s3, bucket=TARGET), status(s3, "b")) == ("REPLICA", "REPLICA")


def test_another_region_and_account(
    s3: Any, bucket: str, role: Role, mallory: User, worker: Worker
) -> None:
    """The destination's policy lets the role in; it takes the object over where the rule says."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    theirs = boto("s3", *factories.access_key(mallory), region="eu-central-1")
    make(theirs, "abroad", ObjectOwnership="ObjectWriter")
    where = {"Account": mallory.account_id}
    put_rules(s3, role, rule(to="abroad", where=where))
    with worker():
        s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    assert status(s3) == "FAILED"
    policy = allow("s3:Replicate*", resource="arn:aws:s3:::abroad/*").replace(
        '"Effect"', f'"Principal": {{"AWS": "{role.arn}"}}, "Effect"'
    )
    theirs.put_bucket_policy(Bucket="abroad", Policy=policy)
    with worker():
        s3.put_object(Bucket=bucket, Key="b", Body=b"1")
    assert status(s3, "b") == "COMPLETED"
    owners = ObjectVersion.objects.filter(bucket__name="abroad").values_list("owner_id", flat=True)
    assert list(owners) == [role.account_id]
    with refused("403", 403):
        theirs.head_object(Bucket="abroad", Key="b")


def test_a_wrong_account_is_no_destination(
    s3: Any, pair: Any, role: Role, mallory: User, worker: Worker
) -> None:
    put_rules(s3, role, rule(where={"Account": mallory.account_id}))
    with worker():
        s3.put_object(Bucket=SOURCE, Key="a", Body=b"1")
    assert status(s3) == "FAILED"


@pytest.mark.parametrize(
    "action", ["s3:ListBucket", "s3:GetObjectVersionForReplication", "s3:ReplicateObject"]
)
def test_each_permission_of_the_role_counts(
    s3: Any, pair: Any, role: Role, worker: Worker, action: str
) -> None:
    put_rules(s3, role)
    deny(role, action)
    queue = "arn:aws:sqs:ap-northeast-2:111122223333:jobs"
    told = [{"QueueArn": queue, "Events": ["s3:Replication:*"]}]
    wanted = {"QueueConfigurations": told}
    s3.put_bucket_notification_configuration(Bucket=SOURCE, NotificationConfiguration=wanted)
    with worker():
        s3.put_object(Bucket=SOURCE, Key="a", Body=b"1")
    assert status(s3) == "FAILED"
    message = Notification.objects.get(event="Replication:OperationFailedReplication").message
    assert message["Records"][0]["replicationEventData"]["failureReason"] == "AccessDenied"
    assert "Contents" not in s3.list_objects_v2(Bucket=TARGET)


def test_tags_need_a_permission_of_their_own(
    s3: Any, pair: Any, role: Role, worker: Worker
) -> None:
    put_rules(s3, role)
    deny(role, "s3:ReplicateTags")
    with worker():
        s3.put_object(Bucket=SOURCE, Key="a", Body=b"1", Tagging="t=1")
        s3.put_object(Bucket=SOURCE, Key="b", Body=b"1")
    assert (status(s3), status(s3, "b")) == ("FAILED", "COMPLETED")


def test_object_lock_goes_along(s3: Any, role: Role, worker: Worker) -> None:
    make(s3, SOURCE, ObjectLockEnabledForBucket=True)
    make(s3, TARGET, ObjectLockEnabledForBucket=True)
    put_rules(s3, role)
    until = clock.real_now().replace(microsecond=0) + timedelta(days=3)
    with worker():
        s3.put_object(
            Bucket=SOURCE, Key="a", Body=b"1", ObjectLockMode="GOVERNANCE",
            ObjectLockRetainUntilDate=until,
        )  # fmt: skip
    found = s3.head_object(Bucket=TARGET, Key="a")
    assert (found["ObjectLockMode"], found["ObjectLockRetainUntilDate"]) == ("GOVERNANCE", until)
    with worker():
        s3.put_object_legal_hold(Bucket=SOURCE, Key="a", LegalHold={"Status": "ON"})
    assert s3.head_object(Bucket=TARGET, Key="a")["ObjectLockLegalHoldStatus"] == "ON"


def test_kms_objects_go_under_the_rules_key(
    s3: Any, pair: Any, role: Role, alice: User, worker: Worker
) -> None:
    ctx = factories.ctx_for(alice, region="ap-northeast-2")
    first, second = (create_key(ctx)["KeyMetadata"]["Arn"] for _ in range(2))
    sealed = {
        "Bucket": SOURCE,
        "Body": b"1",
        "ServerSideEncryption": "aws:kms",
        "SSEKMSKeyId": first,
    }
    put_rules(s3, role)
    s3.put_object(Key="left", **sealed)
    assert status(s3, "left") == ""
    encrypting = rule(
        SourceSelectionCriteria={"SseKmsEncryptedObjects": {"Status": "Enabled"}},
        where={"EncryptionConfiguration": {"ReplicaKmsKeyID": second}},
    )
    put_rules(s3, role, encrypting)
    with worker():
        s3.put_object(Key="a", **sealed)
    assert status(s3) == "FAILED"
    grant(role, "kms:Decrypt", "kms:GenerateDataKey")
    with worker():
        s3.put_object(Key="b", **sealed)
    found = s3.get_object(Bucket=TARGET, Key="b")
    assert (found["Body"].read(), found["SSEKMSKeyId"]) == (b"1", second)


# --- Deletes and changes ----------------------------------------------------------------------
def test_delete_markers_go_by_rule_and_deletes_of_versions_never(
    s3: Any, pair: Any, role: Role, worker: Worker
) -> None:
    put_rules(s3, role)
    with worker():
        version = s3.put_object(Bucket=SOURCE, Key="a", Body=b"1")["VersionId"]
    with worker():
        marker = s3.delete_object(Bucket=SOURCE, Key="a")["VersionId"]
    (found,) = s3.list_object_versions(Bucket=TARGET)["DeleteMarkers"]
    assert (found["VersionId"], found["IsLatest"]) == (marker, True)
    with worker():
        s3.delete_object(Bucket=SOURCE, Key="a", VersionId=version)
    assert len(s3.list_object_versions(Bucket=TARGET)["Versions"]) == 1


def test_delete_markers_stay_where_the_rule_says_so(
    s3: Any, pair: Any, role: Role, account: Account, worker: Worker
) -> None:
    """And those of a lifecycle rule always."""
    put_rules(s3, role, rule(DeleteMarkerReplication={"Status": "Disabled"}))
    with worker():
        s3.put_object(Bucket=SOURCE, Key="a", Body=b"1")
        s3.delete_object(Bucket=SOURCE, Key="a")
    assert "DeleteMarkers" not in s3.list_object_versions(Bucket=TARGET)
    put_rules(s3, role)
    expiry = {"ID": "x", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket=SOURCE, LifecycleConfiguration={"Rules": [expiry]})
    with worker():
        s3.put_object(Bucket=SOURCE, Key="b", Body=b"1")
    account.clock_offset += timedelta(days=3)
    account.save()
    with worker():
        assert s3_lifecycle.run() == 1
    assert "DeleteMarkers" not in s3.list_object_versions(Bucket=TARGET)


def test_changed_tags_follow(s3: Any, pair: Any, role: Role, worker: Worker) -> None:
    put_rules(s3, role)
    with worker():
        s3.put_object(Bucket=SOURCE, Key="a", Body=b"1")
        tags = {"TagSet": [{"Key": "t", "Value": "1"}]}
        s3.put_object_tagging(Bucket=SOURCE, Key="a", Tagging=tags)
    assert s3.get_object_tagging(Bucket=TARGET, Key="a")["TagSet"] == tags["TagSet"]
    assert status(s3) == "COMPLETED"


@pytest.mark.parametrize(("sync", "tags"), [("Enabled", 1), ("Disabled", 0)])
def test_changes_of_a_replica_come_back_by_rule(
    s3: Any, pair: Any, role: Role, worker: Worker, sync: str, tags: int
) -> None:
    put_rules(s3, role)
    back = rule(to=SOURCE, SourceSelectionCriteria={"ReplicaModifications": {"Status": sync}})
    put_rules(s3, role, back, bucket=TARGET)
    with worker():
        s3.put_object(Bucket=SOURCE, Key="a", Body=b"1")
    with worker():
        changed = {"TagSet": [{"Key": "t", "Value": "1"}]}
        s3.put_object_tagging(Bucket=TARGET, Key="a", Tagging=changed)
    assert len(s3.get_object_tagging(Bucket=SOURCE, Key="a")["TagSet"]) == tags


# --- Order, crashes ---------------------------------------------------------------------------
def test_a_version_that_comes_late_does_not_become_the_latest(
    s3: Any, pair: Any, role: Role, worker: Worker
) -> None:
    put_rules(s3, role)
    with worker():
        s3.put_object(Bucket=SOURCE, Key="a", Body=b"old")
        first = Replication.objects.get()
        Replication.objects.all().delete()
        s3.put_object(Bucket=SOURCE, Key="a", Body=b"new")
    first.pk = None
    first.save(force_insert=True)
    replication.work(first.pk)
    assert s3.get_object(Bucket=TARGET, Key="a")["Body"].read() == b"new"
    listed = s3.list_object_versions(Bucket=TARGET)["Versions"]
    assert [one["IsLatest"] for one in listed] == [True, False]


def test_a_worker_that_died_is_replaced(s3: Any, pair: Any, role: Role, worker: Worker) -> None:
    """Its transaction is gone, with the half of the work; a message may also come twice."""
    put_rules(s3, role)
    s3.put_object(Bucket=SOURCE, Key="a", Body=b"1" * 50_000)
    row = Replication.objects.get()
    with (
        mock.patch("s3.replication.notifications.emit", side_effect=SystemExit),
        pytest.raises(SystemExit),
    ):
        replication.work(row.pk)
    assert "Contents" not in s3.list_objects_v2(Bucket=TARGET)
    assert status(s3) == "PENDING"
    Replication.objects.update(due_at=clock.real_now() - timedelta(hours=1))
    with worker():
        lifecycle.sweep()
    replication.work(row.pk)
    assert (status(s3), ObjectVersion.objects.count()) == ("COMPLETED", 2)


def test_what_has_gone_meanwhile_is_owed_no_more(
    s3: Any, pair: Any, role: Role, worker: Worker
) -> None:
    put_rules(s3, role)
    with worker():
        put = s3.put_object(Bucket=SOURCE, Key="a", Body=b"1")
        s3.delete_object(Bucket=SOURCE, Key="a", VersionId=put["VersionId"])
    assert not Replication.objects.exists()
    assert "Versions" not in s3.list_object_versions(Bucket=TARGET)


def test_what_failed_is_forgotten_with_its_version(
    s3: Any, pair: Any, role: Role, worker: Worker
) -> None:
    put_rules(s3, role)
    deny(role, "s3:ReplicateObject")
    with worker():
        put = s3.put_object(Bucket=SOURCE, Key="a", Body=b"1")
    assert Replication.objects.get().state == "FAILED"
    s3.delete_object(Bucket=SOURCE, Key="a", VersionId=put["VersionId"])
    assert not Replication.objects.exists()
