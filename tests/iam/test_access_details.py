"""Access advisor: services granted, and when they were last used."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from aws.context import Context
from aws.errors import AccessDenied, AwsError
from aws.models import Account
from iam import operations, reference
from iam.errors import InvalidInput, NoSuchEntity
from iam.models import AccessDetailsJob, User
from iam.operations import (
    generate_service_last_accessed_details,
    get_service_last_accessed_details,
    get_service_last_accessed_details_with_entities,
)
from tests import factories
from tests.boto import boto
from tests.factories import ADMINISTRATOR, READ_ONLY, allow, ctx_for

Worker = Callable[[], AbstractContextManager[Any]]
Report = Callable[..., dict[str, Any]]


@pytest.fixture
def report(ctx: Context, worker: Worker) -> Report:
    """`report(arn)`: the finished report about an entity."""

    def write(arn: str, **options: Any) -> dict[str, Any]:
        with worker():
            job = generate_service_last_accessed_details(ctx, arn=arn, **options)["JobId"]
        return {**get_service_last_accessed_details(ctx, job_id=job, max_items=1000), "job": job}

    return write


def services(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {entry["ServiceNamespace"]: entry for entry in answer["ServicesLastAccessed"]}


@pytest.mark.parametrize(
    ("document", "granted"),
    [
        (allow(["s3:Get*", "ec2:RunInstances", "S3:PutObject"]), {"s3", "ec2"}),
        (allow("s3:*", Effect="Deny"), set()),
        (allow("nonsense:*"), set()),
    ],
)
def test_the_services_that_policies_grant(
    account: Account, report: Report, document: str, granted: set[str]
) -> None:
    carol = factories.user(account, "carol", policies=[document])
    assert set(services(report(carol.arn))) == granted


def test_everything_is_granted_to_an_administrator(alice: User, report: Report) -> None:
    assert services(report(alice.arn)).keys() == reference.services().keys()


def test_not_action_leaves_a_service_out(account: Account, report: Report) -> None:
    statement = {"Effect": "Allow", "NotAction": ["iam:*", "s3:G*"], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    carol = factories.user(account, "carol", policies=[document])
    granted = services(report(carol.arn)).keys()
    assert "iam" not in granted
    assert {"s3", "ec2"} <= granted


def test_a_users_last_use_counts_denied_attempts_too(account: Account, report: Report) -> None:
    carol = factories.user(account, "carol", policies=[allow(["iam:ListUsers", "s3:*"])])
    operations.list_users(ctx_for(carol))
    with pytest.raises(AccessDenied):
        operations.create_user(ctx_for(carol), user_name="dave")
    found = services(report(carol.arn))
    assert found["iam"]["LastAuthenticatedEntity"] == carol.arn
    assert found["iam"]["LastAuthenticatedRegion"] == "us-east-1"
    assert found["iam"]["TotalAuthenticatedEntities"] == 1
    assert (account.now - found["iam"]["LastAuthenticated"]).total_seconds() < 60
    assert found["iam"]["ServiceName"] == "AWS Identity and Access Management (IAM)"
    assert found["s3"]["TotalAuthenticatedEntities"] == 0
    assert "LastAuthenticated" not in found["s3"]


def test_a_renamed_user_keeps_its_past(account: Account, report: Report, ctx: Context) -> None:
    carol = factories.user(account, "carol", policies=[allow("iam:*")])
    operations.list_users(ctx_for(carol))
    operations.update_user(ctx, user_name="carol", new_user_name="caroline")
    arn = "arn:aws:iam::111122223333:user/caroline"
    assert services(report(arn))["iam"]["LastAuthenticatedEntity"] == arn


def test_actions_are_tracked_for_the_labs_services(account: Account, report: Report) -> None:
    carol = factories.user(account, "carol", policies=[allow(["iam:*Users", "lambda:*"])])
    operations.list_users(ctx_for(carol))
    found = services(report(carol.arn, granularity="ACTION_LEVEL"))
    (action,) = found["iam"]["TrackedActionsLastAccessed"]
    assert action["ActionName"] == "ListUsers"
    assert action["LastAccessedEntity"] == carol.arn
    assert "TrackedActionsLastAccessed" not in found["lambda"]


def test_a_role_is_known_by_its_sessions(account: Account, report: Report) -> None:
    role = factories.role(account, policies=[allow("iam:*")])
    operations.list_users(ctx_for(role))
    assert services(report(role.arn))["iam"]["LastAuthenticatedEntity"] == role.arn


def test_a_group_is_its_members(account: Account, report: Report, ctx: Context) -> None:
    carol, dave = (factories.user(account, name) for name in ("carol", "dave"))
    factories.user(account, "erin", policies=[allow("iam:*")])
    group = factories.group(account, users=[carol, dave])
    factories.grant(group, policies=[allow("iam:*")])
    for user in (carol, dave):
        operations.list_users(ctx_for(user))
    answer = report(group.arn)
    assert services(answer)["iam"]["TotalAuthenticatedEntities"] == 2
    entities = get_service_last_accessed_details_with_entities(
        ctx, job_id=answer["job"], service_namespace="iam"
    )["EntityDetailsList"]
    assert [entity["EntityInfo"]["Name"] for entity in entities] == ["dave", "carol"]
    assert entities[0]["EntityInfo"] == {
        "Arn": dave.arn,
        "Name": "dave",
        "Type": "USER",
        "Id": dave.user_id,
        "Path": "/",
    }


def test_a_policy_is_everyone_who_has_it(account: Account, report: Report) -> None:
    policy = factories.policy(account, documents=[allow("iam:*")])
    arns = [policy.policy_arn]
    carol = factories.user(account, "carol", policy_arns=arns)
    dave = factories.user(account, "dave")
    factories.grant(factories.group(account, users=[carol, dave]), policy_arns=arns)
    role = factories.role(account, policy_arns=arns)
    for who in (carol, dave, role):
        operations.list_users(ctx_for(who))
    assert services(report(policy.policy_arn))["iam"]["TotalAuthenticatedEntities"] == 3


def test_an_aws_managed_policy(bob: User, report: Report, mallory: User) -> None:
    operations.list_users(ctx_for(bob))
    operations.list_users(ctx_for(mallory))
    found = services(report(READ_ONLY))
    assert found["iam"]["LastAuthenticatedEntity"] == bob.arn
    assert services(report(ADMINISTRATOR))["iam"]["TotalAuthenticatedEntities"] == 1


# --- The job --------------------------------------------------------------------------------------
def test_boto3_follows_a_job(alice: User, worker: Worker) -> None:
    iam = boto("iam", *factories.access_key(alice))
    with worker():
        job = iam.generate_service_last_accessed_details(Arn=alice.arn)["JobId"]
        running = iam.get_service_last_accessed_details(JobId=job)
        assert running["JobStatus"] == "IN_PROGRESS"
        assert running["ServicesLastAccessed"] == []
    first = iam.get_service_last_accessed_details(JobId=job, MaxItems=1)
    assert first["JobStatus"] == "COMPLETED"
    assert first["JobType"] == "SERVICE_LEVEL"
    second = iam.get_service_last_accessed_details(JobId=job, MaxItems=1, Marker=first["Marker"])
    names = [page["ServicesLastAccessed"][0]["ServiceName"] for page in (first, second)]
    assert len(set(names)) == 2


def test_what_cannot_be_reported_on(ctx: Context, mallory: User) -> None:
    def code(arn: str) -> type[AwsError]:
        with pytest.raises(AwsError) as error:
            generate_service_last_accessed_details(ctx, arn=arn)
        return type(error.value)

    assert code("arn:aws:iam::111122223333:user/nobody-here") is NoSuchEntity
    assert code("arn:aws:iam::111122223333:policy/nothing-here") is NoSuchEntity
    assert code("arn:aws:iam::111122223333:user/path/alice") is NoSuchEntity
    assert code(mallory.arn) is NoSuchEntity
    assert code("arn:aws:iam::111122223333:root") is InvalidInput
    assert code("arn:aws:s3:::bucket-of-mine") is InvalidInput
    assert code("twenty characters and more") is InvalidInput
    assert not AccessDetailsJob.objects.exists()


def test_a_job_whose_entity_goes_meanwhile_fails(ctx: Context, bob: User, worker: Worker) -> None:
    with worker():
        job = generate_service_last_accessed_details(ctx, arn=bob.arn)["JobId"]
        bob.delete()
    answer = get_service_last_accessed_details(ctx, job_id=job)
    assert (answer["JobStatus"], answer["Error"]["Code"]) == ("FAILED", "NO_SUCH_ENTITY")


def test_a_job_of_another_account_is_not_found(ctx: Context, mallory: User) -> None:
    job = generate_service_last_accessed_details(ctx, arn=ctx.principal.arn)["JobId"]
    for wanted in (job, "98a765b4-3cde-2101-2345-example678f9"):
        with pytest.raises(NoSuchEntity):
            get_service_last_accessed_details(ctx_for(mallory), job_id=wanted)
        with pytest.raises(NoSuchEntity):
            get_service_last_accessed_details_with_entities(
                ctx_for(mallory), job_id=wanted, service_namespace="iam"
            )


def test_without_permission_it_is_denied(nobody: User, alice: User) -> None:
    ctx = ctx_for(nobody)
    with pytest.raises(AccessDenied):
        generate_service_last_accessed_details(ctx, arn=alice.arn)
    with pytest.raises(AccessDenied):
        get_service_last_accessed_details(ctx, job_id="98a765b4-3cde-2101-2345-example678f9")


def test_jobs_do_not_pile_up(ctx: Context, bob: User) -> None:
    for _ in range(55):
        last = generate_service_last_accessed_details(ctx, arn=bob.arn)["JobId"]
    assert AccessDetailsJob.objects.count() == 50
    assert get_service_last_accessed_details(ctx, job_id=last)
