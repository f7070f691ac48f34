"""Dashboard, alias, password policy, credential report, identity providers, the account page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from aws.models import Account, Event
from iam import passwords
from iam.models import CredentialReport, PasswordPolicy, User
from tests import factories
from tests.factories import PASSWORD, allow
from tests.iam.pages.browser import HTMX, text

Console = Callable[..., Client]


class TestDashboard:
    def test_it_counts_and_recommends(self, page: Client, account: Account, bob: User) -> None:
        factories.group(account, "developers")
        shown = text(page.get("/iam/home"))
        assert "Add MFA for root user" in shown
        assert "Root user has no active access keys" in shown
        assert "http://testserver/111122223333/console" in shown
        assert page.get("/iam/home").context["summary"].value["Users"] == 2

    def test_what_is_done_is_no_longer_recommended(
        self, page: Client, account: Account, alice: User
    ) -> None:
        factories.mfa_device(account)
        factories.mfa_device(alice)
        answer = page.get("/iam/home")
        assert answer.context["open_count"] == 0
        assert "Root user has MFA" in text(answer)

    def test_root_is_led_to_its_own_device(self, root_page: Client) -> None:
        assert "/iam/security_credentials/mfa/add" in text(root_page.get("/iam/home"))

    def test_without_permission_the_boxes_say_so(self, console: Console, nobody: User) -> None:
        answer = console(nobody).get("/iam/home")
        assert answer.status_code == 200
        assert "iam:GetAccountSummary" in text(answer)


class TestAlias:
    def test_it_is_made_changed_and_deleted(self, page: Client, account: Account) -> None:
        page.post("/iam/alias", {"account_alias": "class-one"})
        account.refresh_from_db()
        assert account.alias == "class-one"
        assert "http://testserver/class-one/console" in text(page.get("/iam/home"))
        assert "class-one" in text(page.post("/iam/alias/delete"))
        page.post("/iam/alias/delete", {"agreed": "yes"})
        account.refresh_from_db()
        assert account.alias is None

    @pytest.mark.parametrize("wrong", ["-x-", "A_b", "ab", "123456789012"])
    def test_a_bad_one_is_kept_beside_aws_words(self, page: Client, wrong: str) -> None:
        answer = page.post("/iam/alias", {"account_alias": wrong})
        assert answer.status_code == 422
        assert f'value="{wrong}"' in text(answer)

    def test_another_accounts_alias_is_taken(self, page: Client, other_account: Account) -> None:
        Account.objects.filter(pk=other_account.pk).update(alias="taken")
        answer = page.post("/iam/alias", {"account_alias": "taken"})
        assert "The account alias taken already exists." in text(answer)
        assert other_account.account_id not in text(answer)

    def test_htmx_gets_the_modal_and_the_preview(self, page: Client) -> None:
        modal = text(page.get("/iam/alias", headers=HTMX))
        assert "<dialog" in modal
        preview = text(page.get("/iam/alias?account_alias=new-one", headers=HTMX))
        assert "/new-one/console" in preview
        assert "<dialog" not in preview

    def test_who_may_not_is_told_why(self, console: Console, bob: User) -> None:
        answer = console(bob).post("/iam/alias", {"account_alias": "mine"})
        event = Event.objects.get(event_name="CreateAccountAlias")
        assert f"/cloudtrail/denied/{event.pk}" in text(answer)


class TestPasswordPolicy:
    CUSTOM = {
        "kind": "custom",
        "minimum_password_length": "12",
        "require_symbols": "on",
        "expires": "on",
        "max_password_age": "90",
        "hard_expiry": "on",
        "remembers": "on",
        "password_reuse_prevention": "5",
    }
    EDIT = "/iam/account_settings/password_policy"

    def save(self, client: Client, **changes: str) -> Any:
        return client.post(self.EDIT, {**self.CUSTOM, **changes})

    def test_the_default_is_told_in_words(self, page: Client) -> None:
        shown = text(page.get("/iam/account_settings"))
        assert "default password policy" in shown
        assert "Password minimum length: 8 characters" in shown

    def test_a_custom_one_is_saved_and_shown(self, page: Client) -> None:
        assert self.save(page)["Location"] == "/iam/account_settings"
        policy = PasswordPolicy.objects.get()
        assert (policy.minimum_password_length, policy.max_password_age) == (12, 90)
        assert (policy.hard_expiry, policy.password_reuse_prevention) == (True, 5)
        assert not policy.allow_users_to_change_password
        shown = text(page.get("/iam/account_settings"))
        assert "At least 12 characters" in shown
        assert "Password expires in 90 days" in shown
        assert 'value="90"' in text(page.get(self.EDIT))

    def test_unticked_numbers_do_not_count(self, page: Client) -> None:
        self.save(page, expires="", remembers="")
        policy = PasswordPolicy.objects.get()
        assert (policy.max_password_age, policy.password_reuse_prevention) == (None, None)
        assert not policy.hard_expiry

    def test_the_default_comes_back(self, page: Client) -> None:
        self.save(page)
        page.post(self.EDIT, {"kind": "default"})
        assert not PasswordPolicy.objects.exists()

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            ("minimum_password_length", "5"),
            ("minimum_password_length", "129"),
            ("max_password_age", "1096"),
            ("max_password_age", ""),
            ("password_reuse_prevention", "25"),
        ],
    )
    def test_numbers_out_of_range_are_kept_and_refused(
        self, page: Client, field: str, wrong: str
    ) -> None:
        answer = self.save(page, **{field: wrong})
        assert answer.status_code == 422
        assert answer.context["form"].errors[field]
        assert not PasswordPolicy.objects.exists()

    def test_who_may_only_read_is_told_why(self, console: Console, bob: User) -> None:
        browser = console(bob)
        assert browser.get("/iam/account_settings").status_code == 200
        answer = self.save(browser)
        event = Event.objects.get(event_name="UpdateAccountPasswordPolicy")
        assert f"/cloudtrail/denied/{event.pk}" in text(answer)


class TestCredentialReport:
    def test_it_is_asked_for_followed_and_downloaded(
        self, page: Client, account: Account, bob: User
    ) -> None:
        assert "No report has been generated" in text(page.get("/iam/credential_report"))
        page.post("/iam/credential_report")
        report = CredentialReport.objects.get()
        if report.state != "COMPLETE":
            assert 'hx-trigger="every 2s"' in text(page.get("/iam/credential_report"))
            from iam.tasks import write_credential_report

            write_credential_report(report.pk)
        shown = text(page.get("/iam/credential_report", headers=HTMX))
        assert "<root_account>" in shown
        assert "hx-trigger" not in shown
        file = page.get("/iam/credential_report.csv")
        assert file["Content-Type"] == "text/csv"
        assert "no-store" in file["Cache-Control"]
        assert file.content.decode().startswith("user,arn,")

    def test_without_a_report_the_file_leads_to_the_page(self, page: Client) -> None:
        assert page.get("/iam/credential_report.csv")["Location"] == "/iam/credential_report"

    def test_who_may_not_is_denied(self, console: Console, nobody: User) -> None:
        assert console(nobody).get("/iam/credential_report").status_code == 403
        assert console(nobody).get("/iam/credential_report.csv").status_code == 403


def test_identity_providers_are_honestly_not_offered(page: Client) -> None:
    shown = text(page.get("/iam/identity_providers"))
    assert "not offered in this lab" in shown
    assert 'aria-disabled="true"' in shown


class TestAccount:
    def test_root_changes_name_and_email_with_its_password(
        self, root_page: Client, account: Account
    ) -> None:
        typed = {"name": "Class B", "email": "new@example.com", "password": PASSWORD}
        assert root_page.post("/account/edit", typed)["Location"] == "/account"
        account.refresh_from_db()
        assert (account.name, account.email) == ("Class B", "new@example.com")
        assert passwords.authenticate_root("new@example.com", PASSWORD) == account

    def test_a_wrong_password_or_a_taken_address_changes_nothing(
        self, root_page: Client, account: Account, other_account: Account
    ) -> None:
        typed = {"name": "Class B", "email": other_account.email, "password": PASSWORD}
        taken = root_page.post("/account/edit", typed)
        assert "already exists" in text(taken)
        wrong = root_page.post("/account/edit", {**typed, "password": "Wrong-password-1"})
        assert wrong.status_code == 422
        assert 'value="Class B"' in text(wrong)
        account.refresh_from_db()
        assert account.name == "Class"

    def test_users_cannot_change_root(self, page: Client, account: Account) -> None:
        page.post("/account/edit", {"name": "Mine", "email": "x@example.com", "password": "x"})
        account.refresh_from_db()
        assert account.name == "Class"

    def test_contact_data_follows_iam(
        self, page: Client, console: Console, account: Account, nobody: User
    ) -> None:
        typed = {
            "full_name": "Kim Minji",
            "phone_number": "+82 10 0000 0000",
            "country_code": "KR",
            "address_line1": "1 Sejong-daero",
            "city": "Seoul",
            "postal_code": "03172",
        }
        assert page.post("/account/contact", {**typed, "city": ""}).status_code == 422
        assert page.post("/account/contact", typed).status_code == 302
        assert "Sejong" in text(page.get("/account"))
        assert "Sejong" not in text(console(nobody).get("/account"))
        assert console(nobody).post("/account/contact", typed).status_code == 403

    def test_who_may_read_contact_data_sees_it(self, console: Console, account: Account) -> None:
        Account.objects.filter(pk=account.pk).update(contact={"city": "Seoul"})
        reader = factories.user(
            account, "reader", policies=[allow("account:GetContactInformation")]
        )
        assert "Seoul" in text(console(reader).get("/account"))
