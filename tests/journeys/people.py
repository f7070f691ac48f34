"""A person at a browser of their own, in front of a running lab. Steps bear the names of deeds.

Fields are found by their names, which are AWS's and the same in every language.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyotp
import pytest

from tests.live import ROOT, LiveLab

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ARTEFACTS = ROOT / "tests" / "artefacts"
PASSWORD = "Correct-horse-battery-9"


class Person:
    """shots: folder of the screenshots, `look` numbers them. page: Playwright's."""

    def __init__(self, page: "Page", shots: Path) -> None:
        self.page = page
        self.shots = shots

    def open(self, path: str) -> None:
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status < 500, f"{path}: {answer.status}"

    def look(self, name: str) -> None:
        """Saves what the person sees now."""
        self.shots.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self.shots / f"{name}.png")

    def type(self, **values: str) -> None:
        for name, value in values.items():
            self.page.locator(f"main [name={name}]:visible, .signin [name={name}]:visible").fill(
                value
            )

    def choose(self, name: str, value: str) -> None:
        """A radio button, a checkbox of many, or an entry of a list."""
        field = self.page.locator(f'[name="{name}"][value="{value}"]')
        if field.count():
            field.check()
        else:
            self.page.locator(f"select[name={name}]").select_option(value)

    def tick(self, name: str, on: bool = True) -> None:
        self.page.locator(f"[name={name}]:visible").set_checked(on)

    def go_on(self) -> None:
        """The primary button in sight."""
        self.page.locator("button.button-primary:visible, a.button-primary:visible").last.click()
        self.page.wait_for_load_state()

    def next_step(self) -> None:
        """Of a wizard on one page."""
        self.page.locator("[data-step-next]:visible").click()

    def reads(self, text: str) -> bool:
        return text in self.page.locator("body").inner_text()

    @property
    def path(self) -> str:
        return re.sub(r"^https?://[^/]+", "", self.page.url)

    # --- What people do ---------------------------------------------------------------------------
    def sign_up(self, *, email: str, name: str) -> str:
        """The new account's id."""
        self.open("/signup")
        self.type(email=email, name=name)
        self.look("sign-up")
        self.go_on()
        self.type(code=self.page.locator(".shown-code").inner_text().strip())
        self.go_on()
        self.type(new_password=PASSWORD, again=PASSWORD)
        self.go_on()
        self.choose("plan", "free")
        self.go_on()
        self.type(
            full_name="김민지",
            phone_number="+82 10-0000-0000",
            address_line1="세종대로 110",
            city="서울",
            postal_code="04524",
        )
        self.choose("usage", "personal")
        self.tick("agreement")
        self.go_on()
        self.look("no-card")
        self.go_on()
        self.look("signed-up")
        formatted = self.page.locator(".copyable").first.inner_text()
        return re.sub(r"\D", "", formatted)

    def sign_in_as_root(self, email: str, password: str = PASSWORD) -> None:
        self.open("/signin/root")
        self.type(email=email)
        self.go_on()
        self.type(password=password)
        self.go_on()

    def sign_in(self, account: str, user_name: str, password: str = PASSWORD) -> None:
        self.open(f"/{account}/console")
        self.type(user_name=user_name, password=password)
        self.go_on()

    def sign_out(self) -> None:
        self.open("/signout")
        self.go_on()

    def make_policy(self, name: str, document: str) -> None:
        """Writes JSON into the editor, reviews, creates."""
        self.open("/iam/policies/create")
        self.page.locator("textarea[name=document]").fill(document)
        self.page.locator("button[value=review]").click()
        self.type(policy_name=name)
        self.look(f"policy-{name}")
        self.page.locator("button[value=create]").click()
        self.page.wait_for_load_state()

    def make_group(self, name: str, *policy_arns: str) -> None:
        self.open("/iam/groups/create")
        self.type(group_name=name)
        for arn in policy_arns:
            self.choose("policy_arns", arn)
        self.go_on()

    def make_user(self, name: str, *, group: str = "", password: str = PASSWORD) -> None:
        """With the wizard, step by step."""
        self.open("/iam/users/create")
        self.type(user_name=name)
        self.tick("console_access")
        self.choose("password_kind", "custom")
        self.type(password=password)
        self.tick("reset_required", on=False)
        self.look(f"user-{name}-1")
        self.next_step()
        if group:
            self.choose("groups", group)
        self.look(f"user-{name}-2")
        self.next_step()
        self.look(f"user-{name}-3")
        self.go_on()
        self.look(f"user-{name}-4")

    def make_access_key(self, path: str) -> tuple[str, str]:
        """path: of the page with the wizard. (access key id, secret access key)"""
        self.open(path)
        self.choose("use_case", "cli")
        self.tick("understood")
        self.next_step()
        self.go_on()
        self.look("access-key")
        key_id = self.page.locator(".copyable span").last.inner_text()
        secret = self.page.locator("[data-secret]").text_content() or ""
        return key_id.strip(), secret.strip()

    def add_mfa(self, path: str, name: str) -> str:
        """Scans the QR code with an authenticator app; the app's secret."""
        self.open(path)
        self.type(name=name)
        self.go_on()
        self.page.locator("details.expandable summary").last.click()
        secret = self.page.locator("details.expandable .copyable").inner_text().strip()
        self.look("mfa")
        step = Codes(secret)
        self.type(code1=step.earlier(1), code2=step.now())
        self.go_on()
        return secret


class Codes:
    """An authenticator app. Codes of other moments stand for waiting half a minute."""

    def __init__(self, secret: str) -> None:
        self.totp = pyotp.TOTP(secret)

    def earlier(self, steps: int) -> str:
        return self.totp.at(_real_seconds() - 30 * steps)

    def now(self) -> str:
        return self.totp.at(_real_seconds())

    def later(self, steps: int) -> str:
        return self.totp.at(_real_seconds() + 30 * steps)


def _real_seconds() -> int:
    import time

    return int(time.time())


Meet = Callable[..., Person]


@pytest.fixture
def meet(browser: "Browser", live_lab: LiveLab, request: pytest.FixtureRequest) -> Iterator[Meet]:
    """`meet("teacher", language="ko")` is a person in a private window of their own."""
    contexts: list[Any] = []

    def someone(who: str, *, language: str = "ko", dark: bool = False) -> Person:
        address = live_lab.info["console_url"]
        context = browser.new_context(
            base_url=address,
            viewport={"width": 1280, "height": 900},
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(10_000)
        context.add_cookies([{"name": "groundschool-language", "value": language, "url": address}])
        contexts.append(context)
        folder = re.sub(r"[^\w.-]+", "-", request.node.name)
        return Person(context.new_page(), ARTEFACTS / folder / who)

    yield someone
    for context in contexts:
        context.close()
