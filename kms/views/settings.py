"""A key's description, tags, rotation and aliases."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aws.operation import together
from aws.paging import everything
from console import confirmation, flash
from console.forms.tags import TagsForm
from console.requests import ConsoleRequest
from kms import operations
from kms.forms.settings import AliasForm, DescriptionForm, RotationForm
from kms.views import frame


def description_edit(request: ConsoleRequest, key_id: UUID) -> HttpResponse:
    metadata = frame.describe(request, key_id)
    initial = {"description": metadata["Description"]}
    posted = request.POST if request.method == "POST" else None
    form = DescriptionForm(posted, initial=initial)
    if posted is not None and form.is_valid() and form.save(request.ctx, str(key_id)):
        flash.add(request, "success", _("Description updated"), str(key_id))
        return frame.to_tab(key_id, "policy")
    title = _("Edit description")
    return frame.form_page(request, "setting_edit", form, key_id, "policy", title=title)


def tags_edit(request: ConsoleRequest, key_id: UUID) -> HttpResponse:
    """Replaces the tags by the rows of the form."""
    ctx, name = request.ctx, str(key_id)
    known = everything(operations.list_resource_tags, ctx, "Tags", key_id=name)
    old = {tag["TagKey"]: tag["TagValue"] for tag in known}
    form = TagsForm(request.POST if request.method == "POST" else None, initial_tags=old)
    if request.method == "POST" and form.is_valid():
        wanted = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in form.tags]
        with form.aws_errors(), together(ctx):
            if gone := sorted(set(old) - {tag["TagKey"] for tag in wanted}):
                operations.untag_resource(ctx, key_id=name, tag_keys=gone)
            if wanted:
                operations.tag_resource(ctx, key_id=name, tags=wanted)
        if form.is_valid():
            flash.add(request, "success", _("Tags saved"), name)
            return frame.to_tab(key_id, "tags")
    return frame.form_page(request, "tags_edit", form, key_id, "tags")


def rotation_edit(request: ConsoleRequest, key_id: UUID) -> HttpResponse:
    status = operations.get_key_rotation_status(request.ctx, key_id=str(key_id))
    initial = {
        "enabled": status["KeyRotationEnabled"],
        "days": status.get("RotationPeriodInDays", 365),
    }
    posted = request.POST if request.method == "POST" else None
    form = RotationForm(posted, initial=initial)
    if posted is not None and form.is_valid() and form.save(request.ctx, str(key_id)):
        flash.add(request, "success", _("Key rotation updated"), str(key_id))
        return frame.to_tab(key_id, "rotation")
    return frame.form_page(request, "rotation_edit", form, key_id, "rotation")


@require_POST
def rotate(request: ConsoleRequest, key_id: UUID) -> HttpResponse:
    """Rotates on demand, after a question."""
    if not confirmation.is_agreed(request):
        return confirmation.ask(
            request,
            title=_("Rotate key now?"),
            body=_(
                "New data is encrypted with new key material. What was encrypted before stays "
                "readable. A key can be rotated on demand 25 times."
            ),
            names=[str(key_id)],
            submit_label=_("Rotate key"),
            cancel_url=frame.tab_url(key_id, "rotation"),
        )
    operations.rotate_key_on_demand(request.ctx, key_id=str(key_id))
    flash.add(request, "success", _("Key rotated"), str(key_id))
    return frame.to_tab(key_id, "rotation")


def alias_create(request: ConsoleRequest, key_id: UUID) -> HttpResponse:
    frame.describe(request, key_id)
    posted = request.POST if request.method == "POST" else None
    form = AliasForm(posted)
    if posted is not None and form.is_valid() and form.create(request.ctx, str(key_id)):
        flash.add(request, "success", _("Alias created"), form.cleaned_data["alias"])
        return frame.to_tab(key_id, "aliases")
    words = {"title": _("Create alias"), "submit_label": _("Create alias")}
    return frame.form_page(request, "setting_edit", form, key_id, "aliases", **words)


@require_POST
def alias_delete(request: ConsoleRequest, key_id: UUID) -> HttpResponse:
    """Deletes the ticked aliases: all or none."""
    names = [name for name in request.POST.getlist("name") if name]
    if names and not confirmation.is_agreed(request):
        return confirmation.ask(
            request,
            title=_("Delete aliases?"),
            body=_("What names the key by an alias no longer finds it. The key stays."),
            names=names,
            cancel_url=frame.tab_url(key_id, "aliases"),
        )
    with together(request.ctx):
        for name in names:
            operations.delete_alias(request.ctx, alias_name=name)
    if names:
        flash.add(request, "success", _("Aliases deleted"), ", ".join(names))
    return frame.to_tab(key_id, "aliases")
