"""Errors that only the wire knows: signatures as each family of services words them."""

from typing import Any

from aws import errors
from aws.errors import AwsError

QUERY, JSON, EC2, S3 = "query", "json", "ec2", "s3"


class MissingAuthenticationTokenException(AwsError):
    message = "Missing Authentication Token"


class IncompleteSignatureException(AwsError):
    message = "{reason}"


class InvalidAccessKeyId(AwsError):
    status = 403
    message = "The AWS Access Key Id you provided does not exist in our records."


class S3SignatureDoesNotMatch(AwsError):
    code = "SignatureDoesNotMatch"
    status = 403
    message = (
        "The request signature we calculated does not match the signature you provided. Check "
        "your key and signing method."
    )


class RequestTimeTooSkewed(AwsError):
    status = 403
    message = "The difference between the request time and the current time is too large."


class S3AccessDenied(AwsError):
    code = "AccessDenied"
    status = 403
    message = "Access Denied"


class S3ExpiredToken(AwsError):
    code = "ExpiredToken"
    message = "The provided token has expired."


class AuthorizationHeaderMalformed(AwsError):
    message = "The authorization header is malformed; {reason}"


class AuthorizationQueryParametersError(AwsError):
    """Of a presigned address."""


class HeadersNotSigned(AwsError):
    code = "AccessDenied"
    status = 403
    message = "There were headers present in the request which were not signed"


class OneMechanismOnly(AwsError):
    code = "InvalidArgument"
    message = (
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature "
        "query string parameter or the Authorization header should be specified"
    )


class XAmzContentSHA256Mismatch(AwsError):
    message = "The provided 'x-amz-content-sha256' header does not match what was computed."


class InvalidRequest(AwsError):
    message = "{reason}"


class ServiceNotOffered(AwsError):
    code = "NotImplemented"
    status = 501
    message = "The service {service} is part of AWS, but this lab does not offer it."


class IncompleteBody(AwsError):
    message = "You did not provide the number of bytes specified by the Content-Length HTTP header."


class InvalidChunkSizeError(AwsError):
    status = 403
    message = "Only the last chunk is allowed to have a size less than 8192 bytes"


class MalformedTrailerError(AwsError):
    message = (
        "The request contained trailing data that was not well-formed or did not conform to our "
        "published schema."
    )


MISSING: dict[str, type[AwsError]] = {
    QUERY: errors.MissingAuthenticationToken,
    JSON: MissingAuthenticationTokenException,
    EC2: errors.AuthFailure,
    S3: S3AccessDenied,
}
INCOMPLETE: dict[str, type[AwsError]] = {
    QUERY: errors.IncompleteSignature,
    JSON: IncompleteSignatureException,
    EC2: errors.IncompleteSignature,
    S3: AuthorizationHeaderMalformed,
}
UNKNOWN_KEY: dict[str, type[AwsError]] = {
    QUERY: errors.InvalidClientTokenId,
    JSON: errors.UnrecognizedClientException,
    EC2: errors.AuthFailure,
    S3: InvalidAccessKeyId,
}
EXPIRED_KEY: dict[str, type[AwsError]] = {
    QUERY: errors.ExpiredToken,
    JSON: errors.ExpiredTokenException,
    EC2: errors.RequestExpired,
    S3: S3ExpiredToken,
}
WRONG: dict[str, type[AwsError]] = {
    QUERY: errors.SignatureDoesNotMatch,
    JSON: errors.InvalidSignatureException,
    EC2: errors.AuthFailure,
    S3: S3SignatureDoesNotMatch,
}
THROTTLED: dict[str, type[AwsError]] = {
    QUERY: errors.Throttling,
    JSON: errors.ThrottlingException,
    EC2: errors.RequestLimitExceeded,
    S3: errors.SlowDown,
}


def dialect(service: Any) -> str:
    """How a service words the errors of this file. service: an aws.services.Service."""
    if service.prefix in (EC2, S3):
        return str(service.prefix)
    if service.prefix == "s3control":
        return S3
    return QUERY if service.protocol in ("query", "rest-xml") else JSON
