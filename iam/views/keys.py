"""What the access-key buttons do, for a user's keys and one's own."""

from django.utils.translation import gettext as _

from console import flash
from console.requests import ConsoleRequest
from iam import operations, removal


def change_key(request: ConsoleRequest, key: str, *, user_name: str | None = None) -> None:
    """POST action: activate, deactivate, or delete (typed confirmation: the key's id)."""
    action, ctx = request.POST.get("action", ""), request.ctx
    who = {"access_key_id": key, "user_name": user_name}
    if action in ("activate", "deactivate"):
        status = "Active" if action == "activate" else "Inactive"
        operations.update_access_key(ctx, status=status, **who)
        flash.add(request, "success", _("Access key updated"), key)
    elif action == "delete" and removal.is_confirmed(request.POST, [key]):
        operations.delete_access_key(ctx, **who)
        flash.add(request, "success", _("Access key deleted"), key)
    else:
        flash.add(request, "error", _("Type the access key ID to confirm its deletion."), key)
