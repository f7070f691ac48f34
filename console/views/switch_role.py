"""Switching to a role in the console, and back.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-console.html
"""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from aws.arn import iam_arn
from aws.context import Context
from aws.errors import AwsError, OptInRequired
from aws.identity import SuspendedAccount
from console import preferences, sessions, sign_in, sign_in_events
from console.forms.switch_role import SwitchRoleForm
from console.middleware import denied_link
from console.requests import ConsoleRequest, context_of
from console.shell import MAX_ROLES
from iam import operations
from iam.credentials import session_principal
from iam.models import Role
from iam.sessions import open_token

SHORTEST_SECONDS, DEFAULT_SECONDS = 900, 3600
# An account that is not there is refused as one that does not trust the person.
NO_ACCOUNT = "000000000000"
INVALID = _(
    "Invalid information in one or more fields. Check your information or contact your "
    "administrator."
)


def switch_role(request: ConsoleRequest) -> HttpResponse:
    """?roleName= and ?account= fill the form, as in the links that the role's page hands out."""
    if request.person.kind == "root":
        return render(request, "signin/switch_role_root.html", status=403)
    form = SwitchRoleForm(request.POST or None, initial=_wanted(request))
    if request.method == "POST" and form.is_valid():
        try:
            _take(request, form.cleaned_data)
            return redirect(sign_in.HOME)
        except AwsError as error:
            form.aws_error = error
            form.add_error(None, INVALID)
    why = denied_link(form.aws_error) if form.aws_error else ""
    context = {"form": form, "why": why}
    return render(request, "signin/switch_role.html", context, status=422 if form.errors else 200)


@require_POST
def switch_back(request: ConsoleRequest) -> HttpResponse:
    sessions.leave_role(request.session)
    return redirect(sign_in.HOME)


def _wanted(request: ConsoleRequest) -> dict[str, str]:
    query = request.GET
    return {
        "account": query.get("account", ""),
        "role_name": query.get("roleName", ""),
        "display_name": query.get("displayName", ""),
        "color": query.get("color", ""),
    }


def _take(request: ConsoleRequest, wanted: dict[str, Any]) -> None:
    """Raises AwsError: the person may not assume the role, or it is not there."""
    account = sign_in.find_account(wanted["account"])
    account_id = account.account_id if account else NO_ACCOUNT
    role_name = wanted["role_name"].lstrip("/")
    ctx = _context_of_person(request)
    answer = operations.assume_role(
        ctx,
        role_arn=iam_arn(account_id, f"role/{role_name}"),
        role_session_name=request.person.name.ljust(2, "-"),  # AWS: 2 to 64 characters
        duration_seconds=_seconds(ctx, account_id, role_name),
    )
    token = answer["Credentials"]["SessionToken"]
    details = {**wanted, "account": account_id, "role_name": role_name}
    try:
        role = session_principal(open_token(token))[0]
    except SuspendedAccount:
        raise OptInRequired(account_id=account_id) from None
    request.session.cycle_key()
    sessions.take_role(request.session, token, details)
    sign_in_events.switch_role(request, role, request.person.arn)
    known = [one for one in request.console_settings["roles"] if not _is_same(one, details)]
    preferences.write(request.person, roles=[details, *known][:MAX_ROLES])


def _context_of_person(request: ConsoleRequest) -> Context:
    """Who signed in decides, also from within another role."""
    person, offset = sessions.person(request.session)
    return context_of(request, person, region=request.region, offset=offset)


def _seconds(ctx: Context, account_id: str, role_name: str) -> int:
    """As long as the role allows, within what is left of the person's own session."""
    path, _slash, name = f"/{role_name}".rpartition("/")
    role = Role.objects.filter(account_id=account_id, role_name=name, path=f"{path}/").first()
    longest = role.max_session_duration if role else DEFAULT_SECONDS
    end = ctx.principal.expires_at
    left = int((end - ctx.now).total_seconds()) if end else longest
    return max(SHORTEST_SECONDS, min(longest, left))


def _is_same(one: dict[str, str], other: dict[str, str]) -> bool:
    return all(one[key] == other[key] for key in ("account", "role_name"))
