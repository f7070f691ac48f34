"""Policies: the list, creating, one policy's tabs, deleting."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from aws.operation import together
from aws.paging import everything
from console import flash
from console.forms.tags import TagsForm
from console.listing import listing
from console.requests import ConsoleRequest
from iam import operations, overviews, removal
from iam.drafts import MAX_TEXT
from iam.errors import MalformedPolicyDocument
from iam.forms.policies import AttachToForm, PolicyForm
from iam.policy_summary import summarize
from iam.views import access, confirmation, permissions, versions
from iam.views.documents import pretty
from iam.views.editor import Editor

TABS = {
    "permissions": gettext_lazy("Permissions"),
    "entities": gettext_lazy("Entities attached"),
    "tags": gettext_lazy("Tags"),
    "versions": gettext_lazy("Policy versions"),
    "last_accessed": gettext_lazy("Last Accessed"),
}
KINDS = {
    "customer": gettext_lazy("Customer managed"),
    "aws": gettext_lazy("AWS managed"),
    "job-function": gettext_lazy("AWS managed - job function"),
}
USES = {
    "attached": gettext_lazy("Permissions policy"),
    "boundary": gettext_lazy("Permissions boundary"),
    "none": gettext_lazy("None"),
}
JOB_FUNCTIONS = "arn:aws:iam::aws:policy/job-function/"


def policy_list(request: ConsoleRequest) -> HttpResponse:
    kind, use = request.GET.get("type", ""), request.GET.get("used", "")
    rows = everything(operations.list_policies, request.ctx, "Policies", max_items=1000)
    shown = [row for row in rows if _is_of(row, kind, use)]
    table = listing(
        request,
        shown,
        search=lambda row: f"{row['PolicyName']} {row['Path']}",
        columns={
            "name": lambda row: row["PolicyName"],
            "type": kind_of,
            "used": lambda row: (row["AttachmentCount"], row["PermissionsBoundaryUsageCount"]),
        },
        default_sort="name",
        keep=["type", "used"],
    )
    about = overviews.descriptions(request.ctx, table.rows)
    policies = [(row, KINDS[kind_of(row)], about.get(row["Arn"])) for row in table.rows]
    context = {"table": table, "policies": policies, "kinds": KINDS, "uses": USES}
    context |= {"kind": kind, "use": use, "total": len(rows)}
    template = "iam/policy_list.html#rows" if request.htmx else "iam/policy_list.html"
    return render(request, template, context)


def kind_of(policy: dict[str, Any]) -> str:
    """The table's Type, one of KINDS."""
    if policy["Arn"].startswith(JOB_FUNCTIONS):
        return "job-function"
    return "aws" if is_aws_managed(policy["Arn"]) else "customer"


def is_aws_managed(arn: str) -> bool:
    return arn.startswith("arn:aws:iam::aws:")


def _is_of(policy: dict[str, Any], kind: str, use: str) -> bool:
    if kind in KINDS and kind_of(policy) != kind:
        return False
    is_used = {
        "attached": bool(policy["AttachmentCount"]),
        "boundary": bool(policy["PermissionsBoundaryUsageCount"]),
    }
    return is_used.get(use, use not in USES or not any(is_used.values()))


# --- Creating ------------------------------------------------------------------------------------
def policy_create(request: ConsoleRequest) -> HttpResponse:
    """Two steps, the editor and the review; ?document= opens the editor with a suggested policy."""
    editor = Editor(request, "managed", request.GET.get("document", "")[:MAX_TEXT])
    step = request.POST.get("step", "editor")
    if request.method != "POST" or editor.is_edit or step == "editor":
        return _create_page(request, editor, None)
    if editor.has_errors:
        return _create_page(request, editor, None, status=422)
    form = PolicyForm(request.POST if step == "create" else None, initial=_kept(request))
    if step == "create" and form.is_valid() and (policy := form.create(request.ctx)):
        flash.add(request, "success", _("Policy created"), policy["PolicyName"])
        return redirect("iam:policy-detail", arn=policy["Arn"])
    return _create_page(request, editor, form, status=422 if form.errors else 200)


def _create_page(
    request: ConsoleRequest, editor: Editor, form: PolicyForm | None, status: int = 200
) -> HttpResponse:
    """form: of the review, None for the editor."""
    if form is None or isinstance(form.aws_error, MalformedPolicyDocument):
        context = {
            "editor": editor,
            "kept": _kept(request),
            "form": form,
            "is_refused": status > 200,
        }
        return render(request, "iam/policy_create.html", context, status=status)
    tags = form.tag_rows if form.is_bound else TagsForm(request.POST).tags
    context = {"editor": editor, "form": form, "summary": summarize(editor.text), "tag_rows": tags}
    return render(request, "iam/policy_review.html", context, status=status)


def _kept(request: ConsoleRequest) -> dict[str, str]:
    """What was typed in the other step."""
    names = ("policy_name", "description", *(n for n in request.POST if n.startswith("tag-")))
    return {name: request.POST[name] for name in names if name in request.POST}


# --- One policy ----------------------------------------------------------------------------------
def policy_detail(request: ConsoleRequest, arn: str) -> HttpResponse:
    policy = operations.get_policy(request.ctx, policy_arn=arn)["Policy"]
    tab = request.GET.get("tab", "permissions")
    tab = tab if tab in TABS else "permissions"
    is_own = not is_aws_managed(arn)
    context: dict[str, Any] = {
        "policy": policy,
        "kind": KINDS[kind_of(policy)],
        "is_own": is_own,
        "tab": tab,
        "tabs": TABS,
    }
    context |= _TAB_CONTEXT[tab](request, policy)
    template = "iam/policy_detail.html#tab" if request.htmx else "iam/policy_detail.html"
    return render(request, template, context)


def _permissions_tab(request: ConsoleRequest, policy: dict[str, Any]) -> dict[str, Any]:
    version = request.GET.get("version", policy["DefaultVersionId"])
    answer = operations.get_policy_version(
        request.ctx, policy_arn=policy["Arn"], version_id=version
    )
    document = pretty(answer["PolicyVersion"]["Document"])
    return {
        "version": answer["PolicyVersion"],
        "document": document,
        "summary": summarize(document),
        "is_json": request.GET.get("view") == "json",
    }


def _entities_tab(request: ConsoleRequest, policy: dict[str, Any]) -> dict[str, Any]:
    what = {"policy_arn": policy["Arn"]}
    found = {"attached": "PermissionsPolicy", "bounded": "PermissionsBoundary"}
    return {
        name: _entities(request, policy_usage_filter=usage, **what) for name, usage in found.items()
    }


def _entities(request: ConsoleRequest, **arguments: Any) -> list[tuple[str, str]]:
    """(kind, name) of the entities that have a policy, kind as in addresses: "users"."""
    members = {"users": "PolicyUsers", "groups": "PolicyGroups", "roles": "PolicyRoles"}
    names = {"users": "UserName", "groups": "GroupName", "roles": "RoleName"}
    answer = operations.list_entities_for_policy(request.ctx, max_items=1000, **arguments)
    return [
        (kind, entity[names[kind]]) for kind, member in members.items() for entity in answer[member]
    ]


_TAB_CONTEXT: dict[str, Callable[[ConsoleRequest, dict[str, Any]], dict[str, Any]]] = {
    "permissions": _permissions_tab,
    "entities": _entities_tab,
    "tags": lambda request, policy: {"tags": policy.get("Tags", [])},
    "versions": lambda request, policy: versions.tab(request, policy["Arn"]),
    "last_accessed": lambda request, policy: access.last_accessed(request, policy["Arn"]),
}


def policy_attach(request: ConsoleRequest, arn: str) -> HttpResponse:
    """Attaches the policy to the ticked users, groups and roles."""
    policy = operations.get_policy(request.ctx, policy_arn=arn)["Policy"]
    form = AttachToForm(request.POST or None, ctx=request.ctx)
    if request.method == "POST" and form.is_valid() and form.attach(request.ctx, arn):
        flash.add(request, "success", _("Policy attached"), policy["PolicyName"])
        return to_tab(arn, "entities")
    context = {"form": form, "policy": policy, "back_url": tab_url(arn, "entities")}
    status = 422 if form.errors else 200
    return render(request, "iam/policy_attach.html", context, status=status)


@require_POST
def policy_detach(request: ConsoleRequest, arn: str) -> HttpResponse:
    """Detaches the policy from the ticked entities: "users/alice", …"""
    chosen = [name.partition("/") for name in request.POST.getlist("entity")]
    if not chosen:
        flash.add(request, "error", _("Choose a user, user group or role."))
        return to_tab(arn, "entities")
    if not confirmation.is_agreed(request):
        return confirmation.ask(
            request,
            title=_("Detach policy?"),
            body=_("The entities lose the permissions of this policy."),
            names=[name for _kind, _slash, name in chosen],
            hidden=[("entity", name) for name in request.POST.getlist("entity")],
            submit_label=_("Detach"),
            cancel_url=tab_url(arn, "entities"),
        )
    with together(request.ctx):
        for kind, _slash, name in chosen:
            calls = permissions.calls_for(kind)
            calls.detach(request.ctx, policy_arn=arn, **calls.named(name))
    flash.add(request, "success", _("Policy detached"), ", ".join(one[2] for one in chosen))
    return to_tab(arn, "entities")


def policy_tags(request: ConsoleRequest, arn: str) -> HttpResponse:
    """Replaces the policy's tags by the rows of the form."""
    policy = operations.get_policy(request.ctx, policy_arn=arn)["Policy"]
    old = {tag["Key"]: tag["Value"] for tag in policy.get("Tags", [])}
    form = TagsForm(request.POST or None, initial_tags=old)
    if request.method == "POST" and form.is_valid():
        with form.aws_errors(), together(request.ctx):
            if gone := sorted(set(old) - {tag["Key"] for tag in form.tags}):
                operations.untag_policy(request.ctx, policy_arn=arn, tag_keys=gone)
            if form.tags:
                operations.tag_policy(request.ctx, policy_arn=arn, tags=form.tags)
        if form.is_valid():
            flash.add(request, "success", _("Tags saved"), policy["PolicyName"])
            return to_tab(arn, "tags")
    context = {"form": form, "policy": policy, "back_url": tab_url(arn, "tags")}
    return render(request, "iam/policy_tags.html", context, status=422 if form.errors else 200)


# --- From the list -------------------------------------------------------------------------------
@require_POST
def policy_go(request: ConsoleRequest) -> HttpResponse:
    """The list's Attach and Detach: to the ticked policy's own page."""
    arn = request.POST.get("name", "")
    if not arn:
        flash.add(request, "error", _("Choose a policy."))
        return redirect("iam:policy-list")
    if request.POST.get("to") == "attach":
        return redirect("iam:policy-attach", arn=arn)
    return to_tab(arn, "entities")


@require_POST
def policy_delete(request: ConsoleRequest) -> HttpResponse:
    """Deletes the ticked policies with their versions, and detaches them first: all or none."""
    arns = request.POST.getlist("name")
    names = [arn.rsplit("/", 1)[-1] for arn in arns]
    if not arns or any(map(is_aws_managed, arns)):
        flash.add(
            request, "error", _("Choose customer managed policies; AWS's own cannot be deleted.")
        )
        return redirect("iam:policy-list")
    if not removal.is_confirmed(request.POST, names):
        return _ask_to_delete(request, arns, names)
    with together(request.ctx):
        for arn in arns:
            removal.remove_policy(request.ctx, arn)
    flash.add(request, "success", _("Policies deleted"), ", ".join(names))
    return redirect("iam:policy-list")


def _ask_to_delete(request: ConsoleRequest, arns: list[str], names: list[str]) -> HttpResponse:
    attached = [(arn.rsplit("/", 1)[-1], _entities(request, policy_arn=arn)) for arn in arns]
    return confirmation.ask(
        request,
        title=_("Delete policies?"),
        body=_("All versions are deleted. Who has the policy loses its permissions at once."),
        word=removal.word_for(names),
        hidden=[("name", arn) for arn in arns],
        details="iam/_policy_entities.html",
        attached=attached,
        cancel_url=reverse("iam:policy-list"),
    )


def tab_url(arn: str, tab: str) -> str:
    return reverse("iam:policy-detail", args=[arn]) + f"?tab={tab}"


def to_tab(arn: str, tab: str) -> HttpResponseRedirect:
    return redirect(tab_url(arn, tab))
