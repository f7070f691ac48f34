"""AWS errors: one tree, from `AwsError` over shared codes to each service's own codes.

A class is one error code. The message is AWS's English sentence with named fields and is never
translated; rendering happens in `aws/wire/render.py` and `console/middleware.py` only.
"""

from typing import Any, ClassVar


class AwsError(Exception):
    """An error that AWS would answer.

    code: AWS's error code. status: HTTP status. fault: "Sender" (client) or "Receiver" (server).
    message: template with named fields, filled from keyword arguments.
    """

    code: ClassVar[str] = "InternalFailure"
    status: ClassVar[int] = 400
    fault: ClassVar[str] = "Sender"
    message: str = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "code" not in cls.__dict__:
            cls.code = cls.__name__

    def __init__(self, message: str | None = None, **fields: Any) -> None:
        self.fields = fields
        self.message = message if message is not None else type(self).message.format(**fields)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


# --- The service failed ------------------------------------------------------------------------
class InternalFailure(AwsError):
    status = 500
    fault = "Receiver"
    message = "The request processing has failed because of an unknown error, exception or failure."


class ServiceUnavailable(AwsError):
    status = 503
    fault = "Receiver"
    message = "The request has failed due to a temporary failure of the server."


class OperationNotOffered(AwsError):
    """An operation of AWS's model that the lab lacks."""

    code = "NotImplemented"
    status = 501
    message = "{operation} is part of AWS's {service} API, but this lab does not offer it."


# --- The request could not be understood ---------------------------------------------------------
class InvalidAction(AwsError):
    message = "Could not find operation {operation} for version {version}"


class MissingAction(AwsError):
    message = "Could not find an operation in the request."


class UnknownOperationException(AwsError):
    """The JSON protocols' spelling of InvalidAction."""


class SerializationException(AwsError):
    """A body that the JSON, CBOR or XML parser refuses."""


class MalformedQueryString(AwsError):
    status = 404
    message = "The query string contains a syntax error."


class MalformedInput(AwsError):
    """The query protocol's answer to a value of the wrong type."""


class RequestEntityTooLarge(AwsError):
    status = 413
    message = "The request body is larger than {limit} bytes."


# --- Values ---------------------------------------------------------------------------------------
class ValidationError(AwsError):
    """IAM, STS, Auto Scaling and other query services."""


class ValidationException(AwsError):
    """The JSON protocols' spelling."""


class InvalidArgument(AwsError):
    """S3's spelling, of a header or parameter."""


class MalformedXML(AwsError):
    """S3's spelling, of a body."""

    message = (
        "The XML you provided was not well-formed or did not validate against our published schema"
    )


class MissingParameter(AwsError):
    message = "The request must contain the parameter {parameter}"


class InvalidParameterValue(AwsError):
    message = "Value ({value}) for parameter {parameter} is invalid. {reason}"


class InvalidParameterCombination(AwsError):
    pass


class UnknownParameter(AwsError):
    message = "The parameter {parameter} is not recognized"


class IdempotentParameterMismatch(AwsError):
    message = (
        "The client token you have provided is associated with a resource that is already "
        "deleted, or with other request parameters. Please use a different client token."
    )


class InvalidNextToken(AwsError):
    message = "The specified token is not valid."


class DryRunOperation(AwsError):
    status = 412
    message = "Request would have succeeded, but DryRun flag is set."


class DryRunOperationException(DryRunOperation):
    """The JSON protocols' spelling."""


# --- Who are you? ---------------------------------------------------------------------------------
class MissingAuthenticationToken(AwsError):
    status = 403
    message = "Request is missing Authentication Token"


class IncompleteSignature(AwsError):
    message = "{reason}"


class InvalidClientTokenId(AwsError):
    status = 403
    message = "The security token included in the request is invalid."


class UnrecognizedClientException(AwsError):
    """The JSON protocols' spelling of InvalidClientTokenId."""

    message = "The security token included in the request is invalid."


class ExpiredToken(AwsError):
    status = 403
    message = "The security token included in the request is expired"


class ExpiredTokenException(AwsError):
    message = "The security token included in the request is expired"


class SignatureDoesNotMatch(AwsError):
    status = 403
    message = (
        "The request signature we calculated does not match the signature you provided. Check "
        "your AWS Secret Access Key and signing method. Consult the service documentation for "
        "details."
    )


class InvalidSignatureException(AwsError):
    """The JSON protocols' spelling of SignatureDoesNotMatch."""

    message = SignatureDoesNotMatch.message


class AuthFailure(AwsError):
    """EC2's spelling of an unknown key or a wrong signature."""

    status = 401
    message = "AWS was not able to validate the provided access credentials"


class RequestExpired(AwsError):
    message = "Request has expired."


class OptInRequired(AwsError):
    status = 403
    message = "The account {account_id} is suspended. Ask your instructor."


# --- May you? -----------------------------------------------------------------------------------
class Denied(AwsError):
    """A denied request. `explanation` is the evaluator's trace (JSON), `encoded` its sealed form.

    Services spell the code differently: see `denied_class`.
    """

    status = 403
    explanation: dict[str, Any] | None = None
    encoded: str = ""


class AccessDenied(Denied):
    message = "User: {user} is not authorized to perform: {action} on resource: {resource} {reason}"


class AccessDeniedException(Denied):
    """The JSON protocols' spelling."""

    status = 400
    message = AccessDenied.message


class UnauthorizedOperation(Denied):
    """EC2's spelling."""

    message = (
        "You are not authorized to perform this operation. User: {user} is not authorized to "
        "perform: {action} on resource: {resource} {reason}. Encoded authorization failure "
        "message: {encoded}"
    )


# --- Slow down ----------------------------------------------------------------------------------
class Throttling(AwsError):
    message = "Rate exceeded"


class ThrottlingException(AwsError):
    """The JSON protocols' spelling."""

    message = "Rate exceeded"


class RequestLimitExceeded(AwsError):
    """EC2's spelling."""

    status = 503
    message = "Request limit exceeded."


class SlowDown(AwsError):
    """S3's spelling."""

    status = 503
    message = "Please reduce your request rate."
