"""Aliases: names that follow."""

import pytest

from aws.context import Context
from aws.errors import AccessDeniedException, ValidationException
from aws.models import Account
from iam.models import User
from kms import operations, quotas
from kms.errors import (
    AlreadyExistsException,
    InvalidAliasNameException,
    LimitExceededException,
    NotFoundException,
)
from kms.models import Key
from tests import factories
from tests.factories import allow, ctx_for
from tests.kms.conftest import new_key


def test_an_alias_names_a_key_and_can_be_pointed_elsewhere(ctx: Context, key: Key) -> None:
    operations.create_alias(ctx, alias_name="alias/notes", target_key_id=key.key_id)
    blob = operations.encrypt(ctx, key_id="alias/notes", plaintext=b"x")["CiphertextBlob"]
    other = new_key(ctx)
    operations.update_alias(ctx, alias_name="alias/notes", target_key_id=other.key_id)
    metadata = operations.describe_key(ctx, key_id="alias/notes")["KeyMetadata"]
    assert metadata["KeyId"] == other.key_id
    assert operations.decrypt(ctx, ciphertext_blob=blob)["KeyId"] == key.arn
    listed = operations.list_aliases(ctx, key_id=other.key_id)["Aliases"]
    assert [alias["AliasName"] for alias in listed] == ["alias/notes"]
    assert operations.list_aliases(ctx, key_id=key.key_id)["Aliases"] == []
    operations.delete_alias(ctx, alias_name="alias/notes")
    with pytest.raises(NotFoundException):
        operations.describe_key(ctx, key_id="alias/notes")


def test_names_are_checked(ctx: Context, key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("notes", "alias/aws/s3", "alias/a:b"):
        with pytest.raises(InvalidAliasNameException):
            operations.create_alias(ctx, alias_name=name, target_key_id=key.key_id)
    operations.create_alias(ctx, alias_name="alias/notes", target_key_id=key.key_id)
    with pytest.raises(AlreadyExistsException):
        operations.create_alias(ctx, alias_name="alias/notes", target_key_id=key.key_id)
    monkeypatch.setattr(quotas, "ALIASES_PER_KEY", 1)
    with pytest.raises(LimitExceededException):
        operations.create_alias(ctx, alias_name="alias/more", target_key_id=key.key_id)


def test_an_alias_keeps_to_one_kind_of_key(ctx: Context, key: Key) -> None:
    operations.create_alias(ctx, alias_name="alias/notes", target_key_id=key.key_id)
    signing = new_key(ctx, key_spec="ECC_NIST_P256", key_usage="SIGN_VERIFY")
    with pytest.raises(ValidationException):
        operations.update_alias(ctx, alias_name="alias/notes", target_key_id=signing.key_id)


def test_an_alias_needs_permission_on_both(key: Key, account: Account) -> None:
    alias = f"arn:aws:kms:ap-northeast-2:{account.pk}:alias/notes"
    for number, resource in enumerate((alias, key.arn)):
        policies = [allow("kms:CreateAlias", resource)]
        user = factories.user(account, f"user-{number}", policies=policies)
        with pytest.raises(AccessDeniedException):
            operations.create_alias(
                ctx_for(user), alias_name="alias/notes", target_key_id=key.key_id
            )


def test_conditions_see_aliases(ctx: Context, key: Key, account: Account) -> None:
    operations.create_alias(ctx, alias_name="alias/class-a", target_key_id=key.key_id)
    condition = {"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/class-*"}}
    user = factories.user(account, "user", policies=[allow("kms:*", Condition=condition)])
    assert operations.encrypt(ctx_for(user), key_id=key.key_id, plaintext=b"x")
    other = new_key(ctx)
    with pytest.raises(AccessDeniedException):
        operations.encrypt(ctx_for(user), key_id=other.key_id, plaintext=b"x")


def test_names_belong_to_one_account(ctx: Context, key: Key, mallory: User) -> None:
    operations.create_alias(ctx, alias_name="alias/notes", target_key_id=key.key_id)
    stranger = ctx_for(mallory)
    with pytest.raises(NotFoundException):
        operations.describe_key(stranger, key_id="alias/notes")
    assert operations.list_aliases(stranger)["Aliases"] == []
    with pytest.raises(AccessDeniedException) as denied:
        operations.describe_key(
            stranger, key_id=f"arn:aws:kms:{key.region}:{key.account_id}:alias/notes"
        )
    assert key.key_id not in denied.value.message
