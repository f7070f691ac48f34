"""Search: services, features, and the resources that one may list."""

from collections.abc import Callable

import pytest
from django.test import Client

from iam.models import User

Console = Callable[..., Client]


def searched(client: Client, query: str) -> str:
    return client.get("/search", {"q": query}, headers={"accept-language": "en"}).content.decode()


def test_it_finds_services_by_name_and_by_what_they_do(console: Console, alice: User) -> None:
    client = console(alice)
    assert "data-result" in searched(client, "cloudtr")
    assert "CloudTrail" in searched(client, "API usage")


def test_it_finds_features(console: Console, alice: User) -> None:
    assert 'href="/cloudtrail/events"' in searched(console(alice), "event history")


def test_it_finds_resources_whatever_the_case(console: Console, alice: User, bob: User) -> None:
    assert 'href="/iam/users/bob"' in searched(console(alice), "BOB")


def test_who_may_not_list_finds_none(console: Console, nobody: User, bob: User) -> None:
    assert 'href="/iam/users/bob"' not in searched(console(nobody), "bob")


def test_another_accounts_resources_are_not_found(
    console: Console, mallory: User, bob: User
) -> None:
    assert 'href="/iam/users/bob"' not in searched(console(mallory), "bob")


def test_htmx_gets_the_results_alone(console: Console, alice: User) -> None:
    part = console(alice).get("/search?q=trail", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "CloudTrail" in part
    assert 'href="/search?q=trail"' in part


@pytest.mark.parametrize("query", ["", " ", "zzzz", "x" * 5000, "<script>", "%", "\\", "'"])
def test_odd_queries_are_harmless(console: Console, alice: User, query: str) -> None:
    page = searched(console(alice), query)
    assert "<script>" not in page
    assert "data-result" not in page
