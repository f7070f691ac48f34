"""The first day: sign up, make a user with a group and a policy, be denied, see why, call AWS."""

import json

import pytest
from playwright.sync_api import expect

from tests.journeys.people import Meet, Person
from tests.journeys.people import meet as meet  # noqa: PLC0414 - a fixture
from tests.journeys.test_command_line import aws, client
from tests.live import LiveLab

pytestmark = [pytest.mark.slow, pytest.mark.lab, pytest.mark.browser]

LIST_USERS = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Look", "Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}
        ],
    },
    indent=2,
)
WORDS = {
    "ko": {"denied": "권한이 없습니다", "why": "왜 거부되었나요?"},
    "en": {"denied": "You don't have permission to do this", "why": "Why was I denied?"},
}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_from_sign_up_to_the_command_line(meet: Meet, live_lab: LiveLab, language: str) -> None:
    teacher = meet("teacher", language=language)
    email = f"first-day-{language}@example.com"
    account_id = teacher.sign_up(email=email, name=f"첫날 {language}")
    teacher.sign_in_as_root(email)
    expect(teacher.page).to_have_url(f"{live_lab.info['console_url']}/console/home")
    teacher.look("home")

    teacher.make_policy("look-at-users", LIST_USERS)
    teacher.make_group("readers", f"arn:aws:iam::{account_id}:policy/look-at-users")
    teacher.make_user("minji", group="readers")
    key = teacher.make_access_key("/iam/users/minji/keys/create")
    teacher.open("/iam/users")
    teacher.look("users")

    student = meet("student", language=language, dark=True)
    student.sign_in(account_id, "minji")
    student.open("/iam/users")
    assert student.reads("minji")
    student.open("/iam/groups/create")
    student.type(group_name="secret-club")
    student.go_on()
    student.look("denied")
    assert student.reads("iam:CreateGroup")
    student.page.get_by_role("link", name=WORDS[language]["why"]).first.click()
    expect(student.page.locator(".layers")).to_be_visible()
    assert student.reads(f"arn:aws:iam::{account_id}:user/minji")
    student.look("why")

    named = [user["UserName"] for user in aws(live_lab, "iam", "list-users", key=key)["Users"]]
    assert named == ["minji"]
    answer = client(live_lab, "iam", key).list_users()
    assert [user["UserName"] for user in answer["Users"]] == named

    teacher.open("/cloudtrail/events?attribute=EventName&value=ListUsers")
    rows = teacher.page.locator("#rows tbody tr")
    assert rows.filter(has_text="minji").count() >= 2
    teacher.look("history")
    records = client(live_lab, "cloudtrail", _root_key(teacher)).lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "ListUsers"}]
    )["Events"]
    agents = [json.loads(event["CloudTrailEvent"])["userAgent"] for event in records]
    assert any("aws-cli" in agent for agent in agents)
    assert any("Boto3" in agent for agent in agents)


def _root_key(teacher: Person) -> tuple[str, str]:
    return teacher.make_access_key("/iam/security_credentials/keys/create")
