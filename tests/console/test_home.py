"""Console Home: what each widget tells whom, and the board's moves."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from aws.models import Account, Event
from console import preferences, widgets
from iam.models import User
from tests.factories import principal_of

Console = Callable[..., Client]
URL = "/console/home/widgets"
HTMX = {"HX-Request": "true"}
DEFAULT = list(widgets.WIDGETS)


def names_on_board(client: Client) -> list[str]:
    board = client.get("/console/home").context["board"]
    return [place.widget.name for place in board]


def layout(who: User) -> Any:
    cache.clear()
    return preferences.read(principal_of(who))["widgets"]


class TestTheWidgets:
    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_the_page_renders(self, console: Console, alice: User, language: str) -> None:
        page = console(alice).get("/console/home", headers={"accept-language": language})
        assert page.status_code == 200
        assert "111122223333" in page.content.decode()

    def test_the_root_user_has_one_too(self, console: Console, account: Account) -> None:
        assert console(account).get("/console/home").status_code == 200

    def test_who_may_nothing_sees_a_page_that_says_so(
        self, console: Console, nobody: User, alice: User
    ) -> None:
        page = console(nobody).get("/console/home", headers={"accept-language": "en"})
        assert page.status_code == 200
        board = {place.widget.name: place.values for place in page.context["board"]}
        assert board["events"]["events"] is None
        assert "cloudtrail:LookupEvents" in page.content.decode()

    def test_recent_events_are_the_accounts_own(
        self, console: Console, alice: User, mallory: User
    ) -> None:
        Event.objects.create(
            account_id=mallory.account_id,
            region="us-east-1",
            event_time=mallory.account.now,
            event_source="iam.amazonaws.com",
            event_name="CreateSecretThing",
            read_only=False,
            source="api",
            user_name="mallory",
            request_id="x",
        )
        assert "CreateSecretThing" not in console(alice).get("/console/home").content.decode()
        assert "CreateSecretThing" in console(mallory).get("/console/home").content.decode()

    def test_opening_it_changes_nothing_in_the_account(self, console: Console, alice: User) -> None:
        console(alice).get("/console/home")
        assert not Event.objects.filter(read_only=False).exists()


class TestTheBoard:
    def test_it_starts_with_every_widget(self, console: Console, alice: User) -> None:
        assert names_on_board(console(alice)) == DEFAULT

    def test_a_widget_moves_down_and_up(self, console: Console, alice: User) -> None:
        client = console(alice)
        first, second, *rest = DEFAULT
        client.post(URL, {"action": "down", "name": first})
        assert names_on_board(client) == [second, first, *rest]
        client.post(URL, {"action": "up", "name": first})
        assert names_on_board(client) == DEFAULT

    def test_the_ends_are_ends(self, console: Console, alice: User) -> None:
        client = console(alice)
        client.post(URL, {"action": "up", "name": DEFAULT[0]})
        client.post(URL, {"action": "down", "name": DEFAULT[-1]})
        assert names_on_board(client) == DEFAULT

    def test_dragging_sends_the_whole_order(self, console: Console, alice: User) -> None:
        client = console(alice)
        wanted = DEFAULT[::-1]
        client.post(URL, {"action": "order", "order": ",".join(wanted)})
        assert names_on_board(client) == wanted

    def test_an_order_that_forgets_or_invents_loses_nothing(
        self, console: Console, alice: User
    ) -> None:
        client = console(alice)
        client.post(URL, {"action": "order", "order": f"evil,{DEFAULT[1]},{DEFAULT[1]}"})
        assert names_on_board(client) == [DEFAULT[1], DEFAULT[0], *DEFAULT[2:]]

    def test_removed_ones_are_offered_again(self, console: Console, alice: User) -> None:
        client = console(alice)
        client.post(URL, {"action": "remove", "name": "events"})
        assert "events" not in names_on_board(client)
        assert [one.name for one in client.get("/console/home").context["unplaced"]] == ["events"]
        client.post(URL, {"action": "add", "name": "events"})
        client.post(URL, {"action": "add", "name": "events"})
        assert names_on_board(client) == [*(name for name in DEFAULT if name != "events"), "events"]

    def test_an_empty_board_stays_empty_until_it_is_reset(
        self, console: Console, alice: User
    ) -> None:
        client = console(alice)
        for name in DEFAULT:
            client.post(URL, {"action": "remove", "name": name})
        assert names_on_board(client) == []
        client.post(URL, {"action": "reset"})
        assert names_on_board(client) == DEFAULT

    def test_sizes_alternate(self, console: Console, alice: User) -> None:
        client = console(alice)
        client.post(URL, {"action": "resize", "name": "recents"})
        assert layout(alice)[0] == {"name": "recents", "size": "regular"}
        client.post(URL, {"action": "resize", "name": "recents"})
        assert layout(alice)[0]["size"] == "extended"

    @pytest.mark.parametrize("action", ["", "explode", "add", "remove", "resize", "up"])
    def test_nonsense_changes_nothing(self, console: Console, alice: User, action: str) -> None:
        client = console(alice)
        client.post(URL, {"action": action, "name": "no-such-widget"})
        assert names_on_board(client) == DEFAULT

    def test_htmx_gets_the_board_alone(self, console: Console, alice: User) -> None:
        part = console(alice).post(URL, {"action": "remove", "name": "events"}, headers=HTMX)
        assert "<html" not in part.content.decode()
        assert 'id="board"' in part.content.decode()
        assert 'data-widget="events"' not in part.content.decode()

    def test_it_is_ones_own(self, console: Console, alice: User, bob: User) -> None:
        console(alice).post(URL, {"action": "remove", "name": "events"})
        assert names_on_board(console(bob)) == DEFAULT
