"""S3's error codes.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList
Fields in capitals become elements of the error's XML, as AWS adds them (BucketName, Key).
"""

from functools import cache
from typing import Any, ClassVar

from aws import errors
from aws.errors import AwsError


class AccessDenied(errors.Denied):
    """Without the reason: for anonymous callers and those of other accounts, as AWS does."""

    message = "Access Denied"


class AllAccessDisabled(AwsError):
    status = 403
    message = "All access to this object has been disabled"


# --- Buckets --------------------------------------------------------------------------------------
class NoSuchBucket(AwsError):
    status = 404
    message = "The specified bucket does not exist"


class BucketAlreadyExists(AwsError):
    status = 409
    message = (
        "The requested bucket name is not available. The bucket namespace is shared by all users "
        "of the system. Please select a different name and try again."
    )


class BucketAlreadyOwnedByYou(AwsError):
    status = 409
    message = "Your previous request to create the named bucket succeeded and you already own it."


class BucketNotEmpty(AwsError):
    status = 409
    message = "The bucket you tried to delete is not empty"


class VersionedBucketNotEmpty(AwsError):
    code = "BucketNotEmpty"
    status = 409
    message = (
        "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
    )


class InvalidBucketName(AwsError):
    message = "The specified bucket is not valid."


class TooManyBuckets(AwsError):
    message = "You have attempted to create more buckets than allowed"


class IllegalLocationConstraintException(AwsError):
    message = (
        "The {constraint} location constraint is incompatible for the region specific endpoint "
        "this request was sent to."
    )


class InvalidLocationConstraint(AwsError):
    message = "The specified location-constraint is not valid"


class WrongRegion(AwsError):
    """Region: where the bucket is; clients sign again for it."""

    code = "AuthorizationHeaderMalformed"
    message = (
        "The authorization header is malformed; the region '{given}' is wrong; expecting '{Region}'"
    )


class InvalidBucketState(AwsError):
    status = 409
    message = "The request is not valid with the current state of the bucket."


class IllegalVersioningConfigurationException(AwsError):
    message = "The Versioning element must be specified"


class MissingRequestBodyError(AwsError):
    message = "Request Body is empty"


class OperationAborted(AwsError):
    status = 409
    message = (
        "A conflicting conditional operation is currently in progress against this resource. "
        "Please try again."
    )


class BucketHasAccessPointsAttached(AwsError):
    message = (
        "The bucket you tried to delete has access points attached. Delete your access points "
        "before deleting your bucket."
    )


# --- Access points ------------------------------------------------------------------------------
class NoSuchAccessPoint(AwsError):
    status = 404
    message = "The specified accesspoint does not exist"


class NoSuchAccessPointPolicy(AwsError):
    status = 404
    message = "The specified accesspoint policy does not exist"


class AccessPointAlreadyOwnedByYou(AwsError):
    status = 409
    message = (
        "Your previous request to create the named accesspoint succeeded and you already own it."
    )


class TooManyAccessPoints(AwsError):
    message = "You have attempted to create more access points than allowed"


# --- Objects --------------------------------------------------------------------------------------
class NoSuchKey(AwsError):
    status = 404
    message = "The specified key does not exist."


class NoSuchVersion(AwsError):
    status = 404
    message = "The specified version does not exist."


class MethodNotAllowed(AwsError):
    """Of a delete marker. headers: what the answer carries beside."""

    status = 405
    message = "The specified method is not allowed against this resource."


class KeyTooLongError(AwsError):
    message = "Your key is too long"


class InvalidURI(AwsError):
    message = "Couldn't parse the specified URI."


class InvalidRange(AwsError):
    status = 416
    message = "The requested range is not satisfiable"


class InvalidPartNumber(AwsError):
    status = 416
    message = "The requested partnumber is not satisfiable"


class PreconditionFailed(AwsError):
    status = 412
    message = "At least one of the pre-conditions you specified did not hold"


class ConditionalRequestConflict(AwsError):
    status = 409
    message = "The conditional request cannot succeed due to a conflicting operation."


class NotModified(AwsError):
    """Answered without a body."""

    status = 304
    message = "Not Modified"


class InvalidObjectState(AwsError):
    status = 403
    message = "The operation is not valid for the object's storage class"


class RestoreAlreadyInProgress(AwsError):
    status = 409
    message = "Object restore is already in progress"


class InvalidStorageClass(AwsError):
    message = "The storage class you specified is not valid"


class EntityTooLarge(AwsError):
    message = "Your proposed upload exceeds the maximum allowed size"


class EntityTooSmall(AwsError):
    message = "Your proposed upload is smaller than the minimum allowed size"


class MetadataTooLarge(AwsError):
    message = "Your metadata headers exceed the maximum allowed metadata size"


class InvalidDigest(AwsError):
    message = "The Content-MD5 you specified is not valid."


class BadDigest(AwsError):
    message = "The {algorithm} you specified did not match the calculated checksum."


class MissingContentLength(AwsError):
    status = 411
    message = "You must provide the Content-Length HTTP header."


class InvalidRequest(AwsError):
    message = "{reason}"


class InvalidArgument(errors.InvalidArgument):
    """ArgumentName, ArgumentValue: as AWS adds them."""

    message = "{reason}"


class InvalidTag(AwsError):
    message = "{reason}"


class InvalidRedirectLocation(AwsError):
    message = "The website redirect location must have a prefix of 'http://' or 'https://' or '/'."


class IncorrectEndpoint(AwsError):
    """Of a website. Endpoint: where the bucket is."""

    message = (
        "The specified bucket exists in another region. Please direct requests to the specified "
        "endpoint."
    )


class RequestTimeout(AwsError):
    message = (
        "Your socket connection to the server was not read from or written to within the timeout "
        "period."
    )


# --- Multipart uploads ---------------------------------------------------------------------------
class NoSuchUpload(AwsError):
    status = 404
    message = (
        "The specified upload does not exist. The upload ID may be invalid, or the upload may "
        "have been aborted or completed."
    )


class InvalidPart(AwsError):
    message = (
        "One or more of the specified parts could not be found.  The part may not have been "
        "uploaded, or the specified entity tag may not match the part's entity tag."
    )


class InvalidPartOrder(AwsError):
    message = "The list of parts was not in ascending order. Parts must be ordered by part number."


# --- Configurations -----------------------------------------------------------------------------
class MalformedPolicy(AwsError):
    message = "{reason}"


class NoSuchConfiguration(AwsError):
    status = 404
    message = "The specified configuration does not exist."


def missing(code: str, message: str) -> type[AwsError]:
    """The error of one configuration that was never put."""
    return type(code, (AwsError,), {"code": code, "status": 404, "message": message})


NoSuchBucketPolicy = missing("NoSuchBucketPolicy", "The bucket policy does not exist")
NoSuchTagSet = missing("NoSuchTagSet", "The TagSet does not exist")
NoSuchCORSConfiguration = missing(
    "NoSuchCORSConfiguration", "The CORS configuration does not exist"
)
NoSuchLifecycleConfiguration = missing(
    "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"
)
NoSuchWebsiteConfiguration = missing(
    "NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"
)
NoSuchPublicAccessBlockConfiguration = missing(
    "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"
)
OwnershipControlsNotFoundError = missing(
    "OwnershipControlsNotFoundError", "The bucket ownership controls were not found"
)
ReplicationConfigurationNotFoundError = missing(
    "ReplicationConfigurationNotFoundError", "The replication configuration was not found"
)
ServerSideEncryptionConfigurationNotFoundError = missing(
    "ServerSideEncryptionConfigurationNotFoundError",
    "The server side encryption configuration was not found",
)
ObjectLockConfigurationNotFoundError = missing(
    "ObjectLockConfigurationNotFoundError",
    "Object Lock configuration does not exist for this bucket",
)
NoSuchObjectLockConfiguration = missing(
    "NoSuchObjectLockConfiguration", "The specified object does not have a ObjectLock configuration"
)


class InvalidTargetBucketForLogging(AwsError):
    message = (
        "The target bucket for logging does not exist, is not owned by you, or does not have the "
        "appropriate grants for the log-delivery group."
    )


class CrossLocationLoggingProhibitted(AwsError):
    """AWS's own spelling."""

    status = 403
    message = "Cross S3 location logging not allowed. "


class InvalidS3DestinationBucket(AwsError):
    message = (
        "The destination bucket does not exist, is in another Region, or is not owned by the "
        "account that the configuration names."
    )


class TooManyConfigurations(AwsError):
    message = "You are attempting to create a new configuration but have already reached the limit."


class AccessControlListNotSupported(AwsError):
    message = "The bucket does not allow ACLs"


class InvalidBucketAclWithObjectOwnership(AwsError):
    message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"


class MalformedACLError(AwsError):
    message = (
        "The XML you provided was not well-formed or did not validate against our published schema"
    )


class CORSForbidden(AwsError):
    code: ClassVar[str] = "AccessForbidden"
    status = 403
    message = "CORSResponse: {reason}"


def of_kms(error: AwsError) -> AwsError:
    """What KMS answered to S3, as S3 tells it: a denial as its own, all else as KMS.<code>.

    AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
    """
    if isinstance(error, errors.Denied):
        denied = AccessDenied(error.message)
        denied.explanation, denied.encoded = error.explanation, error.encoded
        return denied
    return _of_kms(f"KMS.{error.code}")(error.message)


@cache
def _of_kms(code: str) -> type[AwsError]:
    return type(code, (AwsError,), {"code": code})


def argument(name: str, value: Any, reason: str) -> InvalidArgument:
    return InvalidArgument(reason=reason, ArgumentName=name, ArgumentValue=str(value)[:200])
