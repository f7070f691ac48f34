"""EC2's error codes and sentences.

AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from functools import cache

from aws.errors import (
    AwsError,
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingParameter,
)

__all__ = ["InvalidParameterCombination", "InvalidParameterValue", "MissingParameter"]


def value(sentence: str) -> InvalidParameterValue:
    """InvalidParameterValue with a sentence of its own."""
    return InvalidParameterValue(sentence)


@cache
def not_found(error: str) -> type[AwsError]:
    """ "VpcID" → the class of InvalidVpcID.NotFound."""
    return type(f"Invalid{error}NotFound", (AwsError,), {"code": f"Invalid{error}.NotFound"})


@cache
def malformed(error: str) -> type[AwsError]:
    """ "VpcID" → the class of InvalidVpcID.Malformed."""
    return type(f"Invalid{error}Malformed", (AwsError,), {"code": f"Invalid{error}.Malformed"})


class DependencyViolation(AwsError):
    """The sentence names what depends: "The vpc 'vpc-…' has dependencies and cannot be deleted."""


class ResourceInUse(AwsError):
    pass


class CannotDelete(AwsError):
    message = 'the specified group: "{group_id}" name: "{group_name}" cannot be deleted by a user'


class OperationNotPermitted(AwsError):
    pass


class UnsupportedOperation(AwsError):
    pass


class Unsupported(AwsError):
    pass


class UnsupportedHibernationConfiguration(AwsError):
    message = "The instance '{instance_id}' was not launched with hibernation enabled."


class IncorrectState(AwsError):
    pass


class IncorrectInstanceState(AwsError):
    message = "The instance '{instance_id}' is not in a state from which it can be {verb}."


class InvalidState(AwsError):
    pass


# --- Limits -------------------------------------------------------------------------------------
class VpcLimitExceeded(AwsError):
    message = "The maximum number of VPCs has been reached."


class SubnetLimitExceeded(AwsError):
    message = "The maximum number of subnets has been reached."


class SecurityGroupLimitExceeded(AwsError):
    message = "The maximum number of security groups for VPC '{vpc_id}' has been reached."


class RulesPerSecurityGroupLimitExceeded(AwsError):
    message = "The maximum number of rules per security group has been reached."


class InternetGatewayLimitExceeded(AwsError):
    message = "The maximum number of internet gateways has been reached."


class EgressOnlyInternetGatewayLimitExceeded(AwsError):
    message = "The maximum number of egress-only internet gateways has been reached."


class RouteTableLimitExceeded(AwsError):
    message = "The maximum number of route tables has been reached."


class RouteLimitExceeded(AwsError):
    message = "The maximum number of routes has been reached."


class NetworkAclLimitExceeded(AwsError):
    message = "The maximum number of network ACLs has been reached."


class NetworkAclEntryLimitExceeded(AwsError):
    message = "The maximum number of network ACL entries has been reached."


class DhcpOptionsLimitExceeded(AwsError):
    message = "The maximum number of DHCP option sets has been reached."


class AddressLimitExceeded(AwsError):
    message = "The maximum number of addresses has been reached."


class VcpuLimitExceeded(AwsError):
    message = (
        "You have requested more vCPU capacity than your current vCPU limit of {limit} allows for "
        "the instance bucket that the specified instance type belongs to. Please visit "
        "http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit."
    )


class InstanceLimitExceeded(AwsError):
    pass


class VolumeLimitExceeded(AwsError):
    code = "VolumeLimitExceeded"
    message = "You have exceeded your maximum {kind} storage limit of {limit} TiB in this region."


class InsufficientFreeAddressesInSubnet(AwsError):
    message = "The specified subnet does not have enough free addresses to satisfy the request."


class InsufficientInstanceCapacity(AwsError):
    status = 500
    fault = "Receiver"


# --- Networks -----------------------------------------------------------------------------------
class InvalidVpcRange(AwsError):
    code = "InvalidVpc.Range"
    message = "The CIDR '{cidr}' is invalid."


class InvalidSubnetRange(AwsError):
    code = "InvalidSubnet.Range"
    message = "The CIDR '{cidr}' is invalid."


class InvalidSubnetConflict(AwsError):
    code = "InvalidSubnet.Conflict"
    message = "The CIDR '{cidr}' conflicts with another subnet"


class DefaultVpcAlreadyExists(AwsError):
    message = "A Default VPC already exists for this account in this region."


class DefaultVpcDoesNotExist(AwsError):
    message = "No default VPC exists for this account in this region."


class DefaultSubnetAlreadyExistsInAvailabilityZone(AwsError):
    message = "A default subnet already exists in availability zone '{zone}'."


class VPCIdNotSpecified(AwsError):
    message = "No default VPC for this user"


class RouteAlreadyExists(AwsError):
    message = "The route identified by {destination} already exists."


class NetworkAclEntryAlreadyExists(AwsError):
    message = "The network acl entry identified by {number} already exists."


class ResourceAlreadyAssociated(AwsError):
    code = "Resource.AlreadyAssociated"
    message = "resource {resource_id} is already attached to network {vpc_id}"


class GatewayNotAttached(AwsError):
    code = "Gateway.NotAttached"
    message = "resource {resource_id} is not attached to network {vpc_id}"


# --- Security groups ----------------------------------------------------------------------------
class InvalidGroupDuplicate(AwsError):
    code = "InvalidGroup.Duplicate"
    message = "The security group '{name}' already exists for VPC '{vpc_id}'"


class InvalidGroupReserved(AwsError):
    code = "InvalidGroup.Reserved"
    message = "The security group '{name}' is reserved"


class InvalidPermissionDuplicate(AwsError):
    code = "InvalidPermission.Duplicate"
    message = 'the specified rule "{rule}" already exists'


class InvalidPermissionNotFound(AwsError):
    code = "InvalidPermission.NotFound"
    message = "The specified rule does not exist in this security group."


# --- Keys, images, storage ----------------------------------------------------------------------
class InvalidKeyPairDuplicate(AwsError):
    code = "InvalidKeyPair.Duplicate"
    message = "The keypair already exists"


class InvalidKeyFormat(AwsError):
    code = "InvalidKey.Format"
    message = "Key is not in valid OpenSSH public key format"


class InvalidAMINameDuplicate(AwsError):
    code = "InvalidAMIName.Duplicate"
    message = "AMI name {name} is already in use by AMI {image_id}"


class InvalidAMIIDUnavailable(AwsError):
    code = "InvalidAMIID.Unavailable"
    message = "The image ID '{image_id}' is no longer available"


class VolumeInUse(AwsError):
    message = "Volume {volume_id} is currently attached to {instance_id}"


class InvalidVolumeZoneMismatch(AwsError):
    code = "InvalidVolume.ZoneMismatch"
    message = (
        "The volume '{volume_id}' is not in the same availability zone as instance '{instance_id}'"
    )


class InvalidSnapshotInUse(AwsError):
    code = "InvalidSnapshot.InUse"
    message = "The snapshot {snapshot_id} is currently in use by {image_id}"


class IncorrectModificationState(AwsError):
    message = "Volume {volume_id} is in '{state}' state"


class VolumeModificationRateExceeded(AwsError):
    message = (
        "You've reached the maximum modification rate per volume limit. Wait at least 6 hours "
        "between modifications per EBS volume."
    )


class InvalidLaunchTemplateIdVersionNotFound(AwsError):
    code = "InvalidLaunchTemplateId.VersionNotFound"
    message = "Could not find the specified version {version}"


class InvalidPlacementGroupUnknown(AwsError):
    code = "InvalidPlacementGroup.Unknown"
    message = "The Placement Group '{name}' is unknown."


class InvalidBlockDeviceMapping(AwsError):
    pass


class InvalidIPAddressInUse(AwsError):
    code = "InvalidIPAddress.InUse"
    message = "The specified address is already in use: {address}"


class InvalidNetworkInterfaceInUse(AwsError):
    code = "InvalidNetworkInterface.InUse"
    message = "The network interface '{interface_id}' is currently in use."
