"""What users, groups and roles share: policies attached and inline, boundary, tags."""

import json
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aws.clock import isoformat
from aws.context import Context
from aws.operation import together
from aws.paging import everything
from console import flash
from console.forms import AwsForm
from console.forms.tags import TagsForm
from console.requests import ConsoleRequest
from console.sections import section
from iam import operations
from iam.drafts import MAX_TEXT
from iam.entities import ENTITIES, EntityCalls
from iam.forms.permissions import (
    AttachForm,
    BoundaryForm,
    InlinePolicyForm,
    UserPermissionsForm,
)
from iam.views import confirmation
from iam.views.documents import pretty
from iam.views.editor import Editor


def calls_for(kind: str) -> EntityCalls:
    """kind: "users", "groups" or "roles", from the address."""
    try:
        return ENTITIES[kind]
    except KeyError:
        raise Http404 from None


# --- The tab -------------------------------------------------------------------------------------
def tab(request: ConsoleRequest, kind: str, name: str) -> dict[str, Any]:
    """What `iam/_permissions.html` draws: policies of the entity itself, for a user also those of
    its groups, and the boundary."""
    ctx, calls = request.ctx, calls_for(kind)
    return {
        "policies": section(lambda: _policies(ctx, kind, calls, name)),
        "boundary": _boundary(ctx, calls, name),
        "has_boundary": calls.bound is not None,
        "kind": kind,
        "name": name,
    }


def _policies(ctx: Context, kind: str, calls: EntityCalls, name: str) -> list[dict[str, Any]]:
    rows = _own_policies(ctx, calls, name, via="")
    if kind == "users":
        # ten groups at most
        for group in everything(operations.list_groups_for_user, ctx, "Groups", user_name=name):
            group_name = group["GroupName"]
            rows += _own_policies(ctx, ENTITIES["groups"], group_name, via=group_name)
    return rows


def _own_policies(ctx: Context, calls: EntityCalls, name: str, *, via: str) -> list[dict[str, Any]]:
    """via: the group that a user has the policies from."""
    named = calls.named(name)
    attached = everything(calls.attached, ctx, "AttachedPolicies", **named)
    rows = [
        {
            "name": policy["PolicyName"],
            "arn": policy["PolicyArn"],
            "type": "aws" if policy["PolicyArn"].startswith("arn:aws:iam::aws:") else "customer",
            "via": via,
        }
        for policy in attached
    ]
    for policy_name in everything(calls.inline_names, ctx, "PolicyNames", **named):
        rows.append({"name": policy_name, "arn": "", "type": "inline", "via": via})
    return rows


def _boundary(ctx: Context, calls: EntityCalls, name: str) -> str:
    """The boundary's ARN, "" without one."""
    if calls.bound is None:
        return ""
    entity = calls.get(ctx, **calls.named(name))[calls.member]
    return str(entity.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""))


# --- Attached policies ---------------------------------------------------------------------------
def permissions_add(request: ConsoleRequest, kind: str, name: str) -> HttpResponse:
    """Attaches the ticked managed policies; a user may also join groups or copy another's."""
    if kind == "users":
        return _user_permissions_add(request, name)
    calls = calls_for(kind)
    calls.get(request.ctx, **calls.named(name))
    form = AttachForm(request.POST or None, ctx=request.ctx)
    if request.method == "POST" and form.is_valid() and form.attach(request.ctx, calls, name):
        flash.add(request, "success", _("Policies attached"), name)
        return to_tab(kind, name, "permissions")
    return _form_page(request, "permissions_add", form, kind, name)


def _user_permissions_add(request: ConsoleRequest, name: str) -> HttpResponse:
    operations.get_user(request.ctx, user_name=name)
    form = UserPermissionsForm(request.POST or None, ctx=request.ctx)
    if request.method == "POST" and form.is_valid() and form.save(request.ctx, name):
        flash.add(request, "success", _("Permissions added"), name)
        return to_tab("users", name, "permissions")
    return _form_page(request, "permissions_add", form, "users", name)


@require_POST
def permissions_remove(request: ConsoleRequest, kind: str, name: str) -> HttpResponse:
    """Detaches managed policies (`arn`) and deletes inline ones (`policy_name`)."""
    calls = calls_for(kind)
    arns, inline = request.POST.getlist("arn"), request.POST.getlist("policy_name")
    if not arns and not inline:
        flash.add(request, "error", _("Choose a policy."))
        return to_tab(kind, name, "permissions")
    if not confirmation.is_agreed(request):
        return _ask_to_remove(request, kind, name, arns, inline)
    with together(request.ctx):
        for arn in arns:
            calls.detach(request.ctx, policy_arn=arn, **calls.named(name))
        for policy_name in inline:
            calls.delete_inline(request.ctx, policy_name=policy_name, **calls.named(name))
    flash.add(request, "success", _("Policies removed"), name)
    return to_tab(kind, name, "permissions")


def _ask_to_remove(
    request: ConsoleRequest, kind: str, name: str, arns: list[str], inline: list[str]
) -> HttpResponse:
    return confirmation.ask(
        request,
        title=_("Remove policies?"),
        body=_("Managed policies are detached and stay; inline policies are deleted for good."),
        names=[*(arn.rsplit("/", 1)[-1] for arn in arns), *inline],
        hidden=[*(("arn", arn) for arn in arns), *(("policy_name", one) for one in inline)],
        submit_label=_("Remove"),
        cancel_url=_tab_url(kind, name, "permissions"),
    )


# --- Inline policies -----------------------------------------------------------------------------
def inline_edit(request: ConsoleRequest, kind: str, name: str) -> HttpResponse:
    """Creates an inline policy, or edits the one that ?policy_name= names. ?document= opens the
    editor with a suggested policy."""
    calls, ctx = calls_for(kind), request.ctx
    calls.get(ctx, **calls.named(name))
    existing = request.GET.get("policy_name", "")
    editor = Editor(request, calls.kind, _inline_text(request, calls, name, existing))
    is_sent = request.method == "POST" and not editor.is_edit
    typed = {"policy_name": request.POST.get("policy_name", existing)}
    form = InlinePolicyForm(request.POST if is_sent else None, initial=typed)
    if is_sent and form.is_valid() and _save_inline(ctx, calls, name, form):
        flash.add(request, "success", _("Policy saved"), form.cleaned_data["policy_name"])
        return to_tab(kind, name, "permissions")
    return _form_page(request, "inline_edit", form, kind, name, existing=existing, editor=editor)


def _inline_text(request: ConsoleRequest, calls: EntityCalls, name: str, existing: str) -> str:
    """What the editor begins with."""
    if not existing or request.method == "POST":
        return request.GET.get("document", "")[:MAX_TEXT]
    answer = calls.get_inline(request.ctx, policy_name=existing, **calls.named(name))
    return pretty(answer["PolicyDocument"])


def _save_inline(ctx: Context, calls: EntityCalls, name: str, form: InlinePolicyForm) -> bool:
    saved = form.submit(
        calls.put_inline,
        ctx,
        policy_name=form.cleaned_data["policy_name"],
        policy_document=form.cleaned_data["document"],
        **calls.named(name),
    )
    return saved is not None


# --- Boundary ------------------------------------------------------------------------------------
def boundary_edit(request: ConsoleRequest, kind: str, name: str) -> HttpResponse:
    """Sets or changes the permissions boundary of a user or role."""
    calls, ctx = calls_for(kind), request.ctx
    if calls.bound is None:
        raise Http404
    initial = {"boundary": _boundary(ctx, calls, name)}
    form = BoundaryForm(request.POST or None, ctx=ctx, initial=initial)
    if request.method == "POST" and form.is_valid():
        arn = form.cleaned_data["boundary"]
        bound = form.submit(calls.bound, ctx, permissions_boundary=arn, **calls.named(name))
        if bound is not None:
            flash.add(request, "success", _("Permissions boundary set"), arn)
            return to_tab(kind, name, "permissions")
    return _form_page(request, "boundary_edit", form, kind, name)


@require_POST
def boundary_remove(request: ConsoleRequest, kind: str, name: str) -> HttpResponse:
    calls = calls_for(kind)
    if calls.unbound is None:
        raise Http404
    if not confirmation.is_agreed(request):
        return confirmation.ask(
            request,
            title=_("Remove permissions boundary?"),
            body=_("The permissions of its policies then apply without that limit."),
            names=[name],
            submit_label=_("Remove"),
            cancel_url=_tab_url(kind, name, "permissions"),
        )
    calls.unbound(request.ctx, **calls.named(name))
    flash.add(request, "success", _("Permissions boundary removed"), name)
    return to_tab(kind, name, "permissions")


# --- Tags ----------------------------------------------------------------------------------------
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
    return _form_page(request, "tags_edit", form, kind, name)


def _form_page(
    request: ConsoleRequest, page: str, form: AwsForm, kind: str, name: str, **more: Any
) -> HttpResponse:
    tab_name = "tags" if page == "tags_edit" else "permissions"
    context = {
        "form": form,
        "kind": kind,
        "name": name,
        "back_url": _tab_url(kind, name, tab_name),
        **more,
    }
    status = 422 if form.errors else 200
    return render(request, f"iam/{page}.html", context, status=status)


def to_tab(kind: str, name: str, tab_name: str) -> HttpResponseRedirect:
    return redirect(_tab_url(kind, name, tab_name))


def _tab_url(kind: str, name: str, tab_name: str) -> str:
    return reverse(f"iam:{calls_for(kind).kind}-detail", args=[name]) + f"?tab={tab_name}"


# --- Documents -----------------------------------------------------------------------------------
def revocation(moment: datetime) -> str:
    """The policy that denies everything to sessions issued before a moment.

    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
    """
    condition = {"DateLessThan": {"aws:TokenIssueTime": isoformat(moment)}}
    statement = {"Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Condition": condition}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)
