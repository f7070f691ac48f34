"""What may stand inside Action, Resource and Principal, with AWS's sentence for what may not.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

import re

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
            raise source.error(SYNTAX_ERROR, item.start)
        strings.append((item.value, item.start))
    return strings


def check_action(action: str, kind: PolicyKind) -> str | None:
    """None if fine, else the reason."""
    if kind is PolicyKind.TRUST and not action.lower().startswith("sts:"):
        return "AssumeRole policy may only specify STS AssumeRole actions."
    if action == "*":
        return None
    vendor, colon, name = action.partition(":")
    if not colon:
        return VENDOR_MISSING
    if not _VENDOR.fullmatch(vendor):
        return f"Vendor {vendor} is not valid"
    return None if _ACTION_NAME.fullmatch(name) else SYNTAX_ERROR


def check_resource(resource: str) -> str | None:
    """None if fine, else the reason. A shortened ARN must end in a wildcard."""
    if resource == "*":
        return None
    segments = resource.split(":", 5)
    complete = len(segments) == 6 or (len(segments) >= 3 and resource.endswith("*"))
    if segments[0] != "arn" or not complete:
        return f'Resource {resource} must be in ARN format or "*".'
    if not _PARTITION.fullmatch(segments[1]):
        return f'Partition "{segments[1]}" is not valid for resource "{resource}".'
    service = segments[2]
    if service != "*" and ("*" in service or "?" in service):
        return "Resource vendor must be fully qualified and cannot contain regexes."
    return _check_iam_resource(resource, segments) if service == "iam" else None


def _check_iam_resource(resource: str, segments: list[str]) -> str | None:
    if len(segments) < 6:
        return None
    region, path = segments[3], segments[5]
    if region not in ("", "*"):
        return f"IAM resource {resource} cannot contain region information."
    if path in ("*", "root") or path.startswith(_IAM_PATHS) or _opens_with_wildcard(path):
        return None
    allowed = ", ".join(_IAM_PATHS)
    return f'IAM resource path must either be "*" or start with {allowed}.'


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
        raise source.error(f"Invalid principal in policy: {written}".rstrip(": "), node.start)
    names: set[str] = set()
    shown: list[str] = []
    for principal_type, members in node.value.items():
        for name, offset in read_strings(source, members):
            canonical = _canonical(principal_type, name, kind)
            if canonical is None:
                reason = f'Invalid principal in policy: "{principal_type}":"{name}"'
                raise source.error(reason, offset)
            names.add(canonical)
            shown.append(name)
    if not names:
        raise source.error("Invalid principal in policy", node.start)
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
