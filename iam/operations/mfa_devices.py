"""Virtual MFA devices (authenticator apps) of users and of root.

Hardware tokens and passkeys are not offered: the lab cannot check them.
"""

import io
from typing import Any

import segno
from django.db import IntegrityError, transaction

from aws import clock
from aws import tags as tagging
from aws.arn import iam_arn
from aws.context import Context
from aws.errors import ValidationError
from aws.models import Account
from aws.operation import Response, operation
from aws.paging import paginate
from aws.tags import TagList
from iam import lookup, mfa, quotas
from iam.errors import (
    DeleteConflict,
    EntityAlreadyExists,
    InvalidAuthenticationCode,
    LimitExceeded,
    NoSuchEntity,
)
from iam.models import MFADevice, User
from iam.tags import RULES

MAX_NAME = 226
MAX_SERIAL = 256
QR_PIXELS_PER_MODULE = 4


@operation("iam:CreateVirtualMFADevice")
def create_virtual_mfa_device(
    ctx: Context, /, *, virtual_mfa_device_name: str, path: str = "/", tags: TagList = ()
) -> Response:
    """Makes a device that nobody has yet: EnableMFADevice gives it to somebody.

    Answers {"VirtualMFADevice": {"SerialNumber": its ARN, "Base32StringSeed", "QRCodePNG"}}; the
    seed is never shown again. The QR code's label is the device's name and the account's alias or
    ID. Raises EntityAlreadyExists, LimitExceeded, InvalidInput (tags).
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateVirtualMFADevice.html
    """
    wanted, name = RULES.read(tags), virtual_mfa_device_name
    serial = iam_arn(ctx.account_id, f"mfa{path}{name}")
    ctx.authorize("iam:CreateVirtualMFADevice", serial, request_tags=wanted)
    if len(name) > MAX_NAME or len(serial) > MAX_SERIAL:
        raise ValidationError(f"The device's ARN must have at most {MAX_SERIAL} characters.")
    if MFADevice.objects.in_scope(ctx).count() >= quotas.VIRTUAL_MFA_DEVICES:
        raise LimitExceeded(quota="MfaDevicesPerAccount", limit=quotas.VIRTUAL_MFA_DEVICES)
    device = MFADevice(
        account_id=ctx.account_id,
        serial_number=serial,
        path=path,
        name=name,
        tags=wanted,
        created_at=ctx.now,
    )
    device.set_seed(mfa.new_seed())
    try:
        with transaction.atomic():
            device.save(force_insert=True)
    except IntegrityError:
        raise EntityAlreadyExists(
            "MFADevice entity at the same path and name already exists."
        ) from None
    shown = {
        "SerialNumber": serial,
        "Base32StringSeed": mfa.base32(device.seed).encode(),
        "QRCodePNG": _qr_code(device),
        **({"Tags": tagging.as_list(wanted)} if wanted else {}),
    }
    return {"VirtualMFADevice": shown}


@operation("iam:EnableMFADevice")
def enable_mfa_device(
    ctx: Context,
    /,
    *,
    user_name: str,
    serial_number: str,
    authentication_code1: str,
    authentication_code2: str,
) -> Response:
    """Gives a device to a user, proved by two consecutive codes; root names its account's ID.

    The codes are used up, and the device's clock may be ten minutes off. Raises NoSuchEntity,
    EntityAlreadyExists (somebody has it), InvalidAuthenticationCode, LimitExceeded (8 devices).
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableMFADevice.html
    """
    user = lookup.holder(ctx, "iam:EnableMFADevice", user_name)
    lookup.lock(ctx, user)
    device = _find(ctx, serial_number)
    if device.enabled_at is not None:
        raise EntityAlreadyExists(f"MFA Device {serial_number} is already in use.")
    if _devices(ctx, user).count() >= quotas.MFA_DEVICES_PER_USER:
        raise LimitExceeded(quota="MfaDevicesPerUser", limit=quotas.MFA_DEVICES_PER_USER)
    _synchronize(device, authentication_code1, authentication_code2)
    assigned = MFADevice.objects.in_scope(ctx).filter(pk=device.pk, enabled_at=None)
    if not assigned.update(user=user, is_root=user is None, enabled_at=ctx.now):
        raise EntityAlreadyExists(f"MFA Device {serial_number} is already in use.")
    return {}


@operation("iam:DeactivateMFADevice")
def deactivate_mfa_device(ctx: Context, /, *, serial_number: str, user_name: str = "") -> Response:
    """Takes a device from a user, or from the caller; it stays, unassigned.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeactivateMFADevice.html
    """
    device = _of_holder(ctx, "iam:DeactivateMFADevice", serial_number, user_name)
    device.user, device.is_root, device.enabled_at = None, False, None
    device.save(update_fields=["user", "is_root", "enabled_at"])
    return {}


@operation("iam:ResyncMFADevice")
def resync_mfa_device(
    ctx: Context,
    /,
    *,
    user_name: str,
    serial_number: str,
    authentication_code1: str,
    authentication_code2: str,
) -> Response:
    """Learns from two consecutive codes how far a device's clock is off, up to ten minutes.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ResyncMFADevice.html
    """
    device = _of_holder(ctx, "iam:ResyncMFADevice", serial_number, user_name)
    _synchronize(device, authentication_code1, authentication_code2)
    return {}


@operation("iam:DeleteVirtualMFADevice")
def delete_virtual_mfa_device(ctx: Context, /, *, serial_number: str) -> Response:
    """Deletes a device that nobody has. Raises DeleteConflict, NoSuchEntity.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteVirtualMFADevice.html
    """
    device = _authorized(ctx, "iam:DeleteVirtualMFADevice", serial_number)
    if device.enabled_at is not None:
        raise DeleteConflict("MFA VirtualDevice in use. Must deactivate first.")
    device.delete()
    return {}


@operation("iam:ListMFADevices")
def list_mfa_devices(
    ctx: Context, /, *, user_name: str = "", marker: str = "", max_items: int = 100
) -> Response:
    """Answers {"MFADevices": […], …}: a user's, or the caller's. Root's have no UserName.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListMFADevices.html
    """
    user = lookup.holder(ctx, "iam:ListMFADevices", user_name)
    page = paginate(
        ctx,
        _devices(ctx, user).select_related("user"),
        order_by=["enabled_at", "pk"],
        size=max_items,
        token=marker,
        purpose=f"iam:ListMFADevices:{user.pk if user else ''}",
        error=lookup.InvalidMarker,
    )
    return {"MFADevices": [_as_aws(device) for device in page.rows], **page.marker()}


@operation("iam:ListVirtualMFADevices")
def list_virtual_mfa_devices(
    ctx: Context,
    /,
    *,
    assignment_status: str = "Any",
    marker: str = "",
    max_items: int = 100,
) -> Response:
    """Answers {"VirtualMFADevices": […], …} without seeds and tags; User where one is assigned.

    assignment_status: Assigned, Unassigned or Any.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListVirtualMFADevices.html
    """
    ctx.authorize("iam:ListVirtualMFADevices")
    rows = MFADevice.objects.in_scope(ctx)
    if assignment_status != "Any":
        rows = rows.filter(enabled_at__isnull=assignment_status == "Unassigned")
    page = paginate(
        ctx,
        rows.select_related("user__login_profile", "account"),
        order_by=["serial_number"],
        size=max_items,
        token=marker,
        purpose=f"iam:ListVirtualMFADevices:{assignment_status}",
        error=lookup.InvalidMarker,
    )
    return {"VirtualMFADevices": [_virtual_as_aws(row) for row in page.rows], **page.marker()}


@operation("iam:GetMFADevice")
def get_mfa_device(ctx: Context, /, *, serial_number: str, user_name: str = "") -> Response:
    """Answers {"UserName", "SerialNumber", "EnableDate"} of a user's, or the caller's, device.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetMFADevice.html
    """
    return _as_aws(_of_holder(ctx, "iam:GetMFADevice", serial_number, user_name))


@operation("iam:TagMFADevice")
def tag_mfa_device(ctx: Context, /, *, serial_number: str, tags: TagList) -> Response:
    """Adds tags, or changes their values.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagMFADevice.html
    """
    wanted = RULES.read(tags)
    device = _authorized(ctx, "iam:TagMFADevice", serial_number, wanted)
    device.tags = RULES.merge(device.tags, wanted)
    device.save(update_fields=["tags"])
    return {}


@operation("iam:UntagMFADevice")
def untag_mfa_device(ctx: Context, /, *, serial_number: str, tag_keys: list[str]) -> Response:
    """Removes tags; keys that are not there are no error.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagMFADevice.html
    """
    gone = dict.fromkeys(tag_keys, "")
    device = _authorized(ctx, "iam:UntagMFADevice", serial_number, gone)
    device.tags = tagging.without(device.tags, tag_keys)
    device.save(update_fields=["tags"])
    return {}


@operation("iam:ListMFADeviceTags")
def list_mfa_device_tags(
    ctx: Context, /, *, serial_number: str, marker: str = "", max_items: int = 100
) -> Response:
    """Answers {"Tags": [{"Key", "Value"}], …}, ordered by key.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListMFADeviceTags.html
    """
    device = _authorized(ctx, "iam:ListMFADeviceTags", serial_number)
    return lookup.tag_page(ctx, device.tags, "iam:ListMFADeviceTags", marker, max_items)


def _devices(ctx: Context, user: User | None) -> Any:
    """The devices that a user, or root, has."""
    return mfa.devices_of(ctx.account_id, user.pk if user else None)


def _find(ctx: Context, serial_number: str) -> MFADevice:
    devices = MFADevice.objects.in_scope(ctx)
    found: MFADevice | None = devices.filter(serial_number=serial_number).first()
    if found is None:
        raise _no_such_device(serial_number)
    return found


def _of_holder(ctx: Context, action: str, serial_number: str, user_name: str) -> MFADevice:
    """A device of the named user (without a name, of the caller), authorized on the user."""
    devices = _devices(ctx, lookup.holder(ctx, action, user_name)).select_related("user")
    found: MFADevice | None = devices.filter(serial_number=serial_number).first()
    if found is None:
        raise _no_such_device(serial_number)
    return found


def _authorized(
    ctx: Context, action: str, serial_number: str, request_tags: lookup.Tags | None = None
) -> MFADevice:
    """A device of the account, authorized on the device itself."""
    devices = MFADevice.objects.in_scope(ctx)
    found: MFADevice | None = devices.filter(serial_number=serial_number).first()
    tags = found.tags if found else None
    ctx.authorize(action, serial_number, resource_tags=tags, request_tags=request_tags)
    if found is None:
        raise _no_such_device(serial_number)
    return found


def _synchronize(device: MFADevice, *codes: str) -> None:
    if not mfa.synchronize(device, codes, clock.real_now()):
        raise InvalidAuthenticationCode


def _no_such_device(serial_number: str) -> NoSuchEntity:
    return NoSuchEntity(f"VirtualMFADevice with serial number {serial_number} does not exist.")


def _qr_code(device: MFADevice) -> bytes:
    account = Account.objects.get(pk=device.account_id)
    address = mfa.provisioning_uri(device, device.name, account.alias or account.account_id)
    picture = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        picture, kind="png", scale=QR_PIXELS_PER_MODULE
    )
    return picture.getvalue()


def _as_aws(device: MFADevice) -> dict[str, Any]:
    shown = {"SerialNumber": device.serial_number, "EnableDate": device.enabled_at}
    return {"UserName": device.user.user_name, **shown} if device.user else shown


def _virtual_as_aws(device: MFADevice) -> dict[str, Any]:
    shown: dict[str, Any] = {"SerialNumber": device.serial_number}
    if device.enabled_at is not None:
        shown["EnableDate"] = device.enabled_at
        holder = device.user
        shown["User"] = holder.as_aws() if holder else lookup.root_as_aws(device.account)
    return shown
