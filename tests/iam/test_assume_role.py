"""AssumeRole: who may, with what, for how long, and what the session then may."""

import json
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from botocore.exceptions import ClientError

from aws import clock
from aws.context import Context
from aws.errors import AccessDenied, AwsError, ValidationError
from aws.identity import ExpiredKey, Principal, UnknownKey, lookup_credentials
from aws.models import Account
from iam.errors import MalformedPolicyDocument, PackedPolicyTooLarge
from iam.mfa import base32
from iam.models import MFADevice, Role, User
from iam.operations import assume_role, list_users
from tests.boto import boto
from tests.factories import (
    READ_ONLY,
    access_key,
    allow,
    ctx_for,
    grant,
    role,
    trust_policy,
    user,
)


def take(ctx: Context, of: Role, **more: Any) -> dict[str, Any]:
    arguments = {"role_arn": of.arn, "role_session_name": "lesson"}
    return assume_role(ctx, **(arguments | more))


def principal_of(answer: dict[str, Any]) -> Principal:
    key = answer["Credentials"]
    return lookup_credentials(key["AccessKeyId"], key["SessionToken"]).principal


class TestTrust:
    def test_a_role_that_trusts_the_account_needs_the_callers_permission_too(
        self, account: Account, alice: User, nobody: User
    ) -> None:
        trusting = role(account)
        assert take(ctx_for(alice), trusting)["AssumedRoleUser"]["Arn"] == (
            f"arn:aws:sts::{account.pk}:assumed-role/role/lesson"
        )
        with pytest.raises(AccessDenied, match="no identity-based policy allows"):
            take(ctx_for(nobody), trusting)

    def test_a_role_of_the_account_that_names_the_user_needs_no_more(
        self, account: Account, nobody: User
    ) -> None:
        assert take(ctx_for(nobody), role(account, trust=trust_policy(nobody.arn)))

    def test_a_role_elsewhere_needs_both_sides(
        self, account: Account, nobody: User, other_account: Account
    ) -> None:
        trusting = role(other_account, trust=trust_policy(nobody.arn))
        with pytest.raises(AccessDenied):
            take(ctx_for(nobody), trusting)
        grant(nobody, policies=[allow("sts:AssumeRole", trusting.arn)])
        assert principal_of(take(ctx_for(nobody), trusting)).account_id == other_account.pk

    def test_a_role_elsewhere_that_trusts_others_is_denied(
        self, alice: User, other_account: Account
    ) -> None:
        with pytest.raises(AccessDenied, match="no role trust policy allows"):
            take(ctx_for(alice), role(other_account))

    def test_a_missing_role_is_denied_in_the_same_words(
        self, alice: User, other_account: Account
    ) -> None:
        there = role(other_account, "there")
        messages = set()
        for arn in (there.arn, there.arn.replace("there", "absent")):
            with pytest.raises(AccessDenied) as denied:
                assume_role(ctx_for(alice), role_arn=arn, role_session_name="lesson")
            messages.add(denied.value.message.replace("absent", "there"))
        assert len(messages) == 1

    def test_the_trace_of_a_role_elsewhere_tells_nothing_of_its_policy(
        self, alice: User, other_account: Account
    ) -> None:
        with pytest.raises(AccessDenied) as denied:
            take(ctx_for(alice), role(other_account, trust=trust_policy("*", Sid="Secret")))
            take(
                ctx_for(alice),
                role(other_account, "r2", trust=trust_policy(other_account.pk, Sid="Secret")),
            )
        assert "Secret" not in json.dumps(denied.value.explanation)

    def test_an_external_id_must_be_the_agreed_one(
        self, alice: User, other_account: Account
    ) -> None:
        condition = {"StringEquals": {"sts:ExternalId": "blue-42"}}
        trusting = role(other_account, trust=trust_policy(alice.arn, Condition=condition))
        for wrong in ({}, {"external_id": "blue-43"}):
            with pytest.raises(AccessDenied):
                take(ctx_for(alice), trusting, **wrong)
        assert take(ctx_for(alice), trusting, external_id="blue-42")

    def test_root_may_not(self, account: Account) -> None:
        with pytest.raises(AccessDenied, match="Roles may not be assumed by root accounts"):
            take(ctx_for(account), role(account))

    @pytest.mark.parametrize("arn", ["role", "arn:aws:iam::111122223333:user/alice"])
    def test_what_is_no_roles_arn_is_invalid(self, ctx: Context, arn: str) -> None:
        with pytest.raises(ValidationError):
            assume_role(ctx, role_arn=arn.ljust(20, "x"), role_session_name="lesson")


class TestMfa:
    CONDITION = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}

    @pytest.fixture
    def device(self, alice: User) -> MFADevice:
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

    def code(self, device: MFADevice) -> str:
        return pyotp.TOTP(base32(device.seed)).at(clock.real_now())

    def test_a_code_opens_a_role_that_asks_for_mfa_once(
        self, alice: User, account: Account, device: MFADevice
    ) -> None:
        trusting = role(account, trust=trust_policy(alice.arn, Condition=self.CONDITION))
        with pytest.raises(AccessDenied):
            take(ctx_for(alice), trusting)
        proof = {"serial_number": device.serial_number, "token_code": self.code(device)}
        assert take(ctx_for(alice), trusting, **proof)
        with pytest.raises(AccessDenied, match="invalid MFA one time pass code"):
            take(ctx_for(alice), trusting, **proof)

    def test_somebody_elses_device_proves_nothing(
        self, account: Account, bob: User, device: MFADevice
    ) -> None:
        trusting = role(account, trust=trust_policy(bob.arn, Condition=self.CONDITION))
        with pytest.raises(AccessDenied, match="verify your MFA serial number"):
            take(
                ctx_for(bob),
                trusting,
                serial_number=device.serial_number,
                token_code=self.code(device),
            )


class TestDuration:
    def test_the_session_ends_by_the_roles_accounts_clock(
        self, ctx: Context, account: Account
    ) -> None:
        answer = take(ctx, role(account), duration_seconds=900)
        key = answer["Credentials"]
        assert key["Expiration"] - ctx.now == pytest.approx(
            timedelta(seconds=900), abs=timedelta(seconds=2)
        )
        account.clock_offset = timedelta(seconds=901)
        account.save()
        with pytest.raises(ExpiredKey):
            lookup_credentials(key["AccessKeyId"], key["SessionToken"])

    def test_the_roles_maximum_holds(self, ctx: Context, account: Account) -> None:
        longer = role(account, "longer", max_session_duration=7200)
        assert take(ctx, longer, duration_seconds=7200)
        with pytest.raises(ValidationError, match="exceeds the MaxSessionDuration"):
            take(ctx, longer, duration_seconds=7201)

    def test_chaining_is_for_an_hour_at_most(self, ctx: Context, account: Account) -> None:
        first = role(account, "first", policies=[allow("sts:AssumeRole")])
        second = role(account, "second", max_session_duration=7200)
        session = ctx_for(principal_of(take(ctx, first)))
        assert take(session, second)
        with pytest.raises(ValidationError, match="1 hour session limit"):
            take(session, second, duration_seconds=3601)


class TestWhatTheSessionMay:
    def test_the_roles_policies_and_not_the_callers(self, alice: User, account: Account) -> None:
        bare = principal_of(take(ctx_for(alice), role(account)))
        with pytest.raises(AccessDenied):
            list_users(ctx_for(bare))
        reading = principal_of(take(ctx_for(alice), role(account, "r", policy_arns=[READ_ONLY])))
        assert list_users(ctx_for(reading))

    def test_a_session_policy_narrows(self, ctx: Context, account: Account) -> None:
        reading = role(account, policy_arns=[READ_ONLY])
        narrow = principal_of(take(ctx, reading, policy=allow("s3:*")))
        with pytest.raises(AccessDenied, match="no session policy allows"):
            list_users(ctx_for(narrow))

    def test_managed_session_policies_go_by_arn(self, ctx: Context, account: Account) -> None:
        reading = role(account, policy_arns=[READ_ONLY])
        narrowed = principal_of(take(ctx, reading, policy_arns=[{"arn": READ_ONLY}]))
        assert list_users(ctx_for(narrowed))
        s3 = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
        other = principal_of(take(ctx, reading, policy_arns=[{"arn": s3}]))
        with pytest.raises(AccessDenied, match="no session policy allows"):
            list_users(ctx_for(other))

    def test_an_unknown_or_broken_session_policy_is_refused(
        self, ctx: Context, account: Account
    ) -> None:
        for more in (
            {"policy": "{"},
            {"policy_arns": [{"arn": "arn:aws:iam::aws:policy/NoSuchPolicy"}]},
        ):
            with pytest.raises(MalformedPolicyDocument):
                take(ctx, role(account, "r" + str(len(more))[:1] + next(iter(more))), **more)

    def test_too_much_for_a_token_is_refused(self, ctx: Context, account: Account) -> None:
        with pytest.raises(PackedPolicyTooLarge):
            take(ctx, role(account), policy=allow("s3:GetObject", ["arn:aws:s3:::b"] * 200))

    def test_tags_are_principal_tags(self, ctx: Context, account: Account) -> None:
        condition = {"StringEquals": {"aws:PrincipalTag/team": "blue"}}
        trust = trust_policy(
            f"arn:aws:iam::{account.pk}:root", Action=["sts:AssumeRole", "sts:TagSession"]
        )
        tagged = role(account, trust=trust, policies=[allow("iam:ListUsers", Condition=condition)])
        blue = principal_of(take(ctx, tagged, tags=[{"Key": "team", "Value": "blue"}]))
        assert list_users(ctx_for(blue))
        with pytest.raises(AccessDenied):
            list_users(ctx_for(principal_of(take(ctx, tagged))))

    def test_tags_need_to_be_allowed(self, ctx: Context, account: Account) -> None:
        with pytest.raises(AccessDenied, match="sts:TagSession"):
            take(ctx, role(account), tags=[{"Key": "team", "Value": "blue"}])

    def test_transitive_tags_go_along_the_chain_and_cannot_be_replaced(
        self, ctx: Context, account: Account
    ) -> None:
        actions = ["sts:AssumeRole", "sts:TagSession"]
        trust = trust_policy(f"arn:aws:iam::{account.pk}:root", Action=actions)
        first = role(account, "first", trust=trust, policies=[allow(actions)])
        second = role(account, "second", trust=trust)
        session = principal_of(
            take(
                ctx,
                first,
                tags=[{"Key": "team", "Value": "blue"}, {"Key": "seat", "Value": "7"}],
                transitive_tag_keys=["team"],
            )
        )
        assert principal_of(take(ctx_for(session), second)).tags == {"team": "blue"}
        with pytest.raises(AccessDenied, match="conflicts with a transitive tag key"):
            take(ctx_for(session), second, tags=[{"Key": "team", "Value": "red"}])

    def test_the_source_identity_stays(self, ctx: Context, account: Account) -> None:
        actions = ["sts:AssumeRole", "sts:SetSourceIdentity"]
        trust = trust_policy(f"arn:aws:iam::{account.pk}:root", Action=actions)
        first = role(account, "first", trust=trust, policies=[allow(actions)])
        second = role(account, "second", trust=trust)
        session = principal_of(take(ctx, first, source_identity="minji"))
        assert take(ctx_for(session), second)["SourceIdentity"] == "minji"
        with pytest.raises(AccessDenied):
            take(ctx_for(session), second, source_identity="another")

    def test_the_session_ends_with_its_role(self, ctx: Context, account: Account) -> None:
        doomed = role(account)
        answer = take(ctx, doomed)
        doomed.delete()
        with pytest.raises(UnknownKey):
            principal_of(answer)


class TestThroughBoto:
    def test_a_round_trip(self, alice: User, other_account: Account) -> None:
        condition = {"StringEquals": {"sts:ExternalId": "blue-42"}}
        role(
            other_account,
            "visitor",
            trust=trust_policy(alice.arn, Condition=condition),
            policy_arns=[READ_ONLY],
        )
        user(other_account, "resident")
        sts = boto("sts", *access_key(alice))
        arn = f"arn:aws:iam::{other_account.pk}:role/visitor"
        with pytest.raises(ClientError) as denied:
            sts.assume_role(RoleArn=arn, RoleSessionName="lesson")
        assert denied.value.response["Error"]["Code"] == "AccessDenied"
        key = sts.assume_role(RoleArn=arn, RoleSessionName="lesson", ExternalId="blue-42")[
            "Credentials"
        ]
        session = {"session_token": key["SessionToken"]}
        own = (key["AccessKeyId"], key["SecretAccessKey"])
        identity = boto("sts", *own, **session).get_caller_identity()
        assert identity["Arn"] == f"arn:aws:sts::{other_account.pk}:assumed-role/visitor/lesson"
        names = [one["UserName"] for one in boto("iam", *own, **session).list_users()["Users"]]
        assert names == ["resident"]

    def test_a_changed_token_or_another_secret_is_refused(
        self, alice: User, account: Account
    ) -> None:
        answer = boto("sts", *access_key(alice)).assume_role(
            RoleArn=role(account).arn, RoleSessionName="lesson"
        )
        key = answer["Credentials"]
        token = key["SessionToken"]
        changed = token[:-6] + ("A" if token[-6] != "A" else "B") + token[-5:]
        for secret, session_token, code in (
            (key["SecretAccessKey"], changed, "InvalidClientTokenId"),
            ("another", token, "SignatureDoesNotMatch"),
        ):
            with pytest.raises(ClientError) as refused:
                boto(
                    "sts", key["AccessKeyId"], secret, session_token=session_token
                ).get_caller_identity()
            assert refused.value.response["Error"]["Code"] == code

    def test_a_temporary_key_without_its_token_is_unknown(
        self, alice: User, account: Account
    ) -> None:
        answer = boto("sts", *access_key(alice)).assume_role(
            RoleArn=role(account).arn, RoleSessionName="lesson"
        )
        key = answer["Credentials"]
        with pytest.raises(ClientError) as refused:
            boto("sts", key["AccessKeyId"], key["SecretAccessKey"]).get_caller_identity()
        assert refused.value.response["Error"]["Code"] == "InvalidClientTokenId"


def test_a_token_is_as_long_as_asked_for(alice: User, account: Account) -> None:
    key = access_key(alice)
    longest = boto("sts", *key).assume_role(
        RoleArn=role(account).arn, RoleSessionName="lesson", MinimumSessionTokenSize=4096
    )
    token = longest["Credentials"]["SessionToken"]
    assert len(token) == longest["SessionTokenSize"] == 4096
    own = (longest["Credentials"]["AccessKeyId"], longest["Credentials"]["SecretAccessKey"])
    identity = boto("sts", *own, session_token=token).get_caller_identity()
    assert identity["Arn"].endswith(":assumed-role/role/lesson")


def test_a_context_of_no_provider_of_the_lab_is_refused(ctx: Context, account: Account) -> None:
    context = {
        "ProviderArn": "arn:aws:iam::aws:contextProvider/IdentityCenter",
        "ContextAssertion": "assertion",
    }
    with pytest.raises(ValidationError, match="context provider"):
        take(ctx, role(account), provided_contexts=[context])


def test_a_short_duration_is_refused_by_the_model(ctx: Context, account: Account) -> None:
    with pytest.raises(AwsError, match="durationSeconds"):
        take(ctx, role(account), duration_seconds=899)
