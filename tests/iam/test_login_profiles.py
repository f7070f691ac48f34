"""Console passwords through the API."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from aws.context import Context
from aws.errors import AccessDenied, ValidationError
from aws.models import Account, Event
from iam import passwords
from iam.errors import (
    EntityAlreadyExists,
    InvalidUserType,
    LimitExceeded,
    NoSuchEntity,
    PasswordPolicyViolation,
    WrongOldPassword,
)
from iam.models import PasswordPolicy, User
from iam.operations import (
    change_password,
    create_login_profile,
    delete_login_profile,
    get_login_profile,
    update_login_profile,
)
from tests import factories
from tests.boto import boto
from tests.factories import PASSWORD, allow, ctx_for

NEW = "Another-horse-battery-9"
OWN = allow("iam:ChangePassword", "arn:aws:iam::*:user/${aws:username}")


@pytest.fixture
def carol(account: Account) -> User:
    """May change her own password."""
    return factories.user(account, "carol", password=PASSWORD, policies=[OWN])


@pytest.fixture
def dave(account: Account) -> User:
    """Has a password, and no policies."""
    return factories.user(account, "dave", password=PASSWORD)


def can_sign_in(user: User, password: str) -> bool:
    return passwords.authenticate(user.account, user.user_name, password) is not None


def test_boto3_gives_a_password_and_takes_it_away(alice: User, bob: User) -> None:
    iam = boto("iam", *factories.access_key(alice))
    made = iam.create_login_profile(UserName="bob", Password=NEW, PasswordResetRequired=True)
    assert made["LoginProfile"]["PasswordResetRequired"] is True
    assert iam.get_login_profile(UserName="bob")["LoginProfile"] == made["LoginProfile"]
    assert can_sign_in(bob, NEW)

    iam.update_login_profile(UserName="bob", Password=PASSWORD)
    assert iam.get_login_profile(UserName="bob")["LoginProfile"]["PasswordResetRequired"] is False
    assert can_sign_in(bob, PASSWORD)

    iam.delete_login_profile(UserName="bob")
    assert not can_sign_in(bob, PASSWORD)
    with pytest.raises(ClientError, match="Login Profile for User bob cannot be found"):
        iam.get_login_profile(UserName="bob")


def test_the_password_is_kept_out_of_the_event_history(ctx: Context, bob: User) -> None:
    create_login_profile(ctx, user_name="bob", password=NEW)
    assert NEW not in str(Event.objects.get(event_name="CreateLoginProfile").request_parameters)


def test_a_second_password_is_refused(ctx: Context, carol: User) -> None:
    with pytest.raises(EntityAlreadyExists, match="Login Profile for user carol already exists"):
        create_login_profile(ctx, user_name="carol", password=NEW)
    assert can_sign_in(carol, PASSWORD)


def test_a_password_is_required(ctx: Context, bob: User) -> None:
    with pytest.raises(ValidationError):
        create_login_profile(ctx, user_name="bob")


@pytest.mark.parametrize("call", [create_login_profile, update_login_profile])
def test_the_accounts_policy_holds_wherever_a_password_is_set(
    ctx: Context, bob: User, carol: User, call: object
) -> None:
    name = "bob" if call is create_login_profile else "carol"
    PasswordPolicy.objects.create(account=bob.account, minimum_password_length=40)
    with pytest.raises(PasswordPolicyViolation, match="minimum length of 40"):
        call(ctx, user_name=name, password=NEW)  # type: ignore[operator]


def test_a_reset_starts_the_passwords_age_anew(ctx: Context, carol: User) -> None:
    carol.login_profile.last_changed -= timedelta(days=100)
    carol.login_profile.save()
    update_login_profile(ctx, user_name="carol", password_reset_required=True)
    carol.login_profile.refresh_from_db()
    assert (ctx.now - carol.login_profile.last_changed).days == 100
    assert carol.login_profile.password_reset_required
    update_login_profile(ctx, user_name="carol", password=NEW)
    carol.login_profile.refresh_from_db()
    assert (ctx.now - carol.login_profile.last_changed).days == 0
    assert not carol.login_profile.password_reset_required


def test_a_reader_changes_nothing(bob: User, carol: User) -> None:
    ctx = ctx_for(bob)
    assert get_login_profile(ctx, user_name="carol")
    for call in (update_login_profile, create_login_profile):
        with pytest.raises(AccessDenied):
            call(ctx, user_name="carol", password=NEW)
    with pytest.raises(AccessDenied):
        delete_login_profile(ctx, user_name="carol")


def test_another_account_finds_nobody(mallory: User, carol: User) -> None:
    with pytest.raises(NoSuchEntity, match="The user with name carol cannot be found"):
        update_login_profile(ctx_for(mallory), user_name="carol", password=NEW)
    assert can_sign_in(carol, PASSWORD)


# --- ChangePassword -------------------------------------------------------------------------------
def test_a_user_changes_their_own_password(carol: User) -> None:
    carol.login_profile.password_reset_required = True
    carol.login_profile.save()
    change_password(ctx_for(carol), old_password=PASSWORD, new_password=NEW)
    assert can_sign_in(carol, NEW)
    carol.login_profile.refresh_from_db()
    assert not carol.login_profile.password_reset_required


def test_the_old_password_has_to_be_right(carol: User) -> None:
    with pytest.raises(WrongOldPassword) as error:
        change_password(ctx_for(carol), old_password=NEW, new_password=NEW)
    assert (error.value.code, error.value.status) == ("AccessDenied", 403)
    assert can_sign_in(carol, PASSWORD)


def test_guessing_the_old_password_ends_soon(carol: User) -> None:
    ctx = ctx_for(carol)
    for _ in range(passwords.CHANGES.limit):
        with pytest.raises(WrongOldPassword):
            change_password(ctx, old_password="guess", new_password=NEW)
    with pytest.raises(LimitExceeded):
        change_password(ctx, old_password=PASSWORD, new_password=NEW)


def test_without_permission_it_is_denied(dave: User) -> None:
    with pytest.raises(AccessDenied):
        change_password(ctx_for(dave), old_password=PASSWORD, new_password=NEW)


def test_the_password_policy_can_let_everyone_change_their_own(dave: User) -> None:
    PasswordPolicy.objects.create(account=dave.account, allow_users_to_change_password=True)
    change_password(ctx_for(dave), old_password=PASSWORD, new_password=NEW)
    assert can_sign_in(dave, NEW)
    assert Event.objects.get(event_name="ChangePassword").error_code == ""


def test_an_explicit_deny_wins_over_the_password_policy(account: Account) -> None:
    PasswordPolicy.objects.create(account=account, allow_users_to_change_password=True)
    erin = factories.user(
        account, "erin", password=PASSWORD, policies=[allow("iam:*", Effect="Deny")]
    )
    with pytest.raises(AccessDenied, match="explicit deny"):
        change_password(ctx_for(erin), old_password=PASSWORD, new_password=NEW)


def test_an_expired_password_can_be_changed_with_a_key(account: Account, carol: User) -> None:
    """AWS: hard expiry is about the console; users with access keys change it through the API."""
    PasswordPolicy.objects.create(account=account, max_password_age=1, hard_expiry=True)
    carol.login_profile.last_changed -= timedelta(days=2)
    carol.login_profile.save()
    iam = boto("iam", *factories.access_key(carol))
    iam.change_password(OldPassword=PASSWORD, NewPassword=NEW)
    profile = passwords.authenticate(account, "carol", NEW)
    assert profile is not None
    assert not passwords.must_change(profile, passwords.policy_of(account.pk), account.now)


def test_only_users_change_it(account: Account) -> None:
    role = factories.role(account, policies=[allow("*")])
    for ctx in (ctx_for(account), ctx_for(role)):
        with pytest.raises(InvalidUserType, match="Only IAM Users can change their own password"):
            change_password(ctx, old_password=PASSWORD, new_password=NEW)
