"""Roles' pages: list, wizard, detail, trust, settings, sessions, deleting; and Last Accessed."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aws import clock
from aws.models import Account
from iam import operations, tasks, trust
from iam.models import AccessDetailsJob, InlinePolicy, InstanceProfile, Role, User
from tests import factories
from tests.factories import READ_ONLY, allow, ctx_for
from tests.iam.pages.browser import HTMX, text
from tests.iam.pages.test_editor import document_of, fields

Console = Callable[..., Client]
EC2 = {"entity": "service", "service": "ec2.amazonaws.com", "role_name": "app"}
ACCOUNT = {"entity": "account", "whose": "this", "role_name": "app"}


@pytest.fixture
def app(account: Account) -> Role:
    return factories.role(account, "app", policy_arns=[READ_ONLY])


def trusted(role_name: str = "app") -> Any:
    document = Role.objects.get(role_name=role_name).assume_role_policy_document
    return json.loads(document)["Statement"][0]


class TestList:
    def test_it_shows_whom_roles_trust_and_when_they_were_used(
        self, page: Client, account: Account
    ) -> None:
        long_ago = clock.real_now() - timedelta(days=120)
        document = trust.for_service("ec2.amazonaws.com")
        factories.role(account, "web", trust=document, last_used_at=long_ago)
        shown = text(page.get("/iam/roles?q=web", headers=HTMX))
        assert "AWS Service: ec2" in shown
        assert "120 days ago" in shown
        assert "<html" not in shown

    def test_a_service_linked_role_is_marked(self, page: Client, alice: User) -> None:
        operations.create_service_linked_role(
            ctx_for(alice), aws_service_name="autoscaling.amazonaws.com"
        )
        shown = text(page.get("/iam/roles", headers=HTMX))
        assert "Service-linked role" in shown

    def test_queries_do_not_grow_with_roles(self, page: Client, account: Account) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                assert page.get("/iam/roles").status_code == 200
            return len(captured)

        factories.role(account, "one")
        page.get("/iam/roles")
        few = queries()
        for number in range(40):
            factories.role(account, f"r-{number}")
        assert queries() == few

    def test_last_use_is_hidden_from_who_may_not_read_it(
        self, console: Console, account: Account
    ) -> None:
        factories.role(account, "web", last_used_at=clock.real_now() - timedelta(days=120))
        lister = factories.user(account, "lister", policies=[allow("iam:ListRoles")])
        assert "120 days ago" not in text(console(lister).get("/iam/roles"))


class TestCreate:
    def create(self, page: Client, **sent: Any) -> Any:
        return page.post("/iam/roles/create", sent)

    def test_a_role_for_ec2_gets_its_instance_profile(self, page: Client) -> None:
        more = {"policy_arns": [READ_ONLY], "description": "web", "tag-key-0": "team"}
        answer = self.create(page, **EC2, **more)
        assert answer["Location"] == "/iam/roles"
        role = Role.objects.get()
        assert trusted()["Principal"] == {"Service": "ec2.amazonaws.com"}
        assert role.attachments.get().policy_arn == READ_ONLY
        assert (role.description, role.tags) == ("web", {"team": ""})
        assert InstanceProfile.objects.get().role == role

    def test_other_services_get_none(self, page: Client) -> None:
        self.create(page, **EC2 | {"service": "lambda.amazonaws.com"})
        assert trusted()["Principal"] == {"Service": "lambda.amazonaws.com"}
        assert not InstanceProfile.objects.exists()

    def test_this_account_with_mfa(self, page: Client) -> None:
        self.create(page, **ACCOUNT, needs_mfa="on")
        assert trusted()["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}
        assert trusted()["Condition"] == {"Bool": {"aws:MultiFactorAuthPresent": "true"}}

    def test_another_account_with_an_external_id(
        self, page: Client, other_account: Account
    ) -> None:
        other = {"whose": "other", "account_id": "444455556666"}
        self.create(page, **ACCOUNT | other, needs_external_id="on", external_id="class-7")
        assert trusted()["Principal"] == {"AWS": "arn:aws:iam::444455556666:root"}
        assert trusted()["Condition"] == {"StringEquals": {"sts:ExternalId": "class-7"}}

    def test_a_custom_trust_policy(self, page: Client) -> None:
        document = factories.trust_policy("arn:aws:iam::111122223333:user/alice")
        self.create(page, entity="custom", document=document, role_name="app")
        assert Role.objects.get().assume_role_policy_document == document

    @pytest.mark.parametrize(
        ("sent", "message"),
        [
            (ACCOUNT | {"whose": "other"}, "Enter the ID of the other account."),
            (ACCOUNT | {"whose": "other", "account_id": "12"}, "An account ID has 12 digits."),
            (ACCOUNT | {"needs_external_id": "on"}, "Enter an external ID."),
            (ACCOUNT | {"needs_external_id": "on", "external_id": "a b"}, "Use 2 to 1,224"),
            ({"entity": "custom", "role_name": "app"}, "Enter a trust policy."),
            ({"entity": "service", "role_name": "app"}, "Choose a use case."),
            (EC2 | {"policy_arns": ["arn:aws:iam::aws:policy/Gone"]}, "does not exist any more"),
            (EC2 | {"role_name": "a b"}, "failed to satisfy constraint"),
            ({"entity": "web", "role_name": "app"}, "web"),
        ],
    )
    def test_mistakes_are_said_beside_the_field_and_nothing_is_lost(
        self, page: Client, sent: dict[str, Any], message: str
    ) -> None:
        answer = self.create(page, **sent, description="kept", **{"tag-key-0": "kept-tag"})
        assert answer.status_code == 422
        shown = text(answer)
        assert message in shown
        assert "kept</textarea>" in shown
        assert 'value="kept-tag"' in shown
        assert not Role.objects.exists()

    def test_a_refused_role_leaves_nothing(self, page: Client, app: Role) -> None:
        answer = self.create(page, **EC2 | {"role_name": "APP"})
        assert answer.status_code == 422
        assert "Role with name APP already exists." in text(answer)
        assert not InstanceProfile.objects.exists()

    def test_a_principal_that_does_not_exist_is_named(self, page: Client) -> None:
        document = factories.trust_policy("arn:aws:iam::111122223333:user/gone")
        sent = {"entity": "custom", "document": document, "role_name": "app"}
        assert "Invalid principal in policy" in text(self.create(page, **sent))

    def test_who_may_not_create_is_told_why(self, console: Console, bob: User) -> None:
        answer = console(bob).post("/iam/roles/create", EC2)
        assert answer.status_code == 422
        assert "iam:CreateRole" in text(answer)

    def test_the_editors_commands_keep_the_wizard_without_script(self, page: Client) -> None:
        document = factories.trust_policy("111122223333")
        sent = fields(document, command="effect/0/Deny") | {"document-kind": "trust"}
        kept = {"entity": "custom", "role_name": "kept", "policy_arns": [READ_ONLY]}
        answer = page.post("/iam/roles/create", sent | kept)
        shown = text(answer)
        assert answer.status_code == 200
        assert json.loads(document_of(shown))["Statement"][0]["Effect"] == "Deny"
        assert 'value="kept"' in shown
        assert (
            f'value="{READ_ONLY}" class="select-row" aria-label="ReadOnlyAccess" checked' in shown
        )
        assert not Role.objects.exists()


class TestDetail:
    def test_the_summary(self, page: Client, app: Role, alice: User) -> None:
        ctx = ctx_for(alice)
        operations.create_instance_profile(ctx, instance_profile_name="app")
        operations.add_role_to_instance_profile(ctx, instance_profile_name="app", role_name="app")
        shown = text(page.get("/iam/roles/app"))
        assert "1 hour" in shown
        assert "/switch-role?roleName=app&account=111122223333" in shown
        assert "arn:aws:iam::111122223333:instance-profile/app" in shown
        assert "ReadOnlyAccess" in shown

    def test_the_trust_tab(self, page: Client, app: Role) -> None:
        shown = text(page.get("/iam/roles/app?tab=trust", headers=HTMX))
        assert "Account: 111122223333" in shown
        assert '"sts:AssumeRole"' in shown
        assert "<html" not in shown

    def test_a_service_linked_role_offers_no_changes(self, page: Client, alice: User) -> None:
        operations.create_service_linked_role(
            ctx_for(alice), aws_service_name="autoscaling.amazonaws.com"
        )
        name = "AWSServiceRoleForAutoScaling"
        for tab in ("permissions", "trust", "revoke_sessions"):
            shown = text(page.get(f"/iam/roles/{name}?tab={tab}"))
            assert "Service-linked role" in shown
            assert "Edit trust policy" not in shown
            assert f"/iam/roles/{name}/revoke" not in shown

    def test_another_account_learns_nothing(
        self, console: Console, mallory: User, app: Role
    ) -> None:
        for address in ("/iam/roles/app", "/iam/roles/app/trust", "/iam/roles/app/edit"):
            assert console(mallory).get(address).status_code == 404


class TestChanges:
    def test_the_trust_policy(self, page: Client, app: Role) -> None:
        document = trust.for_service("ec2.amazonaws.com")
        answer = page.post("/iam/roles/app/trust", {"document": document})
        assert answer["Location"] == "/iam/roles/app?tab=trust"
        assert trusted()["Principal"] == {"Service": "ec2.amazonaws.com"}

    @pytest.mark.parametrize(
        ("document", "message"),
        [
            (allow("sts:AssumeRole"), "MISSING_PRINCIPAL"),
            ("{", "JSON_SYNTAX_ERROR"),
            (factories.trust_policy("arn:aws:iam::111122223333:user/x"), "MalformedPolicyDocument"),
        ],
    )
    def test_a_bad_trust_policy_keeps_its_text(
        self, page: Client, app: Role, document: str, message: str
    ) -> None:
        answer = page.post("/iam/roles/app/trust", {"document": document})
        assert answer.status_code == 422
        assert message in text(answer)
        assert document_of(answer.content.decode()) == document

    @pytest.mark.parametrize(
        ("sent", "seconds"),
        [
            ({"duration": "43200"}, 43200),
            ({"duration": "custom", "duration_seconds": "5400"}, 5400),
        ],
    )
    def test_the_session_duration(
        self, page: Client, app: Role, sent: dict[str, str], seconds: int
    ) -> None:
        page.post("/iam/roles/app/edit", {**sent, "description": "new"})
        app.refresh_from_db()
        assert (app.max_session_duration, app.description) == (seconds, "new")

    @pytest.mark.parametrize("seconds", ["", "3599", "43201", "x"])
    def test_a_duration_out_of_range_is_said(self, page: Client, app: Role, seconds: str) -> None:
        sent = {"duration": "custom", "duration_seconds": seconds, "description": "kept"}
        answer = page.post("/iam/roles/app/edit", sent)
        assert answer.status_code == 422
        assert "kept</textarea>" in text(answer)

    def test_sessions_are_revoked_by_awss_inline_policy(self, page: Client, app: Role) -> None:
        assert "Revoke active sessions?" in text(page.post("/iam/roles/app/revoke"))
        assert not InlinePolicy.objects.exists()
        page.post("/iam/roles/app/revoke", {"agreed": "yes"})
        policy = InlinePolicy.objects.get(role=app)
        assert policy.policy_name == "AWSRevokeOlderSessions"
        assert "DateLessThan" in policy.document


class TestDelete:
    def test_it_asks_for_the_name_and_shows_the_last_activity(
        self, page: Client, account: Account
    ) -> None:
        used = clock.real_now() - timedelta(days=7)
        factories.role(account, "app", last_used_at=used)
        asked = text(page.post("/iam/roles/delete", {"name": "app"}, headers=HTMX))
        assert 'data-confirm-word="app"' in asked
        assert "7 days ago" in asked
        assert Role.objects.exists()

    def test_it_goes_with_policies_and_profile(self, page: Client, alice: User) -> None:
        page.post("/iam/roles/create", EC2 | {"policy_arns": [READ_ONLY]})
        page.post("/iam/roles/delete", {"name": "app", "confirm": "app"})
        assert not Role.objects.exists()
        assert not InstanceProfile.objects.exists()

    def test_several_go_together_or_not_at_all(
        self, console: Console, account: Account, app: Role
    ) -> None:
        kept = factories.role(account, "kept")
        but = [allow("iam:*"), allow("iam:DeleteRole", kept.arn, Effect="Deny")]
        client = console(factories.user(account, "carol", policies=but))
        sent = {"name": ["app", "kept"], "confirm": "delete 2"}
        assert client.post("/iam/roles/delete", sent, headers=HTMX).status_code == 403
        assert Role.objects.filter(role_name="app").exists()
        client.post("/iam/roles/delete", {"name": "app", "confirm": "app"})
        assert not Role.objects.filter(role_name="app").exists()

    def test_a_service_linked_role_goes_by_its_own_call(self, page: Client, alice: User) -> None:
        operations.create_service_linked_role(
            ctx_for(alice), aws_service_name="autoscaling.amazonaws.com"
        )
        name = "AWSServiceRoleForAutoScaling"
        page.post("/iam/roles/delete", {"name": name, "confirm": name})
        assert not Role.objects.exists()

    def test_who_may_not_delete_keeps_it(self, console: Console, bob: User, app: Role) -> None:
        gone = {"name": "app", "confirm": "app"}
        answer = console(bob).post("/iam/roles/delete", gone, headers=HTMX)
        assert answer.status_code == 403
        assert Role.objects.exists()

    def test_a_role_that_has_gone_is_a_clear_answer(self, page: Client) -> None:
        answer = page.post("/iam/roles/delete", {"name": "gone", "confirm": "gone"}, headers=HTMX)
        assert answer.status_code == 404
        assert "NoSuchEntity" in text(answer)


class TestLastAccessed:
    def job(self) -> AccessDetailsJob:
        return AccessDetailsJob.objects.get()

    def test_it_polls_until_the_report_is_there(self, page: Client, app: Role) -> None:
        begun = text(page.get("/iam/roles/app?tab=last_accessed", headers=HTMX))
        job = self.job()
        address = f"?tab=last_accessed&job={job.job_id}"
        assert f'hx-get="{address}"' in begun
        tasks.write_access_details(job.pk)
        done = text(page.get(f"/iam/roles/app{address}", headers=HTMX))
        assert 'hx-trigger="load' not in done
        assert "Not accessed in the tracking period" in done
        assert f'href="/iam/policies/{READ_ONLY}"' in done
        assert AccessDetailsJob.objects.count() == 1

    def test_it_searches_in_the_same_report(self, page: Client, app: Role) -> None:
        page.get("/iam/roles/app?tab=last_accessed")
        tasks.write_access_details(self.job().pk)
        query = f"?tab=last_accessed&job={self.job().job_id}&q=ec2"
        shown = text(page.get(f"/iam/roles/app{query}", headers=HTMX))
        assert "Amazon EC2" in shown
        assert "Amazon S3<" not in shown
        assert AccessDetailsJob.objects.count() == 1

    def test_a_forgotten_job_begins_another(self, page: Client, app: Role) -> None:
        query = "?tab=last_accessed&job=98a765b4-3cde-2101-2345-123456789012"
        assert "Collecting data" in text(page.get(f"/iam/roles/app{query}", headers=HTMX))

    def test_who_may_not_ask_is_told_why(
        self, console: Console, account: Account, app: Role
    ) -> None:
        reader = factories.user(account, "reader", policies=[allow("iam:GetRole")])
        answer = console(reader).get("/iam/roles/app?tab=last_accessed")
        assert answer.status_code == 200
        assert "iam:GenerateServiceLastAccessedDetails" in text(answer)
