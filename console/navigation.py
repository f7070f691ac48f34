"""What a service puts into the shell: its menu entry, side navigation, features and search.

Each service app with pages has a `navigation.py` with one `NAVIGATION`; installing the app is
what puts it into the services menu.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aws.context import Context

Text = str | Promise

COMPUTE = _("Compute")
STORAGE = _("Storage")
DATABASE = _("Database")
NETWORKING = _("Networking & Content Delivery")
SECURITY = _("Security, Identity, & Compliance")
MANAGEMENT = _("Management & Governance")
FINANCE = _("Cloud Financial Management")


@dataclass(frozen=True)
class Link:
    """view: URL name. query: appended to its address ("?tab=x")."""

    label: Text
    view: str
    query: str = ""

    @cached_property
    def url(self) -> str:
        return reverse(self.view) + self.query


@dataclass(frozen=True)
class Section:
    """title: "" for links that stand on top, without a heading."""

    title: Text
    links: tuple[Link, ...]


@dataclass(frozen=True)
class SearchResult:
    """One resource that a search found. kind: "User". url: its page."""

    title: str
    kind: Text
    url: str


SearchFunction = Callable[[Context, str], Iterable[SearchResult]]


@dataclass(frozen=True)
class Navigation:
    """service: the app's URL namespace. home: URL name.

    features: (label, URL name) pairs that the search knows. search: functions that find resources,
    at most five each; they ask `ctx.allows` first.
    """

    service: str
    title: str
    home: str
    category: Text
    description: Text
    is_global: bool = False
    sections: tuple[Section, ...] = ()
    features: tuple[tuple[Text, str], ...] = ()
    search: tuple[SearchFunction, ...] = ()
    # Drawn on the service's square; by default the title's first two letters.
    code: str = ""

    @cached_property
    def url(self) -> str:
        return reverse(self.home)

    @property
    def letters(self) -> str:
        return self.code or self.title[:2].upper()

    def active_link(self, path: str) -> Link | None:
        """The link of a page: the longest whose address the page lies under."""
        links = [link for section in self.sections for link in section.links]
        above = [link for link in links if is_under(path, link.url)]
        return max(above, key=lambda link: len(link.url), default=None)


def is_under(path: str, address: str) -> bool:
    """Whether a page is at an address, or below it: /iam/users/alice is under /iam/users."""
    address = address.partition("?")[0].rstrip("/")
    return path == address or path.startswith(f"{address}/")


@cache
def services() -> tuple[Navigation, ...]:
    """Every service with pages, by title."""
    found = (
        import_module(f"{app}.navigation").NAVIGATION
        for app in settings.INSTALLED_APPS
        if "." not in app and app != "console" and find_spec(f"{app}.navigation")
    )
    return tuple(sorted(found, key=lambda navigation: navigation.title))


def by_service() -> dict[str, Navigation]:
    return {navigation.service: navigation for navigation in services()}


def by_category() -> list[tuple[Text, list[Navigation]]]:
    """Services under their categories, both by name in the reader's language."""
    groups: dict[str, list[Navigation]] = {}
    for navigation in services():
        groups.setdefault(str(navigation.category), []).append(navigation)
    return sorted(groups.items())
