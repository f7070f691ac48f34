"""Who may use a key: its policy first, IAM where that delegates, grants beside."""

import json
from typing import Any

import pytest

from aws.context import Context
from aws.errors import AccessDeniedException, ValidationException
from aws.models import Account
from iam.models import User
from kms import operations, quotas
from kms.errors import (
    InvalidArnException,
    InvalidGrantIdException,
    LimitExceededException,
    MalformedPolicyDocumentException,
    NotFoundException,
)
from kms.models import Grant, Key
from tests import factories
from tests.factories import allow, ctx_for, principal_of
from tests.kms.conftest import new_key
from tests.kms.test_keys import key_policy


def restricted(ctx: Context, principal: str, *more: str) -> Key:
    """A key that names one principal and delegates nothing to the account."""
    policy = key_policy(principal)
    return new_key(ctx, policy=policy, bypass_policy_lockout_safety_check=True)


def encrypt(ctx: Context, key: Key, **more: Any) -> bytes:
    blob: bytes = operations.encrypt(ctx, key_id=key.arn, plaintext=b"x", **more)["CiphertextBlob"]
    return blob


def test_iam_counts_for_nothing_without_the_key_policy(
    ctx: Context, alice: User, nobody: User, account: Account
) -> None:
    key = restricted(ctx, principal_of(nobody).arn)
    for administrator in (alice, account):
        with pytest.raises(AccessDeniedException, match="no resource-based policy allows"):
            encrypt(ctx_for(administrator), key)
    assert encrypt(ctx_for(nobody), key)


def test_the_default_policy_leaves_it_to_iam(key: Key, nobody: User, account: Account) -> None:
    with pytest.raises(AccessDeniedException, match="no identity-based policy allows"):
        encrypt(ctx_for(nobody), key)
    user = factories.user(account, "user", policies=[allow("kms:Encrypt", key.arn)])
    assert encrypt(ctx_for(user), key)
    assert encrypt(ctx_for(account), key)


def test_another_account_needs_both_sides(
    ctx: Context, alice: User, mallory: User, other_account: Account
) -> None:
    policy = [
        {"Effect": "Allow", "Principal": {"AWS": one}, "Action": "kms:*", "Resource": "*"}
        for one in (alice.account_id, other_account.pk)
    ]
    key = new_key(ctx, policy=json.dumps({"Version": "2012-10-17", "Statement": policy}))
    stranger = ctx_for(mallory)
    blob = encrypt(stranger, key)
    assert operations.decrypt(stranger, ciphertext_blob=blob)["Plaintext"] == b"x"
    poor = factories.user(other_account, "poor")
    with pytest.raises(AccessDeniedException):
        encrypt(ctx_for(poor), key)
    # Only some operations reach into another account.
    with pytest.raises(AccessDeniedException):
        operations.disable_key(stranger, key_id=key.arn)


def test_conditions_see_the_encryption_context(ctx: Context, nobody: User) -> None:
    policy = key_policy(
        principal_of(nobody).arn,
        Condition={"StringEquals": {"kms:EncryptionContext:course": "aws"}},
    )
    key = new_key(ctx, policy=policy, bypass_policy_lockout_safety_check=True)
    user = ctx_for(nobody)
    assert encrypt(user, key, encryption_context={"course": "aws"})
    for wrong in ({}, {"course": "other"}):
        with pytest.raises(AccessDeniedException):
            encrypt(user, key, encryption_context=wrong)


def test_via_service_keeps_direct_callers_out(ctx: Context, nobody: User) -> None:
    name = "s3.ap-northeast-2.amazonaws.com"
    policy = key_policy(
        principal_of(nobody).arn, Condition={"StringEquals": {"kms:ViaService": name}}
    )
    key = new_key(ctx, policy=policy, bypass_policy_lockout_safety_check=True)
    with pytest.raises(AccessDeniedException):
        encrypt(ctx_for(nobody), key)
    assert encrypt(operations.via(ctx_for(nobody), "s3", "ap-northeast-2"), key)


def test_policies_are_checked_and_replaced(ctx: Context, key: Key, bob: User) -> None:
    assert operations.list_key_policies(ctx, key_id=key.key_id)["PolicyNames"] == ["default"]
    for broken in ("{}", "text", key_policy("arn:aws:iam::111122223333:user/unknown")):
        with pytest.raises(MalformedPolicyDocumentException):
            operations.put_key_policy(ctx, key_id=key.key_id, policy=broken)
    with pytest.raises(LimitExceededException):
        operations.put_key_policy(ctx, key_id=key.key_id, policy=" " * (32 * 1024 + 1))
    with pytest.raises(MalformedPolicyDocumentException, match="will not allow you"):
        operations.put_key_policy(ctx, key_id=key.key_id, policy=key_policy(principal_of(bob).arn))
    policy = key_policy(f"arn:aws:iam::{key.account_id}:root")
    operations.put_key_policy(ctx, key_id=key.key_id, policy=policy)
    assert operations.get_key_policy(ctx, key_id=key.key_id)["Policy"] == policy
    with pytest.raises(NotFoundException):
        operations.get_key_policy(ctx, key_id=key.key_id, policy_name="other")


def test_a_grant_gives_and_its_end_takes(ctx: Context, key: Key, nobody: User) -> None:
    grantee = ctx_for(nobody)
    arn = grantee.principal.arn
    made = operations.create_grant(
        ctx, key_id=key.key_id, grantee_principal=arn, operations=["Encrypt", "Decrypt"]
    )
    blob = encrypt(grantee, key)
    assert operations.decrypt(grantee, ciphertext_blob=blob)["Plaintext"] == b"x"
    with pytest.raises(AccessDeniedException):
        operations.describe_key(grantee, key_id=key.arn)
    listed = operations.list_grants(ctx, key_id=key.key_id)["Grants"]
    assert [grant["GrantId"] for grant in listed] == [made["GrantId"]]
    operations.revoke_grant(ctx, key_id=key.key_id, grant_id=made["GrantId"])
    with pytest.raises(AccessDeniedException):
        encrypt(grantee, key)
    with pytest.raises(InvalidGrantIdException):
        operations.revoke_grant(ctx, key_id=key.key_id, grant_id=made["GrantId"])


def test_a_grants_constraint_holds(ctx: Context, key: Key, nobody: User) -> None:
    grantee = ctx_for(nobody)
    operations.create_grant(
        ctx,
        key_id=key.key_id,
        grantee_principal=grantee.principal.arn,
        operations=["Encrypt"],
        constraints={"EncryptionContextEquals": {"who": "${aws:username}"}},
    )
    assert encrypt(grantee, key, encryption_context={"who": "${aws:username}"})
    for wrong in ({}, {"who": "nobody"}, {"who": "${aws:username}", "more": "1"}):
        with pytest.raises(AccessDeniedException):
            encrypt(grantee, key, encryption_context=wrong)


def test_a_grantee_passes_on_no_more_than_it_has(
    ctx: Context, key: Key, nobody: User, bob: User
) -> None:
    grantee = ctx_for(nobody)
    operations.create_grant(
        ctx,
        key_id=key.key_id,
        grantee_principal=grantee.principal.arn,
        operations=["Encrypt", "CreateGrant"],
        constraints={"EncryptionContextEquals": {"a": "1"}},
    )
    asked: dict[str, Any] = {"key_id": key.arn, "grantee_principal": principal_of(bob).arn}
    equals = {"EncryptionContextEquals": {"a": "1"}}
    for more in (
        {"operations": ["Decrypt"], "constraints": equals},
        {"operations": ["Encrypt"]},
        {"operations": ["Encrypt"], "constraints": {"EncryptionContextSubset": {"a": "1"}}},
    ):
        with pytest.raises(AccessDeniedException):
            operations.create_grant(grantee, **asked, **more)
    operations.create_grant(grantee, **asked, operations=["Encrypt"], constraints=equals)
    assert Grant.objects.count() == 2


def test_the_retiring_principal_retires(
    ctx: Context, key: Key, nobody: User, mallory: User
) -> None:
    arn = principal_of(nobody).arn
    made = operations.create_grant(
        ctx,
        key_id=key.key_id,
        grantee_principal=arn,
        retiring_principal=principal_of(mallory).arn,
        operations=["Encrypt"],
    )
    retiring = ctx_for(mallory)
    listed = operations.list_retirable_grants(retiring, retiring_principal=retiring.principal.arn)
    assert [grant["GrantId"] for grant in listed["Grants"]] == [made["GrantId"]]
    with pytest.raises(AccessDeniedException):
        operations.retire_grant(ctx_for(nobody), grant_token=made["GrantToken"])
    operations.retire_grant(retiring, grant_token=made["GrantToken"])
    assert not Grant.objects.exists()


def test_grants_are_checked(
    ctx: Context, key: Key, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {"key_id": key.key_id, "operations": ["Encrypt"]}
    with pytest.raises(InvalidArnException):
        operations.create_grant(
            ctx, grantee_principal="arn:aws:iam::111122223333:user/unknown", **asked
        )
    with pytest.raises(ValidationException):
        operations.create_grant(
            ctx, key_id=key.key_id, grantee_principal=principal_of(bob).arn, operations=[]
        )
    asked["grantee_principal"] = principal_of(bob).arn
    first = operations.create_grant(ctx, name="one", **asked)
    assert operations.create_grant(ctx, name="one", **asked)["GrantId"] == first["GrantId"]
    monkeypatch.setattr(quotas, "GRANTS_PER_KEY", 1)
    with pytest.raises(LimitExceededException):
        operations.create_grant(ctx, **asked)


def test_an_explicit_deny_beats_a_grant(ctx: Context, key: Key, account: Account) -> None:
    deny = allow("kms:*", Effect="Deny")
    user = factories.user(account, "denied", policies=[deny])
    operations.create_grant(
        ctx,
        key_id=key.key_id,
        grantee_principal=principal_of(user).arn,
        operations=["Encrypt"],
    )
    with pytest.raises(AccessDeniedException, match="explicit deny"):
        encrypt(ctx_for(user), key)
