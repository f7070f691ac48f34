"""S3's people and a bucket."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from iam.models import User
from tests import factories
from tests.boto import boto


@pytest.fixture(autouse=True)
def _own_store(settings: Any, tmp_path: Path) -> None:
    """Each test has a store of its own, also beside other processes."""
    settings.LAB_DATA = tmp_path


@pytest.fixture
def s3(alice: User) -> Any:
    """Alice's client."""
    return boto("s3", *factories.access_key(alice))


@pytest.fixture
def bucket(s3: Any) -> str:
    s3.create_bucket(
        Bucket="samples", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"}
    )
    return "samples"


@pytest.fixture
def client_of() -> Callable[..., Any]:
    """`client_of(bob)`: a client with a key of bob's."""
    return lambda user, **options: boto("s3", *factories.access_key(user), **options)


@pytest.fixture
def browser_of_alice(console: Callable[..., Client], alice: User) -> Client:
    client = console(alice)
    client.cookies["groundschool-language"] = "en"
    return client


@pytest.fixture
def console(console: Callable[..., Client]) -> Callable[..., Client]:
    """A browser that speaks English, where the tests read what a page says."""

    def sign_in(*who: Any, **options: Any) -> Client:
        client = console(*who, **options)
        client.cookies["groundschool-language"] = "en"
        return client

    return sign_in
