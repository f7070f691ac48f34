"""Users: the list, the create wizard, one user's tabs, renaming, groups, deleting."""

from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from aws.operation import together
from aws.paging import everything
from console import flash
from console.columns import Columns
from console.listing import listing
from console.requests import ConsoleRequest
from console.sections import section
from iam import operations, overviews, removal
from iam.forms.users import GroupsForm, RenameUserForm, UserForm
from iam.overviews import UserOverview
from iam.views import access, confirmation, keys, mfa, permissions
from iam.views.holders import Holder
from iam.views.secrets import show_once

TABS = {
    "permissions": gettext_lazy("Permissions"),
    "groups": gettext_lazy("Groups"),
    "tags": gettext_lazy("Tags"),
    "security_credentials": gettext_lazy("Security credentials"),
    "last_accessed": gettext_lazy("Last Accessed"),
}
COLUMNS = Columns(
    "iam:user-list",
    {
        "path": gettext_lazy("Path"),
        "groups": gettext_lazy("Groups"),
        "activity": gettext_lazy("Last activity"),
        "mfa": gettext_lazy("MFA"),
        "password_age": gettext_lazy("Password age"),
        "signin": gettext_lazy("Console last sign-in"),
        "key": gettext_lazy("Access key ID"),
        "key_age": gettext_lazy("Active key age"),
        "key_used": gettext_lazy("Access key last used"),
        "arn": gettext_lazy("ARN"),
        "created": gettext_lazy("Creation time"),
        "console": gettext_lazy("Console access"),
        "certificates": gettext_lazy("Signing certs"),
    },
    hidden=frozenset({"key_used", "arn", "created", "console", "certificates"}),
)

_MAIL_SUBJECT = gettext_lazy("Welcome to the AWS Management Console")


def user_list(request: ConsoleRequest) -> HttpResponse:
    """The table; HTMX asks for its rows alone. Only an order by what others know of a user reads
    that of all users; else it is read for the page."""
    rows = everything(operations.list_users, request.ctx, "Users", max_items=1000)
    table = listing(
        request,
        rows,
        search=lambda row: f"{row['UserName']} {row['Path']} {row['Arn']}",
        columns=_sort_keys(cache(lambda: overviews.users(request.ctx, rows))),
        default_sort="name",
    )
    overview = overviews.users(request.ctx, table.rows)
    context = {
        "table": table,
        "users": [(row, overview[row["UserName"]]) for row in table.rows],
        "shown": COLUMNS.shown(request),
    }
    template = "iam/user_list.html#rows" if request.htmx else "iam/user_list.html"
    return render(request, template, context)


def _sort_keys(everyone: Callable[[], dict[str, UserOverview]]) -> dict[str, Callable[[Any], Any]]:
    def of(attribute: str) -> Callable[[Any], Any]:
        return lambda row: getattr(everyone()[row["UserName"]], attribute)

    return {
        "name": lambda row: row["UserName"],
        "path": lambda row: row["Path"],
        "created": lambda row: row["CreateDate"],
        "signin": lambda row: row.get("PasswordLastUsed"),
        "groups": of("group_count"),
        "activity": of("last_activity"),
        "mfa": of("mfa_devices"),
        "password_age": of("password_age"),
        "key_age": of("active_key_age"),
        "key_used": of("key_last_used"),
    }


def user_columns(request: ConsoleRequest) -> HttpResponse:
    return COLUMNS.edit(request)


@never_cache
def user_create(request: ConsoleRequest) -> HttpResponse:
    """One page with the wizard's steps; the answer shows the password, once."""
    form = UserForm(request.POST or None, ctx=request.ctx)
    created = form.create(request.ctx) if request.method == "POST" and form.is_valid() else None
    if created is None:
        context = {"form": form, "signin_url": signin_url(request)}
        status = 422 if form.errors else 200
        return render(request, "iam/user_create.html", context, status=status)
    name = created.user["UserName"]
    view_user = [(_("View user"), reverse("iam:user-detail", args=[name]))]
    flash.add(request, "success", _("User created successfully"), name, links=view_user)
    if created.password:
        return show_password(request, name, created.password)
    return redirect("iam:user-list")


def show_password(request: ConsoleRequest, user_name: str, password: str) -> HttpResponse:
    """The wizard's last step, and the answer to a new password."""
    address = signin_url(request)
    text = _instructions(address, user_name)
    mail = urlencode({"subject": _MAIL_SUBJECT, "body": text}, quote_via=quote)
    context = {
        "user_name": user_name,
        "password": password,
        "signin_url": address,
        "instructions": text,
        "mail_url": f"mailto:?{mail}",
        "csv_name": f"{user_name}_credentials.csv",
        "csv_header": ["User name", "Password", "Console sign-in URL"],
        "csv_row": [user_name, password, address],
    }
    return show_once(request, "iam/user_password.html", context)


def _instructions(address: str, user_name: str) -> str:
    """The e-mail that AWS's console offers: everything but the password."""
    lines = [
        _("You can now sign in to the AWS Management Console."),
        "",
        _("Sign-in URL: %(url)s") % {"url": address},
        _("User name: %(name)s") % {"name": user_name},
        "",
        _("You will get your password separately."),
    ]
    return "\n".join(lines)


def user_detail(request: ConsoleRequest, user_name: str) -> HttpResponse:
    user = operations.get_user(request.ctx, user_name=user_name)["User"]
    tab = request.GET.get("tab", "permissions")
    tab = tab if tab in TABS else "permissions"
    context: dict[str, Any] = {
        "user": user,
        "tab": tab,
        "tabs": TABS,
        "overview": overviews.users(request.ctx, [user])[user["UserName"]],
        "holder": Holder(user["UserName"], is_own=False, is_root=False),
        "signin_url": signin_url(request),
        **_TAB_CONTEXT[tab](request, user),
    }
    template = "iam/user_detail.html#tab" if request.htmx else "iam/user_detail.html"
    return render(request, template, context)


def _groups_tab(request: ConsoleRequest, user: dict[str, Any]) -> dict[str, Any]:
    return {"groups": section(lambda: overviews.groups_of_user(request.ctx, user["UserName"]))}


def _security_tab(request: ConsoleRequest, user: dict[str, Any]) -> dict[str, Any]:
    holder = Holder(user["UserName"], is_own=False, is_root=False)
    return {
        **mfa.devices_context(request, holder),
        **keys.keys_context(request, holder, user.get("Tags", [])),
    }


_TAB_CONTEXT: dict[str, Callable[[ConsoleRequest, dict[str, Any]], dict[str, Any]]] = {
    "permissions": lambda request, user: permissions.tab(request, "users", user["UserName"]),
    "groups": _groups_tab,
    "tags": lambda request, user: {"tags": user.get("Tags", [])},
    "security_credentials": _security_tab,
    "last_accessed": lambda request, user: access.last_accessed(request, user["Arn"]),
}


@require_POST
def user_delete(request: ConsoleRequest) -> HttpResponse:
    """Deletes the ticked users with all that is theirs, as AWS's console does: all or none."""
    names = request.POST.getlist("name")
    if not names or len(names) > removal.MAX_AT_ONCE:
        flash.add(request, "error", _("Choose 1 to 100 users."))
        return redirect("iam:user-list")
    if not removal.is_confirmed(request.POST, names):
        return _ask_to_delete(request, names)
    with together(request.ctx):
        for name in names:
            removal.remove_user(request.ctx, name)
    flash.add(request, "success", _("Users deleted"), ", ".join(names))
    return redirect("iam:user-list")


def _ask_to_delete(request: ConsoleRequest, names: list[str]) -> HttpResponse:
    users = [operations.get_user(request.ctx, user_name=name)["User"] for name in names]
    known = overviews.users(request.ctx, users)
    return confirmation.ask(
        request,
        title=_("Delete users?"),
        body=_(
            "This also deletes their passwords, access keys, MFA devices and inline policies, and "
            "takes them out of their groups. It cannot be undone."
        ),
        word=removal.word_for(names),
        hidden=[("name", name) for name in names],
        details="iam/_last_activity.html",
        activity=[(user["UserName"], known[user["UserName"]]) for user in users],
        cancel_url=reverse("iam:user-list"),
    )


def user_rename(request: ConsoleRequest, user_name: str) -> HttpResponse:
    user = operations.get_user(request.ctx, user_name=user_name)["User"]
    initial = {"new_user_name": user["UserName"], "new_path": user["Path"]}
    form = RenameUserForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and form.save(request.ctx, user_name):
        new_name = form.cleaned_data["new_user_name"]
        flash.add(request, "success", _("User updated"), new_name)
        return redirect("iam:user-detail", user_name=new_name)
    context = {"form": form, "user": user}
    status = 422 if form.errors else 200
    return render(request, "iam/user_rename.html", context, status=status)


def user_groups(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """Adds the user to the ticked groups, or removes it from those of `remove`."""
    if request.method == "POST" and "remove" in request.POST:
        return _leave_groups(request, user_name)
    mine = everything(operations.list_groups_for_user, request.ctx, "Groups", user_name=user_name)
    form = GroupsForm(request.POST or None, ctx=request.ctx, mine=mine)
    if request.method == "POST" and form.is_valid() and form.add(request.ctx, user_name):
        names = ", ".join(form.cleaned_data["groups"])
        flash.add(request, "success", _("User added to groups"), names)
        return _to_tab(user_name, "groups")
    context = {"form": form, "user_name": user_name}
    status = 422 if form.errors else 200
    return render(request, "iam/user_groups.html", context, status=status)


def _leave_groups(request: ConsoleRequest, user_name: str) -> HttpResponse:
    names = [name for name in request.POST.getlist("remove") if name]
    with together(request.ctx):
        for name in names:
            operations.remove_user_from_group(request.ctx, group_name=name, user_name=user_name)
    if names:
        flash.add(request, "success", _("User removed from groups"), ", ".join(names))
    return _to_tab(user_name, "groups")


def signin_url(request: ConsoleRequest) -> str:
    """Where the account's IAM users sign in."""
    name = request.account.alias or request.account.account_id
    return request.build_absolute_uri(f"/{name}/console")


def _to_tab(user_name: str, tab: str) -> HttpResponseRedirect:
    return redirect(reverse("iam:user-detail", args=[user_name]) + f"?tab={tab}")
