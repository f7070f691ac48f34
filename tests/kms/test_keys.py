"""Keys: made, described, listed, disabled, deleted by the account's clock."""

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws import accounts, clock
from aws.context import Context
from aws.errors import AccessDeniedException, ValidationException
from aws.models import Account, Event, StateChange
from iam.models import User
from kms import ageing, operations, quotas
from kms.errors import (
    DisabledException,
    KMSInvalidStateException,
    LimitExceededException,
    MalformedPolicyDocumentException,
    NotFoundException,
    TagException,
    UnsupportedOperationException,
)
from kms.models import Key, KeyMaterial
from tests import factories
from tests.factories import ctx_for
from tests.kms.conftest import new_key


def test_a_key_is_whole_in_boto3(kms: Any, account: Account) -> None:
    made = kms.create_key(Description="Notes", Tags=[{"TagKey": "team", "TagValue": "blue"}])
    metadata = made["KeyMetadata"]
    assert metadata["Arn"].startswith(f"arn:aws:kms:ap-northeast-2:{account.pk}:key/")
    assert (metadata["KeyState"], metadata["Enabled"]) == ("Enabled", True)
    assert metadata["EncryptionAlgorithms"] == ["SYMMETRIC_DEFAULT"]
    assert kms.describe_key(KeyId=metadata["Arn"])["KeyMetadata"] == metadata
    assert [one["KeyArn"] for one in kms.list_keys()["Keys"]] == [metadata["Arn"]]
    tags = kms.list_resource_tags(KeyId=metadata["KeyId"])["Tags"]
    assert tags == [{"TagKey": "team", "TagValue": "blue"}]


def test_key_material_rests_sealed(ctx: Context, key: Key) -> None:
    material = KeyMaterial.objects.get(key=key)
    assert len(material.secret) == 32
    assert material.secret not in bytes(material.sealed)


def test_specs_need_a_usage_where_there_is_a_choice(ctx: Context) -> None:
    with pytest.raises(ValidationException):
        operations.create_key(ctx, key_spec="RSA_2048")
    with pytest.raises(ValidationException):
        operations.create_key(ctx, key_spec="ECC_NIST_P256", key_usage="ENCRYPT_DECRYPT")
    with pytest.raises(UnsupportedOperationException):
        operations.create_key(ctx, key_spec="SM2", key_usage="SIGN_VERIFY")
    with pytest.raises(UnsupportedOperationException):
        operations.create_key(ctx, multi_region=True)


def test_keys_and_tags_have_limits(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "KEYS", 1)
    new_key(ctx)
    with pytest.raises(LimitExceededException):
        new_key(ctx)
    with pytest.raises(TagException):
        new_key(ctx, tags=[{"TagKey": "aws:x", "TagValue": ""}])


def test_creating_with_tags_needs_tag_resource(account: Account) -> None:
    maker = factories.user(account, "maker", policies=[factories.allow("kms:CreateKey")])
    new_key(ctx_for(maker), bypass_policy_lockout_safety_check=True)
    with pytest.raises(AccessDeniedException, match="kms:TagResource"):
        new_key(ctx_for(maker), tags=[{"TagKey": "a", "TagValue": "b"}])


def test_a_policy_that_locks_its_author_out_is_refused(ctx: Context, bob: User) -> None:
    policy = key_policy(factories.principal_of(bob).arn)
    with pytest.raises(MalformedPolicyDocumentException, match="will not allow you to update"):
        new_key(ctx, policy=policy)
    assert not Key.objects.exists()
    assert new_key(ctx, policy=policy, bypass_policy_lockout_safety_check=True).policy == policy


def test_a_disabled_key_does_nothing_until_enabled(ctx: Context, key: Key) -> None:
    blob = operations.encrypt(ctx, key_id=key.key_id, plaintext=b"x")["CiphertextBlob"]
    operations.disable_key(ctx, key_id=key.key_id)
    with pytest.raises(DisabledException, match="is disabled"):
        operations.decrypt(ctx, ciphertext_blob=blob)
    operations.enable_key(ctx, key_id=key.key_id)
    assert operations.decrypt(ctx, ciphertext_blob=blob)["Plaintext"] == b"x"
    assert StateChange.objects.filter(model="kms.key").count() == 2


def test_deletion_waits_and_can_be_called_off(ctx: Context, key: Key) -> None:
    with pytest.raises(ValidationException):
        operations.schedule_key_deletion(ctx, key_id=key.key_id, pending_window_in_days=6)
    answer = operations.schedule_key_deletion(ctx, key_id=key.key_id, pending_window_in_days=7)
    assert answer["KeyState"] == "PendingDeletion"
    with pytest.raises(KMSInvalidStateException, match="pending deletion"):
        operations.encrypt(ctx, key_id=key.key_id, plaintext=b"x")
    with pytest.raises(KMSInvalidStateException):
        operations.enable_key(ctx, key_id=key.key_id)
    operations.cancel_key_deletion(ctx, key_id=key.key_id)
    metadata = operations.describe_key(ctx, key_id=key.key_id)["KeyMetadata"]
    assert (metadata["KeyState"], "DeletionDate" in metadata) == ("Disabled", False)
    with pytest.raises(KMSInvalidStateException):
        operations.cancel_key_deletion(ctx, key_id=key.key_id)


def test_the_accounts_clock_deletes_a_key(ctx: Context, key: Key, account: Account) -> None:
    operations.schedule_key_deletion(ctx, key_id=key.key_id, pending_window_in_days=7)
    with clock.freeze(clock.real_now() + timedelta(days=6)):
        assert ageing.delete_due() == 0
    accounts.fast_forward(account, timedelta(days=8))
    ctx.clock_offset = account.clock_offset
    with pytest.raises(NotFoundException):
        operations.describe_key(ctx, key_id=key.key_id)
    assert operations.list_keys(ctx)["Keys"] == []
    assert ageing.delete_due() == 1
    assert not KeyMaterial.objects.exists()
    assert ageing.delete_due() == 0


def test_a_reset_leaves_no_key(ctx: Context, key: Key, account: Account) -> None:
    operations.create_alias(ctx, alias_name="alias/notes", target_key_id=key.key_id)
    accounts.reset_account(account)
    assert not Key.objects.exists()
    assert not KeyMaterial.objects.exists()


def test_keys_live_in_one_region(key: Key, alice: User) -> None:
    elsewhere = ctx_for(alice, region="us-east-1")
    assert operations.list_keys(elsewhere)["Keys"] == []
    for name in (key.key_id, key.arn):
        with pytest.raises(NotFoundException):
            operations.describe_key(elsewhere, key_id=name)


def test_bob_reads_and_changes_nothing(key: Key, bob: User) -> None:
    reader = ctx_for(bob)
    assert operations.describe_key(reader, key_id=key.key_id)["KeyMetadata"]["Arn"] == key.arn
    for change in (operations.disable_key, operations.schedule_key_deletion):
        with pytest.raises(AccessDeniedException):
            change(reader, key_id=key.key_id)


def test_another_account_gets_the_same_words_for_what_is_there_and_what_is_not(
    key: Key, mallory: User
) -> None:
    messages = set()
    unknown = "12345678-1234-1234-1234-123456789012"
    for key_id in (key.key_id, unknown):
        with pytest.raises(AccessDeniedException) as denied:
            operations.describe_key(ctx_for(mallory), key_id=key.arn.replace(key.key_id, key_id))
        messages.add(denied.value.message.replace(key_id, "KEY"))
    assert len(messages) == 1
    with pytest.raises(NotFoundException):
        operations.describe_key(ctx_for(mallory), key_id=key.key_id)


def test_events_hold_no_plaintext(kms: Any) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.encrypt(KeyId=key_id, Plaintext=b"the-secret")
    kms.generate_data_key(KeyId=key_id, KeySpec="AES_256")
    for event in Event.objects.filter(event_name__in=["Encrypt", "GenerateDataKey"]):
        assert event.read_only
        text = json.dumps([event.request_parameters, event.response_elements])
        assert "dGhlLXNlY3JldA" not in text
        assert "the-secret" not in text


def test_boto3_reads_the_errors(kms: Any) -> None:
    with pytest.raises(ClientError) as error:
        kms.describe_key(KeyId="alias/nothing")
    assert error.value.response["Error"]["Code"] == "NotFoundException"
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.get_key_policy(KeyId="12345678-1234-1234-1234-123456789012")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    with pytest.raises(kms.exceptions.DryRunOperationException):
        kms.encrypt(KeyId=key_id, Plaintext=b"x", DryRun=True)


def key_policy(principal: str, action: str | list[str] = "kms:*", **more: Any) -> str:
    statement = {"Principal": {"AWS": principal}, **more}
    return factories.allow(action, "*", **statement)
