"""Alice's browser, in English."""

from collections.abc import Callable

import pytest
from django.test import Client

from aws.models import Account
from iam.models import User


@pytest.fixture
def page(console: Callable[..., Client], alice: User) -> Client:
    return _english(console(alice))


@pytest.fixture
def root_page(console: Callable[..., Client], account: Account) -> Client:
    """The same for the account's root."""
    return _english(console(account))


def _english(client: Client) -> Client:
    client.cookies["groundschool-language"] = "en"
    return client
