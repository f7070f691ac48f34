"""Policies: the list, the JSON editor, one policy's tabs."""

import json
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aws.paging import everything
from console import flash
from console.listing import listing
from console.requests import ConsoleRequest
from iam import managed_policies, operations, removal
from iam.forms.policies import PolicyForm, VersionForm
from iam.views import permissions

TABS = ("permissions", "entities", "tags", "versions")
SCOPES = {"": "All", "aws": "AWS", "local": "Local"}
EMPTY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "Statement1", "Effect": "Allow", "Action": [], "Resource": []}],
    },
    indent=2,
)


def policy_list(request: ConsoleRequest) -> HttpResponse:
    scope = request.GET.get("type", "")
    scope = scope if scope in SCOPES else ""
    rows = everything(
        operations.list_policies, request.ctx, "Policies", scope=SCOPES[scope], max_items=1000
    )
    table = listing(
        request,
        rows,
        search=lambda row: f"{row['PolicyName']} {row.get('Description', '')}",
        columns={
            "name": lambda row: row["PolicyName"],
            "used": lambda row: row["AttachmentCount"],
        },
        default_sort="name",
        keep=["type"],
    )
    context = {
        "table": table,
        "scope": scope,
        "policies": [(row, kind_of(row)) for row in table.rows],
    }
    template = "iam/policy_list.html#rows" if request.htmx else "iam/policy_list.html"
    return render(request, template, context)


def kind_of(policy: dict[str, Any]) -> str:
    """The table's Type: "job-function", "aws" or "customer"."""
    if policy["Arn"].startswith("arn:aws:iam::aws:policy/job-function/"):
        return "job-function"
    return "aws" if policy["Arn"].startswith("arn:aws:iam::aws:") else "customer"


def policy_create(request: ConsoleRequest) -> HttpResponse:
    """The editor; ?document= opens it with a suggested policy."""
    initial = {"document": request.GET.get("document") or EMPTY}
    form = PolicyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        answer = form.submit(
            operations.create_policy,
            request.ctx,
            policy_name=form.cleaned_data["policy_name"],
            description=form.cleaned_data["description"] or None,
            policy_document=form.cleaned_data["document"],
            tags=form.tag_rows or None,
        )
        if answer is not None:
            policy = answer["Policy"]
            flash.add(request, "success", _("Policy created"), policy["PolicyName"])
            return redirect("iam:policy-detail", arn=policy["Arn"])
    status = 422 if form.errors else 200
    return render(request, "iam/policy_create.html", {"form": form}, status=status)


def policy_detail(request: ConsoleRequest, arn: str) -> HttpResponse:
    ctx = request.ctx
    policy = operations.get_policy(ctx, policy_arn=arn)["Policy"]
    tab = request.GET.get("tab", "permissions")
    tab = tab if tab in TABS else "permissions"
    context: dict[str, Any] = {
        "policy": policy,
        "kind": kind_of(policy),
        "tab": tab,
        "tabs": TABS,
        "is_aws_managed": managed_policies.document(arn) is not None,
    }
    if tab == "permissions":
        version = request.GET.get("version", policy["DefaultVersionId"])
        answer = operations.get_policy_version(ctx, policy_arn=arn, version_id=version)
        context["version"] = answer["PolicyVersion"]
        context["document"] = permissions.pretty(answer["PolicyVersion"]["Document"])
    elif tab == "entities":
        context["entities"] = operations.list_entities_for_policy(ctx, policy_arn=arn)
    elif tab == "versions":
        context["versions"] = everything(
            operations.list_policy_versions, ctx, "Versions", policy_arn=arn
        )
    template = "iam/policy_detail.html#tab" if request.htmx else "iam/policy_detail.html"
    return render(request, template, context)


def policy_edit(request: ConsoleRequest, arn: str) -> HttpResponse:
    """Writes a new version."""
    ctx = request.ctx
    policy = operations.get_policy(ctx, policy_arn=arn)["Policy"]
    answer = operations.get_policy_version(
        ctx, policy_arn=arn, version_id=policy["DefaultVersionId"]
    )
    initial = {
        "document": permissions.pretty(answer["PolicyVersion"]["Document"]),
        "set_as_default": True,
    }
    form = VersionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        saved = form.submit(
            operations.create_policy_version,
            ctx,
            policy_arn=arn,
            policy_document=form.cleaned_data["document"],
            set_as_default=form.cleaned_data["set_as_default"],
        )
        if saved is not None:
            flash.add(request, "success", _("Policy updated"), policy["PolicyName"])
            return redirect("iam:policy-detail", arn=arn)
    status = 422 if form.errors else 200
    return render(request, "iam/policy_edit.html", {"form": form, "policy": policy}, status=status)


@require_POST
def version_update(request: ConsoleRequest, arn: str) -> HttpResponse:
    """action: default or delete, for the version of `version_id`."""
    which = {"policy_arn": arn, "version_id": request.POST.get("version_id", "")}
    if request.POST.get("action") == "delete":
        operations.delete_policy_version(request.ctx, **which)
        flash.add(request, "success", _("Policy version deleted"), which["version_id"])
    else:
        operations.set_default_policy_version(request.ctx, **which)
        flash.add(request, "success", _("Default policy version changed"), which["version_id"])
    return redirect(reverse("iam:policy-detail", args=[arn]) + "?tab=versions")


@require_POST
def policy_delete(request: ConsoleRequest) -> HttpResponse:
    arns = request.POST.getlist("name")
    names = [arn.rsplit("/", 1)[-1] for arn in arns]
    if not removal.is_confirmed(request.POST, names):
        context = {"names": names, "arns": arns, "word": removal.word_for(names)}
        return render(request, "iam/policy_delete.html", context)
    for arn in arns:
        removal.remove_policy(request.ctx, arn)
    flash.add(request, "success", _("Policies deleted"), ", ".join(names))
    return redirect("iam:policy-list")
