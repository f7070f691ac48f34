"""MFA devices: the wizard with its QR code, resynchronizing, removing; of a user or one's own."""

import base64
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from aws import seal
from aws.operation import together
from aws.paging import everything
from console import flash
from console.requests import ConsoleRequest
from console.sections import section
from iam import operations, quotas
from iam.forms.account import MfaCodesForm, MfaNameForm
from iam.views import confirmation
from iam.views.holders import Holder, holder_of
from iam.views.secrets import show_once

PAGE_SEAL = "mfa-page"


def devices_context(request: ConsoleRequest, holder: Holder) -> dict[str, Any]:
    """What `iam/_mfa_devices.html` draws."""
    devices = section(
        lambda: everything(operations.list_mfa_devices, request.ctx, "MFADevices", **holder.who)
    )
    is_full = len(devices.value or ()) >= quotas.MFA_DEVICES_PER_USER
    return {"holder": holder, "devices": devices, "devices_full": is_full}


@never_cache
def mfa_add(request: ConsoleRequest, user_name: str = "") -> HttpResponse:
    """Step 1 names the device and makes it; step 2 shows its QR code and takes two codes.

    The QR code is shown by the POST's own answer. A wrong code shows it again: the device's
    answer travels sealed in the form, so that it rests nowhere and the person scans only once.
    """
    holder = holder_of(request, user_name)
    if request.method != "POST":
        return _name_step(request, holder, MfaNameForm(initial={"name": _usual_name(holder)}))
    if request.POST.get("action") == "discard":
        return _discard(request)
    device = _unsealed(request, request.POST.get("device", ""))
    if device is None:
        form = MfaNameForm(request.POST)
        device = _new_device(request, form) if form.is_valid() else None
        if device is None:
            return _name_step(request, holder, form)
        return _codes_step(request, holder, MfaCodesForm(), device)
    if request.POST.get("action") == "cancel":
        return _cancel(request, holder, device)
    codes = MfaCodesForm(request.POST)
    if codes.is_valid() and _enable(request, holder, codes, device):
        return redirect(holder.url)
    return _codes_step(request, holder, codes, device)


def _name_step(request: ConsoleRequest, holder: Holder, form: MfaNameForm) -> HttpResponse:
    context = {"form": form, "step": 1, "holder": holder, "unassigned": _unassigned(request)}
    return render(request, "iam/mfa_add.html", context, status=422 if form.errors else 200)


def _codes_step(
    request: ConsoleRequest, holder: Holder, form: MfaCodesForm, device: dict[str, str]
) -> HttpResponse:
    sealed = seal.seal_text(device, PAGE_SEAL)
    context = {"form": form, "step": 2, "holder": holder, "device": device, "sealed": sealed}
    return show_once(request, "iam/mfa_add.html", context, status=422 if form.errors else 200)


def _usual_name(holder: Holder) -> str:
    """AWS's policies for people who manage their own device expect it to be named as they are."""
    return "root-account-mfa-device" if holder.is_root else holder.name


def _unassigned(request: ConsoleRequest) -> list[str]:
    """Devices whose set-up was not finished: they keep their names from being used."""
    if not request.ctx.allows("iam:ListVirtualMFADevices"):
        return []
    found = everything(
        operations.list_virtual_mfa_devices,
        request.ctx,
        "VirtualMFADevices",
        assignment_status="Unassigned",
    )
    return [device["SerialNumber"] for device in found]


def _new_device(request: ConsoleRequest, form: MfaNameForm) -> dict[str, str] | None:
    create = operations.create_virtual_mfa_device
    answer = form.submit(create, request.ctx, virtual_mfa_device_name=form.cleaned_data["name"])
    if answer is None:
        return None
    device = answer["VirtualMFADevice"]
    return {
        "serial": device["SerialNumber"],
        "secret": bytes(device["Base32StringSeed"]).decode(),
        "qr": base64.b64encode(device["QRCodePNG"]).decode(),
        "for": request.principal.arn,
    }


def _enable(
    request: ConsoleRequest, holder: Holder, form: MfaCodesForm, device: dict[str, str]
) -> bool:
    enabled = form.submit(
        operations.enable_mfa_device,
        request.ctx,
        user_name=holder.name,
        serial_number=device["serial"],
        **form.codes(),
    )
    if enabled is None:
        return False
    text = _(
        "You can register up to 8 MFA devices. The code is asked for at the next sign-in; policies "
        "that require MFA take this session for one without."
    )
    flash.add(request, "success", _("MFA device assigned"), text)
    return True


def _discard(request: ConsoleRequest) -> HttpResponse:
    """Deletes a device whose set-up was not finished."""
    serial = request.POST.get("serial_number", "")
    operations.delete_virtual_mfa_device(request.ctx, serial_number=serial)
    flash.add(request, "success", _("Unassigned MFA device deleted"), serial)
    return redirect(request.path)


def _cancel(request: ConsoleRequest, holder: Holder, device: dict[str, str]) -> HttpResponse:
    """Leaves no device behind that would keep its name, where the principal may delete it."""
    if request.ctx.allows("iam:DeleteVirtualMFADevice", device["serial"]):
        operations.delete_virtual_mfa_device(request.ctx, serial_number=device["serial"])
    return redirect(holder.url)


@require_POST
def mfa_remove(request: ConsoleRequest, user_name: str = "") -> HttpResponse:
    """Deactivates a device and deletes it, as AWS's console does."""
    holder = holder_of(request, user_name)
    serial = request.POST.get("serial_number", "")
    if not serial:
        flash.add(request, "error", _("Choose an MFA device."))
        return redirect(holder.url)
    if not confirmation.is_agreed(request):
        return confirmation.ask(
            request,
            title=_("Remove MFA device?"),
            body=_("Signing in will not ask for this device's code any more."),
            names=[serial],
            hidden=[("serial_number", serial)],
            submit_label=_("Remove"),
            cancel_url=holder.url,
        )
    with together(request.ctx):
        operations.deactivate_mfa_device(request.ctx, serial_number=serial, **holder.who)
        operations.delete_virtual_mfa_device(request.ctx, serial_number=serial)
    flash.add(request, "success", _("MFA device removed"), serial)
    return redirect(holder.url)


def mfa_resync(request: ConsoleRequest, user_name: str = "") -> HttpResponse:
    """Two consecutive codes tell how far a device's clock is off. ?serial_number= names it."""
    holder = holder_of(request, user_name)
    serial = request.POST.get("serial_number") or request.GET.get("serial_number", "")
    form = MfaCodesForm(request.POST if "code1" in request.POST else None)
    if form.is_bound and form.is_valid():
        done = form.submit(
            operations.resync_mfa_device,
            request.ctx,
            user_name=holder.name,
            serial_number=serial,
            **form.codes(),
        )
        if done is not None:
            flash.add(request, "success", _("MFA device resynchronized"), serial)
            return redirect(holder.url)
    context = {"form": form, "holder": holder, "serial": serial}
    return render(request, "iam/mfa_resync.html", context, status=422 if form.errors else 200)


def _unsealed(request: ConsoleRequest, sealed: str) -> dict[str, str] | None:
    """The device that this principal made, None for anything else."""
    try:
        device: dict[str, str] = seal.unseal_text(sealed, PAGE_SEAL)
    except seal.BrokenSeal:
        return None
    return device if device["for"] == request.principal.arn else None
