"""What happens when an instance starts, stops and ends, beside its state: addresses and disks.

The operations begin a change and the task `ec2.tasks.finish_instance` ends it; every step may be
taken twice, since a worker may be killed between any two.
"""

from collections.abc import Iterable

from django.db import transaction

from aws.context import Context
from aws.lifecycle import move
from ec2 import addressing
from ec2.models import (
    ElasticIp,
    Instance,
    NetworkInterface,
    PrivateAddress,
    Volume,
    VolumeAttachment,
)

USER_INITIATED = {
    "Code": "Client.UserInitiatedShutdown",
    "Message": "Client.UserInitiatedShutdown: User initiated shutdown",
}
GUEST_INITIATED = {
    "Code": "Client.InstanceInitiatedShutdown",
    "Message": "Client.InstanceInitiatedShutdown: Instance initiated shutdown",
}


def change(ctx: Context, instance: Instance, *, to: str) -> bool:
    """Begins a change on a user's wish; False when somebody else was faster."""
    fields: dict[str, object] = {}
    if to == "pending":
        fields = {"launch_time": ctx.now, "state_reason": {}, "state_transition_reason": ""}
    else:
        moment = ctx.now.strftime("%Y-%m-%d %H:%M:%S GMT")
        fields = {
            "state_reason": USER_INITIATED,
            "state_transition_reason": f"User initiated ({moment})",
        }
    reason = str(fields["state_transition_reason"])
    return move(instance, to=to, reason=reason, by=ctx.principal.arn, **fields)


def lend_public_addresses(instances: Iterable[Instance]) -> None:
    """To starting instances whose primary interface had one, and has no Elastic IP meanwhile."""
    waiting = list(
        PrivateAddress.objects.filter(
            interface__instance__in=instances,
            interface__device_index=0,
            interface__lends_public_ip=True,
            is_primary=True,
            public_ip=None,
            elastic_ip=None,
        )
    )
    for row, public in zip(waiting, addressing.public_addresses(len(waiting)), strict=True):
        row.public_ip = public
    PrivateAddress.objects.bulk_update(waiting, ["public_ip"])


def take_public_addresses(instance: Instance) -> None:
    """From a stopped instance: what AWS lent goes back, an Elastic IP stays."""
    PrivateAddress.objects.filter(interface__instance=instance).update(public_ip=None)


@transaction.atomic
def let_go(instance: Instance) -> None:
    """Of all that a terminated instance had: deletes what goes with it, frees the rest."""
    interfaces = NetworkInterface.objects.filter(instance=instance)
    ElasticIp.objects.filter(private_address__interface__in=interfaces).filter(
        private_address__interface__delete_on_termination=True
    ).update(private_address=None, association_id="")
    interfaces.filter(delete_on_termination=True).delete()
    for interface in interfaces.all():
        free_interface(interface)
    attachments = VolumeAttachment.objects.filter(instance=instance).select_related("volume")
    for attachment in attachments.select_for_update(of=("self", "volume")):
        volume, goes = attachment.volume, attachment.delete_on_termination
        attachment.delete()
        if not volume.attachments.exists():
            free_volume(volume, goes=goes)


def free_interface(interface: NetworkInterface) -> None:
    """Detached, and "available" again."""
    PrivateAddress.objects.filter(interface=interface).update(public_ip=None)
    interface.status = "available"
    interface.attachment_id = ""
    interface.instance = None
    interface.device_index = None
    interface.attach_time = None
    interface.save()


def free_volume(volume: Volume, *, goes: bool) -> None:
    """Detached from its last instance. goes: and deleted with it."""
    if volume.state == "in-use":
        move(volume, to="deleting" if goes else "available", reason="detached")
