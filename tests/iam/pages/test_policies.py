"""Policies' pages: list, creating, detail, entities, tags, versions, deleting."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aws.models import Account, Event
from iam import operations
from iam.models import Attachment, Policy, User
from iam.views.versions import difference
from tests import factories
from tests.factories import READ_ONLY, allow, ctx_for
from tests.iam.pages.browser import HTMX, text

Console = Callable[..., Client]
PHOTOS = "arn:aws:iam::111122223333:policy/photos"
DOCUMENT = json.dumps(json.loads(allow("s3:GetObject", "arn:aws:s3:::photos/*")), indent=4)


def detail(arn: str = PHOTOS, tab: str = "", **more: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in {"tab": tab, **more}.items() if value)
    return f"/iam/policies/{arn}" + (f"?{query}" if query else "")


@pytest.fixture
def photos(alice: User) -> Policy:
    operations.create_policy(
        ctx_for(alice),
        policy_name="photos",
        policy_document=DOCUMENT,
        description="The class's photos",
        tags=[{"Key": "team", "Value": "blue"}],
    )
    return Policy.objects.get(policy_name="photos")


def add_versions(alice: User, count: int) -> None:
    for number in range(count):
        document = allow("s3:GetObject", f"arn:aws:s3:::photos-{number}/*")
        operations.create_policy_version(
            ctx_for(alice), policy_arn=PHOTOS, policy_document=document
        )


class TestList:
    def test_it_shows_type_use_and_description(
        self, page: Client, photos: Policy, bob: User
    ) -> None:
        factories.grant(bob, policy_arns=[PHOTOS])
        shown = text(page.get("/iam/policies?q=photos", headers=HTMX))
        assert "Customer managed" in shown
        assert "Permissions policy (1)" in shown
        assert "The class's photos" in shown

    @pytest.mark.parametrize(
        ("query", "there", "absent"),
        [
            ("type=customer", "photos", "ReadOnlyAccess"),
            ("type=job-function", "SystemAdministrator", "photos"),
            ("type=aws&q=ReadOnlyAccess", "ReadOnlyAccess", "photos"),
            ("used=attached", "AdministratorAccess", "photos"),
            ("used=none&q=photos", "photos", "AdministratorAccess"),
            ("used=boundary", "No matches", "photos"),
        ],
    )
    def test_it_filters(
        self, page: Client, photos: Policy, query: str, there: str, absent: str
    ) -> None:
        shown = text(page.get(f"/iam/policies?{query}", headers=HTMX))
        assert there in shown
        assert f'aria-label="{absent}"' not in shown

    def test_queries_do_not_grow_with_policies(
        self, page: Client, account: Account, alice: User, photos: Policy
    ) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                assert page.get("/iam/policies?type=customer").status_code == 200
            return len(captured)

        page.get("/iam/policies")
        few = queries()
        for number in range(30):
            operations.create_policy(
                ctx_for(alice), policy_name=f"p-{number}", policy_document=DOCUMENT
            )
        assert queries() == few

    def test_descriptions_are_hidden_from_who_may_not_read_them(
        self, console: Console, account: Account, photos: Policy
    ) -> None:
        lister = factories.user(account, "lister", policies=[allow("iam:ListPolicies")])
        shown = text(console(lister).get("/iam/policies?type=customer"))
        assert "photos" in shown
        assert "The class's photos" not in shown


class TestCreate:
    def review(self, page: Client, document: str = DOCUMENT, **more: Any) -> Any:
        sent = {"document": document, "step": "review", **more}
        return page.post("/iam/policies/create", sent)

    def test_the_review_sums_the_permissions_up(self, page: Client) -> None:
        shown = text(self.review(page))
        assert "Amazon S3" in shown
        assert "Limited:" in shown
        assert "arn:aws:s3:::photos/*" in shown
        assert not Policy.objects.exists()

    def test_a_policy_with_errors_stays_in_the_editor(self, page: Client) -> None:
        answer = self.review(page, DOCUMENT.replace("s3:GetObject", "GetObject"))
        assert answer.status_code == 422
        assert "MISSING_SERVICE_IN_ACTION" in text(answer)

    def test_it_is_created_with_tags(self, page: Client) -> None:
        sent = {"policy_name": "photos", "description": "d", "document": DOCUMENT}
        tags = {"tag-key-0": "team", "tag-value-0": "blue"}
        answer = page.post("/iam/policies/create", {**sent, **tags, "step": "create"})
        assert answer["Location"] == detail()
        policy = Policy.objects.get()
        assert (policy.description, policy.tags) == ("d", {"team": "blue"})
        assert policy.versions.get().document == DOCUMENT

    def test_a_taken_name_keeps_what_was_typed(self, page: Client, photos: Policy) -> None:
        sent = {"policy_name": "Photos", "document": DOCUMENT, "step": "create", "tag-key-0": "k"}
        answer = page.post("/iam/policies/create", sent)
        assert answer.status_code == 422
        shown = text(answer)
        assert "EntityAlreadyExists" in shown
        assert 'value="Photos"' in shown
        assert 'value="k"' in shown

    def test_going_back_keeps_the_details(self, page: Client) -> None:
        sent = {"document": DOCUMENT, "step": "editor", "policy_name": "kept", "tag-key-0": "team"}
        shown = text(page.post("/iam/policies/create", sent))
        assert 'id="policy-editor"' in shown
        assert 'name="policy_name" value="kept"' in shown
        assert 'name="tag-key-0" value="team"' in shown
        assert 'value="kept"' in text(self.review(page, policy_name="kept"))

    def test_a_suggested_policy_opens_in_the_editor(self, page: Client) -> None:
        shown = text(page.get("/iam/policies/create", {"document": DOCUMENT}))
        assert "arn:aws:s3:::photos/*" in shown

    def test_who_may_not_create_is_told_why(self, console: Console, bob: User) -> None:
        sent = {"policy_name": "photos", "document": DOCUMENT, "step": "create"}
        answer = console(bob).post("/iam/policies/create", sent)
        assert answer.status_code == 422
        assert "iam:CreatePolicy" in text(answer)
        assert "AccessDenied" in text(answer)


class TestDetail:
    def test_permissions_as_summary_and_json(self, page: Client, photos: Policy) -> None:
        assert "Amazon S3" in text(page.get(detail()))
        shown = text(page.get(detail(view="json"), headers=HTMX))
        assert '"Action": "s3:GetObject"' in shown
        assert "<html" not in shown

    def test_aws_policies_cannot_be_edited(self, page: Client) -> None:
        shown = text(page.get(detail(READ_ONLY)))
        assert f"{READ_ONLY}/edit" not in shown
        assert "Not recognized" in shown or "Full:" in shown

    def test_tags(self, page: Client, photos: Policy) -> None:
        assert "blue" in text(page.get(detail(tab="tags"), headers=HTMX))
        sent = {"tag-key-0": "stage", "tag-value-0": "test"}
        assert page.post(f"/iam/policies/{PHOTOS}/tags", sent).status_code == 302
        photos.refresh_from_db()
        assert photos.tags == {"stage": "test"}

    def test_a_tag_error_keeps_the_rows(self, page: Client, photos: Policy) -> None:
        sent = {"tag-key-0": "aws:x", "tag-value-0": "test"}
        answer = page.post(f"/iam/policies/{PHOTOS}/tags", sent)
        assert answer.status_code == 422
        assert 'value="aws:x"' in text(answer)

    def test_another_account_learns_nothing(
        self, console: Console, mallory: User, photos: Policy
    ) -> None:
        for address in (detail(), detail(tab="versions"), f"/iam/policies/{PHOTOS}/edit"):
            answer = console(mallory).get(address)
            assert answer.status_code in (403, 404)
            assert "photos/*" not in text(answer)

    def test_last_accessed_begins_a_report_and_follows_it(
        self, page: Client, photos: Policy
    ) -> None:
        shown = text(page.get(detail(tab="last_accessed"), headers=HTMX))
        assert "Collecting data" in shown
        assert 'hx-trigger="load delay:2s"' in shown


class TestEntities:
    def test_attach_to_several_and_detach(
        self, page: Client, account: Account, photos: Policy, bob: User
    ) -> None:
        factories.group(account, "developers")
        factories.role(account, "app")
        chosen = {"entities": ["users/bob", "groups/developers", "roles/app"]}
        assert page.post(f"/iam/policies/{PHOTOS}/attach", chosen).status_code == 302
        shown = text(page.get(detail(tab="entities"), headers=HTMX))
        assert all(name in shown for name in (">bob<", ">developers<", ">app<"))
        gone = {"entity": ["users/bob", "roles/app"]}
        asked = text(page.post(f"/iam/policies/{PHOTOS}/detach", gone))
        assert "Detach policy?" in asked
        assert Attachment.objects.filter(policy_arn=PHOTOS).count() == 3
        page.post(f"/iam/policies/{PHOTOS}/detach", {**gone, "agreed": "yes"})
        left = Attachment.objects.get(policy_arn=PHOTOS)
        assert left.entity.name == "developers"

    def test_attaching_is_all_or_nothing(
        self, page: Client, account: Account, photos: Policy, bob: User
    ) -> None:
        full = factories.role(account, "full")
        names = ("SecurityAudit", "AmazonS3FullAccess", "AmazonEC2FullAccess", "IAMFullAccess",
                 "AmazonRDSFullAccess", "AmazonVPCFullAccess", "AWSCloudTrail_FullAccess",
                 "CloudWatchFullAccess", "AmazonSQSFullAccess", "AmazonSNSFullAccess")  # fmt: skip
        factories.grant(full, policy_arns=[f"arn:aws:iam::aws:policy/{name}" for name in names])
        chosen = {"entities": ["users/bob", "roles/full"]}
        answer = page.post(f"/iam/policies/{PHOTOS}/attach", chosen)
        assert answer.status_code == 422
        assert "LimitExceeded" in text(answer)
        assert not Attachment.objects.filter(policy_arn=PHOTOS).exists()

    def test_an_entity_that_has_gone_is_named(self, page: Client, photos: Policy) -> None:
        answer = page.post(f"/iam/policies/{PHOTOS}/attach", {"entities": ["users/gone"]})
        assert answer.status_code == 422
        assert "users/gone" in text(answer)

    def test_nothing_chosen_is_said(self, page: Client, photos: Policy) -> None:
        page.post(f"/iam/policies/{PHOTOS}/detach", {})
        assert "Choose a user" in text(page.get(detail()))


class TestVersions:
    def test_a_new_version_takes_effect_at_once(
        self, page: Client, alice: User, photos: Policy
    ) -> None:
        changed = DOCUMENT.replace("GetObject", "PutObject")
        sent = {"document": changed, "set_as_default": "on"}
        assert page.post(f"/iam/policies/{PHOTOS}/edit", sent).status_code == 302
        assert photos.versions.get(is_default=True).document == changed

    def test_a_version_can_wait(self, page: Client, photos: Policy) -> None:
        page.post(f"/iam/policies/{PHOTOS}/edit", {"document": DOCUMENT})
        assert photos.versions.get(is_default=True).number == 1

    def test_errors_keep_the_text(self, page: Client, photos: Policy) -> None:
        broken = DOCUMENT.replace('"Allow"', '"Perhaps"')
        answer = page.post(f"/iam/policies/{PHOTOS}/edit", {"document": broken})
        assert answer.status_code == 422
        assert "Perhaps" in text(answer)
        assert photos.versions.count() == 1

    def test_the_sixth_version_is_refused_in_awss_words(
        self, page: Client, alice: User, photos: Policy
    ) -> None:
        add_versions(alice, 4)
        assert "Delete a version first" in text(page.get(f"/iam/policies/{PHOTOS}/edit"))
        answer = page.post(f"/iam/policies/{PHOTOS}/edit", {"document": DOCUMENT})
        assert answer.status_code == 422
        assert "A managed policy can have up to 5 versions" in text(answer)

    def test_the_sixth_version_can_replace_one(
        self, page: Client, alice: User, photos: Policy
    ) -> None:
        add_versions(alice, 4)
        sent = {"document": DOCUMENT, "delete_version": "v2", "set_as_default": "on"}
        assert page.post(f"/iam/policies/{PHOTOS}/edit", sent).status_code == 302
        numbers = photos.versions.order_by("number").values_list("number", flat=True)
        assert list(numbers) == [1, 3, 4, 5, 6]

    def test_a_version_is_not_lost_when_the_new_one_is_refused(
        self, page: Client, alice: User, photos: Policy
    ) -> None:
        add_versions(alice, 4)
        too_long = allow([f"s3:Get{number:0500}" for number in range(20)])
        sent = {"document": too_long, "delete_version": "v2"}
        assert page.post(f"/iam/policies/{PHOTOS}/edit", sent).status_code == 422
        assert photos.versions.count() == 5

    def test_the_default_changes_and_old_ones_go(
        self, page: Client, alice: User, photos: Policy
    ) -> None:
        add_versions(alice, 1)
        address = f"/iam/policies/{PHOTOS}/version"
        page.post(address, {"version_id": "v2", "action": "default"})
        assert photos.versions.get(is_default=True).number == 2
        gone = {"version_id": "v1", "action": "delete"}
        assert "Delete policy version?" in text(page.post(address, gone))
        page.post(address, {**gone, "agreed": "yes"})
        assert photos.versions.count() == 1

    def test_the_default_version_cannot_go(self, page: Client, photos: Policy) -> None:
        gone = {"version_id": "v1", "action": "delete", "agreed": "yes"}
        answer = page.post(f"/iam/policies/{PHOTOS}/version", gone, headers=HTMX)
        assert "Cannot delete the default version of a policy." in text(answer)

    def test_versions_are_compared(self, page: Client, alice: User, photos: Policy) -> None:
        add_versions(alice, 1)
        shown = text(page.get(detail(tab="versions", **{"from": "v1", "to": "v2"})))
        assert 'class="is-removed"' in shown
        assert 'class="is-added"' in shown
        assert "photos-0/*" in shown

    def test_an_unknown_version_compares_nothing(self, page: Client, photos: Policy) -> None:
        shown = text(page.get(detail(tab="versions", **{"from": "v1", "to": "v9"})))
        assert "diff-sign" not in shown

    def test_a_difference_has_every_line_of_both(self) -> None:
        lines = list(difference("a\nb\nc", "a\nx\nc\nd"))
        assert [(line.sign, line.old, line.new, line.text) for line in lines] == [
            ("", 1, 1, "a"),
            ("-", 2, None, "b"),
            ("+", None, 2, "x"),
            ("", 3, 3, "c"),
            ("+", None, 4, "d"),
        ]


class TestDelete:
    def test_it_asks_for_the_name_and_shows_who_has_it(
        self, page: Client, photos: Policy, bob: User
    ) -> None:
        factories.grant(bob, policy_arns=[PHOTOS])
        asked = page.post("/iam/policies/delete", {"name": PHOTOS}, headers=HTMX)
        assert 'data-confirm-word="photos"' in text(asked)
        assert "<td>bob</td>" in text(asked)
        wrong = page.post("/iam/policies/delete", {"name": PHOTOS, "confirm": "photo"})
        assert wrong.status_code == 422
        assert Policy.objects.exists()

    def test_it_goes_with_versions_and_attachments(
        self, page: Client, alice: User, photos: Policy, bob: User
    ) -> None:
        add_versions(alice, 2)
        factories.grant(bob, policy_arns=[PHOTOS])
        page.post("/iam/policies/delete", {"name": PHOTOS, "confirm": "photos"})
        assert not Policy.objects.exists()
        assert not Attachment.objects.filter(policy_arn=PHOTOS).exists()

    def test_a_boundary_in_use_stays(self, page: Client, account: Account, photos: Policy) -> None:
        factories.user(account, "bound", permissions_boundary=PHOTOS)
        gone = {"name": PHOTOS, "confirm": "photos"}
        answer = page.post("/iam/policies/delete", gone, headers=HTMX)
        assert "Cannot delete a policy attached to entities." in text(answer)
        assert Policy.objects.exists()

    def test_awss_policies_cannot_go(self, page: Client) -> None:
        answer = page.post("/iam/policies/delete", {"name": READ_ONLY, "confirm": "ReadOnlyAccess"})
        assert answer.status_code == 302
        assert not Event.objects.filter(read_only=False).exists()

    def test_who_may_not_delete_keeps_it(self, console: Console, bob: User, photos: Policy) -> None:
        gone = {"name": PHOTOS, "confirm": "photos"}
        answer = console(bob).post("/iam/policies/delete", gone, headers=HTMX)
        assert answer.status_code == 403
        assert Policy.objects.exists()

    @pytest.mark.parametrize(
        ("to", "address"),
        [("attach", f"/iam/policies/{PHOTOS}/attach"), ("entities", detail(tab="entities"))],
    )
    def test_the_lists_buttons_lead_to_the_policy(
        self, page: Client, photos: Policy, to: str, address: str
    ) -> None:
        answer = page.post("/iam/policies/go", {"name": PHOTOS, "to": to})
        assert answer["Location"] == address
