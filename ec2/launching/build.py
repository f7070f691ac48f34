"""The rows of a launch: instances, interfaces with their addresses, volumes with attachments.

All of a kind go in by one statement, so that fifty instances cost what one does.
"""

from collections.abc import Sequence

from aws import ids, lifecycle
from aws.context import Context
from ec2 import addressing, quotas
from ec2.catalogue import instance_types
from ec2.default_vpc import hold_region, owned
from ec2.errors import InstanceLimitExceeded, InsufficientFreeAddressesInSubnet, VcpuLimitExceeded
from ec2.launching.networks import InterfacePlan
from ec2.launching.plan import Plan
from ec2.models import (
    Instance,
    NetworkInterface,
    PrivateAddress,
    Subnet,
    Volume,
    VolumeAttachment,
)

LIVING = ("pending", "running", "stopping", "stopped", "shutting-down")


def build(ctx: Context, plan: Plan) -> list[Instance]:
    """Writes the rows; each instance is "pending" and its start is queued.

    Raises InstanceLimitExceeded, VcpuLimitExceeded, InsufficientFreeAddressesInSubnet.
    """
    hold_region(ctx)
    count = _affordable(ctx, plan)
    reservation = ids.resource_id("r")
    subnet = plan.interfaces[0].subnet
    instances = Instance.objects.bulk_create(
        Instance(
            **owned(ctx, "i"),
            state="pending",
            reservation_id=reservation,
            ami_launch_index=index,
            launch_time=ctx.now,
            vpc=subnet.vpc,
            subnet=subnet,
            tags=plan.tags["instance"],
            **plan.fields,
        )
        for index in range(count)
    )
    for interface in plan.interfaces:
        _interfaces(ctx, plan, interface, instances)
    _volumes(ctx, plan, instances)
    for instance in instances:
        lifecycle.begin(instance)
    return instances


def _affordable(ctx: Context, plan: Plan) -> int:
    """How many of the wanted ones the quotas and the subnet's addresses allow.

    Fewer than the minimum is an error, and so AWS says what is short.
    """
    living = Instance.objects.in_scope(ctx).filter(state__in=LIVING)
    types = living.values_list("instance_type", flat=True)
    limits = [plan.maximum]
    left = quotas.INSTANCES - len(types)
    if left < plan.minimum:
        raise InstanceLimitExceeded(
            f"You have requested more instances ({len(types) + plan.minimum}) than your current "
            f"instance limit of {quotas.INSTANCES} allows for the specified instance type."
        )
    limits.append(left)
    used = sum(one.vcpus for one in map(instance_types.find, types) if one)
    vcpus = (quotas.STANDARD_VCPUS - used) // plan.instance_type.vcpus
    if vcpus < plan.minimum:
        raise VcpuLimitExceeded(limit=quotas.STANDARD_VCPUS)
    limits.append(vcpus)
    for subnet in {one.subnet for one in plan.interfaces if one.existing is None}:
        addressing.hold(subnet)
        limits.append(_free(subnet, plan.interfaces))
    count = min(limits)
    if count < plan.minimum:
        raise InsufficientFreeAddressesInSubnet
    return 1 if any(one.existing or one.addresses for one in plan.interfaces) else count


def _free(subnet: Subnet, interfaces: Sequence[InterfacePlan]) -> int:
    """For how many instances a subnet has addresses."""
    own = [one for one in interfaces if one.subnet == subnet and one.existing is None]
    each = sum(max(1, len(one.addresses)) + one.secondary_count for one in own)
    return addressing.count_free(subnet) // each


def _interfaces(
    ctx: Context, plan: Plan, wanted: InterfacePlan, instances: Sequence[Instance]
) -> None:
    if wanted.existing is not None:
        _attach(ctx, wanted, instances[0])
        return
    addressing.require_free(wanted.subnet, list(wanted.addresses))
    each = max(1, len(wanted.addresses)) + wanted.secondary_count
    chosen = addressing.private_addresses(
        wanted.subnet, each * len(instances) - len(wanted.addresses), besides=wanted.addresses
    )
    private = [*wanted.addresses, *chosen]
    public = addressing.public_addresses(len(instances)) if wanted.has_public else []
    rows = [
        NetworkInterface(
            **owned(ctx, "eni"),
            vpc=wanted.subnet.vpc,
            subnet=wanted.subnet,
            status="in-use",
            description=wanted.description,
            mac_address=addressing.mac_address(),
            private_ip_address=private[number * each],
            attachment_id=ids.resource_id("eni-attach"),
            instance=instance,
            device_index=wanted.device_index,
            attach_time=ctx.now,
            delete_on_termination=wanted.delete_on_termination,
            lends_public_ip=wanted.has_public,
            tags=plan.tags["network-interface"],
        )
        for number, instance in enumerate(instances)
    ]
    made = NetworkInterface.objects.bulk_create(rows)
    PrivateAddress.objects.bulk_create(
        PrivateAddress(
            interface=row,
            subnet=wanted.subnet,
            address=private[number * each + place],
            is_primary=place == 0,
            public_ip=public[number] if public and place == 0 else None,
        )
        for number, row in enumerate(made)
        for place in range(each)
    )
    through = NetworkInterface.groups.through
    through.objects.bulk_create(
        through(networkinterface_id=row.pk, securitygroup_id=group.pk)
        for row in made
        for group in wanted.groups
    )


def _attach(ctx: Context, wanted: InterfacePlan, instance: Instance) -> None:
    interface = wanted.existing
    assert interface is not None  # noqa: S101 - the caller asked
    interface.status = "in-use"
    interface.attachment_id = ids.resource_id("eni-attach")
    interface.instance = instance
    interface.device_index = wanted.device_index
    interface.attach_time = ctx.now
    interface.delete_on_termination = wanted.delete_on_termination
    interface.save()


def _volumes(ctx: Context, plan: Plan, instances: Sequence[Instance]) -> None:
    pairs = [(instance, device) for instance in instances for device in plan.devices]
    volumes = Volume.objects.bulk_create(
        Volume(
            **owned(ctx, "vol"),
            state="in-use",
            size=device.shape.size,
            volume_type=device.shape.volume_type,
            iops=device.shape.iops,
            throughput=device.shape.throughput,
            snapshot_id=device.snapshot_id,
            availability_zone=instance.availability_zone,
            encrypted=device.encrypted,
            kms_key_id=device.kms_key_id,
            tags=plan.tags["volume"],
        )
        for instance, device in pairs
    )
    VolumeAttachment.objects.bulk_create(
        VolumeAttachment(
            volume=volume,
            instance=instance,
            device=device.device,
            status="attached",
            attach_time=ctx.now,
            delete_on_termination=device.delete_on_termination,
        )
        for volume, (instance, device) in zip(volumes, pairs, strict=True)
    )
