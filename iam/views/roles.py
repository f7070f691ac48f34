"""Roles: the list, the create page, one role's tabs."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aws.paging import everything
from console import flash
from console.listing import listing
from console.requests import ConsoleRequest
from iam import operations, removal
from iam.forms.roles import RoleForm, TrustForm
from iam.trust import trusted_entities
from iam.views import access, permissions

TABS = ("permissions", "trust", "tags", "last_accessed", "revoke_sessions")


def role_list(request: ConsoleRequest) -> HttpResponse:
    rows = everything(operations.list_roles, request.ctx, "Roles", max_items=1000)
    table = listing(
        request,
        rows,
        search=lambda row: f"{row['RoleName']} {row['Path']} {row.get('Description', '')}",
        columns={
            "name": lambda row: row["RoleName"],
            "created": lambda row: row["CreateDate"],
        },
        default_sort="name",
    )
    roles = [
        (row, trusted_entities(permissions.pretty(row["AssumeRolePolicyDocument"])))
        for row in table.rows
    ]
    template = "iam/role_list.html#rows" if request.htmx else "iam/role_list.html"
    return render(request, template, {"table": table, "roles": roles})


def role_create(request: ConsoleRequest) -> HttpResponse:
    form = RoleForm(request.POST or None, ctx=request.ctx, initial={"entity": "service"})
    if request.method == "POST" and form.is_valid() and form.create(request.ctx):
        name = form.cleaned_data["role_name"]
        flash.add(request, "success", _("Role created"), name)
        return redirect("iam:role-detail", role_name=name)
    status = 422 if form.errors else 200
    return render(request, "iam/role_create.html", {"form": form}, status=status)


def role_detail(request: ConsoleRequest, role_name: str) -> HttpResponse:
    ctx = request.ctx
    role = operations.get_role(ctx, role_name=role_name)["Role"]
    tab = request.GET.get("tab", "permissions")
    tab = tab if tab in TABS else "permissions"
    switch = f"?roleName={role_name}&account={request.account.account_id}"
    profiles = everything(
        operations.list_instance_profiles_for_role, ctx, "InstanceProfiles", role_name=role_name
    )
    context = {
        "role": role,
        "tab": tab,
        "tabs": TABS,
        "profiles": profiles,
        "switch_url": request.build_absolute_uri("/switch-role") + switch,
    }
    if tab == "permissions":
        context |= permissions.tab(request, "roles", role_name)
    elif tab == "trust":
        context["document"] = permissions.pretty(role["AssumeRolePolicyDocument"])
    elif tab == "last_accessed":
        context |= access.last_accessed(request, role["Arn"])
    template = "iam/role_detail.html#tab" if request.htmx else "iam/role_detail.html"
    return render(request, template, context)


def role_trust(request: ConsoleRequest, role_name: str) -> HttpResponse:
    """Edits the trust policy and the maximum session duration."""
    role = operations.get_role(request.ctx, role_name=role_name)["Role"]
    initial = {
        "document": permissions.pretty(role["AssumeRolePolicyDocument"]),
        "max_session_duration": role["MaxSessionDuration"],
        "description": role.get("Description", ""),
    }
    form = TrustForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and form.save(request.ctx, role_name):
        flash.add(request, "success", _("Trust policy updated"), role_name)
        return redirect(reverse("iam:role-detail", args=[role_name]) + "?tab=trust")
    status = 422 if form.errors else 200
    return render(request, "iam/role_trust.html", {"form": form, "role": role}, status=status)


@require_POST
def role_delete(request: ConsoleRequest) -> HttpResponse:
    names = request.POST.getlist("name")
    if not removal.is_confirmed(request.POST, names):
        context = {"names": names, "word": removal.word_for(names)}
        return render(request, "iam/role_delete.html", context)
    for name in names:
        removal.remove_role(request.ctx, name)
    flash.add(request, "success", _("Roles deleted"), ", ".join(names))
    return redirect("iam:role-list")


@require_POST
def role_revoke(request: ConsoleRequest, role_name: str) -> HttpResponse:
    """Ends the role's sessions of before now, by the inline policy that AWS's console writes."""
    operations.put_role_policy(
        request.ctx,
        role_name=role_name,
        policy_name="AWSRevokeOlderSessions",
        policy_document=permissions.revocation(request.ctx.now),
    )
    flash.add(request, "success", _("Active sessions revoked"), role_name)
    return redirect(reverse("iam:role-detail", args=[role_name]) + "?tab=permissions")
