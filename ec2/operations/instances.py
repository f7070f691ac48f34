"""Instances: described, started, stopped, rebooted, terminated."""

from typing import Any

from django.db.models import Q

from aws.context import Context
from aws.filters import Column, match
from ec2 import instance_life, instance_shapes, lookup, runtime
from ec2.door import Response, operation
from ec2.errors import (
    IncorrectInstanceState,
    IncorrectState,
    OperationNotPermitted,
    UnsupportedHibernationConfiguration,
)
from ec2.models import STATE_CODES, Instance

_BY_CODE = {str(code): name for name, code in STATE_CODES.items()}
FILTERS: dict[str, Column] = {
    "affinity": lambda _: Q(pk__in=[]),
    "architecture": "architecture",
    "availability-zone": "availability_zone",
    "block-device-mapping.attach-time": "volume_attachments__attach_time",
    "block-device-mapping.delete-on-termination": lambda values: Q(
        volume_attachments__delete_on_termination__in=[value == "true" for value in values]
    ),
    "block-device-mapping.device-name": "volume_attachments__device",
    "block-device-mapping.status": "volume_attachments__status",
    "block-device-mapping.volume-id": "volume_attachments__volume__resource_id",
    "client-token": "client_token",
    "dns-name": lambda values: _by_public_name(values),
    "hypervisor": lambda values: Q() if "xen" in values else Q(pk__in=[]),
    "iam-instance-profile.arn": "instance_profile_arn",
    "iam-instance-profile.id": "instance_profile_id",
    "image-id": "image_id",
    "instance-id": "resource_id",
    "instance-lifecycle": lambda _: Q(pk__in=[]),
    "instance-state-code": lambda values: Q(state__in=[_BY_CODE.get(one, "") for one in values]),
    "instance-state-name": "state",
    "instance-type": "instance_type",
    "instance.group-id": "network_interfaces__groups__resource_id",
    "instance.group-name": "network_interfaces__groups__group_name",
    "ip-address": lambda values: _by_public_address(values),
    "key-name": "key_name",
    "launch-index": "ami_launch_index",
    "metadata-options.http-tokens": "metadata_options__HttpTokens",
    "metadata-options.http-endpoint": "metadata_options__HttpEndpoint",
    "monitoring-state": lambda values: Q(monitoring__in=[one == "enabled" for one in values]),
    "network-interface.network-interface-id": "network_interfaces__resource_id",
    "network-interface.subnet-id": "network_interfaces__subnet__resource_id",
    "network-interface.vpc-id": "network_interfaces__vpc__resource_id",
    "network-interface.group-id": "network_interfaces__groups__resource_id",
    "network-interface.private-dns-name": lambda values: _by_private_name(values),
    "owner-id": "account_id",
    "placement-group-name": "placement_group__group_name",
    "platform": "platform",
    "platform-details": "platform_details",
    "private-dns-name": lambda values: _by_private_name(values),
    "private-ip-address": "network_interfaces__private_addresses__address",
    "reservation-id": "reservation_id",
    "root-device-name": "root_device_name",
    "root-device-type": lambda values: Q() if "ebs" in values else Q(pk__in=[]),
    "source-dest-check": lambda values: Q(source_dest_check__in=[one == "true" for one in values]),
    "state-reason-code": "state_reason__Code",
    "subnet-id": "subnet__resource_id",
    "tenancy": "tenancy",
    "virtualization-type": lambda values: Q() if "hvm" in values else Q(pk__in=[]),
    "vpc-id": "vpc__resource_id",
}


@operation("ec2:DescribeInstances")
def describe_instances(
    ctx: Context,
    /,
    *,
    instance_ids: list[str] | None = None,
    filters: list[dict[str, Any]] | None = None,
    next_token: str = "",
    max_results: int = 0,
    dry_run: bool = False,
    **_: Any,
) -> Response:
    """Answers {"Reservations": [{"Instances": […]}], "NextToken": …}, the oldest first.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
    """
    # A filter over related rows may find one twice.
    found = Instance.objects.filter(
        pk__in=lookup.matching(ctx, Instance, filters, FILTERS).values("pk")
    )
    page = lookup.describe(
        ctx,
        "ec2:DescribeInstances",
        instance_shapes.described(found),
        ids=instance_ids,
        filters=None,
        columns=FILTERS,
        max_results=max_results,
        next_token=next_token,
        order_by=("pk",),
    )
    return {"Reservations": instance_shapes.reservations(page.rows), **page.next_token()}


@operation("ec2:StartInstances")
def start_instances(
    ctx: Context, /, *, instance_ids: list[str], additional_info: str = "", dry_run: bool = False
) -> Response:
    """Starts stopped instances; for running ones nothing changes. All of them or none.

    Answers {"StartingInstances": [{"InstanceId", "PreviousState", "CurrentState"}]}.
    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StartInstances.html
    """
    instances = _named(ctx, "ec2:StartInstances", instance_ids)
    for instance in instances:
        if instance.state not in ("stopped", "pending", "running"):
            raise IncorrectInstanceState(instance_id=instance.resource_id, verb="started")
    starting = [one for one in instances if one.state == "stopped"]
    changes = [_changed(ctx, one, "pending" if one in starting else "") for one in instances]
    instance_life.lend_public_addresses(starting)
    return {"StartingInstances": changes}


@operation("ec2:StopInstances")
def stop_instances(
    ctx: Context,
    /,
    *,
    instance_ids: list[str],
    hibernate: bool = False,
    force: bool = False,
    skip_os_shutdown: bool = False,
    dry_run: bool = False,
) -> Response:
    """Stops running instances; for stopped ones nothing changes. All of them or none.

    Answers {"StoppingInstances": […]}. Raises IncorrectInstanceState, OperationNotPermitted.
    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StopInstances.html
    """
    instances = _named(ctx, "ec2:StopInstances", instance_ids)
    for instance in instances:
        if instance.state not in ("running", "stopping", "stopped"):
            raise IncorrectInstanceState(instance_id=instance.resource_id, verb="stopped")
        if instance.disable_api_stop and instance.state == "running":
            raise OperationNotPermitted(
                f"The instance '{instance.resource_id}' may not be stopped. Modify its "
                "'disableApiStop' instance attribute and try again."
            )
        if hibernate and not instance.hibernation:
            raise UnsupportedHibernationConfiguration(instance_id=instance.resource_id)
    changes = [
        _changed(ctx, one, "stopping" if one.state == "running" else "") for one in instances
    ]
    return {"StoppingInstances": changes}


@operation("ec2:RebootInstances")
def reboot_instances(
    ctx: Context, /, *, instance_ids: list[str], dry_run: bool = False
) -> Response:
    """Reboots running instances; their state stays "running". Raises IncorrectState.

    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RebootInstances.html
    """
    instances = _named(ctx, "ec2:RebootInstances", instance_ids)
    for instance in instances:
        if instance.state not in ("running", "pending"):
            raise IncorrectState(
                f"The instance '{instance.resource_id}' is not in a state from which it can be "
                "rebooted."
            )
    for instance in instances:
        runtime.of(instance).reboot(instance)
    return {}


@operation("ec2:TerminateInstances")
def terminate_instances(
    ctx: Context,
    /,
    *,
    instance_ids: list[str],
    force: bool = False,
    skip_os_shutdown: bool = False,
    dry_run: bool = False,
) -> Response:
    """Ends instances for good, with the volumes that go with them. All of them or none.

    Answers {"TerminatingInstances": […]}. Raises OperationNotPermitted for a protected one.
    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html
    """
    instances = _named(ctx, "ec2:TerminateInstances", instance_ids)
    for instance in instances:
        if instance.disable_api_termination:
            raise OperationNotPermitted(
                f"The instance '{instance.resource_id}' may not be terminated. Modify its "
                "'disableApiTermination' instance attribute and try again."
            )
    ended = ("shutting-down", "terminated")
    changes = [
        _changed(ctx, one, "" if one.state in ended else "shutting-down") for one in instances
    ]
    return {"TerminatingInstances": changes}


def _named(ctx: Context, action: str, instance_ids: list[str]) -> list[Instance]:
    """The instances, locked in one order whatever the request's, so that calls never cross."""
    rows = Instance.objects.select_related("placement_group")
    lookup.check_form(Instance, instance_ids)
    locked = rows.in_scope(ctx).filter(resource_id__in=instance_ids).order_by("pk")
    found = {one.resource_id: one for one in locked.select_for_update(of=("self",))}
    for one in instance_ids:
        if one in found:
            lookup.authorize(ctx, action, found[one])
        else:
            ctx.authorize(action, lookup.arn_of(ctx, Instance, one))
    if absent := [one for one in dict.fromkeys(instance_ids) if one not in found]:
        raise lookup.missing(Instance, absent)
    return [found[one] for one in dict.fromkeys(instance_ids)]


def _changed(ctx: Context, instance: Instance, to: str) -> dict[str, Any]:
    """Begins the change, "" for none. Answers AWS's InstanceStateChange."""
    previous = instance.state_as_aws
    if to:
        instance_life.change(ctx, instance, to=to)
    return {
        "InstanceId": instance.resource_id,
        "PreviousState": previous,
        "CurrentState": instance.state_as_aws,
    }


def _by_public_address(values: Any) -> Q:
    address = "network_interfaces__private_addresses"
    return match(f"{address}__public_ip", values) | match(
        f"{address}__elastic_ip__public_ip", values
    )


def _by_public_name(values: Any) -> Q:
    return _by_public_address([_address_in(value) for value in values])


def _by_private_name(values: Any) -> Q:
    addresses = [_address_in(value) for value in values]
    return match("network_interfaces__private_ip_address", addresses)


def _address_in(name: str) -> str:
    """ "10.0.0.5" of ip-10-0-0-5.…"""
    return ".".join(name.partition(".")[0].split("-")[1:]) or "-"
