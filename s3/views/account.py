"""Block Public Access settings of the account: what they are, and editing them."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from console import flash
from console.requests import ConsoleRequest
from console.sections import section
from s3 import reading
from s3.forms.account import AccountBlockForm
from s3.views.permissions import shown_blocks


def account_blocks(request: ConsoleRequest) -> HttpResponse:
    blocks = section(lambda: reading.account_blocks(request.ctx))
    context = {"blocks": blocks, "blocks_shown": shown_blocks(blocks)}
    return render(request, "s3/account_blocks.html", context)


def account_blocks_edit(request: ConsoleRequest) -> HttpResponse:
    is_sent = request.method == "POST"
    blocks = {} if is_sent else reading.account_blocks(request.ctx)
    form = AccountBlockForm(request.POST if is_sent else None, ctx=request.ctx, blocks=blocks)
    if is_sent and form.is_valid() and form.save():
        header = _("Successfully edited Block Public Access settings for this account")
        flash.add(request, "success", header)
        return redirect("s3:account-blocks")
    status = 422 if form.errors else 200
    return render(request, "s3/account_blocks_edit.html", {"form": form}, status=status)
