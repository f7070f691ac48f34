"""User groups: the list, the create page, one group's tabs, renaming, members, deleting."""

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
from console.listing import listing
from console.requests import ConsoleRequest
from iam import operations, overviews, removal
from iam.forms.groups import GroupForm, MembersForm, RenameGroupForm
from iam.views import access, confirmation, permissions

TABS = {
    "users": gettext_lazy("Users"),
    "permissions": gettext_lazy("Permissions"),
    "last_accessed": gettext_lazy("Access Advisor"),
}


def group_list(request: ConsoleRequest) -> HttpResponse:
    rows = everything(operations.list_groups, request.ctx, "Groups", max_items=1000)
    overview = overviews.groups(request.ctx, rows)
    table = listing(
        request,
        rows,
        search=lambda row: f"{row['GroupName']} {row['Path']}",
        columns={
            "name": lambda row: row["GroupName"],
            "users": lambda row: overview[row["GroupName"]].users,
            "created": lambda row: row["CreateDate"],
        },
        default_sort="name",
    )
    groups = [(row, overview[row["GroupName"]]) for row in table.rows]
    template = "iam/group_list.html#rows" if request.htmx else "iam/group_list.html"
    return render(request, template, {"table": table, "groups": groups})


def group_create(request: ConsoleRequest) -> HttpResponse:
    form = GroupForm(request.POST or None, ctx=request.ctx)
    if request.method == "POST" and form.is_valid() and form.create(request.ctx):
        name = form.cleaned_data["group_name"]
        view_group = [(_("View group"), reverse("iam:group-detail", args=[name]))]
        flash.add(request, "success", _("User group created"), name, links=view_group)
        return redirect("iam:group-list")
    status = 422 if form.errors else 200
    return render(request, "iam/group_create.html", {"form": form}, status=status)


def group_detail(request: ConsoleRequest, group_name: str) -> HttpResponse:
    group = operations.get_group(request.ctx, group_name=group_name)["Group"]
    tab = request.GET.get("tab", "users")
    tab = tab if tab in TABS else "users"
    context = {"group": group, "tab": tab, "tabs": TABS, **_tab_context(request, group, tab)}
    template = "iam/group_detail.html#tab" if request.htmx else "iam/group_detail.html"
    return render(request, template, context)


def _tab_context(request: ConsoleRequest, group: dict[str, Any], tab: str) -> dict[str, Any]:
    name = group["GroupName"]
    if tab == "permissions":
        return permissions.tab(request, "groups", name)
    if tab == "last_accessed":
        return access.last_accessed(request, group["Arn"])
    users = everything(operations.get_group, request.ctx, "Users", group_name=name)
    known = overviews.users(request.ctx, users)
    return {"users": [(user, known[user["UserName"]]) for user in users]}


def group_users(request: ConsoleRequest, group_name: str) -> HttpResponse:
    """Adds the ticked users, or removes those of `remove`."""
    if request.method == "POST" and "remove" in request.POST:
        return _remove_users(request, group_name)
    members = everything(operations.get_group, request.ctx, "Users", group_name=group_name)
    form = MembersForm(request.POST or None, ctx=request.ctx, members=members)
    if request.method == "POST" and form.is_valid() and form.add(request.ctx, group_name):
        names = ", ".join(form.cleaned_data["users"])
        flash.add(request, "success", _("Users added to group"), names)
        return _to_tab(group_name, "users")
    context = {"form": form, "group_name": group_name}
    status = 422 if form.errors else 200
    return render(request, "iam/group_users.html", context, status=status)


def _remove_users(request: ConsoleRequest, group_name: str) -> HttpResponse:
    names = [name for name in request.POST.getlist("remove") if name]
    with together(request.ctx):
        for name in names:
            operations.remove_user_from_group(request.ctx, group_name=group_name, user_name=name)
    if names:
        flash.add(request, "success", _("Users removed from group"), ", ".join(names))
    return _to_tab(group_name, "users")


def group_rename(request: ConsoleRequest, group_name: str) -> HttpResponse:
    group = operations.get_group(request.ctx, group_name=group_name)["Group"]
    initial = {"new_group_name": group["GroupName"], "new_path": group["Path"]}
    form = RenameGroupForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and form.save(request.ctx, group_name):
        new_name = form.cleaned_data["new_group_name"]
        flash.add(request, "success", _("User group updated"), new_name)
        return redirect("iam:group-detail", group_name=new_name)
    context = {"form": form, "group": group}
    status = 422 if form.errors else 200
    return render(request, "iam/group_rename.html", context, status=status)


@require_POST
def group_delete(request: ConsoleRequest) -> HttpResponse:
    """Deletes the ticked groups with their policies and memberships: all or none."""
    names = request.POST.getlist("name")
    if not names or len(names) > removal.MAX_AT_ONCE:
        flash.add(request, "error", _("Choose 1 to 100 user groups."))
        return redirect("iam:group-list")
    if not removal.is_confirmed(request.POST, names):
        return confirmation.ask_to_delete(
            request,
            title=_("Delete user groups?"),
            body=_("Their users lose the permissions that came from them. It cannot be undone."),
            names=names,
            cancel_url=reverse("iam:group-list"),
        )
    with together(request.ctx):
        for name in names:
            removal.remove_group(request.ctx, name)
    flash.add(request, "success", _("User groups deleted"), ", ".join(names))
    return redirect("iam:group-list")


def _to_tab(group_name: str, tab: str) -> HttpResponseRedirect:
    return redirect(reverse("iam:group-detail", args=[group_name]) + f"?tab={tab}")
