"""What each finding says. Codes and sense are IAM Access Analyzer's where it has the check.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
"""

from collections.abc import Mapping
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Message(NamedTuple):
    """details has the named fields that the check fills."""

    type: str
    title: Promise | str
    details: Promise | str


ERRORS = {
    "JSON_SYNTAX_ERROR": (
        _("JSON syntax error"),
        _("Fix the JSON here: %(hint)s"),
    ),
    "DUPLICATE_KEY": (
        _("Duplicate key"),
        _("%(subject)s is written twice in the same object. Remove one of them."),
    ),
    "DATA_TYPE_MISMATCH": (
        _("Data type mismatch"),
        _("The text does not match the expected JSON data type: %(subject)s"),
    ),
    "INVALID_POLICY_ELEMENT": (
        _("Invalid policy element"),
        _("The policy element is not valid: %(subject)s%(hint)s"),
    ),
    "PROHIBITED_POLICY_ELEMENT": (
        _("Prohibited policy element"),
        _("This kind of policy cannot have the element: %(subject)s"),
    ),
    "CONFLICTING_POLICY_ELEMENTS": (
        _("Conflicting policy elements"),
        _("Use either the element or its Not form, not both: %(subject)s"),
    ),
    "MISSING_STATEMENT": (
        _("Missing Statement"),
        _("Add a Statement element with at least one statement to the policy."),
    ),
    "MISSING_EFFECT": (
        _("Missing Effect"),
        _("Add an Effect element to the policy statement with a value of Allow or Deny."),
    ),
    "MISSING_ACTION": (
        _("Missing Action"),
        _("Add an Action or NotAction element to the policy statement."),
    ),
    "MISSING_RESOURCE": (
        _("Missing Resource"),
        _("Add a Resource or NotResource element to the policy statement."),
    ),
    "MISSING_PRINCIPAL": (
        _("Missing Principal"),
        _("Add a Principal element to the policy statement."),
    ),
    "INVALID_EFFECT": (
        _("Invalid effect"),
        _("The effect is not valid: %(subject)s. Use Allow or Deny."),
    ),
    "INVALID_VERSION": (
        _("Invalid version"),
        _("The version is not valid: %(subject)s. Use 2012-10-17."),
    ),
    "UNSUPPORTED_SID": (
        _("Unsupported Sid"),
        _("Use only the characters a-z, A-Z and 0-9 in the Sid element: %(subject)s"),
    ),
    "DUPLICATE_SID": (
        _("Duplicate Sid"),
        _("Statement ids must be unique in a policy. Used twice: %(subject)s"),
    ),
    "MISSING_SERVICE_IN_ACTION": (
        _("Missing service in action"),
        _("Put the service before the action, for example s3:GetObject: %(subject)s"),
    ),
    "INVALID_ACTION_FORMAT": (
        _("Invalid action"),
        _("Write an action as service:ActionName: %(subject)s"),
    ),
    "WILDCARD_IN_SERVICE_NAME": (
        _("Invalid service in action"),
        _("The service of an action cannot have wildcards or other symbols: %(subject)s"),
    ),
    "ROLE_TRUST_POLICY_UNSUPPORTED_ACTION": (
        _("Unsupported action in a trust policy"),
        _("A role trust policy can only have sts actions such as sts:AssumeRole: %(subject)s"),
    ),
    "INVALID_ARN_PREFIX": (
        _("Invalid ARN prefix"),
        _('A resource is "*" or begins with arn: – this one does not: %(subject)s'),
    ),
    "MISSING_ARN_FIELD": (
        _("Missing ARN field"),
        _("An ARN has six parts, arn:partition:service:region:account:resource: %(subject)s"),
    ),
    "INVALID_PARTITION": (
        _("Invalid partition"),
        _("The second part of the ARN must be aws: %(subject)s"),
    ),
    "INVALID_SERVICE_IN_ARN": (
        _("Invalid service in ARN"),
        _("The service in an ARN must be written in full, without wildcards: %(subject)s"),
    ),
    "ARN_REGION_NOT_ALLOWED": (
        _("ARN Region not allowed"),
        _("The service does not support specifying a Region in the resource ARN: %(subject)s"),
    ),
    "INVALID_IAM_ARN_RESOURCE": (
        _("Invalid ARN resource"),
        _("An IAM resource begins with user/, role/, group/, policy/ or the like: %(subject)s"),
    ),
    "INVALID_PRINCIPAL_FORMAT": (
        _("Invalid principal format"),
        _("This is no principal that AWS knows: %(subject)s"),
    ),
    "INVALID_PRINCIPAL_KEY": (
        _("Invalid principal key"),
        _("Use AWS, Service, Federated or CanonicalUser, not: %(subject)s"),
    ),
    "INVALID_CONDITION_OPERATOR": (
        _("Invalid condition operator"),
        _("The condition operator does not exist: %(subject)s%(hint)s"),
    ),
    "INVALID_CONDITION_KEY_FORMAT": (
        _("Invalid condition key format"),
        _("Write a condition key as service:keyname: %(subject)s"),
    ),
    "POLICY_SIZE_EXCEEDS_QUOTA": (
        _("Policy size exceeds the quota"),
        _("The policy has %(size)s characters; at most %(limit)s are allowed. Spaces are free."),
    ),
    "POLICY_TOO_LONG": (
        _("Policy too long"),
        _("The text is too long to be checked. The most that can be checked: %(limit)s characters"),
    ),
}
SECURITY_WARNINGS = {
    "ALLOW_STAR_ACTION_AND_RESOURCE": (
        _("Full administrator access"),
        _("Allowing every action on every resource makes an administrator. Name what is needed."),
    ),
    "PASS_ROLE_WITH_STAR_IN_RESOURCE": (
        _("PassRole with star in resource"),
        _(
            "Using iam:PassRole with * in the resource can be overly permissive, because it lets "
            "any role be passed. Name role ARNs or add the iam:PassedToService condition key."
        ),
    ),
    "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE": (
        _("PassRole with star in action and resource"),
        _(
            "The wildcard in the action includes iam:PassRole, and the resource is *, so that any "
            "role can be passed. Name the actions, or name role ARNs: %(action)s"
        ),
    ),
    "PASS_ROLE_WITH_NOT_RESOURCE": (
        _("PassRole with NotResource"),
        _("iam:PassRole with NotResource lets every other role be passed. Name role ARNs."),
    ),
    "ALLOW_WITH_NOT_ACTION": (
        _("Allow with NotAction"),
        _("Allow with NotAction grants every action but those named, also of future services."),
    ),
    "ALLOW_WITH_NOT_RESOURCE": (
        _("Allow with NotResource"),
        _("Allow with NotResource grants the actions on every resource but those named."),
    ),
    "ALLOW_WITH_NOT_PRINCIPAL": (
        _("Allow with NotPrincipal"),
        _("Allow with NotPrincipal grants access to everyone else, also to strangers."),
    ),
    "PRINCIPAL_STAR_WITHOUT_CONDITION": (
        _("Everyone without a condition"),
        _("The principal * is everyone on the Internet. Name principals or add a condition."),
    ),
    "FORALLVALUES_WITH_SINGLE_VALUED_KEY": (
        _("ForAllValues with a single-valued key"),
        _(
            "ForAllValues is also true when the key is missing, so it can be overly permissive "
            "with a key that has one value. Remove ForAllValues: %(key)s"
        ),
    ),
}
WARNINGS = {
    "INVALID_ACTION": (
        _("Unknown action"),
        _("AWS does not know this action: %(action)s%(hint)s"),
    ),
    "INVALID_SERVICE_IN_ACTION": (
        _("Unknown service"),
        _("AWS does not know a service with this prefix: %(service)s%(hint)s"),
    ),
    "PATTERN_WITHOUT_ACTION": (
        _("Pattern without an action"),
        _("No action of the service matches: %(action)s"),
    ),
    "INVALID_GLOBAL_CONDITION_KEY": (
        _("Unknown global condition key"),
        _("AWS does not know this global condition key: %(key)s%(hint)s"),
    ),
    "INVALID_SERVICE_CONDITION_KEY": (
        _("Unknown condition key"),
        _("The service does not know this condition key: %(key)s%(hint)s"),
    ),
    "UNSUPPORTED_CONDITION_KEY": (
        _("Condition key that no action supports"),
        _("None of the statement's actions knows this key, so it never matches: %(key)s"),
    ),
    "DUPLICATE_KEYS_WITH_DIFFERENT_CASE": (
        _("Duplicate keys with different case"),
        _("The condition key appears more than once with different capitalization: %(key)s"),
    ),
    "MISSING_QUALIFIER": (
        _("Missing qualifier"),
        _("The key has several values. Put ForAnyValue: or ForAllValues: before: %(operator)s"),
    ),
    "TYPE_MISMATCH": (
        _("Type mismatch"),
        _("%(key)s is of type %(type)s. Use an operator for it instead of: %(operator)s"),
    ),
    "TYPE_MISMATCH_VALUE": (
        _("Value of the wrong type"),
        _("%(operator)s cannot compare with this value: %(value)s"),
    ),
    "WILDCARD_WITHOUT_LIKE_OPERATOR": (
        _("Wildcard without like operator"),
        _(
            "The value has a * or ?, which %(operator)s takes as it stands. Use an operator with "
            "Like, if it is meant as a wildcard."
        ),
    ),
    "EMPTY_ARRAY_CONDITION": (
        _("Empty array condition"),
        _("The condition has no values, so it never matches: %(key)s"),
    ),
    "INVALID_ARN_SERVICE": (
        _("Unknown service in ARN"),
        _("AWS does not know the service of this ARN: %(arn)s"),
    ),
    "INVALID_ARN_ACCOUNT": (
        _("Invalid ARN account"),
        _("The account in an ARN has 12 digits: %(arn)s"),
    ),
    "INVALID_ARN_RESOURCE": (
        _("Invalid ARN resource"),
        _("The ARN matches none of the service's formats: %(arn)s%(hint)s"),
    ),
    "RESOURCE_WITHOUT_ACTION": (
        _("Resource that no action uses"),
        _("None of the statement's actions works on a resource of this type: %(arn)s"),
    ),
    "MISSING_RESOURCE_TYPE": (
        _("Missing resource type"),
        _("%(action)s needs a resource of another type, so it is not granted: %(types)s"),
    ),
    "ACTION_WITHOUT_RESOURCE_TYPES": (
        _("Action without resource types"),
        _('The action knows no resources; it takes effect with the resource "*" only: %(action)s'),
    ),
    "MISSING_VERSION": (
        _("Missing version"),
        _("Without a Version, the policy is of 2008-10-17 and has no policy variables."),
    ),
    "VARIABLE_UNSUPPORTED_IN_VERSION": (
        _("Policy variable in an old version"),
        _("Policy variables need the version 2012-10-17; here this is plain text: %(variable)s"),
    ),
    "UNKNOWN_POLICY_VARIABLE": (
        _("Unknown policy variable"),
        _("AWS does not know this policy variable, so nothing matches: %(variable)s%(hint)s"),
    ),
    "MISSING_BRACE_IN_VARIABLE": (
        _("Missing brace in variable"),
        _("The policy variable has no closing brace: %(variable)s"),
    ),
    "DENY_WITH_NOT_PRINCIPAL": (
        _("Deny with NotPrincipal"),
        _(
            "Deny with NotPrincipal also hits the role and the account of whoever is spared. Use "
            "Principal * with the condition ArnNotEquals on aws:PrincipalArn."
        ),
    ),
}
SUGGESTIONS = {
    "REDUNDANT_ACTION": (
        _("Redundant action"),
        _("The action is already covered: %(action)s. By: %(by)s"),
    ),
    "REDUNDANT_RESOURCE": (
        _("Redundant resource"),
        _("The resource is already covered: %(arn)s. By: %(by)s"),
    ),
    "REDUNDANT_CONDITION_VALUE": (
        _("Redundant condition value"),
        _("The value is written more than once: %(value)s"),
    ),
    "REDUNDANT_STATEMENT": (
        _("Redundant statement"),
        _("Another statement already says all of this one. It is statement number %(number)s."),
    ),
    "EMPTY_OBJECT_CONDITION": (
        _("Empty object condition"),
        _("The condition block is empty and has no effect. Add conditions or remove it."),
    ),
    "EMPTY_SID_VALUE": (
        _("Empty Sid value"),
        _("Add a value to the empty Sid or remove it."),
    ),
    "OLD_VERSION": (
        _("Old version"),
        _("Use the version 2012-10-17, which knows policy variables."),
    ),
}
MESSAGES: Mapping[str, Message] = {
    code: Message(kind, *sentences)
    for kind, table in (
        ("ERROR", ERRORS),
        ("SECURITY_WARNING", SECURITY_WARNINGS),
        ("WARNING", WARNINGS),
        ("SUGGESTION", SUGGESTIONS),
    )
    for code, sentences in table.items()
}
