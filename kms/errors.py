"""KMS's error codes, as botocore's model lists them.

AWS: https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
"""

from aws import errors
from aws.errors import AwsError


class NotFoundException(AwsError):
    message = "Key '{arn}' does not exist"


class AlreadyExistsException(AwsError):
    message = "An alias with the name {arn} already exists"


class DisabledException(AwsError):
    message = "{arn} is disabled."


class KMSInvalidStateException(AwsError):
    message = "{arn} is pending deletion."


class InvalidKeyUsageException(AwsError):
    message = "{arn} key usage is {usage} which is not valid for {operation}."


class InvalidCiphertextException(AwsError):
    message = ""


class IncorrectKeyException(AwsError):
    message = "The key ID in the request does not identify a CMK that can perform this operation."


class KMSInvalidSignatureException(AwsError):
    message = ""


class KMSInvalidMacException(AwsError):
    message = ""


class InvalidArnException(AwsError):
    message = "Invalid arn {arn}"


class InvalidAliasNameException(AwsError):
    message = "{reason}"


class InvalidMarkerException(AwsError):
    message = "The marker is not valid."


class InvalidGrantIdException(AwsError):
    message = "Grant ID {grant_id} does not exist."


class InvalidGrantTokenException(AwsError):
    message = "The grant token is not valid."


class LimitExceededException(AwsError):
    message = "{reason}"


class MalformedPolicyDocumentException(AwsError):
    message = "{reason}"


class TagException(AwsError):
    message = "{reason}"


class UnsupportedOperationException(AwsError):
    message = "{reason}"


class ConflictException(AwsError):
    message = "{reason}"


class CiphertextNotAllowed(errors.AccessDeniedException):
    """Of a ciphertext under a key that the caller may not learn about."""

    code = "AccessDeniedException"
    message = (
        "The ciphertext refers to a customer master key that does not exist, does not exist in "
        "this region, or you are not allowed to access."
    )
