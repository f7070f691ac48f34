"""Trust policies: what AWS refuses, whom they may name, and what becomes of names."""

import json
from typing import Any

import pytest

from aws.arn import iam_arn
from aws.context import Context
from aws.models import Account
from iam.errors import LimitExceeded, MalformedPolicyDocument
from iam.models import Role, User
from iam.operations import (
    create_role,
    create_user,
    delete_role,
    delete_user,
    get_role,
    update_assume_role_policy,
    update_user,
)
from tests import factories
from tests.factories import ctx_for, trust_policy


def trusting(**principal: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def store(ctx: Context, document: str) -> None:
    """By both operations that take a trust policy."""
    create_role(ctx, role_name="first", assume_role_policy_document=document)
    update_assume_role_policy(ctx, role_name="first", policy_document=document)


def refused(ctx: Context, document: str) -> MalformedPolicyDocument:
    """By both, with the same words, and nothing changed."""
    with pytest.raises(MalformedPolicyDocument) as first:
        create_role(ctx, role_name="refused", assume_role_policy_document=document)
    role = factories.role(Account.objects.get(pk=ctx.account_id), "kept")
    with pytest.raises(MalformedPolicyDocument) as second:
        update_assume_role_policy(ctx, role_name="kept", policy_document=document)
    assert first.value.message == second.value.message
    kept = Role.objects.get(pk=role.pk)
    assert kept.assume_role_policy_document == role.assume_role_policy_document
    assert not Role.objects.filter(role_name="refused").exists()
    return first.value


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": "*"},
        {"AWS": "111122223333"},
        {"AWS": ["arn:aws:iam::444455556666:root", "arn:aws:iam::444455556666:user/mallory"]},
        {"AWS": "arn:aws:iam::111122223333:user/alice"},
        {"AWS": "arn:aws:iam::111122223333:role/path/known"},
        {"AWS": "arn:aws:sts::111122223333:assumed-role/known/anything"},
        {"AWS": "arn:aws:sts::111122223333:federated-user/anything"},
        {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]},
        {"Federated": "accounts.google.com"},
    ],
)
def test_whom_a_role_may_trust(ctx: Context, mallory: User, principal: dict[str, Any]) -> None:
    factories.role(Account.objects.get(pk=ctx.account_id), "known", path="/path/")
    store(ctx, trusting(**principal))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("AWS", "999999999999"),
        ("AWS", "arn:aws:iam::999999999999:root"),
        ("AWS", "arn:aws:iam::111122223333:user/nobody-here"),
        ("AWS", "arn:aws:iam::111122223333:user/path/alice"),
        ("AWS", "arn:aws:iam::111122223333:user/Alice"),
        ("AWS", "arn:aws:iam::111122223333:user/*"),
        ("AWS", "arn:aws:iam::111122223333:role/alice"),
        ("AWS", "arn:aws:iam::444455556666:user/alice"),
        ("AWS", "arn:aws-cn:iam::111122223333:root"),
        ("AWS", "arn:aws:sts::111122223333:assumed-role/missing/s"),
        ("AWS", "arn:aws:iam::111122223333:group/developers"),
        ("AWS", "AIDA234567ABCDEFGHIJK"),
        ("AWS", "alice"),
        ("Service", "ec2"),
        ("Federated", "arn:aws:iam::111122223333:saml-provider/x"),
        ("CanonicalUser", "a" * 64),
    ],
)
def test_a_principal_that_is_not_there(
    ctx: Context, other_account: Account, kind: str, name: str
) -> None:
    error = refused(ctx, trusting(**{kind: name}))
    assert error.message.startswith(f'Invalid principal in policy: "{kind}":"{name}"')


def test_the_place_of_the_wrong_principal_is_told(ctx: Context) -> None:
    document = """{"Version": "2012-10-17",
 "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": [
   "111122223333",
   "arn:aws:iam::111122223333:user/nobody-here"]}}}"""
    error = refused(ctx, document)
    assert (error.fields["line"], error.fields["column"]) == (4, 4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Resource": "*"}, "Has prohibited field Resource"),
        ({"Action": "s3:GetObject"}, "AssumeRole policy may only specify STS AssumeRole actions."),
        ({"Principal": None}, "Missing required field Principal"),
    ],
)
def test_what_is_no_trust_policy(ctx: Context, change: dict[str, Any], message: str) -> None:
    document = json.loads(trust_policy("111122223333"))
    statement = document["Statement"][0] | change
    document["Statement"] = [{key: value for key, value in statement.items() if value is not None}]
    assert refused(ctx, json.dumps(document)).message.startswith(message)


def test_the_size_counts_no_white_space(ctx: Context) -> None:
    fitting = trust_policy("111122223333")
    many = {"StringEquals": {"sts:ExternalId": ["x" * 100 for _ in range(20)]}}
    store(ctx, fitting + " " * 3000)
    with pytest.raises(LimitExceeded, match="Cannot exceed quota for ACLSizePerRole: 2048"):
        store(ctx, trust_policy("111122223333", Condition=many))


# --- Names behind which AWS keeps a unique id ---------------------------------------------------
def trusts(ctx: Context, name: str = "role") -> str:
    return str(get_role(ctx, role_name=name)["Role"]["AssumeRolePolicyDocument"])


def test_a_deleted_users_namesake_is_not_trusted(
    ctx: Context, other_account: Account, nobody: User
) -> None:
    """In roles of other accounts, too."""
    arn = iam_arn(ctx.account_id, "user/nobody")
    for owner in (nobody.account, other_account):
        factories.role(owner, trust=trust_policy(arn))
    delete_user(ctx, user_name="nobody")
    create_user(ctx, user_name="nobody")
    for role in Role.objects.all():
        assert nobody.user_id in role.assume_role_policy_document
        assert arn not in role.assume_role_policy_document
    with pytest.raises(MalformedPolicyDocument, match=nobody.user_id):
        document = Role.objects.filter(account=nobody.account).get().assume_role_policy_document
        update_assume_role_policy(ctx, role_name="role", policy_document=document)


def test_a_deleted_roles_namesake_is_not_trusted(ctx: Context, account: Account) -> None:
    first = factories.role(account, "first")
    factories.role(account, trust=trust_policy(first.arn))
    delete_role(ctx, role_name="first")
    assert first.role_id in trusts(ctx)


def test_a_renamed_user_stays_trusted(ctx: Context, account: Account, nobody: User) -> None:
    longer = factories.user(account, "nobody2")
    factories.role(account, trust=trusting(AWS=[nobody.arn, longer.arn]))
    update_user(ctx, user_name="nobody", new_user_name="somebody", new_path="/class/")
    document = Role.objects.get().assume_role_policy_document
    named = json.loads(document)["Statement"][0]["Principal"]["AWS"]
    assert named == ["arn:aws:iam::111122223333:user/class/somebody", longer.arn]


def test_another_accounts_change_of_a_same_name_does_nothing(
    ctx: Context, other_account: Account, nobody: User
) -> None:
    factories.role(nobody.account, trust=trust_policy(nobody.arn))
    factories.user(other_account, "nobody")
    before = trusts(ctx)
    admin = factories.user(other_account, "admin", policy_arns=[factories.ADMINISTRATOR])
    delete_user(ctx_for(admin), user_name="nobody")
    assert trusts(ctx) == before
