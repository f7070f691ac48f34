"""A key's policy: as JSON, and its administrators and users by name."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console import flash
from console.requests import ConsoleRequest
from iam.views.editor import Editor
from kms import console_policy, operations
from kms.forms.settings import PolicyForm, PrincipalsForm
from kms.views import frame

TITLES = {
    console_policy.ADMINISTRATORS: gettext_lazy("Key administrators"),
    console_policy.USERS: gettext_lazy("Key users"),
}


def policy_edit(request: ConsoleRequest, key_id: UUID) -> HttpResponse:
    text = operations.get_key_policy(request.ctx, key_id=str(key_id))["Policy"]
    editor = Editor(request, "key", console_policy.laid_out(text))
    is_sent = request.method == "POST" and not editor.is_edit
    form = PolicyForm(request.POST if is_sent else None)
    if is_sent and form.is_valid() and form.save(request.ctx, str(key_id)):
        flash.add(request, "success", _("Key policy updated"), str(key_id))
        return frame.to_tab(key_id, "policy")
    return frame.form_page(request, "policy_edit", form, key_id, "policy", editor=editor)


def principals_edit(request: ConsoleRequest, key_id: UUID, principals: str) -> HttpResponse:
    """principals: "administrators" or "users", of a policy that the console wrote."""
    metadata = frame.describe(request, key_id)
    text = operations.get_key_policy(request.ctx, key_id=str(key_id))["Policy"]
    if principals not in TITLES or console_policy.principals(text, principals) is None:
        raise Http404
    form = PrincipalsForm(
        request.POST if request.method == "POST" else None,
        ctx=request.ctx,
        kind=principals,
        policy=text,
        metadata=metadata,
    )
    title = TITLES[principals]
    if request.method == "POST" and form.is_valid() and form.save(request.ctx):
        flash.add(request, "success", _("Key policy updated"), str(key_id))
        return frame.to_tab(key_id, "policy")
    return frame.form_page(request, "principals_edit", form, key_id, "policy", title=title)
