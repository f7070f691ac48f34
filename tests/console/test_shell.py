"""The frame of every page: navigation, menus, flashbar."""

from collections.abc import Callable

import pytest
from django.test import Client

from iam.models import User

Console = Callable[..., Client]


@pytest.mark.parametrize(
    "path", ["/console/home", "/services", "/settings", "/search?q=iam", "/console/coverage"]
)
def test_a_page_renders(console: Console, alice: User, path: str) -> None:
    page = console(alice).get(path)
    assert page.status_code == 200
    assert b"Groundschool" in page.content
