"""Sign-in events of the event history, as CloudTrail records them.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
"""

from typing import Any

from django.http import HttpRequest

from aws.addresses import client_address
from aws.arn import iam_arn
from aws.events import HIDDEN
from aws.identity import Principal
from aws.models import Account, Event
from aws.regions import GLOBAL_REGION
from iam.models import User

SOURCE = "signin.amazonaws.com"
FAILED = "Failed authentication"
UNKNOWN_USER = "No username found in supplied account"
VIRTUAL_MFA = "Virtual MFA"
Holder = Account | User


def console_login(
    request: HttpRequest, holder: Holder, *, used_mfa: bool = False, error: str = "", **more: Any
) -> None:
    """A sign-in of a user or root. error: why it failed. more: further additionalEventData."""
    details = {
        "LoginTo": request.build_absolute_uri("/console/home"),
        "MobileVersion": "No",
        "MFAUsed": "Yes" if used_mfa else "No",
    }
    _record(request, "ConsoleLogin", _identity(holder), error=error, details=details | more)


def console_login_of_unknown(request: HttpRequest, account: Account) -> None:
    """Somebody typed a user name that is not there; it may be a password, so it is hidden."""
    identity = {
        "type": "IAMUser",
        "accountId": account.account_id,
        "accessKeyId": "",
        "userName": HIDDEN,
    }
    details = {"MobileVersion": "No", "MFAUsed": "No"}
    _record(request, "ConsoleLogin", identity, error=UNKNOWN_USER, details=details)


def check_mfa(request: HttpRequest, holder: Holder, *, error: str = "") -> None:
    details = {"MfaType": VIRTUAL_MFA}
    _record(request, "CheckMfa", _identity(holder), error=error, details=details)


def switch_role(request: HttpRequest, role: Principal, switched_from: str) -> None:
    """In the role's account. switched_from: ARN of the person."""
    identity = {
        "type": "AssumedRole",
        "principalId": role.user_id,
        "arn": role.arn,
        "accountId": role.account_id,
    }
    details = {
        "RedirectTo": request.build_absolute_uri("/console/home"),
        "SwitchFrom": switched_from,
    }
    _record(request, "SwitchRole", identity, details=details, user_name=role.name)


def password_recovery(request: HttpRequest, account: Account, step: str) -> None:
    """step: "Requested" or "Completed"."""
    _record(request, f"PasswordRecovery{step}", _identity(account), details=None)


def opened_by_instructor(request: HttpRequest, account: Account, instructor: str) -> None:
    """An instructor signed a browser in as root. AWS has no such event; students see it here."""
    identity = _identity(account) | {"sessionContext": {"sourceIdentity": instructor}}
    details = {"MFAUsed": "No", "OpenedByInstructor": instructor}
    _record(request, "ConsoleLogin", identity, details=details)


def _identity(holder: Holder) -> dict[str, Any]:
    """CloudTrail's userIdentity. A sign-in has no access key yet."""
    if isinstance(holder, Account):
        return {
            "type": "Root",
            "principalId": holder.account_id,
            "arn": iam_arn(holder.account_id, "root"),
            "accountId": holder.account_id,
            "accessKeyId": "",
        }
    return {
        "type": "IAMUser",
        "principalId": holder.user_id,
        "arn": holder.arn,
        "accountId": holder.account_id,
        "accessKeyId": "",
        "userName": holder.user_name,
    }


def _record(
    request: HttpRequest,
    name: str,
    identity: dict[str, Any],
    *,
    details: dict[str, Any] | None,
    error: str = "",
    user_name: str = "",
) -> None:
    account = Account.objects.only("clock_offset").get(pk=identity["accountId"])
    Event.objects.create(
        account_id=account.account_id,
        region=GLOBAL_REGION,
        event_time=account.now,
        event_source=SOURCE,
        event_name=name,
        read_only=False,
        source="console",
        user_name=user_name or identity.get("userName", "root"),
        user_identity=identity,
        source_ip=client_address(request.META)[:64],
        user_agent=request.headers.get("User-Agent", "").replace("\x00", "\ufffd")[:256],
        request_id=request.request_id,  # type: ignore[attr-defined]
        response_elements={name: "Failure" if error else "Success"},
        additional_event_data=details,
        error_message=error,
    )
