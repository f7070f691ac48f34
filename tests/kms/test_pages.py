"""KMS's pages."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from aws.context import Context
from aws.models import Account
from iam.models import User
from kms import console_policy, operations
from kms.models import Alias, Key
from tests import factories
from tests.factories import principal_of
from tests.kms.conftest import new_key

Console = Callable[..., Client]


@pytest.fixture
def browser(console: Console, alice: User) -> Client:
    return console(alice)


def page(client: Client, key: Key, tab: str = "") -> str:
    answer = client.get(reverse("kms:key-detail", args=[key.key_id]), {"tab": tab})
    assert answer.status_code == 200
    return answer.content.decode()


def create(client: Client, **more: Any) -> Any:
    fields = {"key_usage": "ENCRYPT_DECRYPT", "key_spec": "SYMMETRIC_DEFAULT", "alias": "notes"}
    return client.post("/kms/keys/create", {**fields, **more})


def test_a_key_is_made_with_the_consoles_policy(browser: Client, bob: User) -> None:
    arn = principal_of(bob).arn
    answer = create(
        browser,
        administrators=[arn],
        users=[arn],
        **{"tag-key-0": "team", "tag-value-0": "blue"},
    )
    assert answer.status_code == 302
    key = Key.objects.get()
    assert Alias.objects.get().alias_name == "alias/notes"
    assert key.tags == {"team": "blue"}
    statements = json.loads(key.policy)["Statement"]
    assert [one["Sid"] for one in statements] == [
        "Enable IAM User Permissions",
        "Allow access for Key Administrators",
        "Allow use of the key",
        "Allow attachment of persistent resources",
    ]
    assert "kms:ScheduleKeyDeletion" not in statements[1]["Action"]
    assert "kms:GenerateDataKey*" in statements[2]["Action"]
    listed = browser.get("/kms/keys").content.decode()
    assert "notes" in listed
    assert key.key_id in listed


def test_nothing_is_made_when_the_alias_is_taken(browser: Client, key: Key, ctx: Context) -> None:
    operations.create_alias(ctx, alias_name="alias/notes", target_key_id=key.key_id)
    answer = create(browser)
    assert answer.status_code == 422
    assert "already exists" in answer.content.decode()
    assert Key.objects.count() == 1
    assert create(browser, key_spec="ECC_NIST_P256").status_code == 422


@pytest.mark.parametrize("tab", ["policy", "cryptography", "tags", "rotation", "aliases"])
def test_every_tab_answers(browser: Client, key: Key, tab: str) -> None:
    assert key.arn in page(browser, key, tab)


def test_an_aws_managed_key_can_be_looked_at_alone(
    browser: Client, ctx: Context, account: Account
) -> None:
    via = operations.via(ctx, "s3", ctx.region)
    operations.generate_data_key(via, key_id="alias/aws/s3", key_spec="AES_256")
    key = Key.objects.get()
    assert key.key_id in browser.get("/kms/managed-keys").content.decode()
    assert key.key_id not in browser.get("/kms/keys").content.decode()
    assert "Schedule key deletion" not in page(browser, key)


def test_states_change_by_buttons(browser: Client, key: Key) -> None:
    for to, state in (("disable", "Disabled"), ("enable", "Enabled")):
        browser.post("/kms/keys/state", {"name": key.key_id, "to": to})
        key.refresh_from_db()
        assert key.state == state
    asked = browser.post("/kms/keys/delete", {"name": key.key_id})
    assert (asked.status_code, "Waiting period" in asked.content.decode()) == (200, True)
    for wrong in ({"days": "6", "confirmed": "on"}, {"days": "7"}):
        answer = browser.post("/kms/keys/delete", {"name": key.key_id, **wrong})
        assert answer.status_code == 422
    browser.post("/kms/keys/delete", {"name": key.key_id, "days": "7", "confirmed": "on"})
    key.refresh_from_db()
    assert key.state == "PendingDeletion"
    browser.post("/kms/keys/state", {"name": key.key_id, "to": "cancel"})
    key.refresh_from_db()
    assert key.state == "Disabled"


def test_settings_are_saved(browser: Client, key: Key) -> None:
    base = f"/kms/keys/{key.key_id}"
    browser.post(f"{base}/description", {"description": "Notes"})
    browser.post(f"{base}/tags", {"tag-key-0": "team", "tag-value-0": "blue"})
    browser.post(f"{base}/rotation", {"enabled": "on", "days": "90"})
    browser.post(f"{base}/aliases/create", {"alias": "one"})
    browser.post(f"{base}/rotate", {"agreed": "yes"})
    key.refresh_from_db()
    assert (key.description, key.tags, key.rotation_period) == ("Notes", {"team": "blue"}, 90)
    assert (key.aliases.get().alias_name, key.materials.count()) == ("alias/one", 2)
    browser.post(f"{base}/aliases/delete", {"name": "alias/one", "agreed": "yes"})
    browser.post(f"{base}/rotation", {"days": "90"})
    browser.post(f"{base}/tags", {})
    key.refresh_from_db()
    assert (key.aliases.count(), key.rotation_period, key.tags) == (0, None, {})


def test_administrators_and_users_are_added_and_taken_away(
    browser: Client, ctx: Context, bob: User
) -> None:
    key, arn = new_key(ctx), principal_of(bob).arn
    base = f"/kms/keys/{key.key_id}"
    for kind in (console_policy.ADMINISTRATORS, console_policy.USERS):
        browser.post(f"{base}/{kind}/edit", {"principals": [arn]})
        key.refresh_from_db()
        assert console_policy.principals(key.policy, kind) == [arn]
    browser.post(f"{base}/users/edit", {})
    key.refresh_from_db()
    assert console_policy.principals(key.policy, console_policy.USERS) == []
    assert console_policy.principals(key.policy, console_policy.ADMINISTRATORS) == [arn]


def test_the_policy_is_edited_as_json(browser: Client, key: Key, account: Account) -> None:
    address = f"/kms/keys/{key.key_id}/policy"
    refused = browser.post(address, {"document": "{}"})
    assert refused.status_code == 422
    root = {"AWS": f"arn:aws:iam::{account.pk}:root"}
    policy = factories.allow("kms:*", Principal=root)
    assert browser.post(address, {"document": policy}).status_code == 302
    key.refresh_from_db()
    assert key.policy == policy
    # Not of the console's make: no default view.
    assert "Switch to default view" not in page(browser, key)
    assert browser.get(f"/kms/keys/{key.key_id}/users/edit").status_code == 404


def test_others_see_nothing(console: Console, key: Key, mallory: User, nobody: User) -> None:
    assert console(mallory).get(f"/kms/keys/{key.key_id}").status_code == 404
    assert console(nobody).get(f"/kms/keys/{key.key_id}").status_code == 403
    assert console(nobody).get("/kms/keys").status_code == 403
    assert key.key_id not in console(mallory).get("/kms/keys").content.decode()


def test_the_search_finds_aliases(browser: Client, ctx: Context, key: Key) -> None:
    operations.create_alias(ctx, alias_name="alias/course-notes", target_key_id=key.key_id)
    assert "course-notes" in browser.get("/search", {"q": "course"}).content.decode()
