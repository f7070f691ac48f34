"""Keys: the lists, creating, one key's tabs, their states, deleting."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from aws.operation import together
from aws.paging import everything
from console import flash
from console.listing import Listing, listing
from console.requests import ConsoleRequest
from console.sections import section
from kms import console_policy, operations, overviews, specs
from kms.forms.keys import USAGES, DeletionForm, KeyForm
from kms.models import Key
from kms.views import frame

MAX_AT_ONCE = 100
INDICATORS = {
    Key.ENABLED: "success",
    Key.DISABLED: "stopped",
    Key.PENDING_DELETION: "pending",
}
TABS = {
    "policy": gettext_lazy("Key policy"),
    "cryptography": gettext_lazy("Cryptographic configuration"),
    "tags": gettext_lazy("Tags"),
    "rotation": gettext_lazy("Key rotation"),
    "aliases": gettext_lazy("Aliases"),
}
CHANGES: dict[str, tuple[Any, Any]] = {
    "enable": (operations.enable_key, gettext_lazy("Keys enabled")),
    "disable": (operations.disable_key, gettext_lazy("Keys disabled")),
    "cancel": (operations.cancel_key_deletion, gettext_lazy("Key deletion canceled")),
}


def key_list(request: ConsoleRequest) -> HttpResponse:
    return _list(request, "CUSTOMER", "kms/key_list.html")


def managed_list(request: ConsoleRequest) -> HttpResponse:
    return _list(request, "AWS", "kms/managed_list.html")


def _list(request: ConsoleRequest, manager: str, template: str) -> HttpResponse:
    table = _table(request, overviews.keys(request.ctx, manager))
    keys = [{"key": row, **_labels(row.metadata)} for row in table.rows]
    context = {"table": table, "keys": keys}
    return render(request, f"{template}#rows" if request.htmx else template, context)


def _table(request: ConsoleRequest, rows: list[overviews.Overview]) -> Listing:
    def member(name: str) -> Callable[[overviews.Overview], Any]:
        return lambda row: (row.metadata or {}).get(name)

    return listing(
        request,
        rows,
        search=lambda row: f"{' '.join(row.aliases)} {row.key_id}",
        columns={
            "alias": lambda row: row.alias or None,
            "key_id": lambda row: row.key_id,
            "status": member("KeyState"),
            "spec": member("KeySpec"),
            "usage": member("KeyUsage"),
        },
        default_sort="alias",
    )


def _labels(metadata: dict[str, Any] | None) -> dict[str, Any]:
    """How pages say the state and usage of a key; nothing of one that may not be described."""
    if metadata is None:
        return {}
    state = metadata["KeyState"]
    return {
        "state": Key.LABELS[state],
        "indicator": INDICATORS[state],
        "usage": dict(USAGES)[metadata["KeyUsage"]],
    }


def key_create(request: ConsoleRequest) -> HttpResponse:
    form = KeyForm(request.POST or None, ctx=request.ctx)
    if request.method == "POST" and form.is_valid() and (key_id := form.create(request.ctx)):
        view_key = [(_("View key"), reverse("kms:key-detail", args=[key_id]))]
        flash.add(request, "success", _("Key created"), form.cleaned_data["alias"], links=view_key)
        return redirect("kms:key-list")
    status = 422 if form.errors else 200
    return render(request, "kms/key_create.html", {"form": form}, status=status)


def key_detail(request: ConsoleRequest, key_id: UUID) -> HttpResponse:
    metadata = frame.describe(request, key_id)
    is_symmetric = metadata["KeySpec"] == specs.SYMMETRIC_DEFAULT
    tabs = {name: label for name, label in TABS.items() if name != "rotation" or is_symmetric}
    tab = request.GET.get("tab", "policy")
    tab = tab if tab in tabs else "policy"
    context = {
        "key": metadata,
        "key_id": key_id,
        "aliases": section(lambda: _aliases(request, key_id)),
        "is_own": metadata["KeyManager"] == "CUSTOMER",
        "is_pending": metadata["KeyState"] == Key.PENDING_DELETION,
        **_labels(metadata),
        "tab": tab,
        "tabs": tabs,
        "part": section(lambda: _PARTS[tab](request, metadata)),
    }
    template = "kms/key_detail.html#tab" if request.htmx else "kms/key_detail.html"
    return render(request, template, context)


def _aliases(request: ConsoleRequest, key_id: UUID) -> list[dict[str, Any]]:
    return everything(operations.list_aliases, request.ctx, "Aliases", key_id=str(key_id))


def _policy(request: ConsoleRequest, metadata: dict[str, Any]) -> dict[str, Any]:
    """view: "default" for administrators and users by name, "policy" for the JSON."""
    text = operations.get_key_policy(request.ctx, key_id=metadata["KeyId"])["Policy"]
    administrators = console_policy.principals(text, console_policy.ADMINISTRATORS)
    users = console_policy.principals(text, console_policy.USERS)
    is_default = administrators is not None and request.GET.get("view") != "policy"
    return {
        "document": console_policy.laid_out(text),
        "has_default": administrators is not None,
        "is_default": is_default,
        "administrators": administrators or [],
        "users": users or [],
    }


def _rotation(request: ConsoleRequest, metadata: dict[str, Any]) -> dict[str, Any]:
    key_id = metadata["KeyId"]
    status = operations.get_key_rotation_status(request.ctx, key_id=key_id)
    done = section(
        lambda: everything(operations.list_key_rotations, request.ctx, "Rotations", key_id=key_id)
    )
    return {"status": status, "rotations": done}


def _tags(request: ConsoleRequest, metadata: dict[str, Any]) -> list[dict[str, str]]:
    key_id = metadata["KeyId"]
    return everything(operations.list_resource_tags, request.ctx, "Tags", key_id=key_id)


_PARTS: dict[str, Callable[[ConsoleRequest, dict[str, Any]], Any]] = {
    "policy": _policy,
    "rotation": _rotation,
    "tags": _tags,
    "cryptography": lambda _request, _metadata: None,
    "aliases": lambda _request, _metadata: None,
}


@require_POST
def keys_state(request: ConsoleRequest) -> HttpResponse:
    """Enables, disables, or keeps the ticked keys: all or none. `to`: one of CHANGES."""
    names, to = request.POST.getlist("name"), request.POST.get("to", "")
    if not 0 < len(names) <= MAX_AT_ONCE or to not in CHANGES:
        return _nothing_chosen(request)
    change, done = CHANGES[to]
    with together(request.ctx):
        for key_id in names:
            change(request.ctx, key_id=key_id)
    flash.add(request, "success", str(done), ", ".join(names))
    return redirect("kms:key-list")


@require_POST
def keys_delete(request: ConsoleRequest) -> HttpResponse:
    """Asks for the waiting period, then schedules the deletion of the ticked keys."""
    names = request.POST.getlist("name")
    if not 0 < len(names) <= MAX_AT_ONCE:
        return _nothing_chosen(request)
    form = DeletionForm(request.POST if "days" in request.POST else None)
    if form.is_bound and form.is_valid() and form.schedule(request.ctx, names):
        flash.add(request, "success", _("Key deletion scheduled"), ", ".join(names))
        return redirect("kms:key-list")
    status = 422 if form.errors else 200
    context = {"form": form, "names": names}
    return render(request, "kms/keys_delete.html", context, status=status)


def _nothing_chosen(request: ConsoleRequest) -> HttpResponse:
    flash.add(request, "error", _("Choose 1 to 100 keys."))
    return redirect("kms:key-list")
