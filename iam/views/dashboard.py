"""The IAM dashboard: recommendations, counts, the account's alias and sign-in address."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from console import flash
from console.requests import ConsoleRequest
from iam import operations
from iam.forms.account import AliasForm
from iam.recommendations import recommendations
from iam.views.users import signin_url


def home(request: ConsoleRequest) -> HttpResponse:
    """Each box is filled where the principal may make its call; the others say so."""
    ctx = request.ctx
    summary: dict[str, Any] | None = None
    if ctx.allows("iam:GetAccountSummary"):
        summary = operations.get_account_summary(ctx)["SummaryMap"]
    context = {
        "summary": summary,
        "recommendations": recommendations(ctx, summary),
        "signin_url": signin_url(request),
        "alias_form": AliasForm(initial={"account_alias": request.account.alias or ""}),
    }
    return render(request, "iam/home.html", context)


@require_POST
def alias_edit(request: ConsoleRequest) -> HttpResponse:
    """Creates, changes or (when left empty) deletes the account's alias."""
    ctx, wanted = request.ctx, request.POST.get("account_alias", "").strip()
    if wanted:
        operations.create_account_alias(ctx, account_alias=wanted)
        flash.add(request, "success", _("Account alias created"), wanted)
    elif request.account.alias:
        operations.delete_account_alias(ctx, account_alias=request.account.alias)
        flash.add(request, "success", _("Account alias deleted"))
    return redirect("iam:home")
