"""Managed policies on users, groups and roles."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.db import connections

from aws.context import Context
from aws.errors import AccessDenied
from aws.models import Account
from iam import operations as iam
from iam.errors import InvalidInput, LimitExceeded, NoSuchEntity, PolicyNotAttachable
from iam.models import Attachment, Group, Role, User
from tests import factories
from tests.boto import boto
from tests.factories import ADMINISTRATOR, READ_ONLY, allow, ctx_for

Call = Callable[..., Any]
OWN = "arn:aws:iam::111122223333:policy/policy"


@dataclass(frozen=True)
class Kind:
    """The three calls of users, groups or roles, and how they name "target"."""

    name: str
    argument: str
    attach: Call
    detach: Call
    attached: Call

    @property
    def target(self) -> dict[str, str]:
        return {self.argument: "target"}

    def arns(self, ctx: Context, **more: Any) -> list[str]:
        answer = self.attached(ctx, **self.target, **more)
        return [policy["PolicyArn"] for policy in answer["AttachedPolicies"]]


KINDS = [
    Kind(
        "User",
        "user_name",
        iam.attach_user_policy,
        iam.detach_user_policy,
        iam.list_attached_user_policies,
    ),
    Kind(
        "Group",
        "group_name",
        iam.attach_group_policy,
        iam.detach_group_policy,
        iam.list_attached_group_policies,
    ),
    Kind(
        "Role",
        "role_name",
        iam.attach_role_policy,
        iam.detach_role_policy,
        iam.list_attached_role_policies,
    ),
]
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@pytest.fixture
def targets(account: Account) -> list[User | Group | Role]:
    """A user, group and role named "target"; and the policy OWN."""
    factories.policy(account)
    return [
        factories.user(account, "target"),
        factories.group(account, "target"),
        factories.role(account, "target"),
    ]


def test_boto3_attaches_lists_and_detaches(alice: User, targets: list[Any]) -> None:
    client = boto("iam", *factories.access_key(alice))
    for kind in KINDS:
        name = {f"{kind.name}Name": "target"}
        attach = getattr(client, f"attach_{kind.name.lower()}_policy")
        detach = getattr(client, f"detach_{kind.name.lower()}_policy")
        attached = getattr(client, f"list_attached_{kind.name.lower()}_policies")
        attach(PolicyArn=OWN, **name)
        attach(PolicyArn=READ_ONLY, **name)
        assert attached(**name)["AttachedPolicies"] == [
            {"PolicyName": "policy", "PolicyArn": OWN},
            {"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY},
        ]
        detach(PolicyArn=OWN, **name)
        with pytest.raises(ClientError, match=f"Policy {OWN} was not found"):
            detach(PolicyArn=OWN, **name)
        assert len(attached(**name)["AttachedPolicies"]) == 1


def test_a_policy_counts_at_once(account: Account) -> None:
    """Also within one request, whose policies are read once."""
    carol = factories.user(account, "carol", policies=[allow("iam:*UserPolicy")])
    ctx = ctx_for(carol)
    which = {"user_name": "carol", "policy_arn": READ_ONLY}
    with pytest.raises(AccessDenied):
        iam.list_users(ctx)
    iam.attach_user_policy(ctx, **which)
    assert iam.list_users(ctx)
    iam.detach_user_policy(ctx, **which)
    with pytest.raises(AccessDenied):
        iam.list_users(ctx)


@each_kind
def test_attaching_again_changes_nothing(ctx: Context, targets: list[Any], kind: Kind) -> None:
    for _ in range(2):
        kind.attach(ctx, policy_arn=OWN, **kind.target)
    assert kind.arns(ctx) == [OWN]


@each_kind
def test_ten_policies_are_the_limit(
    account: Account, ctx: Context, targets: list[Any], kind: Kind
) -> None:
    arns = [factories.policy(account, f"policy-{n}").policy_arn for n in range(11)]
    for arn in arns[:10]:
        kind.attach(ctx, policy_arn=arn, **kind.target)
    with pytest.raises(LimitExceeded) as limit:
        kind.attach(ctx, policy_arn=arns[10], **kind.target)
    assert limit.value.message == f"Cannot exceed quota for PoliciesPer{kind.name}: 10"
    kind.attach(ctx, policy_arn=arns[0], **kind.target)


@pytest.mark.django_db(transaction=True)
def test_ten_are_the_limit_for_requests_at_the_same_moment_too(account: Account) -> None:
    arns = [factories.policy(account, f"policy-{n}").policy_arn for n in range(13)]
    factories.user(account, "target", policy_arns=arns[:9])

    def attach(arn: str) -> bool:
        try:
            iam.attach_user_policy(ctx_for(account), user_name="target", policy_arn=arn)
        except LimitExceeded:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attach, arns[9:])) == [False, False, False, True]


@each_kind
def test_what_cannot_be_attached(
    ctx: Context, other_account: Account, targets: list[Any], kind: Kind
) -> None:
    theirs = factories.policy(other_account).policy_arn
    for arn, error, message in (
        (theirs, NoSuchEntity, f"Policy {theirs} does not exist or is not attachable."),
        (
            "arn:aws:iam::aws:policy/Missing",
            NoSuchEntity,
            "Policy arn:aws:iam::aws:policy/Missing does not exist or is not attachable.",
        ),
        (
            "arn:aws:iam::111122223333:role/x",
            InvalidInput,
            "ARN arn:aws:iam::111122223333:role/x is not valid.",
        ),
        (
            "arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy",
            PolicyNotAttachable,
            "Cannot attach a Service Role Policy to a Customer Role.",
        ),
    ):
        with pytest.raises(error) as refused:
            kind.attach(ctx, policy_arn=arn, **kind.target)
        assert refused.value.message == message
    assert kind.arns(ctx) == []


@each_kind
def test_lists_come_in_pages_and_by_the_policies_path(
    ctx: Context, targets: list[Any], kind: Kind
) -> None:
    made = iam.create_policy(
        ctx, policy_name="p", path="/class/", policy_document=allow("s3:GetObject")
    )
    classy = made["Policy"]["Arn"]
    job = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
    for arn in (OWN, classy, job):
        kind.attach(ctx, policy_arn=arn, **kind.target)
    assert kind.arns(ctx, path_prefix="/class/") == [classy]
    assert kind.arns(ctx, path_prefix="/job-function/") == [job]
    first = kind.attached(ctx, max_items=2, **kind.target)
    rest = kind.arns(ctx, max_items=2, marker=first["Marker"])
    assert [one["PolicyArn"] for one in first["AttachedPolicies"]] + rest == [OWN, classy, job]


@each_kind
def test_whoever_attaches_can_be_limited_to_policies(
    account: Account, targets: list[Any], kind: Kind
) -> None:
    only_own = {"ArnEquals": {"iam:PolicyARN": OWN}}
    carol = factories.user(account, "carol", policies=[allow("iam:*Policy", Condition=only_own)])
    ctx = ctx_for(carol)
    for call in (kind.attach, kind.detach):
        with pytest.raises(AccessDenied):
            call(ctx, policy_arn=ADMINISTRATOR, **kind.target)
        call(ctx, policy_arn=OWN, **kind.target)


@pytest.mark.parametrize("kind", [KINDS[0], KINDS[2]], ids=lambda kind: kind.name)
def test_whoever_attaches_can_be_limited_to_the_bounded(
    account: Account, targets: list[Any], kind: Kind
) -> None:
    bounded = {"StringEquals": {"iam:PermissionsBoundary": READ_ONLY}}
    carol = factories.user(account, "carol", policies=[allow("iam:*Policy", Condition=bounded)])
    with pytest.raises(AccessDenied):
        kind.attach(ctx_for(carol), policy_arn=OWN, **kind.target)
    for model in (User, Role):
        model.objects.filter(**{model.NAME: "target"}).update(permissions_boundary=READ_ONLY)
    kind.attach(ctx_for(carol), policy_arn=OWN, **kind.target)


@each_kind
def test_a_reader_and_another_account_change_nothing(
    bob: User, targets: list[Any], mallory: User, kind: Kind
) -> None:
    for target in targets:
        factories.grant(target, policy_arns=[OWN])
    assert kind.arns(ctx_for(bob)) == [OWN]
    before = Attachment.objects.count()
    for call in (kind.attach, kind.detach):
        with pytest.raises(AccessDenied):
            call(ctx_for(bob), policy_arn=READ_ONLY, **kind.target)
        with pytest.raises(NoSuchEntity, match="target cannot be found"):
            call(ctx_for(mallory), policy_arn=READ_ONLY, **kind.target)
    assert Attachment.objects.count() == before


# --- ListEntitiesForPolicy ------------------------------------------------------------------------
def entities(ctx: Context, **more: Any) -> dict[str, list[str]]:
    """Member → names, of those that are not empty."""
    answer = iam.list_entities_for_policy(ctx, policy_arn=OWN, **more)
    return {
        f"Policy{kind}s": [entity[f"{kind}Name"] for entity in answer[f"Policy{kind}s"]]
        for kind in ("User", "Group", "Role")
        if answer[f"Policy{kind}s"]
    }


@pytest.fixture
def spread(account: Account, targets: list[Any]) -> None:
    """OWN is attached to all targets, a boundary of the role too, and of a user elsewhere."""
    for target in targets:
        factories.grant(target, policy_arns=[OWN])
    Role.objects.update(permissions_boundary=OWN)
    factories.user(account, "bound", permissions_boundary=OWN, path="/class/")


def test_boto3_finds_who_has_a_policy(alice: User, spread: None) -> None:
    client = boto("iam", *factories.access_key(alice))
    answer = client.list_entities_for_policy(PolicyArn=OWN)
    (role,) = answer["PolicyRoles"]
    assert role == {"RoleName": "target", "RoleId": Role.objects.get().role_id}
    assert [user["UserName"] for user in answer["PolicyUsers"]] == ["bound", "target"]
    assert [group["GroupName"] for group in answer["PolicyGroups"]] == ["target"]


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"entity_filter": "Group"}, {"PolicyGroups": ["target"]}),
        ({"path_prefix": "/class/"}, {"PolicyUsers": ["bound"]}),
        (
            {"policy_usage_filter": "PermissionsBoundary"},
            {"PolicyUsers": ["bound"], "PolicyRoles": ["target"]},
        ),
        ({"policy_usage_filter": "PermissionsBoundary", "entity_filter": "Group"}, {}),
        (
            {"policy_usage_filter": "PermissionsPolicy", "entity_filter": "User"},
            {"PolicyUsers": ["target"]},
        ),
    ],
)
def test_entities_can_be_filtered(
    ctx: Context, spread: None, more: dict[str, str], found: dict[str, list[str]]
) -> None:
    assert entities(ctx, **more) == found


def test_a_page_counts_all_kinds(ctx: Context, spread: None) -> None:
    first = iam.list_entities_for_policy(ctx, policy_arn=OWN, max_items=2)
    rest = iam.list_entities_for_policy(ctx, policy_arn=OWN, max_items=2, marker=first["Marker"])
    counts = [
        sum(len(page[member]) for member in ("PolicyUsers", "PolicyGroups", "PolicyRoles"))
        for page in (first, rest)
    ]
    assert counts == [2, 2]
    assert not rest["IsTruncated"]


def test_awss_policy_is_told_within_the_account(ctx: Context, bob: User, mallory: User) -> None:
    answer = iam.list_entities_for_policy(ctx, policy_arn=ADMINISTRATOR)
    assert [user["UserName"] for user in answer["PolicyUsers"]] == ["alice"]


def test_entities_are_for_those_who_may_ask(nobody: User, spread: None, mallory: User) -> None:
    with pytest.raises(AccessDenied):
        entities(ctx_for(nobody))
    with pytest.raises(NoSuchEntity):
        entities(ctx_for(mallory))
