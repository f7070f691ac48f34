"""My security credentials: one's own password, MFA devices and access keys (user or root)."""

import base64
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aws import seal
from aws.errors import AwsError
from console import flash
from console.requests import ConsoleRequest
from iam import operations
from iam.forms.access_keys import AccessKeyForm
from iam.forms.account import MfaForm, OwnPasswordForm
from iam.views import keys
from iam.views.secrets import show_once


def own(request: ConsoleRequest) -> HttpResponse:
    """Each part is there where the principal may read it about itself."""
    ctx, principal = request.ctx, request.principal
    context: dict[str, Any] = {"is_root": principal.kind == "root"}
    if principal.kind in ("root", "user"):
        who = _who(request)
        if ctx.allows("iam:ListAccessKeys", principal.arn):
            context["keys"] = operations.list_access_keys(ctx, **who)["AccessKeyMetadata"]
        if ctx.allows("iam:ListMFADevices", principal.arn):
            context["devices"] = operations.list_mfa_devices(ctx, **who)["MFADevices"]
    return render(request, "iam/security_credentials.html", context)


def password_change(request: ConsoleRequest) -> HttpResponse:
    form = OwnPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = form.submit(
            operations.change_password,
            request.ctx,
            old_password=form.cleaned_data["old_password"],
            new_password=form.cleaned_data["new_password"],
        )
        if done is not None:
            flash.add(request, "success", _("Password changed"))
            return redirect("iam:security-credentials")
    status = 422 if form.errors else 200
    return render(request, "iam/password_change.html", {"form": form}, status=status)


def key_create(request: ConsoleRequest) -> HttpResponse:
    form = AccessKeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = form.submit(operations.create_access_key, request.ctx, **_who(request))
        if answer is not None:
            if request.principal.kind == "user":
                key_id = answer["AccessKey"]["AccessKeyId"]
                form.keep_description(request.ctx, request.principal.name, key_id)
            return show_once(request, "iam/access_key.html", {"key": answer["AccessKey"]})
    status = 422 if form.errors else 200
    return render(request, "iam/access_key_create.html", {"form": form}, status=status)


@require_POST
def key_update(request: ConsoleRequest, key: str) -> HttpResponse:
    keys.change_key(request, key, **_who(request))
    return redirect("iam:security-credentials")


def mfa_add(request: ConsoleRequest) -> HttpResponse:
    """Step 1 names the device and makes it; step 2 shows its QR code and takes two codes.

    The QR code is shown by the POST's own answer. A wrong code shows it again: the device's
    answer travels sealed in the form, so that it rests nowhere and the student scans only once.
    """
    form = MfaForm(request.POST or None)
    if request.method != "POST":
        return render(request, "iam/mfa_add.html", {"form": form, "step": 1})
    sealed = request.POST.get("device", "")
    device = _unsealed(sealed) if sealed else _new_device(request, form)
    if device is None:
        return render(request, "iam/mfa_add.html", {"form": form, "step": 1}, status=422)
    if sealed and form.is_valid():
        enabled = form.submit(
            operations.enable_mfa_device,
            request.ctx,
            serial_number=device["serial"],
            authentication_code1=form.cleaned_data["code1"],
            authentication_code2=form.cleaned_data["code2"],
            **_who(request),
        )
        if enabled is not None:
            flash.add(request, "success", _("MFA device assigned"), device["serial"])
            return redirect("iam:security-credentials")
    context = {
        "form": form if sealed else MfaForm(initial={"name": request.POST.get("name", "")}),
        "step": 2,
        "device": device,
        "sealed": seal.seal_text(device, "mfa-page"),
    }
    return show_once(request, "iam/mfa_add.html", context)


@require_POST
def mfa_remove(request: ConsoleRequest) -> HttpResponse:
    serial = request.POST.get("serial_number", "")
    operations.deactivate_mfa_device(request.ctx, serial_number=serial, **_who(request))
    operations.delete_virtual_mfa_device(request.ctx, serial_number=serial)
    flash.add(request, "success", _("MFA device removed"), serial)
    return redirect("iam:security-credentials")


def _new_device(request: ConsoleRequest, form: MfaForm) -> dict[str, str] | None:
    name = request.POST.get("name", "").strip()
    try:
        answer = operations.create_virtual_mfa_device(request.ctx, virtual_mfa_device_name=name)[
            "VirtualMFADevice"
        ]
    except AwsError as error:
        form.add_aws_error(error)
        return None
    return {
        "serial": answer["SerialNumber"],
        "secret": bytes(answer["Base32StringSeed"]).decode(),
        "qr": base64.b64encode(answer["QRCodePNG"]).decode(),
    }


def _unsealed(sealed: str) -> dict[str, str] | None:
    try:
        device: dict[str, str] = seal.unseal_text(sealed, "mfa-page")
    except seal.BrokenSeal:
        return None
    return device


def _who(request: ConsoleRequest) -> dict[str, str]:
    """The user-name parameter about oneself: left out for root."""
    is_user = request.principal.kind == "user"
    return {"user_name": request.principal.name} if is_user else {}
