"""My security credentials: one's own password, MFA devices and access keys (user or root)."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from console import flash
from console.requests import ConsoleRequest
from console.sections import section
from iam import operations
from iam.errors import NoSuchEntity
from iam.forms.account import OwnPasswordForm
from iam.views import keys, mfa
from iam.views.holders import holder_of


def own(request: ConsoleRequest) -> HttpResponse:
    """Each part is there where the principal may read it about itself. A role session has no
    credentials of its own; the page says so."""
    if request.principal.kind not in ("root", "user"):
        return render(request, "iam/security_credentials.html", {"is_session": True})
    holder = holder_of(request, "")
    user = section(lambda: operations.get_user(request.ctx, **holder.who)["User"])
    context: dict[str, Any] = {
        "is_root": holder.is_root,
        "user": user.value or {},
        "password_rules": password_rules(request),
        **mfa.devices_context(request, holder),
        **keys.keys_context(request, holder, (user.value or {}).get("Tags", [])),
    }
    return render(request, "iam/security_credentials.html", context)


@never_cache
def password_change(request: ConsoleRequest) -> HttpResponse:
    if request.principal.kind not in ("root", "user"):
        raise Http404
    form = OwnPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.save(request.ctx):
        flash.add(request, "success", _("Password changed"))
        return redirect("iam:security-credentials")
    context = {"form": form, "password_rules": password_rules(request)}
    status = 422 if form.errors else 200
    return render(request, "iam/password_change.html", context, status=status)


def password_rules(request: ConsoleRequest) -> dict[str, Any] | None:
    """The account's policy; None where AWS's default rules (for root always), or may not be read:
    what is not allowed is then told by the refusal."""
    if request.principal.kind == "root":
        return None
    try:
        policy = section(lambda: operations.get_account_password_policy(request.ctx))
    except NoSuchEntity:
        return None
    return policy.value["PasswordPolicy"] if policy.value else None
