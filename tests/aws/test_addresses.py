"""Whose request it is, behind a proxy and without one."""

import pytest
from pytest_django.fixtures import Settings

from aws.addresses import client_address

PEER = {"REMOTE_ADDR": "10.0.0.1"}


def test_nobody_else_is_believed_without_a_proxy(settings: Settings) -> None:
    settings.LAB_BEHIND_PROXY = False
    assert client_address({**PEER, "HTTP_X_FORWARDED_FOR": "203.0.113.9"}) == "10.0.0.1"


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        ("203.0.113.9", "203.0.113.9"),
        # The visitor wrote the first one; the proxy appended the second.
        ("192.0.2.1, 203.0.113.9", "203.0.113.9"),
        ("2001:db8::1", "2001:db8::1"),
        ("", "10.0.0.1"),
        ("unknown", "10.0.0.1"),
    ],
)
def test_the_proxys_last_word_counts(settings: Settings, forwarded: str, expected: str) -> None:
    settings.LAB_BEHIND_PROXY = True
    assert client_address({**PEER, "HTTP_X_FORWARDED_FOR": forwarded}) == expected
