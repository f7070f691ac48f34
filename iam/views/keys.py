"""Access keys: the wizard, and what their buttons do, for a user's keys and one's own."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from console import flash
from console.requests import ConsoleRequest
from console.sections import Readable, section
from iam import operations, quotas, removal
from iam.forms.access_keys import USE_CASES, AccessKeyForm, KeyDescriptionForm
from iam.views import confirmation
from iam.views.holders import Holder, holder_of
from iam.views.secrets import show_once

SEEN_ONCE = gettext_lazy(
    "This is the only time that the secret access key can be viewed or downloaded. You cannot "
    "recover it later. However, you can create a new access key any time."
)


@dataclass(frozen=True)
class KeyRow:
    """key: AWS's AccessKeyMetadata. used: AccessKeyLastUsed, {} where it may not be read."""

    key: dict[str, Any]
    used: dict[str, Any]
    description: str
    url: str
    description_url: str

    @property
    def is_active(self) -> bool:
        return bool(self.key["Status"] == "Active")


def key_rows(
    request: ConsoleRequest, holder: Holder, tags: list[dict[str, str]]
) -> Readable[list[KeyRow]]:
    """tags: the user's, which hold the descriptions."""
    descriptions = {tag["Key"]: tag["Value"] for tag in tags}
    return section(
        lambda: [
            _row(request, holder, key, descriptions)
            for key in operations.list_access_keys(request.ctx, **holder.who)["AccessKeyMetadata"]
        ]
    )


def _row(
    request: ConsoleRequest, holder: Holder, key: dict[str, Any], descriptions: dict[str, str]
) -> KeyRow:
    key_id = key["AccessKeyId"]
    used = section(
        lambda: operations.get_access_key_last_used(request.ctx, access_key_id=key_id)[
            "AccessKeyLastUsed"
        ]
    )
    return KeyRow(
        key=key,
        used=used.value or {},
        description=descriptions.get(key_id, ""),
        url=holder.address("key", key_id),
        description_url=holder.address("key-description") + f"?key={key_id}",
    )


def keys_context(
    request: ConsoleRequest, holder: Holder, tags: list[dict[str, str]]
) -> dict[str, Any]:
    """What `iam/_access_keys.html` draws."""
    rows = key_rows(request, holder, tags)
    is_full = len(rows.value or ()) >= quotas.ACCESS_KEYS_PER_USER
    return {"holder": holder, "keys": rows, "keys_full": is_full}


def key_create(request: ConsoleRequest, user_name: str = "") -> HttpResponse:
    """Use case, description, and the secret, once."""
    holder = holder_of(request, user_name)
    form = AccessKeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = form.submit(operations.create_access_key, request.ctx, **holder.who)
        if answer is not None:
            if not holder.is_root:
                form.keep_description(request.ctx, holder.name, answer["AccessKey"]["AccessKeyId"])
            flash.add(request, "success", _("Access key created"), str(SEEN_ONCE))
            return _show_key(request, holder, answer["AccessKey"])
    context = {"form": form, "holder": holder, "use_cases": USE_CASES}
    status = 422 if form.errors else 200
    return render(request, "iam/access_key_create.html", context, status=status)


def _show_key(request: ConsoleRequest, holder: Holder, key: dict[str, Any]) -> HttpResponse:
    """The last step. The file is named and laid out as AWS's."""
    context = {
        "key": key,
        "holder": holder,
        "api_url": settings.LAB_API_URL,
        "csv_name": f"{'rootkey' if holder.is_root else holder.name + '_accessKeys'}.csv",
        "csv_header": ["Access key ID", "Secret access key"],
        "csv_row": [key["AccessKeyId"], key["SecretAccessKey"]],
    }
    return show_once(request, "iam/access_key.html", context)


@require_POST
def key_update(request: ConsoleRequest, key: str, user_name: str = "") -> HttpResponse:
    """action: activate, deactivate or delete. A key is deleted once it is inactive, as in AWS's
    console, after its id was typed."""
    holder = holder_of(request, user_name)
    action = request.POST.get("action", "")
    if action == "delete":
        return _delete(request, holder, key)
    if action == "deactivate" and not confirmation.is_agreed(request):
        return _ask_to_deactivate(request, holder, key)
    status = "Active" if action == "activate" else "Inactive"
    operations.update_access_key(request.ctx, access_key_id=key, status=status, **holder.who)
    done = _("Access key activated") if status == "Active" else _("Access key deactivated")
    flash.add(request, "success", done, key)
    return redirect(holder.url)


def _ask_to_deactivate(request: ConsoleRequest, holder: Holder, key: str) -> HttpResponse:
    return confirmation.ask(
        request,
        title=_("Deactivate access key?"),
        body=_("Applications that use this key lose access at once. You can activate it again."),
        names=[key],
        hidden=[("action", "deactivate")],
        submit_label=_("Deactivate"),
        cancel_url=holder.url,
    )


def _delete(request: ConsoleRequest, holder: Holder, key: str) -> HttpResponse:
    listed = operations.list_access_keys(request.ctx, **holder.who)["AccessKeyMetadata"]
    if any(one["AccessKeyId"] == key and one["Status"] == "Active" for one in listed):
        text = _("Deactivate the access key first, and see that nothing needs it.")
        flash.add(request, "error", _("An active access key cannot be deleted"), text)
        return redirect(holder.url)
    if not removal.is_confirmed(request.POST, [key]):
        return confirmation.ask_to_delete(
            request,
            title=_("Delete access key?"),
            body=_("A deleted access key cannot be recovered."),
            names=[key],
            hidden=[("action", "delete")],
            cancel_url=holder.url,
        )
    operations.delete_access_key(request.ctx, access_key_id=key, **holder.who)
    flash.add(request, "success", _("Access key deleted"), key)
    return redirect(holder.url)


def key_description(request: ConsoleRequest, user_name: str = "") -> HttpResponse:
    """The description of ?key=, which is a tag of the user, named as the key."""
    holder, key = holder_of(request, user_name), request.GET.get("key", "")
    listed = operations.list_access_keys(request.ctx, **holder.who)["AccessKeyMetadata"]
    if holder.is_root or key not in [one["AccessKeyId"] for one in listed]:
        flash.add(request, "error", _("There is no such access key"), key)
        return redirect(holder.url)
    tags = operations.list_user_tags(request.ctx, user_name=holder.name)["Tags"]
    known = next((tag["Value"] for tag in tags if tag["Key"] == key), "")
    form = KeyDescriptionForm(request.POST or None, initial={"description": known})
    if request.method == "POST" and form.is_valid() and form.save(request.ctx, holder.name, key):
        flash.add(request, "success", _("Description saved"), key)
        return redirect(holder.url)
    context = {"form": form, "holder": holder, "key": key}
    status = 422 if form.errors else 200
    return render(request, "iam/access_key_description.html", context, status=status)
