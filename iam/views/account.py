"""Account settings (password policy, STS), the credential report, identity providers."""

import csv
import io
from typing import Any

from django.conf import settings as lab
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from aws.regions import REGIONS
from console import flash
from console.requests import ConsoleRequest
from console.sections import section
from iam import operations
from iam.errors import NoSuchEntity, ReportExpired, ReportInProgress, ReportNotPresent
from iam.forms.account import PasswordPolicyForm

REPORT_ROWS_SHOWN = 50
MISSING = (ReportNotPresent, ReportExpired, ReportInProgress)
_POLICY_FIELDS = {
    "MinimumPasswordLength": "minimum_password_length",
    "RequireSymbols": "require_symbols",
    "RequireNumbers": "require_numbers",
    "RequireUppercaseCharacters": "require_uppercase_characters",
    "RequireLowercaseCharacters": "require_lowercase_characters",
    "AllowUsersToChangePassword": "allow_users_to_change_password",
    "ExpirePasswords": "expires",
    "MaxPasswordAge": "max_password_age",
    "PasswordReusePrevention": "password_reuse_prevention",
    "HardExpiry": "hard_expiry",
}


def settings(request: ConsoleRequest) -> HttpResponse:
    """The password policy, and how STS works here."""
    context = {
        "policy": section(lambda: _password_policy(request)),
        "sts_url": lab.LAB_API_URL,
        "all_regions": REGIONS,
    }
    return render(request, "iam/account_settings.html", context)


def password_policy_edit(request: ConsoleRequest) -> HttpResponse:
    initial = _initial(_password_policy(request))
    form = PasswordPolicyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and form.save(request.ctx):
        flash.add(request, "success", _("Password policy updated"))
        return redirect("iam:account-settings")
    status = 422 if form.errors else 200
    return render(request, "iam/password_policy_edit.html", {"form": form}, status=status)


def _password_policy(request: ConsoleRequest) -> dict[str, Any] | None:
    """None: AWS's default rules."""
    try:
        policy: dict[str, Any] = operations.get_account_password_policy(request.ctx)
    except NoSuchEntity:
        return None
    return policy["PasswordPolicy"]  # type: ignore[no-any-return]


def _initial(policy: dict[str, Any] | None) -> dict[str, Any]:
    if policy is None:
        return {"kind": "default"}
    typed = {_POLICY_FIELDS[key]: value for key, value in policy.items()}
    return {"kind": "custom", "remembers": "PasswordReusePrevention" in policy, **typed}


def credential_report(request: ConsoleRequest) -> HttpResponse:
    """POST asks for a report; the page follows it until it can be downloaded."""
    if request.method == "POST":
        operations.generate_credential_report(request.ctx)
        return redirect("iam:credential-report")
    context: dict[str, Any] = {"report": None, "state": ""}
    try:
        report = operations.get_credential_report(request.ctx)
        context = {"report": report, **_table(report["Content"].decode())}
    except MISSING as missing:
        context["state"] = missing.code
    template = "iam/credential_report.html"
    return render(request, f"{template}#report" if request.htmx else template, context)


def _table(content: str) -> dict[str, Any]:
    """The first rows of a report, for looking at without a spreadsheet."""
    header, *rows = csv.reader(io.StringIO(content))
    return {"header": header, "rows": rows[:REPORT_ROWS_SHOWN], "count": len(rows)}


@never_cache
def credential_report_csv(request: ConsoleRequest) -> HttpResponse:
    try:
        report = operations.get_credential_report(request.ctx)
    except MISSING:
        return redirect("iam:credential-report")
    stamp = report["GeneratedTime"].strftime("%Y_%m_%dT%H_%M_%S")
    name = f"status_reports_{stamp}.csv"
    return HttpResponse(
        report["Content"],
        content_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def identity_providers(request: ConsoleRequest) -> HttpResponse:
    """Not offered here, and the page says what they are for."""
    return render(request, "iam/identity_providers.html")
