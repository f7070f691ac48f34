"""AWS's policy "allow nothing but setting MFA up, without MFA", from the first sign-in to STS.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html
"""

import json
import re
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from django.test import Client

from aws import clock
from aws.errors import AccessDenied
from aws.identity import lookup_credentials
from aws.models import Account
from iam.models import MFADevice, User
from iam.operations import get_session_token, list_users
from tests import factories

WITHOUT_MFA = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "DenyAllExceptListedIfNoMFA",
                "Effect": "Deny",
                "NotAction": [
                    "iam:CreateVirtualMFADevice",
                    "iam:EnableMFADevice",
                    "iam:GetUser",
                    "iam:GetMFADevice",
                    "iam:ListMFADevices",
                    "iam:ListVirtualMFADevices",
                    "iam:ResyncMFADevice",
                    "sts:GetSessionToken",
                ],
                "Resource": "*",
                "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
            }
        ],
    }
)


@pytest.fixture
def minji(account: Account) -> User:
    """May do everything with MFA, and set MFA up without."""
    return factories.user(
        account, "minji", policy_arns=[factories.ADMINISTRATOR], policies=[WITHOUT_MFA]
    )


def set_up_mfa(page: Client) -> str:
    """Through the wizard; the authenticator app's secret."""
    address = "/iam/security_credentials/mfa/add"
    shown = page.post(address, {"name": "phone"}).content.decode()
    secret = str(re.findall(r"\b[A-Z2-7]{32,}\b", shown)[0])
    sealed = re.findall(r'name="device" value="([^"]+)"', shown)[0]
    totp, now = pyotp.TOTP(secret), int(clock.real_now().timestamp())
    codes = {"code1": totp.at(now - 30), "code2": totp.at(now)}
    assert page.post(address, {"device": sealed, **codes}).status_code == 302
    return secret


def test_the_console_opens_after_mfa_and_no_sooner(
    minji: User, console: Callable[..., Client]
) -> None:
    page = console(minji)
    assert page.get("/iam/users").status_code == 403
    set_up_mfa(page)
    assert MFADevice.objects.get().user == minji
    assert page.get("/iam/users").status_code == 403
    with_mfa = console(minji, mfa_authenticated_at=clock.real_now())
    assert with_mfa.get("/iam/users").status_code == 200


def test_a_long_term_key_needs_a_session_with_a_code(
    minji: User, console: Callable[..., Client]
) -> None:
    secret = set_up_mfa(console(minji))
    long_term = factories.ctx_for(minji)
    with pytest.raises(AccessDenied, match="explicit deny in an identity-based policy"):
        list_users(long_term)
    proof: dict[str, Any] = {
        "serial_number": MFADevice.objects.get().serial_number,
        "token_code": pyotp.TOTP(secret).at(int(clock.real_now().timestamp()) + 30),
    }
    key = get_session_token(long_term, **proof)["Credentials"]
    session = lookup_credentials(key["AccessKeyId"], key["SessionToken"]).principal
    assert list_users(factories.ctx_for(session))
