"""Why was I denied? What the page says of each way to be denied, and to whom."""

import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from aws.context import Context
from aws.errors import Denied
from aws.models import Account, Event
from cloudtrail.denials import Denial, StatementView, denial_of, minimal_policy
from iam import operations
from iam.models import User
from tests import factories
from tests.factories import ADMINISTRATOR, READ_ONLY, allow, ctx_for
from tests.iam.pages.browser import text

Console = Callable[..., Client]
OFFICE = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
NO_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}


def denied(ctx: Context, action: str = "list_users", **arguments: str) -> Denied:
    with pytest.raises(Denied) as error:
        getattr(operations, action)(ctx, **arguments)
    return error.value


def explained(viewer: Context, error: Denied) -> Denial:
    assert error.explanation is not None
    return denial_of(viewer, error.explanation)


def telling(denial: Denial, layer: str = "Identity-based policies") -> list[StatementView]:
    found = next(one for one in denial.layers if one.title == layer)
    return [statement for policy in found.policies for statement in policy.telling]


def address_of(error: Denied) -> str:
    return f"/cloudtrail/denied/{error.fields['event_id']}"


class TestWhatItSays:
    def test_no_policy_at_all(self, ctx: Context, nobody: User) -> None:
        denial = explained(ctx, denied(ctx_for(nobody)))
        assert denial.headline == "No identity-based policy allows this request."
        assert denial.action == "iam:ListUsers"
        assert [layer.absence for layer in denial.layers if layer.is_decisive] == [
            "No policy is attached to the user, its groups, or the role."
        ]

    def test_a_condition_that_failed_with_what_was_expected_and_seen(
        self, ctx: Context, account: Account
    ) -> None:
        group = factories.group(account, "developers")
        factories.grant(group, policies=[allow("iam:ListUsers", Condition=OFFICE)])
        carol = factories.user(account, "carol")
        group.users.add(carol)
        denial = explained(ctx, denied(ctx_for(carol, source_ip="198.51.100.9")))
        (statement,) = telling(denial)
        (condition,) = statement.comparisons
        assert (condition.key, condition.phrase) == ("aws:SourceIp", "must be in the range")
        assert (condition.expected, condition.seen) == (["203.0.113.0/24"], ["198.51.100.9"])
        assert "aws:SourceIp" in statement.text, "the near miss is shown to who may read it"
        assert denial.hints == ["Call from an address in the range that the condition names."]

    def test_a_resource_that_is_another(self, ctx: Context, account: Account) -> None:
        policy = allow("iam:GetUser", "arn:aws:iam::111122223333:user/team/*")
        carol = factories.user(account, "carol", policies=[policy])
        denial = explained(ctx, denied(ctx_for(carol), "get_user", user_name="alice"))
        (statement,) = telling(denial)
        assert statement.why == "The action matches, but it is about other resources."
        assert statement.comparisons[0].seen == ["arn:aws:iam::111122223333:user/alice"]

    def test_an_explicit_deny_with_the_condition_it_rests_on(self, account: Account) -> None:
        policy = allow("*", Effect="Deny", Condition=NO_MFA, Sid="DenyWithoutMfa")
        carol = factories.user(account, "carol", policy_arns=[ADMINISTRATOR], policies=[policy])
        denial = explained(ctx_for(carol), denied(ctx_for(carol)))
        assert denial.headline == "An identity-based policy denies this request."
        assert denial.policy == "", "an allow would not help"
        decisive = [statement for statement in telling(denial) if statement.is_decisive]
        assert [statement.label for statement in decisive] == ["DenyWithoutMfa"]
        assert decisive[0].comparisons[0].key == "aws:MultiFactorAuthPresent"
        assert decisive[0].text == "", "who is denied everything cannot read the policy"
        assert "MFA" in denial.hints[0]

    def test_the_deciding_statement_is_shown_to_who_may_read_it(
        self, ctx: Context, account: Account
    ) -> None:
        policy = allow("iam:*", Effect="Deny", Sid="NoIam")
        carol = factories.user(account, "carol", policy_arns=[ADMINISTRATOR], policies=[policy])
        denial = explained(ctx, denied(ctx_for(carol)))
        decisive = next(statement for statement in telling(denial) if statement.is_decisive)
        assert json.loads(decisive.text)["Sid"] == "NoIam"

    def test_a_boundary_that_does_not_reach_so_far(self, ctx: Context, account: Account) -> None:
        carol = factories.user(
            account, "carol", policy_arns=[ADMINISTRATOR], permissions_boundary=READ_ONLY
        )
        denial = explained(ctx, denied(ctx_for(carol), "create_user", user_name="dave"))
        assert denial.headline == "The permissions boundary does not allow this request."
        assert denial.policy == ""
        decisive = next(layer for layer in denial.layers if layer.is_decisive)
        assert decisive.policies[0].url == f"/iam/policies/{READ_ONLY}"

    def test_another_accounts_policy_stays_hidden(
        self, other_account: Account, alice: User
    ) -> None:
        trust = factories.trust_policy("arn:aws:iam::999900001111:root", Sid="secret")
        role = factories.role(other_account, "theirs", trust=trust)
        error = denied(
            ctx_for(alice), "assume_role", role_arn=role.arn, role_session_name="session"
        )
        denial = explained(ctx_for(alice), error)
        assert denial.headline == "The policy of the resource does not allow this request."
        assert "secret" not in str(denial)
        assert "999900001111" not in str(denial)


class TestWhatWouldHelp:
    def test_the_suggested_policy_allows_exactly_the_question(
        self, ctx: Context, nobody: User
    ) -> None:
        error = denied(ctx_for(nobody), "get_user", user_name="alice")
        denial = explained(ctx, error)
        factories.grant(nobody, policies=[denial.policy])
        assert operations.get_user(ctx_for(nobody), user_name="alice")
        denied(ctx_for(nobody), "get_user", user_name="nobody")

    def test_an_administrator_can_apply_it_in_three_places(
        self, page: Client, account: Account, nobody: User
    ) -> None:
        factories.group(account, "developers", users=[nobody])
        error = denied(ctx_for(nobody))
        denial = page.get(address_of(error)).context["denial"]
        paths = [urlsplit(remedy.url).path for remedy in denial.remedies]
        assert paths == [
            "/iam/policies/create",
            "/iam/users/nobody/inline",
            "/iam/groups/developers/inline",
        ]
        for remedy in denial.remedies:
            assert parse_qs(urlsplit(remedy.url).query)["document"] == [denial.policy]
            assert "iam:ListUsers" in text(page.get(remedy.url))

    def test_who_was_denied_is_told_whom_to_ask(self, console: Console, nobody: User) -> None:
        browser = console(nobody)
        browser.cookies["groundschool-language"] = "en"
        answer = browser.get(address_of(denied(ctx_for(nobody))))
        assert answer.status_code == 200
        assert answer.context["denial"].remedies == []
        assert "Send this page's address to an administrator" in text(answer)

    def test_a_minimal_policy_is_one_statement(self) -> None:
        (statement,) = json.loads(minimal_policy("s3:GetObject", "arn:aws:s3:::b/k"))["Statement"]
        assert statement == {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::b/k",
        }


class TestWhoMayAsk:
    def test_who_was_denied_may(self, console: Console, nobody: User) -> None:
        shown = text(console(nobody).get(address_of(denied(ctx_for(nobody)))))
        assert "iam:ListUsers" in shown
        assert "arn:aws:iam::111122223333:user/nobody" in shown

    def test_others_need_the_event_history(
        self, console: Console, nobody: User, bob: User, account: Account
    ) -> None:
        error = denied(ctx_for(nobody))
        other = factories.user(account, "other")
        assert console(bob).get(address_of(error)).status_code == 200
        assert console(other).get(address_of(error)).status_code == 403

    def test_another_account_may_not(self, console: Console, nobody: User, mallory: User) -> None:
        assert console(mallory).get(address_of(denied(ctx_for(nobody)))).status_code == 404

    def test_it_speaks_korean(self, page: Client, nobody: User) -> None:
        page.cookies["groundschool-language"] = "ko"
        assert '<html lang="ko"' in text(page.get(address_of(denied(ctx_for(nobody)))))

    def test_an_event_that_was_not_denied_says_so(self, page: Client, alice: User) -> None:
        operations.list_users(ctx_for(alice))
        event = Event.objects.get(event_name="ListUsers")
        assert "not denied by a policy" in text(page.get(f"/cloudtrail/denied/{event.pk}"))

    def test_a_button_that_is_denied_leads_here(
        self, console: Console, account: Account, bob: User
    ) -> None:
        Account.objects.filter(pk=account.pk).update(alias="class-one")
        browser, home = console(bob), {"Referer": "http://testserver/iam/home"}
        browser.post("/iam/alias/delete", {"agreed": "yes"}, headers=home)
        shown = text(browser.get("/iam/home"))
        event = Event.objects.filter(error_code="AccessDenied").latest("event_time")
        assert event.event_name == "DeleteAccountAlias"
        assert f"/cloudtrail/denied/{event.pk}" in shown


class TestEncodedMessages:
    ADDRESS = "/cloudtrail/denied"

    def test_a_message_is_explained_as_the_event_is(self, page: Client, nobody: User) -> None:
        error = denied(ctx_for(nobody))
        answer = page.post(self.ADDRESS, {"encoded_message": error.encoded})
        assert answer.context["denial"].action == "iam:ListUsers"
        assert "No identity-based policy allows this request." in text(answer)
        assert json.loads(answer.context["decoded"])["allowed"] is False

    def test_a_broken_message_is_kept_beside_aws_words(self, page: Client) -> None:
        answer = page.post(self.ADDRESS, {"encoded_message": "broken"})
        assert answer.status_code == 422
        assert "InvalidAuthorizationMessageException" in text(answer)
        assert "broken" in text(answer)

    def test_another_accounts_message_stays_closed(
        self, console: Console, nobody: User, mallory: User
    ) -> None:
        error = denied(ctx_for(nobody))
        answer = console(mallory).post(self.ADDRESS, {"encoded_message": error.encoded})
        assert answer.status_code == 422
        assert "nobody" not in text(answer)

    def test_it_needs_the_permission(self, console: Console, nobody: User) -> None:
        error = denied(ctx_for(nobody))
        answer = console(nobody).post(self.ADDRESS, {"encoded_message": error.encoded})
        assert answer.status_code == 422
        assert "sts:DecodeAuthorizationMessage" in text(answer)
