"""The evaluator's answers in plain words: layers, verdicts, elements, conditions."""

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = Mapping[str, Promise]

LAYERS: Words = {
    "scp": _("Service control policies"),
    "resource": _("Resource-based policy"),
    "boundary": _("Permissions boundary"),
    "session": _("Session policies"),
    "identity": _("Identity-based policies"),
}
LAYER_MEANINGS: Words = {
    "scp": _("What the organization allows its accounts."),
    "resource": _("The policy of the resource itself; for a role, its trust policy."),
    "boundary": _("The upper limit that was set for the user or role."),
    "session": _("A limit that the session was started with."),
    "identity": _("What is attached to the user, its groups, or the role."),
}
# verdict → label, status indicator
VERDICTS = {
    "explicitDeny": (_("Denies"), "error"),
    "implicitDeny": (_("Does not allow"), "warning"),
    "allowed": (_("Allows"), "success"),
    "notApplicable": (_("Not used"), "stopped"),
}
HEADLINES: Mapping[str, Words] = {
    "explicitDeny": {
        "scp": _("A service control policy denies this request."),
        "resource": _("The policy of the resource denies this request."),
        "boundary": _("The permissions boundary denies this request."),
        "session": _("A session policy denies this request."),
        "identity": _("An identity-based policy denies this request."),
    },
    "implicitDeny": {
        "scp": _("No service control policy allows this request."),
        "resource": _("The policy of the resource does not allow this request."),
        "boundary": _("The permissions boundary does not allow this request."),
        "session": _("No session policy allows this request."),
        "identity": _("No identity-based policy allows this request."),
    },
}
# What a layer says that has policies and no statement that matches, or no policies at all.
ABSENCES: Words = {
    "scp": _("None of these policies allows the request."),
    "resource": _("No statement of the resource's policy allows the request."),
    "boundary": _("The boundary has no statement that allows the request."),
    "session": _("The session's policies have no statement that allows the request."),
    "identity": _("None of the policies below has a statement that allows the request."),
}
NO_POLICIES = _("No policy is attached to the user, its groups, or the role.")
SUGGESTIONS: Words = {
    "explicitDeny": _(
        "An explicit deny wins over every allow, so adding permissions does not help. Change or "
        "narrow the statement that denies, or call from where its condition does not apply."
    ),
    "scp": _("Ask the organization's administrator."),
    "resource": _(
        "Add a statement to the resource's policy that names this principal and action. For a "
        "role, that is its trust policy."
    ),
    "boundary": _(
        "The boundary is the upper limit: add the action to the boundary, not only to the "
        "principal's own policies."
    ),
    "session": _(
        "Start the session again with a session policy that allows the action, or without one."
    ),
    "identity": _(
        "Attach a policy that allows the action on the resource to the user, to one of its groups, "
        "or to the role."
    ),
}
ELEMENTS: Words = {
    "Principal": _("It names other principals."),
    "NotPrincipal": _("It excludes this principal."),
    "Action": _("It is about other actions."),
    "NotAction": _("It excludes this action."),
    "Resource": _("The action matches, but it is about other resources."),
    "NotResource": _("The action matches, but it excludes this resource."),
    "Condition": _("Action and resource match, but its condition is not met."),
}
EXPECTED = _("The statement has")
_OR_MISSING = _("%(phrase)s, or missing")
_OPERATORS: Words = {
    "StringEquals": _("must be one of"),
    "StringNotEquals": _("must be none of"),
    "StringEqualsIgnoreCase": _("must be one of (whatever the case)"),
    "StringNotEqualsIgnoreCase": _("must be none of (whatever the case)"),
    "StringLike": _("must match one of"),
    "StringNotLike": _("must match none of"),
    "NumericEquals": _("must equal"),
    "NumericNotEquals": _("must not equal"),
    "NumericLessThan": _("must be less than"),
    "NumericLessThanEquals": _("must be at most"),
    "NumericGreaterThan": _("must be greater than"),
    "NumericGreaterThanEquals": _("must be at least"),
    "DateEquals": _("must be at"),
    "DateNotEquals": _("must not be at"),
    "DateLessThan": _("must be before"),
    "DateLessThanEquals": _("must not be after"),
    "DateGreaterThan": _("must be after"),
    "DateGreaterThanEquals": _("must not be before"),
    "Bool": _("must be"),
    "BinaryEquals": _("must be one of"),
    "IpAddress": _("must be in the range"),
    "NotIpAddress": _("must not be in the range"),
    "ArnEquals": _("must match one of"),
    "ArnLike": _("must match one of"),
    "ArnNotEquals": _("must match none of"),
    "ArnNotLike": _("must match none of"),
    "Null": _("must be missing (true) or there (false)"),
}
# Lower case, as condition keys are compared: what the key means, and what helps.
_KEYS = {
    "aws:sourceip": (
        _("the IP address of the caller"),
        _("Call from an address in the range that the condition names."),
    ),
    "aws:multifactorauthpresent": (
        _("whether the caller signed in with an MFA code"),
        _("Assign an MFA device, sign out, and sign in again with its code."),
    ),
    "aws:multifactorauthage": (
        _("seconds since the MFA code was given"),
        _("Sign in again with an MFA code: the last one is too long ago."),
    ),
    "aws:currenttime": (
        _("the time of the request"),
        _("Call within the time that the condition names."),
    ),
    "aws:epochtime": (
        _("the time of the request"),
        _("Call within the time that the condition names."),
    ),
    "aws:requestedregion": (
        _("the Region of the request"),
        _("Choose a Region that the condition names."),
    ),
    "aws:securetransport": (
        _("whether the call came by HTTPS"),
        _("Call by HTTPS."),
    ),
    "aws:username": (_("the name of the user"), None),
    "aws:useragent": (_("the program that called"), None),
    "aws:principalarn": (_("the ARN of the caller"), None),
    "aws:principalaccount": (_("the account of the caller"), None),
    "aws:tokenissuetime": (
        _("when the session began"),
        _("Sign out and sign in again: older sessions were revoked."),
    ),
    "sts:externalid": (
        _("the external ID that the caller passed"),
        _("Pass the external ID that the role's trust policy asks for."),
    ),
    "iam:passedtoservice": (_("the service that the role is passed to"), None),
    "iam:permissionsboundary": (
        _("the permissions boundary of the new user or role"),
        _("Set the permissions boundary that the condition names."),
    ),
}
_TAGS = {
    "aws:resourcetag/": (
        _("a tag of the resource"),
        _("The resource needs the tag that the condition names."),
    ),
    "aws:requesttag/": (
        _("a tag in the request"),
        _("Give the new resource the tag that the condition names."),
    ),
    "aws:principaltag/": (
        _("a tag of the caller"),
        _("The user or role needs the tag that the condition names."),
    ),
}


def operator_phrase(operator: str) -> str:
    """operator: as written in a policy, such as ForAnyValue:StringLikeIfExists."""
    name = operator.rpartition(":")[2]
    phrase = str(_OPERATORS.get(name.removesuffix("IfExists"), EXPECTED))
    return _OR_MISSING % {"phrase": phrase} if name.endswith("IfExists") else phrase


def key_meaning(key: str) -> str:
    """What a condition key is about, "" for one that we have no words for."""
    return str(_known(key)[0] or "")


def hints(keys: Iterable[str]) -> list[str]:
    """What helps against conditions on these keys."""
    found = (str(_known(key)[1] or "") for key in keys)
    return list(dict.fromkeys(hint for hint in found if hint))


def _known(key: str) -> tuple[Promise | None, Promise | None]:
    lower = key.lower()
    for prefix, words in _TAGS.items():
        if lower.startswith(prefix):
            return words
    return _KEYS.get(lower, (None, None))
