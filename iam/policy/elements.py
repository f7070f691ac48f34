"""What may stand inside Action, Resource and Principal, with AWS's sentence for what may not.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

import re
from typing import NamedTuple

from iam.policy.document import PolicyKind, PrincipalElement
from iam.policy.reader import SYNTAX_ERROR, Node, Source

VENDOR_MISSING = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
_VENDOR = re.compile(r"[a-zA-Z0-9-]+")
_ACTION_NAME = re.compile(r"[a-zA-Z0-9*?_:-]+")
_PARTITION = re.compile(r"(?:aws(?:-[a-z]+)*|\*)")
_IAM_PATHS = (
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
)
_ACCOUNT = re.compile(r"(?:arn:aws[a-z-]*:iam::)?(\d{12})(?::root)?")
_AWS_PRINCIPAL = re.compile(
    r"arn:aws[a-z-]*:iam::\d{12}:(?:user|role)/[\x21-\x7e]+"
    r"|arn:aws[a-z-]*:sts::\d{12}:(?:assumed-role/[\w+=,.@-]+/|federated-user/)[\w+=,.@-]+"
    r"|A[A-Z0-9]{15,127}"  # the unique id that replaces the ARN of a deleted user or role
)
_OTHER_PRINCIPALS = {
    "Service": re.compile(r"[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?"),
    "Federated": re.compile(
        r"arn:aws[a-z-]*:iam::\d{12}:(?:saml|oidc)-provider/[\x21-\x7e]+|[a-z0-9-]+(?:\.[a-z0-9-]+)+"
    ),
    "CanonicalUser": re.compile(r"[0-9a-f]{64}"),
}


def read_strings(source: Source, node: Node) -> list[tuple[str, int]]:
    """A string or a list of strings, each with its offset."""
    items = node.value if isinstance(node.value, list) else [node]
    strings: list[tuple[str, int]] = []
    for item in items:
        if not isinstance(item.value, str):
            raise source.error(SYNTAX_ERROR, item.start, "DATA_TYPE_MISMATCH", "String")
        strings.append((item.value, item.start))
    return strings


class Objection(NamedTuple):
    """Why a string is refused: AWS's sentence, and the issue (see PolicySyntaxError)."""

    reason: str
    issue: str


def check_action(action: str, kind: PolicyKind) -> Objection | None:
    """None if fine."""
    if kind is PolicyKind.TRUST and not action.lower().startswith("sts:"):
        reason = "AssumeRole policy may only specify STS AssumeRole actions."
        return Objection(reason, "ROLE_TRUST_POLICY_UNSUPPORTED_ACTION")
    if action == "*":
        return None
    vendor, colon, name = action.partition(":")
    if not colon:
        return Objection(VENDOR_MISSING, "MISSING_SERVICE_IN_ACTION")
    if not _VENDOR.fullmatch(vendor):
        return Objection(f"Vendor {vendor} is not valid", "WILDCARD_IN_SERVICE_NAME")
    fine = _ACTION_NAME.fullmatch(name)
    return None if fine else Objection(SYNTAX_ERROR, "INVALID_ACTION_FORMAT")


def check_resource(resource: str) -> Objection | None:
    """None if fine. A shortened ARN must end in a wildcard."""
    if resource == "*":
        return None
    segments = resource.split(":", 5)
    complete = len(segments) == 6 or (len(segments) >= 3 and resource.endswith("*"))
    if segments[0] != "arn" or not complete:
        issue = "INVALID_ARN_PREFIX" if segments[0] != "arn" else "MISSING_ARN_FIELD"
        return Objection(f'Resource {resource} must be in ARN format or "*".', issue)
    if not _PARTITION.fullmatch(segments[1]):
        reason = f'Partition "{segments[1]}" is not valid for resource "{resource}".'
        return Objection(reason, "INVALID_PARTITION")
    service = segments[2]
    if service != "*" and ("*" in service or "?" in service):
        reason = "Resource vendor must be fully qualified and cannot contain regexes."
        return Objection(reason, "INVALID_SERVICE_IN_ARN")
    return _check_iam_resource(resource, segments) if service == "iam" else None


def _check_iam_resource(resource: str, segments: list[str]) -> Objection | None:
    if len(segments) < 6:
        return None
    region, path = segments[3], segments[5]
    if region not in ("", "*"):
        reason = f"IAM resource {resource} cannot contain region information."
        return Objection(reason, "ARN_REGION_NOT_ALLOWED")
    if path in ("*", "root") or path.startswith(_IAM_PATHS) or _opens_with_wildcard(path):
        return None
    allowed = ", ".join(_IAM_PATHS)
    reason = f'IAM resource path must either be "*" or start with {allowed}.'
    return Objection(reason, "INVALID_IAM_ARN_RESOURCE")


def _opens_with_wildcard(path: str) -> bool:
    """A pattern such as "user*" or "${…}" may still become one of the allowed paths."""
    literal = re.split(r"[*?$]", path, maxsplit=1)[0]
    return literal != path and any(known.startswith(literal) for known in _IAM_PATHS)


def read_principal(
    source: Source, node: Node, kind: PolicyKind, *, negated: bool
) -> PrincipalElement:
    """Principal as "*" or as a map of type to names, with accounts reduced to their 12 digits."""
    if node.value == "*":
        return PrincipalElement(negated, everyone=True, names=frozenset(), written=("*",))
    if not isinstance(node.value, dict) or not node.value:
        written = node.value if isinstance(node.value, str) else ""
        reason = f"Invalid principal in policy: {written}".rstrip(": ")
        raise source.error(reason, node.start, "INVALID_PRINCIPAL_FORMAT", written)
    names: set[str] = set()
    shown: list[str] = []
    for principal_type, members in node.value.items():
        for name, offset in read_strings(source, members):
            canonical = _canonical(principal_type, name, kind)
            if canonical is None:
                reason = f'Invalid principal in policy: "{principal_type}":"{name}"'
                known = principal_type in ("AWS", *_OTHER_PRINCIPALS)
                issue = "INVALID_PRINCIPAL_FORMAT" if known else "INVALID_PRINCIPAL_KEY"
                raise source.error(reason, offset, issue, name if known else principal_type)
            names.add(canonical)
            shown.append(name)
    if not names:
        raise source.error("Invalid principal in policy", node.start, "MISSING_PRINCIPAL")
    everyone = "*" in names
    return PrincipalElement(negated, everyone, frozenset(names - {"*"}), tuple(shown))


def _canonical(principal_type: str, name: str, kind: PolicyKind) -> str | None:
    if principal_type == "AWS":
        account = _ACCOUNT.fullmatch(name)
        if account:
            return account.group(1)
        return name if name == "*" or _AWS_PRINCIPAL.fullmatch(name) else None
    pattern = _OTHER_PRINCIPALS.get(principal_type)
    if pattern is None or (principal_type == "CanonicalUser" and kind is PolicyKind.TRUST):
        return None
    return name if pattern.fullmatch(name) else None
