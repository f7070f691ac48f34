"""A launch before it happens: everything that the request names, found, checked and authorized.

AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aws.context import Context
from aws.errors import AwsError
from ec2 import amis, block_devices, default_vpc, lookup
from ec2.amis import Ami
from ec2.block_devices import Device
from ec2.catalogue import instance_types
from ec2.catalogue.instance_types import InstanceType
from ec2.errors import (
    InvalidAMIIDUnavailable,
    InvalidParameterCombination,
    InvalidParameterValue,
    InvalidPlacementGroupUnknown,
    MissingParameter,
    Unsupported,
    not_found,
)
from ec2.launching import profiles
from ec2.launching.networks import InterfacePlan, plan_interfaces
from ec2.models import Instance, KeyPair, NetworkInterface, PlacementGroup, Volume

MAX_USER_DATA = 16 * 1024
DEFAULT_TYPE = "m1.small"


@dataclass(slots=True)
class Plan:
    """minimum, maximum: how many. tags: by kind of resource. fields: columns of every instance."""

    ami: Ami
    instance_type: InstanceType
    minimum: int
    maximum: int
    interfaces: list[InterfacePlan]
    devices: list[Device]
    placement_group: PlacementGroup | None
    tags: dict[str, dict[str, str]]
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def zone(self) -> str:
        return self.interfaces[0].subnet.availability_zone


def plan(ctx: Context, request: Mapping[str, Any]) -> Plan:
    """request: RunInstances' members by their AWS names, a launch template's already merged.

    Raises what AWS raises; nothing is written.
    """
    try:
        made, profile = _found(ctx, request)
    except AwsError:
        # Who may not launch at all learns nothing of what is there.
        kind = {"ec2:InstanceType": request.get("InstanceType") or DEFAULT_TYPE}
        lookup.authorize_new(ctx, "ec2:RunInstances", Instance, {}, kind)
        raise
    _authorize(ctx, made, request, profile)
    _check(ctx, made, request)
    made.fields = _fields(request, made, profile)
    return made


def _found(ctx: Context, request: Mapping[str, Any]) -> tuple[Plan, profiles.Profile | None]:
    minimum, maximum = _count(request)
    if not request.get("ImageId"):
        raise MissingParameter("The request must contain the parameter ImageId")
    ami = amis.find(ctx, request["ImageId"])
    kind = _type(request.get("InstanceType") or DEFAULT_TYPE)
    placement = request.get("Placement") or {}
    tags = _tags(request.get("TagSpecifications") or ())
    devices = block_devices.resolve(
        ctx,
        ami,
        request.get("BlockDeviceMappings") or (),
        encrypts=bool(default_vpc.prepare(ctx).settings.get("EbsEncryptionByDefault")),
    )
    interfaces = plan_interfaces(ctx, request, placement.get("AvailabilityZone", ""))
    profile = profiles.find(ctx, request.get("IamInstanceProfile"))
    group = _placement_group(ctx, placement.get("GroupName", ""))
    return Plan(ami, kind, minimum, maximum, interfaces, devices, group, tags), profile


def _count(request: Mapping[str, Any]) -> tuple[int, int]:
    minimum, maximum = request.get("MinCount"), request.get("MaxCount")
    if minimum is None or maximum is None:
        missing = "MinCount" if minimum is None else "MaxCount"
        raise MissingParameter(f"The request must contain the parameter {missing}")
    if minimum < 1 or maximum < 1:
        raise InvalidParameterValue(
            f"Value ({min(minimum, maximum)}) for parameter minCount is invalid. Must be a "
            "positive integer."
        )
    if maximum < minimum:
        raise InvalidParameterCombination("MaxCount must be greater than or equal to MinCount")
    return minimum, maximum


def _type(name: str) -> InstanceType:
    found = instance_types.find(name)
    if found is None:
        raise InvalidParameterValue(f"Invalid value '{name}' for InstanceType.")
    return found


def _tags(specifications: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """{"instance": {…}, "volume": {…}, "network-interface": {…}}"""
    models = (Instance, Volume, NetworkInterface)
    known = {model.KIND: model for model in models}
    for one in specifications:
        if one.get("ResourceType") not in known:
            raise InvalidParameterValue(
                f"'{one.get('ResourceType')}' is not a valid taggable resource type for this "
                "operation."
            )
    return {kind: lookup.tags_of(specifications, model) for kind, model in known.items()}


def _placement_group(ctx: Context, name: str) -> PlacementGroup | None:
    if not name:
        return None
    found: PlacementGroup | None = (
        PlacementGroup.objects.in_scope(ctx).filter(group_name=name).first()
    )
    if found is None:
        raise InvalidPlacementGroupUnknown(name=name)
    return found


def _authorize(
    ctx: Context, made: Plan, request: Mapping[str, Any], profile: profiles.Profile | None
) -> None:
    """Every resource that a launch touches is asked about, as AWS does."""
    action = "ec2:RunInstances"
    region = {"ec2:Region": ctx.region}
    instance = {
        **region,
        "ec2:InstanceType": made.instance_type.name,
        "ec2:AvailabilityZone": made.zone,
        "ec2:Tenancy": (request.get("Placement") or {}).get("Tenancy", "default"),
        "ec2:RootDeviceType": "ebs",
        "ec2:MetadataHttpTokens": (request.get("MetadataOptions") or {}).get("HttpTokens", ""),
        **({"ec2:InstanceProfile": profile.arn} if profile else {}),
    }
    lookup.authorize_new(ctx, action, Instance, made.tags["instance"], instance)
    ctx.authorize(
        action,
        made.ami.arn,
        resource_tags=made.ami.row.tags if made.ami.row else {},
        conditions={**region, **made.ami.conditions()},
    )
    for device in made.devices:
        conditions = {
            **region,
            "ec2:VolumeType": device.shape.volume_type,
            "ec2:VolumeSize": str(device.shape.size),
            "ec2:Encrypted": "true" if device.encrypted else "false",
        }
        lookup.authorize_new(ctx, action, Volume, made.tags["volume"], conditions)
    for interface in made.interfaces:
        interface.authorize(ctx, action, made.tags["network-interface"])
    if made.placement_group:
        lookup.authorize(ctx, action, made.placement_group)
    if request.get("KeyName"):
        arn = f"arn:aws:ec2:{ctx.region}:{ctx.account_id}:key-pair/{request['KeyName']}"
        ctx.authorize(action, arn, conditions=region)
    if profile:
        profiles.require_pass_role(ctx, profile)


def _check(ctx: Context, made: Plan, request: Mapping[str, Any]) -> None:
    kind, ami = made.instance_type, made.ami
    if ami.state != "available":
        raise InvalidAMIIDUnavailable(image_id=ami.image_id)
    if ami.architecture not in kind.architectures:
        raise InvalidParameterValue(
            f"The architecture '{' '.join(kind.architectures)}' of the specified instance type "
            f"does not match the architecture '{ami.architecture}' of the specified AMI. Specify "
            "an instance type and an AMI that have matching architectures, and try again."
        )
    if len(made.interfaces) > kind.max_interfaces:
        raise InvalidParameterCombination(
            f"Number of network interfaces exceeds the limit for {kind.name}: {kind.max_interfaces}"
        )
    name = request.get("KeyName")
    if name and not KeyPair.objects.in_scope(ctx).filter(key_name=name).exists():
        raise not_found("KeyPair")(f"The key pair '{name}' does not exist")
    if (request.get("HibernationOptions") or {}).get("Configured") and not (
        made.devices[0].encrypted
    ):
        raise Unsupported("Hibernation requires the root volume to be encrypted.")
    hops = (request.get("MetadataOptions") or {}).get("HttpPutResponseHopLimit", 1)
    if not 1 <= hops <= 64:
        raise InvalidParameterValue(
            f"Value ({hops}) for parameter HttpPutResponseHopLimit is invalid. Must be between 1 "
            "and 64."
        )


def user_data(text: str) -> str:
    """The base64 as it was sent, if what it holds is short enough. Raises InvalidParameterValue."""
    try:
        raw = base64.b64decode(text, validate=False)
    except (binascii.Error, ValueError):
        raise InvalidParameterValue("Invalid BASE64 encoding of user data") from None
    if len(raw) > MAX_USER_DATA:
        raise InvalidParameterValue(f"User data is limited to {MAX_USER_DATA} bytes")
    return text


def metadata_options(given: Mapping[str, Any] | None, *, requires_token: bool) -> dict[str, Any]:
    """Complete, in AWS's shape. requires_token: the image's own wish."""
    given = given or {}
    return {
        "State": "applied",
        "HttpTokens": given.get("HttpTokens") or ("required" if requires_token else "optional"),
        "HttpPutResponseHopLimit": given.get("HttpPutResponseHopLimit", 2 if requires_token else 1),
        "HttpEndpoint": given.get("HttpEndpoint") or "enabled",
        "HttpProtocolIpv6": given.get("HttpProtocolIpv6") or "disabled",
        "InstanceMetadataTags": given.get("InstanceMetadataTags") or "disabled",
    }


def _fields(
    request: Mapping[str, Any], made: Plan, profile: profiles.Profile | None
) -> dict[str, Any]:
    ami, kind = made.ami, made.instance_type
    credit = (request.get("CreditSpecification") or {}).get("CpuCredits", "")
    default_credit = "standard" if kind.family == "t2" else "unlimited"
    return {
        "image_id": ami.image_id,
        "instance_type": kind.name,
        "architecture": ami.architecture,
        "platform": ami.platform,
        "platform_details": ami.platform_details,
        "key_name": request.get("KeyName") or "",
        "client_token": request.get("ClientToken") or "",
        "availability_zone": made.zone,
        "placement_group": made.placement_group,
        "tenancy": (request.get("Placement") or {}).get("Tenancy", "default"),
        "instance_profile_arn": profile.arn if profile else "",
        "instance_profile_id": profile.profile_id if profile else "",
        "root_device_name": ami.root_device_name,
        "user_data": user_data(request.get("UserData") or ""),
        "shutdown_behavior": request.get("InstanceInitiatedShutdownBehavior") or "stop",
        "disable_api_termination": bool(request.get("DisableApiTermination")),
        "disable_api_stop": bool(request.get("DisableApiStop")),
        "ebs_optimized": bool(request.get("EbsOptimized")),
        "monitoring": bool((request.get("Monitoring") or {}).get("Enabled")),
        "hibernation": bool((request.get("HibernationOptions") or {}).get("Configured")),
        "metadata_options": metadata_options(
            request.get("MetadataOptions"), requires_token=ami.imds_support == "v2.0"
        ),
        "credit_specification": (credit or default_credit) if kind.is_burstable else "",
        "options": {
            "PrivateDnsNameOptions": request.get("PrivateDnsNameOptions")
            or {
                "HostnameType": "ip-name",
                "EnableResourceNameDnsARecord": False,
                "EnableResourceNameDnsAAAARecord": False,
            },
            "MaintenanceOptions": {
                "AutoRecovery": (request.get("MaintenanceOptions") or {}).get(
                    "AutoRecovery", "default"
                ),
                "RebootMigration": "default",
            },
            "EnclaveOptions": {
                "Enabled": bool((request.get("EnclaveOptions") or {}).get("Enabled"))
            },
        },
    }
