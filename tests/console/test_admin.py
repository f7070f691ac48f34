"""The instructors' site: who may, what each button does, what it leaves alone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.auth.models import User as Instructor
from django.test import Client

from aws import accounts
from aws.models import Account, Event
from cloudtrail.records import record
from iam.models import AccessKey, User
from iam.passwords import authenticate_root
from tests import factories
from tests.boto import boto
from tests.cloudtrail import factories as events
from tests.factories import PASSWORD

Console = Callable[..., Client]
ACCOUNT = "/admin/aws/account/111122223333"
ACTIONS = ["open", "suspend", "restore", "password", "clock", "access-key", "reset"]
PAGES = [
    "/admin/",
    "/admin/aws/account/",
    "/admin/aws/account/add/",
    f"{ACCOUNT}/change/",
    "/admin/aws/event/",
    "/admin/auth/user/",
    "/admin/auth/user/instructor/",
    *(f"{ACCOUNT}/{name}/" for name in ACTIONS if name != "restore"),
]


def browser_of(instructor: Instructor | None) -> Client:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    if instructor is not None:
        client.force_login(instructor)
    return client


@pytest.fixture
def kim(account: Account) -> Client:
    """An instructor's browser."""
    return browser_of(Instructor.objects.create_superuser("kim", password=PASSWORD))


@pytest.fixture
def assistant(account: Account) -> Client:
    """Staff who may look at accounts and events."""
    user = Instructor.objects.create_user("lee", password=PASSWORD, is_staff=True)
    codes = ["view_account", "view_event"]
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return browser_of(user)


def act(browser: Client, name: str, **typed: Any) -> Any:
    return browser.post(f"{ACCOUNT}/{name}/", typed)


class TestWhoMay:
    @pytest.mark.parametrize("path", PAGES)
    def test_strangers_are_sent_to_its_sign_in(self, account: Account, path: str) -> None:
        assert browser_of(None).get(path)["Location"].startswith("/admin/login/")

    @pytest.mark.parametrize("path", PAGES)
    def test_a_students_session_opens_nothing(
        self, console: Console, account: Account, path: str
    ) -> None:
        assert console(account).get(path)["Location"].startswith("/admin/login/")

    @pytest.mark.parametrize("path", PAGES)
    @pytest.mark.parametrize("language", ["ko", "en"])
    def test_instructors_see_every_page(self, kim: Client, path: str, language: str) -> None:
        kim.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        assert kim.get(path).status_code == 200

    @pytest.mark.parametrize("name", ACTIONS)
    def test_staff_who_may_only_look_change_nothing(self, assistant: Client, name: str) -> None:
        assert assistant.get(f"{ACCOUNT}/change/").status_code == 200
        assert f"/{name}/" not in assistant.get(f"{ACCOUNT}/change/").content.decode()
        assert assistant.get(f"{ACCOUNT}/{name}/").status_code == 403
        assert act(assistant, name, account_id="111122223333").status_code == 403
        assert not LogEntry.objects.exists()

    def test_staff_who_may_only_look_make_nothing(self, assistant: Client) -> None:
        assert assistant.get("/admin/aws/account/add/").status_code == 403
        assert assistant.get("/admin/auth/user/instructor/").status_code == 403

    def test_an_instructor_is_no_principal(self, kim: Client) -> None:
        assert kim.get("/iam/users")["Location"].startswith("/signin")

    def test_guesses_are_limited(self, kim: Client) -> None:
        stranger = browser_of(None)
        typed = {"username": "kim", "password": "wrong"}
        for _ in range(10):
            stranger.post("/admin/login/", typed)
        answer = stranger.post("/admin/login/", typed | {"password": PASSWORD})
        assert answer.status_code == 200
        assert "Too many sign-in attempts" in answer.content.decode()

    def test_the_right_password_signs_in(self, kim: Client) -> None:
        typed = {"username": "kim", "password": PASSWORD}
        answer = browser_of(None).post("/admin/login/?next=/admin/", typed)
        assert answer["Location"] == "/admin/"


class TestList:
    def test_it_counts_users_and_says_when_somebody_was_active(
        self, kim: Client, alice: User, bob: User, console: Console
    ) -> None:
        console(alice).get("/iam/users")
        page = kim.get("/admin/aws/account/")
        (row,) = page.context["cl"].result_list
        assert row.user_count == 2
        assert row.active_at == Event.objects.latest("event_time").event_time

    @pytest.mark.parametrize("query", ["1111", "Class", "root@example", "class-3"])
    def test_it_is_searched(
        self, kim: Client, account: Account, other_account: Account, query: str
    ) -> None:
        Account.objects.filter(pk=account.pk).update(alias="class-3")
        found = kim.get("/admin/aws/account/", {"q": query}).context["cl"].result_list
        assert [one.pk for one in found] == [account.pk]

    def test_it_is_filtered_by_status(
        self, kim: Client, account: Account, other_account: Account
    ) -> None:
        accounts.suspend_account(account, suspended=True)
        shown = kim.get("/admin/aws/account/?status__exact=SUSPENDED").context["cl"].result_list
        assert [one.pk for one in shown] == [account.pk]

    def test_its_cost_does_not_grow_with_the_accounts(
        self, kim: Client, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(10):
            factories.account()
        with django_assert_max_num_queries(8):
            kim.get("/admin/aws/account/")


class TestCreate:
    WANTED = {"name": "New", "email": "new@example.com", "password": PASSWORD, "account_id": ""}

    def test_a_new_account(self, kim: Client) -> None:
        answer = kim.post("/admin/aws/account/add/", self.WANTED | {"account_id": "123412341234"})
        assert answer["Location"] == "/admin/aws/account/123412341234/change/"
        assert authenticate_root("new@example.com", PASSWORD)
        assert LogEntry.objects.get().object_id == "123412341234"

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"email": "ROOT@example.com"}, "already exists"),
            ({"account_id": "111122223333"}, "already exists"),
            ({"account_id": "12"}, "Enter 12 digits"),
            ({"password": "short"}, "too short"),
            ({"name": ""}, "required"),
        ],
    )
    def test_a_bad_value_is_said(self, kim: Client, changes: dict[str, str], sentence: str) -> None:
        answer = kim.post("/admin/aws/account/add/", self.WANTED | changes)
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
        assert Account.objects.count() == 1


class TestActions:
    @pytest.mark.parametrize("name", [name for name in ACTIONS if name != "restore"])
    def test_looking_at_the_page_changes_nothing(
        self, kim: Client, account: Account, name: str
    ) -> None:
        before = Account.objects.values().get()
        kim.get(f"{ACCOUNT}/{name}/")
        assert Account.objects.values().get() == before
        assert not Event.objects.exists()
        assert not LogEntry.objects.exists()
        assert kim.get("/console/home").status_code == 302

    def test_rows_cannot_be_written_or_deleted_by_djangos_own_forms(
        self, kim: Client, account: Account
    ) -> None:
        assert kim.post(f"{ACCOUNT}/change/", {"name": "Taken"}).status_code == 403
        assert kim.post(f"{ACCOUNT}/delete/", {"post": "yes"}).status_code == 403
        event = events.event(account_id=account.pk)
        for path in ("change", "delete"):
            answer = kim.post(f"/admin/aws/event/{event.pk}/{path}/", {"post": "yes"})
            assert answer.status_code == 403
        assert kim.get("/admin/aws/event/add/").status_code == 403
        account.refresh_from_db()
        assert account.name == "Class"
        assert Event.objects.count() == 1

    def test_suspend_and_restore(self, kim: Client, account: Account) -> None:
        assert act(kim, "restore").status_code == 404
        act(kim, "suspend")
        account.refresh_from_db()
        assert account.is_suspended
        assert act(kim, "suspend").status_code == 404
        act(kim, "restore")
        account.refresh_from_db()
        assert not account.is_suspended
        logged = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
        assert list(logged) == ["The account was suspended.", "The account was restored."]

    def test_reset_needs_the_id(self, kim: Client, alice: User) -> None:
        assert act(kim, "reset").status_code == 422
        assert act(kim, "reset", account_id="444455556666").status_code == 422
        assert User.objects.exists()
        assert act(kim, "reset", account_id="1111-2222-3333").status_code == 302
        assert not User.objects.exists()
        assert LogEntry.objects.get().change_message == "The account was reset."

    def test_a_new_root_password_signs_everyone_out(
        self, kim: Client, account: Account, console: Console
    ) -> None:
        browser = console(account)
        new = "Another-horse-battery-8"
        assert act(kim, "password", password="weak").status_code == 422
        act(kim, "password", password=new, signs_out="on")
        assert authenticate_root("root@example.com", new)
        assert not authenticate_root("root@example.com", PASSWORD)
        assert "reason=gone" in browser.get("/iam/users")["Location"]

    def test_or_leaves_them_signed_in(
        self, kim: Client, account: Account, console: Console
    ) -> None:
        browser = console(account)
        act(kim, "password", password="Another-horse-battery-8")
        assert browser.get("/console/home").status_code == 200

    def test_the_clock_goes_forward(self, kim: Client, account: Account) -> None:
        act(kim, "clock", days="30", hours="12")
        act(kim, "clock", days="1")
        account.refresh_from_db()
        assert account.clock_offset == timedelta(days=31, hours=12)

    @pytest.mark.parametrize(
        "typed",
        [{}, {"days": "-1"}, {"hours": "24"}, {"days": "0", "hours": "0"}, {"days": "4000"}],
    )
    def test_it_never_goes_back(self, kim: Client, account: Account, typed: dict[str, str]) -> None:
        assert act(kim, "clock", **typed).status_code == 422
        account.refresh_from_db()
        assert account.clock_offset == timedelta()

    def test_ten_years_are_the_end(self, kim: Client, account: Account) -> None:
        act(kim, "clock", days="3650")
        assert act(kim, "clock", hours="1").status_code == 422

    def test_a_root_access_key_works_and_is_shown_once(self, kim: Client, account: Account) -> None:
        page = act(kim, "access-key")
        key = page.context["key"]
        assert key["SecretAccessKey"] in page.content.decode().replace("&#x27;", "'")
        answer = boto("sts", key["AccessKeyId"], key["SecretAccessKey"]).get_caller_identity()
        assert answer["Arn"] == "arn:aws:iam::111122223333:root"
        event = record(Event.objects.get(event_name="CreateAccessKey"))
        assert event["userIdentity"]["sessionContext"]["sourceIdentity"] == "kim"
        act(kim, "access-key")
        third = act(kim, "access-key")
        assert third.status_code == 422
        assert AccessKey.objects.count() == 2


class TestOpening:
    def test_the_console_is_the_accounts_roots(self, kim: Client, alice: User) -> None:
        assert act(kim, "open")["Location"] == "/console/home"
        page = kim.get("/iam/users")
        assert page.context["request"].principal.arn == "arn:aws:iam::111122223333:root"
        assert "alice" in page.content.decode()
        assert "Opened by instructor: kim" in page.content.decode()
        assert "root (kim) @ 1111-2222-3333" in kim.get("/iam/users").content.decode()

    def test_the_students_see_who_it_was(self, kim: Client, account: Account) -> None:
        act(kim, "open")
        kim.post("/iam/alias", {"account_alias": "by-kim"})
        for event in map(record, Event.objects.exclude(read_only=True)):
            assert event["userIdentity"]["sessionContext"]["sourceIdentity"] == "kim"
        login = record(Event.objects.get(event_name="ConsoleLogin"))
        assert login["additionalEventData"]["OpenedByInstructor"] == "kim"
        account.refresh_from_db()
        assert account.password_last_used is None

    def test_the_admin_site_stays_open_after_signing_out(self, kim: Client) -> None:
        act(kim, "open")
        kim.post("/signout")
        assert kim.get("/console/home").status_code == 302
        assert kim.get("/admin/").status_code == 200

    def test_the_session_gets_a_new_key(self, kim: Client) -> None:
        before = kim.cookies[settings.SESSION_COOKIE_NAME].value
        act(kim, "open")
        assert kim.cookies[settings.SESSION_COOKIE_NAME].value != before

    def test_a_suspended_account_has_to_be_restored_first(
        self, kim: Client, account: Account
    ) -> None:
        accounts.suspend_account(account, suspended=True)
        assert act(kim, "open").status_code == 404


class TestInstructors:
    def test_one_button_makes_one(self, kim: Client) -> None:
        assert "/instructor/" in kim.get("/admin/auth/user/").content.decode()
        typed = {"username": "park", "email": "", "password": PASSWORD}
        assert kim.post("/admin/auth/user/instructor/", typed).status_code == 302
        assert Instructor.objects.get(username="park").is_staff

    @pytest.mark.parametrize("changes", [{"username": "kim"}, {"password": "password"}])
    def test_a_bad_value_is_said(self, kim: Client, changes: dict[str, str]) -> None:
        typed = {"username": "park", "email": "", "password": PASSWORD} | changes
        assert kim.post("/admin/auth/user/instructor/", typed).status_code == 422
        assert Instructor.objects.count() == 1

    def test_who_may_only_add_users_cannot_make_an_instructor(self, assistant: Client) -> None:
        lee = Instructor.objects.get(username="lee")
        lee.user_permissions.add(_permission_of_django("add_user"))
        typed = {"username": "park", "email": "", "password": PASSWORD}
        assert assistant.post("/admin/auth/user/instructor/", typed).status_code == 403


class TestEvents:
    @pytest.mark.parametrize(
        ("query", "count"),
        [("", 2), ("?result=denied", 1), ("?result=succeeded", 1), ("?q=111122223333", 2)],
    )
    def test_they_are_listed_and_filtered(
        self, kim: Client, alice: User, nobody: User, console: Console, query: str, count: int
    ) -> None:
        for user in (alice, nobody):
            console(user).get("/iam/users?q=x")
        Event.objects.exclude(event_name="ListUsers").delete()
        page = kim.get(f"/admin/aws/event/{query}")
        assert len(page.context["cl"].result_list) == count

    def test_one_is_shown_whole(self, kim: Client, account: Account) -> None:
        event = events.event(account_id=account.pk)
        assert kim.get(f"/admin/aws/event/{event.pk}/change/").status_code == 200


def _permission_of_django(codename: str) -> Permission:
    return Permission.objects.get(codename=codename, content_type__app_label="auth")
