"""Marks views that strangers may open; every other view asks for a sign-in (see middleware)."""

from collections.abc import Callable
from typing import TypeVar

View = TypeVar("View", bound=Callable[..., object])


def public(view: View) -> View:
    view.is_public = True  # type: ignore[attr-defined]
    return view
