"""Account settings and the credential report."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from console import flash
from console.requests import ConsoleRequest
from iam import operations
from iam.errors import NoSuchEntity, ReportExpired, ReportInProgress, ReportNotPresent
from iam.forms.account import PasswordPolicyForm


def settings(request: ConsoleRequest) -> HttpResponse:
    """The password policy, and its editor."""
    ctx = request.ctx
    try:
        policy = operations.get_account_password_policy(ctx)["PasswordPolicy"]
    except NoSuchEntity:
        policy = None
    form = PasswordPolicyForm(request.POST or None, initial=_initial(policy))
    if request.method == "POST" and form.is_valid() and form.save(ctx):
        flash.add(request, "success", _("Password policy updated"))
        return redirect("iam:account-settings")
    context = {"form": form, "policy": policy, "editing": bool(request.GET.get("edit"))}
    status = 422 if form.errors else 200
    return render(request, "iam/account_settings.html", context, status=status)


def _initial(policy: dict[str, object] | None) -> dict[str, object]:
    if policy is None:
        return {"kind": "default"}
    names = {
        "MinimumPasswordLength": "minimum_password_length",
        "RequireSymbols": "require_symbols",
        "RequireNumbers": "require_numbers",
        "RequireUppercaseCharacters": "require_uppercase_characters",
        "RequireLowercaseCharacters": "require_lowercase_characters",
        "AllowUsersToChangePassword": "allow_users_to_change_password",
        "MaxPasswordAge": "max_password_age",
        "PasswordReusePrevention": "password_reuse_prevention",
        "HardExpiry": "hard_expiry",
    }
    typed = {names[key]: value for key, value in policy.items() if key in names}
    return {"kind": "custom", **typed}


def credential_report(request: ConsoleRequest) -> HttpResponse:
    """POST asks for a report; the page follows it until it can be downloaded."""
    ctx, report, state = request.ctx, None, ""
    if request.method == "POST":
        operations.generate_credential_report(ctx)
        return redirect("iam:credential-report")
    try:
        report = operations.get_credential_report(ctx)
    except (ReportNotPresent, ReportExpired, ReportInProgress) as missing:
        state = missing.code
    return render(request, "iam/credential_report.html", {"report": report, "state": state})


def credential_report_csv(request: ConsoleRequest) -> HttpResponse:
    report = operations.get_credential_report(request.ctx)
    stamp = report["GeneratedTime"].strftime("%Y_%m_%dT%H_%M_%S")
    name = f"status_reports_{stamp}.csv"
    return HttpResponse(
        report["Content"],
        content_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
