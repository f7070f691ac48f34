"""Instances as DescribeInstances and RunInstances answer them, from rows read in bulk.

`described(rows)` adds to a query what the shapes need: five statements whatever the number.
"""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.db.models import Prefetch, QuerySet

from aws.tags import as_list
from ec2 import names
from ec2.models import (
    Instance,
    NetworkInterface,
    PrivateAddress,
    SecurityGroup,
    VolumeAttachment,
)


def described(rows: QuerySet[Instance]) -> QuerySet[Instance]:
    addresses = PrivateAddress.objects.select_related("elastic_ip")
    groups = SecurityGroup.objects.only("resource_id", "group_name", "vpc_id")
    interfaces = (
        NetworkInterface.objects.select_related("subnet", "vpc")
        .order_by("device_index")
        .prefetch_related(
            Prefetch("private_addresses", queryset=addresses), Prefetch("groups", queryset=groups)
        )
    )
    attachments = VolumeAttachment.objects.select_related("volume")
    return rows.select_related("vpc", "subnet", "placement_group").prefetch_related(
        Prefetch("network_interfaces", queryset=interfaces),
        Prefetch("volume_attachments", queryset=attachments),
    )


def reservations(instances: Iterable[Instance]) -> list[dict[str, Any]]:
    """Instances next to each other with one reservation become one item."""
    return [
        {
            "ReservationId": reservation_id,
            "OwnerId": owner_id,
            "Groups": [],
            "Instances": [instance_as_aws(one) for one in members],
        }
        for (reservation_id, owner_id), members in groupby(
            instances, key=lambda one: (one.reservation_id, one.account_id)
        )
    ]


def instance_as_aws(instance: Instance) -> dict[str, Any]:
    """AWS's Instance. The row comes from `described`."""
    interfaces = list(instance.network_interfaces.all())
    primary = interfaces[0] if interfaces else None
    shown: dict[str, Any] = {
        "InstanceId": instance.resource_id,
        "ImageId": instance.image_id,
        "State": instance.state_as_aws,
        "StateTransitionReason": instance.state_transition_reason,
        "PrivateDnsName": "",
        "PublicDnsName": "",
        "AmiLaunchIndex": instance.ami_launch_index,
        "ProductCodes": [],
        "InstanceType": instance.instance_type,
        "LaunchTime": instance.launch_time,
        "Placement": _placement(instance),
        "Monitoring": {"State": "enabled" if instance.monitoring else "disabled"},
        "Architecture": instance.architecture,
        "BlockDeviceMappings": [_device(one) for one in instance.volume_attachments.all()],
        "ClientToken": instance.client_token,
        "EbsOptimized": instance.ebs_optimized,
        "EnaSupport": True,
        "Hypervisor": "xen",
        "NetworkInterfaces": [_interface(one) for one in interfaces],
        "RootDeviceName": instance.root_device_name,
        "RootDeviceType": "ebs",
        "SecurityGroups": _groups(primary) if primary else [],
        "VirtualizationType": "hvm",
        "CapacityReservationSpecification": {"CapacityReservationPreference": "open"},
        "HibernationOptions": {"Configured": instance.hibernation},
        "MetadataOptions": instance.metadata_options,
        "PlatformDetails": instance.platform_details,
        "UsageOperation": "RunInstances:0002" if instance.platform else "RunInstances",
        "UsageOperationUpdateTime": instance.created_at,
        "CurrentInstanceBootMode": "uefi",
        "Tags": as_list(instance.tags),
        **instance.options,
    }
    optional = {
        "KeyName": instance.key_name,
        "Platform": instance.platform,
        "StateReason": instance.state_reason,
        "IamInstanceProfile": {
            "Arn": instance.instance_profile_arn,
            "Id": instance.instance_profile_id,
        }
        if instance.instance_profile_arn
        else None,
    }
    shown |= {name: value for name, value in optional.items() if value}
    return shown | (_network(primary) if primary else {})


def address_association(address: PrivateAddress, region: str) -> dict[str, Any] | None:
    """Association of an interface's address: with an Elastic IP, or a public one lent by AWS."""
    elastic = getattr(address, "elastic_ip", None)
    public = elastic.public_ip if elastic else address.public_ip
    if not public:
        return None
    shown = {
        "IpOwnerId": elastic.account_id if elastic else "amazon",
        "PublicDnsName": names.public_name(region, public),
        "PublicIp": public,
    }
    if elastic:
        shown |= {"AllocationId": elastic.resource_id, "AssociationId": elastic.association_id}
    return shown


def _network(primary: NetworkInterface) -> dict[str, Any]:
    """What an instance shows of its first interface."""
    instance = primary.instance
    assert instance is not None  # noqa: S101 - it was found by the instance
    shown: dict[str, Any] = {
        "SubnetId": primary.subnet.resource_id,
        "VpcId": primary.vpc.resource_id,
        "PrivateIpAddress": primary.private_ip_address,
        "PrivateDnsName": names.private_name(primary.region, primary.private_ip_address),
        "SourceDestCheck": primary.source_dest_check,
    }
    first = next(iter(primary.private_addresses.all()), None)
    if first and (association := address_association(first, primary.region)):
        shown["PublicIpAddress"] = association["PublicIp"]
        if primary.vpc.enable_dns_hostnames:
            shown["PublicDnsName"] = association["PublicDnsName"]
    return shown


def _placement(instance: Instance) -> dict[str, Any]:
    group = instance.placement_group
    return {
        "AvailabilityZone": instance.availability_zone,
        "GroupName": group.group_name if group else "",
        "Tenancy": instance.tenancy,
        **({"GroupId": group.resource_id} if group else {}),
    }


def _device(attachment: VolumeAttachment) -> dict[str, Any]:
    return {
        "DeviceName": attachment.device,
        "Ebs": {
            "AttachTime": attachment.attach_time,
            "DeleteOnTermination": attachment.delete_on_termination,
            "Status": attachment.status,
            "VolumeId": attachment.volume.resource_id,
        },
    }


def _groups(interface: NetworkInterface) -> list[dict[str, str]]:
    return [
        {"GroupId": group.resource_id, "GroupName": group.group_name}
        for group in interface.groups.all()
    ]


def _interface(interface: NetworkInterface) -> dict[str, Any]:
    addresses = list(interface.private_addresses.all())
    shown = {
        "NetworkInterfaceId": interface.resource_id,
        "Attachment": {
            "AttachTime": interface.attach_time,
            "AttachmentId": interface.attachment_id,
            "DeleteOnTermination": interface.delete_on_termination,
            "DeviceIndex": interface.device_index,
            "Status": "attached",
            "NetworkCardIndex": 0,
        },
        "Description": interface.description,
        "Groups": _groups(interface),
        "InterfaceType": interface.interface_type,
        "Ipv6Addresses": [],
        "MacAddress": interface.mac_address,
        "OwnerId": interface.account_id,
        "PrivateIpAddress": interface.private_ip_address,
        "PrivateDnsName": names.private_name(interface.region, interface.private_ip_address),
        "PrivateIpAddresses": [_address(one, interface.region) for one in addresses],
        "SourceDestCheck": interface.source_dest_check,
        "Status": interface.status,
        "SubnetId": interface.subnet.resource_id,
        "VpcId": interface.vpc.resource_id,
    }
    if addresses and (association := address_association(addresses[0], interface.region)):
        shown["Association"] = _brief(association)
    return shown


def _address(address: PrivateAddress, region: str) -> dict[str, Any]:
    shown = {
        "Primary": address.is_primary,
        "PrivateIpAddress": address.address,
        "PrivateDnsName": names.private_name(region, address.address),
    }
    if association := address_association(address, region):
        shown["Association"] = _brief(association)
    return shown


def _brief(association: dict[str, Any]) -> dict[str, Any]:
    """An instance's InstanceNetworkInterfaceAssociation has no ids."""
    members = ("IpOwnerId", "PublicDnsName", "PublicIp")
    return {name: association[name] for name in members}
