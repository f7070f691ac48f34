"""Rotation: new key material, old ciphertexts stay readable."""

from datetime import timedelta

import pytest

from aws import accounts
from aws.context import Context
from aws.errors import AccessDeniedException
from aws.models import Account
from iam.models import User
from kms import ageing, operations, quotas
from kms.errors import (
    DisabledException,
    LimitExceededException,
    UnsupportedOperationException,
)
from kms.models import Key
from tests.factories import ctx_for
from tests.kms.conftest import new_key


def test_old_ciphertexts_stay_readable(ctx: Context, key: Key) -> None:
    old = operations.encrypt(ctx, key_id=key.key_id, plaintext=b"old")["CiphertextBlob"]
    operations.rotate_key_on_demand(ctx, key_id=key.key_id)
    new = operations.encrypt(ctx, key_id=key.key_id, plaintext=b"new")["CiphertextBlob"]
    assert operations.decrypt(ctx, ciphertext_blob=old)["Plaintext"] == b"old"
    assert operations.decrypt(ctx, ciphertext_blob=new)["Plaintext"] == b"new"
    secrets = {material.secret for material in key.materials.all()}
    assert len(secrets) == 2
    rotations = operations.list_key_rotations(ctx, key_id=key.key_id)["Rotations"]
    assert [one["RotationType"] for one in rotations] == ["ON_DEMAND"]


def test_the_accounts_clock_rotates(ctx: Context, key: Key, account: Account) -> None:
    operations.enable_key_rotation(ctx, key_id=key.key_id, rotation_period_in_days=90)
    status = operations.get_key_rotation_status(ctx, key_id=key.key_id)
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 90)
    assert ageing.rotate_due() == 0
    accounts.fast_forward(account, timedelta(days=91))
    assert ageing.rotate_due() == 1
    assert ageing.rotate_due() == 0
    rotations = operations.list_key_rotations(ctx, key_id=key.key_id)["Rotations"]
    assert [one["RotationType"] for one in rotations] == ["AUTOMATIC"]


def test_rotation_can_be_switched_off(ctx: Context, key: Key, account: Account) -> None:
    operations.enable_key_rotation(ctx, key_id=key.key_id)
    operations.disable_key_rotation(ctx, key_id=key.key_id)
    status = operations.get_key_rotation_status(ctx, key_id=key.key_id)
    assert status == {"KeyId": key.arn, "KeyRotationEnabled": False}
    accounts.fast_forward(account, timedelta(days=400))
    assert ageing.rotate_due() == 0


def test_what_cannot_be_rotated(
    ctx: Context, key: Key, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    signing = new_key(ctx, key_spec="ECC_NIST_P256", key_usage="SIGN_VERIFY")
    with pytest.raises(UnsupportedOperationException):
        operations.enable_key_rotation(ctx, key_id=signing.key_id)
    with pytest.raises(AccessDeniedException):
        operations.rotate_key_on_demand(ctx_for(bob), key_id=key.key_id)
    monkeypatch.setattr(quotas, "ON_DEMAND_ROTATIONS", 0)
    with pytest.raises(LimitExceededException):
        operations.rotate_key_on_demand(ctx, key_id=key.key_id)
    operations.disable_key(ctx, key_id=key.key_id)
    with pytest.raises(DisabledException):
        operations.rotate_key_on_demand(ctx, key_id=key.key_id)
