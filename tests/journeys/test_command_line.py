"""The real `aws` program and boto3 over a socket, against a whole running lab."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.live import LiveLab

pytestmark = [pytest.mark.slow, pytest.mark.lab]

ACCOUNT_ID = "123412341234"
KEY = ("AKIAJOURNEYEXAMPLE01", "journey/secret+key0123456789abcdefghij12")


@pytest.fixture(scope="module")
def account(live_lab: LiveLab) -> dict[str, Any]:
    """An account with a root access key, made as a script makes it."""
    answer = live_lab.manage(
        "create_account",
        *("--name", "Command line", "--email", "cli@example.com"),
        *("--password", "Correct-horse-battery-9", "--account-id", ACCOUNT_ID),
        *("--root-access-key", ":".join(KEY), "--json"),
    )
    created: dict[str, Any] = json.loads(answer)
    return created


def aws(lab: LiveLab, *arguments: str, key: tuple[str, str] = KEY) -> Any:
    """The answer of the AWS CLI. Raises CalledProcessError, with what it printed."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(lab.data),
        "AWS_ACCESS_KEY_ID": key[0],
        "AWS_SECRET_ACCESS_KEY": key[1],
        "AWS_DEFAULT_REGION": "ap-northeast-2",
        "AWS_ENDPOINT_URL": lab.info["api_url"].replace("localhost", "127.0.0.1"),
    }
    program = Path(sys.executable).with_name("aws")
    done = subprocess.run(
        [program, *arguments, "--output", "json"], env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, arguments, done.stdout, done.stderr)
    return json.loads(done.stdout or "null")


def client(lab: LiveLab, service: str, key: tuple[str, str] = KEY) -> Any:
    return boto3.client(
        service,
        region_name="ap-northeast-2",
        endpoint_url=f"http://127.0.0.1:{lab.info['api_port']}",
        aws_access_key_id=key[0],
        aws_secret_access_key=key[1],
    )


def test_a_scripted_account_answers_with_its_own_id(
    live_lab: LiveLab, account: dict[str, Any]
) -> None:
    assert account["account_id"] == ACCOUNT_ID
    identity = aws(live_lab, "sts", "get-caller-identity")
    assert identity["Account"] == ACCOUNT_ID
    assert identity["Arn"] == f"arn:aws:iam::{ACCOUNT_ID}:root"


def test_the_cli_makes_a_user_whom_boto3_sees_and_policies_bind(
    live_lab: LiveLab, account: dict[str, Any]
) -> None:
    aws(live_lab, "iam", "create-user", "--user-name", "minji", "--tags", "Key=team,Value=blue")
    aws(live_lab, "iam", "create-group", "--group-name", "readers")
    aws(
        live_lab,
        *("iam", "attach-group-policy", "--group-name", "readers"),
        *("--policy-arn", "arn:aws:iam::aws:policy/IAMReadOnlyAccess"),
    )
    aws(live_lab, "iam", "add-user-to-group", "--group-name", "readers", "--user-name", "minji")
    made = aws(live_lab, "iam", "create-access-key", "--user-name", "minji")["AccessKey"]
    key = (made["AccessKeyId"], made["SecretAccessKey"])

    iam = client(live_lab, "iam", key)
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["minji"]
    assert iam.get_user()["User"]["Tags"] == [{"Key": "team", "Value": "blue"}]
    with pytest.raises(ClientError) as denied:
        iam.create_user(UserName="another")
    error = denied.value.response["Error"]
    assert error["Code"] == "AccessDenied"
    assert f"arn:aws:iam::{ACCOUNT_ID}:user/minji is not authorized" in error["Message"]
    assert "no identity-based policy allows" in error["Message"]

    with pytest.raises(subprocess.CalledProcessError) as refused:
        aws(live_lab, "iam", "delete-group", "--group-name", "readers", key=key)
    assert "(AccessDenied) when calling the DeleteGroup operation" in refused.value.stderr


def test_the_paginator_of_the_cli_follows_our_markers(
    live_lab: LiveLab, account: dict[str, Any]
) -> None:
    for number in range(5):
        client(live_lab, "iam").create_user(UserName=f"many-{number}", Path="/many/")
    answer = aws(live_lab, "iam", "list-users", "--path-prefix", "/many/", "--page-size", "2")
    assert [user["UserName"] for user in answer["Users"]] == [f"many-{n}" for n in range(5)]


def test_every_call_is_in_the_event_history(live_lab: LiveLab, account: dict[str, Any]) -> None:
    client(live_lab, "iam").list_groups()
    looked_up = aws(
        live_lab,
        *("cloudtrail", "lookup-events", "--lookup-attributes"),
        "AttributeKey=EventName,AttributeValue=ListGroups",
    )
    record = json.loads(looked_up["Events"][0]["CloudTrailEvent"])
    assert record["userIdentity"]["type"] == "Root"
    assert record["sourceIPAddress"] == "127.0.0.1"
    assert "Boto3" in record["userAgent"]
    assert record["eventType"] == "AwsApiCall"


def test_a_wrong_secret_is_refused_and_an_unknown_key_too(
    live_lab: LiveLab, account: dict[str, Any]
) -> None:
    for key, code in (
        ((KEY[0], "wrong"), "SignatureDoesNotMatch"),
        (("AKIAUNKNOWNUNKNOWN00", "x"), "InvalidClientTokenId"),
    ):
        with pytest.raises(ClientError) as refused:
            client(live_lab, "sts", key).get_caller_identity()
        assert refused.value.response["Error"]["Code"] == code


def test_a_reset_empties_the_account_and_keeps_its_root(
    live_lab: LiveLab, account: dict[str, Any]
) -> None:
    live_lab.manage("reset_account", ACCOUNT_ID, "--yes")
    with pytest.raises(ClientError) as refused:
        client(live_lab, "iam").list_users()
    assert refused.value.response["Error"]["Code"] == "InvalidClientTokenId"
