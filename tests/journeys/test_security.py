"""MFA, a policy with a condition, switching roles, the password policy: as a class meets them.

In Korean, whole, in Chromium; the screenshots are kept in tests/artefacts.
"""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from playwright.sync_api import expect

from tests.journeys.people import PASSWORD, Codes, Meet, Person
from tests.journeys.people import meet as meet  # noqa: PLC0414 - a fixture
from tests.journeys.test_command_line import client
from tests.live import LiveLab

pytestmark = [pytest.mark.slow, pytest.mark.lab, pytest.mark.browser]


class School:
    """An account made by a script, with a root key that sets the scene through the API."""

    def __init__(self, lab: LiveLab, number: int) -> None:
        self.lab = lab
        self.email = f"school-{number}@example.com"
        self.account_id = f"{number:012d}"
        self.key = (f"AKIASCHOOL{number:010d}", f"school/secret+key/0123456789/{number:012d}")
        lab.manage(
            "create_account",
            *("--name", f"School {number}", "--email", self.email, "--password", PASSWORD),
            *("--account-id", self.account_id, "--root-access-key", ":".join(self.key)),
        )

    def client(self, service: str, key: tuple[str, str] | None = None) -> Any:
        return client(self.lab, service, key or self.key)

    def user(self, name: str, *, policy: dict[str, Any] | None = None) -> tuple[str, str]:
        """A user with a password; their access key."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        iam.create_login_profile(UserName=name, Password=PASSWORD)
        if policy:
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(policy))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str | list[str], resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def test_root_signs_in_with_a_code(meet: Meet, live_lab: LiveLab) -> None:
    school = School(live_lab, 610000000001)
    root = meet("root")
    root.sign_in_as_root(school.email)
    root.open("/iam/home")
    root.look("without-mfa")
    secret = root.add_mfa("/iam/security_credentials/mfa/add", "phone")
    root.look("with-mfa")
    root.sign_out()

    root.sign_in_as_root(school.email)
    expect(root.page.locator("[name=code]")).to_be_visible()
    root.type(code="000000" if Codes(secret).later(1) != "000000" else "111111")
    root.go_on()
    root.look("wrong-code")
    assert root.path.startswith("/signin/mfa")
    root.type(code=Codes(secret).later(1))
    root.go_on()
    expect(root.page).to_have_url(f"{live_lab.info['console_url']}/console/home")
    root.open("/iam/home")
    root.look("recommendations-met")


def test_a_condition_denies_and_a_suggested_policy_helps(meet: Meet, live_lab: LiveLab) -> None:
    """One bucket's prefix and one range of addresses; the class sits elsewhere."""
    school = School(live_lab, 610000000002)
    iam = school.client("iam")
    in_range = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    prefix = {"StringLike": {"s3:prefix": "minji/*"}, **in_range}
    limited = document(
        {"Sid": "OwnFolder", **allow("s3:ListBucket", "arn:aws:s3:::homework", Condition=prefix)},
        {"Sid": "FromSchool", **allow("iam:ListGroups", Condition=in_range)},
    )
    arn = iam.create_policy(PolicyName="from-school", PolicyDocument=limited)["Policy"]["Arn"]
    iam.create_group(GroupName="developers")
    iam.attach_group_policy(GroupName="developers", PolicyArn=arn)
    key = school.user("minji")
    iam.add_user_to_group(GroupName="developers", UserName="minji")

    student = meet("student")
    student.sign_in(school.account_id, "minji")
    student.open("/iam/groups")
    student.look("denied")
    student.page.locator("main a.button, main .alert a").first.click()
    expect(student.page.locator(".layers")).to_be_visible()
    for word in ("aws:SourceIp", "203.0.113.0/24", "127.0.0.1", "from-school"):
        assert student.reads(word), word
    student.look("why")
    assert student.page.locator("a[href*='policies/create']").count() == 0

    teacher = meet("teacher")
    teacher.sign_in_as_root(school.email)
    teacher.open(student.path)
    teacher.look("suggestion")
    teacher.page.locator("a[href*='policies/create']").first.click()
    teacher.page.locator("button[value=review]").click()
    teacher.type(policy_name="list-groups")
    teacher.page.locator("button[value=create]").click()
    teacher.open("/iam/groups/developers/permissions")
    teacher.choose("policy_arns", f"arn:aws:iam::{school.account_id}:policy/list-groups")
    teacher.go_on()
    teacher.look("attached")

    student.open("/iam/groups")
    assert student.reads("developers")
    student.look("works")
    _prefix_holds_from_school(school)
    _prefix_holds_in_s3(school, key)


def _prefix_holds_in_s3(school: School, key: tuple[str, str]) -> None:
    """The bucket's part for real, with the range that the class sits in."""
    school.client("s3").create_bucket(
        Bucket="homework-of-minji",
        CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"},
    )
    condition = {
        "StringLike": {"s3:prefix": "minji/*"},
        "IpAddress": {"aws:SourceIp": "127.0.0.0/8"},
    }
    own = allow("s3:ListBucket", "arn:aws:s3:::homework-of-minji", Condition=condition)
    school.client("iam").put_user_policy(
        UserName="minji", PolicyName="own-folder", PolicyDocument=document(own)
    )
    s3 = school.client("s3", key)
    assert s3.list_objects_v2(Bucket="homework-of-minji", Prefix="minji/")["KeyCount"] == 0
    with pytest.raises(ClientError) as denied:
        s3.list_objects_v2(Bucket="homework-of-minji", Prefix="jun/")
    assert denied.value.response["Error"]["Code"] == "AccessDenied"


def _prefix_holds_from_school(school: School) -> None:
    """The bucket's part of the policy, asked of the simulator from inside the range."""
    student = f"arn:aws:iam::{school.account_id}:user/minji"
    for folder, decision in (("minji/essay", "allowed"), ("jun/essay", "implicitDeny")):
        answer = school.client("iam").simulate_principal_policy(
            PolicySourceArn=student,
            ActionNames=["s3:ListBucket"],
            ResourceArns=["arn:aws:s3:::homework"],
            ContextEntries=[
                _entry("aws:SourceIp", "ip", "203.0.113.9"),
                _entry("s3:prefix", "string", folder),
            ],
        )
        assert answer["EvaluationResults"][0]["EvalDecision"] == decision


def _entry(name: str, kind: str, value: str) -> dict[str, Any]:
    return {"ContextKeyName": name, "ContextKeyType": kind, "ContextKeyValues": [value]}


def test_roles_across_accounts(meet: Meet, live_lab: LiveLab) -> None:
    """With an external ID through boto3, and without one through the console."""
    home, abroad = School(live_lab, 610000000003), School(live_lab, 610000000004)
    key = home.user("minji", policy=allow("sts:AssumeRole"))
    student_arn = f"arn:aws:iam::{home.account_id}:user/minji"
    iam = abroad.client("iam")
    iam.create_group(GroupName="abroad-group")
    for name, condition in (
        ("partner", {"StringEquals": {"sts:ExternalId": "blue-42"}}),
        ("visitor", {}),
    ):
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": student_arn},
            "Action": "sts:AssumeRole",
            **({"Condition": condition} if condition else {}),
        }
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
        iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")

    sts = home.client("sts", key)
    partner = {
        "RoleArn": f"arn:aws:iam::{abroad.account_id}:role/partner",
        "RoleSessionName": "lesson",
    }
    with pytest.raises(ClientError) as denied:
        sts.assume_role(**partner)
    assert denied.value.response["Error"]["Code"] == "AccessDenied"
    taken = sts.assume_role(**partner, ExternalId="blue-42")
    assert taken["AssumedRoleUser"]["Arn"].endswith(":assumed-role/partner/lesson")

    student = meet("student")
    student.sign_in(home.account_id, "minji")
    _switch(student, abroad.account_id, "partner")
    student.look("refused")
    assert student.path.startswith("/switch-role")
    _switch(student, abroad.account_id, "visitor")
    student.open("/iam/groups")
    student.look("abroad")
    assert student.reads("abroad-group")
    assert student.reads("파트너 학교")
    with student.page.expect_navigation():
        student.page.locator("form[action='/switch-back'] button").first.evaluate(
            "button => button.form.requestSubmit(button)"
        )
    student.open("/iam/groups")
    assert not student.reads("abroad-group")
    student.look("home-again")


def _switch(student: Person, account_id: str, role_name: str) -> None:
    student.open(f"/switch-role?roleName={role_name}&account={account_id}")
    student.type(display_name="파트너 학교")
    student.go_on()


def test_passwords_are_weak_and_grow_old(meet: Meet, live_lab: LiveLab) -> None:
    school = School(live_lab, 610000000005)
    teacher = meet("teacher")
    teacher.sign_in_as_root(school.email)
    teacher.open("/iam/account_settings/password_policy")
    teacher.choose("kind", "custom")
    teacher.type(minimum_password_length="12")
    teacher.tick("require_numbers")
    teacher.tick("expires")
    teacher.type(max_password_age="90")
    teacher.tick("allow_users_to_change_password")
    teacher.go_on()
    teacher.look("password-policy")

    teacher.make_user("minji", password="Weak-password")
    teacher.look("weak-password")
    assert teacher.path == "/iam/users/create"
    assert teacher.reads("PasswordPolicyViolation")
    teacher.make_user("minji", password=PASSWORD)

    student = meet("student")
    student.sign_in(school.account_id, "minji")
    expect(student.page).to_have_url(f"{live_lab.info['console_url']}/console/home")
    student.sign_out()
    _fast_forward(live_lab, school.account_id, days=91)
    student.sign_in(school.account_id, "minji")
    student.look("expired")
    assert student.path.startswith("/signin/change-password")
    student.open("/iam/users")
    assert student.path.startswith("/signin")
    student.sign_in(school.account_id, "minji")
    new = "Another-good-one-2026"
    student.type(old_password=PASSWORD, new_password=new, again=new)
    student.go_on()
    expect(student.page).to_have_url(f"{live_lab.info['console_url']}/console/home")


def _fast_forward(lab: LiveLab, account_id: str, *, days: int) -> None:
    code = (
        "from datetime import timedelta; from aws import accounts; from aws.models import Account; "
        f"accounts.fast_forward(Account.objects.get(pk='{account_id}'), timedelta(days={days}))"
    )
    lab.manage("shell", "-c", code)
