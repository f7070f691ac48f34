"""Versions of a customer managed policy: writing, comparing, choosing, deleting."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aws.paging import everything
from console import flash
from console.requests import ConsoleRequest
from iam import operations, quotas
from iam.forms.policies import VersionForm
from iam.views import confirmation
from iam.views.documents import pretty
from iam.views.editor import Editor, default_document


@dataclass(frozen=True, slots=True)
class DiffLine:
    """sign: "-", "+" or "". numbers: of the line in the old and the new text, None where absent."""

    sign: str
    old: int | None
    new: int | None
    text: str


def tab(request: ConsoleRequest, arn: str) -> dict[str, Any]:
    """All versions; with ?from= and ?to= also how these two differ."""
    found = everything(operations.list_policy_versions, request.ctx, "Versions", policy_arn=arn)
    known = {version["VersionId"] for version in found}
    old, new = request.GET.get("from", ""), request.GET.get("to", "")
    context: dict[str, Any] = {"versions": found, "from": old, "to": new}
    if {old, new} <= known:
        context["diff"] = list(
            difference(_document(request, arn, old), _document(request, arn, new))
        )
    return context


def _document(request: ConsoleRequest, arn: str, version: str) -> str:
    answer = operations.get_policy_version(request.ctx, policy_arn=arn, version_id=version)
    return pretty(answer["PolicyVersion"]["Document"])


def difference(old_text: str, new_text: str) -> Iterator[DiffLine]:
    """Every line of both texts, in order."""
    old, new = old_text.splitlines(), new_text.splitlines()
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            for i, j in zip(range(i1, i2), range(j1, j2), strict=True):
                yield DiffLine("", i + 1, j + 1, old[i])
            continue
        for i in range(i1, i2):
            yield DiffLine("-", i + 1, None, old[i])
        for j in range(j1, j2):
            yield DiffLine("+", None, j + 1, new[j])


def policy_edit(request: ConsoleRequest, arn: str) -> HttpResponse:
    """Writes a new version, beginning with the text of the default one."""
    policy = operations.get_policy(request.ctx, policy_arn=arn)["Policy"]
    current = default_document(request.ctx, arn)
    editor = Editor(request, "managed", current)
    found = everything(operations.list_policy_versions, request.ctx, "Versions", policy_arn=arn)
    is_saved = request.method == "POST" and not editor.is_edit
    initial = {"delete_version": request.POST.get("delete_version", "")}
    form = VersionForm(request.POST if is_saved else None, versions=found, initial=initial)
    if is_saved and not editor.has_errors and form.is_valid() and form.save(request.ctx, arn):
        flash.add(request, "success", _("Policy updated"), policy["PolicyName"])
        return redirect("iam:policy-detail", arn=arn)
    context = {
        "editor": editor,
        "form": form,
        "policy": policy,
        "is_full": len(found) >= quotas.POLICY_VERSIONS,
        "max_versions": quotas.POLICY_VERSIONS,
        "is_refused": is_saved and editor.has_errors,
    }
    status = 422 if context["is_refused"] or form.errors else 200
    return render(request, "iam/policy_edit.html", context, status=status)


@require_POST
def version_update(request: ConsoleRequest, arn: str) -> HttpResponse:
    """action: default or delete, for the version of `version_id`."""
    which = {"policy_arn": arn, "version_id": request.POST.get("version_id", "")}
    back = reverse("iam:policy-detail", args=[arn]) + "?tab=versions"
    if request.POST.get("action") == "delete":
        if not confirmation.is_agreed(request):
            return confirmation.ask(
                request,
                title=_("Delete policy version?"),
                body=_("It cannot be undone. The default version stays in effect."),
                hidden=[("version_id", which["version_id"]), ("action", "delete")],
                names=[],
                cancel_url=back,
            )
        operations.delete_policy_version(request.ctx, **which)
        flash.add(request, "success", _("Policy version deleted"), which["version_id"])
    else:
        operations.set_default_policy_version(request.ctx, **which)
        flash.add(request, "success", _("Default policy version changed"), which["version_id"])
    return redirect(back)
