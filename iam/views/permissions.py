"""What users, groups and roles share: policies attached and inline, boundary, tags."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aws.clock import isoformat
from aws.operation import together
from aws.paging import everything
from console import flash
from console.requests import ConsoleRequest
from iam import operations
from iam.entities import ENTITIES, EntityCalls
from iam.forms.permissions import AttachForm, InlinePolicyForm, TagsForm


def calls_for(kind: str) -> EntityCalls:
    """kind: "users", "groups" or "roles", from the address."""
    try:
        return ENTITIES[kind]
    except KeyError:
        raise Http404 from None


def tab(request: ConsoleRequest, kind: str, name: str) -> dict[str, Any]:
    """The Permissions tab: policies of the entity itself, and for a user those of its groups."""
    ctx, calls = request.ctx, calls_for(kind)
    named = calls.named(name)
    rows = [
        {"name": policy["PolicyName"], "arn": policy["PolicyArn"], "via": "", "inline": False}
        for policy in everything(calls.attached, ctx, "AttachedPolicies", **named)
    ]
    rows += [
        {"name": policy, "arn": "", "via": "", "inline": True}
        for policy in everything(calls.inline_names, ctx, "PolicyNames", **named)
    ]
    if kind == "users":
        rows += _through_groups(request, name)
    return {"policies": rows, "kind": kind, "name": name}


def _through_groups(request: ConsoleRequest, user_name: str) -> list[dict[str, Any]]:
    ctx = request.ctx
    rows = []
    for group in everything(operations.list_groups_for_user, ctx, "Groups", user_name=user_name):
        name = group["GroupName"]  # ten groups at most
        rows += [
            {"name": policy["PolicyName"], "arn": policy["PolicyArn"], "via": name}
            for policy in everything(
                operations.list_attached_group_policies, ctx, "AttachedPolicies", group_name=name
            )
        ]
        rows += [
            {"name": policy, "arn": "", "via": name, "inline": True}
            for policy in everything(
                operations.list_group_policies, ctx, "PolicyNames", group_name=name
            )
        ]
    return rows


def permissions_add(request: ConsoleRequest, kind: str, name: str) -> HttpResponse:
    """Attaches the ticked managed policies."""
    calls = calls_for(kind)
    entity = calls.get(request.ctx, **calls.named(name))[calls.member]
    form = AttachForm(request.POST or None, ctx=request.ctx)
    if request.method == "POST" and form.is_valid() and form.attach(request.ctx, calls, name):
        flash.add(request, "success", _("Policies attached"), name)
        return to_tab(kind, name, "permissions")
    context = {"form": form, "kind": kind, "name": name, "entity": entity}
    return render(request, "iam/permissions_add.html", context, status=_status(form))


@require_POST
def permissions_remove(request: ConsoleRequest, kind: str, name: str) -> HttpResponse:
    """Detaches a managed policy (`arn`) or deletes an inline one (`policy_name`)."""
    calls = calls_for(kind)
    if arn := request.POST.get("arn"):
        calls.detach(request.ctx, policy_arn=arn, **calls.named(name))
    else:
        policy_name = request.POST.get("policy_name", "")
        calls.delete_inline(request.ctx, policy_name=policy_name, **calls.named(name))
    flash.add(request, "success", _("Policy removed"), name)
    return to_tab(kind, name, "permissions")


def inline_edit(request: ConsoleRequest, kind: str, name: str) -> HttpResponse:
    """Creates an inline policy, or edits the one that ?policy_name= names."""
    calls, ctx = calls_for(kind), request.ctx
    existing = request.GET.get("policy_name", "")
    initial = {"policy_name": existing, "document": request.GET.get("document", "")}
    if existing and request.method == "GET":
        answer = calls.get_inline(ctx, policy_name=existing, **calls.named(name))
        initial["document"] = pretty(answer["PolicyDocument"])
    form = InlinePolicyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        saved = form.submit(
            calls.put_inline,
            ctx,
            policy_name=form.cleaned_data["policy_name"],
            policy_document=form.cleaned_data["document"],
            **calls.named(name),
        )
        if saved is not None:
            flash.add(request, "success", _("Policy saved"), form.cleaned_data["policy_name"])
            return to_tab(kind, name, "permissions")
    context = {"form": form, "kind": kind, "name": name, "existing": existing}
    return render(request, "iam/inline_edit.html", context, status=_status(form))


def tags_edit(request: ConsoleRequest, kind: str, name: str) -> HttpResponse:
    """Replaces the tags of a user or role by the rows of the form."""
    calls = calls_for(kind)
    if calls.tag is None or calls.untag is None:
        raise Http404
    entity = calls.get(request.ctx, **calls.named(name))[calls.member]
    old = {tag["Key"]: tag["Value"] for tag in entity.get("Tags", [])}
    form = TagsForm(request.POST or None, initial_tags=old)
    if request.method == "POST" and form.is_valid():
        with form.aws_errors(), together(request.ctx):
            if gone := sorted(set(old) - {tag["Key"] for tag in form.tags}):
                calls.untag(request.ctx, tag_keys=gone, **calls.named(name))
            if form.tags:
                calls.tag(request.ctx, tags=form.tags, **calls.named(name))
        if form.is_valid():
            flash.add(request, "success", _("Tags saved"), name)
            return to_tab(kind, name, "tags")
    context = {"form": form, "kind": kind, "name": name}
    return render(request, "iam/tags_edit.html", context, status=_status(form))


def to_tab(kind: str, name: str, tab_name: str) -> HttpResponseRedirect:
    calls = calls_for(kind)
    return redirect(reverse(f"iam:{calls.kind}-detail", args=[name]) + f"?tab={tab_name}")


def pretty(document: str | dict[str, Any]) -> str:
    """A policy document as operations answer it (URL-encoded JSON), indented for people.

    A document that a person wrote keeps its own layout: only one-line JSON is laid out.
    """
    text = document if isinstance(document, dict) else unquote(document)
    if isinstance(text, str) and "\n" in text.strip():
        return text
    return json.dumps(json.loads(text) if isinstance(text, str) else text, indent=2)


def revocation(moment: datetime) -> str:
    """The policy that denies everything to sessions issued before a moment.

    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
    """
    condition = {"DateLessThan": {"aws:TokenIssueTime": isoformat(moment)}}
    statement = {"Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Condition": condition}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)


def _status(form: Any) -> int:
    return 422 if form.errors else 200
