"""Virtual MFA devices through the API: made, given to users and root, taken away."""

import struct
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from botocore.exceptions import ClientError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aws import clock
from aws.context import Context
from aws.errors import AccessDenied, ValidationError
from aws.models import Account, Event
from iam import mfa
from iam.errors import (
    EntityAlreadyExists,
    InvalidAuthenticationCode,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
)
from iam.models import MFADevice, User
from iam.operations import (
    create_virtual_mfa_device,
    deactivate_mfa_device,
    delete_virtual_mfa_device,
    enable_mfa_device,
    get_mfa_device,
    list_mfa_device_tags,
    list_mfa_devices,
    list_virtual_mfa_devices,
    resync_mfa_device,
    tag_mfa_device,
    untag_mfa_device,
)
from tests import factories
from tests.boto import boto
from tests.factories import allow, ctx_for

SERIAL = "arn:aws:iam::111122223333:mfa/phone"


def codes(seed: str, late: timedelta = timedelta()) -> dict[str, str]:
    now = clock.real_now() + late
    totp = pyotp.TOTP(seed)
    return {
        "authentication_code1": totp.at(now),
        "authentication_code2": totp.at(now + timedelta(seconds=30)),
    }


def make(ctx: Context, name: str = "phone") -> tuple[str, str]:
    """(serial number, seed) of a new device."""
    made = create_virtual_mfa_device(ctx, virtual_mfa_device_name=name)["VirtualMFADevice"]
    return made["SerialNumber"], made["Base32StringSeed"].decode()


def test_boto3_gives_a_user_a_device(alice: User, bob: User) -> None:
    iam = boto("iam", *factories.access_key(alice))
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    assert made["SerialNumber"] == SERIAL
    pair = codes(made["Base32StringSeed"].decode())
    iam.enable_mfa_device(
        UserName="bob",
        SerialNumber=SERIAL,
        AuthenticationCode1=pair["authentication_code1"],
        AuthenticationCode2=pair["authentication_code2"],
    )
    (device,) = iam.list_mfa_devices(UserName="bob")["MFADevices"]
    assert (device["UserName"], device["SerialNumber"]) == ("bob", SERIAL)
    with pytest.raises(ClientError, match="DeleteConflict"):
        iam.delete_virtual_mfa_device(SerialNumber=SERIAL)
    iam.deactivate_mfa_device(UserName="bob", SerialNumber=SERIAL)
    iam.delete_virtual_mfa_device(SerialNumber=SERIAL)
    assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []


def test_the_picture_is_a_qr_code_of_the_seed(ctx: Context, account: Account) -> None:
    account.alias = "class"
    account.save()
    made = create_virtual_mfa_device(ctx, virtual_mfa_device_name="phone")["VirtualMFADevice"]
    assert made["QRCodePNG"].startswith(b"\x89PNG")
    width, height = struct.unpack(">II", made["QRCodePNG"][16:24])
    assert width == height > 100
    device = MFADevice.objects.get()
    assert mfa.base32(device.seed).encode() == made["Base32StringSeed"]
    assert len(made["Base32StringSeed"]) == 64


def test_the_seed_is_kept_out_of_the_event_history(ctx: Context) -> None:
    _, seed = make(ctx)
    event = Event.objects.get(event_name="CreateVirtualMFADevice")
    assert seed not in str(event.response_elements)
    assert "iVBOR" not in str(event.response_elements)


def test_a_taken_name_is_refused(ctx: Context, mallory: User) -> None:
    make(ctx)
    with pytest.raises(EntityAlreadyExists, match="same path and name already exists"):
        make(ctx)
    make(ctx_for(mallory))
    create_virtual_mfa_device(ctx, virtual_mfa_device_name="phone", path="/staff/")


def test_an_endless_name_is_refused(ctx: Context) -> None:
    with pytest.raises(ValidationError):
        make(ctx, "x" * 300)


# --- EnableMFADevice ----------------------------------------------------------------------------
def test_enabling_needs_two_right_codes(ctx: Context, bob: User) -> None:
    serial, seed = make(ctx)
    pair = codes(seed)
    backwards = {
        "authentication_code1": pair["authentication_code2"],
        "authentication_code2": pair["authentication_code1"],
    }
    for wrong in (backwards, pair | {"authentication_code2": pair["authentication_code1"]}):
        with pytest.raises(InvalidAuthenticationCode):
            enable_mfa_device(ctx, user_name="bob", serial_number=serial, **wrong)
    assert list_mfa_devices(ctx, user_name="bob")["MFADevices"] == []


def test_the_codes_go_by_real_time_however_far_ahead_the_account_is(account: Account) -> None:
    account.clock_offset = timedelta(days=400)
    account.save()
    root = ctx_for(account)
    serial, seed = make(root)
    enable_mfa_device(root, user_name=account.pk, serial_number=serial, **codes(seed))
    (device,) = list_mfa_devices(root)["MFADevices"]
    assert abs(device["EnableDate"] - account.now) < timedelta(minutes=1)


def test_a_device_has_one_holder(ctx: Context, alice: User, bob: User) -> None:
    serial, seed = make(ctx)
    enable_mfa_device(ctx, user_name="bob", serial_number=serial, **codes(seed))
    with pytest.raises(EntityAlreadyExists, match="already in use"):
        enable_mfa_device(ctx, user_name="alice", serial_number=serial, **codes(seed))


def test_eight_devices_are_the_limit(ctx: Context, bob: User) -> None:
    for number in range(8):
        factories.mfa_device(bob, name=f"phone-{number}")
    serial, seed = make(ctx)
    with pytest.raises(LimitExceeded):
        enable_mfa_device(ctx, user_name="bob", serial_number=serial, **codes(seed))


def test_a_device_of_another_account_is_not_found(ctx: Context, bob: User, mallory: User) -> None:
    serial, seed = make(ctx_for(mallory))
    calls = {"serial_number": serial, "user_name": "bob"}
    with pytest.raises(NoSuchEntity, match="does not exist"):
        enable_mfa_device(ctx, **calls, **codes(seed))
    for call in (deactivate_mfa_device, get_mfa_device):
        with pytest.raises(NoSuchEntity):
            call(ctx, **calls)
    with pytest.raises(NoSuchEntity):
        delete_virtual_mfa_device(ctx, serial_number=serial)
    assert MFADevice.objects.count() == 1


def test_root_has_its_own(account: Account, alice: User) -> None:
    root = ctx_for(account)
    serial, seed = make(root)
    enable_mfa_device(root, user_name=account.pk, serial_number=serial, **codes(seed))
    (device,) = list_mfa_devices(root)["MFADevices"]
    assert device["SerialNumber"] == serial
    assert "UserName" not in device
    (virtual,) = list_virtual_mfa_devices(ctx_for(alice))["VirtualMFADevices"]
    assert virtual["User"]["Arn"] == "arn:aws:iam::111122223333:root"
    with pytest.raises(NoSuchEntity):
        deactivate_mfa_device(ctx_for(alice), serial_number=serial)
    deactivate_mfa_device(root, serial_number=serial)
    assert not mfa.devices_of(account.pk, None).exists()


def test_aws_own_policy_for_managing_ones_mfa_is_enough(account: Account) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage.html"""
    carol = factories.user(
        account,
        "carol",
        policies=[
            allow(["iam:CreateVirtualMFADevice"], "arn:aws:iam::*:mfa/*"),
            allow(
                [
                    "iam:DeactivateMFADevice",
                    "iam:EnableMFADevice",
                    "iam:ListMFADevices",
                    "iam:ResyncMFADevice",
                ],
                "arn:aws:iam::*:user/${aws:username}",
            ),
        ],
    )
    ctx = ctx_for(carol)
    serial, seed = make(ctx)
    enable_mfa_device(ctx, user_name="carol", serial_number=serial, **codes(seed))
    later = timedelta(minutes=5)
    with clock.freeze(clock.real_now() + later):
        resync_mfa_device(ctx, user_name="carol", serial_number=serial, **codes(seed))
    assert list_mfa_devices(ctx)["MFADevices"]
    with pytest.raises(AccessDenied):
        enable_mfa_device(ctx, user_name="alice", serial_number=serial, **codes(seed))
    deactivate_mfa_device(ctx, serial_number=serial)


# --- The others -----------------------------------------------------------------------------------
def test_a_phone_whose_clock_is_off_is_synchronized(ctx: Context, bob: User) -> None:
    serial, seed = make(ctx)
    enable_mfa_device(ctx, user_name="bob", serial_number=serial, **codes(seed))
    off = timedelta(minutes=6)
    device = MFADevice.objects.get()
    now = clock.real_now()
    assert not mfa.verify_code(device, pyotp.TOTP(seed).at(now + off), now)
    resync_mfa_device(ctx, user_name="bob", serial_number=serial, **codes(seed, late=off))
    device.refresh_from_db()
    now = clock.real_now() + timedelta(minutes=1)
    assert mfa.verify_code(device, pyotp.TOTP(seed).at(now + off), now)
    with pytest.raises(InvalidAuthenticationCode):
        resync_mfa_device(ctx, user_name="bob", serial_number=serial, **codes("A" * 32))


def test_only_whose_it_is_can_be_asked(ctx: Context, bob: User) -> None:
    device = factories.mfa_device(bob, name="phone")
    assert get_mfa_device(ctx, serial_number=SERIAL, user_name="bob") == {
        "UserName": "bob",
        "SerialNumber": SERIAL,
        "EnableDate": device.enabled_at,
    }
    with pytest.raises(NoSuchEntity):
        get_mfa_device(ctx, serial_number=SERIAL)


def test_the_list_can_be_narrowed_and_paged(ctx: Context, bob: User) -> None:
    factories.mfa_device(bob, name="b")
    make(ctx, "a")
    make(ctx, "c")

    def serials(**arguments: Any) -> list[str]:
        found = list_virtual_mfa_devices(ctx, **arguments)["VirtualMFADevices"]
        return [device["SerialNumber"][-1] for device in found]

    assert serials() == ["a", "b", "c"]
    assert serials(assignment_status="Assigned") == ["b"]
    assert serials(assignment_status="Unassigned") == ["a", "c"]
    page = list_virtual_mfa_devices(ctx, max_items=2)
    assert page["IsTruncated"]
    assert serials(marker=page["Marker"]) == ["c"]


def test_the_list_asks_as_much_for_many_as_for_one(ctx: Context, bob: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            list_virtual_mfa_devices(ctx)
        return len(captured)

    factories.mfa_device(bob)
    list_virtual_mfa_devices(ctx)
    one = queries()
    for _ in range(5):
        factories.mfa_device(bob)
    assert queries() == one


def test_tags(ctx: Context) -> None:
    create_virtual_mfa_device(
        ctx, virtual_mfa_device_name="phone", tags=[{"Key": "b", "Value": "1"}]
    )
    tag_mfa_device(ctx, serial_number=SERIAL, tags=[{"Key": "a", "Value": "2"}])
    assert list_mfa_device_tags(ctx, serial_number=SERIAL)["Tags"] == [
        {"Key": "a", "Value": "2"},
        {"Key": "b", "Value": "1"},
    ]
    untag_mfa_device(ctx, serial_number=SERIAL, tag_keys=["b", "z"])
    assert list_mfa_device_tags(ctx, serial_number=SERIAL)["Tags"] == [{"Key": "a", "Value": "2"}]
    with pytest.raises(InvalidInput):
        tag_mfa_device(ctx, serial_number=SERIAL, tags=[{"Key": "aws:a", "Value": ""}])
    with pytest.raises(NoSuchEntity):
        tag_mfa_device(ctx, serial_number=SERIAL + "x", tags=[])


def test_a_reader_changes_nothing(ctx: Context, bob: User) -> None:
    serial, seed = make(ctx)
    reader = ctx_for(bob)
    assert list_virtual_mfa_devices(reader)["VirtualMFADevices"]
    with pytest.raises(AccessDenied):
        make(reader)
    with pytest.raises(AccessDenied):
        enable_mfa_device(reader, user_name="bob", serial_number=serial, **codes(seed))
    with pytest.raises(AccessDenied):
        delete_virtual_mfa_device(reader, serial_number=serial)
    with pytest.raises(AccessDenied):
        tag_mfa_device(reader, serial_number=serial, tags=[])
