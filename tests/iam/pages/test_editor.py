"""The policy editor: blocks and JSON in step, with HTMX and without any script."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from aws.models import Account, Event
from iam.drafts import MAX_TEXT, Draft
from iam.models import User
from iam.policy_editor.commands import fingerprint
from tests.factories import allow
from tests.iam.pages.browser import HTMX, text

Console = Callable[..., Client]
VISUAL, LINT = "/iam/editor/visual", "/iam/editor/lint"
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"},
            {"Sid": "Pass", "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"},
        ],
    },
    indent=2,
)


def fields(document: str, **more: Any) -> dict[str, Any]:
    """What the page posts with a document."""
    seen = {
        f"seen-{statement.index}": fingerprint(statement, document)
        for statement in Draft(document).statements
    }
    return {"document": document, "document-kind": "managed", **seen, **more}


def document_of(shown: str) -> str:
    """The JSON pane's text."""
    found = re.search(r'<textarea class="code-editor"[^>]*>\n(.*?)</textarea>', shown, re.DOTALL)
    assert found is not None
    return unescape(found.group(1))


def command(page: Client, name: str, document: str = POLICY, **more: Any) -> str:
    answer = page.post(VISUAL, fields(document, command=name, **more), headers=HTMX)
    assert answer.status_code == 200
    return str(answer.content.decode())


class TestWhileTyping:
    def test_the_blocks_and_findings_follow_and_the_text_stays(self, page: Client) -> None:
        shown = text(page.post(VISUAL, fields(POLICY), headers=HTMX))
        assert 'id="policy-visual"' in shown
        assert "<textarea" not in shown.replace('<textarea class="textarea"', "")
        assert 'hx-swap-oob="true"' in shown
        assert "PASS_ROLE_WITH_STAR_IN_RESOURCE" in shown
        assert 'value="edit-a-action"' not in shown
        assert '<input type="checkbox" name="edit-a-action" value="s3:GetObject"' in shown

    def test_a_syntax_error_is_placed_and_the_blocks_wait(self, page: Client) -> None:
        broken = POLICY.replace('"Version": "2012-10-17",', '"Version": "2012-10-17"')
        answer = page.post(VISUAL, {"document": broken, "document-kind": "managed"}, headers=HTMX)
        shown = text(answer)
        assert "The blocks are waiting" in shown
        assert 'data-line="3" data-column="3"' in shown
        assert "JSON_SYNTAX_ERROR" in shown

    def test_line_ends_of_browsers_do_not_count(self, page: Client) -> None:
        sent = fields(POLICY) | {"document": POLICY.replace("\n", "\r\n")}
        shown = page.post(VISUAL, sent | {"command": "effect/0/Deny"}, headers=HTMX)
        changed = document_of(shown.content.decode())
        assert "\r" not in changed
        assert changed == POLICY.replace("Allow", "Deny", 1)

    def test_a_text_that_is_too_long_is_not_looked_into(self, page: Client) -> None:
        sent = {"document": " " * (MAX_TEXT + 1), "document-kind": "managed"}
        assert "POLICY_TOO_LONG" in text(page.post(VISUAL, sent, headers=HTMX))
        sent = {
            "document": f"{POLICY}{' ' * MAX_TEXT}",
            "command": "add",
            "document-kind": "managed",
        }
        assert "Statement3" not in text(page.post(VISUAL, sent, headers=HTMX))

    @pytest.mark.parametrize("kind", ["nothing", "", "trust", "user", "group", "role"])
    def test_every_kind_is_answered(self, page: Client, kind: str) -> None:
        sent = fields(POLICY) | {"document-kind": kind}
        assert page.post(VISUAL, sent, headers=HTMX).status_code == 200

    def test_lint_answers_the_findings_alone(self, page: Client) -> None:
        shown = text(page.post(LINT, fields(POLICY), headers=HTMX))
        assert "Security: 1" in shown
        assert "policy-visual" not in shown
        assert f"{len(''.join(POLICY.split()))} of 6144 characters" in shown


class TestBlocks:
    def test_a_tick_adds_an_action_and_keeps_the_layout(self, page: Client) -> None:
        ticks: dict[str, Any] = {"edit-service": "s3", "edit-shown": "GetObject"}
        ticks["edit-a-action"] = ["s3:GetObject", "s3:GetObjectAcl"]
        changed = document_of(command(page, "actions/0", **ticks))
        added = '"s3:GetObject",\n        "s3:GetObjectAcl"'
        assert changed == POLICY.replace('"s3:GetObject"', added)

    def test_an_arn_is_built(self, page: Client) -> None:
        built = {"edit-r-type": "s3:object", "edit-r-field-BucketName": "photos"}
        changed = document_of(command(page, "resource/0", **built))
        statement = json.loads(changed)["Statement"][0]
        assert statement["Resource"] == ["arn:aws:s3:::photos/*"]

    def test_what_was_typed_survives_a_mistake(self, page: Client) -> None:
        typed = {"edit-c-key": "aws:SourceIp", "edit-c-operator": "IpAddress", "edit-c-values": ""}
        shown = unescape(command(page, "condition/0", **typed))
        assert document_of(shown) == POLICY
        assert "enter a value" in shown
        assert 'value="aws:SourceIp"' in shown

    def test_used_fields_are_emptied(self, page: Client) -> None:
        typed = {"edit-c-key": "aws:username", "edit-c-operator": "StringEquals"}
        shown = command(page, "condition/0", **typed, **{"edit-c-values": "alice"})
        assert "aws:username" in document_of(shown)
        assert 'name="edit-c-key" list="editor-keys" autocomplete="off" value=""' in shown

    def test_another_statement_opens(self, page: Client) -> None:
        shown = command(page, "open/1")
        assert 'name="open-statement" value="1"' in shown
        assert 'value="iam:PassRole"' in shown
        assert document_of(shown) == POLICY

    def test_a_service_can_be_picked_before_it_has_actions(self, page: Client) -> None:
        shown = command(page, "pick/0/rds")
        assert 'value="rds:CreateDBInstance"' in shown
        assert document_of(shown) == POLICY

    def test_a_filter_shows_few_actions(self, page: Client) -> None:
        shown = command(page, "view/0", **{"edit-service": "s3", "edit-filter": "tagging"})
        assert 'value="s3:PutObjectTagging"' in shown
        assert 'value="s3:PutObject"' not in shown

    def test_a_command_for_a_statement_that_changed_is_refused(self, page: Client) -> None:
        sent = fields(POLICY, command="effect/0/Deny")
        sent["document"] = POLICY.replace("GetObject", "PutObject")
        shown = page.post(VISUAL, sent, headers=HTMX).content.decode()
        assert document_of(shown) == sent["document"]
        assert "has changed" in shown

    def test_hostile_text_stays_text(self, page: Client) -> None:
        evil = POLICY.replace('"Read"', '"<script>alert(1)</script>"')
        shown = command(page, "open/0", evil)
        assert "<script>" not in shown

    def test_a_managed_policy_is_imported(self, page: Client) -> None:
        arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
        changed = json.loads(document_of(command(page, "import", **{"import-arn": arn})))
        assert len(changed["Statement"]) == 3
        assert "s3:Get*" in changed["Statement"][2]["Action"]

    def test_an_import_of_nothing_says_so(self, page: Client) -> None:
        arn = "arn:aws:iam::111122223333:policy/none"
        shown = command(page, "import", **{"import-arn": arn})
        assert document_of(shown) == POLICY
        assert "NoSuchEntity" in shown

    def test_another_accounts_policy_cannot_be_imported(
        self, console: Console, page: Client, mallory: User
    ) -> None:
        created = {"policy_name": "plans", "document": allow("s3:GetObject"), "step": "create"}
        assert page.post("/iam/policies/create", created).status_code == 302
        arn = "arn:aws:iam::111122223333:policy/plans"
        shown = command(console(mallory), "import", **{"import-arn": arn})
        assert document_of(shown) == POLICY


class TestDoors:
    def test_the_editor_needs_a_sign_in_and_a_post(self, client: Client, page: Client) -> None:
        assert client.post(VISUAL, fields(POLICY)).status_code == 302
        assert page.get(VISUAL).status_code == 405
        assert page.get(LINT).status_code == 405

    def test_it_needs_no_permission_and_leaves_no_event(
        self, console: Console, nobody: User
    ) -> None:
        shown = command(console(nobody), "effect/0/Deny")
        assert "Deny" in document_of(shown)
        assert not Event.objects.exists()

    @pytest.mark.parametrize("name", ["effect/7/Deny", "x", "open/99", "resource-remove/0/z", "//"])
    def test_odd_commands_do_no_harm(self, page: Client, name: str) -> None:
        assert json.loads(document_of(command(page, name))) == json.loads(POLICY)


class TestWithoutScript:
    def test_a_command_draws_the_whole_page_again(self, page: Client, account: Account) -> None:
        sent = fields(POLICY, command="effect/1/Deny", policy_name="kept")
        shown = text(page.post("/iam/policies/create", sent))
        assert "<html" in shown
        assert json.loads(document_of(shown))["Statement"][1]["Effect"] == "Deny"
        assert 'name="policy_name" value="kept"' in shown
        assert not Event.objects.filter(read_only=False).exists()
