"""People and doors for every test: alice (administrator), bob (read only), mallory (elsewhere)."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest import mock

import pytest
from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import translation

from aws.context import Context
from aws.models import Account
from iam.models import User
from tests import factories
from tests.factories import ADMINISTRATOR, READ_ONLY


def pytest_configure() -> None:
    """A quick password hash: sign-ins are tested by the hundred, the hash is Django's business.

    DEBUG_WIRE: an answer with a key that AWS's model lacks is an error. S3_METRICS_SECONDS: tests
    add what was counted themselves.
    """
    settings.DEBUG_WIRE = True
    settings.S3_METRICS_SECONDS = 0
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def account(db: None) -> Account:
    """The account of alice and bob."""
    return factories.account(account_id="111122223333", name="Class", email="root@example.com")


@pytest.fixture
def other_account(db: None) -> Account:
    """The account of mallory."""
    return factories.account(account_id="444455556666", name="Other", email="other@example.com")


@pytest.fixture
def alice(account: Account) -> User:
    """An administrator."""
    return factories.user(account, "alice", policy_arns=[ADMINISTRATOR])


@pytest.fixture
def bob(account: Account) -> User:
    """May read everything, change nothing."""
    return factories.user(account, "bob", policy_arns=[READ_ONLY])


@pytest.fixture
def nobody(account: Account) -> User:
    """A user of the account without any policy."""
    return factories.user(account, "nobody")


@pytest.fixture
def mallory(other_account: Account) -> User:
    """An administrator of another account."""
    return factories.user(other_account, "mallory", policy_arns=[ADMINISTRATOR])


@pytest.fixture
def ctx(alice: User) -> Context:
    """Alice's context, for tests that need just one."""
    return factories.ctx_for(alice)


@pytest.fixture
def console() -> Callable[..., Client]:
    """`console(alice)` is a browser signed in as alice: `console(alice).get("/iam/users")`.

    Also takes an Account, for its root. Keyword arguments go to `factories.console_session`.
    """

    def sign_in(who: User | Account, **options: Any) -> Client:
        client = Client()
        factories.console_session(client, who, **options)
        return client

    return sign_in


@pytest.fixture
def worker(django_capture_on_commit_callbacks: Any) -> Callable[[], AbstractContextManager[Any]]:
    """`with worker():` – after the block, what it queued has been done, as by a Celery worker."""

    def do(name: str, args: list[Any], **_: Any) -> None:
        current_app.tasks[name](*args)

    @contextmanager
    def commit_and_work() -> Iterator[None]:
        with (
            mock.patch.object(current_app, "send_task", do),
            django_capture_on_commit_callbacks(execute=True),
        ):
            yield

    return commit_and_work


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Rate limits, throttles and sessions of one test do not reach the next."""
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """What code says outside of a request; a page speaks its visitor's language."""
    with translation.override("en"):
        yield
