"""The commands that scripts and instructors set a lab up with."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import User as Instructor
from django.core.management import CommandError, call_command
from django.utils import translation

from aws.models import Account
from iam.models import AccessKey, User
from iam.passwords import authenticate_root
from tests.boto import boto
from tests.factories import PASSWORD
from tests.live import ROOT, LiveLab

KEY = ("AKIASCRIPTSCRIPT0001", "script/secret+0123456789abcdefghijklmnop")
WANTED = {"name": "Class 3-1", "email": "class31@example.com", "password": PASSWORD}

pytestmark = pytest.mark.django_db


def run(command: str, *arguments: str, **options: Any) -> str:
    out = StringIO()
    with translation.override("en"):
        call_command(command, *arguments, stdout=out, **options)
    return out.getvalue()


def create(**changes: Any) -> dict[str, Any]:
    created: dict[str, Any] = json.loads(
        run("create_account", **(WANTED | {"json": True} | changes))
    )
    return created


class TestCreateAccount:
    def test_its_root_signs_in_and_calls_with_the_key(self) -> None:
        created = create(account_id="123412341234", root_access_key=":".join(KEY))
        assert created["account_id"] == "123412341234"
        assert authenticate_root(WANTED["email"], PASSWORD) == Account.objects.get()
        answer = boto("sts", *KEY).get_caller_identity()
        assert answer["Arn"] == "arn:aws:iam::123412341234:root"

    def test_without_json_it_says_the_id(self) -> None:
        said = run("create_account", **WANTED)
        assert Account.objects.get().account_id in said

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"password": "short"}, "Password"),
            ({"email": "nobody"}, "valid e-mail address"),
            ({"account_id": "12"}, "12 digits"),
            ({"root_access_key": "AKIA:x"}, "access key ID has 16 to 128"),
            ({"root_access_key": f"{KEY[0]}:short"}, "secret access key has"),
        ],
    )
    def test_a_bad_value_is_one_sentence_and_nothing_is_made(
        self, changes: dict[str, str], sentence: str
    ) -> None:
        with pytest.raises(CommandError, match=sentence):
            create(**changes)
        assert not Account.objects.exists()

    def test_a_taken_key_id_makes_no_account(self) -> None:
        create(root_access_key=":".join(KEY))
        with pytest.raises(CommandError, match="is taken"):
            create(email="other@example.com", root_access_key=":".join(KEY))
        assert Account.objects.count() == 1


class TestResetAccount:
    def test_all_goes_but_the_account(self, account: Account, alice: User) -> None:
        account.alias = "kept"
        account.save()
        run("reset_account", account.pk, yes=True)
        assert not User.objects.exists()
        assert not AccessKey.objects.exists()
        assert Account.objects.get().alias == "kept"

    def test_it_asks_first(
        self, account: Account, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for answer in (lambda question: "no", mock.Mock(side_effect=EOFError)):
            monkeypatch.setattr("builtins.input", answer)
            with pytest.raises(CommandError, match="Nothing was changed"):
                run("reset_account", account.pk)
        assert User.objects.count() == 1

    def test_an_unknown_account_is_said(self) -> None:
        with pytest.raises(CommandError, match="no account 999999999999"):
            run("reset_account", "999999999999", yes=True)


class TestCreateInstructor:
    def test_they_may_use_the_admin_site_and_are_no_principal(self) -> None:
        said = run("create_instructor", username="kim", password=PASSWORD, json=True)
        assert json.loads(said) == {"username": "kim"}
        instructor = Instructor.objects.get()
        assert instructor.is_staff
        assert instructor.check_password(PASSWORD)
        assert not User.objects.exists()

    @pytest.mark.parametrize(
        ("username", "password", "sentence"),
        [("kim", "password", "common"), ("a b", PASSWORD, "valid username")],
    )
    def test_a_bad_value_is_one_sentence(self, username: str, password: str, sentence: str) -> None:
        with pytest.raises(CommandError, match=f"(?i){sentence}"):
            run("create_instructor", username=username, password=password)
        assert not Instructor.objects.exists()

    def test_a_taken_name_is_said(self) -> None:
        run("create_instructor", username="kim", password=PASSWORD)
        with pytest.raises(CommandError, match="already exists"):
            run("create_instructor", username="kim", password=PASSWORD)


@pytest.mark.slow
def test_without_a_lab_they_say_so_in_one_sentence(tmp_path: Path) -> None:
    not_given = ("DATABASE_URL", "REDIS_URL")
    environment = {key: os.environ[key] for key in os.environ if key not in not_given}
    done = subprocess.run(
        [sys.executable, "manage.py", "reset_account", "111122223333", "--yes"],
        cwd=ROOT,
        env=environment | {"LAB_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "start the lab first" in done.stderr


@pytest.mark.slow
@pytest.mark.lab
def test_they_reach_the_database_of_a_running_lab(live_lab: LiveLab) -> None:
    """With LAB_DATA alone: the embedded servers' addresses are found there."""
    typed = ["--name", "Scripted", "--email", "scripted@example.com", "--password", PASSWORD]
    made = live_lab.manage("create_account", *typed, "--json")
    account_id = json.loads(made)["account_id"]
    assert "is empty" in live_lab.manage("reset_account", account_id, "--yes")
    live_lab.manage("create_instructor", "--username", "scripted", "--password", PASSWORD)
    refused = subprocess.run(
        [sys.executable, "manage.py", "create_account", *typed],
        cwd=ROOT,
        env=live_lab.environment,
        capture_output=True,
        text=True,
    )
    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [
        "CommandError: An account with this e-mail address already exists."
    ]
