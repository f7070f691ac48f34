"""Two buckets, a role, and rules between them: for the tests of replication."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from aws.models import Account
from iam import trust
from iam.models import InlinePolicy, Role
from s3 import roles
from s3 import tasks as tasks  # noqa: PLC0414 - registers them
from tests import factories
from tests.factories import allow

Worker = Callable[[], AbstractContextManager[Any]]
SOURCE, TARGET = "samples", "copies"


@pytest.fixture(autouse=True)
def _no_sessions() -> Iterator[None]:
    yield
    roles._sessions.clear()


def make(s3: Any, name: str, **options: Any) -> str:
    where = {"LocationConstraint": s3.meta.region_name}
    s3.create_bucket(Bucket=name, CreateBucketConfiguration=where, **options)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


@pytest.fixture
def role(account: Account) -> Role:
    """As AWS's page of permissions has it."""
    document = trust.for_service("s3.amazonaws.com")
    found = factories.role(account, "replicator", trust=document)
    grant(found, "s3:GetReplicationConfiguration", "s3:ListBucket", "s3:GetObject*")
    grant(found, "s3:Replicate*", "s3:ObjectOwnerOverrideToBucketOwner")
    return found


def grant(role: Role, *actions: str) -> None:
    add_policies(role, *map(allow, actions))


def deny(role: Role, action: str) -> None:
    add_policies(role, allow(action).replace("Allow", "Deny"))


def add_policies(role: Role, *documents: str) -> None:
    for document in documents:
        name = f"inline-{InlinePolicy.objects.count()}"
        InlinePolicy.objects.create(
            account=role.account, policy_name=name, document=document, role=role
        )


@pytest.fixture
def pair(s3: Any, bucket: str) -> tuple[str, str]:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket, make(s3, TARGET)


def rule(**more: Any) -> dict[str, Any]:
    destination = {"Bucket": f"arn:aws:s3:::{more.pop('to', TARGET)}", **more.pop("where", {})}
    return {
        "ID": "rule",
        "Status": "Enabled",
        "Priority": 1,
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": destination,
        **more,
    }


def put_rules(s3: Any, role: Role, *rules: dict[str, Any], bucket: str = SOURCE) -> None:
    wanted = {"Role": role.arn, "Rules": list(rules or (rule(),))}
    s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration=wanted)


def status(s3: Any, key: str = "a", bucket: str = SOURCE, **more: Any) -> str:
    head = s3.head_object(Bucket=bucket, Key=key, **more)
    return str(head.get("ReplicationStatus", ""))
