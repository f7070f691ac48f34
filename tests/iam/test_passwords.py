"""The rules of console passwords, and who signs in with which."""

from datetime import timedelta
from typing import Any

import pytest
from django.test.utils import override_settings

from aws.errors import AwsError
from aws.models import Account
from iam import passwords
from iam.errors import (
    InvalidUserType,
    LimitExceeded,
    PasswordPolicyViolation,
    WrongOldPassword,
)
from iam.models import LoginProfile, PasswordPolicy, User
from tests import factories
from tests.factories import PASSWORD, ctx_for


def broken_rules(password: str, policy: PasswordPolicy | None, **account: str) -> list[str]:
    try:
        passwords.check(password, policy, **account)
    except PasswordPolicyViolation as violation:
        return list(violation.fields["rules"])
    return []


@pytest.mark.parametrize(
    ("password", "rules"),
    [
        ("Abcdef12", []),
        ("abcdef1!", []),
        ("Abc12!x", ["length"]),
        ("abcdefgh1", ["classes"]),
        ("abc", ["length", "classes"]),
        ("비밀번호비밀번호A1", ["classes"]),
        ("Sales-2026", ["name"]),
        ("ROOT@example.com1", []),
        ("Root1@example.com", ["name"]),
    ],
)
def test_the_default_policy(password: str, rules: list[str]) -> None:
    assert broken_rules(password, None, name="sales-2026", email="root1@example.com") == rules


@pytest.mark.parametrize(
    ("policy", "password", "rules"),
    [
        ({}, "abcdef", []),
        ({}, "abcde", ["length"]),
        ({"minimum_password_length": 20}, "Abcdef12!", ["length"]),
        ({"require_symbols": True}, "Abcdef12", ["symbols"]),
        ({"require_symbols": True}, "Abcdef12~", ["symbols"]),
        ({"require_numbers": True}, "Abcdef!!", ["numbers"]),
        ({"require_uppercase_characters": True}, "abcdef12", ["uppercase"]),
        ({"require_uppercase_characters": True}, "Äbcdef12", ["uppercase"]),
        ({"require_lowercase_characters": True}, "ABCDEF12", ["lowercase"]),
        ({"require_symbols": True, "require_numbers": True}, "abcdef", ["numbers", "symbols"]),
    ],
)
def test_a_custom_policy(policy: dict[str, Any], password: str, rules: list[str]) -> None:
    assert broken_rules(password, PasswordPolicy(**policy)) == rules


def test_the_message_names_every_broken_rule() -> None:
    policy = PasswordPolicy(minimum_password_length=12, require_numbers=True)
    with pytest.raises(PasswordPolicyViolation) as violation:
        passwords.check("short", policy)
    assert violation.value.message == (
        "Password does not conform to the account password policy. "
        "Password should have a minimum length of 12. "
        "Password should have at least one number."
    )


@pytest.mark.parametrize("length", [6, 16, 128])
def test_a_generated_password_conforms(length: int) -> None:
    policy = PasswordPolicy(
        minimum_password_length=length,
        require_symbols=True,
        require_numbers=True,
        require_uppercase_characters=True,
        require_lowercase_characters=True,
    )
    passwords.check(passwords.generate(policy), policy)
    passwords.check(passwords.generate(), None)


# --- Reuse ---------------------------------------------------------------------------------------
def change(profile: LoginProfile, *new: str) -> None:
    for number, password in enumerate(new):
        now = profile.account.now + timedelta(minutes=number)
        passwords.set_password(profile, password, now=now, must_change=False)


def test_the_last_passwords_cannot_be_used_again(account: Account, bob: User) -> None:
    profile = LoginProfile(account=account, user=bob)
    change(profile, "First-111", "Second-222", "Third-333")
    PasswordPolicy.objects.create(account=account, password_reuse_prevention=2)
    for password in ("Third-333", "Second-222"):
        with pytest.raises(PasswordPolicyViolation, match="reuse prevention") as violation:
            change(profile, password)
        assert violation.value.fields["rules"] == ["reuse"]
    change(profile, "First-111")


def test_one_persons_passwords_do_not_bind_another(
    account: Account, alice: User, bob: User
) -> None:
    PasswordPolicy.objects.create(account=account, password_reuse_prevention=24)
    change(LoginProfile(account=account, user=alice), "Shared-111")
    change(LoginProfile(account=account, user=bob), "Shared-111")


def test_a_stronger_hasher_does_not_forget(account: Account, bob: User) -> None:
    PasswordPolicy.objects.create(account=account, password_reuse_prevention=1)
    profile = LoginProfile(account=account, user=bob)
    with override_settings(
        PASSWORD_HASHERS=[
            "django.contrib.auth.hashers.ScryptPasswordHasher",
            "django.contrib.auth.hashers.MD5PasswordHasher",
        ]
    ):
        change(profile, "First-111")
    with (
        override_settings(
            PASSWORD_HASHERS=[
                "django.contrib.auth.hashers.MD5PasswordHasher",
                "django.contrib.auth.hashers.ScryptPasswordHasher",
            ]
        ),
        pytest.raises(PasswordPolicyViolation),
    ):
        change(profile, "First-111")


def test_only_as_many_are_remembered_as_a_policy_can_ask_for(account: Account, bob: User) -> None:
    change(LoginProfile(account=account, user=bob), *(f"Password-{n}" for n in range(26)))
    assert bob.used_passwords.count() == 24


# --- Signing in ---------------------------------------------------------------------------------
def test_the_right_password_of_the_right_account(account: Account, other_account: Account) -> None:
    carol = factories.user(account, "carol", password=PASSWORD)
    found = passwords.authenticate(account, "carol", PASSWORD)
    assert found is not None
    assert found.user == carol
    assert passwords.authenticate(account, "carol", PASSWORD + "x") is None
    assert passwords.authenticate(other_account, "carol", PASSWORD) is None
    assert passwords.authenticate(account, "dave", PASSWORD) is None
    assert passwords.authenticate(None, "carol", PASSWORD) is None
    assert passwords.authenticate(account, "carol", "") is None


def test_an_unknown_user_costs_as_much_as_a_wrong_password(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(passwords, "make_password", hashed.append)
    passwords.authenticate(account, "dave", "secret")
    passwords.authenticate(None, "dave", "secret")
    passwords.authenticate_root("nobody@example.com", "secret")
    assert hashed == ["secret"] * 3


def test_root_signs_in_with_its_email_in_any_case(account: Account) -> None:
    assert passwords.authenticate_root("ROOT@Example.com", PASSWORD) == account
    assert passwords.authenticate_root("root@example.com", "wrong") is None


def test_a_sign_in_is_noted_in_account_time(account: Account) -> None:
    account.clock_offset = timedelta(days=10)
    account.save()
    carol = factories.user(account, "carol", password=PASSWORD)
    passwords.note_sign_in(carol.login_profile)
    passwords.note_sign_in(account)
    carol.login_profile.refresh_from_db()
    account.refresh_from_db()
    for used in (carol.login_profile.last_used, account.password_last_used):
        assert used is not None
        assert abs(account.now - used) < timedelta(minutes=1)


# --- Expiry ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("policy", "days", "is_expired", "is_hard"),
    [
        (None, 4000, False, False),
        ({}, 4000, False, False),
        ({"hard_expiry": True}, 4000, False, False),
        ({"max_password_age": 90}, 89, False, False),
        ({"max_password_age": 90}, 90, True, False),
        ({"max_password_age": 90, "hard_expiry": True}, 90, True, True),
    ],
)
def test_expiry(
    account: Account, policy: dict[str, Any] | None, days: int, is_expired: bool, is_hard: bool
) -> None:
    rules = None if policy is None else PasswordPolicy(**policy)
    profile = LoginProfile(last_changed=account.now)
    now = profile.last_changed + timedelta(days=days)
    assert passwords.must_change(profile, rules, now) is is_expired
    assert passwords.is_hard_expired(profile, rules, now) is is_hard


def test_a_reset_password_has_to_be_changed(account: Account) -> None:
    profile = LoginProfile(password_reset_required=True)
    assert passwords.must_change(profile, None, account.now)
    assert not passwords.is_hard_expired(profile, None, account.now)


# --- Root ----------------------------------------------------------------------------------------
NEW = "Another-horse-battery-9"


def test_root_changes_its_own_password(account: Account) -> None:
    passwords.change_root_password(ctx_for(account), old_password=PASSWORD, new_password=NEW)
    assert passwords.authenticate_root(account.email, NEW) == account
    assert passwords.authenticate_root(account.email, PASSWORD) is None


def test_nobody_else_changes_roots_password(account: Account, alice: User) -> None:
    with pytest.raises(InvalidUserType):
        passwords.change_root_password(ctx_for(alice), old_password=PASSWORD, new_password=NEW)
    assert passwords.authenticate_root(account.email, PASSWORD) == account


def test_roots_password_follows_the_default_policy_whatever_the_accounts(account: Account) -> None:
    PasswordPolicy.objects.create(account=account, minimum_password_length=6)
    with pytest.raises(PasswordPolicyViolation):
        passwords.change_root_password(
            ctx_for(account), old_password=PASSWORD, new_password="abcdef"
        )


def test_the_old_password_cannot_be_guessed_for_long(account: Account) -> None:
    def guess(old: str) -> type[AwsError] | None:
        try:
            passwords.change_root_password(ctx_for(account), old_password=old, new_password=NEW)
        except AwsError as error:
            return type(error)
        return None

    assert [guess("wrong") for _ in range(10)] == [WrongOldPassword] * 10
    assert guess(PASSWORD) is LimitExceeded
