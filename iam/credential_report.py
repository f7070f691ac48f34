"""The credential report: one CSV row for root and one for each user.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

import csv
import io
from collections.abc import Sequence
from datetime import datetime

from aws import clock
from aws.arn import iam_arn
from aws.models import Account
from iam import mfa, passwords
from iam.models import AccessKey, PasswordPolicy, User

COLUMNS = (
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    "access_key_1_active",
    "access_key_1_last_rotated",
    "access_key_1_last_used_date",
    "access_key_1_last_used_region",
    "access_key_1_last_used_service",
    "access_key_2_active",
    "access_key_2_last_rotated",
    "access_key_2_last_used_date",
    "access_key_2_last_used_region",
    "access_key_2_last_used_service",
    "cert_1_active",
    "cert_1_last_rotated",
    "cert_2_active",
    "cert_2_last_rotated",
)
ROOT = "<root_account>"
NONE, NEVER, UNSUPPORTED = "N/A", "no_information", "not_supported"
NO_CERTIFICATES = ["false", NONE, "false", NONE]
KEYS_SHOWN = 2
# AWS: the region of these has no meaning.
GLOBAL_SERVICES = {"s3"}


def write(account: Account) -> str:
    """The report as CSV, in four statements whatever the number of users."""
    policy = passwords.policy_of(account.account_id)
    users = User.objects.filter(account=account).select_related("login_profile")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerow(_root_row(account))
    ordered = users.prefetch_related("access_keys", "mfa_devices")
    writer.writerows(_user_row(user, policy) for user in sorted(ordered, key=_name))
    return text.getvalue()


def _name(user: User) -> str:
    return user.user_name.lower()


def _root_row(account: Account) -> list[str]:
    keys = AccessKey.objects.filter(account=account, user=None)
    return [
        ROOT,
        iam_arn(account.account_id, "root"),
        clock.isoformat(account.created_at),
        "true",
        _moment(account.password_last_used, NEVER),
        UNSUPPORTED,
        UNSUPPORTED,
        _flag(mfa.devices_of(account.account_id, None).exists()),
        *_key_columns(list(keys)),
        *NO_CERTIFICATES,
    ]


def _user_row(user: User, policy: PasswordPolicy | None) -> list[str]:
    devices = user.mfa_devices.all()
    return [
        user.user_name,
        user.arn,
        clock.isoformat(user.created_at),
        *_password_columns(user, policy),
        _flag(any(device.enabled_at for device in devices)),
        *_key_columns(list(user.access_keys.all())),
        *NO_CERTIFICATES,
    ]


def _password_columns(user: User, policy: PasswordPolicy | None) -> list[str]:
    profile = getattr(user, "login_profile", None)
    if profile is None:
        return ["false", NONE, NONE, NONE]
    return [
        "true",
        _moment(profile.last_used, NEVER),
        clock.isoformat(profile.last_changed),
        _moment(passwords.expires_at(profile, policy), NONE),
    ]


def _key_columns(keys: Sequence[AccessKey]) -> list[str]:
    shown: list[str] = []
    for key in sorted(keys, key=lambda key: (key.created_at, key.pk)):
        region = NONE if key.last_used_service in GLOBAL_SERVICES else key.last_used_region
        shown += [
            _flag(key.status == AccessKey.Status.ACTIVE),
            clock.isoformat(key.created_at),
            _moment(key.last_used_at, NONE),
            region or NONE,
            key.last_used_service or NONE,
        ]
    missing = KEYS_SHOWN - len(keys)
    return shown + ["false", NONE, NONE, NONE, NONE] * missing


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _moment(moment: datetime | None, otherwise: str) -> str:
    return clock.isoformat(moment) if moment else otherwise
