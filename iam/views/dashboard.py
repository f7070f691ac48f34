"""The IAM dashboard: recommendations, counts, the account's alias and sign-in address."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from console import flash
from console.requests import ConsoleRequest
from console.sections import section
from iam import operations
from iam.forms.account import AliasForm
from iam.recommendations import recommendations
from iam.views import confirmation
from iam.views.users import signin_url


def home(request: ConsoleRequest) -> HttpResponse:
    """Each box is filled where the principal may make its call; the others say so."""
    summary = section(lambda: operations.get_account_summary(request.ctx)["SummaryMap"])
    found = recommendations(request.ctx, summary.value)
    context = {
        "summary": summary,
        "recommendations": found,
        "open_count": sum(not one.is_met for one in found),
        "signin_url": signin_url(request),
        "alias": request.account.alias or "",
    }
    return render(request, "iam/home.html", context)


def alias_edit(request: ConsoleRequest) -> HttpResponse:
    """Creates or changes the account's alias; HTMX asks for the preview of its address alone."""
    wanted = request.GET.get("account_alias", request.account.alias or "")
    form = AliasForm(request.POST or None, initial={"account_alias": wanted})
    if request.method == "POST" and form.is_valid() and form.save(request.ctx):
        alias = form.cleaned_data["account_alias"]
        flash.add(request, "success", _("Account alias saved"), alias)
        return redirect("iam:home")
    context = {"form": form, "preview": _preview(request, str(form["account_alias"].value()))}
    part = "preview" if "account_alias" in request.GET else "modal"
    template = f"iam/alias_edit.html#{part}" if request.htmx else "iam/alias_edit.html"
    return render(request, template, context, status=422 if form.errors else 200)


def _preview(request: ConsoleRequest, alias: str) -> str:
    return f"{request.scheme}://{request.get_host()}/{alias or request.account.account_id}/console"


@require_POST
def alias_delete(request: ConsoleRequest) -> HttpResponse:
    alias = request.account.alias
    if not alias:
        return redirect("iam:home")
    if not confirmation.is_agreed(request):
        return confirmation.ask(
            request,
            title=_("Delete account alias?"),
            body=_("IAM users then sign in with the account ID: %(url)s")
            % {"url": _preview(request, "")},
            names=[alias],
            cancel_url=reverse("iam:home"),
        )
    operations.delete_account_alias(request.ctx, account_alias=alias)
    flash.add(request, "success", _("Account alias deleted"), alias)
    return redirect("iam:home")
