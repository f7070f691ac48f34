"""The shell in Chromium: by keyboard, on a phone, in the dark, and without JavaScript."""

from collections.abc import Callable
from typing import Any

import pytest

from console import preferences
from iam.models import User
from tests.factories import principal_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OpenTab = Callable[..., Any]
HOUR = 3600 * 1000


def focused(page: Any, name: str) -> Any:
    return page.evaluate(f"document.activeElement.{name}")


class TestByKeyboard:
    def test_search_opens_moves_and_goes(self, tab: OpenTab, alice: User) -> None:
        page = tab(alice)
        page.goto("/services")
        page.keyboard.press("Alt+s")
        page.keyboard.type("event hist")
        page.locator("[data-result]").first.wait_for()
        page.keyboard.press("ArrowDown")
        assert focused(page, "pathname") == "/cloudtrail/events"
        page.keyboard.press("Enter")
        page.wait_for_url("**/cloudtrail/events")
        assert page.problems == []

    def test_escape_leaves_the_search(self, tab: OpenTab, alice: User) -> None:
        page = tab(alice)
        page.goto("/services")
        page.keyboard.press("Alt+s")
        page.keyboard.type("iam")
        page.locator("[data-result]").first.wait_for()
        page.keyboard.press("Escape")
        assert not page.locator("[data-result]").first.is_visible()

    def test_a_menu_opens_moves_and_gives_the_focus_back(self, tab: OpenTab, alice: User) -> None:
        page = tab(alice)
        page.goto("/services")
        menu = page.locator(".account-menu")
        menu.locator("summary").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("End")
        assert focused(page, "textContent").strip() == "Sign out"
        page.keyboard.press("Escape")
        assert menu.get_attribute("open") is None
        assert focused(page, "tagName") == "SUMMARY"

    def test_one_menu_closes_another(self, tab: OpenTab, alice: User) -> None:
        page = tab(alice)
        page.goto("/services")
        page.locator(".account-menu summary").click()
        page.locator(".services-menu summary").click()
        assert page.locator("details[data-menu][open]").count() == 1

    def test_the_first_stop_skips_to_the_content(self, tab: OpenTab, alice: User) -> None:
        page = tab(alice)
        page.goto("/services")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert focused(page, "id") == "content"

    def test_a_widget_is_carried_by_arrow_keys(self, tab: OpenTab, alice: User) -> None:
        page = tab(alice)
        page.goto("/console/home")
        order = "[...document.querySelectorAll('[data-widget]')].map((one) => one.dataset.widget)"
        before = page.evaluate(order)
        page.locator("[data-handle]").first.focus()
        with page.expect_response("**/console/home/widgets"):
            for key in ("Space", "ArrowRight", "Space"):
                page.keyboard.press(key)
        wanted = [before[1], before[0], *before[2:]]
        assert page.evaluate(order) == wanted
        page.reload()
        assert page.evaluate(order) == wanted

    def test_escape_puts_a_widget_back(self, tab: OpenTab, alice: User) -> None:
        page = tab(alice)
        page.goto("/console/home")
        order = "[...document.querySelectorAll('[data-widget]')].map((one) => one.dataset.widget)"
        before = page.evaluate(order)
        page.locator("[data-handle]").first.focus()
        for key in ("Space", "ArrowRight", "ArrowRight", "Escape"):
            page.keyboard.press(key)
        assert page.evaluate(order) == before


def test_a_widget_is_dragged_by_its_handle(tab: OpenTab, alice: User) -> None:
    page = tab(alice)
    page.goto("/console/home")
    order = "[...document.querySelectorAll('[data-widget]')].map((one) => one.dataset.widget)"
    first, *rest = page.evaluate(order)
    with page.expect_response("**/console/home/widgets"):
        page.drag_and_drop(f"#handle-{first}", f"[data-widget={rest[2]}] .container-content")
    page.reload()
    assert page.evaluate(order) == [*rest[:3], first, *rest[3:]]


class TestModals:
    def test_the_word_opens_the_way_and_escape_gives_the_focus_back(
        self, tab: OpenTab, alice: User, bob: User
    ) -> None:
        from playwright.sync_api import expect

        page = tab(alice)
        page.goto("/iam/users")
        delete = page.locator("[data-needs-selection]")
        expect(delete).to_be_disabled()
        page.locator(".select-row[value=bob]").check()
        delete.click()
        confirm = page.locator("[data-confirm-button]")
        expect(confirm).to_be_disabled()
        page.locator("[data-confirm-word]").fill("bo")
        expect(confirm).to_be_disabled()
        page.locator("[data-confirm-word]").fill("bob")
        expect(confirm).to_be_enabled()
        page.keyboard.press("Escape")
        expect(page.locator("#modal-root dialog")).to_have_count(0)
        assert page.evaluate("document.activeElement.closest('form, button') !== null")

    def test_the_session_says_when_it_is_over(self, tab: OpenTab, alice: User) -> None:
        page = tab(alice)
        page.clock.install()
        page.goto("/services")
        dialog = page.locator("dialog[data-session-expired]")
        page.clock.fast_forward(11 * HOUR)
        assert not dialog.is_visible()
        page.clock.fast_forward(2 * HOUR)
        assert dialog.is_visible()


class TestLooks:
    def test_dark_mode_is_dark_and_stays(self, tab: OpenTab, alice: User) -> None:
        page = tab(alice)
        page.goto("/services")
        colour = "getComputedStyle(document.body).backgroundColor"
        assert page.evaluate(colour) == "rgb(255, 255, 255)"
        page.locator("details[data-menu]:has(.settings-menu) summary").click()
        with page.expect_navigation():
            page.locator(".settings-menu [value=dark]").check()
        assert page.evaluate(colour) == "rgb(22, 29, 38)"
        page.goto("/console/home")
        assert page.evaluate(colour) == "rgb(22, 29, 38)"

    def test_the_browsers_wish_counts_otherwise(self, tab: OpenTab, alice: User) -> None:
        page = tab(alice, color_scheme="dark")
        page.goto("/services")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 29, 38)"

    def test_a_phone_opens_the_navigation_over_the_page(self, tab: OpenTab, alice: User) -> None:
        page = tab(alice, width=390)
        page.goto("/cloudtrail/events")
        navigation = page.locator("#side-navigation")
        assert not navigation.is_visible()
        page.locator("[data-nav-toggle]").click()
        assert navigation.is_visible()
        assert preferences.read(principal_of(alice))["nav_open"] is True

    def test_a_wide_screen_remembers_it_closed(self, tab: OpenTab, alice: User) -> None:
        page = tab(alice)
        page.goto("/cloudtrail/events")
        with page.expect_response("**/settings/preferences"):
            page.locator("[data-nav-toggle]").click()
        assert not page.locator("#side-navigation").is_visible()
        page.reload()
        assert not page.locator("#side-navigation").is_visible()

    def test_info_opens_the_help_panel(self, tab: OpenTab, alice: User) -> None:
        page = tab(alice)
        page.goto("/console/home")
        assert not page.locator("#help-panel").is_visible()
        page.locator(".info").first.click()
        assert page.locator("#help-panel").is_visible()
        page.locator("[data-help-close]").click()
        assert not page.locator("#help-panel").is_visible()


class TestTables:
    def test_a_search_keeps_the_cursor_and_what_was_typed(self, tab: OpenTab, alice: User) -> None:
        page = tab(alice)
        page.goto("/console/coverage")
        field = page.locator("#table-search")
        field.focus()
        with page.expect_response("**q=CreateU*"):
            page.keyboard.type("CreateU")
        page.keyboard.type("ser")
        page.locator("tbody tr:has-text('CreateUser')").first.wait_for()
        page.wait_for_url("**q=CreateUser*")
        assert field.input_value() == "CreateUser"
        assert focused(page, "id") == "table-search"


class TestWithoutJavaScript:
    def test_menus_settings_and_widgets_work(self, tab: OpenTab, alice: User) -> None:
        page = tab(alice, java_script_enabled=False)
        page.goto("/console/home")
        page.locator(".widget-menu summary").first.click()
        page.locator(".widget-menu [value=remove]").first.click()
        assert page.locator("[data-widget]").count() == 5
        page.locator("details[data-menu]:has(.settings-menu) summary").click()
        page.locator(".settings-menu [value=dark]").check()
        page.locator(".settings-menu button").click()
        assert page.locator("html").get_attribute("data-mode") == "dark"

    def test_the_search_is_a_page(self, tab: OpenTab, alice: User) -> None:
        page = tab(alice, java_script_enabled=False)
        page.goto("/services")
        page.locator("#search-input").fill("event history")
        page.locator("#search-input").press("Enter")
        assert page.locator("[data-result]").first.is_visible()

    def test_the_help_panel_is_a_link(self, tab: OpenTab, alice: User) -> None:
        page = tab(alice, java_script_enabled=False)
        page.goto("/console/home")
        page.locator(".info").first.click()
        assert page.locator("#help-panel").is_visible()
