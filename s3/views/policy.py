"""The bucket policy: its editor with examples and a preview of who gets in, and deleting it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from console import confirmation, flash
from console.requests import ConsoleRequest
from console.sections import Readable, section
from iam.policy import PolicySyntaxError
from iam.views.editor import Editor
from s3 import operations, reading
from s3.exposure import Opening, policy_openings
from s3.forms.permissions import PolicyForm
from s3.names import bucket_arn
from s3.policy_examples import EXAMPLES
from s3.views import frame

DELETE = "delete"


def policy_edit(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """?example= begins with one of the examples, ?document= with a suggested policy."""
    editor = Editor(request, "bucket", _first_text(request, bucket))
    is_sent = request.method == "POST" and not editor.is_edit
    form = PolicyForm(
        request.POST if is_sent else None, ctx=request.ctx, bucket=bucket, editor=editor
    )
    if is_sent and form.is_valid() and form.save():
        flash.add(request, "success", _("Successfully edited bucket policy."), bucket)
        return frame.to_tab(bucket, "permissions")
    context = {
        "form": form,
        "editor": editor,
        "bucket": bucket,
        "arn": bucket_arn(bucket),
        "examples": EXAMPLES.values(),
        "preview": _preview(request, bucket, editor.text),
        "back_url": frame.tab_url(bucket, "permissions"),
    }
    return render(request, "s3/policy_edit.html", context, status=422 if form.errors else 200)


def _first_text(request: ConsoleRequest, bucket: str) -> str:
    if request.method == "POST":
        return ""
    known = reading.policy(request.ctx, bucket)
    if document := request.GET.get("document", ""):
        return document
    example = EXAMPLES.get(request.GET.get("example", ""))
    return example.document(bucket, request.account.account_id) if example else known


@require_POST
def policy_preview(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """Who outside of the account would get in by the text as it stands."""
    editor = Editor(request, "bucket")
    context = {"preview": _preview(request, bucket, editor.text), "bucket": bucket}
    return render(request, "s3/_policy_preview.html", context)


def _preview(request: ConsoleRequest, bucket: str, text: str) -> Readable[list[Opening] | None]:
    """value: None while the text is no policy. error: Block Public Access may not be read."""

    def read() -> list[Opening] | None:
        blocks = reading.blocks(request.ctx, bucket)
        try:
            return list(policy_openings(text, request.account.account_id, blocks))
        except PolicySyntaxError:
            return None

    return section(read)


@require_POST
def policy_delete(request: ConsoleRequest, bucket: str) -> HttpResponse:
    if request.POST.get("confirm") != DELETE:
        return confirmation.ask(
            request,
            title=_("Delete bucket policy?"),
            body=_("Who had access by this policy alone loses it."),
            names=[bucket],
            word=DELETE,
            cancel_url=frame.tab_url(bucket, "permissions"),
        )
    operations.delete_bucket_policy(request.ctx, bucket=bucket)
    flash.add(request, "success", _("Successfully deleted bucket policy."), bucket)
    return redirect(frame.tab_url(bucket, "permissions"))
