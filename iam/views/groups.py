"""User groups: the list, the create page, one group's tabs."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aws.paging import everything
from console import flash
from console.listing import listing
from console.requests import ConsoleRequest
from iam import operations, overviews, removal
from iam.forms.groups import GroupForm, MembersForm
from iam.views import permissions

TABS = ("users", "permissions")


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
        flash.add(request, "success", _("User group created"), name)
        return redirect("iam:group-detail", group_name=name)
    status = 422 if form.errors else 200
    return render(request, "iam/group_create.html", {"form": form}, status=status)


def group_detail(request: ConsoleRequest, group_name: str) -> HttpResponse:
    group = operations.get_group(request.ctx, group_name=group_name)["Group"]
    tab = request.GET.get("tab", "users")
    tab = tab if tab in TABS else "users"
    context = {"group": group, "tab": tab, "tabs": TABS}
    if tab == "users":
        users = everything(operations.get_group, request.ctx, "Users", group_name=group_name)
        context |= {"users": users, "form": MembersForm(ctx=request.ctx, members=users)}
    else:
        context |= permissions.tab(request, "groups", group_name)
    template = "iam/group_detail.html#tab" if request.htmx else "iam/group_detail.html"
    return render(request, template, context)


@require_POST
def group_users(request: ConsoleRequest, group_name: str) -> HttpResponse:
    """Adds the ticked users, or removes one (`remove`)."""
    if user_name := request.POST.get("remove"):
        operations.remove_user_from_group(request.ctx, group_name=group_name, user_name=user_name)
        flash.add(request, "success", _("User removed from group"), user_name)
    else:
        names = request.POST.getlist("users")
        for user_name in names:
            operations.add_user_to_group(request.ctx, group_name=group_name, user_name=user_name)
        flash.add(request, "success", _("Users added to group"), ", ".join(names))
    return redirect("iam:group-detail", group_name=group_name)


@require_POST
def group_delete(request: ConsoleRequest) -> HttpResponse:
    names = request.POST.getlist("name")
    if not removal.is_confirmed(request.POST, names):
        context = {"names": names, "word": removal.word_for(names)}
        return render(request, "iam/group_delete.html", context)
    for name in names:
        removal.remove_group(request.ctx, name)
    flash.add(request, "success", _("User groups deleted"), ", ".join(names))
    return redirect("iam:group-list")
