"""Users: the list, the create page, one user's tabs, and what their buttons do."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aws.paging import everything
from console import flash
from console.listing import listing
from console.requests import ConsoleRequest
from iam import operations, overviews, removal
from iam.forms.access_keys import AccessKeyForm
from iam.forms.users import ConsoleAccessForm, GroupsForm, UserForm
from iam.views import access, keys, permissions
from iam.views.secrets import show_once

TABS = ("permissions", "groups", "tags", "security_credentials", "last_accessed")


def user_list(request: ConsoleRequest) -> HttpResponse:
    """The table; HTMX asks for its rows alone."""
    rows = everything(operations.list_users, request.ctx, "Users", max_items=1000)
    table = listing(
        request,
        rows,
        search=lambda row: f"{row['UserName']} {row['Path']} {row['Arn']}",
        columns={
            "name": lambda row: row["UserName"],
            "path": lambda row: row["Path"],
            "created": lambda row: row["CreateDate"],
            "signin": lambda row: row.get("PasswordLastUsed"),
        },
        default_sort="name",
    )
    overview = overviews.users(request.ctx, table.rows)
    context = {"table": table, "users": [(row, overview[row["UserName"]]) for row in table.rows]}
    template = "iam/user_list.html#rows" if request.htmx else "iam/user_list.html"
    return render(request, template, context)


def user_create(request: ConsoleRequest) -> HttpResponse:
    """One page with the wizard's four parts; the last one shows the password, once."""
    form = UserForm(request.POST or None, ctx=request.ctx)
    if request.method == "POST" and form.is_valid():
        created = form.create(request.ctx)
        if created is not None:
            name = created.user["UserName"]
            flash.add(
                request,
                "success",
                _("User created successfully"),
                links=[(_("View user"), reverse("iam:user-detail", args=[name]))],
            )
            if created.password:
                shown = {"user": created.user, "password": created.password}
                shown["url"] = signin_url(request)
                return show_once(request, "iam/user_password.html", shown)
            return redirect("iam:user-detail", user_name=name)
    status = 422 if form.errors else 200
    return render(request, "iam/user_create.html", {"form": form}, status=status)


def user_detail(request: ConsoleRequest, user_name: str) -> HttpResponse:
    ctx = request.ctx
    user = operations.get_user(ctx, user_name=user_name)["User"]
    tab = request.GET.get("tab", "permissions")
    tab = tab if tab in TABS else "permissions"
    context: dict[str, Any] = {
        "user": user,
        "tab": tab,
        "tabs": TABS,
        "overview": overviews.users(ctx, [user])[user_name],
        "signin_url": signin_url(request),
    }
    context |= _TAB_CONTEXT[tab](request, user)
    template = "iam/user_detail.html#tab" if request.htmx else "iam/user_detail.html"
    return render(request, template, context)


def _groups_tab(request: ConsoleRequest, user: dict[str, Any]) -> dict[str, Any]:
    name = user["UserName"]
    mine = everything(operations.list_groups_for_user, request.ctx, "Groups", user_name=name)
    return {"groups": mine, "form": GroupsForm(ctx=request.ctx, mine=mine)}


def _security_tab(request: ConsoleRequest, user: dict[str, Any]) -> dict[str, Any]:
    ctx, name = request.ctx, user["UserName"]
    keys = operations.list_access_keys(ctx, user_name=name)["AccessKeyMetadata"]
    used = {
        key["AccessKeyId"]: operations.get_access_key_last_used(
            ctx, access_key_id=key["AccessKeyId"]
        )["AccessKeyLastUsed"]
        for key in keys  # two at most
    }
    devices = operations.list_mfa_devices(ctx, user_name=name)["MFADevices"]
    return {"keys": [(key, used[key["AccessKeyId"]]) for key in keys], "devices": devices}


_TAB_CONTEXT = {
    "permissions": lambda request, user: permissions.tab(request, "users", user["UserName"]),
    "groups": _groups_tab,
    "tags": lambda request, user: {"tags": user.get("Tags", [])},
    "security_credentials": _security_tab,
    "last_accessed": lambda request, user: access.last_accessed(request, user["Arn"]),
}


@require_POST
def user_delete(request: ConsoleRequest) -> HttpResponse:
    """Deletes the ticked users with all that is theirs, as AWS's console does."""
    names = request.POST.getlist("name")
    if not removal.is_confirmed(request.POST, names):
        return render(
            request, "iam/user_delete.html", {"names": names, "word": removal.word_for(names)}
        )
    for name in names:
        removal.remove_user(request.ctx, name)
    flash.add(request, "success", _("Users deleted"), ", ".join(names))
    return redirect("iam:user-list")


@require_POST
def user_groups(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """Adds the user to the ticked groups, or removes it from one (`remove`)."""
    if group_name := request.POST.get("remove"):
        operations.remove_user_from_group(request.ctx, group_name=group_name, user_name=user_name)
        flash.add(request, "success", _("User removed from group"), group_name)
    else:
        for group_name in request.POST.getlist("groups"):
            operations.add_user_to_group(request.ctx, group_name=group_name, user_name=user_name)
        flash.add(request, "success", _("User added to groups"))
    return _to_tab(user_name, "groups")


def console_access(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """Enables, changes or disables the user's console password."""
    user = operations.get_user(request.ctx, user_name=user_name)["User"]
    form = ConsoleAccessForm(request.POST or None, ctx=request.ctx, user_name=user_name)
    if request.method == "POST" and form.is_valid() and form.apply(request.ctx):
        flash.add(request, "success", _("Console access updated"), user_name)
        if form.new_password:
            return show_once(
                request,
                "iam/user_password.html",
                {"user": user, "password": form.new_password, "url": signin_url(request)},
            )
        return _to_tab(user_name, "security_credentials")
    status = 422 if form.errors else 200
    return render(request, "iam/user_console.html", {"form": form, "user": user}, status=status)


def key_create(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """The access-key wizard: use case, description, and the secret, once."""
    user = operations.get_user(request.ctx, user_name=user_name)["User"]
    form = AccessKeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = form.submit(operations.create_access_key, request.ctx, user_name=user_name)
        if answer is not None:
            form.keep_description(request.ctx, user_name, answer["AccessKey"]["AccessKeyId"])
            return show_once(request, "iam/access_key.html", {"key": answer["AccessKey"]})
    status = 422 if form.errors else 200
    context = {"form": form, "user": user}
    return render(request, "iam/access_key_create.html", context, status=status)


@require_POST
def key_update(request: ConsoleRequest, user_name: str, key: str) -> HttpResponse:
    """action: activate, deactivate or delete."""
    keys.change_key(request, key, user_name=user_name)
    return _to_tab(user_name, "security_credentials")


def signin_url(request: ConsoleRequest) -> str:
    """Where the account's IAM users sign in."""
    name = request.account.alias or request.account.account_id
    return request.build_absolute_uri(f"/{name}/console")


def _to_tab(user_name: str, tab: str) -> HttpResponseRedirect:
    return redirect(reverse("iam:user-detail", args=[user_name]) + f"?tab={tab}")
