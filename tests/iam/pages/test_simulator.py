"""The policy simulator's page: whose policies, which actions, and the statement that decided."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from aws.models import Account, Event
from iam import operations
from iam.models import User
from iam.views.policy_sources import statement_at
from tests import factories
from tests.factories import READ_ONLY, allow, ctx_for, grant
from tests.iam.pages.browser import HTMX, text

Console = Callable[..., Client]
ADDRESS = "/iam/policysim"
PHOTOS = allow("s3:GetObject", "arn:aws:s3:::photos/*")
OFFICE = allow("*", Effect="Deny", Condition={"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}})


def run(page: Client, **sent: Any) -> str:
    answer = page.post(
        ADDRESS, {"action": ["s3:GetObject"], **sent, "command": "run"}, headers=HTMX
    )
    return text(answer)


@pytest.fixture
def carol(account: Account) -> User:
    """May read photos, from the office."""
    carol = factories.user(account, "carol", policies=[PHOTOS])
    developers = factories.group(account, "developers", users=[carol])
    grant(developers, policies=[OFFICE])
    return carol


def as_carol(**more: Any) -> dict[str, Any]:
    return {"principal": "users/carol", "resources": "arn:aws:s3:::photos/cat.jpg", **more}


class TestForm:
    def test_it_lists_principals_and_their_policies(self, page: Client, carol: User) -> None:
        shown = text(page.get(f"{ADDRESS}?principal=users/carol&service=s3"))
        assert 'value="users/carol" selected' in shown
        assert "inline-1" in shown
        assert "developers" in shown
        assert 'name="context/aws:SourceIp"' in shown
        assert 'value="s3:GetObject"' in shown

    def test_a_level_is_ticked_and_unticked(self, page: Client) -> None:
        sent = {"service": "s3", "command": "level/List", "action": ["ec2:RunInstances"]}
        shown = text(page.post(ADDRESS, sent, headers=HTMX))
        assert 'value="s3:ListBucket" id="action-s3:ListBucket" checked' in shown
        assert 'value="ec2:RunInstances" checked' in shown
        assert "<html" not in shown

    def test_a_level_ticks_no_more_than_can_be_run(self, page: Client) -> None:
        shown = text(page.post(ADDRESS, {"service": "ec2", "command": "level/Write"}, headers=HTMX))
        assert shown.count('name="action"') > 400
        assert shown.count(" checked>") == 100

    def test_it_works_as_a_whole_page(self, page: Client, carol: User) -> None:
        sent = as_carol(action=["s3:GetObject"], command="run")
        shown = text(page.post(ADDRESS, sent))
        assert "<html" in shown
        assert 'id="results"' in shown

    @pytest.mark.parametrize(
        ("sent", "message"),
        [
            ({"principal": ""}, "Choose a user, group or role, or paste a policy."),
            ({"principal": "users/carol", "action": []}, "Choose at least one action."),
            ({"principal": "users/carol", "action": ["s3:Nothing"]}, "Choose at least one action."),
            ({"principal": "users/carol", "resources": "x\n" * 3 + "\n".join(map(str, range(25)))},
             "Enter at most 20 resources."),
            ({"document": "{"}, "PolicyInputList.1"),
            ({"principal": "users/carol", "resource_owner": "12"}, "12 digits"),
        ],
    )  # fmt: skip
    def test_mistakes_are_said(
        self, page: Client, carol: User, sent: dict[str, Any], message: str
    ) -> None:
        assert message in run(page, **sent)

    def test_a_principal_that_has_gone_is_said(self, page: Client) -> None:
        assert "cannot be found" in run(page, principal="users/gone")

    def test_odd_principals_do_no_harm(self, page: Client) -> None:
        for principal in ("planets/mars", "users/", "users", "//"):
            sent = {"principal": principal, "command": "view"}
            assert page.post(ADDRESS, sent, headers=HTMX).status_code == 200


class TestResults:
    def test_an_allowed_action_shows_the_statement(self, page: Client, carol: User) -> None:
        shown = run(page, **as_carol(**{"context/aws:SourceIp": "203.0.113.7"}))
        assert "Allowed" in shown
        assert "<code>s3:GetObject</code>" in shown
        assert 'class="code-line is-marked"' in shown
        assert 'is-marked">            "Action": "s3:GetObject",' in shown

    def test_an_explicit_deny_of_a_group_is_marked(self, page: Client, carol: User) -> None:
        shown = run(page, **as_carol(**{"context/aws:SourceIp": "10.0.0.1"}))
        assert "Explicitly denied" in shown
        assert '"NotIpAddress"' in shown

    def test_an_implicit_deny_says_that_nothing_allows_it(self, page: Client, carol: User) -> None:
        office = {"context/aws:SourceIp": "203.0.113.7"}
        shown = run(page, **as_carol(**office) | {"resources": "arn:aws:s3:::plans/a"})
        assert "Implicitly denied" in shown
        assert "No statement allows it." in shown

    def test_a_missing_context_key_is_named(self, page: Client, carol: User) -> None:
        assert "Missing context keys: aws:SourceIp" in run(page, **as_carol())

    def test_unticked_policies_do_not_count(self, page: Client, carol: User) -> None:
        keys = ["inline/users/carol/inline-1"]
        sent = as_carol(policy=keys, **{"shown-principal": "users/carol"})
        shown = run(page, **sent, **{"context/aws:SourceIp": "10.0.0.1"})
        assert "Allowed" in shown
        shown = run(page, **sent | {"policy": []})
        assert "Implicitly denied" in shown

    def test_a_pasted_policy_counts_as_well(self, page: Client, account: Account) -> None:
        factories.user(account, "dave")
        sent = {"principal": "users/dave", "document": PHOTOS}
        shown = run(page, **sent, resources="arn:aws:s3:::photos/cat.jpg")
        assert "Allowed" in shown
        assert "Pasted policy" in shown

    def test_a_pasted_policy_alone(self, page: Client) -> None:
        shown = run(page, document=PHOTOS, resources="arn:aws:s3:::photos/a\narn:aws:s3:::plans/a")
        assert shown.count("Implicitly denied") == 1
        assert shown.count("status-success") == 1

    def test_the_boundary_is_named(self, page: Client, account: Account) -> None:
        factories.user(
            account,
            "eve",
            policies=[allow("s3:*")],
            permissions_boundary="arn:aws:iam::aws:policy/AmazonEC2FullAccess",
        )
        shown = run(page, principal="users/eve")
        assert "The permissions boundary does not allow it." in shown

    def test_a_boundary_can_be_left_out(self, page: Client, account: Account) -> None:
        factories.user(account, "eve", policies=[allow("s3:*")], permissions_boundary=READ_ONLY)
        sent = {"principal": "users/eve", "shown-principal": "users/eve"}
        sent |= {"policy": "inline/users/eve/inline-1", "action": "s3:PutObject"}
        assert "Allowed" in run(page, **sent)

    def test_a_resource_policy_decides_across_accounts(
        self, page: Client, account: Account
    ) -> None:
        factories.user(account, "dave", policies=[allow("s3:*")])
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:user/dave"},
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::theirs/*",
        }
        sent = {
            "principal": "users/dave",
            "resources": "arn:aws:s3:::theirs/a",
            "resource_owner": "444455556666",
        }
        assert "Implicitly denied" in run(page, **sent)
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        assert "Allowed" in run(page, **sent, resource_policy=policy)

    def test_lists_of_values_are_split(self, page: Client, account: Account) -> None:
        tags = {"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "stage"]}}
        policy = allow("ec2:CreateTags", Condition=tags)
        factories.user(account, "dave", policies=[policy])
        sent = {"principal": "users/dave", "action": "ec2:CreateTags"}
        assert "Allowed" in run(page, **sent, **{"context/aws:TagKeys": "team, stage"})
        assert "denied" in run(page, **sent, **{"context/aws:TagKeys": "team, cost"})

    def test_roles_and_groups_can_be_asked_about(self, page: Client, account: Account) -> None:
        factories.role(account, "app", policies=[PHOTOS])
        group = factories.group(account, "readers")
        grant(group, policy_arns=[READ_ONLY])
        resource = {"resources": "arn:aws:s3:::photos/cat.jpg"}
        assert "Allowed" in run(page, principal="roles/app", **resource)
        assert "Allowed" in run(page, principal="groups/readers", **resource)

    def test_the_statement_is_found_in_a_text_laid_out_anew(self) -> None:
        stored = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":"s3:*",'
        stored += '"Resource":"*"},{"Effect":"Allow","Action":["ec2:*","s3:Get*"],"Resource":"*"}]}'
        shown = json.dumps(json.loads(stored), indent=4)
        second = stored.index('{"Effect":"Allow"') + 1
        found = statement_at(stored, shown, 1, second)
        assert shown.splitlines()[found.first_line - 1].strip() == "{"
        assert shown.splitlines()[found.first_line].strip() == '"Effect": "Allow",'
        assert found.word_for("s3:GetObject") == "s3:Get*"
        first = stored.index('{"Effect":"Deny"') + 1
        assert statement_at(stored, shown, 1, first).word_for("ec2:RunInstances") == ""


class TestDoors:
    def test_it_simulates_through_the_api_and_changes_nothing(
        self, page: Client, carol: User
    ) -> None:
        run(page, **as_carol())
        assert Event.objects.filter(event_name="SimulatePrincipalPolicy").exists()
        assert not Event.objects.filter(read_only=False).exists()

    def test_who_may_not_simulate_is_told_why(
        self, console: Console, nobody: User, carol: User
    ) -> None:
        shown = run(console(nobody), **as_carol())
        assert "is not authorized to perform: iam:" in shown
        assert 'id="results"' not in shown
        assert "photos/*" not in shown

    def test_another_account_finds_nobody(
        self, console: Console, mallory: User, carol: User
    ) -> None:
        shown = run(console(mallory), **as_carol())
        assert "photos/*" not in shown
        assert "cannot be found" in shown

    def test_it_agrees_with_the_api(self, page: Client, alice: User, carol: User) -> None:
        answer = operations.simulate_principal_policy(
            ctx_for(alice),
            policy_source_arn=carol.arn,
            action_names=["s3:GetObject"],
            resource_arns=["arn:aws:s3:::photos/cat.jpg"],
        )
        assert answer["EvaluationResults"][0]["EvalDecision"] == "explicitDeny"
        assert "Explicitly denied" in run(page, **as_carol())
