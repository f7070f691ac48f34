"""Inline policies of users, groups and roles."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import pytest

from aws.context import Context
from aws.errors import AccessDenied, ValidationError
from aws.models import Account
from iam import operations as iam
from iam.errors import LimitExceeded, MalformedPolicyDocument, NoSuchEntity
from iam.models import InlinePolicy, Role, User
from tests import factories
from tests.boto import boto
from tests.factories import READ_ONLY, allow, ctx_for

Call = Callable[..., Any]
S3 = allow("s3:GetObject")


@dataclass(frozen=True)
class Kind:
    """The four calls of users, groups or roles; how they name "target", and their quota."""

    name: str
    size: int
    put: Call
    get: Call
    delete: Call
    names: Call

    @property
    def target(self) -> dict[str, str]:
        return {f"{self.name}_name": "target"}

    def policies(self, ctx: Context) -> list[str]:
        names: list[str] = self.names(ctx, **self.target)["PolicyNames"]
        return names


KINDS = [
    Kind(
        "user",
        2048,
        iam.put_user_policy,
        iam.get_user_policy,
        iam.delete_user_policy,
        iam.list_user_policies,
    ),
    Kind(
        "group",
        5120,
        iam.put_group_policy,
        iam.get_group_policy,
        iam.delete_group_policy,
        iam.list_group_policies,
    ),
    Kind(
        "role",
        10240,
        iam.put_role_policy,
        iam.get_role_policy,
        iam.delete_role_policy,
        iam.list_role_policies,
    ),
]
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@pytest.fixture
def targets(account: Account) -> None:
    """A user, group and role named "target"."""
    factories.user(account, "target")
    factories.group(account, "target")
    factories.role(account, "target")


def test_boto3_writes_reads_and_deletes(alice: User, targets: None) -> None:
    client = boto("iam", *factories.access_key(alice))
    for kind in KINDS:
        who = {f"{kind.name.title()}Name": "target"}
        which = {"PolicyName": "p", **who}
        put = getattr(client, f"put_{kind.name}_policy")
        get = getattr(client, f"get_{kind.name}_policy")
        put(PolicyDocument=S3, **which)
        answer = get(**which)
        assert answer["PolicyDocument"] == json.loads(S3)
        assert {key: answer[key] for key in which} == which
        put(PolicyDocument=allow("s3:*"), **which)
        assert get(**which)["PolicyDocument"] == json.loads(allow("s3:*"))
        assert getattr(client, f"list_{kind.name}_policies")(**who)["PolicyNames"] == ["p"]
        getattr(client, f"delete_{kind.name}_policy")(**which)
        assert getattr(client, f"list_{kind.name}_policies")(**who)["PolicyNames"] == []


@each_kind
def test_a_document_keeps_its_layout(ctx: Context, targets: None, kind: Kind) -> None:
    text = json.dumps(json.loads(S3), indent=3).replace("GetObject", "Get*") + "\r\n"
    kind.put(ctx, policy_name="p", policy_document=text, **kind.target)
    encoded = kind.get(ctx, policy_name="p", **kind.target)["PolicyDocument"]
    assert not set(encoded) & set(' \n{}"')
    assert unquote(encoded) == text


def test_a_policy_counts_at_once(account: Account) -> None:
    """Also within one request, whose policies are read once."""
    carol = factories.user(account, "carol", policies=[allow("iam:*UserPolicy")])
    ctx = ctx_for(carol)
    which = {"user_name": "carol", "policy_name": "p"}
    with pytest.raises(AccessDenied):
        iam.list_users(ctx)
    iam.put_user_policy(ctx, policy_document=allow("iam:ListUsers"), **which)
    assert iam.list_users(ctx)
    iam.delete_user_policy(ctx, **which)
    with pytest.raises(AccessDenied):
        iam.list_users(ctx)


@each_kind
def test_all_policies_of_one_share_a_quota(ctx: Context, targets: None, kind: Kind) -> None:
    """White space is free, and a policy that is replaced does not count."""
    bare = len(allow("s3:GetObject", "arn:aws:s3:::").replace(" ", ""))
    half = allow("s3:GetObject", "arn:aws:s3:::" + "x" * (kind.size // 2 - bare))
    for name in ("a", "b", "b"):
        kind.put(ctx, policy_name=name, policy_document=half, **kind.target)
    for name, document in (("c", S3), ("b", half.replace("xx", "xxx", 1))):
        with pytest.raises(LimitExceeded) as limit:
            kind.put(ctx, policy_name=name, policy_document=document, **kind.target)
        assert limit.value.message == (
            f"Maximum policy size of {kind.size} bytes exceeded for {kind.name} target"
        )
    assert kind.policies(ctx) == ["a", "b"]


@each_kind
def test_a_malformed_document_is_refused_with_its_place(
    ctx: Context, targets: None, kind: Kind
) -> None:
    with pytest.raises(MalformedPolicyDocument) as error:
        kind.put(ctx, policy_name="p", policy_document='{\n "Version" }', **kind.target)
    assert error.value.message == "Syntax errors in policy. (line 2, column 12)"
    with pytest.raises(MalformedPolicyDocument, match="Has prohibited field Principal"):
        document = allow("s3:GetObject", Principal="*")
        kind.put(ctx, policy_name="p", policy_document=document, **kind.target)
    assert kind.policies(ctx) == []


@each_kind
def test_a_policy_that_is_not_there(ctx: Context, targets: None, kind: Kind) -> None:
    for call in (kind.get, kind.delete):
        with pytest.raises(NoSuchEntity) as error:
            call(ctx, policy_name="p", **kind.target)
        assert error.value.message == f"The {kind.name} policy with name p cannot be found."
    with pytest.raises(ValidationError):
        kind.put(ctx, policy_name="a/b", policy_document=S3, **kind.target)


@each_kind
def test_names_come_in_pages(ctx: Context, targets: None, kind: Kind) -> None:
    for name in ("b", "a", "c"):
        kind.put(ctx, policy_name=name, policy_document=S3, **kind.target)
    first = kind.names(ctx, max_items=2, **kind.target)
    rest = kind.names(ctx, max_items=2, marker=first["Marker"], **kind.target)
    assert [*first["PolicyNames"], *rest["PolicyNames"]] == ["a", "b", "c"]


@pytest.mark.parametrize("kind", [KINDS[0], KINDS[2]], ids=lambda kind: kind.name)
def test_whoever_writes_can_be_limited_to_the_bounded(
    account: Account, targets: None, kind: Kind
) -> None:
    bounded = {"StringEquals": {"iam:PermissionsBoundary": READ_ONLY}}
    carol = factories.user(account, "carol", policies=[allow("iam:*Policy", Condition=bounded)])
    ctx = ctx_for(carol)
    with pytest.raises(AccessDenied):
        kind.put(ctx, policy_name="p", policy_document=S3, **kind.target)
    for model in (User, Role):
        model.objects.filter(**{model.NAME: "target"}).update(permissions_boundary=READ_ONLY)
    kind.put(ctx, policy_name="p", policy_document=S3, **kind.target)
    kind.delete(ctx, policy_name="p", **kind.target)


@each_kind
def test_a_reader_and_another_account_change_nothing(
    ctx: Context, bob: User, mallory: User, targets: None, kind: Kind
) -> None:
    kind.put(ctx, policy_name="p", policy_document=S3, **kind.target)
    reader, stranger = ctx_for(bob), ctx_for(mallory)
    assert kind.get(reader, policy_name="p", **kind.target)
    for caller, error in ((reader, AccessDenied), (stranger, NoSuchEntity)):
        with pytest.raises(error):
            kind.put(caller, policy_name="p", policy_document=allow("*"), **kind.target)
        with pytest.raises(error):
            kind.delete(caller, policy_name="p", **kind.target)
    with pytest.raises(NoSuchEntity, match="target cannot be found"):
        kind.get(stranger, policy_name="p", **kind.target)
    assert InlinePolicy.objects.get(policy_name="p").document == S3
