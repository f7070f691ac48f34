"""Keys for tests."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from aws.context import Context
from iam.models import User
from kms import operations
from kms.models import Key
from tests import factories
from tests.boto import boto


@pytest.fixture
def kms(alice: User) -> Any:
    """Alice's client."""
    return boto("kms", *factories.access_key(alice))


@pytest.fixture
def client_of() -> Callable[..., Any]:
    """`client_of(bob)`: a client with a key of bob's."""
    return lambda user, **options: boto("kms", *factories.access_key(user), **options)


@pytest.fixture
def key(ctx: Context) -> Key:
    """A symmetric key of alice's, under the default policy."""
    return new_key(ctx)


def new_key(ctx: Context, **settings: Any) -> Key:
    made = operations.create_key(ctx, **settings)["KeyMetadata"]["KeyId"]
    found: Key = Key.objects.get(key_id=made)
    return found


@pytest.fixture
def console(console: Callable[..., Client]) -> Callable[..., Client]:
    """A browser that speaks English, where the tests read what a page says."""

    def sign_in(*who: Any, **options: Any) -> Client:
        client = console(*who, **options)
        client.cookies["groundschool-language"] = "en"
        return client

    return sign_in
