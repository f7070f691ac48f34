"""The console's pages, as the URLconf has them, with something to fill into their addresses."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from aws.models import Account, Event
from iam.models import User
from tests import factories

# Not pages of ours: Django's admin site has its own tests.
SKIPPED_NAMESPACES = {"admin"}
# Arguments that name something in an account; another account must not learn of it.
IN_AN_ACCOUNT = {
    "user_name", "group_name", "role_name", "arn", "policy_arn", "name", "key", "event_id",
    "event_ids", "bucket", "key_id", "job_id",
}  # fmt: skip
ROWS = 15


@dataclass(frozen=True)
class Page:
    """name: "iam:user-detail". arguments: of its address."""

    name: str
    view: Callable[..., Any]
    arguments: tuple[str, ...]

    @property
    def is_public(self) -> bool:
        return bool(getattr(self.view, "is_public", False))

    @property
    def is_in_an_account(self) -> bool:
        return bool(IN_AN_ACCOUNT & set(self.arguments))

    def address(self, samples: dict[str, str]) -> str:
        lacking = set(self.arguments) - samples.keys()
        assert not lacking, f"tests/pages.py has no sample for {', '.join(lacking)} of {self.name}"
        return reverse(self.name, kwargs={name: samples[name] for name in self.arguments})


def all_pages() -> list[Page]:
    """Every named address of the URLconf, once."""
    found = {page.name: page for page in _pages(get_resolver(), "")}
    return list(found.values())


def _pages(resolver: URLResolver, namespace: str) -> Iterator[Page]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = ":".join(filter(None, (namespace, pattern.namespace)))
            if pattern.namespace not in SKIPPED_NAMESPACES:
                yield from _pages(pattern, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            name = ":".join(filter(None, (namespace, pattern.name)))
            yield Page(name, pattern.callback, tuple(pattern.pattern.converters))


# Argument name → value: what an address can be made of without a database.
SAMPLES = {
    "user_name": "bob",
    "group_name": "developers",
    "role_name": "app-role",
    "arn": factories.READ_ONLY,
    "policy_arn": factories.READ_ONLY,
    "kind": "users",
    "name": "bob",
    "key": "AKIAIOSFODNN7EXAMPLE",
    "event_id": str(uuid.UUID(int=1)),
    "event_ids": str(uuid.UUID(int=1)),
    "file_format": "csv",
    "bucket": "class-notes",
    "setting": "versioning",
    "action": "copy",
    "job_id": str(uuid.UUID(int=2)),
    "key_id": "1234abcd-12ab-34cd-56ef-1234567890ab",
    "principals": "administrators",
    "account": "111122223333",
}


@pytest.fixture
def samples(account: Account, alice: User, bob: User) -> dict[str, str]:
    """SAMPLES of things that are there, in alice's account."""
    group = factories.group(account, "developers", users=[alice, bob])
    factories.grant(group, policy_arns=[factories.READ_ONLY])
    factories.role(account, "app-role", policies=[factories.allow("s3:ListBucket")])
    key, _secret = factories.access_key(bob)
    factories.bucket(account, SAMPLES["bucket"])
    factories.kms_key(account, SAMPLES["key_id"])
    factories.s3_job(alice, job_id=SAMPLES["job_id"], bucket=SAMPLES["bucket"])
    event_id = str(_event(alice).event_id)
    return {**SAMPLES, "key": key, "event_id": event_id, "event_ids": event_id}


@pytest.fixture
def crowd(account: Account) -> None:
    """More of everything, so that a query per row shows."""
    for number in range(ROWS):
        one = factories.user(account, f"user-{number}", policy_arns=[factories.READ_ONLY])
        factories.access_key(one)
        factories.group(account, f"group-{number}", users=[one])
        factories.role(account, f"role-{number}")
        factories.bucket(account, f"bucket-{number}")
        factories.kms_key(account)


def _event(user: User) -> Event:
    return Event.objects.create(
        event_id=uuid.uuid4(),
        account_id=user.account_id,
        region="us-east-1",
        event_time=user.account.now,
        event_source="iam.amazonaws.com",
        event_name="GetUser",
        read_only=True,
        source="api",
        user_name=user.user_name,
        user_identity={"type": "IAMUser", "arn": factories.principal_of(user).arn},
        request_id=str(uuid.uuid4()),
        request_parameters={"userName": "bob"},
    )
