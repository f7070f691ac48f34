"""A user's console password: enable, change, disable, and end what it opened."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from console import flash
from console.requests import ConsoleRequest
from iam import operations
from iam.forms.users import ConsoleAccessForm
from iam.views import confirmation, permissions
from iam.views.holders import holder_of
from iam.views.security_credentials import password_rules
from iam.views.users import show_password


@never_cache
def console_access(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """Enables, changes or disables the user's console password; a new one is shown once."""
    holder = holder_of(request, user_name)
    form = ConsoleAccessForm(request.POST or None, ctx=request.ctx, user_name=holder.name)
    if request.method == "POST" and form.is_valid() and form.apply(request.ctx):
        flash.add(request, "success", _("Console access updated"), holder.name)
        if form.new_password:
            return show_password(request, holder.name, form.new_password)
        return redirect(holder.url)
    context = {"form": form, "holder": holder, "password_rules": password_rules(request)}
    status = 422 if form.errors else 200
    return render(request, "iam/user_console.html", context, status=status)


@require_POST
def sessions_revoke(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """Ends the user's sessions of before now, by the inline policy that AWS's console writes."""
    holder = holder_of(request, user_name)
    if not confirmation.is_agreed(request):
        return confirmation.ask(
            request,
            title=_("Revoke active console sessions?"),
            body=_(
                "An inline policy named AWSRevokeOlderSessions denies everything to sessions that "
                "began before now. The user can sign in again."
            ),
            names=[holder.name],
            submit_label=_("Revoke"),
            cancel_url=holder.url,
        )
    operations.put_user_policy(
        request.ctx,
        user_name=holder.name,
        policy_name="AWSRevokeOlderSessions",
        policy_document=permissions.revocation(request.ctx.now),
    )
    flash.add(request, "success", _("Active sessions revoked"), holder.name)
    return redirect(holder.url)
