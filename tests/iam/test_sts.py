"""STS without roles: identity, sessions of oneself, federated users, keys, decoded denials."""

import json
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from botocore.exceptions import ClientError

from aws import clock, seal
from aws.context import Context
from aws.errors import AccessDenied, InvalidClientTokenId, ValidationError
from aws.identity import Principal, UnknownKey, lookup_credentials
from aws.models import Account
from iam import sessions
from iam.errors import InvalidAuthorizationMessageException
from iam.mfa import base32
from iam.models import MFADevice, Policy, PolicyVersion, User
from iam.operations import (
    assume_role,
    decode_authorization_message,
    get_access_key_info,
    get_caller_identity,
    get_federation_token,
    get_session_token,
    list_users,
)
from tests.boto import boto
from tests.factories import READ_ONLY, access_key, allow, ctx_for, grant, role, trust_policy


def principal_of(answer: dict[str, Any]) -> Principal:
    key = answer["Credentials"]
    return lookup_credentials(key["AccessKeyId"], key["SessionToken"]).principal


def seconds_of(ctx: Context, answer: dict[str, Any]) -> float:
    left: timedelta = answer["Credentials"]["Expiration"] - ctx.now
    return round(left.total_seconds(), -1)


@pytest.fixture
def device(alice: User) -> MFADevice:
    device = MFADevice(
        account=alice.account,
        user=alice,
        name="phone",
        serial_number=f"arn:aws:iam::{alice.account_id}:mfa/phone",
        enabled_at=clock.real_now(),
    )
    device.set_seed(b"0123456789" * 4)
    device.save()
    return device


def proof(device: MFADevice) -> dict[str, Any]:
    code = pyotp.TOTP(base32(device.seed)).at(clock.real_now())
    return {"serial_number": device.serial_number, "token_code": code}


class TestGetCallerIdentity:
    def test_it_needs_no_permission(self, nobody: User) -> None:
        assert get_caller_identity(ctx_for(nobody)) == {
            "UserId": nobody.user_id,
            "Account": "111122223333",
            "Arn": "arn:aws:iam::111122223333:user/nobody",
        }

    def test_root_is_the_account(self, account: Account) -> None:
        answer = boto("sts", *access_key(account)).get_caller_identity()
        assert (answer["UserId"], answer["Arn"]) == (account.pk, f"arn:aws:iam::{account.pk}:root")


class TestGetSessionToken:
    def test_it_lasts_twelve_hours_and_an_hour_for_root(
        self, ctx: Context, account: Account
    ) -> None:
        assert seconds_of(ctx, get_session_token(ctx)) == 43_200
        assert seconds_of(ctx, get_session_token(ctx_for(account), duration_seconds=7200)) == 3600

    def test_without_mfa_it_does_not_open_iam_but_opens_roles(
        self, alice: User, account: Account
    ) -> None:
        session = ctx_for(principal_of(get_session_token(ctx_for(alice))))
        with pytest.raises(InvalidClientTokenId):
            list_users(session)
        assert get_caller_identity(session)["UserId"] == alice.user_id
        assert assume_role(session, role_arn=role(account).arn, role_session_name="x1")

    def test_it_opens_nothing_else_of_sts(self, alice: User, account: Account) -> None:
        session = ctx_for(principal_of(get_session_token(ctx_for(alice))))
        with pytest.raises(InvalidClientTokenId):
            get_access_key_info(session, access_key_id=access_key(alice)[0])
        with pytest.raises(InvalidClientTokenId):
            get_federation_token(session, name="guest")

    def test_with_mfa_it_opens_iam_and_what_asks_for_mfa(
        self, alice: User, account: Account, device: MFADevice
    ) -> None:
        session = ctx_for(principal_of(get_session_token(ctx_for(alice), **proof(device))))
        assert list_users(session)
        condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
        careful = role(account, trust=trust_policy(alice.arn, Condition=condition))
        assert assume_role(session, role_arn=careful.arn, role_session_name="x1")

    def test_a_wrong_code_is_denied(self, alice: User, device: MFADevice) -> None:
        code = proof(device)["token_code"]
        wrong = code[:-1] + str((int(code[-1]) + 5) % 10)
        with pytest.raises(AccessDenied, match="invalid MFA one time pass code"):
            get_session_token(ctx_for(alice), serial_number=device.serial_number, token_code=wrong)

    def test_a_session_makes_no_further_session_of_itself(self, alice: User) -> None:
        session = ctx_for(principal_of(get_session_token(ctx_for(alice))))
        with pytest.raises(AccessDenied, match="with session credentials"):
            get_session_token(session)

    def test_through_boto(self, alice: User) -> None:
        key = boto("sts", *access_key(alice)).get_session_token(DurationSeconds=900)["Credentials"]
        with pytest.raises(ClientError) as refused:
            boto(
                "iam",
                key["AccessKeyId"],
                key["SecretAccessKey"],
                session_token=key["SessionToken"],
            ).list_users()
        assert refused.value.response["Error"]["Code"] == "InvalidClientTokenId"


class TestGetFederationToken:
    def test_both_the_caller_and_the_session_policy_must_allow(self, alice: User) -> None:
        answer = get_federation_token(
            ctx_for(alice), name="guest", policy=allow("cloudtrail:LookupEvents")
        )
        assert answer["FederatedUser"] == {
            "FederatedUserId": "111122223333:guest",
            "Arn": "arn:aws:sts::111122223333:federated-user/guest",
        }
        guest = ctx_for(principal_of(answer))
        assert guest.allows("cloudtrail:LookupEvents")
        assert not guest.allows("s3:ListAllMyBuckets")

    def test_without_a_session_policy_it_may_nothing_by_itself(self, alice: User) -> None:
        guest = ctx_for(principal_of(get_federation_token(ctx_for(alice), name="guest")))
        assert not guest.allows("cloudtrail:LookupEvents")

    def test_a_later_version_of_a_managed_session_policy_counts(self, alice: User) -> None:
        arn = "arn:aws:iam::111122223333:policy/looking"
        policy = Policy.objects.create(
            account=alice.account, policy_name="looking", policy_id="ANPA1", policy_arn=arn
        )
        version = PolicyVersion.objects.create(
            policy=policy, number=1, is_default=True, document=allow("s3:ListAllMyBuckets")
        )
        answer = get_federation_token(ctx_for(alice), name="guest", policy_arns=[{"arn": arn}])
        assert not ctx_for(principal_of(answer)).allows("cloudtrail:LookupEvents")
        version.document = allow("cloudtrail:*")
        version.save()
        assert ctx_for(principal_of(answer)).allows("cloudtrail:LookupEvents")
        policy.delete()
        assert not ctx_for(principal_of(answer)).allows("cloudtrail:LookupEvents")

    def test_a_federated_user_cannot_call_iam(self, alice: User) -> None:
        answer = get_federation_token(ctx_for(alice), name="guest", policy=allow("*"))
        with pytest.raises(InvalidClientTokenId):
            list_users(ctx_for(principal_of(answer)))

    def test_a_user_without_the_permission_is_denied(self, nobody: User) -> None:
        with pytest.raises(AccessDenied):
            get_federation_token(ctx_for(nobody), name="guest")


class TestGetAccessKeyInfo:
    def test_it_names_the_account_of_any_key(self, ctx: Context, mallory: User) -> None:
        key_id, _ = access_key(mallory)
        assert get_access_key_info(ctx, access_key_id=key_id) == {"Account": "444455556666"}

    def test_an_unknown_key_is_invalid(self, ctx: Context) -> None:
        with pytest.raises(ValidationError):
            get_access_key_info(ctx, access_key_id="AKIAIOSFODNN7EXAMPLE")


class TestDecodeAuthorizationMessage:
    def denial(self, who: User) -> str:
        with pytest.raises(AccessDenied) as denied:
            list_users(ctx_for(who))
        return denied.value.encoded

    def test_it_tells_who_was_denied_what(self, ctx: Context, nobody: User) -> None:
        answer = decode_authorization_message(ctx, encoded_message=self.denial(nobody))
        decoded = json.loads(answer["DecodedMessage"])
        assert decoded["allowed"] is False
        assert decoded["explicitDeny"] is False
        assert decoded["context"]["action"] == "iam:ListUsers"
        assert decoded["context"]["principal"]["arn"] == nobody.arn
        assert decoded["explanation"]["verdict"] == "implicitDeny"

    def test_it_lists_the_statements_that_denied(
        self, ctx: Context, account: Account, nobody: User
    ) -> None:
        grant(nobody, policy_arns=[READ_ONLY, "arn:aws:iam::aws:policy/AWSDenyAll"])
        answer = decode_authorization_message(ctx, encoded_message=self.denial(nobody))
        decoded = json.loads(answer["DecodedMessage"])
        assert decoded["explicitDeny"] is True
        items = decoded["matchedStatements"]["items"]
        assert [item["sourcePolicyId"] for item in items] == ["AWSDenyAll"]
        assert items[0]["effect"] == "DENY"

    def test_another_accounts_message_stays_closed(self, mallory: User, nobody: User) -> None:
        with pytest.raises(InvalidAuthorizationMessageException):
            decode_authorization_message(ctx_for(mallory), encoded_message=self.denial(nobody))

    def test_a_changed_message_is_refused(self, ctx: Context, nobody: User) -> None:
        with pytest.raises(InvalidAuthorizationMessageException):
            decode_authorization_message(ctx, encoded_message=self.denial(nobody)[:-8])


def test_a_token_of_another_version_of_the_lab_is_unknown(alice: User) -> None:
    key = get_session_token(ctx_for(alice))["Credentials"]
    longer = [*seal.unseal_text(key["SessionToken"], sessions.TOKEN_SEAL), "more"]
    with pytest.raises(UnknownKey):
        lookup_credentials(key["AccessKeyId"], seal.seal_text(longer, sessions.TOKEN_SEAL))


def test_a_boundary_whose_policy_is_gone_allows_nothing(alice: User) -> None:
    alice.permissions_boundary = "arn:aws:iam::111122223333:policy/gone"
    alice.save()
    assert not ctx_for(alice).allows("iam:ListUsers")
