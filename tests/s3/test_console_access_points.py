"""The Access Points tab of a bucket's page."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from aws.models import Account
from iam.models import User
from s3.models import AccessPoint
from tests import factories
from tests.factories import allow

Console = Callable[..., Client]
TAB = "/s3/buckets/class-notes?tab=access-points"
EDIT = "/s3/buckets/class-notes/edit-access-point"
DELETE = "/s3/buckets/class-notes/delete-access-point"
NEW = {"point_name": "front-door", "origin": "Internet", "block_all": "on"}


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


@pytest.fixture
def page(console: Console, alice: User, account: Account) -> Client:
    factories.bucket(account, "class-notes")
    client = console(alice)
    client.cookies["groundschool-language"] = "en"
    return client


def test_one_is_made_in_the_buckets_region_and_deleted_by_its_name(page: Client) -> None:
    assert page.post(EDIT, NEW).status_code == 302
    assert AccessPoint.objects.get().region == "ap-northeast-2"
    assert "front-door" in text(page.get(TAB))
    page.post(DELETE, {"id": "front-door", "confirm": "delete"})
    assert AccessPoint.objects.exists()
    page.post(DELETE, {"id": "front-door", "confirm": "front-door"})
    assert not AccessPoint.objects.exists()


def test_a_bad_name_keeps_what_was_typed(page: Client) -> None:
    answer = page.post(EDIT, NEW | {"point_name": "No"})
    assert answer.status_code == 422
    assert 'value="No"' in text(answer)


def test_a_bad_policy_leaves_no_door_behind(page: Client) -> None:
    assert page.post(EDIT, NEW | {"policy": "{"}).status_code == 422
    assert not AccessPoint.objects.exists()


def test_who_may_not_list_them_is_told_why(
    console: Console, account: Account, nobody: User
) -> None:
    factories.bucket(account, "class-notes")
    policies = [allow("s3:ListBucket"), allow("s3:GetBucketLocation")]
    factories.grant(nobody, policies=policies)
    assert "s3:ListAccessPoints" in text(console(nobody).get(TAB))


def test_another_account_deletes_nothing(console: Console, page: Client, mallory: User) -> None:
    page.post(EDIT, NEW)
    console(mallory).post(DELETE, {"id": "front-door", "confirm": "front-door"})
    assert AccessPoint.objects.exists()
