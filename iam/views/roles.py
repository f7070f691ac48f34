"""Roles: the list, the create wizard, one role's tabs, deleting."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from aws.operation import together
from aws.paging import everything
from console import flash
from console.listing import listing
from console.requests import ConsoleRequest
from console.sections import section
from iam import operations, overviews, removal
from iam.forms.documents import as_initial
from iam.forms.roles import RoleForm, RoleSettingsForm, TrustForm
from iam.models.roles import SERVICE_LINKED_PATH
from iam.trust import trusted_entities
from iam.views import access, confirmation, permissions
from iam.views.documents import pretty
from iam.views.editor import Editor

TABS = {
    "permissions": gettext_lazy("Permissions"),
    "trust": gettext_lazy("Trust relationships"),
    "tags": gettext_lazy("Tags"),
    "last_accessed": gettext_lazy("Last Accessed"),
    "revoke_sessions": gettext_lazy("Revoke sessions"),
}
OLDER_SESSIONS = "AWSRevokeOlderSessions"


def role_list(request: ConsoleRequest) -> HttpResponse:
    rows = everything(operations.list_roles, request.ctx, "Roles", max_items=1000)
    used = overviews.last_used(request.ctx, rows)
    table = listing(
        request,
        rows,
        search=lambda row: f"{row['RoleName']} {row['Path']} {row.get('Description', '')}",
        columns={
            "name": lambda row: row["RoleName"],
            "used": lambda row: used.get(row["RoleName"]),
        },
        default_sort="name",
    )
    roles = [
        {
            "role": row,
            "trusted": trusted_entities(unquote(row["AssumeRolePolicyDocument"])),
            "is_service_linked": is_service_linked(row),
            "idle_days": _days_since(request, used.get(row["RoleName"])),
        }
        for row in table.rows
    ]
    template = "iam/role_list.html#rows" if request.htmx else "iam/role_list.html"
    return render(request, template, {"table": table, "roles": roles})


def is_service_linked(role: dict[str, Any]) -> bool:
    return bool(role["Path"].startswith(SERVICE_LINKED_PATH))


def _days_since(request: ConsoleRequest, moment: Any) -> int | None:
    return None if moment is None else (request.ctx.now - moment).days


# --- Creating ------------------------------------------------------------------------------------
def role_create(request: ConsoleRequest) -> HttpResponse:
    """One page with the wizard's steps; the trust editor stands in the first."""
    editor = Editor(request, "trust")
    is_sent = request.method == "POST" and not editor.is_edit
    form = RoleForm(
        request.POST if is_sent else None,
        ctx=request.ctx,
        initial=as_initial(RoleForm, request.POST) if editor.is_edit else {},
    )
    if is_sent and form.is_valid() and form.create(request.ctx):
        name = form.cleaned_data["role_name"]
        address = reverse("iam:role-detail", args=[name])
        flash.add(request, "success", _("Role created"), name, links=[(_("View role"), address)])
        return redirect("iam:role-list")
    context = {"form": form, "editor": editor, "account_id": request.account.account_id}
    return render(request, "iam/role_create.html", context, status=422 if form.errors else 200)


# --- One role ------------------------------------------------------------------------------------
def role_detail(request: ConsoleRequest, role_name: str) -> HttpResponse:
    ctx = request.ctx
    role = operations.get_role(ctx, role_name=role_name)["Role"]
    tab = request.GET.get("tab", "permissions")
    tab = tab if tab in TABS else "permissions"
    used = role["RoleLastUsed"].get("LastUsedDate")
    context: dict[str, Any] = {
        "role": role,
        "is_service_linked": is_service_linked(role),
        "idle_days": _days_since(request, used),
        "profiles": section(lambda: _profiles(request, role_name)),
        "switch_url": _switch_url(request, role_name),
        "tab": tab,
        "tabs": TABS,
    }
    context |= _TAB_CONTEXT[tab](request, role)
    template = "iam/role_detail.html#tab" if request.htmx else "iam/role_detail.html"
    return render(request, template, context)


def _profiles(request: ConsoleRequest, role_name: str) -> list[dict[str, Any]]:
    return everything(
        operations.list_instance_profiles_for_role,
        request.ctx,
        "InstanceProfiles",
        role_name=role_name,
    )


def _switch_url(request: ConsoleRequest, role_name: str) -> str:
    """What an administrator sends to those who may assume the role."""
    account = request.account.alias or request.account.account_id
    return request.build_absolute_uri(f"/switch-role?roleName={role_name}&account={account}")


def _trust_tab(request: ConsoleRequest, role: dict[str, Any]) -> dict[str, Any]:
    document = pretty(role["AssumeRolePolicyDocument"])
    return {"document": document, "trusted": trusted_entities(document)}


_TAB_CONTEXT: dict[str, Callable[[ConsoleRequest, dict[str, Any]], dict[str, Any]]] = {
    "permissions": lambda request, role: permissions.tab(request, "roles", role["RoleName"]),
    "trust": _trust_tab,
    "tags": lambda request, role: {"tags": role.get("Tags", [])},
    "last_accessed": lambda request, role: access.last_accessed(request, role["Arn"]),
    "revoke_sessions": lambda request, role: {"policy_name": OLDER_SESSIONS},
}


def role_trust(request: ConsoleRequest, role_name: str) -> HttpResponse:
    """Edits the trust policy."""
    role = operations.get_role(request.ctx, role_name=role_name)["Role"]
    editor = Editor(request, "trust", pretty(role["AssumeRolePolicyDocument"]))
    is_sent = request.method == "POST" and not editor.is_edit
    form = TrustForm(request.POST if is_sent else None)
    is_refused = is_sent and editor.has_errors
    if is_sent and not is_refused and form.is_valid() and form.save(request.ctx, role_name):
        flash.add(request, "success", _("Trust policy updated"), role_name)
        return to_tab(role_name, "trust")
    context = {"form": form, "editor": editor, "role": role, "is_refused": is_refused}
    status = 422 if is_refused or form.errors else 200
    return render(request, "iam/role_trust.html", context, status=status)


def role_edit(request: ConsoleRequest, role_name: str) -> HttpResponse:
    """Edits the description and the maximum session duration."""
    role = operations.get_role(request.ctx, role_name=role_name)["Role"]
    form = RoleSettingsForm(request.POST or None, initial=RoleSettingsForm.initial_for(role))
    if request.method == "POST" and form.is_valid() and form.save(request.ctx, role_name):
        flash.add(request, "success", _("Role updated"), role_name)
        return redirect("iam:role-detail", role_name=role_name)
    context = {"form": form, "role": role}
    return render(request, "iam/role_edit.html", context, status=422 if form.errors else 200)


@require_POST
def role_revoke(request: ConsoleRequest, role_name: str) -> HttpResponse:
    """Ends the role's sessions of before now, by the inline policy that AWS's console writes."""
    if not confirmation.is_agreed(request):
        return confirmation.ask(
            request,
            title=_("Revoke active sessions?"),
            body=_("Whoever uses the role now loses its permissions and has to assume it again."),
            names=[role_name],
            submit_label=_("Revoke active sessions"),
            cancel_url=_tab_url(role_name, "revoke_sessions"),
        )
    operations.put_role_policy(
        request.ctx,
        role_name=role_name,
        policy_name=OLDER_SESSIONS,
        policy_document=permissions.revocation(request.ctx.now),
    )
    flash.add(request, "success", _("Active sessions revoked"), role_name)
    return to_tab(role_name, "permissions")


# --- Deleting ------------------------------------------------------------------------------------
@require_POST
def role_delete(request: ConsoleRequest) -> HttpResponse:
    """Deletes the ticked roles with their policies and instance profiles: all or none."""
    names = request.POST.getlist("name")
    if not names:
        flash.add(request, "error", _("Choose a role."))
        return redirect("iam:role-list")
    if not removal.is_confirmed(request.POST, names):
        return _ask_to_delete(request, names)
    with together(request.ctx):
        for name in names:
            removal.remove_role(request.ctx, name)
    flash.add(request, "success", _("Roles deleted"), ", ".join(names))
    return redirect("iam:role-list")


def _ask_to_delete(request: ConsoleRequest, names: list[str]) -> HttpResponse:
    roles = [operations.get_role(request.ctx, role_name=name)["Role"] for name in names]
    activity = [
        (role["RoleName"], _days_since(request, role["RoleLastUsed"].get("LastUsedDate")))
        for role in roles
    ]
    return confirmation.ask_to_delete(
        request,
        title=_("Delete roles?"),
        body=_(
            "This also deletes their inline policies and the instance profiles of the same name. "
            "Whatever runs with such a role stops working. It cannot be undone."
        ),
        names=names,
        details="iam/_role_activity.html",
        activity=activity,
        cancel_url=reverse("iam:role-list"),
    )


def _tab_url(role_name: str, tab: str) -> str:
    return reverse("iam:role-detail", args=[role_name]) + f"?tab={tab}"


def to_tab(role_name: str, tab: str) -> HttpResponseRedirect:
    return redirect(_tab_url(role_name, tab))
