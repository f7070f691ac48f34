"""The frame of every page: navigation, menus, flashbar, regions, languages, errors."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from aws.models import Account
from console import flash, navigation, preferences
from console.navigation import Link, Navigation, Section, is_under
from console.shell import formatted_account
from iam.models import User
from tests.factories import principal_of

Console = Callable[..., Client]
HTMX = {"HX-Request": "true"}


def wishes(who: User | Account) -> dict[str, Any]:
    cache.clear()
    return preferences.read(principal_of(who))


class TestTheFrame:
    def test_it_says_who_is_signed_in(self, console: Console, alice: User) -> None:
        page = console(alice).get("/services").content.decode()
        assert "alice @ 1111-2222-3333" in page
        assert 'data-expires="4' in page  # twelve hours are 43,200 seconds

    def test_the_alias_stands_for_the_account(self, console: Console, alice: User) -> None:
        Account.objects.filter(pk=alice.account_id).update(alias="class-one")
        assert "alice @ class-one" in console(alice).get("/services").content.decode()

    def test_it_says_that_it_is_not_aws(self, console: Console, alice: User) -> None:
        client = console(alice)
        client.cookies["groundschool-language"] = "en"
        assert b"Not affiliated with Amazon Web Services" in client.get("/services").content

    def test_it_is_strict_about_what_scripts_may_do(self, console: Console, alice: User) -> None:
        page = console(alice).get("/services")
        assert "default-src 'self'" in page["Content-Security-Policy"]
        assert '"allowEval":false' in page.content.decode()
        assert '"historyCacheSize":0' in page.content.decode()

    def test_browsers_keep_no_copy(self, console: Console, alice: User) -> None:
        assert console(alice).get("/services")["Cache-Control"] == "private, no-store"

    def test_htmx_sends_the_csrf_token(self, console: Console, alice: User) -> None:
        page = console(alice).get("/services").content.decode()
        assert re.search(r"hx-headers='{\"X-CSRFToken\": \"\w{64}\"}'", page)

    def test_it_costs_at_most_three_queries(self, console: Console, alice: User) -> None:
        client = console(alice)
        client.get("/services")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/services")
        assert len(queries) <= 3, [query["sql"] for query in queries]

    def test_addresses_of_static_files_carry_a_digest(self, console: Console, alice: User) -> None:
        page = console(alice).get("/services").content.decode()
        assert re.search(r"/static/css/tokens\.css\?v=[0-9a-f]{8}\"", page)

    def test_the_menus_work_without_javascript(self, console: Console, alice: User) -> None:
        page = console(alice).get("/services").content.decode()
        for address in ("/services", "/search", "/settings", "/console/home"):
            assert f'"{address}"' in page
        assert page.count("<details") >= 3


class TestSideNavigation:
    NAVIGATION = Navigation(
        service="x",
        title="X",
        home="home",
        category="C",
        description="",
        sections=(
            Section("", (Link("Home", "home"), Link("Coverage", "coverage"))),
            Section("More", (Link("Search", "search"), Link("Settings", "settings"))),
        ),
    )

    @pytest.mark.parametrize(
        ("path", "label"),
        [
            ("/console/home", "Home"),
            ("/settings", "Settings"),
            ("/settings/preferences", "Settings"),
            ("/settings-of-another", None),
            ("/elsewhere", None),
        ],
    )
    def test_the_link_above_the_page_is_active(self, path: str, label: str | None) -> None:
        link = self.NAVIGATION.active_link(path)
        assert (link.label if link else None) == label

    def test_a_longer_address_is_not_under_a_shorter_name(self) -> None:
        assert is_under("/iam/users/alice", "/iam/users")
        assert is_under("/iam/users", "/iam/users?tab=x")
        assert not is_under("/iam/users-of", "/iam/users")

    def test_every_link_of_every_service_leads_somewhere(
        self, console: Console, alice: User
    ) -> None:
        client = console(alice)
        for service in navigation.services():
            links = [link.url for section in service.sections for link in section.links]
            for address in {service.url, *links}:
                assert client.get(address, follow=True).status_code == 200, address

    def test_it_remembers_being_closed(self, console: Console, alice: User) -> None:
        client = console(alice)
        assert 'data-nav="open"' in client.get("/services").content.decode()
        client.post("/settings/preferences", {"nav_open": "off"})
        assert 'data-nav="closed"' in client.get("/services").content.decode()


class TestFlashbar:
    def _flash(self, client: Client, count: int) -> None:
        request = RequestFactory().get("/")
        request.session = client.session
        for number in range(count):
            flash.add(request, "success", f"message {number}")
        request.session.save()

    def test_messages_are_shown_once_newest_first(self, console: Console, alice: User) -> None:
        client = console(alice)
        self._flash(client, 2)
        page = client.get("/services").content.decode()
        assert page.index("message 1") < page.index("message 0")
        assert "message" not in client.get("/services").content.decode()

    def test_a_fragment_leaves_them_for_the_page(self, console: Console, alice: User) -> None:
        client = console(alice)
        self._flash(client, 1)
        client.get("/console/coverage", headers=HTMX)
        assert "message 0" in client.get("/services").content.decode()

    def test_a_success_leads_to_its_code(self, console: Console, alice: User, bob: User) -> None:
        client = console(alice)
        client.post("/iam/users/delete", {"name": "bob", "confirm": "bob"})
        page = client.get("/iam/users").content.decode()
        (address,) = re.findall(r'<a href="(/cloudtrail/events/[^"]+/code)"', page)
        assert "delete-user" in client.get(address, headers=HTMX).content.decode()

    def test_many_are_folded(self, console: Console, alice: User) -> None:
        client = console(alice)
        self._flash(client, 4)
        assert "flash-more" in client.get("/services").content.decode()
        self._flash(client, 3)
        assert "flash-more" not in client.get("/services").content.decode()


class TestRegions:
    def test_a_page_of_a_region_offers_the_others(self, console: Console, alice: User) -> None:
        page = console(alice).get("/cloudtrail/events?q=1").content.decode()
        assert "?q=1&amp;region=eu-west-1" in page

    def test_choosing_one_is_remembered(self, console: Console, alice: User) -> None:
        client = console(alice)
        client.get("/cloudtrail/events?region=eu-west-1")
        assert wishes(alice)["region"] == "eu-west-1"
        assert (
            "Ireland"
            in client.get("/cloudtrail/events", headers={"accept-language": "en"}).content.decode()
        )

    def test_an_unknown_region_changes_nothing(self, console: Console, alice: User) -> None:
        console(alice).get("/cloudtrail/events?region=mars-1")
        assert wishes(alice)["region"] != "mars-1"

    def test_a_global_page_has_none(self, console: Console, alice: User) -> None:
        page = console(alice).get("/services").content.decode()
        assert "region=eu-west-1" not in page


class TestRecentsAndFavorites:
    def test_a_visit_is_remembered(self, console: Console, alice: User) -> None:
        console(alice).get("/cloudtrail/events")
        assert wishes(alice)["recents"] == ["cloudtrail"]

    def test_unless_the_person_does_not_want_it(self, console: Console, alice: User) -> None:
        client = console(alice)
        client.post("/settings/preferences", {"remember_recents": "off"})
        client.get("/cloudtrail/events")
        assert wishes(alice)["recents"] == []

    def test_a_star_comes_and_goes(self, console: Console, alice: User) -> None:
        client = console(alice)
        answer = client.post("/settings/favorites", {"service": "cloudtrail"}, headers=HTMX)
        assert 'aria-pressed="true"' in answer.content.decode()
        assert wishes(alice)["favorites"] == ["cloudtrail"]
        assert "favorites-bar" in client.get("/services").content.decode()
        client.post("/settings/favorites", {"service": "cloudtrail"})
        assert wishes(alice)["favorites"] == []

    def test_a_star_needs_a_service(self, console: Console, alice: User) -> None:
        answer = console(alice).post("/settings/favorites", {"service": "../x"})
        assert answer.status_code == 422
        assert wishes(alice)["favorites"] == []

    def test_they_are_ones_own(self, console: Console, alice: User, bob: User) -> None:
        console(alice).post("/settings/favorites", {"service": "cloudtrail"})
        assert wishes(bob)["favorites"] == []


class TestLanguage:
    def test_the_browser_decides_at_first(self, client: Client) -> None:
        korean = client.get("/nowhere", headers={"accept-language": "ko-KR,ko;q=0.9"})
        assert korean["Content-Language"] == "ko"
        assert client.get("/nowhere", headers={"accept-language": "en"})["Content-Language"] == "en"

    def test_without_a_wish_it_is_the_labs(self, client: Client) -> None:
        assert client.get("/nowhere")["Content-Language"] == "ko"

    def test_the_footers_switch_wins_and_comes_back(self, client: Client) -> None:
        answer = client.post("/settings/language", {"language": "en", "next": "/nowhere?a=1"})
        assert answer["Location"] == "/nowhere?a=1"
        korean = {"accept-language": "ko"}
        assert client.get("/nowhere", headers=korean)["Content-Language"] == "en"

    def test_it_does_not_lead_to_another_site(self, client: Client) -> None:
        answer = client.post(
            "/settings/language", {"language": "en", "next": "https://evil.example/"}
        )
        assert answer["Location"] == "/console/home"

    def test_an_unknown_language_is_refused(self, client: Client) -> None:
        assert client.post("/settings/language", {"language": "tlh"}).status_code == 422

    def test_a_persons_choice_follows_them(self, console: Console, alice: User) -> None:
        console(alice).post("/settings/language", {"language": "en"})
        page = console(alice).get("/services", headers={"accept-language": "ko"})
        assert page["Content-Language"] == "en"
        assert '<html lang="en"' in page.content.decode()


class TestErrors:
    def test_a_page_that_does_not_exist(self, console: Console, alice: User) -> None:
        assert console(alice).get("/nowhere").status_code == 404

    def test_a_stranger_is_sent_to_sign_in(self, client: Client) -> None:
        answer = client.get("/services?a=1")
        assert answer.status_code == 302
        assert answer["Location"] == "/signin?next=%2Fservices%3Fa%3D1"

    def test_htmx_opens_a_dialog_instead(self, client: Client) -> None:
        answer = client.get(
            "/search?q=x", headers={**HTMX, "HX-Current-URL": "http://testserver/services"}
        )
        assert answer["HX-Retarget"] == "#modal-root"
        assert "/signin?next=%2Fservices" in answer.content.decode()

    def test_a_form_without_its_token(self, console: Console, alice: User) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = console(alice).cookies
        answer = strict.post("/settings/preferences", {"mode": "dark"})
        assert answer.status_code == 403
        assert wishes(alice)["mode"] == "auto"

    def test_a_mistake_of_ours_shows_the_request_id_and_nothing_else(
        self, console: Console, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*arguments: object) -> None:
            raise RuntimeError("secret detail")

        monkeypatch.setattr("console.views.search.find", broken)
        client = console(alice)
        client.raise_request_exception = False
        page = client.get("/search?q=x")
        assert page.status_code == 500
        assert "InternalError" in page.content.decode()
        assert re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", page.content.decode())
        assert "secret detail" not in page.content.decode()


def test_account_ids_are_grouped() -> None:
    assert formatted_account("111122223333") == "1111-2222-3333"
