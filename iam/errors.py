"""IAM's and STS's error codes, as botocore's models list them (code, status, fault).

Messages follow AWS's form; callers pass the sentence where AWS has more than one.
"""

from aws.errors import AwsError


class NoSuchEntity(AwsError):
    status = 404
    message = "The {kind} with name {name} cannot be found."


class EntityAlreadyExists(AwsError):
    status = 409
    message = "{kind} with name {name} already exists."


class DeleteConflict(AwsError):
    status = 409
    message = "Cannot delete entity, {reason}."


class LimitExceeded(AwsError):
    status = 409
    message = "Cannot exceed quota for {quota}: {limit}"


class ConcurrentModification(AwsError):
    status = 409
    message = "The entity was changed by another request. Try again."


class InvalidInput(AwsError):
    pass


class InvalidUserType(AwsError):
    message = "Only IAM Users can change their own password"


class MalformedPolicyDocument(AwsError):
    """fields: `line` and `column` (from 1) of the offence. AWS says the reason alone."""

    message = "{reason} (line {line}, column {column})"


class PolicyNotAttachable(AwsError):
    message = "Cannot attach a Service Role Policy to a Customer Role."


class UnmodifiableEntity(AwsError):
    message = (
        "Cannot perform the operation on the protected role '{name}' - this role is only "
        "modifiable by AWS"
    )


class NoServiceLinkedRoleTemplate(AwsError):
    """CreateServiceLinkedRole's answer to a service for which no role is known."""

    code = "AccessDenied"
    status = 403
    message = "Cannot find Service Linked Role template for {service}"


class PasswordPolicyViolation(AwsError):
    message = "Password does not conform to the account password policy."


class WrongOldPassword(AwsError):
    """ChangePassword's answer to a wrong OldPassword."""

    code = "AccessDenied"
    status = 403
    message = "The old password was incorrect."


class EntityTemporarilyUnmodifiable(AwsError):
    status = 409
    message = "Login Profile for User {name} cannot be modified while it is being created."


class InvalidAuthenticationCode(AwsError):
    status = 403
    message = "Authentication code for device is not valid."


class ReportNotPresent(AwsError):
    status = 410
    message = "No report found. Use GenerateCredentialReport to generate one."


class ReportExpired(AwsError):
    status = 410
    message = "The report has expired. Use GenerateCredentialReport to generate a new one."


class ReportInProgress(AwsError):
    status = 404
    message = "The report is still being generated."


class PolicyEvaluation(AwsError):
    status = 500
    fault = "Receiver"
    message = "The policy could not be evaluated."


class InvalidAuthorizationMessageException(AwsError):
    message = "The message could not be decoded."


class PackedPolicyTooLarge(AwsError):
    message = "The packed size of the session policies and tags exceeds the limit: {percent}%"
