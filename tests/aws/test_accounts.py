"""Accounts are walls: created, suspended, and reset to nothing."""

from typing import Any

import pytest
from django.apps import apps

from aws import accounts, clock
from aws.accounts import AccountError, create_account, reset_account, suspend_account
from aws.identity import SuspendedAccount, UnknownKey, lookup_credentials
from aws.models import Account, AccountOwned, Event
from iam.models import AccessKey, InstanceProfile, User
from iam.operations import create_user
from tests import factories
from tests.factories import ctx_for


def test_it_makes_a_twelve_digit_account(db: None) -> None:
    account = create_account(name="Class", email="a@example.com", password="x")  # noqa: S106
    assert len(account.account_id) == 12
    assert account.password != "x"  # noqa: S105


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": " "}, "1 to 50 characters"),
        ({"name": "x" * 51}, "1 to 50 characters"),
        ({"email": "nobody"}, "valid e-mail"),
        ({"account_id": "123"}, "12 digits"),
        ({"account_id": "１２３４５６７８９０１２x"}, "12 digits"),
        ({"account_id": "111122223333"}, "account ID already exists"),
        ({"email": "ROOT@example.com"}, "e-mail address already exists"),
    ],
)
def test_it_says_what_is_wrong(account: Account, changes: dict[str, str], sentence: str) -> None:
    values: dict[str, Any] = {"name": "Class", "email": "new@example.com", "password": "x"}
    with pytest.raises(AccountError, match=sentence):
        create_account(**(values | changes))


def test_a_reset_leaves_nothing_and_touches_nobody_else(
    account: Account, alice: User, mallory: User
) -> None:
    create_user(ctx_for(alice), user_name="carol")
    factories.group(account, users=[alice])
    role = factories.role(account, policy_arns=[factories.READ_ONLY])
    InstanceProfile.objects.create(
        account=account, instance_profile_name="p", instance_profile_id="AIPA1", role=role
    )
    factories.access_key(account)
    create_user(ctx_for(mallory), user_name="dave")

    reset_account(account)

    for model in apps.get_models():
        if issubclass(model, AccountOwned):
            assert not model._base_manager.filter(account=account).exists(), model
    assert not Event.objects.filter(account_id=account.pk).exists()
    assert sorted(User.objects.values_list("user_name", flat=True)) == ["dave", "mallory"]
    assert Event.objects.filter(account_id=mallory.account_id).count() == 1
    reset_account(account)


def test_a_reset_ends_old_sessions(account: Account) -> None:
    session = factories.session(account)
    lookup_credentials(session.access_key_id, session.token())
    reset_account(account)
    with pytest.raises(UnknownKey):
        lookup_credentials(session.access_key_id, session.token())
    with clock.freeze(clock.real_now()):
        fresh = factories.session(account)
        assert lookup_credentials(fresh.access_key_id, fresh.token()).principal.kind == "root"


def test_a_suspended_account_cannot_call(account: Account) -> None:
    key, _ = factories.access_key(account)
    session = factories.session(account)
    suspend_account(account, suspended=True)
    with pytest.raises(SuspendedAccount):
        lookup_credentials(key)
    with pytest.raises(SuspendedAccount):
        lookup_credentials(session.access_key_id, session.token())
    suspend_account(account, suspended=False)
    assert lookup_credentials(key).principal.kind == "root"


def test_services_add_to_new_and_reset_accounts(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(accounts, "_created", [lambda account: calls.append("created")])
    monkeypatch.setattr(accounts, "_ended", [lambda account: calls.append("ended")])
    reset_account(factories.account())
    assert calls == ["created", "ended", "created"]


def test_an_inactive_key_is_no_key(alice: User) -> None:
    key, secret = factories.access_key(alice)
    assert lookup_credentials(key).secret_access_key == secret
    AccessKey.objects.update(status=AccessKey.Status.INACTIVE)
    with pytest.raises(UnknownKey):
        lookup_credentials(key)
