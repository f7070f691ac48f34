"""Alice's browser, in English."""

from collections.abc import Callable

import pytest
from django.test import Client

from iam.models import User


@pytest.fixture
def page(console: Callable[..., Client], alice: User) -> Client:
    client = console(alice)
    client.cookies["groundschool-language"] = "en"
    return client
