"""The policy editor and the simulator in Chromium: never out of step, nothing typed is lost."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from iam.models import Policy, Role, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OpenTab = Callable[..., Any]
CREATE = "/iam/policies/create"


@pytest.fixture
def page(tab: OpenTab, alice: User) -> Any:
    return tab(alice)


def policy(page: Any) -> Any:
    return json.loads(page.locator("#id_document").input_value())


def quiet(page: Any) -> None:
    page.wait_for_load_state("networkidle")
    page.locator(".htmx-request, .htmx-swapping, .htmx-settling").first.wait_for(state="detached")


def press(page: Any, selector: str) -> None:
    page.locator(selector).first.click()
    quiet(page)


class TestEditor:
    def test_a_policy_is_made_by_ticking_alone(self, page: Any) -> None:
        page.goto(CREATE)
        press(page, "#pick-s3")
        page.locator("#level-details-s3-2 summary").click()
        press(page, "[id='action-s3:GetObject']")
        press(page, "[id='action-s3:GetObjectAcl']")
        assert policy(page)["Statement"][0]["Action"] == ["s3:GetObject", "s3:GetObjectAcl"]
        assert page.locator("#level-details-s3-2").get_attribute("open") is not None
        page.locator("[name=edit-r-field-BucketName]").fill("photos")
        page.locator("[name=edit-r-field-ObjectName]").press("Enter")
        quiet(page)
        assert policy(page)["Statement"][0]["Resource"] == ["arn:aws:s3:::photos/*"]
        press(page, "button[name=step][value=review]")
        page.locator("[name=policy_name]").fill("photos")
        press(page, "button[value=create]")
        assert Policy.objects.get().policy_name == "photos"
        assert page.problems == []

    def test_quick_ticks_are_all_kept(self, page: Any) -> None:
        page.goto(CREATE)
        press(page, "#pick-s3")
        page.locator("#level-details-s3-2 summary").click()
        names = [f"s3:GetObject{part}" for part in ("", "Acl", "Tagging", "Version")]
        page.evaluate(
            "names => names.forEach(name => document.getElementById('action-' + name).click())",
            names,
        )
        quiet(page)
        assert sorted(policy(page)["Statement"][0]["Action"]) == names

    def test_typing_moves_the_blocks_and_keeps_the_cursor(self, page: Any) -> None:
        page.goto(CREATE)
        text = page.locator("#id_document")
        text.fill(policy_text("s3:GetObject"))
        page.locator("[id='action-s3:GetObject']:checked").wait_for(state="attached")
        text.press("Control+End")
        text.press_sequentially("}", delay=30)
        page.get_by_text("The blocks are waiting for the JSON").wait_for()
        assert page.locator("#id_document").evaluate("one => one === document.activeElement")
        text.press("Backspace")
        page.locator("[id='action-s3:GetObject']:checked").wait_for(state="attached")
        assert text.input_value() == policy_text("s3:GetObject")

    def test_a_block_of_an_older_text_changes_nothing(self, page: Any) -> None:
        page.goto(CREATE)
        typed = policy_text("s3:PutObject")
        page.evaluate("text => { document.getElementById('id_document').value = text }", typed)
        press(page, "#effect-0")
        assert page.locator("#id_document").input_value() == typed
        page.get_by_text("has changed").wait_for()
        press(page, "#effect-0")
        assert policy(page)["Statement"][0]["Effect"] == "Deny"

    def test_a_finding_leads_to_its_place(self, page: Any) -> None:
        page.goto(CREATE)
        page.locator("#id_document").fill(policy_text("s3:GetObjects"))
        page.locator(".finding-place").first.wait_for()
        page.get_by_text("Warnings: 1").click()
        page.locator("[data-tab=WARNING] .finding-place").click()
        cursor = page.locator("#id_document").evaluate("one => one.selectionStart")
        assert policy_text("s3:GetObjects")[cursor:].startswith('"s3:GetObjects"')
        assert page.locator("[data-cursor]").inner_text().startswith("Ln 6, Col ")

    def test_enter_in_a_field_never_presses_a_stray_button(self, page: Any) -> None:
        page.goto(CREATE)
        page.locator("#id_document").fill(policy_text("s3:GetObject"))
        page.locator("#edit-filter").wait_for()
        page.locator("#edit-filter").press("Enter")
        quiet(page)
        assert page.locator("#id_document").input_value() == policy_text("s3:GetObject")
        assert page.url.endswith(CREATE)

    def test_without_scripts_everything_can_be_reached(self, tab: OpenTab, alice: User) -> None:
        page = tab(alice, java_script_enabled=False)
        page.goto(CREATE)
        page.locator("#pick-s3").click()
        page.locator("#level-1").click()
        assert "s3:ListBucket" in policy(page)["Statement"][0]["Action"]
        page.locator("#resources-all").click()
        page.locator("button[value=review]").click()
        page.locator("[name=policy_name]").fill("lists")
        page.locator("button[value=create]").click()
        assert Policy.objects.get().policy_name == "lists"


class TestRoleWizard:
    def test_a_custom_trust_policy_is_built_in_the_first_step(self, page: Any) -> None:
        page.goto("/iam/roles/create")
        page.get_by_text("Custom trust policy").first.click()
        page.locator("[name=edit-p-type]").select_option("Service")
        page.locator("[name=edit-p-name]").fill("ec2.amazonaws.com")
        page.locator("[name=edit-p-name]").press("Enter")
        quiet(page)
        assert policy(page)["Statement"][0]["Principal"] == {"Service": ["ec2.amazonaws.com"]}
        press(page, "[data-step='1'] [data-step-next]")
        press(page, "[data-step='2'] [data-step-next]")
        assert "ec2.amazonaws.com" in page.locator("[data-review=document]").inner_text()
        page.locator("[name=role_name]").fill("app")
        press(page, "[data-step='3'] .button-primary")
        assert "ec2.amazonaws.com" in Role.objects.get().assume_role_policy_document
        assert page.problems == []


class TestSimulator:
    def test_results_lead_to_the_deciding_statement(self, page: Any, bob: User) -> None:
        page.goto("/iam/policysim?principal=users/bob")
        page.get_by_role("button", name="Amazon S3").click()
        page.locator("#level-details-s3-2 summary").click()
        page.locator("[id='action-s3:GetObject']").check()
        press(page, "button[value=run]")
        assert page.locator("#results .status-success").count() == 1
        page.locator("#results td a").first.click()
        assert page.locator(".code-line:target").is_visible()
        assert page.locator(".code-line:target.is-marked").count() == 1
        assert page.problems == []


def policy_text(action: str) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)
