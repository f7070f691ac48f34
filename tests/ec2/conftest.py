"""EC2's people."""

from collections.abc import Callable
from typing import Any

import pytest

from iam.models import User
from tests import factories
from tests.boto import boto


@pytest.fixture
def ec2(alice: User) -> Any:
    """Alice's client."""
    return boto("ec2", *factories.access_key(alice))


@pytest.fixture
def client_of() -> Callable[..., Any]:
    """`client_of(bob)`: a client with a key of bob's."""
    return lambda user, **options: boto("ec2", *factories.access_key(user), **options)
