"""Launching."""

from typing import Any

from aws.context import Context
from ec2 import instance_shapes, lookup
from ec2.door import Response, operation
from ec2.errors import InvalidParameterCombination
from ec2.launching.build import build
from ec2.launching.plan import plan
from ec2.launching.templates import merged
from ec2.models import Instance


@operation("ec2:RunInstances", client_token="client_token")  # noqa: S106 - an argument's name
def run_instances(
    ctx: Context,
    /,
    *,
    min_count: int,
    max_count: int,
    image_id: str | None = None,
    instance_type: str | None = None,
    key_name: str | None = None,
    security_group_ids: list[str] | None = None,
    security_groups: list[str] | None = None,
    subnet_id: str | None = None,
    private_ip_address: str | None = None,
    network_interfaces: list[dict[str, Any]] | None = None,
    block_device_mappings: list[dict[str, Any]] | None = None,
    user_data: str | None = None,
    iam_instance_profile: dict[str, str] | None = None,
    placement: dict[str, Any] | None = None,
    monitoring: dict[str, bool] | None = None,
    metadata_options: dict[str, Any] | None = None,
    credit_specification: dict[str, str] | None = None,
    private_dns_name_options: dict[str, Any] | None = None,
    maintenance_options: dict[str, str] | None = None,
    hibernation_options: dict[str, bool] | None = None,
    enclave_options: dict[str, bool] | None = None,
    instance_initiated_shutdown_behavior: str | None = None,
    disable_api_termination: bool | None = None,
    disable_api_stop: bool | None = None,
    ebs_optimized: bool | None = None,
    launch_template: dict[str, str] | None = None,
    tag_specifications: list[dict[str, Any]] | None = None,
    instance_market_options: dict[str, Any] | None = None,
    client_token: str | None = None,
    dry_run: bool = False,
    **_: Any,
) -> Response:
    """Answers a reservation with its instances, all "pending".

    Simplified: on-demand only; what AWS has no part for in this lab (Spot, capacity reservations,
    Outposts, accelerators, IPv6, licences) is taken and has no effect, but Spot is refused.
    AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
    """
    if instance_market_options:
        raise InvalidParameterCombination("Spot and capacity blocks are not part of this lab.")
    given = {
        "MinCount": min_count,
        "MaxCount": max_count,
        "ImageId": image_id,
        "InstanceType": instance_type,
        "KeyName": key_name,
        "SecurityGroupIds": security_group_ids,
        "SecurityGroups": security_groups,
        "SubnetId": subnet_id,
        "PrivateIpAddress": private_ip_address,
        "NetworkInterfaces": network_interfaces,
        "BlockDeviceMappings": block_device_mappings,
        "UserData": user_data,
        "IamInstanceProfile": iam_instance_profile,
        "Placement": placement,
        "Monitoring": monitoring,
        "MetadataOptions": metadata_options,
        "CreditSpecification": credit_specification,
        "PrivateDnsNameOptions": private_dns_name_options,
        "MaintenanceOptions": maintenance_options,
        "HibernationOptions": hibernation_options,
        "EnclaveOptions": enclave_options,
        "InstanceInitiatedShutdownBehavior": instance_initiated_shutdown_behavior,
        "DisableApiTermination": disable_api_termination,
        "DisableApiStop": disable_api_stop,
        "EbsOptimized": ebs_optimized,
        "TagSpecifications": tag_specifications,
        "ClientToken": client_token,
    }
    request = merged(ctx, launch_template, given)
    made = build(ctx, plan(ctx, request))
    rows = instance_shapes.described(Instance.objects.all())
    instances = lookup.several(ctx, rows, [one.resource_id for one in made])
    (reservation,) = instance_shapes.reservations(instances)
    return reservation
